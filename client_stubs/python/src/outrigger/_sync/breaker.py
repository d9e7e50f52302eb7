"""Breakers, for threads."""

from __future__ import annotations

import functools
import threading
import time
from types import TracebackType
from typing import Any, Callable, TypeVar

from outrigger._core.local_breakers import LocalBreakers
from outrigger._core.rpc import BREAKER_ACQUIRE
from outrigger._core.stats import Counter
from outrigger._core.verdicts import Outcome, Verdict, of_answer
from outrigger._core.watch_table import BreakerState, WatchTable
from outrigger._sync.reporter import Reporter
from outrigger._sync.transport import Transport
from outrigger._sync.watch import Watch
from outrigger.breaker.v1 import breaker_pb2 as pb
from outrigger.errors import BreakerOpen
from outrigger.fallbacks import BreakerFallback
from outrigger.outcomes import Classifier, Result, checked, judge

F = TypeVar("F", bound=Callable[..., Any])


class Breakers:
    """What all breakers of a client share. Thread-safe."""

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

    def close(self) -> None:
        self.watch.close()
        self.reporter.close()


class GuardedCall:
    """One call that a breaker let through, until the end of its `with`."""

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

    def __enter__(self) -> GuardedCall:
        verdict = self._breaker.ask()
        if not verdict.allowed:
            raise verdict.error(self._breaker.name)
        self._verdict = verdict
        self._began = time.monotonic()
        return self

    def __exit__(
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
    """Keeps calls from a service that fails. `Client.breaker(name)`. Thread-safe.

        with client.breaker("payments"):
            charge()

    raises BreakerOpen instead of running the body while it is open. A breaker is a
    decorator, too: `@client.breaker("payments")`. All ways of asking raise
    RequestError (no such breaker) and ClientClosed.
    """

    def __init__(self, name: str, method: str, classify: Classifier, shared: Breakers) -> None:
        #: As configured.
        self.name = name
        #: Of the service, for breakers that tell methods apart; empty: none.
        self.method = method
        #: What an error says about the service.
        self.classify = classify
        self._shared = shared
        self._entered = threading.local()

    def guard(self) -> GuardedCall:
        """For `with breaker.guard() as call`, where the body may set `call.result`."""
        return GuardedCall(self)

    def __enter__(self) -> GuardedCall:
        call = GuardedCall(self).__enter__()
        self._calls().append(call)
        return call

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._calls().pop().end(error)

    def _calls(self) -> list[GuardedCall]:
        """Of this thread, the innermost last."""
        calls: list[GuardedCall] | None = getattr(self._entered, "calls", None)
        if calls is None:
            calls = self._entered.calls = []
        return calls

    def call(
        self,
        function: Callable[..., Any],
        *args: Any,
        fallback: Callable[[BreakerOpen], Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Calls `function`. If it may not be called: what `fallback` returns for the
        error; without one the error is raised."""
        call = GuardedCall(self)
        try:
            call.__enter__()
        except BreakerOpen as error:
            if fallback is None:
                raise
            return fallback(error)
        try:
            value = function(*args, **kwargs)
        except BaseException as error:
            call.end(error)
            raise
        call.end(None)
        return value

    def __call__(self, function: F) -> F:
        """Decorates a function."""

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return self.call(function, *args, **kwargs)

        return wrapper  # type: ignore[return-value]

    def ask(self) -> Verdict:
        """Whether a call may be made. `with` and `call` ask by themselves; whoever
        asks here says with `ended` how the call went."""
        shared = self._shared
        shared.counter.call()
        verdict = shared.table.decide(self.name, self.method)
        if verdict is None or shared.transport.closed:
            verdict = self._ask_sidecar()
        return verdict

    def _ask_sidecar(self) -> Verdict:
        shared = self._shared
        shared.transport.check_open()
        shared.watch.open()
        answer = shared.transport.call(
            BREAKER_ACQUIRE,
            pb.AcquireRequest(breaker=self.name, method=self.method, session=shared.table.session),
        )
        if answer is not None:
            shared.table.learn(self.name, self.method, answer.generation)
            return of_answer(answer)
        shared.counter.fallback()
        return shared.local.decide(self.name, self.method)

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
