"""The leases of a client: one Hold stream, and who renews them."""

from __future__ import annotations

import threading
import time
from typing import Any, Union

import grpc

from outrigger._core.hold_book import HoldBook
from outrigger._core.renewals import Renewals
from outrigger._core.rpc import HOLD, RENEW, seconds
from outrigger._sync.stream import Stream
from outrigger._sync.transport import Transport
from outrigger._sync.waiter import Waiter
from outrigger.errors import NotAcquired
from outrigger.leasing import Lease
from outrigger.outcomes import Classifier, Result
from outrigger.pool.v1 import pool_pb2 as pb

Answer = Union[Lease, NotAcquired]
#: Seconds that closing may wait for the sidecar to hear how leases went.
_FAREWELL = 0.05


class Hold:
    """Thread-safe. Leases are told that they are lost while no lock is held."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._book = HoldBook(self._release)
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork: leases are the parent's."""
        for lease in self._book.held:
            lease.strand()
        self._changed = threading.Condition()
        # All below is protected by it.
        self._book = HoldBook(self._release)
        self._renewals = Renewals()
        self._stream: Stream | None = None
        self._keeper: threading.Thread | None = None
        self._keeper_wakes: float | None = None
        self._closed = False

    def acquire(
        self, request: pb.AcquireRequest, classifier: Classifier, timeout: float
    ) -> Answer | None:
        """None: the sidecar did not answer. RequestError."""
        waiter: Waiter[Answer] = Waiter()
        with self._changed:
            if self._closed:
                return None
            stream = self._stream or self._open()
            number = self._book.ask(request, waiter, classifier)
        try:
            stream.wake()
            if waiter.wait(timeout):
                return waiter.result()
        except BaseException:
            self._leave(number, waiter, stream)
            if isinstance(waiter.answer, Lease):
                waiter.answer.release()
            raise
        self._leave(number, waiter, stream)
        return waiter.result()

    def _leave(self, number: int, waiter: Waiter[Answer], stream: Stream) -> None:
        with self._changed:
            if waiter.live:
                self._book.leave(number)
            mail = self._book.has_mail
        if mail:
            stream.wake()

    def _open(self) -> Stream:
        self._stream = Stream(
            self._transport.stream_stream(HOLD),
            self._take,
            self._receive,
            self._ended,
            "outrigger-hold",
        )
        return self._stream

    def _take(self, stream: Stream) -> pb.HoldRequest | None:
        with self._changed:
            return self._book.take() if stream is self._stream else None

    def _receive(self, message: pb.HoldResponse) -> None:
        with self._changed:
            lost = self._book.receive(message)
            stream = self._stream
            lease = self._book.lease(message.acquired.lease_id)
            if lease is not None:
                self._keep(time.monotonic() + self._renewals.plan(lease))
            mail = self._book.has_mail
        if stream is not None and mail:
            stream.wake()
        if lost is not None:
            lost.lose()

    def _ended(self, stream: Stream) -> None:
        with self._changed:
            if self._stream is not stream:
                return
            self._stream = None
            lost = self._book.broken()
        _lose(lost)

    def _release(self, lease: Lease, result: Result) -> None:
        with self._changed:
            self._book.release(lease, result)
            stream = self._stream
        if stream is not None:
            stream.wake()

    def _keep(self, renew_at: float) -> None:
        """There is a lease that wants to be renewed then."""
        if self._keeper is None:
            self._keeper = threading.Thread(
                target=self._renew_all, name="outrigger-renew", daemon=True
            )
            self._keeper.start()
        elif self._keeper_wakes is None or renew_at < self._keeper_wakes:
            self._changed.notify_all()

    def _renew_all(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                due = self._renewals.due(self._book.held)
                for lease in due.over:
                    self._book.lose(lease)
                if not due.renew and not due.over:
                    self._keeper_wakes = None if due.pause is None else time.monotonic() + due.pause
                    self._changed.wait(due.pause)
                    continue
            _lose(due.over)
            for lease in due.renew:
                self._renew(lease)

    def _renew(self, lease: Lease) -> None:
        asked_at = time.monotonic()
        call = self._transport.begin(RENEW, pb.RenewRequest(lease_id=lease.lease_id))
        if call is not None:
            call.add_done_callback(lambda done: self._renewed(lease, asked_at, done))

    def _renewed(self, lease: Lease, asked_at: float, call: Any) -> None:
        """On a thread of gRPC's."""
        code = call.code()
        if code is grpc.StatusCode.OK:
            with self._changed:
                self._renewals.renewed(lease, asked_at, seconds(call.result().expires_after))
        elif code is grpc.StatusCode.NOT_FOUND:
            with self._changed:
                lost = self._book.lose(lease)
            if lost:
                lease.lose()

    @property
    def pending(self) -> int:
        with self._changed:
            return self._book.pending

    def close(self) -> None:
        with self._changed:
            self._closed = True
            stream, keeper = self._stream, self._keeper
            lost = self._book.held
            for lease in lost:
                self._book.release(lease, Result.IGNORED)
            waiting = self._book.waiting
            self._changed.notify_all()
        _lose(lost)
        if stream is not None:
            stream.wake()
            if waiting:
                stream.cancel()
            else:
                stream.finish(_FAREWELL)
        if keeper is not None and keeper is not threading.current_thread():
            keeper.join()


def _lose(leases: list[Lease]) -> None:
    for lease in leases:
        lease.lose()
