"""How many calls there were, and how many a fallback answered."""

from __future__ import annotations

import threading
from typing import NamedTuple


class PartStats(NamedTuple):
    """Of one part of one client, since it was made."""

    #: Questions that were asked.
    calls: int
    #: Of those, the ones that the sidecar did not answer.
    fallbacks: int


class Stats(NamedTuple):
    """Of one client."""

    limits: PartStats
    cache: PartStats
    breaker: PartStats
    pool: PartStats
    #: Outcomes of breakers' calls that were never told to the sidecar.
    outcomes_dropped: int


class Counter:
    """Counts calls of one part. Thread-safe."""

    __slots__ = ("_lock", "_calls", "_fallbacks")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """From 0; in a child after a fork, too."""
        self._lock = threading.Lock()
        self._calls = 0
        self._fallbacks = 0

    def call(self, count: int = 1) -> None:
        with self._lock:
            self._calls += count

    def fallback(self, count: int = 1) -> None:
        with self._lock:
            self._fallbacks += count

    def read(self) -> PartStats:
        with self._lock:
            return PartStats(self._calls, self._fallbacks)
