"""What is asked for and what is held on a Hold stream.

Nothing is kept of whoever has gone: an acquire that is answered too late belongs
to nobody, and is released at once.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Protocol

from outrigger._core.rpc import caller_error, seconds
from outrigger.errors import NotAcquired, OutriggerError
from outrigger.leasing import GiveBack, Lease
from outrigger.outcomes import Classifier, Result
from outrigger.pool.v1 import pool_pb2 as pb
from outrigger.source import Source


class Waiter(Protocol):
    """Who waits for a lease."""

    def settle(
        self, answer: Lease | NotAcquired | None, error: OutriggerError | None = None
    ) -> None:
        """With neither, the sidecar did not answer."""


class _Asked:
    """An acquire that is not answered."""

    __slots__ = ("pool", "at", "waiter", "classifier")

    def __init__(self, pool: str, waiter: Waiter, classifier: Classifier) -> None:
        self.pool = pool
        self.at = time.monotonic()  # not later than it is sent
        self.waiter = waiter
        self.classifier = classifier


class HoldBook:
    """Not thread-safe: its owner locks, or has one thread."""

    def __init__(self, give_back: GiveBack) -> None:
        self._give_back = give_back
        self._asked: dict[int, _Asked] = {}
        self._held: dict[int, Lease] = {}
        # Lost to their holders, who have not released them yet. The stream may hold
        # them still, if the sidecar hung for less than its own share lasts.
        self._lost: dict[int, Lease] = {}
        # Not written yet, by their ids, in order.
        self._outbox: OrderedDict[int, pb.HoldRequest] = OrderedDict()
        self._last_id = 0

    def ask(self, request: pb.AcquireRequest, waiter: Waiter, classifier: Classifier) -> int:
        """For `leave`, the id."""
        number = self._send(acquire=request)
        self._asked[number] = _Asked(request.pool, waiter, classifier)
        return number

    def leave(self, number: int) -> None:
        """Its waiter has gone."""
        asked = self._asked.pop(number, None) is not None
        if asked and self._outbox.pop(number, None) is None:
            self._send(cancel=number)

    def release(self, lease: Lease, result: Result) -> None:
        """Of one that is not this stream's any more: nothing."""
        for leases in (self._held, self._lost):
            if leases.get(lease.lease_id) is lease:
                del leases[lease.lease_id]
                self._send_release(lease.lease_id, result)

    def take(self) -> pb.HoldRequest | None:
        """The next message to write; None: there is none."""
        return self._outbox.popitem(last=False)[1] if self._outbox else None

    def receive(self, message: pb.HoldResponse) -> Lease | None:
        """The lease that is lost by it, if one is."""
        kind = message.WhichOneof("response")
        if kind == "lost_lease_id":
            self._lost.pop(message.lost_lease_id, None)
            return self._held.pop(message.lost_lease_id, None)
        if kind == "acquired":
            self._acquired(message.id, message.acquired)
        elif kind == "error":
            asked = self._asked.pop(message.id, None)
            if asked is not None:
                asked.waiter.settle(None, caller_error(message.error.code, message.error.message))
        return None

    def _acquired(self, number: int, answer: pb.AcquireResponse) -> None:
        asked = self._asked.pop(number, None)
        if asked is None:
            if answer.acquired:
                self._send_release(answer.lease_id, Result.IGNORED)
        elif answer.acquired:
            lease = self._lease(asked, answer)
            self._held[answer.lease_id] = lease
            asked.waiter.settle(lease)
        else:
            asked.waiter.settle(refusal(asked.pool, answer))

    def _lease(self, asked: _Asked, answer: pb.AcquireResponse) -> Lease:
        endpoint = answer.endpoint if answer.HasField("endpoint") else None
        lasts = seconds(answer.waited) + seconds(answer.expires_after)
        return Lease(
            asked.pool,
            self._give_back,
            asked.classifier,
            lease_id=answer.lease_id,
            endpoint=endpoint.address if endpoint else None,
            zone=endpoint.zone if endpoint else "",
            fencing_token=answer.fencing_token,
            overflow=answer.overflow,
            panic=answer.panic,
            expires_at=asked.at + lasts,
        )

    def lease(self, lease_id: int) -> Lease | None:
        """The one that is held by this id."""
        return self._held.get(lease_id)

    def lose(self, lease: Lease) -> bool:
        """It was held until now, and is lost to its holder."""
        if self._held.get(lease.lease_id) is not lease:
            return False
        self._lost[lease.lease_id] = self._held.pop(lease.lease_id)
        return True

    def broken(self) -> list[Lease]:
        """The stream has ended: settles who waits. The leases that are lost by it."""
        asked, self._asked = self._asked, {}
        held, self._held = self._held, {}
        self._lost.clear()
        self._outbox.clear()
        for one in asked.values():
            one.waiter.settle(None)
        return list(held.values())

    @property
    def has_mail(self) -> bool:
        """There is something to take."""
        return bool(self._outbox)

    @property
    def held(self) -> list[Lease]:
        return list(self._held.values())

    @property
    def waiting(self) -> bool:
        return bool(self._asked)

    @property
    def pending(self) -> int:
        """All that is kept."""
        return len(self._asked) + len(self._held) + len(self._lost) + len(self._outbox)

    def _send_release(self, lease_id: int, result: Result) -> None:
        self._send(release=pb.ReleaseRequest(lease_id=lease_id, result=result.name))

    def _send(self, **request: object) -> int:
        self._last_id += 1
        self._outbox[self._last_id] = pb.HoldRequest(id=self._last_id, **request)  # type: ignore[arg-type]
        return self._last_id


def refusal(pool: str, answer: pb.AcquireResponse) -> NotAcquired:
    """The sidecar's."""
    advice = pb.Advice.Name(answer.advice) if answer.advice else None
    retry_after = seconds(answer.retry_after) if answer.HasField("retry_after") else None
    return NotAcquired(pool, pb.Reason.Name(answer.reason), advice, retry_after, Source.SIDECAR)
