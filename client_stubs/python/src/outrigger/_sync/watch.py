"""Hears the states of all breakers."""

from __future__ import annotations

import threading
from typing import Any

import grpc

from outrigger._core.rpc import BREAKER_WATCH
from outrigger._core.watch_table import WatchTable
from outrigger._sync.transport import Transport
from outrigger.breaker.v1 import breaker_pb2 as pb
from outrigger.errors import ClientClosed

_SHORTEST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class Watch:
    """Has a thread from `open` on, which opens the stream again when it ends."""

    def __init__(self, transport: Transport, table: WatchTable) -> None:
        self._transport = transport
        self._table = table
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork."""
        self._table.reset()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._call: Any = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Again is no error."""
        if self._thread is None:
            with self._lock:
                if self._thread is None and not self._closed.is_set():
                    self._thread = threading.Thread(
                        target=self._run, name="outrigger-watch", daemon=True
                    )
                    self._thread.start()

    def _run(self) -> None:
        pause = _SHORTEST_PAUSE
        while not self._closed.is_set():
            if self._listen():
                pause = _SHORTEST_PAUSE
            self._closed.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _listen(self) -> bool:
        """Until the stream ends. True: it told something."""
        told = False
        try:
            with self._lock:
                if self._closed.is_set():
                    return False
                self._call = self._transport.unary_stream(BREAKER_WATCH)(
                    pb.WatchRequest(), wait_for_ready=True
                )
            for message in self._call:
                self._table.receive(message)
                told = True
        except (grpc.RpcError, ClientClosed):
            pass  # it is opened again, unless the client is closed
        finally:
            self._table.ended()
        return told

    def close(self) -> None:
        self._closed.set()
        with self._lock:
            call, thread = self._call, self._thread
        if call is not None:
            call.cancel()
        if thread is not None:
            thread.join()
