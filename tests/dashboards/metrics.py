"""What a sidecar exposes to Prometheus, by name.

The names come from src/telemetry/*metrics.h, where every metric stands once.
"""

import dataclasses
import pathlib
import re

SOURCE = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Metric:
    """name and unit as in OpenTelemetry; kind as in metrics.h."""

    name: str
    unit: str
    kind: str  # Counter, UpDownCounter, Gauge, Histogram

    @property
    def exposed(self):
        """The name of the family in Prometheus, a counter's _total included."""
        name = self.name.replace(".", "_")
        suffix = {"s": "_seconds", "By": "_bytes"}.get(self.unit, "")
        if self.unit == "1" and self.kind == "Gauge":
            suffix = "_ratio"
        if not name.endswith(suffix):
            name += suffix
        return name + ("_total" if self.kind == "Counter" else "")

    @property
    def series(self):
        """The names of its series."""
        if self.kind == "Histogram":
            return [self.exposed + end for end in ("_bucket", "_sum", "_count")]
        return [self.exposed]


def defined():
    """All of them."""
    headers = sorted((SOURCE / "src/telemetry").glob("*metrics.h"))
    text = "".join(header.read_text() for header in headers)
    entry = re.compile(r'MetricInfo\s+k\w+\s*\{\s*"([^"]+)",\s*"([^"]*)",\s*MetricKind::k(\w+)')
    return [Metric(*found) for found in entry.findall(text)]
