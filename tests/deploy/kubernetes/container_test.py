"""The rendered container, run: the same arguments, environment, files and probes.

There is no kubelet here, so that its part is played: volumes become folders, and
paths in the container's words lead there. A ConfigMap is a folder whose `..data`
link is swapped, as the kubelet does it.
"""

import os
import pathlib
import sys
import unittest
import urllib.error
import urllib.request

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import charts  # noqa: E402
from charts import of_kind, render, run  # noqa: E402
from support import Process, Redis, folder, free_port, wait_for  # noqa: E402

PROGRAM = sys.argv[1]
FIELDS = {"metadata.name": "hello-1", "metadata.namespace": "shop",
          "metadata.labels['app.kubernetes.io/name']": "checkout",
          "metadata.labels['topology.kubernetes.io/zone']": ""}


class Container:
    """A container of a rendered pod, with folders for its volumes."""

    def __init__(self, spec, root, secret):
        self.spec = spec
        self.root = pathlib.Path(root)
        self.paths = {"/outrigger": PROGRAM}
        for mount in spec["volumeMounts"]:
            place = self.root / mount["name"]
            place.mkdir()
            self.paths[mount["mountPath"]] = str(place)
        for name, value in secret.items():
            (self.root / "outrigger-secret" / name).write_text(value)
        self.environment = {"PATH": os.environ["PATH"],
                            "OUTRIGGER_LISTEN_UNIX": str(self.root / "outrigger-sock/outrigger.sock"),
                            "OUTRIGGER_LISTEN_TCP": "off"}
        for each in spec["env"]:
            field = each.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath")
            self.environment[each["name"]] = self.here(FIELDS[field] if field else each["value"])
        self.target = {"OUTRIGGER_TARGET": "unix:" + self.environment["OUTRIGGER_LISTEN_UNIX"]}

    def here(self, word):
        """The word, with paths of the container made ours."""
        for inside in sorted(self.paths, key=len, reverse=True):
            if word == inside or word.startswith(inside + "/"):
                return self.paths[inside] + word[len(inside):]
        return word

    def configure(self, text):
        """As the kubelet writes a ConfigMap: a new folder, and a link swapped."""
        config = self.root / "outrigger-config"
        version = config / f"..{len(list(config.iterdir()))}"
        version.mkdir()
        (version / "outrigger.yaml").write_text(text)
        link = config / "..data_tmp"
        link.symlink_to(version.name)
        link.rename(config / "..data")
        if not (config / "outrigger.yaml").exists():
            (config / "outrigger.yaml").symlink_to("..data/outrigger.yaml")

    def start(self):
        return Process([PROGRAM, *map(self.here, self.spec["args"])], env=self.environment)

    def probe(self, kind):
        command = [self.here(word) for word in self.spec[kind]["exec"]["command"]]
        return run(*command, env={**self.environment, **self.target}, good=False).returncode

    def ask(self, *arguments):
        return run(PROGRAM, *arguments, env=self.target, good=False)


class ContainerTest(unittest.TestCase):

    def container(self, arguments=(), config=lambda paths: {}, secret=()):
        """`config` changes what was rendered, as paths and ports are ours here."""
        objects = render(charts.shop(), "1.36.0", *arguments)
        deployment = of_kind(objects, "Deployment")[0]
        spec = charts.sidecar_of(deployment["spec"]["template"]["spec"])
        made = Container(spec, self.enterContext(folder()), dict(secret))
        text = of_kind(objects, "ConfigMap")[0]["data"]["outrigger.yaml"]
        made.configure(yaml.safe_dump({**yaml.safe_load(text), **config(made.paths)}))
        self.enterContext(made.start())
        wait_for(lambda: made.probe("startupProbe") == 0, "the startup probe")
        return made

    ALONE = ["--set", "outrigger.config.store=null,outrigger.secret.name=,"
             "outrigger.config.listen.admin=off"]

    def test_all_probes_pass_and_any_user_can_call(self):
        made = self.container(self.ALONE)
        self.assertEqual(made.probe("livenessProbe"), 0)
        self.assertEqual(made.probe("readinessProbe"), 0)
        socket = made.root / "outrigger-sock" / "outrigger.sock"
        self.assertEqual(socket.stat().st_mode & 0o777, 0o666)
        self.assertEqual(made.ask("allow", "user=42").returncode, 0)

    def test_limits_follow_the_configmap(self):
        made = self.container(self.ALONE)
        self.assertEqual(made.ask("allow", "user=42", "--cost", "21").returncode, 1)
        made.configure(yaml.safe_dump({"limits": [
            {"name": "per_user", "key": ["user"], "rate": "100/1m", "burst": 50}],
            "listen": {"admin": "off"}}))
        wait_for(lambda: made.ask("allow", "user=7", "--cost", "21").returncode == 0, "the new burst")

    def test_it_is_ready_without_its_redis(self):
        """Whose loss must not take the fleet's pods out of service."""
        made = self.container(["--set", "outrigger.config.listen.admin=off"],
                              lambda _: {"store": {"redis": {"url": "redis://127.0.0.1:1/0"}}},
                              {"password": "change-me\n"})
        self.assertEqual(made.probe("readinessProbe"), 0)
        self.assertEqual(made.probe("livenessProbe"), 0)

    def test_it_logs_in_with_the_secrets_password(self):
        with folder() as home, Redis(home, "--requirepass", "s3cret", user="default",
                                     password="s3cret") as redis:
            made = self.container(
                ["--set", "outrigger.config.listen.admin=off,outrigger.config.store.redis.username="],
                lambda paths: {"store": {"redis": {
                    "url": f"redis://127.0.0.1:{redis.port}/0", "timeout": "2s",
                    "password_file": paths["/run/secrets/outrigger"] + "/password"}}},
                {"password": "s3cret\n"})
            self.assertIn('"degraded":false', made.ask("allow", "user=42", "--json").stdout)

    def test_prometheus_needs_the_token(self):
        port = free_port()
        made = self.container(
            [*self.ALONE[:1], "outrigger.config.store=null,outrigger.metrics.enabled=true,"
             f"outrigger.metrics.address=127.0.0.1:{port},outrigger.secret.name=keys"],
            secret={"token": "0123456789abcdef\n"})
        url = f"http://127.0.0.1:{port}/metrics"
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url, timeout=10)
        self.assertEqual(refused.exception.code, 401)
        refused.exception.close()
        asked = urllib.request.Request(url, headers={"Authorization": "Bearer 0123456789abcdef"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            self.assertIn(b"outrigger_allow_keys", answer.read())
        self.assertEqual(made.spec["ports"][0]["containerPort"], port)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
