"""A made-up sidecar: /metrics with a series of everything that a sidecar exposes.

Counters grow with every scrape, so that rates are not zero.
"""

import http.server
import itertools
import threading

import metrics

ALLOW = "outrigger.ratelimit.v1.RateLimiter/"
POOL = "db_client_connection_pool_name"
BOUNDS = (0.00001, 0.0001, 0.001, 0.01, 0.05, 0.25, 1.0)


def _each(label, *values, **others):
    return [{label: value, **others} for value in values]


# Metric → the label sets of its series; without an entry, one series of no label.
LABELS = {
    "outrigger.allow.decisions": _each("result", "allowed", "denied", "shadow_denied", limit="per_user"),
    "outrigger.allow.degraded": _each("limit", "per_user"),
    "outrigger.allow.local": _each("limit", "per_user"),
    "outrigger.allow.wait": _each("limit", "per_user"),
    "outrigger.allow.used": _each("limit", "per_user"),
    "outrigger.allow.refused": _each("bound", "keys", "parked"),
    "outrigger.rpc.refused": _each("bound", "allow_streams"),
    "outrigger.admin.refused": _each("bound", "connections"),
    "rpc.server.call.duration": _each("rpc_status_code", "OK", "INTERNAL", rpc_method=ALLOW + "Allow")
    + _each("rpc_status_code", "OK", rpc_method=ALLOW + "AllowStream"),
    "outrigger.rpc.message.duration": _each("rpc_status_code", "OK", rpc_method=ALLOW + "AllowStream"),
    "db.client.operation.duration": _each("db_operation_name", "EVALSHA", "ZADD"),
    "outrigger.redis.errors": _each("kind", "timeout", "disconnected", "refused", "reply"),
    "outrigger.redis.redirects": _each("kind", "moved", "ask", "again"),
    "outrigger.config.reloads": _each("result", "applied", "refused"),
    "process.cpu.time": _each("cpu_mode", "user", "system"),
    "process.context_switches": _each("process_context_switch_type", "voluntary", "involuntary"),
    "process.paging.faults": _each("system_paging_fault_type", "minor", "major"),
    "outrigger.analyser.findings": _each("severity", "warning", finding="slow"),
    "outrigger.analyser.raised": _each("severity", "warning"),
    "outrigger.log.events": _each("level", "info", "error"),
    "outrigger.otlp.dropped": _each("reason", "queue_full", signal="traces"),
    "outrigger.cache.requests": _each("result", "hit", "miss", "stale", "negative", cache="profiles"),
    "outrigger.cache.local_hits": _each("cache", "profiles"),
    "outrigger.cache.entries": _each("cache", "profiles"),
    "outrigger.cache.memory": _each("cache", "profiles"),
    "outrigger.cache.memory.limit": _each("cache", "profiles"),
    "outrigger.cache.evictions": _each("reason", "size", "expired", cache="profiles"),
    "outrigger.cache.fills": _each("result", "granted", "stored", cache="profiles"),
    "outrigger.cache.fill.duration": _each("cache", "profiles"),
    "outrigger.cache.writes": _each("result", "stored", "failed", cache="profiles"),
    "outrigger.cache.invalidations": _each("kind", "key", "tag", cache="profiles"),
    "outrigger.cache.changes": _each("cache", "profiles"),
    "outrigger.cache.corrupt": _each("cache", "profiles"),
    "outrigger.cache.pending_writes": _each("cache", "profiles"),
    "outrigger.cache.refused": _each("bound", "watch_events"),
    "outrigger.breaker.state": _each("state", "open", "half_open", "closed", breaker="payments"),
    "outrigger.breaker.transitions": _each("breaker", "payments"),
    "db.client.connection.count": _each("db_client_connection_state", "used", "idle", **{POOL: "orders"}),
    "db.client.connection.max": _each(POOL, "orders"),
    "db.client.connection.pending_requests": _each(POOL, "orders"),
    "db.client.connection.timeouts": _each(POOL, "orders"),
    "db.client.connection.wait_time": _each(POOL, "orders"),
    "db.client.connection.use_time": _each(POOL, "orders"),
}


def _line(name, labels, value):
    inside = ",".join(f'{key}="{text}"' for key, text in labels.items())
    return f"{name}{{{inside}}} {value}\n"


def _histogram(name, labels, scrape):
    for i, bound in enumerate(BOUNDS):
        yield _line(name + "_bucket", {**labels, "le": bound}, scrape * (i + 1))
    count = scrape * (len(BOUNDS) + 1)
    yield _line(name + "_bucket", {**labels, "le": "+Inf"}, count)
    yield _line(name + "_sum", labels, count * 0.01)
    yield _line(name + "_count", labels, count)


def exposition(scrape):
    """The text of the scrape of that number, from 1."""
    lines = []
    for metric in metrics.defined():
        name = metric.exposed
        lines.append(f"# TYPE {name} {metric.kind.lower().replace('updowncounter', 'gauge')}\n")
        for labels in LABELS.get(metric.name, [{}]):
            if metric.kind == "Histogram":
                lines.extend(_histogram(name, labels, scrape))
            else:
                lines.append(_line(name, labels, scrape if metric.kind == "Counter" else 1))
    return "".join(lines)


class Sidecar:
    """Serves exposition() on a free port of this host, on a thread of its own."""

    def __init__(self):
        scrapes = itertools.count(1)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = exposition(next(scrapes)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = "127.0.0.1:%d" % self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
