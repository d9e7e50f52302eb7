"""Limits, for threads."""

from __future__ import annotations

import functools
import threading
import time
from typing import Any, Callable, TypeVar

from outrigger._core import trace
from outrigger._core.allow_batch import MOST_BYTES, AllowBatch
from outrigger._core.call_attributes import AttributeSource, attributes_of
from outrigger._core.questions import RESULTS, Attributes, LimitPolicy, question
from outrigger._core.rpc import ALLOW, ALLOW_STREAM, REFUND, REPORT_CALL, duration
from outrigger._core.stats import Counter
from outrigger._sync.stream import Stream
from outrigger._sync.transport import Transport
from outrigger._sync.waiter import Waiter
from outrigger.errors import RateLimited
from outrigger.limits import Decision
from outrigger.ratelimit.v1 import rate_limiter_pb2 as pb

F = TypeVar("F", bound=Callable[..., Any])


class _Question(Waiter[pb.AllowResponse]):
    """A thread's."""

    __slots__ = ("request",)

    def __init__(self, request: pb.AllowRequest) -> None:
        super().__init__()
        self.request = request


class AllowStream:
    """Asks for many threads at once. Thread-safe."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork."""
        self._lock = threading.Lock()
        self._batch: AllowBatch[_Question] = AllowBatch()
        self._stream: Stream | None = None
        self._closed = False

    def ask(self, request: pb.AllowRequest, deadline: float) -> pb.AllowResponse | None:
        """None: the sidecar did not answer by then. RequestError."""
        mine = _Question(request)
        # Before the stream is looked at: when that ends, what was added is settled.
        self._batch.add(mine)
        stream = self._stream
        if stream is None:
            with self._lock:
                if self._closed:
                    self._batch.drop()
                    return None
                stream = self._stream or self._open()
        stream.wake()
        if not mine.wait(deadline - time.monotonic()):
            with self._lock:
                mine.settle(None)
                self._batch.forget_gone()
        return mine.result()

    def _open(self) -> Stream:
        self._stream = Stream(
            self._transport.stream_stream(ALLOW_STREAM),
            self._take,
            self._receive,
            self._ended,
            "outrigger-allow",
        )
        return self._stream

    def _take(self, stream: Stream) -> pb.AllowStreamRequest | None:
        with self._lock:
            return self._batch.take() if stream is self._stream else None

    def _receive(self, message: pb.AllowStreamResponse) -> None:
        stream = self._stream
        if self._batch.receive(message) and stream is not None:
            stream.wake()

    def _ended(self, stream: Stream) -> None:
        with self._lock:
            if self._stream is stream:
                self._stream = None
                self._batch.drop()

    @property
    def idle(self) -> bool:
        """Nobody asks, as far as it can be seen."""
        return self._batch.idle

    @property
    def pending(self) -> int:
        with self._lock:
            return self._batch.pending

    def close(self) -> None:
        with self._lock:
            self._closed = True
            stream, self._stream = self._stream, None
            self._batch.drop()
        if stream is not None:
            stream.cancel()


class Limiter:
    """Asks whether requests may proceed. `Client.limiter`. Thread-safe.

    A call alone goes as a call of its own; those made while others are under way
    go together, as one message of a stream.
    """

    def __init__(self, transport: Transport, policy: LimitPolicy, counter: Counter) -> None:
        self._transport = transport
        self._policy = policy
        self._counter = counter
        self._stream = AllowStream(transport)
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork."""
        self._stream.reset()
        self._policy.reset()
        self._counter.reset()
        self._alone = threading.Lock()

    def allow(
        self,
        attributes: Attributes = None,
        /,
        *,
        cost: int = 1,
        limit: str = "",
        max_wait: float = 0,
        detail: bool = False,
        **more: str,
    ) -> Decision:
        """Whether a request with these attributes may proceed.

        allow(user="42") is allow({"user": "42"}); the mapping is for names that
        are not Python's, or are options.

        cost      tokens to take; 0 takes none, and tells whether 1 could be had.
        limit     decide by this limit alone; empty: by all that match.
        max_wait  seconds to wait for tokens; at most 3,600. A wait that would be
                  longer is denied at once.
        detail    also `statuses`, one for each limit that applied.

        Takes `timeout` of the client's and `max_wait` at most; then the policy
        decides. Raises RequestError, ClientClosed.
        """
        self._transport.check_open()
        request = question(attributes, more, cost, limit, detail, max_wait)
        self._counter.call()
        if max_wait or trace.sampled() or request.ByteSize() > MOST_BYTES:
            answer = self._transport.call(ALLOW, request, max_wait)
        else:
            answer = self._ask(request)
        if answer is not None:
            return Decision(answer)
        self._counter.fallback()
        return self._policy.decide(request)

    def wait_if_needed(
        self,
        attributes: Attributes = None,
        /,
        *,
        cost: int = 1,
        limit: str = "",
        max_wait: float = 1,
        detail: bool = False,
        **more: str,
    ) -> Decision:
        """`allow` that waits for its tokens, for `max_wait` seconds at most."""
        return self.allow(
            attributes, cost=cost, limit=limit, max_wait=max_wait, detail=detail, **more
        )

    def _ask(self, request: pb.AllowRequest) -> pb.AllowResponse | None:
        if self._stream.idle and self._alone.acquire(blocking=False):
            try:
                return self._transport.call(ALLOW, request)  # type: ignore[no-any-return]
            finally:
                self._alone.release()
        return self._stream.ask(request, time.monotonic() + self._transport.timeout)

    def limit(
        self,
        attributes: AttributeSource = None,
        /,
        *,
        cost: int = 1,
        limit: str = "",
        max_wait: float = 0,
        **more: str,
    ) -> Callable[[F], F]:
        """Decorates a function: a call that is denied raises RateLimited.

            @limiter.limit(user="{user_id}")
            def send(user_id, text): ...

        The values are templates of the function's parameters. Or `attributes` is a
        function of the same arguments that returns them. The rest as `allow`'s.
        """

        def decorate(function: F) -> F:
            attributes_from = attributes_of(function, attributes, more)

            @functools.wraps(function)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                decision = self.allow(
                    attributes_from(*args, **kwargs), cost=cost, limit=limit, max_wait=max_wait
                )
                if not decision:
                    raise RateLimited(decision)
                return function(*args, **kwargs)

            return wrapper  # type: ignore[return-value]

        return decorate

    def report(
        self,
        attributes: Attributes = None,
        /,
        *,
        result: str,
        limit: str = "",
        duration_s: float | None = None,
        count: int = 1,
        **more: str,
    ) -> float | None:
        """Tells adaptive limits how calls that they admitted have ended.

        result      "success", "failure" or "throttled".
        duration_s  how long each call took, in seconds; None: not known.
        count       how many calls ended so.

        Returns the limit's rate afterwards, in tokens a second; None if the sidecar
        did not answer. Raises RequestError, ClientClosed.
        """
        self._transport.check_open()
        request = pb.ReportRequest(
            attributes={**(attributes or {}), **more},
            limit=limit,
            result=RESULTS[result],
            count=count,
        )
        if duration_s is not None:
            request.duration.CopyFrom(duration(duration_s))
        answer = self._counted(REPORT_CALL, request)
        return answer.current_rate if answer is not None else None

    def refund(
        self, attributes: Attributes = None, /, *, cost: int = 1, limit: str = "", **more: str
    ) -> None:
        """Gives back what an earlier `allow` took and was not used. A sidecar that
        is gone is ignored. Raises RequestError, ClientClosed."""
        self._transport.check_open()
        self._counted(
            REFUND,
            pb.RefundRequest(attributes={**(attributes or {}), **more}, cost=cost, limit=limit),
        )

    def _counted(self, method: Any, request: Any) -> Any:
        self._counter.call()
        answer = self._transport.call(method, request)
        if answer is None:
            self._counter.fallback()
        return answer

    @property
    def pending(self) -> int:
        """Questions that are kept: those that are not answered yet."""
        return self._stream.pending

    def close(self) -> None:
        self._stream.close()
