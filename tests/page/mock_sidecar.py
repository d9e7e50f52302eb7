#!/usr/bin/env python3
"""A stand-in for the sidecar's admin server: the page's files, and the two
documents of the analyser in a state of states.py.

    tests/page/mock_sidecar.py [STATE] [--port N] [--files DIR]

serves until it is interrupted; edit src/admin/page and reload."""

import argparse
import http.server
import json
import pathlib
import sys
import threading

import states

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "admin" / "page"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
# As the admin server sends it; a page that needs more does not work there.
POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class MockSidecar:
    """Serves on a thread of its own from start() to stop(). Set `state` to any
    name of states.STATES, or to "broken" (no JSON), "nonsense" (JSON, but no
    report), "refusing" (503). `steps` is the number of seconds it has played;
    each question for the metrics is the next one, so nothing depends on time."""

    def __init__(self, state="busy", files=SOURCE, port=0):
        self.state = state
        self.files = pathlib.Path(files)
        self.port = port
        self.steps = 0
        self._server = None

    @property
    def running(self):
        return self._server is not None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def start(self):
        """Starts on `port`, or on a free one; may be called again after stop()."""
        handler = type("Handler", (_Handler,), {"mock": self})
        ports = [self.port] if self.port else range(21_000, 32_000, 13)
        for port in ports:
            try:
                self._server = _Server(("127.0.0.1", port), handler)
                break
            except OSError:
                continue
        if self._server is None:
            raise RuntimeError("no free port")
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._server = None

    def answer(self, path):
        """(status, type, bytes) for a path."""
        if path.startswith("/performance/"):
            return self._document(path)
        file = self.files / ("index.html" if path == "/" else path[1:])
        if ".." in path or not file.is_file() or file.suffix not in TYPES:
            return 404, "application/json", b'{"error": "there is nothing here"}'
        return 200, TYPES[file.suffix], file.read_bytes()

    def _document(self, path):
        odd = {"broken": (200, b'{"now": 17'), "nonsense": (200, b'["no", "report"]'),
               "refusing": (503, b'{"error": "starting"}')}
        if self.state in odd:
            status, body = odd[self.state]
            return status, "application/json", body
        if path == "/performance/metrics":
            self.steps += 1
            document = states.STATES[self.state](self.steps)
        else:
            document = states.health(self.state, self.steps)
        return 200, "application/json", json.dumps(document).encode()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a browser that went away is no news
            super().handle_error(request, client_address)


class _Handler(http.server.BaseHTTPRequestHandler):
    mock = None  # set by MockSidecar

    def do_GET(self):
        status, kind, body = self.mock.answer(self.path.split("?")[0])
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state", nargs="?", default="busy")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--files", default=SOURCE)
    args = parser.parse_args()
    mock = MockSidecar(args.state, args.files, args.port).start()
    print(mock.url, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
