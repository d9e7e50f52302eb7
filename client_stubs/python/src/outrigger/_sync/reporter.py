"""Tells the sidecar how breakers' calls ended."""

from __future__ import annotations

import threading

from outrigger._core.outcome_queue import PATIENCE, OutcomeQueue, by_breaker
from outrigger._core.rpc import BREAKER_REPORT
from outrigger._core.verdicts import Outcome
from outrigger._sync.transport import Transport
from outrigger.breaker.v1 import breaker_pb2 as pb
from outrigger.errors import OutriggerError, RequestError
from outrigger.outcomes import Result


class Reporter:
    """Has a thread from the first outcome on. Thread-safe."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.reset()

    def reset(self) -> None:
        """As new, in a child after a fork."""
        self._changed = threading.Condition()
        # All below is protected by it.
        self._queue = OutcomeQueue()
        self._urgent = False
        self._idle = False  # the thread sleeps until it is told of something
        self._closed = False
        self._thread: threading.Thread | None = None

    def add(self, outcome: Outcome) -> None:
        urgent = outcome.result is Result.FAILURE or outcome.verdict.probe
        with self._changed:
            if self._closed:
                self._queue.dropped += 1
                return
            self._queue.add(outcome)
            if urgent:
                self._urgent = True
            if self._thread is None:
                self._start()
            elif urgent or self._idle:
                self._changed.notify_all()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="outrigger-outcomes", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._idle = True
                self._changed.wait_for(lambda: len(self._queue) or self._closed)
                self._idle = False
                self._changed.wait_for(lambda: self._urgent or self._closed, PATIENCE)
                if not self._queue:
                    return  # closed
                request = self._queue.take()
                self._urgent = self._urgent and len(self._queue) > 0
            self._tell(request)

    def _tell(self, request: pb.ReportRequest) -> None:
        answered, mistaken = False, False
        try:
            answered = self._transport.call(BREAKER_REPORT, request) is not None
        except RequestError:
            parts = by_breaker(request)
            if len(parts) > 1:
                for part in parts:
                    self._tell(part)
                return
            mistaken = True
        except OutriggerError:
            pass  # closed
        with self._changed:
            self._queue.told(request, answered)
            if self._closed and not answered and not mistaken:
                self._queue.give_up()
            self._changed.notify_all()

    def flush(self) -> None:
        """Returns when all outcomes so far have been answered or given up."""
        with self._changed:
            until = self._queue.added
            self._urgent = len(self._queue) > 0
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._queue.settled >= until or not self._thread)

    @property
    def dropped(self) -> int:
        with self._changed:
            return self._queue.dropped

    def close(self) -> None:
        """Tells what is left, if the sidecar answers."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()
