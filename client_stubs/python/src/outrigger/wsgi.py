"""Limits for WSGI applications: Flask, Django and others.

app.wsgi_app = RateLimitMiddleware(app.wsgi_app, client.limiter,
                                   lambda environ: {"route": environ["PATH_INFO"]})
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Callable

from outrigger._sync.limiter import Limiter
from outrigger.limits import rate_limit_headers

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]

_BODY = b"Too many requests\n"


class RateLimitMiddleware:
    """Asks before each request, and answers 429 to those that are denied.

    Answers have the headers `RateLimit` and `RateLimit-Policy`, those that are
    denied also `Retry-After`.

    limiter     `outrigger.Client.limiter`.
    attributes  from a request's environ, what its limits are about; None: it is not
                limited. What it raises, and a RequestError, is the server's.
    """

    def __init__(
        self,
        app: App,
        limiter: Limiter,
        attributes: Callable[[Environ], Mapping[str, str] | None],
    ) -> None:
        self._app = app
        self._limiter = limiter
        self._attributes = attributes

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        attributes = self._attributes(environ)
        if attributes is None:
            return self._app(environ, start_response)
        decision = self._limiter.allow(attributes, detail=True)
        ours = list(rate_limit_headers(decision).items())
        if not decision:
            start_response(
                "429 Too Many Requests",
                [("Content-Type", "text/plain"), ("Content-Length", str(len(_BODY))), *ours],
            )
            return [_BODY]

        def start_with_headers(status: str, headers: Headers, *error: Any) -> Any:
            return start_response(status, [*headers, *ours], *error)

        return self._app(environ, start_with_headers)
