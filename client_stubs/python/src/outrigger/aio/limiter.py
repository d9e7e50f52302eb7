"""Limits, for asyncio."""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from collections.abc import Awaitable
from typing import Any, Callable, TypeVar

from outrigger._core import trace
from outrigger._core.allow_batch import MOST_BYTES, AllowBatch
from outrigger._core.call_attributes import AttributeSource, attributes_of
from outrigger._core.questions import RESULTS, Attributes, LimitPolicy, question
from outrigger._core.rpc import ALLOW, ALLOW_STREAM, REFUND, REPORT_CALL, duration
from outrigger._core.stats import Counter
from outrigger.aio.stream import Stream
from outrigger.aio.transport import Transport
from outrigger.errors import OutriggerError, RateLimited
from outrigger.limits import Decision
from outrigger.ratelimit.v1 import rate_limiter_pb2 as pb

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


class _Waiting:
    """A task's question."""

    __slots__ = ("request", "future")

    def __init__(
        self, request: pb.AllowRequest, future: asyncio.Future[pb.AllowResponse | None]
    ) -> None:
        self.request = request
        self.future = future

    @property
    def live(self) -> bool:
        return not self.future.done()

    def settle(self, answer: pb.AllowResponse | None, error: OutriggerError | None = None) -> None:
        if self.future.done():
            return
        if error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(answer)


class AllowStream:
    """Asks for many tasks at once.

    One timer, of the oldest question, ends those whose time is over.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork."""
        self._batch: AllowBatch[_Waiting] = AllowBatch()
        self._deadlines: deque[tuple[float, _Waiting]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._stream: Stream | None = None

    async def ask(self, request: pb.AllowRequest) -> pb.AllowResponse | None:
        loop = self._transport.loop
        mine = _Waiting(request, loop.create_future())
        self._batch.add(mine)
        deadline = loop.time() + self._transport.timeout
        self._deadlines.append((deadline, mine))
        if self._timer is None:
            self._timer = loop.call_at(deadline, self._sweep)
        (self._stream or self._open()).wake()
        return await mine.future

    def _open(self) -> Stream:
        self._stream = Stream(
            self._transport,
            self._transport.stream_stream(ALLOW_STREAM),
            self._take,
            self._receive,
            self._ended,
        )
        return self._stream

    def _take(self, stream: Stream) -> pb.AllowStreamRequest | None:
        return self._batch.take() if stream is self._stream else None

    def _receive(self, message: pb.AllowStreamResponse) -> None:
        if self._batch.receive(message) and self._stream is not None:
            self._stream.wake()

    def _ended(self, stream: Stream) -> None:
        if self._stream is stream:
            self._stream = None
            self._batch.drop()

    def _sweep(self) -> None:
        """Ends the questions whose time is over; they are in order."""
        loop = self._transport.loop
        now = loop.time()
        deadlines = self._deadlines
        while deadlines and (deadlines[0][0] <= now or not deadlines[0][1].live):
            deadlines.popleft()[1].settle(None)
        self._batch.forget_gone()
        self._timer = loop.call_at(deadlines[0][0], self._sweep) if deadlines else None

    @property
    def pending(self) -> int:
        return self._batch.pending

    async def close(self) -> None:
        stream, self._stream = self._stream, None
        self._batch.drop()
        if self._timer is not None:
            self._timer.cancel()
        if stream is not None:
            await stream.cancel()


class Limiter:
    """Asks whether requests may proceed. `Client.limiter`.

    Calls made at the same time go as one message of a stream.
    """

    def __init__(self, transport: Transport, policy: LimitPolicy, counter: Counter) -> None:
        self._transport = transport
        self._policy = policy
        self._counter = counter
        self._stream = AllowStream(transport)

    def reset(self) -> None:
        """As new, in a child after a fork."""
        self._stream.reset()
        self._policy.reset()
        self._counter.reset()

    async def allow(
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
            answer = await self._transport.call(ALLOW, request, max_wait)
        else:
            answer = await self._stream.ask(request)
        if answer is not None:
            return Decision(answer)
        self._counter.fallback()
        return self._policy.decide(request)

    async def wait_if_needed(
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
        return await self.allow(
            attributes, cost=cost, limit=limit, max_wait=max_wait, detail=detail, **more
        )

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
        """Decorates a coroutine function: a call that is denied raises RateLimited.

            @limiter.limit(user="{user_id}")
            async def send(user_id, text): ...

        The values are templates of the function's parameters. Or `attributes` is a
        function of the same arguments that returns them. The rest as `allow`'s.
        """

        def decorate(function: F) -> F:
            attributes_from = attributes_of(function, attributes, more)

            @functools.wraps(function)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                decision = await self.allow(
                    attributes_from(*args, **kwargs), cost=cost, limit=limit, max_wait=max_wait
                )
                if not decision:
                    raise RateLimited(decision)
                return await function(*args, **kwargs)

            return wrapper  # type: ignore[return-value]

        return decorate

    async def report(
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
        answer = await self._counted(REPORT_CALL, request)
        return answer.current_rate if answer is not None else None

    async def refund(
        self, attributes: Attributes = None, /, *, cost: int = 1, limit: str = "", **more: str
    ) -> None:
        """Gives back what an earlier `allow` took and was not used. A sidecar that
        is gone is ignored. Raises RequestError, ClientClosed."""
        self._transport.check_open()
        await self._counted(
            REFUND,
            pb.RefundRequest(attributes={**(attributes or {}), **more}, cost=cost, limit=limit),
        )

    async def _counted(self, method: Any, request: Any) -> Any:
        self._counter.call()
        answer = await self._transport.call(method, request)
        if answer is None:
            self._counter.fallback()
        return answer

    @property
    def pending(self) -> int:
        """Questions that are kept: those that are not answered yet."""
        return self._stream.pending

    async def close(self) -> None:
        await self._stream.close()
