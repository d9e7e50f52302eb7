"""The leases of a client: one Hold stream, and who renews them."""

from __future__ import annotations

import asyncio
import time
from typing import Union

from outrigger._core.hold_book import HoldBook
from outrigger._core.renewals import Renewals
from outrigger._core.rpc import HOLD, RENEW, seconds
from outrigger.aio.stream import Stream
from outrigger.aio.transport import Transport
from outrigger.errors import NotAcquired, OutriggerError, RequestError
from outrigger.leasing import Lease
from outrigger.outcomes import Classifier, Result
from outrigger.pool.v1 import pool_pb2 as pb

Answer = Union[Lease, NotAcquired]
#: Seconds that closing may wait for the sidecar to hear how leases went.
_FAREWELL = 0.05


class _Waiting:
    """A task that wants a lease."""

    def __init__(self, future: asyncio.Future[Answer | None]) -> None:
        self.future = future

    def settle(self, answer: Answer | None, error: OutriggerError | None = None) -> None:
        if self.future.done():  # cancelled, and not yet noticed
            if isinstance(answer, Lease):
                answer.release()
        elif error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(answer)


class Hold:
    """One event loop's."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._book = HoldBook(self._release)
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork: leases are the parent's."""
        for lease in self._book.held:
            lease.strand()
        self._book = HoldBook(self._release)
        self._renewals = Renewals()
        self._stream: Stream | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._renewing: set[asyncio.Task[None]] = set()
        self._closed = False

    async def acquire(
        self, request: pb.AcquireRequest, classifier: Classifier, timeout: float
    ) -> Answer | None:
        """None: the sidecar did not answer. RequestError."""
        future: asyncio.Future[Answer | None] = self._transport.loop.create_future()
        if self._stream is None:
            self._open()
        number = self._book.ask(request, _Waiting(future), classifier)
        self._write()
        timer = self._transport.loop.call_later(timeout, _give_up, future)
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and not future.exception():
                answer = future.result()  # it came in the same turn of the loop
                if isinstance(answer, Lease):
                    answer.release()
            raise
        finally:
            timer.cancel()
            self._book.leave(number)
            self._write()

    def _open(self) -> None:
        self._stream = Stream(
            self._transport,
            self._transport.stream_stream(HOLD),
            self._take,
            self._receive,
            self._ended,
        )

    def _take(self, stream: Stream) -> pb.HoldRequest | None:
        return self._book.take() if stream is self._stream else None

    def _write(self) -> None:
        if self._stream is not None and self._book.has_mail:
            self._stream.wake()

    def _receive(self, message: pb.HoldResponse) -> None:
        lost = self._book.receive(message)
        lease = self._book.lease(message.acquired.lease_id)
        if lease is not None:
            self._keep(self._renewals.plan(lease))
        self._write()
        if lost is not None:
            lost.lose()

    def _ended(self, stream: Stream) -> None:
        if self._stream is stream:
            self._stream = None
            _lose(self._book.broken())

    def _release(self, lease: Lease, result: Result) -> None:
        self._book.release(lease, result)
        self._write()

    def _keep(self, renew_in: float) -> None:
        """There is a lease that wants to be renewed then."""
        loop = self._transport.loop
        if self._timer is not None:
            if self._timer.when() <= loop.time() + renew_in:
                return
            self._timer.cancel()
        self._timer = loop.call_later(renew_in, self._renew_all)

    def _renew_all(self) -> None:
        self._timer = None
        due = self._renewals.due(self._book.held)
        for lease in due.over:
            self._book.lose(lease)
        for lease in due.renew:
            task = self._transport.start(self._renew(lease))
            self._renewing.add(task)
            task.add_done_callback(self._renewing.discard)
        if due.pause is not None:
            self._keep(due.pause)
        _lose(due.over)

    async def _renew(self, lease: Lease) -> None:
        asked_at = time.monotonic()
        try:
            answer = await self._transport.call(RENEW, pb.RenewRequest(lease_id=lease.lease_id))
        except RequestError:
            if self._book.lose(lease):
                lease.lose()
            return
        if answer is not None:
            self._renewals.renewed(lease, asked_at, seconds(answer.expires_after))

    @property
    def pending(self) -> int:
        return self._book.pending

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        lost = self._book.held
        waiting = self._book.waiting
        for lease in lost:
            self._book.release(lease, Result.IGNORED)
        _lose(lost)
        for task in list(self._renewing):
            task.cancel()
        stream = self._stream
        if stream is not None:
            stream.wake()
            if waiting:
                await stream.cancel()
            else:
                await stream.finish(_FAREWELL)


def _give_up(future: asyncio.Future[Answer | None]) -> None:
    if not future.done():
        future.set_result(None)


def _lose(leases: list[Lease]) -> None:
    for lease in leases:
        lease.lose()
