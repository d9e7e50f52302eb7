"""How what was loaded is stored. Each right to load is used, or given back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from outrigger._core.cache_requests import Keep, Requests
from outrigger._core.rpc import ABANDON, SET, SET_MANY
from outrigger._core.steps import Call, Flow, Tell
from outrigger.cache.v1 import cache_pb2 as pb
from outrigger.errors import OutriggerError, RequestError

_log = logging.getLogger("outrigger")
#: Of one SetMany, unless one value is larger.
MOST_BYTES = 4 << 20


def store(
    requests: Requests, values: Mapping[str, Any], keep: Keep, tokens: dict[str, bytes]
) -> Flow[None]:
    """The values of all keys that have a token, 1,000 at most; takes out the tokens
    that are done with. That a value cannot be stored is no error."""
    batch: list[pb.SetRequest] = []
    size = 0
    for key, token in list(tokens.items()):
        request = _fill(requests, key, values.get(key), keep, token)
        if request is None:
            yield from give_back(requests, tokens, [key])
            continue
        adds = request.ByteSize()
        if batch and size + adds > MOST_BYTES:
            yield from _send(requests, batch, tokens)
            batch, size = [], 0
        batch.append(request)
        size += adds
    if batch:
        yield from _send(requests, batch, tokens)


def give_back(requests: Requests, tokens: dict[str, bytes], keys: list[str]) -> Flow[None]:
    """Others may load these now."""
    for key in keys:
        yield Tell(ABANDON, requests.abandon(key, tokens.pop(key)))


def _fill(
    requests: Requests, key: str, value: Any, keep: Keep, token: bytes
) -> pb.SetRequest | None:
    """None: it cannot be encoded."""
    if value is None:
        keep = Keep(tags=keep.tags)  # an absence is kept as the namespace says
    try:
        return requests.set(key, value, keep, token)
    except Exception:
        _log.warning("what was loaded of %s is not stored", requests.namespace, exc_info=True)
        return None


def _send(requests: Requests, batch: list[pb.SetRequest], tokens: dict[str, bytes]) -> Flow[None]:
    try:
        if len(batch) == 1:
            answer = yield Call(SET, batch[0])
        else:
            answer = yield Call(SET_MANY, pb.SetManyRequest(requests=batch))
    except OutriggerError as error:
        if len(batch) > 1 and isinstance(error, RequestError) and error.code == "INVALID_ARGUMENT":
            for request in batch:  # for one of them all are refused
                yield from _send(requests, [request], tokens)
            return
        _log.warning("what was loaded of %s is not stored: %s", requests.namespace, error)
        answer = None
    if answer is None:  # too large for the sidecar, say; it is not told from a silence
        yield from give_back(requests, tokens, [request.key for request in batch])
        return
    for request in batch:
        del tokens[request.key]
