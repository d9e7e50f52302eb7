"""The chart and the injector on a real API server."""

import copy
import json
import pathlib
import sys
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import charts  # noqa: E402
from charts import CHART, DEPLOY, TOOLS, of_kind, render  # noqa: E402
from cluster import Cluster  # noqa: E402
from support import folder, wait_for  # noqa: E402

TARGET = {"name": "OUTRIGGER_TARGET", "value": "unix:///run/outrigger/outrigger.sock"}
SOCKET = {"name": "outrigger-sock", "mountPath": "/run/outrigger", "readOnly": True}
RESTRICTED = {"runAsNonRoot": True, "runAsUser": 10001, "allowPrivilegeEscalation": False,
              "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}}


def pod(name="hello", inject="true", annotations=None, **spec):
    container = {"name": "app", "image": "app:1", "securityContext": RESTRICTED}
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "labels": {"outrigger.dev/inject": inject} if inject else {},
                         "annotations": annotations or {}},
            "spec": {"containers": [container], **spec}}


def mounts_of(container):
    return {each["mountPath"]: each for each in container["volumeMounts"]}


class ClusterTest(unittest.TestCase):
    """One cluster for all; each test has pods of its own, which nobody else looks at."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(Cluster(cls.enterClassContext(folder())))
        for name in ("shop", "elsewhere"):
            cls.cluster.kubectl("create", "namespace", name)
            cls.cluster.service_account(name)
        cls.cluster.kubectl("label", "namespace", "shop",
                            "pod-security.kubernetes.io/enforce=restricted")
        cls.cluster.kubectl("create", "--filename", TOOLS / "crds.yaml")
        cls.said = cls.cluster.helm("install", "outrigger", CHART, "--namespace", "shop",
                                    *charts.LIMIT).stdout
        cls.wait_until_injected("shop")

    @classmethod
    def wait_until_injected(cls, namespace, inject="true"):
        """Policies count a moment after they were made."""
        def injected():
            made = cls.cluster.create(pod("first", inject), namespace, dry=True, good=False)
            return isinstance(made, dict) and charts.sidecar_of(made["spec"])
        return wait_for(injected, "the injection")

    def create(self, thing, namespace="shop"):
        return self.cluster.create(thing, namespace, dry=True)

    def test_the_notes_say_how_to_see_it(self):
        self.assertIn('outrigger.dev/inject: "true"', self.said)
        self.assertIn("every pod decides alone", self.said)

    def test_a_labelled_pod_gets_what_an_included_template_gives(self):
        """Both ways give the same pod, to the last default."""
        objects = render(charts.shop(), *charts.INCLUDED["alone"][:1], *charts.INCLUDED["alone"][1])
        template = of_kind(objects, "Deployment")[0]["spec"]["template"]["spec"]
        by_hand = pod(inject="")
        by_hand["spec"]["initContainers"] = template["initContainers"]
        by_hand["spec"]["containers"][0].update(
            {key: template["containers"][0][key] for key in ("env", "volumeMounts")})
        by_hand["spec"]["volumes"] = template["volumes"]
        theirs, ours = self.create(by_hand)["spec"], self.create(pod())["spec"]
        self.assertEqual(len(ours["initContainers"]), 1)
        secret = "outrigger-secret"  # the injector's is always there, and need not exist
        ours_sidecar = copy.deepcopy(ours["initContainers"][0])
        ours_sidecar["volumeMounts"] = [each for each in ours_sidecar["volumeMounts"]
                                        if each["name"] != secret]
        self.assertEqual(ours_sidecar, theirs["initContainers"][0])
        volumes = {each["name"]: each for each in ours["volumes"]}
        self.assertEqual(volumes.pop(secret)["secret"]["optional"], True)
        without_token = lambda found: {name: each for name, each in found.items()
                                       if not name.startswith("kube-api-access")}
        self.assertEqual(without_token(volumes),
                         without_token({each["name"]: each for each in theirs["volumes"]}))
        self.assertEqual(ours["containers"][0]["env"], theirs["containers"][0]["env"])
        self.assertEqual(mounts_of(ours["containers"][0])["/run/outrigger"],
                         mounts_of(theirs["containers"][0])["/run/outrigger"])

    def test_it_is_first_and_every_other_container_can_call_it(self):
        init = {"name": "migrate", "image": "app:1", "securityContext": RESTRICTED,
                "env": [{"name": "A", "value": "b"}]}
        second = {"name": "helper", "image": "app:1", "securityContext": RESTRICTED,
                  "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
        asked = pod(initContainers=[init], volumes=[{"name": "data", "emptyDir": {}}])
        asked["spec"]["containers"].append(second)
        made = self.create(asked)["spec"]
        self.assertEqual([each["name"] for each in made["initContainers"]], ["outrigger", "migrate"])
        self.assertEqual([each["name"] for each in made["containers"]], ["app", "helper"])
        for each in made["initContainers"][1:] + made["containers"]:
            self.assertIn(TARGET, each["env"])
            self.assertEqual(mounts_of(each)["/run/outrigger"], SOCKET)
        self.assertIn({"name": "A", "value": "b"}, made["initContainers"][1]["env"])
        self.assertIn("/data", mounts_of(made["containers"][1]))
        self.assertIn("data", [each["name"] for each in made["volumes"]])

    def test_the_sidecar_gets_no_token_of_the_service_account(self):
        made = self.create(pod())["spec"]
        path = "/var/run/secrets/kubernetes.io/serviceaccount"
        self.assertEqual(mounts_of(made["initContainers"][0])[path]["name"], "outrigger-none")
        self.assertIn("kube-api-access", mounts_of(made["containers"][0])[path]["name"])

    def test_a_pod_that_has_nothing_gets_all_the_same(self):
        """No volume, no environment, no annotation, no name yet."""
        asked = pod(automountServiceAccountToken=False)
        del asked["metadata"]["annotations"], asked["metadata"]["name"]
        asked["metadata"]["generateName"] = "hello-"
        made = self.create(asked)["spec"]
        self.assertEqual([each["name"] for each in made["volumes"]],
                         ["outrigger-sock", "outrigger-config", "outrigger-secret", "outrigger-none"])
        self.assertEqual(made["containers"][0]["env"], [TARGET])

    def test_a_volume_of_ones_own_is_not_taken_for_the_sidecars(self):
        asked = pod(volumes=[{"name": "outrigger-sock", "emptyDir": {}}])
        refused = self.cluster.create(asked, "shop", dry=True, good=False)
        self.assertIn("Duplicate value: \"outrigger-sock\"", refused)

    def test_a_target_of_ones_own_stays(self):
        asked = pod()
        own = {"name": "OUTRIGGER_TARGET", "value": "127.0.0.1:7420"}
        asked["spec"]["containers"][0]["env"] = [own]
        self.assertEqual(self.create(asked)["spec"]["containers"][0]["env"], [own])

    def test_annotations_choose(self):
        made = self.create(pod(annotations={
            "outrigger.dev/image": "mine:7", "outrigger.dev/config": "checkout",
            "outrigger.dev/secret": "keys", "outrigger.dev/cpu-request": "250m",
            "outrigger.dev/memory-request": "100Mi", "outrigger.dev/memory-limit": "1Gi"}))["spec"]
        sidecar = made["initContainers"][0]
        self.assertEqual(sidecar["image"], "mine:7")
        self.assertEqual(sidecar["resources"], {"requests": {"cpu": "250m", "memory": "100Mi"},
                                                "limits": {"memory": "1Gi"}})
        volumes = {each["name"]: each for each in made["volumes"]}
        self.assertEqual(volumes["outrigger-config"]["configMap"]["name"], "checkout")
        self.assertEqual(volumes["outrigger-secret"]["secret"]["secretName"], "keys")

    def test_a_wrong_annotation_is_told(self):
        refused = self.cluster.create(pod(annotations={"outrigger.dev/memory-limit": "much"}),
                                      "shop", good=False)
        self.assertIn("quantities must match", refused)

    def test_a_pod_that_has_one_is_left_alone(self):
        made = self.create(pod())
        again = {key: made[key] for key in ("apiVersion", "kind", "metadata", "spec")}
        again["metadata"] = {key: made["metadata"][key] for key in ("name", "labels")}
        self.assertEqual(self.create(again)["spec"], made["spec"])
        plain = pod(inject="")
        plain["spec"]["containers"].append(
            {"name": "outrigger", "image": "mine:7", "securityContext": RESTRICTED})
        untouched = self.create(plain)["spec"]
        plain["metadata"]["labels"] = {"outrigger.dev/inject": "true"}
        drop = lambda spec: json.dumps(spec).replace(spec["volumes"][0]["name"], "token")
        self.assertEqual(drop(self.create(plain)["spec"]), drop(untouched))

    def test_only_what_asks_gets_one(self):
        for labels in ("", "false"):
            self.assertNotIn("initContainers", self.create(pod(inject=labels))["spec"])
        self.cluster.service_account("kube-system")
        self.assertNotIn("initContainers", self.create(pod(), "kube-system")["spec"])

    def test_it_works_in_every_namespace(self):
        self.assertTrue(charts.sidecar_of(self.create(pod(), "elsewhere")["spec"]))

    def test_a_new_default_counts_for_new_pods(self):
        """What `helm upgrade` does, and two versions side by side."""
        self.cluster.helm("install", "outrigger-next", CHART, "--namespace", "elsewhere",
                          "--set", "injector.labelValue=next,image.tag=v2", *charts.LIMIT)
        config = self.cluster.get("configmap", "outrigger-next", "elsewhere")["data"]
        self.assertIn("per_user", config["outrigger.yaml"])
        made = self.wait_until_injected("elsewhere", "next")
        self.assertEqual(made["image"], "outrigger:v2")
        upgrade = ["upgrade", "outrigger-next", CHART, "--namespace", "elsewhere",
                   "--set", "image.tag=v3"]
        self.assertIn("config is empty", self.cluster.helm(*upgrade, good=False).stderr)
        self.cluster.helm(*upgrade, "--reset-then-reuse-values")
        self.assertEqual(self.cluster.get("configmap", "outrigger-next", "elsewhere")["data"], config)
        wait_for(lambda: charts.sidecar_of(self.create(pod(inject="next"), "elsewhere")["spec"])
                 ["image"] == "outrigger:v3", "the new image")
        self.assertEqual(self.create(pod())["spec"]["initContainers"][0]["image"], "outrigger:0.1.0")
        self.cluster.helm("uninstall", "outrigger-next", "--namespace", "elsewhere")
        left = self.cluster.kubectl("get", "mutatingadmissionpolicies,mutatingadmissionpolicybindings,"
                                    "validatingadmissionpolicies,validatingadmissionpolicybindings,"
                                    "configmaps", "--all-namespaces", "--output", "name").stdout
        self.assertNotIn("outrigger-next", left)

    def test_without_its_defaults_or_its_policy_a_pod_is_refused(self):
        """A sidecar that is silently missing would be found in production."""
        self.cluster.helm("install", "outrigger-gone", CHART, "--namespace", "elsewhere",
                          "--set", "injector.labelValue=gone", *charts.LIMIT)
        self.wait_until_injected("elsewhere", "gone")
        refusal = lambda: self.cluster.create(pod(inject="gone"), "elsewhere", dry=True, good=False)
        self.cluster.kubectl("delete", "configmap", "outrigger-gone-inject", "--namespace", "elsewhere")
        wait_for(lambda: "outrigger-gone-inject" in refusal() and "denied" in refusal(), "no default")
        self.cluster.kubectl("delete", "mutatingadmissionpolicybinding", "outrigger-gone-inject")
        wait_for(lambda: "asks for an Outrigger sidecar, and it has none" in refusal(), "the guard")
        self.cluster.helm("uninstall", "outrigger-gone", "--namespace", "elsewhere")

    def test_helm_test_asks_both_questions(self):
        """There is no node here: we say that the pods ended well, having looked at them."""
        waiting = self.cluster.helm_in_background("test", "outrigger", "--namespace", "shop")
        for name in ("outrigger-test-config", "outrigger-test-injected"):
            found = lambda: self.cluster.kubectl("get", "pod", name, "--namespace", "shop",
                                                 good=False).returncode == 0
            wait_for(found, name)
            spec = self.cluster.get("pod", name, "shop")["spec"]
            self.assertEqual(charts.sidecar_of(spec) is not None, name.endswith("injected"))
            self.cluster.kubectl("patch", "pod", name, "--namespace", "shop", "--subresource=status",
                                 "--type=merge", "--patch", '{"status": {"phase": "Succeeded"}}')
        self.assertEqual(waiting.wait(60), 0)

    def test_the_server_takes_everything_that_the_charts_can_render(self):
        """The Prometheus operator's and KEDA's kinds, too: strictly, by their own schemas."""
        for name, version, objects in charts.matrix():
            with self.subTest(name):
                self.take([dict(each, metadata={**each["metadata"],
                                                "name": f"{each['metadata']['name']}-{index}"})
                           for index, each in enumerate(objects)])
        for file in ("hpa.yaml", "keda.yaml"):
            with self.subTest(file):
                self.take([yaml.safe_load((DEPLOY / "kubernetes" / file).read_text())])

    def take(self, objects):
        for each in objects:
            if each["metadata"].get("namespace") in ("a", "b"):
                each["metadata"]["namespace"] = "elsewhere"
        done = self.cluster.kubectl("create", "--dry-run=server", "--validate=strict",
                                    "--filename", "-", text=yaml.safe_dump_all(objects), good=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("Warning", done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), len(objects))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
