"""A real Kubernetes API server over a real etcd, without any node.

Pods that are created go through all of admission, and then wait for a scheduler
that is not there: enough to see what they were made into.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import DEPLOY, SOURCE, Process, free_port, wait_for  # noqa: E402

TOOLS = SOURCE / "build" / "tools" / "bin"
TOKEN = "of-a-cluster-that-lasts-a-minute"


def run(*command, text=None, good=True, **options):
    """What a program said; it must have ended well, unless `good` is false."""
    done = subprocess.run([str(word) for word in command], input=text, capture_output=True,
                          text=True, check=False, **options)
    if good and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")
    return done


class Cluster:
    """Use it in a `with`. All files are in `folder`."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.config = self.folder / "kubeconfig"
        self.environment = {**os.environ, "KUBECONFIG": str(self.config),
                            "HELM_CACHE_HOME": str(self.folder / "helm"),
                            "HELM_CONFIG_HOME": str(self.folder / "helm"),
                            "HELM_DATA_HOME": str(self.folder / "helm")}

    def __enter__(self):
        with contextlib.ExitStack() as started:
            self.etcd = started.enter_context(self.start_etcd())
            self.server = started.enter_context(self.start_server())
            # Nothing of it is kept: it need not wait for those who watch it.
            started.callback(self.server.process.kill)
            wait_for(self.is_ready, "the API server")
            self.started = started.pop_all()
        return self

    def __exit__(self, *error):
        self.started.__exit__(*error)

    def start_etcd(self):
        self.etcd_url = f"http://127.0.0.1:{free_port()}"
        peer_url = "http://127.0.0.1:0"
        return Process(["etcd", "--data-dir", self.folder / "etcd", "--unsafe-no-fsync",
                        "--listen-client-urls", self.etcd_url,
                        "--advertise-client-urls", self.etcd_url,
                        "--listen-peer-urls", peer_url])

    def start_server(self):
        key = self.folder / "service-account.key"
        run("openssl", "genrsa", "-out", key, "2048")
        (self.folder / "tokens").write_text(f"{TOKEN},admin,admin,system:masters\n")
        port = free_port()
        self.config.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": f"https://127.0.0.1:{port}",
                                                      "insecure-skip-tls-verify": True}}],
            "users": [{"name": "test", "user": {"token": TOKEN}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}]}))
        return Process([
            TOOLS / "kube-apiserver", f"--etcd-servers={self.etcd_url}",
            "--bind-address=127.0.0.1", f"--secure-port={port}",
            f"--cert-dir={self.folder / 'certificates'}",
            f"--token-auth-file={self.folder / 'tokens'}", "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
            "--service-cluster-ip-range=10.0.0.0/24", "--endpoint-reconciler-type=none",
            "--advertise-address=127.0.0.1"])

    def is_ready(self):
        self.etcd.check_runs()
        self.server.check_runs()
        return self.kubectl("get", "--raw", "/readyz", good=False).stdout == "ok"

    def kubectl(self, *arguments, **options):
        return run(TOOLS / "kubectl", *arguments, env=self.environment, **options)

    def helm(self, *arguments, **options):
        return run(TOOLS / "helm", *arguments, env=self.environment, **options)

    def helm_in_background(self, *arguments):
        return subprocess.Popen([TOOLS / "helm", *arguments], env=self.environment,
                                stdout=subprocess.DEVNULL)

    def service_account(self, namespace):
        """Every pod needs the default one, which a controller would make: there is none here."""
        self.kubectl("create", "serviceaccount", "default", "--namespace", namespace)

    def get(self, kind, name, namespace="default"):
        return json.loads(self.kubectl("get", kind, name, "--namespace", namespace,
                                       "--output", "json").stdout)

    def create(self, thing, namespace="default", dry=False, good=True):
        """What the server makes of it; if not `good`, its refusal."""
        done = self.kubectl("create", "--namespace", namespace, "--output", "json",
                            "--validate=strict", *(["--dry-run=server"] if dry else []),
                            "--filename", "-", text=json.dumps(thing), good=good)
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr
