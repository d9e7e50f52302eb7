"""A child of a process that forked asks the sidecar by itself, or knows that it
cannot: it never hangs."""

import os
import pathlib
import subprocess
import sys

import httpx
import pytest

HERE = pathlib.Path(__file__).parent

PARENT = """
import os, sys
import outrigger

def ask():
    decision = client.limiter.allow(user="fork")
    if "limits" in sys.argv:
        return [decision.source.value]
    with client.breaker("bench") as call:
        pass
    try:
        with client.pool("wide").acquire() as lease:
            pass
    except outrigger.NotAcquired as refused:
        lease = refused
    return [one.source.value for one in (decision, call.verdict, lease)]

client = outrigger.Client(timeout=20)
held = None
if "used" in sys.argv:
    print("parent", *ask(), flush=True)
    if "limits" not in sys.argv:
        held = client.pool("wide").acquire()
child = os.fork()
if child == 0:
    print("child", *ask(), held is None or held.lost, flush=True)
    client.close()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
print("parent", *ask(), held is not None and held.lost, flush=True)
client.close()
"""

ANSWERED = "sidecar sidecar sidecar"
POLICIES = "fallback fallback fallback"


def run(*arguments, fork_support):
    environment = {**os.environ, "GRPC_ENABLE_FORK_SUPPORT": fork_support}
    done = subprocess.run(
        [sys.executable, "-c", PARENT, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines(), done.stderr


def test_nothing_was_asked_before_the_fork():
    lines, _ = run(fork_support="0")
    assert lines == [f"child {ANSWERED} True", f"parent {ANSWERED} False"]


def test_with_grpcs_support_after_single_calls():
    lines, _ = run("used", "limits", fork_support="1")
    assert lines == ["parent sidecar", "child sidecar True", "parent sidecar False"]


def test_after_calls_the_policies_answer_and_the_log_says_why():
    lines, log = run("used", fork_support="0")
    assert lines == [f"parent {ANSWERED}", f"child {POLICIES} True", f"parent {ANSWERED} False"]
    assert "Make the first call after the fork" in log


@pytest.fixture
def gunicorn(tmp_path, wait_for):
    """Two workers, forked after the application and its client were made."""
    socket = tmp_path / "http.sock"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--preload",
            "--workers=2",
            "--threads=2",
            f"--bind=unix:{socket}",
            f"--pythonpath={HERE}",
            "gunicorn_application:app",
        ]
    )
    try:
        wait_for(lambda: socket.exists() or process.poll() is not None, "gunicorn listens")
        yield httpx.Client(
            transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://test", timeout=20
        )
    finally:
        process.terminate()
        process.wait(20)


def test_gunicorn_with_preload(gunicorn, fresh):
    answers = [gunicorn.get(f"/{fresh}") for _ in range(11)]
    assert [answer.status_code for answer in answers] == 10 * [200] + [429]
    assert answers[0].headers["ratelimit"] == '"per_user";r=9;t=360'
