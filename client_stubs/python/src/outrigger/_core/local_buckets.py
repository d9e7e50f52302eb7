"""Token buckets of this process, for when the sidecar does not answer."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Callable

from outrigger._core.rpc import duration
from outrigger.ratelimit.v1 import rate_limiter_pb2 as pb

MOST_BUCKETS = 10_000


class LocalBuckets:
    """One bucket for each set of attributes; the least recently used are
    forgotten. Thread-safe."""

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """All buckets are full; in a child after a fork, too."""
        self._lock = threading.Lock()
        # Each is [tokens, when they were counted].
        self._buckets: OrderedDict[frozenset[tuple[str, str]], list[float]] = OrderedDict()

    def take(self, attributes: Mapping[str, str], cost: int) -> pb.AllowResponse:
        """All of `cost`, or nothing. 0 only looks whether 1 could be had."""
        needed = max(cost, 1)
        with self._lock:
            bucket = self._bucket(frozenset(attributes.items()))
            allowed = bucket[0] >= needed
            if allowed and cost:
                bucket[0] -= cost
            tokens = bucket[0]
        answer = pb.AllowResponse(
            allowed=allowed,
            remaining=int(tokens),
            reset_after=duration((self._burst - tokens) / self._rate),
        )
        if not allowed and needed <= self._burst:
            answer.retry_after.CopyFrom(duration((needed - tokens) / self._rate))
        return answer

    def _bucket(self, key: frozenset[tuple[str, str]]) -> list[float]:
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = [float(self._burst), now]
            if len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
            return bucket
        self._buckets.move_to_end(key)
        bucket[0] = min(float(self._burst), bucket[0] + (now - bucket[1]) * self._rate)
        bucket[1] = now
        return bucket
