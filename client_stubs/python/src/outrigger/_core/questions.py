"""Questions to limits, and what answers them without the sidecar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from outrigger._core.local_buckets import LocalBuckets
from outrigger._core.rpc import duration
from outrigger.fallbacks import LimitFallback
from outrigger.limits import Decision
from outrigger.ratelimit.v1 import rate_limiter_pb2 as pb
from outrigger.source import Source

Attributes = Optional[Mapping[str, str]]

RESULTS = {
    "success": pb.ReportRequest.SUCCESS,
    "failure": pb.ReportRequest.FAILURE,
    "throttled": pb.ReportRequest.THROTTLED,
}


def question(
    attributes: Attributes,
    more: Mapping[str, str],
    cost: int,
    limit: str,
    detail: bool,
    max_wait: float = 0,
) -> pb.AllowRequest:
    """One Allow. The cost of 1 is left out: it is what unset means."""
    if attributes:
        more = {**attributes, **more}
    request = pb.AllowRequest(attributes=more, limit=limit, detail=detail)
    if cost != 1:
        request.cost = cost
    if max_wait:
        request.max_wait.CopyFrom(duration(max_wait))
    return request


class LimitPolicy:
    """Answers what the sidecar did not. Thread-safe."""

    def __init__(self, fallback: LimitFallback) -> None:
        self._mode = fallback.mode
        self._buckets = LocalBuckets(fallback.rate, fallback.burst)

    def reset(self) -> None:
        """In a child after a fork."""
        self._buckets.reset()

    def decide(self, request: pb.AllowRequest) -> Decision:
        if self._mode == "allow":
            answer = pb.AllowResponse(allowed=True)
        elif self._mode == "deny":
            answer = pb.AllowResponse(retry_after=duration(1))
        else:
            cost = request.cost if request.HasField("cost") else 1
            answer = self._buckets.take(request.attributes, cost)
        return Decision(answer, Source.FALLBACK)
