"""The interceptors in real gRPC servers, whose methods are of all four kinds."""

import concurrent.futures
import contextlib
import threading

import grpc
import grpc.aio
import pytest
import pytest_asyncio

from outrigger import Decision
from outrigger.grpc_server import AioRateLimitInterceptor, RateLimitInterceptor
from outrigger.ratelimit.v1 import rate_limiter_pb2 as pb

KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")


def attributes(details):
    user = dict(details.invocation_metadata).get("user")
    return {"user": user} if user else None


class Handlers(grpc.GenericRpcHandler):
    """Answers what it is asked; all messages are bytes as they are."""

    def service(self, details):
        kind = details.method.rsplit("/", 1)[1]
        if kind not in KINDS:
            return None
        return getattr(grpc, f"{kind}_rpc_method_handler")(getattr(self, kind))

    def unary_unary(self, request, context):
        context.set_trailing_metadata((("own", "1"),))
        return request

    def unary_stream(self, request, context):
        yield request

    def stream_unary(self, requests, context):
        return b"".join(requests)

    def stream_stream(self, requests, context):
        yield from requests


class AioHandlers(Handlers):
    async def unary_unary(self, request, context):
        context.set_trailing_metadata((("own", "1"),))
        return request

    async def unary_stream(self, request, context):
        yield request

    async def stream_unary(self, requests, context):
        return b"".join([one async for one in requests])

    async def stream_stream(self, requests, context):
        async for one in requests:
            yield one


def call(channel, kind, user):
    """(answer, code, trailing metadata)"""
    request = iter([b"hi"]) if kind.startswith("stream") else b"hi"
    under_way = getattr(channel, kind)(f"/test.Test/{kind}")
    metadata = (("user", user),) if user else ()
    answer = None
    try:
        if kind.endswith("stream"):
            ended = under_way(request, metadata=metadata, timeout=20)
            answer = b"".join(ended)
        else:
            answer, ended = under_way.with_call(request, metadata=metadata, timeout=20)
    except grpc.RpcError as error:
        ended = error
    return answer, ended.code(), dict(ended.trailing_metadata())


@contextlib.contextmanager
def serving(limiter):
    server = grpc.server(
        concurrent.futures.ThreadPoolExecutor(4),
        interceptors=[RateLimitInterceptor(limiter, attributes)],
    )
    server.add_generic_rpc_handlers((Handlers(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as made:
        yield made
    server.stop(None)


@pytest.fixture
def channel(client):
    with serving(client.limiter) as made:
        yield made


@pytest.mark.parametrize("kind", KINDS)
def test_admitted_until_the_limit_is_used_up(channel, kind, fresh):
    for left in range(9, -1, -1):
        answer, code, trailing = call(channel, kind, fresh)
        assert (answer, code) == (b"hi", grpc.StatusCode.OK)
        assert trailing["ratelimit"].startswith(f'"per_user";r={left};t=')
    assert (trailing.get("own") == "1") is (kind == "unary_unary")
    answer, code, trailing = call(channel, kind, fresh)
    assert (answer, code) == (None, grpc.StatusCode.RESOURCE_EXHAUSTED)
    assert 0 < int(trailing["retry-after"]) <= 360
    assert trailing["ratelimit-policy"] == '"per_user";q=10;w=3600'


def test_what_is_not_limited(channel):
    answer, code, trailing = call(channel, "unary_unary", None)
    assert (answer, code, trailing.get("ratelimit")) == (b"hi", grpc.StatusCode.OK, None)
    with pytest.raises(grpc.RpcError) as unknown:
        channel.unary_unary("/test.Test/unknown")(b"", metadata=(("user", "u"),), timeout=20)
    assert unknown.value.code() is grpc.StatusCode.UNIMPLEMENTED


class Meeting:
    """A limiter that answers nobody before two ask."""

    def __init__(self):
        self._both = threading.Barrier(2, timeout=20)

    def allow(self, attributes, detail):
        self._both.wait()
        return Decision(pb.AllowResponse(allowed=attributes["user"] != "denied"))


def test_nobody_waits_for_anothers_answer():
    with serving(Meeting()) as channel, concurrent.futures.ThreadPoolExecutor(4) as callers:
        users = ("a", "b", "denied", "denied")
        codes = list(callers.map(lambda user: call(channel, "unary_unary", user)[1], users))
    assert codes == 2 * [grpc.StatusCode.OK] + 2 * [grpc.StatusCode.RESOURCE_EXHAUSTED]


async def aio_call(channel, kind, user):
    request = iter([b"hi"]) if kind.startswith("stream") else b"hi"
    ended = getattr(channel, kind)(f"/test.Test/{kind}")(
        request, metadata=(("user", user),), timeout=20
    )
    answer = None
    try:
        if kind.endswith("stream"):
            answer = b"".join([one async for one in ended])
        else:
            answer = await ended
    except grpc.aio.AioRpcError:
        pass
    return (
        answer,
        await ended.code(),
        {name: value for name, value in await ended.trailing_metadata()},
    )


@pytest_asyncio.fixture
async def aio_channel(aio_client):
    server = grpc.aio.server(interceptors=[AioRateLimitInterceptor(aio_client.limiter, attributes)])
    server.add_generic_rpc_handlers((AioHandlers(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as made:
        yield made
    await server.stop(None)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_for_asyncio(aio_channel, kind, fresh):
    for _ in range(10):
        answer, code, trailing = await aio_call(aio_channel, kind, fresh)
        assert (answer, code) == (b"hi", grpc.StatusCode.OK)
    assert trailing["ratelimit"].startswith('"per_user";r=0;t=')
    assert (trailing.get("own") == "1") is (kind == "unary_unary")
    answer, code, trailing = await aio_call(aio_channel, kind, fresh)
    assert (answer, code) == (None, grpc.StatusCode.RESOURCE_EXHAUSTED)
    assert 0 < int(trailing["retry-after"]) <= 360
