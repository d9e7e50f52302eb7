"""Calls in a process where gRPC does not work any more: see `_core/forks.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable

import grpc


class StrandedCall(grpc.RpcError):  # type: ignore[misc]
    """Has ended before it began."""

    def code(self) -> Any:
        return grpc.StatusCode.UNAVAILABLE

    def details(self) -> str:
        return "gRPC was used before this process was forked"

    def __iter__(self) -> Iterator[Any]:
        raise self

    def cancel(self) -> bool:
        return False

    def add_done_callback(self, callback: Callable[[Any], object]) -> None:
        callback(self)


class StrandedMethod:
    """In place of one of a channel's."""

    def __init__(self, kind: str) -> None:
        self._answers = kind == "unary_unary"

    def __call__(self, *_: Any, **__: Any) -> StrandedCall:
        if self._answers:
            raise StrandedCall()
        return StrandedCall()

    def future(self, *_: Any, **__: Any) -> StrandedCall:
        return StrandedCall()
