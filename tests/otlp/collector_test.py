"""The exporter against a real OpenTelemetry Collector: what it wrote is what was sent."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest

from support import Driver, free_port, wait_for

CONFIG = """
receivers:
  otlp:
    protocols:
      {protocol}:
        endpoint: 127.0.0.1:{port}
exporters:
  lines:
    path: {path}
service:
  telemetry: {{metrics: {{level: none}}, logs: {{level: error}}}}
  pipelines:
    traces: {{receivers: [otlp], exporters: [lines]}}
    metrics: {{receivers: [otlp], exporters: [lines]}}
    logs: {{receivers: [otlp], exporters: [lines]}}
"""


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Collector:
    def __init__(self, folder, protocol):
        self.port = free_port()
        self.path = os.path.join(folder, protocol + ".jsonl")
        config = os.path.join(folder, protocol + ".yaml")
        with open(config, "w") as file:
            file.write(CONFIG.format(protocol=protocol, port=self.port, path=self.path))
        self.process = subprocess.Popen([sys.argv[2], "--config", "file:" + config])

    def __enter__(self):
        wait_for(lambda: listens(self.port))
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def wrote(self, resources, scopes, items):
        """All items of a signal, and the resources they came with."""
        found, senders = [], []
        with open(self.path) as file:
            for line in file:
                for resource in json.loads(line).get(resources, []):
                    senders.append({a["key"]: a["value"] for a in resource["resource"]["attributes"]})
                    for scope in resource[scopes]:
                        found += scope[items]
        return found, senders


class CollectorTest(unittest.TestCase):
    def check(self, protocol, otel_protocol, **variables):
        with tempfile.TemporaryDirectory() as folder, Collector(folder, protocol) as collector, \
                Driver(EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.port}",
                       EXPORTER_OTLP_PROTOCOL=otel_protocol, SERVICE_NAME="shop",
                       BSP_MAX_QUEUE_SIZE=10000, **variables) as exporter:
            exporter.tell("spans 5000")
            exporter.tell("span")
            exporter.tell("logs 1500")
            exporter.tell("count 42")
            exporter.tell("record 0.5")
            self.assertTrue(exporter.flush())
            self.assertEqual(exporter.counted("outrigger.otlp.dropped"), 0)

            spans, senders = collector.wrote("resourceSpans", "scopeSpans", "spans")
            numbers = sorted(int(span["attributes"][0]["value"]["intValue"])
                             for span in spans if span["name"] == "numbered")
            self.assertEqual(numbers, list(range(5000)))
            full = [span for span in spans if span["name"] == "full"]
            self.assertEqual(len(full), 1)
            self.assertEqual(full[0]["traceId"], "01020304050607081112131415161718")
            self.assertEqual(full[0]["parentSpanId"], "0000000000000002")
            self.assertEqual(full[0]["status"], {"message": "went wrong", "code": 2})
            self.assertEqual(senders[0]["service.name"], {"stringValue": "shop"})

            records, _ = collector.wrote("resourceLogs", "scopeLogs", "logRecords")
            self.assertEqual(len(records), 1500)
            self.assertEqual(records[0]["severityText"], "WARN")

            metrics, _ = collector.wrote("resourceMetrics", "scopeMetrics", "metrics")
            by_name = {metric["name"]: metric for metric in metrics}
            self.assertEqual(by_name["test.calls"]["sum"]["dataPoints"][0]["asInt"], "42")
            times = next(by_name["test.times"][kind] for kind in
                         ("histogram", "exponentialHistogram") if kind in by_name["test.times"])
            self.assertEqual(times["dataPoints"][0]["count"], "1")
            self.assertEqual(times["dataPoints"][0]["exemplars"][0]["asDouble"], 0.5)

    def test_grpc(self):
        self.check("grpc", "grpc")

    def test_grpc_gzip_delta(self):
        self.check("grpc", "grpc", EXPORTER_OTLP_COMPRESSION="gzip",
                   EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE="delta")

    def test_http(self):
        self.check("http", "http/protobuf")

    def test_http_gzip_exponential(self):
        self.check("http", "http/protobuf", EXPORTER_OTLP_COMPRESSION="gzip",
                   EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=
                   "base2_exponential_bucket_histogram")

    def test_a_guess_at_the_protocol_is_mended(self):
        # The port is neither 4317 nor 4318, and nobody states the protocol.
        self.check("grpc", "")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
