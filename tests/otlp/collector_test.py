"""The exporter against a real OpenTelemetry Collector: what it wrote is what was sent."""

import sys
import tempfile
import unittest

from real_collector import Collector
from support import Driver

class CollectorTest(unittest.TestCase):
    def check(self, protocol, otel_protocol, **variables):
        with tempfile.TemporaryDirectory() as folder, \
                Collector(sys.argv[2], folder, protocol) as collector, \
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
