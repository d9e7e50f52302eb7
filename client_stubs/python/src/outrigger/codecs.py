"""How values become the bytes that the cache keeps.

A codec is anything with these two methods. `decode` may raise anything: what it
cannot read is loaded anew. What `encode` raises is raised by `set`; what was loaded
is answered all the same, and not stored.
"""

from __future__ import annotations

import json
from typing import Any, Protocol


class Codec(Protocol):
    """Turns values into bytes and back. None is never encoded: it is an absence."""

    def encode(self, value: Any) -> bytes: ...

    def decode(self, data: bytes) -> Any: ...


class _Json:
    def encode(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def decode(self, data: bytes) -> Any:
        return json.loads(data)


class _Text:
    def encode(self, value: Any) -> bytes:
        return str.encode(value)

    def decode(self, data: bytes) -> Any:
        return data.decode()


class _Bytes:
    def encode(self, value: Any) -> bytes:
        return bytes(memoryview(value))

    def decode(self, data: bytes) -> Any:
        return data


#: What `json` can write. The default.
JSON: Codec = _Json()
#: `str`, as UTF-8.
TEXT: Codec = _Text()
#: `bytes`, as they are.
BYTES: Codec = _Bytes()
