"""Tells the sidecar how breakers' calls ended."""

from __future__ import annotations

import asyncio

from outrigger._core.outcome_queue import PATIENCE, OutcomeQueue, by_breaker
from outrigger._core.rpc import BREAKER_REPORT
from outrigger._core.verdicts import Outcome
from outrigger.aio.transport import Transport
from outrigger.breaker.v1 import breaker_pb2 as pb
from outrigger.errors import OutriggerError, RequestError
from outrigger.outcomes import Result


class Reporter:
    """Has a task while there is something to tell."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork."""
        self._queue = OutcomeQueue()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._urgent = False
        self._closed = False
        # Who waits, and until how many are settled.
        self._flushes: list[tuple[int, asyncio.Future[None]]] = []

    def add(self, outcome: Outcome) -> None:
        if self._closed:
            self._queue.dropped += 1
            return
        self._queue.add(outcome)
        if outcome.result is Result.FAILURE or outcome.verdict.probe:
            self._urgent = True
            self._start()
        elif self._timer is None and self._task is None:
            self._timer = self._transport.loop.call_later(PATIENCE, self._start)

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is None and self._queue:
            self._task = self._transport.start(self._tell())

    async def _tell(self) -> None:
        """One message; what is urgent, or too much, is told in the next at once."""
        self._urgent = False
        request = self._queue.take()
        try:
            await self._send(request)
        finally:
            self._task = None
        self._settled()
        if self._urgent or self._closed or self._flushes:
            self._start()
        elif self._queue:
            self._timer = self._transport.loop.call_later(PATIENCE, self._start)

    async def _send(self, request: pb.ReportRequest) -> None:
        answered, mistaken = False, False
        try:
            answered = await self._transport.call(BREAKER_REPORT, request) is not None
        except RequestError:
            parts = by_breaker(request)
            if len(parts) > 1:
                for part in parts:
                    await self._send(part)
                return
            mistaken = True
        except OutriggerError:
            pass  # closed
        self._queue.told(request, answered)
        if self._closed and not answered and not mistaken:
            self._queue.give_up()

    def _settled(self) -> None:
        for until, waiter in self._flushes:
            if self._queue.settled >= until and not waiter.done():
                waiter.set_result(None)
        self._flushes = [one for one in self._flushes if not one[1].done()]

    async def flush(self) -> None:
        """Returns when all outcomes so far have been answered or given up."""
        if self._queue.settled < self._queue.added:
            waiter = self._transport.loop.create_future()
            self._flushes.append((self._queue.added, waiter))
            self._start()
            await waiter

    @property
    def dropped(self) -> int:
        return self._queue.dropped

    async def close(self) -> None:
        """Tells what is left, if the sidecar answers."""
        self._closed = True
        await self.flush()
