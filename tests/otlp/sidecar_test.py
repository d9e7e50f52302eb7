"""The whole sidecar against a real OpenTelemetry Collector: what was done is what it wrote."""

import os
import signal
import subprocess
import sys
import tempfile
import unittest

import grpc

from real_collector import Collector, listens
from support import free_port, wait_for

CALLS = 500
DENIED = 20
METHOD = "outrigger.ratelimit.v1.RateLimiter/Allow"
CONFIG = """
listen: {{unix: off, tcp: "127.0.0.1:{port}", admin: off}}
limits:
  - {{name: plenty, rate: 1000000/1s}}
  - {{name: scarce, rate: 1/1h, burst: 1}}
"""
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


def allow(channel, limit, metadata=()):
    """AllowRequest.limit is field 4."""
    request = b"\x22" + bytes([len(limit)]) + limit.encode()
    call = channel.unary_unary("/" + METHOD)
    call(request, metadata=metadata)


class Sidecar:
    def __init__(self, folder, collector, **variables):
        self.port = free_port()
        path = os.path.join(folder, "outrigger.yaml")
        with open(path, "w") as file:
            file.write(CONFIG.format(port=self.port))
        environment = {"PATH": os.environ["PATH"],
                       "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.port}",
                       "OTEL_SERVICE_NAME": "shop"}
        environment.update({"OTEL_" + name: value for name, value in variables.items()})
        self.process = subprocess.Popen([sys.argv[1], "serve", "--config", path], env=environment)
        wait_for(lambda: listens(self.port) or self.process.poll() is not None)
        assert self.process.poll() is None, "the sidecar ended"

    def stop(self):
        """As Kubernetes does; what is left is exported before it ends."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()


def value_of(attributes, key):
    return next((list(a["value"].values())[0] for a in attributes if a["key"] == key), None)


def total(metrics, name, **wanted):
    """The latest of a cumulative metric: its sum, or a histogram's count."""
    points = []
    for metric in metrics:
        if metric["name"] != name:
            continue
        data = metric.get("sum") or metric.get("histogram") or metric.get("exponentialHistogram")
        points.append([p for p in data["dataPoints"]
                       if all(value_of(p["attributes"], k.replace("_", ".")) == v
                              for k, v in wanted.items())])
    return sum(int(p.get("asInt", p.get("count", 0))) for p in points[-1])


class SidecarTest(unittest.TestCase):
    def check(self, protocol, **variables):
        with tempfile.TemporaryDirectory() as folder, \
                Collector(sys.argv[2], folder, protocol) as collector:
            sidecar = Sidecar(folder, collector, TRACES_SAMPLER="always_on", **variables)
            with grpc.insecure_channel(f"127.0.0.1:{sidecar.port}") as channel:
                for _ in range(CALLS):
                    allow(channel, "plenty")
                for _ in range(DENIED + 1):
                    allow(channel, "scarce")
                allow(channel, "plenty", [("traceparent", f"00-{TRACE_ID}-{PARENT}-01")])
            self.assertEqual(sidecar.stop(), 0)

            spans, senders = collector.wrote("resourceSpans", "scopeSpans", "spans")
            calls = [span for span in spans if span["name"] == METHOD]
            self.assertEqual(len(calls), CALLS + DENIED + 2)
            self.assertEqual({span["kind"] for span in calls}, {2})
            self.assertEqual(len({span["spanId"] for span in spans}), len(spans))
            self.assertEqual(senders[0]["service.name"], {"stringValue": "shop"})
            followed = [span for span in calls if span["traceId"] == TRACE_ID]
            self.assertEqual([span["parentSpanId"] for span in followed], [PARENT])

            metrics, _ = collector.wrote("resourceMetrics", "scopeMetrics", "metrics")
            self.assertEqual(
                total(metrics, "rpc.server.call.duration", rpc_method=METHOD),
                CALLS + DENIED + 2)
            decisions = "outrigger.allow.decisions"
            self.assertEqual(total(metrics, decisions, limit="plenty", result="allowed"), CALLS + 1)
            self.assertEqual(total(metrics, decisions, limit="scarce", result="denied"), DENIED)
            self.assertEqual(total(metrics, decisions), CALLS + DENIED + 2)

            records, _ = collector.wrote("resourceLogs", "scopeLogs", "logRecords")
            bodies = [record["body"]["stringValue"] for record in records]
            self.assertEqual(sum("stopping" in body for body in bodies), 1)

    def test_grpc(self):
        self.check("grpc", EXPORTER_OTLP_PROTOCOL="grpc")

    def test_http(self):
        self.check("http", EXPORTER_OTLP_PROTOCOL="http/protobuf")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
