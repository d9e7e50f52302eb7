"""The exporter against HTTP collectors that follow a script."""

import sys
import tempfile
import unittest

from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace

from support import (Certificates, Driver, HttpCollector, RawServer, metrics_of, records_of,
                     spans_of, wait_for)

PROTOBUF = {"Content-Type": "application/x-protobuf"}
GOOD = (200, PROTOBUF, b"")


def driver(collector, **variables):
    return Driver(EXPORTER_OTLP_ENDPOINT=collector.url,
                  EXPORTER_OTLP_PROTOCOL="http/protobuf", **variables)


def of_signal(collector, path):
    return [request for at, _, request in collector.requests if at == path]


class HttpTest(unittest.TestCase):
    def test_everything_arrives_once(self):
        with HttpCollector() as collector, driver(collector, BSP_MAX_QUEUE_SIZE=5000) as exporter:
            exporter.tell("spans 3000")
            exporter.tell("logs 700")
            exporter.tell("count 42")
            self.assertTrue(exporter.flush())
            numbers = [span.attributes[0].value.int_value
                       for span in spans_of(of_signal(collector, "/v1/traces"))]
            self.assertEqual(numbers, list(range(3000)))
            self.assertEqual(len(records_of(of_signal(collector, "/v1/logs"))), 700)
            sums = metrics_of(of_signal(collector, "/v1/metrics"))
            self.assertEqual(sums["test.calls"].sum.data_points[0].as_int, 42)
            # A connection a signal, however many requests there were.
            self.assertGreater(len(collector.requests), 6)
            self.assertEqual(len(collector.clients), 3)

    def test_a_host_by_its_name(self):
        with HttpCollector() as collector, Driver(
                EXPORTER_OTLP_ENDPOINT=f"http://localhost:{collector.port}",
                EXPORTER_OTLP_PROTOCOL="http/protobuf") as exporter:
            exporter.tell("spans 10")
            self.assertTrue(exporter.flush())
            self.assertEqual(len(spans_of(of_signal(collector, "/v1/traces"))), 10)

    def test_a_flush_leaves_the_rest_as_it_was(self):
        with HttpCollector() as collector, driver(
                collector, METRICS_EXPORTER="none", BSP_SCHEDULE_DELAY=10) as exporter:
            exporter.flush(0.001)
            exporter.tell("spans 10")
            wait_for(lambda: len(spans_of(collector.received())) == 10)

    def test_a_flush_whose_time_is_over_drops_nothing(self):
        with HttpCollector() as collector, driver(
                collector, METRICS_EXPORTER="none", BSP_SCHEDULE_DELAY=10) as exporter:
            exporter.tell("spans 10")
            exporter.flush(0)
            wait_for(lambda: len(spans_of(collector.received())) == 10)

    def test_header_fields_and_compression(self):
        with HttpCollector() as collector, driver(
                collector, EXPORTER_OTLP_HEADERS="Api-Key=a%20b",
                EXPORTER_OTLP_COMPRESSION="gzip", METRICS_EXPORTER="none") as exporter:
            exporter.tell("spans 100")
            self.assertTrue(exporter.flush())
            _, fields, request = collector.requests[0]
            self.assertEqual(fields["api-key"], "a b")
            self.assertEqual(fields["Content-Type"], "application/x-protobuf")
            self.assertEqual(fields["Content-Encoding"], "gzip")
            self.assertEqual(fields["Host"], f"127.0.0.1:{collector.port}")
            self.assertIn("OTel-OTLP-Exporter-Cpp/", fields["User-Agent"])
            self.assertEqual(len(spans_of([request])), 100)

    def test_what_may_work_later_is_tried_again(self):
        for code in (429, 502, 503, 504):
            with HttpCollector((code, {}, b""), GOOD) as collector, driver(
                    collector, METRICS_EXPORTER="none") as exporter:
                exporter.tell("spans 10")
                self.assertTrue(exporter.flush())
                self.assertEqual(len(collector.requests), 2)
                self.assertEqual(exporter.counted("outrigger.otlp.retries"), 1)
                self.assertEqual(exporter.counted("outrigger.otlp.dropped"), 0)

    def test_retry_after_is_waited_for(self):
        # Longer than a batch has: it is given up, and the next one waits, too.
        with HttpCollector((503, {"Retry-After": "3600"}, b""), GOOD) as collector, driver(
                collector, METRICS_EXPORTER="none") as exporter:
            exporter.tell("spans 512")
            wait_for(lambda: exporter.counted("outrigger.otlp.dropped", "reason=timeout") == 512)
            exporter.tell("spans 512")
            self.assertTrue(exporter.flush(1))
            self.assertEqual(len(collector.requests), 1)
            self.assertEqual(exporter.counted("outrigger.otlp.dropped"), 1024)

    def test_what_is_refused_is_dropped(self):
        for code, fields in ((400, PROTOBUF), (401, {}), (404, {}), (500, {}),
                             (302, {"Location": "/elsewhere"})):
            with HttpCollector((code, fields, b""), GOOD) as collector, driver(
                    collector, METRICS_EXPORTER="none") as exporter:
                exporter.tell("spans 10")
                self.assertTrue(exporter.flush())
                self.assertEqual(len(collector.requests), 1)
                self.assertEqual(exporter.counted("outrigger.otlp.dropped", "reason=refused"), 10)

    def test_partial_success(self):
        answer = trace.ExportTraceServiceResponse()
        answer.partial_success.rejected_spans = 4
        with HttpCollector((200, PROTOBUF, answer.SerializeToString())) as collector, driver(
                collector, METRICS_EXPORTER="none") as exporter:
            exporter.tell("spans 10")
            self.assertTrue(exporter.flush())
            self.assertEqual(len(collector.requests), 1)
            self.assertEqual(exporter.counted("outrigger.otlp.dropped", "reason=rejected"), 4)

    def test_a_web_page_is_no_collector(self):
        page = (200, {"Content-Type": "text/html"}, b"<html>hello</html>")
        with HttpCollector(page) as collector, driver(
                collector, METRICS_EXPORTER="none") as exporter:
            exporter.tell("spans 10")
            self.assertTrue(exporter.flush())
            self.assertEqual(exporter.counted("otel.sdk.exporter.span.exported", "bad_answer"), 10)

    def test_an_answer_without_end(self):
        endless = (200, PROTOBUF, b"x" * (5 << 20))
        with HttpCollector(endless) as collector, driver(
                collector, METRICS_EXPORTER="none", BSP_EXPORT_TIMEOUT=300) as exporter:
            exporter.tell("spans 10")
            self.assertTrue(exporter.flush())
            self.assertEqual(exporter.counted("outrigger.otlp.dropped"), 10)

    def test_garbage_and_silence(self):
        for words in (b"\x00garbage" * 1000, b"HTTP/1.1 200 OK\r\nContent-Le", b"", None):
            with RawServer(words) as server, Driver(
                    EXPORTER_OTLP_ENDPOINT=server.url, EXPORTER_OTLP_PROTOCOL="http/protobuf",
                    EXPORTER_OTLP_TIMEOUT=50, BSP_EXPORT_TIMEOUT=200) as exporter:
                exporter.tell("spans 5000")
                exporter.flush(1)
                wait_for(lambda: exporter.counted("otel.sdk.processor.span.queue.size") +
                         exporter.counted("outrigger.otlp.dropped", "signal=traces") +
                         exporter.counted("otel.sdk.exporter.span.inflight") == 5000)

    def test_a_collector_that_comes_back(self):
        with HttpCollector() as collector, driver(
                collector, METRICS_EXPORTER="none") as exporter:
            exporter.tell("spans 10")
            self.assertTrue(exporter.flush())
            port = collector.port
            self.assertEqual(len(spans_of(collector.received())), 10)
            collector.server.RequestHandlerClass.protocol_version = "HTTP/1.0"
            exporter.tell("spans 10")  # closes the connection afterwards
            self.assertTrue(exporter.flush())
            exporter.tell("spans 10")
            self.assertTrue(exporter.flush())
            self.assertEqual(len(spans_of(collector.received())), 30)
            self.assertEqual(collector.port, port)

    def test_the_console(self):
        with Driver(TRACES_EXPORTER="console") as exporter:
            exporter.tell("span full")
            line = exporter.tell("flush 10")
            self.assertIn('"resourceSpans"', line)
            self.assertIn('"full"', line)
            self.assertEqual(exporter.process.stdout.readline(), "true\n")


class HttpTlsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.certificates = Certificates(folder.name)

    def arrived(self, name, ask_client, **variables):
        """How many of ten spans reach a server with this certificate."""
        context = self.certificates.server_context(name, ask_client)
        with HttpCollector(context=context) as collector, driver(
                collector, METRICS_EXPORTER="none", **variables) as exporter:
            exporter.tell("spans 5")
            exporter.flush(2)
            exporter.tell("spans 5")
            exporter.flush(2)
            return len(spans_of(collector.received()))

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
