"""Answers about limits, and the headers that tell them to an HTTP caller."""

from __future__ import annotations

import math

from outrigger._core.rpc import seconds
from outrigger.ratelimit.v1 import rate_limiter_pb2 as pb
from outrigger.source import Source


class LimitStatus:
    """One limit's part in a decision. Immutable."""

    __slots__ = ("_status",)

    def __init__(self, status: pb.LimitStatus) -> None:
        self._status = status

    @property
    def limit(self) -> str:
        """Its configured name."""
        return self._status.limit

    @property
    def allowed(self) -> bool:
        """Whether this limit would have admitted the request."""
        return self._status.allowed

    @property
    def remaining(self) -> int:
        """Tokens left after the decision."""
        return self._status.remaining

    @property
    def burst(self) -> int:
        """Most tokens at once, for this request."""
        return self._status.burst

    @property
    def window(self) -> float:
        """The period of the limit's rate, in seconds."""
        return seconds(self._status.window)

    @property
    def reset_after(self) -> float:
        """Seconds until it is full again if nothing more is taken."""
        return seconds(self._status.reset_after)

    @property
    def retry_after(self) -> float | None:
        """Seconds; None: it admits, or never could."""
        return _optional(self._status, "retry_after")

    @property
    def shadow(self) -> bool:
        """It only watches, and its denials do not deny."""
        return self._status.shadow

    @property
    def unlimited(self) -> bool:
        """The request is exempt from it."""
        return self._status.unlimited

    def __repr__(self) -> str:
        return (
            f"LimitStatus({self.limit!r}, allowed={self.allowed}, "
            f"remaining={self.remaining}, burst={self.burst})"
        )


class Decision:
    """Whether a request may proceed. True as a boolean if it may. Immutable."""

    __slots__ = ("_answer", "source")

    def __init__(self, answer: pb.AllowResponse, source: Source = Source.SIDECAR) -> None:
        self._answer = answer
        #: Who decided.
        self.source = source

    @property
    def allowed(self) -> bool:
        """Whether the request may proceed. True if no limit applies."""
        return self._answer.allowed

    def __bool__(self) -> bool:
        return self._answer.allowed

    @property
    def limit(self) -> str:
        """The limit that denied, or of those that admitted the one with the least
        left. Empty: none applies, or a fallback decided."""
        return self._answer.limit

    @property
    def remaining(self) -> int:
        """What that limit has left, in tokens."""
        return self._answer.remaining

    @property
    def retry_after(self) -> float | None:
        """Denied: seconds until it could be admitted if nobody else takes tokens.
        None: it is allowed, or can never be."""
        return _optional(self._answer, "retry_after")

    @property
    def reset_after(self) -> float:
        """Seconds until that limit is full again if nothing more is taken."""
        return seconds(self._answer.reset_after)

    @property
    def waited(self) -> float:
        """Seconds for which the sidecar held the call back (`max_wait`)."""
        return seconds(self._answer.waited)

    @property
    def degraded(self) -> bool:
        """The sidecar's own store was out of reach."""
        return self._answer.degraded

    @property
    def statuses(self) -> list[LimitStatus]:
        """One for each limit that applied, if `detail` was asked for."""
        return [LimitStatus(status) for status in self._answer.statuses]

    def __repr__(self) -> str:
        return (
            f"Decision(allowed={self.allowed}, limit={self.limit!r}, "
            f"remaining={self.remaining}, retry_after={self.retry_after}, "
            f"source={self.source.value!r})"
        )


def rate_limit_headers(decision: Decision) -> dict[str, str]:
    """The headers for an answer to an HTTP request, of a decision with `detail`:
    `RateLimit` and `RateLimit-Policy` (IETF draft-ietf-httpapi-ratelimit-headers-11),
    and, if it is denied and may be admitted later, `Retry-After`. Whole seconds,
    rounded up."""
    headers: dict[str, str] = {}
    if not decision.allowed and decision.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(decision.retry_after))
    limits = [one for one in decision.statuses if not one.shadow and not one.unlimited]
    if limits and decision.source is Source.SIDECAR:
        headers["RateLimit"] = ", ".join(
            f"{_string(one.limit)};r={one.remaining};t={math.ceil(one.reset_after)}"
            for one in limits
        )
        headers["RateLimit-Policy"] = ", ".join(
            f"{_string(one.limit)};q={one.burst};w={math.ceil(one.window)}" for one in limits
        )
    return headers


def _string(text: str) -> str:
    """As RFC 9651 writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _optional(message: pb.AllowResponse | pb.LimitStatus, field: str) -> float | None:
    return seconds(getattr(message, field)) if message.HasField(field) else None
