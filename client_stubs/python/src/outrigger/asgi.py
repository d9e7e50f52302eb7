"""Limits for ASGI applications: Starlette, FastAPI and others.

app.add_middleware(RateLimitMiddleware, limiter=client.limiter,
                   attributes=lambda scope: {"route": scope["path"]})
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, MutableMapping
from typing import Any, Callable

from outrigger.aio.limiter import Limiter
from outrigger.limits import rate_limit_headers

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_BODY = b"Too many requests\n"


class RateLimitMiddleware:
    """Asks before each HTTP request, and answers 429 to those that are denied.

    Answers have the headers `RateLimit` and `RateLimit-Policy`, those that are
    denied also `Retry-After`.

    limiter     `outrigger.aio.Client.limiter`.
    attributes  from a request's scope, what its limits are about; None: it is not
                limited. What it raises, and a RequestError, is the application's.
    """

    def __init__(
        self, app: App, limiter: Limiter, attributes: Callable[[Scope], Mapping[str, str] | None]
    ) -> None:
        self._app = app
        self._limiter = limiter
        self._attributes = attributes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        attributes = self._attributes(scope) if scope["type"] == "http" else None
        if attributes is None:
            await self._app(scope, receive, send)
            return
        decision = await self._limiter.allow(attributes, detail=True)
        headers = _encoded(rate_limit_headers(decision))
        if not decision:
            await _deny(send, headers)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *headers]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


async def _deny(send: Send, headers: list[tuple[bytes, bytes]]) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 429,
            "headers": [
                (b"content-type", b"text/plain"),
                (b"content-length", str(len(_BODY)).encode()),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": _BODY})


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [
        (name.lower().encode("ascii"), value.encode("latin-1", "replace"))
        for name, value in headers.items()
    ]
