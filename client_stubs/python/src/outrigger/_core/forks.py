"""What a process that forks must know: gunicorn's workers, multiprocessing.

gRPC's threads do not live on in a child. A client that made no call before the
fork works in the child as everywhere, for it has no channel yet. If there were
calls, calls in the child would hang, so they are not made: the policies answer,
and the log says so once. With GRPC_ENABLE_FORK_SUPPORT=1 gRPC itself takes care
of forks (not for asyncio), and they are made; but it was seen to hang or die in
the child if the parent had streams open.
"""

from __future__ import annotations

import logging
import os
from typing import Any, Callable, Protocol
from weakref import WeakSet

_log = logging.getLogger("outrigger")
_SUPPORT = os.environ.get("GRPC_ENABLE_FORK_SUPPORT", "").lower() in ("1", "true", "yes")


class Resettable(Protocol):
    """Something that a child must make anew."""

    def reset(self) -> None: ...


class _State:
    def __init__(self) -> None:
        self.blocking_used = False
        self.asyncio_used = False
        self.blocking_stranded = False
        self.asyncio_stranded = False


state = _State()
_all: WeakSet[Any] = WeakSet()
_first: list[Callable[[], None]] = []
#: What the parent had. To let go of it would end the parent's own connections.
_inherited: list[Any] = []


def register(client: Resettable) -> None:
    """Calls its `reset` in each child, as long as it lives."""
    _all.add(client)


def before_clients(reset: Callable[[], None]) -> None:
    """Calls it in each child, before the clients' are."""
    _first.append(reset)


def keep(*inherited: Any) -> None:
    """Never lets go of these."""
    _inherited.append(inherited)


def _in_child() -> None:
    used = state.blocking_used or state.asyncio_used
    state.blocking_stranded = used and not _SUPPORT
    state.asyncio_stranded = used and (not _SUPPORT or state.asyncio_used)
    if state.blocking_stranded:
        _log.warning(
            "gRPC was used before this process was forked: the sidecar cannot be asked here. "
            "Make the first call after the fork"
        )
    for reset in _first:
        reset()
    for client in list(_all):
        client.reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
