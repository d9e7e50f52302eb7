"""The cache, for asyncio."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, Callable, TypeVar

from outrigger._core.cache_requests import (
    Keep,
    Requests,
    delete_result,
    invalidate_result,
    set_result,
)
from outrigger._core.cached_keys import KeySource, key_of
from outrigger._core.load_flow import Undecodable, Wanted, decoded, get_or_load
from outrigger._core.load_many_flow import WantedKeys, get_or_load_many
from outrigger._core.rpc import ABANDON, DELETE, GET, GET_MANY, INVALIDATE, SET
from outrigger._core.stats import Counter
from outrigger._core.steps import Background, Call, Fallback, Flow, Load, R, Step, Tell
from outrigger.aio.background import BackgroundTasks
from outrigger.aio.transport import Transport
from outrigger.cache.v1 import cache_pb2 as pb
from outrigger.caching import Cached, DeleteResult, InvalidateResult, SetResult
from outrigger.codecs import Codec

F = TypeVar("F", bound=Callable[..., Any])


class Cache:
    """One namespace. `Client.cache(name)`. Loaders are coroutine
    functions.

    While the sidecar does not answer loaders run, and nothing is stored. All
    methods raise RequestError and ClientClosed.
    """

    def __init__(
        self,
        namespace: str,
        codec: Codec,
        transport: Transport,
        counter: Counter,
        background: BackgroundTasks,
    ) -> None:
        self._requests = Requests(namespace, codec)
        self._transport = transport
        self._counter = counter
        self._background = background

    async def get_or_load(
        self,
        key: str,
        loader: Callable[[], Awaitable[Any]],
        *,
        ttl: float | None = None,
        stale_for: float | None = None,
        tags: Sequence[str] = (),
        max_wait: float = 5,
    ) -> Any:
        """The value of `key`, from the cache or else from `loader`; None: there is
        none. Of all callers in the fleet that miss it one runs its loader.

        loader     returns the value, or None: then it is remembered that there is
                   none, for as long as the namespace says. What it raises is raised
                   here, and nothing is stored.
        ttl        seconds for which the value is fresh. None: the namespace's.
        stale_for  seconds after that in which it may be answered while it is
                   loaded anew in the background. None: the namespace's.
        tags       names by which it can be invalidated; at most 16.
        max_wait   seconds to wait for another's load, before loading it here.
        """
        return (
            await self.fetch(
                key, loader, ttl=ttl, stale_for=stale_for, tags=tags, max_wait=max_wait
            )
        ).value

    async def fetch(
        self,
        key: str,
        loader: Callable[[], Awaitable[Any]],
        *,
        ttl: float | None = None,
        stale_for: float | None = None,
        tags: Sequence[str] = (),
        max_wait: float = 5,
    ) -> Cached:
        """`get_or_load` that also tells where the value is from."""
        wanted = Wanted(self._requests, key, Keep(ttl, stale_for, tags), max_wait)
        return await self._run(get_or_load(wanted), lambda keys: loader())

    async def get_or_load_many(
        self,
        keys: Iterable[str],
        loader: Callable[[Sequence[str]], Awaitable[Mapping[str, Any]]],
        *,
        ttl: float | None = None,
        stale_for: float | None = None,
        tags: Sequence[str] = (),
        max_wait: float = 5,
    ) -> dict[str, Any]:
        """Many keys at once. `loader` is called with all that are missing, and what
        it leaves out there is none of. The answer has every key."""
        wanted = WantedKeys(self._requests, list(keys), Keep(ttl, stale_for, tags), max_wait)
        return await self._run(get_or_load_many(wanted), loader)

    def cached(
        self,
        key: KeySource,
        *,
        ttl: float | None = None,
        stale_for: float | None = None,
        tags: Sequence[str] = (),
        max_wait: float = 5,
    ) -> Callable[[F], F]:
        """Decorates a function: its results are had by `get_or_load`.

        key  of a call: a template of the function's parameters, such as
             "user:{user_id}", or a function of the same arguments.

        The decorated function has `key_of(...)`, for invalidating, and the plain
        one as `__wrapped__`.
        """

        def decorate(function: F) -> F:
            key_from = key_of(function, key)

            @functools.wraps(function)
            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                return await self.get_or_load(
                    key_from(*args, **kwargs),
                    lambda: function(*args, **kwargs),
                    ttl=ttl,
                    stale_for=stale_for,
                    tags=tags,
                    max_wait=max_wait,
                )

            wrapper.key_of = key_from  # type: ignore[attr-defined]
            return wrapper  # type: ignore[return-value]

        return decorate

    async def get(self, key: str, default: Any = None) -> Any:
        """The value as it is in the cache, fresh or stale; else `default`."""
        found = await self._call(GET, self._requests.look(key))
        if found is None or found.status not in (pb.HIT, pb.STALE):
            return default
        try:
            return decoded(self._requests, found)
        except Undecodable:
            return default

    async def set(
        self,
        key: str,
        value: Any,
        *,
        ttl: float | None = None,
        stale_for: float | None = None,
        tags: Sequence[str] = (),
        if_version: int = 0,
        if_absent: bool = False,
    ) -> SetResult:
        """Stores a value; None: that there is none.

        ttl, stale_for, tags  as `get_or_load`'s.
        if_version            only if the current value is of this version; 0: always.
        if_absent             only if there is no value.
        """
        request = self._requests.set(
            key, value, Keep(ttl, stale_for, tags), if_version=if_version, if_absent=if_absent
        )
        return set_result(await self._call(SET, request))

    async def delete(self, key: str, *, if_version: int = 0) -> DeleteResult:
        """Removes one key; with `if_version`, only a value of that version."""
        return delete_result(await self._call(DELETE, self._requests.delete(key, if_version)))

    async def invalidate(
        self,
        keys: Iterable[str] = (),
        *,
        tags: Iterable[str] = (),
        glob: str = "",
        soft: bool = False,
    ) -> InvalidateResult:
        """Makes values unusable, or, if `soft`, stale: of these keys, with these
        tags, of keys that match `glob` (`*`, `?`). Loads under way are refused."""
        return invalidate_result(
            await self._call(INVALIDATE, self._requests.invalidate(keys, tags, glob, soft))
        )

    async def _call(self, method: Any, request: Any) -> Any:
        self._transport.check_open()
        self._counter.call()
        answer = await self._transport.call(method, request)
        if answer is None:
            self._counter.fallback()
        return answer

    async def _run(self, flow: Flow[R], loader: Callable[[Any], Awaitable[Any]]) -> R:
        self._transport.check_open()
        self._counter.call()
        return await self._drive(flow, loader)

    async def _drive(self, flow: Flow[R], loader: Callable[[Any], Awaitable[Any]]) -> R:
        send: Callable[[Any], Step] = flow.send
        argument: Any = None
        while True:
            try:
                step = send(argument)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            try:
                argument, send = await self._perform(step, loader), flow.send
            except BaseException as error:
                argument, send = error, flow.throw

    async def _perform(self, step: Step, loader: Callable[[Any], Awaitable[Any]]) -> Any:
        if isinstance(step, Call) and step.method in (GET, GET_MANY):
            return await self._transport.claim(
                step.method,
                step.request,
                step.wait,
                functools.partial(self._give_back, step.request),
            )
        if isinstance(step, Call):
            return await self._transport.call(step.method, step.request, step.wait)
        if isinstance(step, Load):
            return await loader(step.keys)
        if isinstance(step, Tell):
            return self._transport.tell(step.method, step.request)
        if isinstance(step, Background):
            flow = step.flow
            return self._background.start(lambda: self._drive(flow, loader))
        assert isinstance(step, Fallback)
        return self._counter.fallback()

    def _give_back(self, question: Any, answer: Any) -> None:
        """Who asked has gone: others may load."""
        for request in self._requests.unclaimed(question, answer):
            self._transport.tell(ABANDON, request)
