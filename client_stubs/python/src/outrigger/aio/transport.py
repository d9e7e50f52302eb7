"""Calls of one client on its channel."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any, Callable

import grpc
import grpc.aio
from google.protobuf.message import Message

from outrigger._core import forks, trace
from outrigger._core.rpc import Method, caller_error
from outrigger.aio import channels
from outrigger.aio.stranded import stranded_method
from outrigger.errors import ClientClosed, OutriggerError


class Transport:
    """Takes the channel, and the running loop, at the first call. One loop only."""

    def __init__(self, target: str, timeout: float) -> None:
        self.target = target
        #: Seconds that a call may take.
        self.timeout = timeout
        self._closed = False
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork; closed stays closed."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._channel: Any = None
        self._callables: dict[str, Any] = {}
        self._calls: set[Any] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._gone = False  # its channel, too

    @property
    def closed(self) -> bool:
        return self._closed

    def check_open(self) -> None:
        """Raises ClientClosed; RuntimeError in another loop than the first call's."""
        if self._closed:
            raise ClientClosed()
        running = asyncio.get_running_loop()
        if running is not self._loop:
            if self._loop is not None:
                raise RuntimeError("this client belongs to another event loop")
            self._loop = running

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The client's loop: that of its first call."""
        assert self._loop is not None, "check_open comes first"
        return self._loop

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task of the library's own: it does not keep its starter's context."""
        return contextvars.Context().run(self.loop.create_task, work)

    async def call(self, method: Method, request: Message, wait: float = 0) -> Any:
        """The answer, or None if the sidecar gave none. RequestError: the caller's
        mistake. `wait` is how many seconds the sidecar may hold the call back."""
        return await self.call_within(self.timeout + wait, method, request)

    async def claim(
        self, method: Method, request: Message, wait: float, give_back: Callable[[Any], None]
    ) -> Any:
        """As `call`. The answer gives the caller something: if it has gone meanwhile,
        `give_back` gets that."""
        asked = self.loop.create_task(self.call(method, request, wait))
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            if wait:
                asked.cancel()
            self._keep(self._unclaimed(asked, give_back))
            raise

    async def _unclaimed(self, asked: asyncio.Task[Any], give_back: Callable[[Any], None]) -> None:
        try:
            answer = await asked
        except (OutriggerError, asyncio.CancelledError):
            return
        if answer is not None:
            give_back(answer)

    async def call_within(self, timeout: float, method: Method, request: Message) -> Any:
        """As `call`, with a deadline of its own."""
        unary = self._callables.get(method.path) or self._make(method, "unary_unary")
        under_way = None
        try:
            under_way = unary(request, timeout=timeout, metadata=trace.metadata())
            self._calls.add(under_way)
            return await under_way
        except grpc.aio.AioRpcError as error:
            mistake = caller_error(error.code().value[0], error.details() or "")
            if mistake is not None:
                raise mistake from None
            return None
        except (grpc.aio.UsageError, asyncio.CancelledError):
            if self._closed and under_way not in self._calls:
                return None  # the client ended it, not the caller
            raise
        finally:
            self._calls.discard(under_way)

    def tell(self, method: Method, request: Message) -> None:
        """Makes a call that nobody waits for."""
        if not self._gone:
            self._keep(self._told(method, request))

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _told(self, method: Method, request: Message) -> None:
        try:
            await self.call(method, request)
        except OutriggerError:
            pass  # nobody is left to be told

    def stream_stream(self, method: Method) -> Any:
        return self._callables.get(method.path) or self._make(method, "stream_stream")

    def unary_stream(self, method: Method) -> Any:
        return self._callables.get(method.path) or self._make(method, "unary_stream")

    def _make(self, method: Method, kind: str) -> Any:
        if self._gone:
            raise ClientClosed()
        if forks.state.asyncio_stranded:
            return stranded_method
        if self._channel is None:
            self._channel = channels.take(self.loop, self.target)
        made = getattr(self._channel, kind)(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )
        self._callables[method.path] = made
        return made

    def refuse(self) -> bool:
        """From now on calls raise ClientClosed. False: so they did before."""
        was_open, self._closed = not self._closed, True
        return was_open

    async def close(self) -> None:
        """After `refuse`: once what was told is heard, ends the calls under way, and
        lets go of the channel."""
        try:
            while self._tasks:
                await asyncio.wait(self._tasks)
        finally:
            calls, self._calls = self._calls, set()
            for call in calls:
                call.cancel()
            self._gone = True
            channel, self._channel = self._channel, None
            if channel is not None:
                await channels.give_back(self.loop, self.target)
