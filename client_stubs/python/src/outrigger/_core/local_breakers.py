"""This process' own record of breakers, for when the sidecar does not answer."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Callable

from outrigger._core.verdicts import Verdict
from outrigger.breaker.v1 import breaker_pb2 as pb
from outrigger.fallbacks import BreakerFallback
from outrigger.outcomes import Result
from outrigger.source import Source

MOST_RECORDS = 10_000


class _Record:
    """Closed while `opened_at` is None."""

    __slots__ = ("failures", "opened_at", "probing_since", "epoch")

    def __init__(self) -> None:
        self.failures = 0
        self.opened_at: float | None = None
        self.probing_since: float | None = None
        self.epoch = 0  # outcomes of an earlier one do not count


class LocalBreakers:
    """One record for each breaker and method; the least recently used are
    forgotten. Thread-safe."""

    def __init__(
        self, fallback: BreakerFallback, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fallback = fallback
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """All are closed; in a child after a fork, too."""
        self._lock = threading.Lock()
        self._records: OrderedDict[tuple[str, str], _Record] = OrderedDict()

    def decide(self, breaker: str, method: str) -> Verdict:
        if self._fallback.mode == "allow":
            return Verdict(True, pb.CLOSED, source=Source.FALLBACK)
        if self._fallback.mode == "deny":
            return Verdict(
                False,
                pb.OPEN,
                source=Source.FALLBACK,
                retry_after=1.0,
                message="the sidecar does not answer",
            )
        with self._lock:
            return self._decide(self._record(breaker, method), self._clock())

    def _decide(self, record: _Record, now: float) -> Verdict:
        def denied(state: int, reason: int, until: float, message: str) -> Verdict:
            return Verdict(
                False,
                state,
                source=Source.FALLBACK,
                reason=reason,
                retry_after=max(until - now, 0.0),
                message=message,
            )

        open_for = self._fallback.open_for
        if record.opened_at is None:
            return Verdict(True, pb.CLOSED, record.epoch, local=True, source=Source.FALLBACK)
        half_open_at = record.opened_at + open_for
        if now < half_open_at:
            return denied(
                pb.OPEN,
                pb.CONSECUTIVE_FAILURES,
                half_open_at,
                f"{record.failures} calls in a row failed, in this process",
            )
        if record.probing_since is not None and now < record.probing_since + open_for:
            return denied(
                pb.HALF_OPEN,
                pb.PROBES_IN_USE,
                record.probing_since + open_for,
                "a probe of this process is out",
            )
        record.probing_since = now
        record.epoch += 1  # of this probe alone
        return Verdict(
            True, pb.HALF_OPEN, record.epoch, probe=True, local=True, source=Source.FALLBACK
        )

    def record(self, breaker: str, method: str, verdict: Verdict, result: Result) -> None:
        """How a call ended that `decide` let through."""
        with self._lock:
            record = self._record(breaker, method)
            if verdict.generation != record.epoch:
                return
            if result is Result.IGNORED:
                record.probing_since = None
            elif result is Result.SUCCESS:
                record.failures, record.opened_at, record.probing_since = 0, None, None
            else:
                record.failures += 1
                if verdict.probe or record.failures >= self._fallback.failures:
                    record.opened_at, record.probing_since = self._clock(), None
                    record.epoch += 1

    def _record(self, breaker: str, method: str) -> _Record:
        key = (breaker, method)
        record = self._records.get(key)
        if record is None:
            record = self._records[key] = _Record()
            if len(self._records) > MOST_RECORDS:
                self._records.popitem(last=False)
        self._records.move_to_end(key)
        return record
