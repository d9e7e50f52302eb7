"""What the watch has told of breakers, and what that decides."""

from __future__ import annotations

import random
import time
from typing import NamedTuple

from outrigger._core.rpc import seconds
from outrigger._core.verdicts import Verdict
from outrigger.breaker.v1 import breaker_pb2 as pb

_MOST_LEARNED = 1000
_PASSES = (pb.CLOSED, pb.FORCED_CLOSED, pb.METRICS_ONLY)


class BreakerState(NamedTuple):
    """What is known of a breaker in this process."""

    #: The sidecar told it, and it is still valid; else what follows is its last word.
    known: bool
    #: Of the proto's `State`; None: it told nothing.
    state: str | None = None
    #: The share of calls that pass, 0 to 1.
    admit_ratio: float | None = None
    #: Grows with each change of state.
    generation: int | None = None


class _Told:
    """One message, ready to decide by."""

    __slots__ = ("message", "valid_until", "retry_at", "allowed", "always", "asks")

    def __init__(self, message: pb.WatchResponse, now: float) -> None:
        self.message = message
        self.valid_until = now + seconds(message.valid_for)
        retry_after = seconds(message.retry_after)
        self.retry_at = now + retry_after if retry_after else None
        if message.state == pb.OPEN:  # afterwards there are probes, of the sidecar's
            self.valid_until = min(self.valid_until, now + retry_after)
        self.allowed = Verdict(True, message.state, message.generation)
        passes = message.state in _PASSES
        self.always = passes and message.admit_ratio >= 1
        self.asks = (
            message.state == pb.HALF_OPEN
            or not passes
            and message.state not in (pb.OPEN, pb.FORCED_OPEN)
        )

    def denied(self, now: float) -> Verdict:
        retry_after = max(self.retry_at - now, 0.0) if self.retry_at is not None else None
        message = self.message
        return Verdict(
            False,
            message.state,
            message.generation,
            reason=message.reason,
            retry_after=retry_after,
            message=message.message,
        )


class WatchTable:
    """One writer, any number of readers: each message replaces an entry as a whole."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """It was told nothing."""
        self._told: dict[tuple[str, str], _Told] = {}
        self._learned: dict[tuple[str, str], int] = {}
        #: Of the stream that is open; 0: none is.
        self.session = 0

    def receive(self, message: pb.WatchResponse) -> None:
        if message.session and not self.session:
            self.session = message.session
        if not message.breaker:
            self._told = {}
            self._learned = {}
            return
        self._told[message.breaker, message.method] = _Told(message, time.monotonic())

    def learn(self, breaker: str, method: str, generation: int) -> None:
        """What the sidecar answered for a method: only one that has the breaker's own
        generation is decided by the breaker's state."""
        if method and (len(self._learned) < _MOST_LEARNED or (breaker, method) in self._learned):
            self._learned[breaker, method] = generation

    def ended(self) -> None:
        """The stream; what it told stays valid for its time."""
        self.session = 0

    def decide(self, breaker: str, method: str) -> Verdict | None:
        """None: the sidecar must be asked."""
        told = self._find(breaker, method)
        if told is None:
            return None
        now = time.monotonic()
        if now >= told.valid_until or told.asks:
            return None
        if told.always or told.message.admit_ratio > random.random():
            return told.allowed
        return told.denied(now)

    def state(self, breaker: str, method: str) -> BreakerState:
        told = self._find(breaker, method)
        if told is None:
            return BreakerState(False)
        message = told.message
        return BreakerState(
            time.monotonic() < told.valid_until,
            pb.State.Name(message.state),
            message.admit_ratio,
            message.generation,
        )

    def _find(self, breaker: str, method: str) -> _Told | None:
        told = self._told.get((breaker, method))
        if told is None and method:
            whole = self._told.get((breaker, ""))
            learned = self._learned.get((breaker, method))
            if whole is not None and learned == whole.message.generation:
                return whole
        return told
