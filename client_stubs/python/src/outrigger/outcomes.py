"""How a call ended, as breakers and pools count it."""

from __future__ import annotations

import asyncio
import enum
import logging
from typing import Any, Callable

import grpc

from outrigger.breaker.v1 import breaker_pb2 as pb
from outrigger.errors import OutriggerError

_log = logging.getLogger("outrigger")


class Result(enum.Enum):
    """How a call ended."""

    #: The service works; also if it refused what was the caller's own fault.
    SUCCESS = pb.SUCCESS
    #: The service does not work.
    FAILURE = pb.FAILURE
    #: It says nothing about the service.
    IGNORED = pb.IGNORED


#: Tells of an error that a call raised what it says about the service.
Classifier = Callable[[BaseException], Result]

# The caller left, or was refused (by another breaker, a pool, a limit) before it
# came to the service.
_SAYS_NOTHING = (
    asyncio.CancelledError,
    KeyboardInterrupt,
    SystemExit,
    GeneratorExit,
    OutriggerError,
)
_CALLERS_DOING = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.OUT_OF_RANGE,
}


def classify(error: BaseException) -> Result:
    """The usual classification.

    Cancelled by the caller, or refused by this library: IGNORED. An HTTP status
    below 500 (of httpx, requests, aiohttp or urllib), and gRPC codes that are the
    caller's doing: SUCCESS, for the service works. Everything else: FAILURE.
    """
    if isinstance(error, _SAYS_NOTHING):
        return Result.IGNORED
    if isinstance(error, grpc.RpcError):
        return _of_grpc(error)
    status = _http_status(error)
    if status is not None and status < 500:
        return Result.SUCCESS
    return Result.FAILURE


def judge(classifier: Classifier, error: BaseException) -> Result:
    """What the caller's own classifier says; FAILURE if that fails."""
    try:
        return checked(classifier(error))
    except Exception:
        _log.warning("a classifier failed", exc_info=True)
        return Result.FAILURE


def checked(result: object) -> Result:
    """What is no Result counts as FAILURE."""
    return result if isinstance(result, Result) else Result.FAILURE


def _of_grpc(error: Any) -> Result:
    code = error.code() if hasattr(error, "code") else None
    if code is grpc.StatusCode.CANCELLED:
        return Result.IGNORED
    return Result.SUCCESS if code in _CALLERS_DOING else Result.FAILURE


def _http_status(error: Any) -> int | None:
    """Of an error that an HTTP client raised for an answer."""
    response = getattr(error, "response", None)  # httpx, requests
    for status in (
        getattr(response, "status_code", None),
        getattr(error, "status", None),  # aiohttp, urllib
        getattr(error, "code", None),
    ):  # urllib before Python 3.9
        if isinstance(status, int) and 100 <= status < 600:
            return status
    return None
