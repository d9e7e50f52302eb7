"""The sidecar's methods, and what their statuses mean to a caller."""

from __future__ import annotations

from typing import Any, NamedTuple

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

from outrigger.breaker.v1 import breaker_pb2 as breaker
from outrigger.cache.v1 import cache_pb2 as cache
from outrigger.errors import RequestError
from outrigger.pool.v1 import pool_pb2 as pool
from outrigger.ratelimit.v1 import rate_limiter_pb2 as limits

#: Numbers of the codes that can only be the caller's mistake.
CALLER_ERRORS = {
    code.value[0]: code.name
    for code in (
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.OUT_OF_RANGE,
    )
}


class Method(NamedTuple):
    """One method of the sidecar's."""

    path: str
    request: type[Message]
    response: type[Message]


def _method(
    package: str, service: str, name: str, messages: Any, request: str = "", response: str = ""
) -> Method:
    return Method(
        f"/outrigger.{package}.v1.{service}/{name}",
        getattr(messages, request or name + "Request"),
        getattr(messages, response or name + "Response"),
    )


ALLOW = _method("ratelimit", "RateLimiter", "Allow", limits)
ALLOW_STREAM = _method("ratelimit", "RateLimiter", "AllowStream", limits)
REPORT_CALL = _method("ratelimit", "RateLimiter", "Report", limits)
REFUND = _method("ratelimit", "RateLimiter", "Refund", limits)

GET = _method("cache", "Cache", "Get", cache)
GET_MANY = _method("cache", "Cache", "GetMany", cache)
SET = _method("cache", "Cache", "Set", cache)
SET_MANY = _method("cache", "Cache", "SetMany", cache)
ABANDON = _method("cache", "Cache", "Abandon", cache)
DELETE = _method("cache", "Cache", "Delete", cache)
INVALIDATE = _method("cache", "Cache", "Invalidate", cache)

BREAKER_ACQUIRE = _method("breaker", "Breaker", "Acquire", breaker)
BREAKER_REPORT = _method("breaker", "Breaker", "Report", breaker)
BREAKER_WATCH = _method("breaker", "Breaker", "Watch", breaker)

HOLD = _method("pool", "Pool", "Hold", pool)
RENEW = _method("pool", "Pool", "Renew", pool)


def caller_error(code: int, message: str) -> RequestError | None:
    """The error for the caller, if a status with this number is one; else the
    sidecar counts as not having answered."""
    name = CALLER_ERRORS.get(code)
    return RequestError(name, message) if name else None


def seconds(duration: Duration) -> float:
    return duration.seconds + duration.nanos / 1e9


def duration(value: float) -> Duration:
    """Of a time in seconds."""
    whole = int(value // 1)
    return Duration(seconds=whole, nanos=int((value - whole) * 1e9))
