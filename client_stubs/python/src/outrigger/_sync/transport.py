"""Calls of one client on its channel."""

from __future__ import annotations

import threading
import time
from typing import Any

import grpc
from google.protobuf.message import Message

from outrigger._core import forks, trace
from outrigger._core.rpc import Method, caller_error
from outrigger._sync import channels
from outrigger._sync.stranded import StrandedMethod
from outrigger.errors import ClientClosed


class Transport:
    """Takes the channel at the first call. Thread-safe."""

    def __init__(self, target: str, timeout: float) -> None:
        self.target = target
        #: Seconds that a call may take.
        self.timeout = timeout
        self._closed = False
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork; closed stays closed."""
        self._lock = threading.Lock()
        self._channel: grpc.Channel | None = None
        self._callables: dict[str, Any] = {}
        self._told: set[Any] = set()  # gRPC cancels a call that nobody keeps
        self._gone = False  # its channel, too

    @property
    def closed(self) -> bool:
        return self._closed

    def check_open(self) -> None:
        if self._closed:
            raise ClientClosed()

    def call(self, method: Method, request: Message, wait: float = 0) -> Any:
        """The answer, or None if the sidecar gave none. RequestError: the caller's
        mistake. `wait` is how many seconds the sidecar may hold the call back."""
        return self.call_within(self.timeout + wait, method, request)

    def call_within(self, timeout: float, method: Method, request: Message) -> Any:
        """As `call`, with a deadline of its own."""
        unary = self._callables.get(method.path) or self._make(method, "unary_unary")
        try:
            return unary(request, timeout=timeout, metadata=trace.metadata())
        except grpc.RpcError as error:
            mistake = caller_error(error.code().value[0], error.details() or "")
            if mistake is not None:
                raise mistake from None
            return None
        except ValueError:
            if self._closed:  # its channel was closed meanwhile
                return None
            raise

    def begin(self, method: Method, request: Message) -> Any:
        """A call under way, as gRPC's future; None: the client is closed."""
        try:
            unary = self._callables.get(method.path) or self._make(method, "unary_unary")
            return unary.future(request, timeout=self.timeout, metadata=trace.metadata())
        except (ClientClosed, ValueError):
            return None

    def tell(self, method: Method, request: Message) -> None:
        """Makes a call that nobody waits for."""
        call = self.begin(method, request)
        if call is not None:
            self._told.add(call)
            call.add_done_callback(self._told.discard)

    def stream_stream(self, method: Method) -> Any:
        return self._callables.get(method.path) or self._make(method, "stream_stream")

    def unary_stream(self, method: Method) -> Any:
        return self._callables.get(method.path) or self._make(method, "unary_stream")

    def _make(self, method: Method, kind: str) -> Any:
        with self._lock:
            if self._gone:
                raise ClientClosed()
            if forks.state.blocking_stranded:
                return StrandedMethod(kind)
            if self._channel is None:
                self._channel = channels.take(self.target)
            made = getattr(self._channel, kind)(
                method.path,
                request_serializer=method.request.SerializeToString,
                response_deserializer=method.response.FromString,
            )
            self._callables[method.path] = made
            return made

    def refuse(self) -> bool:
        """From now on calls raise ClientClosed. False: so they did before."""
        with self._lock:
            was_open, self._closed = not self._closed, True
            return was_open

    def close(self) -> None:
        """After `refuse`: lets go of the channel, once what was told is heard."""
        deadline = time.monotonic() + self.timeout
        for call in tuple(self._told):
            try:
                call.exception(max(deadline - time.monotonic(), 0))
            except (grpc.FutureTimeoutError, grpc.FutureCancelledError):
                pass
        with self._lock:
            self._gone = True
            channel, self._channel = self._channel, None
        if channel is not None:
            channels.give_back(self.target)
