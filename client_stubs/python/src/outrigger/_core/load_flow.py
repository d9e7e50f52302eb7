"""How a key is had from the cache, or else from its loader: once in the fleet."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from outrigger._core.cache_requests import Keep, Requests
from outrigger._core.fills import give_back, store
from outrigger._core.rpc import ABANDON, GET
from outrigger._core.steps import Background, Call, Fallback, Flow, Load, Tell
from outrigger.cache.v1 import cache_pb2 as pb
from outrigger.caching import Cached
from outrigger.source import Source

_log = logging.getLogger("outrigger")
_WITH_VALUE = (pb.HIT, pb.STALE)


class Undecodable(Exception):
    """What the cache holds is not the codec's."""


def decoded(requests: Requests, found: pb.GetResponse) -> Any:
    """The value, None if there is none; raises Undecodable."""
    if found.status not in _WITH_VALUE:
        return None
    try:
        return requests.codec.decode(found.value)
    except Exception as error:
        raise Undecodable from error


class Wanted(NamedTuple):
    """One key, and how it is kept if it must be loaded."""

    requests: Requests
    key: str
    keep: Keep
    #: Seconds to wait for another's load.
    max_wait: float


def get_or_load(wanted: Wanted) -> Flow[Cached]:
    found = yield Call(GET, wanted.requests.get(wanted.key, 0))
    if found is not None and found.status == pb.MISS and not found.fill_token:
        # Another loads it: waits for that.
        request = wanted.requests.get(wanted.key, wanted.max_wait)
        found = yield Call(GET, request, wanted.max_wait)
    return (yield from _answered(wanted, found))


def _answered(wanted: Wanted, found: Any) -> Flow[Cached]:
    if found is None:
        yield Fallback()
        return Cached((yield Load()), True, False, Source.FALLBACK)
    if found.status == pb.MISS:
        return (yield from _load(wanted, found.fill_token))
    try:
        value = decoded(wanted.requests, found)
    except Undecodable:
        return (yield from _load(wanted, found.fill_token))
    if found.fill_token:
        started = yield Background(_refresh(wanted, found.fill_token))
        if not started:
            yield Tell(ABANDON, wanted.requests.abandon(wanted.key, found.fill_token))
    return Cached(value, False, found.status == pb.STALE, Source.SIDECAR)


def _load(wanted: Wanted, token: bytes) -> Flow[Cached]:
    """Runs the loader; stores what it gives if there is a token."""
    if not token:
        return Cached((yield Load()), True, False, Source.SIDECAR)
    tokens = {wanted.key: token}
    try:
        value = yield Load()
        yield from store(wanted.requests, {wanted.key: value}, wanted.keep, tokens)
    except BaseException:
        yield from give_back(wanted.requests, tokens, list(tokens))
        raise
    return Cached(value, True, False, Source.SIDECAR)


def _refresh(wanted: Wanted, token: bytes) -> Flow[None]:
    try:
        yield from _load(wanted, token)
    except Exception:
        _log.warning("a refresh of %s failed", wanted.requests.namespace, exc_info=True)
