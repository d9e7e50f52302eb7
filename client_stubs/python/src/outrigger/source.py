"""Where an answer is from."""

from __future__ import annotations

import enum


class Source(enum.Enum):
    """Who decided."""

    #: The sidecar answered.
    SIDECAR = "sidecar"
    #: The sidecar did not answer, and the part's policy decided.
    FALLBACK = "fallback"
