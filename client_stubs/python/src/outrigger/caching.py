"""Answers about caches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from outrigger.source import Source


@dataclass(frozen=True)
class Cached:
    """What `fetch` found or loaded."""

    #: None: there is none.
    value: Any
    #: This call ran the loader before it answered.
    loaded: bool
    #: Past its time, or softly invalidated; somebody loads it anew.
    stale: bool
    #: FALLBACK: the sidecar did not answer, and the value was not stored.
    source: Source


@dataclass(frozen=True)
class SetResult:
    """Whether a value was stored. True as a boolean if it was."""

    stored: bool
    #: The new version; if it was not stored, the current one (0: none, or not known).
    version: int
    #: Of the proto's `Reason`: VERSION_MISMATCH, ALREADY_EXISTS, STORE_UNAVAILABLE;
    #: None: it was stored, or the sidecar did not answer.
    reason: str | None
    source: Source

    def __bool__(self) -> bool:
        return self.stored


@dataclass(frozen=True)
class DeleteResult:
    """Whether there was a value that is gone now; as a boolean, too."""

    deleted: bool
    source: Source

    def __bool__(self) -> bool:
        return self.deleted


@dataclass(frozen=True)
class InvalidateResult:
    """What an invalidation did."""

    #: How many of `keys` had a value; None: not counted.
    invalidated: int | None
    #: FALLBACK: the sidecar did not answer, and it may not have been done.
    source: Source
