"""When leases are to be renewed: when half of their time has passed."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

from outrigger.leasing import Lease

#: Seconds before a renewal that got no answer is tried again.
_AGAIN = 0.25


class Due(NamedTuple):
    """What is to be done now."""

    renew: list[Lease]
    over: list[Lease]
    #: Seconds until there may be more; None: nothing is held.
    pause: float | None


class Renewals:
    """Not thread-safe: its owner locks, or has one thread."""

    def __init__(self) -> None:
        self._next: dict[int, float] = {}  # by lease: when to renew it

    def plan(self, lease: Lease) -> float:
        """Of a new one: the seconds until it is to be renewed. Some of its time may
        have passed before its answer came."""
        assert lease.expires_at is not None
        left = max(lease.expires_at - time.monotonic(), 0)
        self._next[lease.lease_id] = lease.expires_at - left / 2
        return left / 2

    def due(self, held: Iterable[Lease]) -> Due:
        """Of the leases that are held. Who is told to renew one does so, and says
        `renewed`; else it is told again."""
        now = time.monotonic()
        renew: list[Lease] = []
        over: list[Lease] = []
        following: dict[int, float] = {}
        soonest: float | None = None
        for lease in held:
            assert lease.expires_at is not None
            if now >= lease.expires_at:
                over.append(lease)
                continue
            at = self._next.get(lease.lease_id) or (now + lease.expires_at) / 2
            if now >= at:
                renew.append(lease)
                at = now + _AGAIN
            following[lease.lease_id] = at
            at = min(at, lease.expires_at)
            soonest = at if soonest is None else min(soonest, at)
        self._next = following
        return Due(renew, over, None if soonest is None else max(soonest - now, 0.001))

    def renewed(self, lease: Lease, asked_at: float, expires_after: float) -> None:
        lease.expires_at = asked_at + expires_after
        if lease.lease_id in self._next:
            self._next[lease.lease_id] = asked_at + expires_after / 2
