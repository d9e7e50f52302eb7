"""Chromium, headless, driven over a pipe by the DevTools protocol: all that the
tests need of it, without a package.

A Browser owns its process and a profile folder, both gone after close(). A Page
gathers what went wrong in it: see `problems`. Every wait has a deadline, after
which it raises TimeoutError."""

import base64
import contextlib
import fcntl
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import tempfile
import time

DEADLINE_S = 30
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb", "--remote-debugging-pipe"]


def find_chromium():
    """The program's path, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    def __init__(self, program):
        self._profile = tempfile.mkdtemp(prefix="outrigger-page-")
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        # The browser wants exactly 3 and 4; high numbers first, so that neither
        # of the two is in the way of the other.
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in (to_read, to_write)]

        def connect():
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self._process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={self._profile}", "about:blank"], preexec_fn=connect,
            pass_fds=(3, 4), start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        for fd in (to_read, to_write, *high):
            os.close(fd)
        self._buffer = b""
        self._id = 0
        self._pages = {}

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._to)
        os.close(self._from)
        shutil.rmtree(self._profile, ignore_errors=True)

    def open(self, url, width=1280, height=900, dark=False, scale=1, script=None):
        """A new page of that size, with `url` loaded; `script`, a file beside this
        one, runs in it first."""
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = Page(self, session, target, url)
        self._pages[session] = page
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.resize(width, height, scale)
        page.media(dark)
        if script:
            source = (pathlib.Path(__file__).parent / script).read_text()
            page.call("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        page.call("Page.navigate", {"url": url})
        return page

    def call(self, method, params=None, session=None):
        """A command's result; events that arrive meanwhile go to their pages."""
        self._id += 1
        message = {"id": self._id, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + DEADLINE_S
        while True:
            answer = self._receive(end, method)
            if answer.get("id") == self._id:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            page = self._pages.get(answer.get("sessionId"))
            if page and "method" in answer:
                page._event(answer["method"], answer["params"])

    def _receive(self, end, method):
        while b"\0" not in self._buffer:
            if not select.select([self._from], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError(f"{method} was not answered")
            got = os.read(self._from, 1 << 20)
            if not got:
                raise RuntimeError("the browser ended")
            self._buffer += got
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)


class Page:
    def __init__(self, browser, session, target, home):
        self._browser = browser
        self._session = session
        self._target = target
        self.home = home  # where it was opened
        self.problems = []  # console errors, exceptions, refused or failed loads
        self.urls = []  # all that was asked for

    def call(self, method, params=None):
        return self._browser.call(method, params, self._session)

    def close(self):
        self._browser.call("Target.closeTarget", {"targetId": self._target})

    def _event(self, method, params):
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.problems.append(str([arg.get("value") for arg in params["args"]]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.problems.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent":
            self.urls.append(params["request"]["url"])

    def resize(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride",
                  {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False})

    def media(self, dark, reduced_motion=True):
        features = [("prefers-color-scheme", "dark" if dark else "light"),
                    ("prefers-reduced-motion", "reduce" if reduced_motion else "no-preference")]
        self.call("Emulation.setEmulatedMedia", {"features": [{"name": n, "value": v} for n, v in features]})

    def evaluate(self, expression):
        """The value of a JavaScript expression; a promise is waited for."""
        answer = self.call("Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True})
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']['exception']['description']}")
        return answer["result"].get("value")

    def wait(self, condition):
        """Until a JavaScript condition is true."""
        self.wait_until(lambda: self.evaluate("(() => { try { return !!(%s); } catch { return false; } })()" %
                                              condition), condition)

    def wait_until(self, condition, what):
        """Until condition() is true; looked at with each frame of the page."""
        end = time.monotonic() + DEADLINE_S
        self.frame()
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"it never came: {what}\n{self.problems}")
            self.frame()

    def frame(self):
        """Until the page has been drawn once more."""
        self.evaluate("new Promise((done) => requestAnimationFrame(() => done()))")

    def count_of(self, path):
        """How often that path was asked for."""
        return sum(url.endswith(path) for url in self.urls)

    def text(self, selector="body"):
        """What a person can read there; empty if there is nothing."""
        return self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def key(self, key, shift=False):
        codes = {"Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowRight": 39, "Escape": 27}
        event = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key], "modifiers": 8 if shift else 0}
        if key == "Enter":
            event["text"] = "\r"
        self.call("Input.dispatchKeyEvent", {"type": "keyDown", **event})
        self.call("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "code": key})

    def move_mouse(self, x, y):
        self.call("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y})

    def type(self, text):
        self.call("Input.insertText", {"text": text})

    def screenshot(self, whole=True):
        """PNG bytes."""
        answer = self.call("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole,
                           **({"clip": self._whole()} if whole else {})})
        return base64.b64decode(answer["data"])

    def _whole(self):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
