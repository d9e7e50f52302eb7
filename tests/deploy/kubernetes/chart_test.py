"""The charts, by the word of the tools that judge charts; no cluster is needed."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import kubernetes_validate
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import charts  # noqa: E402
from charts import CHART, DEPLOY, TOOLS, matrix, of_kind, pod_specs, render, run  # noqa: E402

PROGRAM = sys.argv[1]
OURS = {"PodMonitor", "PrometheusRule"}  # not Kubernetes' own: cluster_test.py has their schemas


class ChartTest(unittest.TestCase):

    def test_helm_lints_it(self):
        for name, (version, arguments) in charts.INSTALLED.items():
            with self.subTest(name):
                run(TOOLS / "helm", "lint", "--strict", CHART, "--kube-version", version, *arguments)
        run(TOOLS / "helm", "lint", "--strict", charts.shop(), "--kube-version", "1.36.0")

    def test_its_own_unit_tests_pass(self):
        run(TOOLS / "helm-unittest", CHART, env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"})

    def test_is_valid_for_each_version(self):
        for name, version, objects in matrix():
            for each in objects:
                if each["kind"] in OURS:
                    continue
                with self.subTest(name, kind=each["kind"]):
                    kubernetes_validate.validate(each, version.rpartition(".")[0], strict=True)

    def test_every_configuration_is_right(self):
        for name, _, objects in [*matrix(), *combined()]:
            for text in configurations(objects):
                with self.subTest(name), tempfile.NamedTemporaryFile("w") as file:
                    file.write(text)
                    file.flush()
                    run(PROGRAM, "check", file.name)

    def test_the_network_policy_knows_every_port_of_its_redis(self):
        for name, _, objects in combined("--set", "networkPolicy.enabled=true"):
            with self.subTest(name):
                text, = configurations(objects)
                policy, = of_kind(objects, "NetworkPolicy")
                redis = yaml.safe_load(text)["store"]["redis"]
                addresses = [redis.get("url", ""), *redis.get("cluster", []),
                             *redis.get("sentinel", {}).get("addresses", [])]
                wanted = {int(port) for port in re.findall(r":(\d+)", " ".join(addresses))}
                open_ports = {each["port"] for each in policy["spec"]["egress"][0]["ports"]}
                self.assertTrue(wanted)
                self.assertLessEqual(wanted, open_ports)

    def test_no_profile_cuts_an_application_off(self):
        for name in charts.PROFILES:
            objects = render(CHART, "1.36.0", "--values", charts.FILES[name])
            self.assertEqual(of_kind(objects, "NetworkPolicy"), [], name)

    def test_an_unknown_value_is_refused(self):
        for wrong in ("imgae.tag=1", "image.digest=abc", "resources.limits.cpu=1",
                      "config.profile=staging", "metrics.address=7421"):
            with self.subTest(wrong):
                done = run(TOOLS / "helm", "template", CHART, "--set", wrong, good=False)
                self.assertIn("values don't meet the specifications of the schema", done.stderr)

    def test_a_pod_mounts_what_is_in_its_namespace(self):
        for name, _, objects in matrix():
            there = {(each["metadata"]["namespace"], each["metadata"]["name"])
                     for each in of_kind(objects, "ConfigMap")}
            for each in of_kind(objects, "Pod"):
                for volume in each["spec"].get("volumes", []):
                    with self.subTest(name, pod=each["metadata"]["name"]):
                        self.assertIn((each["metadata"]["namespace"], volume["configMap"]["name"]),
                                      there)

    def test_measuring_without_a_token_is_refused(self):
        done = run(TOOLS / "helm", "template", CHART, "--set", "metrics.enabled=true", *charts.LIMIT,
                   good=False)
        self.assertIn("needs a token", done.stderr)

    def test_a_package_renders_the_same(self):
        """Its files are links into deploy/ here, and copies there."""
        version, *arguments = flat("everything")
        with tempfile.TemporaryDirectory() as made:
            run(TOOLS / "helm", "package", CHART, "--destination", made)
            package, = pathlib.Path(made).iterdir()
            self.assertEqual(render(package, version, *arguments),
                             render(CHART, version, *arguments))

    def test_numbers_stay_what_they_are(self):
        """Helm writes large ones as 1e+06 in places."""
        maps = of_kind(render(CHART, "1.36.0", "--set", "config.cache.namespaces[0].name=x",
                              "--set", "config.cache.namespaces[0].max_entries=5000000"), "ConfigMap")
        self.assertIn("max_entries: 5000000\n", maps[0]["data"]["outrigger.yaml"])

    def test_a_dependency_brings_no_injector(self):
        kinds = {each["kind"] for each in render(charts.shop(), "1.36.0")}
        self.assertEqual(kinds, {"ConfigMap", "Deployment", "Pod"})

    def test_a_sidecar_restarts_for_what_it_does_not_reload(self):
        def annotations(*arguments):
            deployment = of_kind(render(charts.shop(), "1.36.0", *arguments), "Deployment")[0]
            return deployment["spec"]["template"]["metadata"]["annotations"]
        self.assertEqual(annotations(), annotations("--set", "outrigger.config.limits=null"))
        self.assertNotEqual(annotations(), annotations("--set", "outrigger.config.cache.memory=1MiB"))


class RulesTest(unittest.TestCase):

    def test_promtool_takes_the_rendered_rules(self):
        rules = of_kind(render(CHART, *flat("everything")), "PrometheusRule")
        self.assertEqual(len(rules), 2)
        for rule in rules:
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                yaml.safe_dump(rule["spec"], file)
                file.flush()
                self.assertIn("SUCCESS", run("promtool", "check", "rules", file.name).stdout)

    def test_they_are_those_of_deploy(self):
        for rule in of_kind(render(CHART, *flat("everything")), "PrometheusRule"):
            name = rule["metadata"]["name"].rpartition("-")[2]
            source = (DEPLOY / "prometheus" / f"{name}.yaml").read_text()
            source = source.replace("deploy/runbook.md", charts.RUNBOOK)
            self.assertEqual(rule["spec"], yaml.safe_load(source))

    def test_every_alert_links_to_its_own_part_of_the_runbook(self):
        rules = of_kind(render(CHART, *flat("everything")), "PrometheusRule")
        alerts = [each for rule in rules for group in rule["spec"]["groups"]
                  for each in group["rules"] if "alert" in each]
        self.assertTrue(alerts)
        for each in alerts:
            self.assertEqual(each["annotations"]["runbook_url"],
                             f"{charts.RUNBOOK}#{each['alert'].lower()}")

    def test_so_is_the_dashboard(self):
        maps = of_kind(render(CHART, *flat("everything")), "ConfigMap")
        text = next(each["data"]["outrigger.json"] for each in maps if "outrigger.json" in each["data"])
        self.assertEqual(text, (DEPLOY / "grafana" / "outrigger.json").read_text())
        json.loads(text)


class PolicyTest(unittest.TestCase):
    """What clusters ask of every container, and what a sidecar owes its pod."""

    def test_every_container_gives_up_what_it_does_not_need(self):
        for name, _, objects in matrix():
            for spec in pod_specs(objects):
                for container in (spec.get("initContainers") or []) + spec["containers"]:
                    with self.subTest(name, container=container["name"]):
                        context = {**spec.get("securityContext", {}), **container["securityContext"]}
                        self.assertTrue(context["runAsNonRoot"])
                        self.assertGreaterEqual(context["runAsUser"], 10000)
                        self.assertTrue(context["readOnlyRootFilesystem"])
                        self.assertFalse(context["allowPrivilegeEscalation"])
                        self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
                        self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})
                        self.assertFalse(spec["automountServiceAccountToken"])

    def test_a_service_has_one_name_by_either_way_of_its_metrics(self):
        """The PodMonitor's job is namespace/name, as Prometheus makes it of these of OTLP."""
        for name, _, objects in matrix():
            for spec in pod_specs(of_kind(objects, "Deployment")):
                env = {each["name"]: each for each in charts.sidecar_of(spec)["env"]}
                with self.subTest(name):
                    self.assertIn("service.namespace=$(POD_NAMESPACE),",
                                  env["OTEL_RESOURCE_ATTRIBUTES"]["value"])
                    self.assertEqual(env["OTEL_SERVICE_NAME"]["valueFrom"]["fieldRef"]["fieldPath"],
                                     "metadata.labels['app.kubernetes.io/name']")

    def test_every_container_has_requests_and_a_limit_of_memory_and_none_of_cpu(self):
        for name, _, objects in matrix():
            for spec in pod_specs(objects):
                for container in (spec.get("initContainers") or []) + spec["containers"]:
                    with self.subTest(name, container=container["name"]):
                        self.assertEqual(set(container["resources"]["requests"]), {"cpu", "memory"})
                        self.assertEqual(set(container["resources"]["limits"]), {"memory"})

    def test_the_memory_has_room_for_the_cache(self):
        for name, _, objects in matrix():
            configs = [yaml.safe_load(text) for text in configurations(objects)]
            for spec in pod_specs(objects):
                container = charts.sidecar_of(spec)
                if container is None:
                    continue
                limit = mebibytes(container["resources"]["limits"]["memory"])
                for config in configs:
                    cache = mebibytes((config or {}).get("cache", {}).get("memory", "64MiB"))
                    with self.subTest(name):
                        self.assertGreaterEqual(limit, cache + 64)

    def test_the_sidecar_is_first_and_stays(self):
        for name in ("native", "newest", "measured"):
            spec = next(pod_specs(of_kind(render(charts.shop(), *included(name)), "Deployment")))
            self.assertEqual(spec["initContainers"][0]["name"], "outrigger")
            self.assertEqual(spec["initContainers"][0]["restartPolicy"], "Always")
            self.assertEqual([each["name"] for each in spec["containers"]], ["shop"])

    def test_the_plain_form_is_a_container_that_older_clusters_know(self):
        spec = next(pod_specs(of_kind(render(charts.shop(), *included("plain")), "Deployment")))
        self.assertEqual([each["name"] for each in spec["containers"]], ["outrigger", "shop"])
        self.assertNotIn("restartPolicy", spec["containers"][0])
        # The application's container is not started before this has ended.
        self.assertEqual(spec["containers"][0]["lifecycle"],
                         {"postStart": {"exec": {"command": ["/outrigger", "probe", "--wait", "60s"]}}})
        self.assertFalse(spec["initContainers"])

    def test_no_object_leaves_its_namespace_open(self):
        cluster_wide = re.compile("AdmissionPolicy(Binding)?$")
        for name, _, objects in matrix():
            for each in objects:
                with self.subTest(name, kind=each["kind"]):
                    self.assertEqual("namespace" in each["metadata"],
                                     not cluster_wide.search(each["kind"]))

    def test_kube_score_finds_nothing_critical(self):
        text = run(TOOLS / "helm", "template", "shop", charts.shop(), "--kube-version", "1.36.0",
                   "--namespace", "shop", "--skip-tests").stdout
        done = subprocess.run(
            [TOOLS / "kube-score", "score", "-", "--kubernetes-version", "v1.29",
             "--output-format", "ci", *ignored()], input=text, capture_output=True, text=True,
            check=False)
        found = [line for line in done.stdout.splitlines() if line.startswith("[CRITICAL]")]
        self.assertEqual((done.returncode, found), (0, []), done.stdout + done.stderr)
        self.assertIn("[OK]", done.stdout)


def combined(*arguments):
    """As matrix(), of each profile with each example."""
    for name, (version, values) in charts.COMBINED.items():
        yield name, version, render(CHART, version, *values, *arguments)


def configurations(objects):
    """Outrigger's own, as text."""
    return [each["data"]["outrigger.yaml"] for each in of_kind(objects, "ConfigMap")
            if "outrigger.yaml" in each["data"]]


def ignored():
    """Checks that do not hold here, each with its reason."""
    reasons = {
        "container-resources": "it wants limits of CPU; a sidecar that is throttled is slow",
        "container-ephemeral-storage-request-and-limit": "nothing is written: the root is read-only",
        "pod-networkpolicy": "the chart's is for namespaces that have others",
        "deployment-has-poddisruptionbudget": "the application's affair",
        "container-image-pull-policy": "images have versions",
    }
    return [word for check in reasons for word in ("--ignore-test", check)]


def flat(name):
    version, arguments = charts.INSTALLED[name]
    return [version, *arguments]


def included(name):
    version, arguments = charts.INCLUDED[name]
    return [version, *arguments]


def mebibytes(size):
    return int(re.fullmatch(r"(\d+)Mi(B)?", size).group(1))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
