"""Headers, classification and codecs."""

import asyncio
import urllib.error

import grpc
import httpx
import pytest

from outrigger import (
    BYTES,
    JSON,
    TEXT,
    Decision,
    NotAcquired,
    Result,
    Source,
    classify,
    rate_limit_headers,
)
from outrigger.ratelimit.v1 import rate_limiter_pb2 as pb


def decision(source=Source.SIDECAR, **fields):
    return Decision(pb.AllowResponse(**fields), source)


def status(name, **fields):
    return pb.LimitStatus(
        limit=name,
        burst=20,
        remaining=3,
        window={"seconds": 60},
        reset_after={"seconds": 35, "nanos": 1},
        **fields,
    )


def test_headers_of_an_admitted_request():
    assert rate_limit_headers(decision(allowed=True, statuses=[status("a"), status('b"\\')])) == {
        "RateLimit": '"a";r=3;t=36, "b\\"\\\\";r=3;t=36',
        "RateLimit-Policy": '"a";q=20;w=60, "b\\"\\\\";q=20;w=60',
    }


def test_headers_of_a_denied_request():
    headers = rate_limit_headers(
        decision(
            retry_after={"seconds": 2, "nanos": 1},
            statuses=[status("a"), status("b", shadow=True), status("c", unlimited=True)],
        )
    )
    assert headers == {
        "Retry-After": "3",
        "RateLimit": '"a";r=3;t=36',
        "RateLimit-Policy": '"a";q=20;w=60',
    }


def test_headers_of_what_can_never_be_admitted():
    assert rate_limit_headers(decision(statuses=[])) == {}


def test_headers_of_a_fallback():
    assert rate_limit_headers(
        decision(Source.FALLBACK, retry_after={"seconds": 1}, statuses=[status("a")])
    ) == {"Retry-After": "1"}


class RpcError(grpc.RpcError):
    def __init__(self, code):
        self._code = code

    def code(self):
        return self._code


def http_error(code):
    request = httpx.Request("GET", "http://a")
    return httpx.HTTPStatusError("", request=request, response=httpx.Response(code))


@pytest.mark.parametrize(
    "error, result",
    [
        (asyncio.CancelledError(), Result.IGNORED),
        (KeyboardInterrupt(), Result.IGNORED),
        (NotAcquired("p", "TIMEOUT", None, None, Source.SIDECAR), Result.IGNORED),
        (ValueError(), Result.FAILURE),
        (ConnectionRefusedError(), Result.FAILURE),
        (http_error(404), Result.SUCCESS),
        (http_error(429), Result.SUCCESS),
        (http_error(503), Result.FAILURE),
        (httpx.ConnectError(""), Result.FAILURE),
        (urllib.error.HTTPError("http://a", 404, "", None, None), Result.SUCCESS),
        (urllib.error.HTTPError("http://a", 500, "", None, None), Result.FAILURE),
        (RpcError(grpc.StatusCode.NOT_FOUND), Result.SUCCESS),
        (RpcError(grpc.StatusCode.CANCELLED), Result.IGNORED),
        (RpcError(grpc.StatusCode.UNAVAILABLE), Result.FAILURE),
        (RpcError(grpc.StatusCode.DEADLINE_EXCEEDED), Result.FAILURE),
    ],
)
def test_the_usual_classification(error, result):
    assert classify(error) is result


@pytest.mark.parametrize(
    "codec, value",
    [(JSON, {"a": [1, "ä", None]}), (JSON, 0), (TEXT, ""), (TEXT, "ä"), (BYTES, b"\0\xff")],
)
def test_codecs_give_back_what_they_take(codec, value):
    assert codec.decode(codec.encode(value)) == value


@pytest.mark.parametrize("codec, value", [(TEXT, 1), (BYTES, "text"), (JSON, object())])
def test_codecs_refuse_what_they_cannot_write(codec, value):
    with pytest.raises(TypeError):
        codec.encode(value)
