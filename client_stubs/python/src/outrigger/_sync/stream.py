"""A call with two directions: a thread of gRPC's writes, one of ours reads."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any, Callable, Optional

import grpc
from google.protobuf.message import Message

Take = Callable[["Stream"], Optional[Message]]


class Stream:
    """`take` gives the next message to write, or None; `receive` gets each that
    comes; `ended` is called once, after the last. All three on threads of the
    stream's, never under a lock of its own. After `ended` it may take once more:
    `take` is told who asks."""

    def __init__(
        self,
        method: Any,
        take: Take,
        receive: Callable[[Any], None],
        ended: Callable[[Stream], None],
        name: str,
    ) -> None:
        self._take = take
        self._receive = receive
        self._ended = ended
        self._tokens: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._woken = False
        self._call = method(self._requests())
        self._reader = threading.Thread(target=self._read, name=name, daemon=True)
        self._reader.start()

    def wake(self) -> None:
        """There is something to take."""
        # What was put before this is seen is taken: the flag falls before `take`.
        if not self._woken:
            self._woken = True
            self._tokens.put(True)

    def _requests(self) -> Iterator[Message]:
        while self._tokens.get():
            self._woken = False
            message = self._take(self)
            while message is not None:
                yield message
                message = self._take(self)

    def _read(self) -> None:
        try:
            for message in self._call:
                self._receive(message)
        except grpc.RpcError:
            pass  # `ended` is told all the same
        finally:
            self._tokens.put(False)
            self._ended(self)

    def finish(self, timeout: float) -> None:
        """Ends the sending, and waits until the sidecar has ended its side."""
        self._tokens.put(False)
        self._reader.join(timeout)
        self.cancel()

    def cancel(self) -> None:
        """Ends it at once."""
        self._call.cancel()
        if threading.current_thread() is not self._reader:
            self._reader.join()
