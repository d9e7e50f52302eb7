"""The middleware around a Flask application."""

import flask
import pytest

import outrigger
from outrigger.wsgi import RateLimitMiddleware


def application(limiter, attributes=lambda environ: {"user": environ["PATH_INFO"]}):
    app = flask.Flask(__name__)
    app.wsgi_app = RateLimitMiddleware(app.wsgi_app, limiter, attributes)

    @app.get("/greet/<name>")
    def greet(name):
        return {"hello": name}

    return app.test_client()


def test_admitted_until_the_limit_is_used_up(client, fresh):
    http = application(client.limiter)
    answers = [http.get(f"/greet/{fresh}") for _ in range(11)]
    assert [answer.status_code for answer in answers] == 10 * [200] + [429]
    first, last = answers[0], answers[-1]
    assert first.json == {"hello": fresh}
    assert first.headers["RateLimit"] == '"per_user";r=9;t=360'
    assert first.headers["RateLimit-Policy"] == '"per_user";q=10;w=3600'
    assert "Retry-After" not in first.headers
    assert 0 < int(last.headers["Retry-After"]) <= 360
    assert last.data == b"Too many requests\n"


def test_requests_without_attributes_are_not_limited(client):
    http = application(client.limiter, lambda environ: None)
    assert [http.get("/greet/a").status_code for _ in range(11)] == 11 * [200]
    assert client.stats().limits.calls == 0


@pytest.mark.parametrize("mode, status", [("allow", 200), ("deny", 429)])
def test_without_a_sidecar(tmp_path, mode, status):
    with outrigger.Client(str(tmp_path / "none"), limits=outrigger.LimitFallback(mode)) as gone:
        answer = application(gone.limiter).get("/greet/a")
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("1" if status == 429 else None)
    assert "RateLimit" not in answer.headers
