"""The exporter against gRPC collectors that follow a script."""

import sys
import tempfile
import unittest

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

from support import (Certificates, Driver, GrpcCollector, RawServer, metrics_of, records_of,
                     spans_of, wait_for)


def good(_, response):
    return response


def fails(code, details=None):
    def answer(context, _):
        if details is not None:
            context.set_trailing_metadata([("grpc-status-details-bin", details)])
        context.abort(code, "as the script has it")
    return answer


def retry_info(nanos):
    packed = any_pb2.Any()
    packed.Pack(error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(nanos=nanos)))
    return status_pb2.Status(code=8, details=[packed]).SerializeToString()


def partly(context, response):
    response.partial_success.rejected_spans = 3
    response.partial_success.error_message = "too old"
    return response


def driver(collector, **variables):
    return Driver(EXPORTER_OTLP_ENDPOINT=collector.url, EXPORTER_OTLP_PROTOCOL="grpc", **variables)


class GrpcTest(unittest.TestCase):
    def test_everything_arrives_once(self):
        with GrpcCollector() as collector, driver(collector, BSP_MAX_QUEUE_SIZE=5000) as exporter:
            exporter.tell("spans 3000")
            exporter.tell("logs 700")
            exporter.tell("count 42")
            self.assertTrue(exporter.flush())
            numbers = [span.attributes[0].value.int_value
                       for span in spans_of(collector.received["trace"])]
            self.assertEqual(numbers, list(range(3000)))
            self.assertLessEqual(max(len(spans_of([r])) for r in collector.received["trace"]), 512)
            self.assertEqual(len(records_of(collector.received["logs"])), 700)
            point = metrics_of(collector.received["metrics"])["test.calls"].sum.data_points[0]
            self.assertEqual(point.as_int, 42)
            self.assertEqual(exporter.counted("otel.sdk.exporter.span.exported"), 3000)
            self.assertEqual(exporter.counted("otel.sdk.processor.span.processed"), 3000)
            self.assertEqual(exporter.counted("outrigger.otlp.dropped"), 0)

    def test_a_full_batch_does_not_wait(self):
        with GrpcCollector() as collector, driver(
                collector, BSP_SCHEDULE_DELAY=3600000, BSP_MAX_EXPORT_BATCH_SIZE=10) as exporter:
            exporter.tell("spans 25")
            wait_for(lambda: len(spans_of(collector.received["trace"])) == 20)
            self.assertEqual(exporter.counted("otel.sdk.processor.span.queue.size"), 5)

    def test_a_part_of_a_batch_goes_after_the_delay(self):
        with GrpcCollector() as collector, driver(collector, BSP_SCHEDULE_DELAY=10) as exporter:
            exporter.tell("spans 5")
            wait_for(lambda: len(spans_of(collector.received["trace"])) == 5)

    def test_metrics_go_at_their_interval(self):
        with GrpcCollector() as collector, driver(
                collector, METRIC_EXPORT_INTERVAL=10,
                EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE="delta") as exporter:
            exporter.tell("count 5")

            def seen():
                return [metrics_of([r]).get("test.calls") for r in collector.received["metrics"]]
            wait_for(lambda: any(seen()))
            exporter.tell("count 7")
            wait_for(lambda: sum(m is not None for m in seen()) == 2)
            self.assertEqual([m.sum.data_points[0].as_int for m in seen() if m], [5, 7])

    def test_unavailable_is_tried_again(self):
        unavailable = fails(grpc.StatusCode.UNAVAILABLE)
        with GrpcCollector(unavailable, good) as collector, driver(
                collector, METRICS_EXPORTER="none") as exporter:
            exporter.tell("spans 10")
            self.assertTrue(exporter.flush())
            self.assertEqual(len(spans_of(collector.received["trace"])), 10)
            self.assertEqual(exporter.counted("outrigger.otlp.retries"), 1)
            self.assertEqual(exporter.counted("outrigger.otlp.dropped"), 0)

    def test_exhausted_needs_retry_info(self):
        code = grpc.StatusCode.RESOURCE_EXHAUSTED
        for details, arrived in ((None, 0), (retry_info(1000000), 10)):
            with GrpcCollector(fails(code, details), good) as collector, driver(
                    collector, METRICS_EXPORTER="none") as exporter:
                exporter.tell("spans 10")
                self.assertTrue(exporter.flush())
                self.assertEqual(len(spans_of(collector.received["trace"])), arrived)
                self.assertEqual(exporter.counted("outrigger.otlp.dropped"), 10 - arrived)

    def test_what_is_refused_is_dropped(self):
        with GrpcCollector(fails(grpc.StatusCode.INVALID_ARGUMENT), good) as collector, driver(
                collector, METRICS_EXPORTER="none") as exporter:
            exporter.tell("spans 10")
            self.assertTrue(exporter.flush())
            self.assertEqual(exporter.counted("outrigger.otlp.dropped", "reason=refused"), 10)
            exporter.tell("spans 10")
            self.assertTrue(exporter.flush())
            self.assertEqual(len(spans_of(collector.received["trace"])), 10)

    def test_partial_success_is_not_tried_again(self):
        with GrpcCollector(partly) as collector, driver(
                collector, METRICS_EXPORTER="none") as exporter:
            exporter.tell("spans 10")
            self.assertTrue(exporter.flush())
            self.assertEqual(len(collector.received["trace"]), 1)
            self.assertEqual(exporter.counted("outrigger.otlp.dropped", "reason=rejected"), 3)
            self.assertEqual(exporter.counted("outrigger.otlp.retries"), 0)

    def test_nonsense_for_an_answer(self):
        with GrpcCollector(lambda *_: b"\xff\xff\xff") as collector, driver(
                collector, METRICS_EXPORTER="none") as exporter:
            exporter.tell("spans 10")
            self.assertTrue(exporter.flush())
            self.assertEqual(exporter.counted("outrigger.otlp.dropped", "reason=refused"), 10)

    def test_garbage_and_silence(self):
        for words in (b"\x00garbage" * 1000, b"", None):
            with RawServer(words) as server, Driver(
                    EXPORTER_OTLP_ENDPOINT=server.url, EXPORTER_OTLP_PROTOCOL="grpc",
                    EXPORTER_OTLP_TIMEOUT=50, BSP_EXPORT_TIMEOUT=200) as exporter:
                exporter.tell("spans 5000")
                exporter.flush(1)
                wait_for(lambda: exporter.counted("otel.sdk.processor.span.queue.size") +
                         exporter.counted("outrigger.otlp.dropped", "signal=traces") +
                         exporter.counted("otel.sdk.exporter.span.inflight") == 5000)

    def test_long_requests_are_split(self):
        with GrpcCollector() as collector, driver(
                collector, METRICS_EXPORTER="none") as exporter:
            exporter.tell("spans 100 100000")  # 10 MB
            exporter.tell("spans 1 5000000")
            self.assertTrue(exporter.flush())
            self.assertEqual(len(spans_of(collector.received["trace"])), 100)
            self.assertLess(max(r.ByteSize() for r in collector.received["trace"]), 4 << 20)
            self.assertEqual(exporter.counted("outrigger.otlp.dropped", "reason=too_large"), 1)

    def test_headers_user_agent_and_compression(self):
        with GrpcCollector() as collector, driver(
                collector, EXPORTER_OTLP_HEADERS="Api-Key=a%20b,x=y",
                EXPORTER_OTLP_COMPRESSION="gzip") as exporter:
            exporter.tell("spans 100")
            self.assertTrue(exporter.flush())
            metadata = collector.metadata[0]
            self.assertEqual(metadata["api-key"], "a b")
            self.assertEqual(metadata["x"], "y")
            self.assertIn("OTel-OTLP-Exporter-Cpp/", metadata["user-agent"])
            self.assertEqual(len(spans_of(collector.received["trace"])), 100)

    def test_a_guess_at_the_protocol_is_mended(self):
        with GrpcCollector() as collector, Driver(
                EXPORTER_OTLP_ENDPOINT=collector.url) as exporter:
            exporter.tell("spans 10")
            exporter.tell("logs 10")
            self.assertTrue(exporter.flush())
            self.assertEqual(len(spans_of(collector.received["trace"])), 10)
            self.assertEqual(len(records_of(collector.received["logs"])), 10)
            self.assertEqual(exporter.counted("outrigger.otlp.retries"), 0)


class GrpcTlsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.certificates = Certificates(folder.name)

    def arrived(self, name, ask_client, **variables):
        """How many of ten spans reach a server with this certificate."""
        credentials = self.certificates.grpc_credentials(name, ask_client)
        with GrpcCollector(credentials=credentials) as collector, Driver(
                EXPORTER_OTLP_TRACES_ENDPOINT=f"https://127.0.0.1:{collector.port}",
                EXPORTER_OTLP_TRACES_PROTOCOL="grpc", **variables) as exporter:
            exporter.tell("spans 10")
            exporter.flush(2)
            return len(spans_of(collector.received["trace"]))

    def test_who_is_trusted(self):
        ca = self.certificates.path("ca.crt")
        self.assertEqual(self.arrived("own", False, EXPORTER_OTLP_CERTIFICATE=ca), 10)
        self.assertEqual(self.arrived("other", False, EXPORTER_OTLP_CERTIFICATE=ca), 0)
        self.assertEqual(self.arrived("own", False), 0)

    def test_a_client_certificate(self):
        ca = self.certificates.path("ca.crt")
        self.assertEqual(self.arrived("own", True, EXPORTER_OTLP_CERTIFICATE=ca), 0)
        self.assertEqual(self.arrived(
            "own", True, EXPORTER_OTLP_CERTIFICATE=ca,
            EXPORTER_OTLP_CLIENT_CERTIFICATE=self.certificates.path("own.crt"),
            EXPORTER_OTLP_CLIENT_KEY=self.certificates.path("own.key")), 10)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
