"""What the library raises.

A denial by a limit is an answer, not an error, and neither is a sidecar that is
gone: those are decided by a fallback. What is raised is either the caller's
mistake (RequestError, ClientClosed), or the refusal of something that the caller
asked to be let into (BreakerOpen, NotAcquired, RateLimited).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from outrigger.source import Source

if TYPE_CHECKING:
    from outrigger.limits import Decision


class OutriggerError(Exception):
    """Base of all errors of this library.

    `code` is a short constant name, such as a gRPC status code's.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class RequestError(OutriggerError):
    """The sidecar says that the call itself is wrong; trying again will not help.

    `code`: INVALID_ARGUMENT, NOT_FOUND (no such limit, namespace, breaker or
    pool), FAILED_PRECONDITION, PERMISSION_DENIED, UNAUTHENTICATED or OUT_OF_RANGE.
    `message` has the path of the field, or the name.
    """


class ClientClosed(OutriggerError):
    """A call on a client that was closed. `code` is CLOSED."""

    def __init__(self) -> None:
        super().__init__("CLOSED", "this client was closed")


class RateLimited(OutriggerError):
    """A decorated function was not called, because a limit is used up. `code` is
    RATE_LIMITED; `decision` is what was decided."""

    def __init__(self, decision: Decision) -> None:
        limit = decision.limit or "the fallback"
        super().__init__("RATE_LIMITED", f"denied by {limit}")
        self.decision = decision


class BreakerOpen(OutriggerError):
    """The breaker does not let this call through. `code` is BREAKER_OPEN.

    breaker      its name.
    state        of the proto's `State`, in upper case: OPEN, HALF_OPEN, ...
    reason       of the proto's `Reason`; None: not told.
    retry_after  seconds until asking again may be worth it; None: not known.
    source       who denied it.
    """

    def __init__(
        self,
        breaker: str,
        state: str,
        reason: str | None,
        retry_after: float | None,
        message: str,
        source: Source,
    ) -> None:
        super().__init__("BREAKER_OPEN", message or f"{breaker} is {state.lower()}")
        self.breaker = breaker
        self.state = state
        self.reason = reason
        self.retry_after = retry_after
        self.source = source


class NotAcquired(OutriggerError):
    """There is no slot of the pool for this caller. `code` is NOT_ACQUIRED.

    pool         its name.
    reason       of the proto's `Reason`: TIMEOUT, NO_ENDPOINT,
                 STORE_UNAVAILABLE, LEARNING, QUEUE_FULL.
    advice       RETRY (after `retry_after`) or FALL_BACK; None: not told.
    retry_after  seconds; None: not known.
    source       who refused it.
    """

    def __init__(
        self,
        pool: str,
        reason: str,
        advice: str | None,
        retry_after: float | None,
        source: Source,
    ) -> None:
        super().__init__("NOT_ACQUIRED", f"{pool}: {reason.lower()}")
        self.pool = pool
        self.reason = reason
        self.advice = advice
        self.retry_after = retry_after
        self.source = source
