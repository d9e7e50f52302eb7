"""Hears the states of all breakers."""

from __future__ import annotations

import asyncio

import grpc.aio

from outrigger._core.rpc import BREAKER_WATCH
from outrigger._core.watch_table import WatchTable
from outrigger.aio.transport import Transport
from outrigger.breaker.v1 import breaker_pb2 as pb

_SHORTEST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class Watch:
    """Has a task from `open` on, which opens the stream again when it ends."""

    def __init__(self, transport: Transport, table: WatchTable) -> None:
        self._transport = transport
        self._table = table
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork."""
        self._table.reset()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Again is no error."""
        if self._task is None:
            self._task = self._transport.start(self._run())

    async def _run(self) -> None:
        pause = _SHORTEST_PAUSE
        while True:
            if await self._listen():
                pause = _SHORTEST_PAUSE
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _listen(self) -> bool:
        """Until the stream ends. True: it told something."""
        told = False
        call = self._transport.unary_stream(BREAKER_WATCH)(pb.WatchRequest(), wait_for_ready=True)
        try:
            async for message in call:
                self._table.receive(message)
                told = True
        except grpc.aio.AioRpcError:
            pass  # it is opened again
        finally:
            call.cancel()
            self._table.ended()
        return told

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
