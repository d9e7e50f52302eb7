"""Requests to one namespace of the cache."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from outrigger._core.rpc import duration
from outrigger.cache.v1 import cache_pb2 as pb
from outrigger.caching import DeleteResult, InvalidateResult, SetResult
from outrigger.codecs import Codec
from outrigger.source import Source


class Keep(NamedTuple):
    """How a value is kept. Seconds; None: as the namespace says."""

    ttl: float | None = None
    stale_for: float | None = None
    tags: Sequence[str] = ()


class Requests(NamedTuple):
    """Makes them."""

    namespace: str
    codec: Codec

    def get(self, key: str, max_wait: float) -> pb.GetRequest:
        return pb.GetRequest(namespace=self.namespace, key=key, max_wait=duration(max_wait))

    def look(self, key: str) -> pb.GetRequest:
        return pb.GetRequest(namespace=self.namespace, key=key, no_fill=True)

    def set(
        self,
        key: str,
        value: Any,
        keep: Keep,
        token: bytes = b"",
        if_version: int = 0,
        if_absent: bool = False,
    ) -> pb.SetRequest:
        request = pb.SetRequest(namespace=self.namespace, key=key, tags=keep.tags)
        if value is None:
            request.absent = True
        else:
            request.value = self.codec.encode(value)
        if keep.ttl is not None:
            request.ttl.CopyFrom(duration(keep.ttl))
        if keep.stale_for is not None:
            request.stale_for.CopyFrom(duration(keep.stale_for))
        if token:
            request.fill_token = token
        elif if_version:
            request.if_version = if_version
        elif if_absent:
            request.if_absent = True
        return request

    def abandon(self, key: str, token: bytes) -> pb.AbandonRequest:
        return pb.AbandonRequest(namespace=self.namespace, key=key, fill_token=token)

    def unclaimed(
        self,
        question: pb.GetRequest | pb.GetManyRequest,
        answer: pb.GetResponse | pb.GetManyResponse,
    ) -> list[pb.AbandonRequest]:
        """For all rights to load that came with an answer."""
        questions = question.requests if isinstance(question, pb.GetManyRequest) else [question]
        answers = answer.responses if isinstance(answer, pb.GetManyResponse) else [answer]
        return [
            self.abandon(asked.key, found.fill_token)
            for asked, found in zip(questions, answers)
            if found.fill_token
        ]

    def delete(self, key: str, if_version: int) -> pb.DeleteRequest:
        return pb.DeleteRequest(namespace=self.namespace, key=key, if_version=if_version)

    def invalidate(
        self, keys: Iterable[str], tags: Iterable[str], glob: str, soft: bool
    ) -> pb.InvalidateRequest:
        return pb.InvalidateRequest(
            namespace=self.namespace, keys=keys, tags=tags, glob=glob, soft=soft
        )


def set_result(answer: pb.SetResponse | None) -> SetResult:
    if answer is None:
        return SetResult(False, 0, None, Source.FALLBACK)
    reason = pb.Reason.Name(answer.reason) if answer.reason else None
    return SetResult(answer.stored, answer.version, reason, Source.SIDECAR)


def delete_result(answer: pb.DeleteResponse | None) -> DeleteResult:
    if answer is None:
        return DeleteResult(False, Source.FALLBACK)
    return DeleteResult(answer.deleted, Source.SIDECAR)


def invalidate_result(answer: pb.InvalidateResponse | None) -> InvalidateResult:
    if answer is None:
        return InvalidateResult(None, Source.FALLBACK)
    counted = answer.invalidated if answer.HasField("invalidated") else None
    return InvalidateResult(counted, Source.SIDECAR)
