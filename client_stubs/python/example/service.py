"""A small service with all four parts; README.md says how to start it."""

import asyncio
import contextlib
import math

import fastapi
import httpx
import uvicorn
from fastapi.responses import JSONResponse

from outrigger import BreakerOpen, NotAcquired
from outrigger.aio import Client
from outrigger.asgi import RateLimitMiddleware

client = Client()


@contextlib.asynccontextmanager
async def lifespan(app):
    async with client, httpx.AsyncClient(timeout=2) as app.state.http:
        yield


def by_user(scope):
    """Limited by user; who says no name is not."""
    user = dict(scope["headers"]).get(b"x-user")
    return {"user": user.decode()} if user else None


app = fastapi.FastAPI(lifespan=lifespan)
app.add_middleware(RateLimitMiddleware, limiter=client.limiter, attributes=by_user)


@client.cache("profiles").cached("user:{user}", tags=["users"])
async def load_profile(user):
    await asyncio.sleep(0.05)  # a slow database
    return {"name": user.title()} if user != "nobody" else None


@app.get("/profiles/{user}")
async def profile(user: str):
    found = await load_profile(user)
    return found or JSONResponse({"error": "there is no such user"}, 404)


@app.post("/profiles/{user}/changed")
async def changed(user: str):
    await client.cache("profiles").invalidate([load_profile.key_of(user)])
    return {}


@app.get("/shop")
async def shop(request: fastapi.Request):
    try:
        async with client.breaker("shop"), client.pool("shop").acquire(max_wait=1) as lease:
            answer = await request.app.state.http.get(f"http://{lease.endpoint}/")
            answer.raise_for_status()
            return {"status": answer.status_code, "from": lease.endpoint}
    except (BreakerOpen, NotAcquired) as refused:
        after = str(math.ceil(refused.retry_after or 1))
        return JSONResponse({"error": refused.message}, 503, {"retry-after": after})
    except httpx.HTTPError as failed:
        return JSONResponse({"error": f"the shop: {failed!r}"}, 502)


@app.get("/stats")
async def stats():
    return {
        part: counted._asdict() if hasattr(counted, "_asdict") else counted
        for part, counted in client.stats()._asdict().items()
    }


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=8080)
