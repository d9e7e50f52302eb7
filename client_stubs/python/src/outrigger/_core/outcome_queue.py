"""Outcomes that wait to be told to the sidecar, in order."""

from __future__ import annotations

from collections import deque

from outrigger._core.rpc import duration
from outrigger._core.verdicts import Outcome
from outrigger.breaker.v1 import breaker_pb2 as pb

MOST_WAITING = 10_000
MOST_TOLD = 1_000
#: Seconds for which a success may wait.
PATIENCE = 0.1


class OutcomeQueue:
    """Not thread-safe: its owner locks, or has one thread."""

    def __init__(self) -> None:
        self._waiting: deque[Outcome] = deque()
        #: That were never told, because there were too many or nobody answered.
        self.dropped = 0
        #: That were ever added, and of those the ones that are not waiting or
        #: being told any more.
        self.added = 0
        self.settled = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, outcome: Outcome) -> None:
        self.added += 1
        self._waiting.append(outcome)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self.dropped += 1
            self.settled += 1

    def take(self) -> pb.ReportRequest:
        """The next message; tell `told` what became of it."""
        count = min(len(self._waiting), MOST_TOLD)
        return pb.ReportRequest(outcomes=[_outcome(self._waiting.popleft()) for _ in range(count)])

    def told(self, request: pb.ReportRequest, answered: bool) -> None:
        count = len(request.outcomes)
        self.settled += count
        if not answered:
            self.dropped += count

    def give_up(self) -> None:
        """Nobody will take what waits."""
        self.dropped += len(self._waiting)
        self.settled += len(self._waiting)
        self._waiting.clear()


def by_breaker(request: pb.ReportRequest) -> list[pb.ReportRequest]:
    """A message for each breaker's, in their order. The sidecar takes none of the
    outcomes of a message with one of a breaker that it does not have."""
    parts: dict[str, pb.ReportRequest] = {}
    for outcome in request.outcomes:
        parts.setdefault(outcome.breaker, pb.ReportRequest()).outcomes.append(outcome)
    return list(parts.values())


def _outcome(outcome: Outcome) -> pb.Outcome:
    return pb.Outcome(
        breaker=outcome.breaker,
        method=outcome.method,
        permit=outcome.verdict.permit,
        generation=outcome.verdict.generation,
        result=outcome.result.value,
        duration=duration(outcome.duration),
    )
