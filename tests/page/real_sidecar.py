"""The real program and a real Redis, for the tests of the page and its pictures.

Both live in a folder of their own, on Unix sockets and a port that the kernel
gives to the page, so that none of them can meet another's; close() ends them."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request

from caller import DEADLINE_S, ask_many, question
from harness.processes import accepts


class Redis:
    """A redis-server without persistence, from start() to stop()."""

    def __init__(self, folder):
        self._folder = folder
        self.path = os.path.join(folder, "redis.sock")
        self.url = f"unix://{self.path}"
        self._process = None

    def start(self):
        self._process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.path, "--save", "", "--dir", self._folder],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        _wait("redis-server", lambda: accepts(self.path), self._process)
        return self

    def stop(self):
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)


class RealSidecar:
    """Serves `limits`, as in the file; `more` are further sections of it. With
    `redis` there is one, which the sidecar has reached: see .redis."""

    def __init__(self, program, limits, redis=False, **more):
        self._folder = tempfile.mkdtemp(prefix="outrigger-page-")
        self.redis = Redis(self._folder).start() if redis else None
        self.path = os.path.join(self._folder, "s.sock")
        self.target = f"unix:{self.path}"
        config = {"listen": {"unix": self.path, "tcp": "off", "admin": "127.0.0.1:0"}, "limits": limits, **more}
        if redis:
            # A busy machine is no outage.
            config["store"] = {"redis": {"url": self.redis.url, "timeout": "10s"}}
        self._config = os.path.join(self._folder, "outrigger.yaml")
        with open(self._config, "w") as file:
            json.dump(config, file)  # JSON is YAML, too
        self._program = program
        self._process = None
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self):
        out = os.path.join(self._folder, "out")
        with open(out, "w") as file:
            self._process = subprocess.Popen(
                [self._program, "serve", "--config", self._config], stdin=subprocess.DEVNULL, stdout=file,
                stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})

        def page():
            with open(out) as file:
                said = file.read()
            return "try:" in said and re.search(r"page +(http://127\.0\.0\.1:\d+/)\n", said)

        self.url = _wait("the sidecar", page, self._process)[1]
        # What was called before its first look is not shown.
        _wait("its first look", lambda: self.metrics()["now"] > 0, self._process)
        _wait("its store", lambda: self.metrics()["pods"] == 1, self._process)

    def close(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self.redis is not None:
            self.redis.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def metrics(self):
        with urllib.request.urlopen(self.url + "performance/metrics", timeout=DEADLINE_S) as answer:
            return json.load(answer)

    def look_again(self):
        """Until all that was done before this call is in its metrics."""
        for _ in range(2):  # one may have been under way
            before = self.metrics()["now"]
            _wait("another look", lambda: self.metrics()["now"] > before, self._process)

    def run(self, *words):
        """The program's own client, e.g. "allow", "user=42"."""
        subprocess.run([self._program, *words, "--target", self.target], stdout=subprocess.DEVNULL, check=True)

    def ask(self, limit, count):
        """Asks one limit so often; how many it admitted."""
        return ask_many(self.path, [question(limit)] * count)


def _wait(what, condition, process):
    """What condition() gives once that is true; a process that ends is an error."""
    end = time.monotonic() + DEADLINE_S
    while not (found := condition()):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{what}: it did not come")
        time.sleep(0.01)
    return found
