"""What we send against what OpenTelemetry's own SDK for Python sends of the same."""

import sys
import unittest

from opentelemetry import trace as api
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import (ExplicitBucketHistogramAggregation,
                                            ExponentialBucketHistogramAggregation, View)
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags, TraceState
from opentelemetry.trace.status import Status, StatusCode

from support import Driver, GrpcCollector, metrics_of, spans_of

TRACE_ID = 0x01020304050607081112131415161718
START = 1_700_000_000_000_000_000
VALUES = [0.0001, 0.0004, 0.003, 0.003, 0.07, 0.5, 1.0, 2.5]
# Of Span.flags; the SDK for Python leaves out the trace's own flags, bits 0 to 7.
REMOTE_BITS = 0x300


def context(span_id, remote=False, state=None):
    return SpanContext(TRACE_ID, span_id, remote, TraceFlags(1), state)


def reference_span():
    """The driver's FullSpan."""
    state = TraceState([("vendor", "value")])
    return ReadableSpan(
        "full", context(1, state=state), context(2, remote=True), kind=SpanKind.SERVER,
        attributes={"flag": True, "whole": -3, "number": 1.5, "text": "caf\u00e9"},
        events=[Event("happened", {"n": 1}, START + 9)],
        links=[Link(context(3, remote=True))],
        status=Status(StatusCode.ERROR, "went wrong"),
        start_time=START, end_time=START + 5_000_000)


def normal(message, *ignored):
    """A copy without what differs from run to run, attributes in the order of their keys."""
    copy = type(message).FromString(message.SerializeToString())
    for name in ignored:
        copy.ClearField(name)
    attributes = sorted(copy.attributes, key=lambda a: a.key)
    del copy.attributes[:]
    copy.attributes.extend(attributes)
    return copy


def reference_metrics(aggregation):
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader], views=[
        View(instrument_name="test.times", aggregation=aggregation)])
    meter = provider.get_meter("outrigger")
    meter.create_counter("test.calls", "{call}", "Calls.").add(42)
    times = meter.create_histogram("test.times", "s", "Times.")
    for value in VALUES:
        times.record(value)
    encoded = metrics_of([encode_metrics(reader.get_metrics_data())])
    provider.shutdown()
    return encoded


def our_metrics(**variables):
    with GrpcCollector() as collector, Driver(
            EXPORTER_OTLP_ENDPOINT=collector.url, EXPORTER_OTLP_PROTOCOL="grpc",
            **variables) as exporter:
        exporter.tell("count 42")
        for value in VALUES:
            exporter.tell(f"record {value}")
        assert exporter.flush()
        return metrics_of(collector.received["metrics"])


def at_scale(point, scale):
    """The buckets of an exponential point at a lower scale: {index: count}."""
    merged = {}
    for i, count in enumerate(point.positive.bucket_counts):
        index = (point.positive.offset + i) >> (point.scale - scale)
        if count:
            merged[index] = merged.get(index, 0) + count
    return merged


class ReferenceTest(unittest.TestCase):
    def test_a_span(self):
        with GrpcCollector() as collector, Driver(
                EXPORTER_OTLP_ENDPOINT=collector.url,
                EXPORTER_OTLP_PROTOCOL="grpc") as exporter:
            exporter.tell("span")
            self.assertTrue(exporter.flush())
            ours = spans_of(collector.received["trace"])[0]
        theirs = spans_of([encode_spans([reference_span()])])[0]
        self.assertEqual(ours.flags & REMOTE_BITS, theirs.flags & REMOTE_BITS)
        self.assertEqual(ours.links[0].flags & REMOTE_BITS, theirs.links[0].flags & REMOTE_BITS)
        for span in (ours, theirs):
            span.links[0].flags = 0
        self.assertEqual(normal(ours, "flags"), normal(theirs, "flags"))

    def compare_metric(self, ours, theirs):
        for field in ("name", "unit", "description"):
            self.assertEqual(getattr(ours, field), getattr(theirs, field))
        self.assertEqual(ours.WhichOneof("data"), theirs.WhichOneof("data"))

    def test_a_sum(self):
        ours = our_metrics()["test.calls"]
        theirs = reference_metrics(ExplicitBucketHistogramAggregation())["test.calls"]
        self.compare_metric(ours, theirs)
        self.assertEqual(ours.sum.is_monotonic, theirs.sum.is_monotonic)
        self.assertEqual(ours.sum.aggregation_temporality, theirs.sum.aggregation_temporality)
        times = ("start_time_unix_nano", "time_unix_nano")
        self.assertEqual(normal(ours.sum.data_points[0], *times),
                         normal(theirs.sum.data_points[0], *times))

    def test_an_explicit_histogram(self):
        ours = our_metrics()["test.times"]
        bounds = list(ours.histogram.data_points[0].explicit_bounds)
        theirs = reference_metrics(ExplicitBucketHistogramAggregation(bounds))["test.times"]
        self.compare_metric(ours, theirs)
        ignored = ("start_time_unix_nano", "time_unix_nano", "exemplars", "sum")
        self.assertEqual(normal(ours.histogram.data_points[0], *ignored),
                         normal(theirs.histogram.data_points[0], *ignored))
        self.assertAlmostEqual(ours.histogram.data_points[0].sum,
                               theirs.histogram.data_points[0].sum)

    def test_an_exponential_histogram(self):
        ours = our_metrics(EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=
                           "base2_exponential_bucket_histogram")["test.times"]
        theirs = reference_metrics(ExponentialBucketHistogramAggregation())["test.times"]
        self.compare_metric(ours, theirs)
        one = ours.exponential_histogram.data_points[0]
        other = theirs.exponential_histogram.data_points[0]
        scale = min(one.scale, other.scale)
        self.assertEqual(at_scale(one, scale), at_scale(other, scale))
        self.assertEqual((one.count, one.zero_count, one.min, one.max),
                         (other.count, other.zero_count, other.min, other.max))
        self.assertAlmostEqual(one.sum, other.sum)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
