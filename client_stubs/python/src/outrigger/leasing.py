"""A slot of a pool, while it is held."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import Callable

from outrigger.outcomes import Classifier, Result, classify, judge
from outrigger.source import Source

_log = logging.getLogger("outrigger")
GiveBack = Callable[["Lease", Result], None]


class Lease:
    """A slot, until the end of its `with`, or `release`. Thread-safe.

    It is renewed by itself. It is lost when the sidecar says so, when the
    connection to it breaks, or when it could not be renewed in time: whoever holds
    it then closes what it stands for.
    """

    def __init__(
        self,
        pool: str,
        give_back: GiveBack,
        classifier: Classifier = classify,
        *,
        lease_id: int = 0,
        endpoint: str | None = None,
        zone: str = "",
        fencing_token: int = 0,
        overflow: bool = False,
        panic: bool = False,
        source: Source = Source.SIDECAR,
        expires_at: float | None = None,
    ) -> None:
        #: The pool's name.
        self.pool = pool
        #: Where to connect to, `host:port` or `unix:path`; None: the pool only caps.
        self.endpoint = endpoint
        #: As configured; may be empty.
        self.zone = zone
        #: Greater than that of everyone who held this slot before, in any pod; 0 if
        #: a fallback gave it.
        self.fencing_token = fencing_token
        #: Beyond max_connections: close the connection afterwards, do not keep it.
        self.overflow = overflow
        #: All endpoints are unwell, and this is the best of them.
        self.panic = panic
        #: FALLBACK: of the share of this process (`PoolFallback`).
        self.source = source
        #: The sidecar's name for it; 0: none.
        self.lease_id = lease_id
        #: When it is over unless it is renewed, by `time.monotonic`; None: never.
        self.expires_at = expires_at
        self._give_back = give_back
        self._classify = classifier
        self._lock = threading.Lock()
        self._lost = False
        self._released = False
        self._callbacks: list[Callable[[], object]] = []

    @property
    def lost(self) -> bool:
        """It is not held any more, and was not given back."""
        if not self._lost and not self._released and self.expires_at is not None:
            return time.monotonic() >= self.expires_at
        return self._lost

    def on_lost(self, callback: Callable[[], object]) -> None:
        """Calls it once when the lease is lost, at once if it is; on a thread of the
        library's (asyncio: in the loop), so it must not block. What it raises there is
        logged."""
        with self._lock:
            if not self._lost:
                self._callbacks.append(callback)
                return
        callback()

    def release(self, result: Result = Result.IGNORED) -> None:
        """Gives it back, and says how the endpoint did. Does not wait. Close the
        connection first, or keep it for the next lease on that endpoint. Twice is
        no error, and neither is one that was lost."""
        with self._lock:
            if self._released:
                return
            self._released = True
            self._callbacks.clear()
        self._give_back(self, result)

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release(Result.SUCCESS if error is None else judge(self._classify, error))

    def lose(self) -> None:
        """For the library: tells whoever wants to know. Once."""
        with self._lock:
            if self._lost or self._released:
                return
            self._lost = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            try:
                callback()
            except Exception:
                _log.warning("an on_lost of a lease of %s failed", self.pool, exc_info=True)

    def strand(self) -> None:
        """For the library: in a child after a fork it is the parent's."""
        self._lock = threading.Lock()
        self._lost = True

    def __repr__(self) -> str:
        return (
            f"Lease({self.pool!r}, endpoint={self.endpoint!r}, lost={self.lost}, "
            f"source={self.source.value!r})"
        )
