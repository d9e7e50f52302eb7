"""Whether a breaker lets a call through."""

from __future__ import annotations

from typing import Any, NamedTuple

from outrigger._core.rpc import seconds
from outrigger.breaker.v1 import breaker_pb2 as pb
from outrigger.errors import BreakerOpen
from outrigger.source import Source


class Verdict(NamedTuple):
    """One decision."""

    allowed: bool
    state: int
    generation: int = 0
    #: Of the sidecar's; 0: none.
    permit: int = 0
    #: It must be told how it ended, at once.
    probe: bool = False
    #: The process' own record decided, and hears the outcome.
    local: bool = False
    source: Source = Source.SIDECAR
    reason: int = pb.REASON_UNSPECIFIED
    #: Seconds; None: not known.
    retry_after: float | None = None
    message: str = ""

    def error(self, breaker: str) -> BreakerOpen:
        reason = pb.Reason.Name(self.reason) if self.reason else None
        state = pb.State.Name(self.state)
        return BreakerOpen(breaker, state, reason, self.retry_after, self.message, self.source)


def of_answer(answer: pb.AcquireResponse) -> Verdict:
    """The sidecar's."""
    retry_after = None
    if not answer.allowed and answer.HasField("retry_after"):
        retry_after = seconds(answer.retry_after) or None
    return Verdict(
        answer.allowed,
        answer.state,
        answer.generation,
        answer.permit,
        answer.probe,
        reason=answer.reason,
        retry_after=retry_after,
        message=answer.message,
    )


class Outcome(NamedTuple):
    """How a call ended that the sidecar let through."""

    breaker: str
    method: str
    verdict: Verdict
    result: Any
    #: Seconds.
    duration: float
