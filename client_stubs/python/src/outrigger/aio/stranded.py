"""Calls in a process where gRPC does not work any more: see `_core/forks.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from typing import Any

import grpc
import grpc.aio


class StrandedCall:
    """Has ended before it began."""

    def _error(self) -> Exception:
        return grpc.aio.AioRpcError(  # type: ignore[no-any-return]
            grpc.StatusCode.UNAVAILABLE,
            grpc.aio.Metadata(),
            grpc.aio.Metadata(),
            "gRPC was used before this process was forked",
        )

    def __await__(self) -> Generator[Any, None, Any]:
        yield from ()
        raise self._error()

    async def read(self) -> Any:
        raise self._error()

    async def write(self, message: Any) -> None:
        raise self._error()

    async def done_writing(self) -> None:
        raise self._error()

    async def __aiter__(self) -> AsyncIterator[Any]:
        raise self._error()
        yield  # makes it an iterator

    def cancel(self) -> bool:
        return False


def stranded_method(*_: Any, **__: Any) -> StrandedCall:
    """In place of one of a channel's."""
    return StrandedCall()
