"""Breakers, for asyncio."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable
from types import TracebackType
from typing import Any, Callable, TypeVar

from outrigger._core.local_breakers import LocalBreakers
from outrigger._core.rpc import BREAKER_ACQUIRE
from outrigger._core.stats import Counter
from outrigger._core.verdicts import Outcome, Verdict, of_answer
from outrigger._core.watch_table import BreakerState, WatchTable
from outrigger.aio.reporter import Reporter
from outrigger.aio.transport import Transport
from outrigger.aio.watch import Watch
from outrigger.breaker.v1 import breaker_pb2 as pb
from outrigger.errors import BreakerOpen
from outrigger.fallbacks import BreakerFallback
from outrigger.outcomes import Classifier, Result, checked, judge

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


class Breakers:
    """What all breakers of a client share."""

    def __init__(self, transport: Transport, fallback: BreakerFallback, counter: Counter) -> None:
        self.transport = transport
        self.counter = counter
        self.table = WatchTable()
        self.watch = Watch(transport, self.table)
        self.reporter = Reporter(transport)
        self.local = LocalBreakers(fallback)

    def reset(self) -> None:
        """As new, in a child after a fork."""
        self.counter.reset()
        self.watch.reset()
        self.reporter.reset()
        self.local.reset()

    async def close(self) -> None:
        try:
            await self.watch.close()
        finally:
            await self.reporter.close()


class GuardedCall:
    """One call that a breaker let through, until the end of its
    `async with`."""

    __slots__ = ("_breaker", "_verdict", "_began", "result")

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self._verdict: Verdict | None = None
        self._began = 0.0
        #: Set it to say how the call went; None: SUCCESS, or what the breaker's
        #: classifier says of the error that is raised.
        self.result: Result | None = None

    @property
    def verdict(self) -> Verdict | None:
        """What let it through; None before."""
        return self._verdict

    async def __aenter__(self) -> GuardedCall:
        verdict = await self._breaker.ask()
        if not verdict.allowed:
            raise verdict.error(self._breaker.name)
        self._verdict = verdict
        self._began = time.monotonic()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end(error)

    def end(self, error: BaseException | None) -> None:
        assert self._verdict is not None
        result = self.result
        if result is None:
            result = Result.SUCCESS if error is None else judge(self._breaker.classify, error)
        self._breaker.ended(self._verdict, result, time.monotonic() - self._began)


class Breaker:
    """Keeps calls from a service that fails. `Client.breaker(name)`.

        async with client.breaker("payments"):
            await charge()

    raises BreakerOpen instead of running the body while it is open. A breaker is a
    decorator of
    coroutine functions, too: `@client.breaker("payments")`. All ways of
    asking raise RequestError (no such breaker) and ClientClosed.
    """

    def __init__(self, name: str, method: str, classify: Classifier, shared: Breakers) -> None:
        #: As configured.
        self.name = name
        #: Of the service, for breakers that tell methods apart; empty: none.
        self.method = method
        #: What an error says about the service.
        self.classify = classify
        self._shared = shared
        # By task, the innermost last.
        self._entered: dict[asyncio.Task[Any] | None, list[GuardedCall]] = {}

    def guard(self) -> GuardedCall:
        """For `async with breaker.guard() as call`, where the body may set `call.result`."""
        return GuardedCall(self)

    async def __aenter__(self) -> GuardedCall:
        call = await GuardedCall(self).__aenter__()
        self._entered.setdefault(asyncio.current_task(), []).append(call)
        return call

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task = asyncio.current_task()
        calls = self._entered[task]
        calls.pop().end(error)
        if not calls:
            del self._entered[task]

    async def call(
        self,
        function: Callable[..., Awaitable[Any]],
        *args: Any,
        fallback: Callable[[BreakerOpen], Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Awaits `function(...)`. If it may not be called: what `fallback` returns for the
        error; without one the error is raised."""
        call = GuardedCall(self)
        try:
            await call.__aenter__()
        except BreakerOpen as error:
            if fallback is None:
                raise
            return fallback(error)
        try:
            value = await function(*args, **kwargs)
        except BaseException as error:
            call.end(error)
            raise
        call.end(None)
        return value

    def __call__(self, function: F) -> F:
        """Decorates a function."""

        @functools.wraps(function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            return await self.call(function, *args, **kwargs)

        return wrapper  # type: ignore[return-value]

    async def ask(self) -> Verdict:
        """Whether a call may be made. `async with` and `call` ask by themselves; whoever
        asks here says with `ended` how the call went."""
        shared = self._shared
        shared.counter.call()
        verdict = shared.table.decide(self.name, self.method)
        if verdict is None or shared.transport.closed:
            verdict = await self._ask_sidecar()
        return verdict

    async def _ask_sidecar(self) -> Verdict:
        shared = self._shared
        shared.transport.check_open()
        shared.watch.open()
        answer = await shared.transport.claim(
            BREAKER_ACQUIRE,
            pb.AcquireRequest(breaker=self.name, method=self.method, session=shared.table.session),
            0,
            self._unclaimed,
        )
        if answer is not None:
            shared.table.learn(self.name, self.method, answer.generation)
            return of_answer(answer)
        shared.counter.fallback()
        return shared.local.decide(self.name, self.method)

    def _unclaimed(self, answer: pb.AcquireResponse) -> None:
        """Who asked has gone: its probe is another's."""
        verdict = of_answer(answer)
        if verdict.probe:
            self.ended(verdict, Result.IGNORED, 0)

    def ended(self, verdict: Verdict, result: Result, duration: float) -> None:
        """How a call went that `ask` allowed; it took `duration` seconds."""
        result = checked(result)
        if verdict.local:
            self._shared.local.record(self.name, self.method, verdict, result)
        elif verdict.generation:
            self._shared.reporter.add(Outcome(self.name, self.method, verdict, result, duration))

    @property
    def state(self) -> BreakerState:
        """What is known in this process. Asks nobody."""
        self._shared.transport.check_open()
        self._shared.watch.open()
        return self._shared.table.state(self.name, self.method)
