"""Runs in the sandbox of compose_test.py: starts the services, and sees that they work together."""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import Process, wait_for  # noqa: E402

SERVICES = json.loads(pathlib.Path("/services.json").read_text())
ORDER = ("redis", "collector", "prometheus", "outrigger", "shop", "profiles")  # as depends_on has it


def prometheus(path, **parameters):
    url = f"http://prometheus:9090/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)["data"]


def value(query):
    """The query's first value; 0: it has none yet."""
    try:
        found = prometheus("query", query=query)["result"]
    except OSError:  # not there yet
        return 0
    return float(found[0]["value"][1]) if found else 0


def rules():
    """Of each rule, whether it could be evaluated."""
    return [rule["health"] for group in prometheus("rules")["groups"] for rule in group["rules"]]


def healthy():
    """As the image's HEALTHCHECK."""
    return subprocess.run(["/opt/outrigger", "probe"], capture_output=True).returncode == 0


def main():
    subprocess.run(["promtool", "check", "config", "/etc/prometheus/prometheus.yaml"], check=True)
    subprocess.run(["/opt/collector", "validate", "--config", "/etc/otelcol/config.yaml"], check=True)
    with contextlib.ExitStack() as stack:
        running = {}
        for name in ORDER:
            service = SERVICES[name]
            environment = {"PATH": os.environ["PATH"], "PYTHONPATH": "/app", "PYTHONUNBUFFERED": "1", **service["environment"]}
            running[name] = stack.enter_context(Process(service["command"], cwd="/app", env=environment))
            if name == "outrigger":
                wait_for(healthy, "the sidecar")

        def says(name, what):
            def look():
                running[name].check_runs()
                return what in running[name].said()
            wait_for(look, f"{name} says {what!r}")

        says("shop", "status 200")
        says("profiles", "second read")
        says("outrigger", "connected to Redis")
        # Traces, logs and metrics arrive, of the service that the file names.
        says("collector", "Breaker/Acquire")
        says("collector", "Logs")
        wait_for(lambda: value('up{job="outrigger"}') == 1, "Prometheus reads the sidecar")
        wait_for(lambda: value('outrigger_cache_requests_total{cache="profiles",result="hit"}') > 0, "hits of the cache")
        wait_for(lambda: value('outrigger_breaker_permits_total{breaker="shop"}') > 0, "permits of the breaker")
        wait_for(lambda: set(rules()) == {"ok"}, "all rules are evaluated, and right")
        keys = subprocess.run(["redis-cli", "-h", "redis", "dbsize"], capture_output=True, text=True, check=True).stdout
        assert int(keys) > 0, "nothing is in Redis"
        print("all services work together")


if __name__ == "__main__":
    main()
