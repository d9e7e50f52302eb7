"""The caller's OpenTelemetry context arrives at the sidecar: here one of the test's
own that writes down what it gets."""

import concurrent.futures

import grpc
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON

import outrigger
from outrigger import aio
from outrigger.ratelimit.v1 import rate_limiter_pb2 as pb
from outrigger.ratelimit.v1 import rate_limiter_pb2_grpc as rpc


class Sidecar(rpc.RateLimiterServicer):
    def __init__(self):
        self.calls = []

    def Allow(self, request, context):
        self.calls.append(("Allow", dict(context.invocation_metadata()).get("traceparent")))
        return pb.AllowResponse(allowed=True)

    def AllowStream(self, requests, context):
        for request in requests:
            self.calls.append(
                ("AllowStream", dict(context.invocation_metadata()).get("traceparent"))
            )
            yield pb.AllowStreamResponse(
                id=request.id, responses=[pb.AllowResponse(allowed=True)] * len(request.requests)
            )


@pytest.fixture
def sidecar():
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(8))
    servicer = Sidecar()
    rpc.add_RateLimiterServicer_to_server(servicer, server)
    servicer.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield servicer
    server.stop(None)


def span(sampler):
    return TracerProvider(sampler=sampler).get_tracer("test").start_span("caller")


def traceparent(of):
    context = of.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def test_with_a_call(sidecar):
    with outrigger.Client(sidecar.target, timeout=20) as client:
        with trace.use_span(span(ALWAYS_ON)) as caller:
            assert client.limiter.allow(user="1").source is outrigger.Source.SIDECAR
    assert sidecar.calls == [("Allow", traceparent(caller))]


async def test_sampled_alone_and_the_rest_on_the_stream(sidecar):
    async with aio.Client(sidecar.target, timeout=20) as client:
        sampled = span(ALWAYS_ON)
        with trace.use_span(sampled):
            await client.limiter.allow(user="1")
        with trace.use_span(span(ALWAYS_OFF)):
            await client.limiter.allow(user="1")
        await client.limiter.allow(user="1")
    # The stream is not its first caller's: it has no trace.
    assert sidecar.calls == [("Allow", traceparent(sampled))] + 2 * [("AllowStream", None)]


async def test_without_opentelemetry(sidecar, monkeypatch):
    monkeypatch.setattr("outrigger._core.trace.propagate", None)
    async with aio.Client(sidecar.target, timeout=20) as client:
        with trace.use_span(span(ALWAYS_ON)):
            await client.limiter.allow(user="1")
            await client.limiter.wait_if_needed(user="1")
    assert sidecar.calls == [("AllowStream", None), ("Allow", None)]
