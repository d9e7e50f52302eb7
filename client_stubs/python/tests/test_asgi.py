"""The middleware in FastAPI (so in Starlette), asked through httpx."""

import fastapi
import httpx
import pytest

from outrigger import LimitFallback, RequestError
from outrigger.aio import Client
from outrigger.asgi import RateLimitMiddleware


def application(limiter, attributes):
    app = fastapi.FastAPI()
    app.add_middleware(RateLimitMiddleware, limiter=limiter, attributes=attributes)

    @app.get("/greet/{name}")
    async def greet(name: str, response: fastapi.Response):
        response.headers["x-own"] = "1"
        return {"hello": name}

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


def by_user(scope):
    if scope["path"].startswith("/greet/free"):
        return None
    return {"user": scope["path"]}


async def test_admitted_until_the_limit_is_used_up(aio_client, fresh):
    async with application(aio_client.limiter, by_user) as http:
        answers = [await http.get(f"/greet/{fresh}") for _ in range(11)]
    assert [answer.status_code for answer in answers] == 10 * [200] + [429]
    first, last = answers[0], answers[-1]
    assert first.json() == {"hello": fresh} and first.headers["x-own"] == "1"
    assert first.headers["ratelimit"] == '"per_user";r=9;t=360'
    assert first.headers["ratelimit-policy"] == '"per_user";q=10;w=3600'
    assert "retry-after" not in first.headers
    assert 0 < int(last.headers["retry-after"]) <= 360
    assert last.headers["ratelimit"].startswith('"per_user";r=0;t=')


async def test_requests_without_attributes_are_not_limited(aio_client):
    async with application(aio_client.limiter, by_user) as http:
        answers = [await http.get("/greet/free") for _ in range(11)]
    assert {answer.status_code for answer in answers} == {200}
    assert "ratelimit" not in answers[0].headers
    assert aio_client.stats().limits.calls == 0


async def test_without_a_sidecar(tmp_path):
    async with Client(str(tmp_path / "none"), limits=LimitFallback("deny")) as gone:
        async with application(gone.limiter, by_user) as http:
            answer = await http.get("/greet/a")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1" and "ratelimit" not in answer.headers


async def test_a_mistake_is_the_applications_to_see(aio_client):
    async with application(aio_client.limiter, lambda scope: {"user": "x" * 2000}) as http:
        with pytest.raises(RequestError):
            await http.get("/greet/a")


async def test_lifespan_and_websockets_pass(aio_client):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    middleware = RateLimitMiddleware(app, aio_client.limiter, by_user)
    await middleware({"type": "lifespan"}, None, None)
    await middleware({"type": "websocket", "path": "/"}, None, None)
    assert seen == ["lifespan", "websocket"]
