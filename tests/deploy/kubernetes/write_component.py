"""Writes deploy/kustomize/injector/injector.yaml: the chart's injector, rendered.

Run it after a change of the chart; a test says so otherwise.
"""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from charts import CHART, DEPLOY, TOOLS, run  # noqa: E402

NAMESPACE = """\
# Made of the chart deploy/helm/outrigger by tests/deploy/kubernetes/write_component.py.
apiVersion: v1
kind: Namespace
metadata:
  name: outrigger-system
"""


def text():
    files = [word for name in ("policy", "binding", "guard")
             for word in ("--show-only", f"templates/injector/{name}.yaml")]
    said = run(TOOLS / "helm", "template", "outrigger", CHART, "--namespace", "outrigger-system",
               "--kube-version", "1.36.0", "--set", "allowEmptyConfig=true", *files).stdout
    # Where each piece is from, and whose release it is, means nothing here.
    said = re.sub(r"^# Source: .*\n", "", said, flags=re.M)
    said = re.sub(r"^ *app.kubernetes.io/(instance|managed-by): .*\n", "", said, flags=re.M)
    return NAMESPACE + said


if __name__ == "__main__":
    (DEPLOY / "kustomize" / "injector" / "injector.yaml").write_text(text())
