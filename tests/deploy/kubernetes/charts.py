"""The charts of deploy/helm, rendered by Helm over a matrix of values."""

import functools
import pathlib
import shutil
import sys
import tempfile

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cluster import DEPLOY, TOOLS, run  # noqa: E402

CHART = DEPLOY / "helm" / "outrigger"
PROFILES, EXAMPLES = ([path.stem for path in sorted((CHART / folder).glob("*.yaml"))]
                      for folder in ("profiles", "examples"))
FILES = {name: CHART / folder / f"{name}.yaml" for folder, names in
         (("profiles", PROFILES), ("examples", EXAMPLES)) for name in names}
TOKEN = ["--set", "secret.values.token=0123456789abcdef"]
RUNBOOK = "https://example.org/runbook.md"
ALL = ["--set", "networkPolicy.enabled=true,networkPolicy.ingress=true,podMonitor.enabled=true,metrics.enabled=true,"
       "dashboard.enabled=true,prometheusRule.enabled=true,"
       f"prometheusRule.runbook={RUNBOOK}"]

LIMIT = ["--set-json", 'config={"limits":[{"name":"per_user","key":["user"],"rate":"100/1m"}]}']

# What Helm renders: the chart installed by itself, each with a version of Kubernetes.
INSTALLED = {
    "default": ("1.36.0", LIMIT),
    "nothing": ("1.36.0", ["--set", "allowEmptyConfig=true"]),
    "everything": ("1.37.0", LIMIT + TOKEN + ALL),
    "without injector": ("1.28.0", ["--set", "injector.enabled=false"] + LIMIT),
    "two namespaces": ("1.36.0", ["--set", "namespaces={a,b}"] + LIMIT + TOKEN + ALL),
    "canary": ("1.36.0", ["--set", "injector.labelValue=canary,image.tag=v2,injector.guard=false"]
               + LIMIT),
    "digest": ("1.36.0", ["--set", f"image.digest=sha256:{'0' * 64}"] + LIMIT),
    **{f"{name}.yaml": ("1.36.0", ["--values", path]) for name, path in FILES.items()},
}

# Of a profile and an example, one after the other.
COMBINED = {f"{profile}.yaml with {example}.yaml":
            ("1.36.0", ["--values", FILES[profile], "--values", FILES[example]])
            for profile in PROFILES for example in EXAMPLES}

# And as the dependency of an application's chart.
INCLUDED = {
    "native": ("1.29.0", []),
    "plain": ("1.28.0", ["--set", "outrigger.sidecar.plain=true"]),
    "newest": ("1.37.0", []),
    "measured": ("1.36.0", ["--set", "outrigger.metrics.enabled=true,"
                            "outrigger.podMonitor.enabled=true,outrigger.secret.name=keys"]),
    "alone": ("1.36.0", ["--set", "outrigger.config.store=null,outrigger.secret.name="]),
}


@functools.cache
def shop():
    """The application's chart, with its dependency in place. It lasts as long as we do."""
    made = tempfile.TemporaryDirectory(prefix="charts")
    folder = pathlib.Path(made.name)
    for name in ("outrigger", "shop"):
        shutil.copytree(DEPLOY / "helm" / name, folder / name,
                        ignore=shutil.ignore_patterns("charts", "Chart.lock"))
    run(TOOLS / "helm", "dependency", "build", folder / "shop")
    shop.keep = made
    return folder / "shop"


@functools.cache
def render(chart, version, *arguments):
    """The objects, in order."""
    said = run(TOOLS / "helm", "template", "outrigger", chart, "--namespace", "shop",
               "--kube-version", version, *arguments).stdout
    return [each for each in yaml.safe_load_all(said) if each]


def matrix():
    """A name, the version of Kubernetes and the objects of every rendering."""
    for name, (version, arguments) in INSTALLED.items():
        yield name, version, render(CHART, version, *arguments)
    for name, (version, arguments) in INCLUDED.items():
        yield "shop: " + name, version, render(shop(), version, *arguments)


def of_kind(objects, kind):
    return [each for each in objects if each["kind"] == kind]


def pod_specs(objects):
    """The specification of every pod that is made of these."""
    for each in objects:
        if each["kind"] == "Pod":
            yield each["spec"]
        elif each["kind"] == "Deployment":
            yield each["spec"]["template"]["spec"]


def sidecar_of(spec):
    """The container called outrigger, wherever it stands; None: there is none."""
    containers = (spec.get("initContainers") or []) + spec["containers"]
    return next((each for each in containers if each["name"] == "outrigger"), None)
