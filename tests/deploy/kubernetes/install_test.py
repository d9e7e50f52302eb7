"""The two ways to install the injector, each on a new API server: as README.md of
deploy/kubernetes tells it, and by Kustomize."""

import pathlib
import re
import shlex
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import charts  # noqa: E402
import write_component  # noqa: E402
from cluster import DEPLOY, SOURCE, TOOLS, Cluster, run  # noqa: E402
from support import folder, wait_for  # noqa: E402

POD = {"apiVersion": "v1", "kind": "Pod",
       "metadata": {"name": "hello", "labels": {"outrigger.dev/inject": "true"}},
       "spec": {"containers": [{"name": "app", "image": "app:1", "securityContext": {
           "runAsNonRoot": True, "runAsUser": 10001, "allowPrivilegeEscalation": False,
           "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}}}]}}


def injected(cluster, namespace):
    """The sidecar that a labelled pod would get; policies count a moment after they were made."""
    made = None
    def look():
        nonlocal made
        made = cluster.create(POD, namespace, dry=True, good=False)
        return isinstance(made, dict) and charts.sidecar_of(made["spec"])
    try:
        return wait_for(look, "the injection")
    except AssertionError as error:
        raise AssertionError(f"{error}; the last answer was {made}") from None


class ReadmeTest(unittest.TestCase):

    def commands(self):
        text = (DEPLOY / "kubernetes" / "README.md").read_text()
        lines = re.search(r"```\n(.*?)```", text, re.S).group(1).splitlines()
        self.assertEqual(len(lines), 5)
        return [shlex.split(line) for line in lines]

    def test_its_five_commands_lead_to_an_injected_pod(self):
        namespace, install, start, ready, ask = self.commands()
        with folder() as made, Cluster(made) as cluster:
            def follow(command):
                return run(TOOLS / command[0], *command[1:], env=cluster.environment, cwd=SOURCE)
            follow(namespace)
            cluster.service_account("shop")
            follow(install)
            injected(cluster, "shop")
            follow(start)
            sidecar = cluster.get("pod", "hello", "shop")["spec"]["initContainers"][0]
            self.assertEqual((sidecar["name"], sidecar["image"]),
                             ("outrigger", "example/outrigger:0.1.0"))
            # What its node would do: there is none here.
            cluster.kubectl("patch", "pod", "hello", "--namespace", "shop", "--subresource=status",
                            "--type=merge", "--patch", '{"status": {"phase": "Running", '
                            '"conditions": [{"type": "Ready", "status": "True"}]}}')
            follow(ready)
            self.assertEqual(ask[ask.index("--container") + 1], sidecar["name"])


class KustomizeTest(unittest.TestCase):

    def test_the_component_is_the_charts_injector(self):
        """Which write_component.py made of it."""
        self.assertEqual((DEPLOY / "kustomize" / "injector" / "injector.yaml").read_text(),
                         write_component.text())

    def test_an_overlay_chooses_image_and_configuration(self):
        example = DEPLOY / "kustomize" / "example"
        with folder() as made, Cluster(made) as cluster:
            cluster.kubectl("apply", "--kustomize", example)
            cluster.service_account("shop")
            sidecar = injected(cluster, "shop")
            self.assertEqual(sidecar["image"], "example/outrigger:0.1.0")
            self.assertEqual(sidecar["resources"]["limits"], {"memory": "256Mi"})
            config = cluster.get("configmap", "outrigger", "shop")["data"]["outrigger.yaml"]
            self.assertEqual(config, (example / "outrigger.yaml").read_text())
            run(sys.argv[1], "check", example / "outrigger.yaml")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
