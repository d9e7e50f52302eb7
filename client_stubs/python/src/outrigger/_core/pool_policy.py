"""Leases of this process, for when the sidecar does not answer."""

from __future__ import annotations

import threading
from collections import Counter

from outrigger._core.rpc import duration
from outrigger.errors import NotAcquired
from outrigger.fallbacks import PoolFallback
from outrigger.leasing import Lease
from outrigger.outcomes import Classifier, Result
from outrigger.pool.v1 import pool_pb2 as pb
from outrigger.source import Source

ROLES = {"": pb.ROLE_UNSPECIFIED, "PRIMARY": pb.PRIMARY, "REPLICA": pb.REPLICA, "SHARD": pb.SHARD}


def acquire_request(
    pool: str, max_wait: float, role: str, session_key: str, avoid: tuple[str, ...]
) -> pb.AcquireRequest:
    return pb.AcquireRequest(
        pool=pool,
        max_wait=duration(max_wait),
        role=ROLES[role.upper()],
        session_key=session_key,
        avoid=avoid,
    )


class PoolPolicy:
    """Answers what the sidecar did not. Thread-safe."""

    def __init__(self, fallback: PoolFallback) -> None:
        self._fallback = fallback
        self.reset()

    def reset(self) -> None:
        """Nothing is held; in a child after a fork, too."""
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()

    def acquire(self, pool: str, classifier: Classifier) -> Lease:
        """Raises NotAcquired."""
        fallback = self._fallback
        if fallback.mode == "share":
            with self._lock:
                if self._held[pool] < fallback.share:
                    self._held[pool] += 1
                    endpoint: str | None = fallback.endpoint or None
                    return Lease(
                        pool, self._give_back, classifier, endpoint=endpoint, source=Source.FALLBACK
                    )
        raise NotAcquired(pool, "STORE_UNAVAILABLE", "RETRY", 1.0, Source.FALLBACK)

    def _give_back(self, lease: Lease, result: Result) -> None:
        with self._lock:
            self._held[lease.pool] -= 1
            if not self._held[lease.pool]:
                del self._held[lease.pool]
