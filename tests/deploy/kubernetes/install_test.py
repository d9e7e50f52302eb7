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

    README = (DEPLOY / "kubernetes" / "README.md").read_text()

    def commands(self):
        """Each block's, as lines of a shell."""
        blocks = re.findall(r"^ *```\n(.*?)^ *```", self.README, re.S | re.M)
        return [[line.strip() for line in block.splitlines()] for block in blocks]

    def test_the_first_page_has_the_same_commands(self):
        self.assertIn("```\n" + "\n".join(self.commands()[0]) + "\n```",
                      (SOURCE / "README.md").read_text())

    def test_its_commands_lead_to_an_injected_pod_and_to_the_next_version(self):
        (install, await_it, start, ready, ask), (upgrade,), (beside,) = self.commands()
        with folder() as made, Cluster(made) as cluster:
            environment = {**cluster.environment,
                           "PATH": f"{TOOLS}:{cluster.environment['PATH']}"}
            def follow(line):
                run("sh", "-c", line, env=environment, cwd=SOURCE, timeout=300)
            follow(install)
            cluster.service_account("shop")
            follow(await_it)
            follow(start)
            sidecar = cluster.get("pod", "hello", "shop")["spec"]["initContainers"][0]
            self.assertEqual((sidecar["name"], sidecar["image"]),
                             ("outrigger", "example/outrigger:0.1.0"))
            # What its node would do: there is none here.
            cluster.kubectl("patch", "pod", "hello", "--namespace", "shop", "--subresource=status",
                            "--type=merge", "--patch", '{"status": {"phase": "Running", '
                            '"conditions": [{"type": "Ready", "status": "True"}]}}')
            follow(ready)
            words = shlex.split(ask)
            self.assertEqual(words[words.index("--container") + 1], sidecar["name"])
            # Then to the next version: what was chosen at first is still chosen.
            config = cluster.get("configmap", "outrigger", "shop")["data"]
            self.assertIn("per_user", config["outrigger.yaml"])
            follow(upgrade)
            self.assertEqual(cluster.get("configmap", "outrigger", "shop")["data"], config)
            follow(beside)
            self.assertEqual(cluster.get("configmap", "outrigger-next", "shop")["data"], config)
            for name in ("outrigger", "outrigger-next"):
                chosen = cluster.get("configmap", f"{name}-inject", "shop")["data"]
                self.assertEqual(chosen["image"], "example/outrigger:0.2.0")


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
