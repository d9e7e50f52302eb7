"""The caller's OpenTelemetry context, where OpenTelemetry is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

try:
    from opentelemetry import propagate, trace
except ImportError:
    propagate = None  # type: ignore[assignment]

Metadata = Optional[Sequence[tuple[str, str]]]


def metadata() -> Metadata:
    """For an RPC: the caller's `traceparent`, `tracestate` and `baggage`."""
    if propagate is None:
        return None
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return tuple((name.lower(), value) for name, value in carrier.items()) or None


def sampled() -> bool:
    """Whether the caller's trace is being recorded."""
    if propagate is None:
        return False
    return bool(trace.get_current_span().get_span_context().trace_flags.sampled)
