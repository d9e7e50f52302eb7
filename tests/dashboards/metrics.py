"""What a sidecar exposes to Prometheus, by name.

The names come from src/telemetry/metrics.h, where every metric stands once, and
for parts that are announced but not there yet from ANNOUNCED.
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


# Of the parts that come later: breakers, pools. Where metrics.h has one of
# these names, unit and kind must be the same.
ANNOUNCED = [
    Metric("outrigger.breaker.state", "{breaker}", "UpDownCounter"),
    Metric("outrigger.breaker.transitions", "{transition}", "Counter"),
    Metric("outrigger.pool.leases", "{lease}", "UpDownCounter"),
    Metric("db.client.connection.count", "{connection}", "UpDownCounter"),
    Metric("db.client.connection.max", "{connection}", "UpDownCounter"),
    Metric("db.client.connection.pending_requests", "{request}", "UpDownCounter"),
    Metric("db.client.connection.timeouts", "{timeout}", "Counter"),
    Metric("db.client.connection.wait_time", "s", "Histogram"),
    Metric("db.client.connection.use_time", "s", "Histogram"),
]


def defined():
    """The metrics of metrics.h."""
    headers = sorted((SOURCE / "src/telemetry").glob("*metrics.h"))
    text = "".join(header.read_text() for header in headers)
    entry = re.compile(r'MetricInfo\s+k\w+\s*\{\s*"([^"]+)",\s*"([^"]*)",\s*MetricKind::k(\w+)')
    return [Metric(*found) for found in entry.findall(text)]


def known():
    """Those of metrics.h, and the announced ones that it does not have."""
    metrics = defined()
    names = {metric.name for metric in metrics}
    return metrics + [metric for metric in ANNOUNCED if metric.name not in names]
