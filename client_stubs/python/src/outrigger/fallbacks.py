"""What happens while the sidecar does not answer: one policy a part.

The cache has none to choose: its loader is called and nothing is stored.
"""

from __future__ import annotations

from dataclasses import dataclass

_LIMITS = ("allow", "deny", "local")
_BREAKER = ("local", "allow", "deny")
_POOL = ("refuse", "share")


def _one_of(value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"mode is {value!r}, not one of {', '.join(choices)}")


@dataclass(frozen=True)
class LimitFallback:
    """For limits.

    mode   "allow": everything is admitted. "deny": nothing is, retry after 1 s.
           "local": a token bucket of this process for each set of attributes, at
           most 10,000 of them; the least recently used is forgotten.
    rate   of "local": tokens a second; above 0.
    burst  of "local": most tokens at once; 1 or more.
    """

    mode: str = "allow"
    rate: float = 10.0
    burst: int = 10

    def __post_init__(self) -> None:
        _one_of(self.mode, _LIMITS)
        if not self.rate > 0 or not self.burst >= 1:
            raise ValueError("rate must be above 0, and burst at least 1")


@dataclass(frozen=True)
class BreakerFallback:
    """For breakers.

    mode      "local": this process' own record of each breaker and method.
              "allow": all calls pass. "deny": none does, retry after 1 s.
    failures  of "local": opens after so many in a row; 1 or more.
    open_for  of "local": seconds until one call at a time probes; above 0.
    """

    mode: str = "local"
    failures: int = 5
    open_for: float = 10.0

    def __post_init__(self) -> None:
        _one_of(self.mode, _BREAKER)
        if self.failures < 1 or not self.open_for > 0:
            raise ValueError("failures must be at least 1, and open_for above 0")


@dataclass(frozen=True)
class PoolFallback:
    """For pools.

    mode      "refuse": no lease, STORE_UNAVAILABLE, retry after 1 s. "share": at
              most `share` leases of each pool in this process; beyond that refused.
    share     of "share": 1 or more.
    endpoint  of "share": the address that leases have; empty: none.
    """

    mode: str = "refuse"
    share: int = 1
    endpoint: str = ""

    def __post_init__(self) -> None:
        _one_of(self.mode, _POOL)
        if self.share < 1:
            raise ValueError("share must be at least 1")
