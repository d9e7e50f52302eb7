"""A call with two directions: one task writes while there is something, one reads."""

from __future__ import annotations

import asyncio
from typing import Any, Callable

import grpc.aio
from google.protobuf.message import Message

from outrigger.aio.transport import Transport


class Stream:
    """`take` gives the next message to write, or None; `receive` gets each that
    comes; `ended` is called once, after the last. After that it may take once more:
    `take` is told who asks."""

    def __init__(
        self,
        transport: Transport,
        method: Any,
        take: Callable[[Stream], Message | None],
        receive: Callable[[Any], None],
        ended: Callable[[Stream], None],
    ) -> None:
        self._transport = transport
        self._take = take
        self._receive = receive
        self._ended = ended
        self._call = method()
        self._writer: asyncio.Task[None] | None = None
        self._reader = transport.start(self._read())

    def wake(self) -> None:
        """There is something to take. It is written at the loop's next turn: tasks
        that are ready now get in."""
        if self._writer is None:
            self._writer = self._transport.start(self._write())

    async def _write(self) -> None:
        try:
            message = self._take(self)
            while message is not None:
                await self._call.write(message)
                message = self._take(self)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            pass  # the reader hears of it, too
        finally:
            self._writer = None

    async def _read(self) -> None:
        try:
            message = await self._call.read()
            while message is not grpc.aio.EOF:
                self._receive(message)
                message = await self._call.read()
        except (grpc.aio.AioRpcError, asyncio.CancelledError):
            pass  # either way it has ended
        finally:
            self._call.cancel()  # if it is not over: nobody reads it any more
            self._ended(self)

    async def finish(self, timeout: float) -> None:
        """Ends the sending, and waits until the sidecar has ended its side."""
        try:
            await asyncio.wait_for(self._half_close(), timeout)
        except (asyncio.TimeoutError, grpc.aio.AioRpcError, asyncio.InvalidStateError):
            pass  # it is ended all the same
        finally:
            await self.cancel()

    async def _half_close(self) -> None:
        if self._writer is not None:
            await asyncio.wait([self._writer])
        await self._call.done_writing()
        await asyncio.wait([self._reader])

    async def cancel(self) -> None:
        """Ends it at once."""
        self._call.cancel()
        tasks = [task for task in (self._reader, self._writer) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
