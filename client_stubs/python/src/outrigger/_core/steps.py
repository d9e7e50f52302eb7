"""What a flow asks of whoever runs it: either client performs the same flows.

A flow is a generator. It yields one of these, is sent the result or thrown the
error, and returns what the caller gets.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple, TypeVar, Union

from google.protobuf.message import Message

from outrigger._core.rpc import Method


class Call(NamedTuple):
    """Makes an RPC: its answer, or None if the sidecar gave none. RequestError."""

    method: Method
    request: Message
    #: Seconds that the sidecar may hold it back.
    wait: float = 0


class Tell(NamedTuple):
    """Makes an RPC that nobody waits for."""

    method: Method
    request: Message


class Load(NamedTuple):
    """Runs the caller's loader, with `keys` if there are any: what it returns."""

    keys: Sequence[str] | None = None


class Fallback(NamedTuple):
    """Counts that the sidecar did not answer."""


class Background(NamedTuple):
    """Runs `flow` while the caller goes on; False: too many are run already."""

    flow: Flow[None]


Step = Union[Call, Tell, Load, Fallback, Background]
R = TypeVar("R")
Flow = Generator[Step, Any, R]
