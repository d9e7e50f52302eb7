"""Where the sidecar is."""

from __future__ import annotations

import os
from typing import Any

_SOCKET = os.path.join("outrigger", "outrigger.sock")
_USUAL_FOLDER = "/run/outrigger"
_TCP = "127.0.0.1:7420"

CHANNEL_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.default_authority", "localhost"),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 1000),  # of one attempt to connect
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.max_send_message_length", 64 << 20),
    ("grpc.max_receive_message_length", 64 << 20),
    # There is no bandwidth to probe for; and a probe that finds a drained sidecar's
    # connection closed loses the answer that was not read yet.
    ("grpc.http2.bdp_probe", 0),
    ("grpc.enable_http_proxy", 0),
    ("grpc.enable_retries", 0),
    ("grpc.service_config_disable_resolution", 1),
]


def resolve(given: str | None) -> str:
    """A target as gRPC takes it: `given`, $OUTRIGGER_TARGET, or the usual socket."""
    chosen = given or os.environ.get("OUTRIGGER_TARGET")
    return _canonical(chosen) if chosen else _usual()


def _usual() -> str:
    for folder in ("/run", os.environ.get("XDG_RUNTIME_DIR"), "/tmp"):
        if folder and os.path.exists(os.path.join(folder, _SOCKET)):
            return "unix:" + os.path.join(folder, _SOCKET)
    if os.path.isdir(_USUAL_FOLDER):
        return f"unix:{_USUAL_FOLDER}/outrigger.sock"
    return _TCP


def _canonical(target: str) -> str:
    if target.startswith("unix://"):
        path = target[len("unix://") :]
    elif target.startswith("unix:"):
        path = target[len("unix:") :]
    elif "://" not in target and "/" in target:
        path = target
    else:
        return target
    return "unix:" + os.path.abspath(path)
