"""Limits for gRPC servers: an interceptor for grpc.server, one for grpc.aio.server.

    grpc.server(pool, interceptors=[RateLimitInterceptor(client.limiter, attributes)])
    grpc.aio.server(interceptors=[AioRateLimitInterceptor(aio_client.limiter, attributes)])

Denied calls are RESOURCE_EXHAUSTED. `retry-after`, `ratelimit` and
`ratelimit-policy` are trailing metadata, of calls that were admitted, too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, Callable, Optional

import grpc
import grpc.aio

from outrigger import aio
from outrigger._sync.limiter import Limiter
from outrigger.limits import Decision, rate_limit_headers

#: From a call's `method` (`/package.Service/Name`) and `invocation_metadata`, what
#: its limits are about; None: it is not limited.
AttributesOf = Callable[[grpc.HandlerCallDetails], Optional[Mapping[str, str]]]
_Metadata = list[tuple[str, str]]


class RateLimitInterceptor(grpc.ServerInterceptor):  # type: ignore[misc]
    """For `grpc.server`. `limiter` is `outrigger.Client.limiter`."""

    def __init__(self, limiter: Limiter, attributes: AttributesOf) -> None:
        self._limiter = limiter
        self._attributes = attributes

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        handler = continuation(details)
        attributes = self._attributes(details)
        if handler is None or attributes is None:
            return handler
        behaviour = _behaviour(handler)

        def admit(context: Any) -> _Metadata:
            """Asks on a thread of the server's pool: here its only event thread runs,
            for which all other calls would wait."""
            decision = self._limiter.allow(attributes, detail=True)
            ours = _metadata(decision)
            if not decision:
                context.set_trailing_metadata(ours)
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, _message(decision))
            return ours

        if handler.response_streaming:

            def stream(request: Any, context: Any) -> Any:
                ours = admit(context)
                _add(context, ours)
                yield from behaviour(request, context)
                _add(context, ours)

            return _rebuilt(handler, stream)

        def answer(request: Any, context: Any) -> Any:
            ours = admit(context)
            _add(context, ours)  # if it aborts
            response = behaviour(request, context)
            _add(context, ours)  # if it set its own
            return response

        return _rebuilt(handler, answer)


class AioRateLimitInterceptor(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """For `grpc.aio.server`. `limiter` is `outrigger.aio.Client.limiter`."""

    def __init__(self, limiter: aio.Limiter, attributes: AttributesOf) -> None:
        self._limiter = limiter
        self._attributes = attributes

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], details: Any
    ) -> Any:
        handler = await continuation(details)
        attributes = self._attributes(details)
        if handler is None or attributes is None:
            return handler
        decision = await self._limiter.allow(attributes, detail=True)
        behaviour = _behaviour(handler)
        ours = _metadata(decision)
        if not decision:

            async def deny(request: Any, context: Any) -> Any:
                await context.abort(
                    grpc.StatusCode.RESOURCE_EXHAUSTED,
                    _message(decision),
                    trailing_metadata=tuple(ours),
                )

            async def deny_stream(request: Any, context: Any) -> Any:
                await deny(request, context)
                yield  # makes it a stream; it is not come to

            return _rebuilt(handler, deny_stream if handler.response_streaming else deny)
        if handler.response_streaming:

            async def stream(request: Any, context: Any) -> Any:
                _add(context, ours)
                async for response in behaviour(request, context):
                    yield response
                _add(context, ours)

            return _rebuilt(handler, stream)

        async def answer(request: Any, context: Any) -> Any:
            _add(context, ours)
            response = await behaviour(request, context)
            _add(context, ours)
            return response

        return _rebuilt(handler, answer)


def _metadata(decision: Decision) -> _Metadata:
    return [(name.lower(), value) for name, value in rate_limit_headers(decision).items()]


def _message(decision: Decision) -> str:
    if decision.limit:
        return f"the limit {decision.limit} is used up"
    return "the limit cannot be asked, and denies meanwhile"


def _add(context: Any, ours: _Metadata) -> None:
    names = {name for name, _ in ours}
    theirs = [one for one in context.trailing_metadata() or () if one[0] not in names]
    context.set_trailing_metadata((*theirs, *ours))


def _kind(handler: Any) -> str:
    return (
        f"{'stream' if handler.request_streaming else 'unary'}_"
        f"{'stream' if handler.response_streaming else 'unary'}"
    )


def _behaviour(handler: Any) -> Any:
    return getattr(handler, _kind(handler))


def _rebuilt(handler: Any, behaviour: Any) -> Any:
    return getattr(grpc, _kind(handler) + "_rpc_method_handler")(
        behaviour,
        request_deserializer=handler.request_deserializer,
        response_serializer=handler.response_serializer,
    )
