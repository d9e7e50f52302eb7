"""What test_fork.py serves."""

import flask

import outrigger
from outrigger.wsgi import RateLimitMiddleware

app = flask.Flask(__name__)
client = outrigger.Client(timeout=20)
app.wsgi_app = RateLimitMiddleware(
    app.wsgi_app, client.limiter, lambda environ: {"user": environ["PATH_INFO"]}
)


@app.get("/<name>")
def greet(name):
    return {"hello": name}
