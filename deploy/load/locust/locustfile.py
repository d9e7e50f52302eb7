"""Load over the Unix socket with Locust: PROFILE says how much, of ../profiles.json.

It calls TARGET, the sidecar's usual socket unless said. SECONDS, RATE, KEYS and
SLACK are factors, as for k6; a Python client asks a quarter of what k6 does.
With SAMPLES, a file, each RPC is a line of it, as k6 writes them.
"""

import json
import os
import pathlib

from locust import LoadTestShape, User, constant_throughput, events, task

from samples import Samples
from work import Work, connect

HERE = pathlib.Path(__file__).parent
PROFILE = json.loads((HERE.parent / "profiles.json").read_text())[os.environ.get("PROFILE", "constant")]
THRESHOLDS = json.loads((HERE.parent / "thresholds.json").read_text())
TARGET = os.environ.get("TARGET", "unix:///run/outrigger/outrigger.sock")
SECONDS = float(os.environ.get("SECONDS", 1))
RATE = float(os.environ.get("RATE", 1)) / 4
SLACK = float(os.environ.get("SLACK", 1))
EACH_PER_SECOND = 1 if "users" in PROFILE else 10  # what one user asks

samples = Samples(os.environ.get("SAMPLES", os.devnull))


class Shape(LoadTestShape):
    """As many users as ask what the profile says at that time."""

    def tick(self):
        now = self.get_run_time() / SECONDS
        points = PROFILE.get("points") or [[0, PROFILE["users"]], [PROFILE["seconds"], PROFILE["users"]]]
        for (t0, r0), (t1, r1) in zip(points, points[1:]):
            if t0 <= now < t1:
                rate = r0 + (r1 - r0) * (now - t0) / (t1 - t0)
                return max(1, round(rate * RATE / EACH_PER_SECOND)), 10_000
        return None


class Caller(User):
    """One user, with a connection of its own."""

    wait_time = constant_throughput(EACH_PER_SECOND)
    born = 0

    def on_start(self):
        Caller.born += 1
        self.name = f"user-{Caller.born}"
        self.channel = connect(TARGET)
        self.work = Work(self.channel, self.environment.events.request, samples)

    def on_stop(self):
        self.channel.close()

    @task
    def iterate(self):
        getattr(self.work, PROFILE["work"])(self.name)


@events.quitting.add_listener
def judge(environment, **_):
    """Locust's exit status: 1 if a threshold was crossed."""
    total = environment.stats.total
    good = (total.num_requests > 0
            and total.get_response_time_percentile(0.95) < THRESHOLDS["p95_ms"] * SLACK
            and total.get_response_time_percentile(0.99) < THRESHOLDS["p99_ms"] * SLACK
            and total.fail_ratio < THRESHOLDS["failures"]
            and samples.share("success") > THRESHOLDS["success"]
            and samples.share("cache_hits") > THRESHOLDS["hit_rate"])
    environment.process_exit_code = 0 if good else 1
    samples.close()
