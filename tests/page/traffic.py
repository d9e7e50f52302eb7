"""Calls as a shop's services might make them, for pictures of the real program."""

import contextlib
import math
import random
import subprocess
import threading
import time

from caller import ask_many, question

LIMITS = [
    {"name": "per_user", "key": ["user"], "rate": "6/1s", "burst": 20,
     "overrides": [{"match": {"user": "batch"}, "unlimited": True}]},
    {"name": "per_organisation", "key": ["org"], "rate": "150/1s", "burst": 300},
    {"name": "per_tier", "key": ["tier"], "rate": "900/1s",
     "overrides": [{"match": {"tier": "free"}, "rate": "550/1s", "burst": 550}]},
    {"name": "checkout", "key": ["client"], "match": {"route": "/checkout*"}, "rate": "40/10s",
     "algorithm": "sliding_window"},
    {"name": "upstream", "key": ["service"], "algorithm": "adaptive",
     "adaptive": {"initial": "100/1s", "floor": "10/1s", "ceiling": "200/1s", "increase": 10, "decrease": 20,
                  "every": "100ms"}},
    {"name": "search_new_rate", "key": ["search"], "rate": "25/1s", "shadow": True},
]
# Calls a second, keys, and their attributes: see `bench_load --help`.
STEADY = [(500, 300, "user=u{},org=o{%8},tier=gold"), (60, 12, "client=c{},route=/checkout/pay"),
          (70, 1, "service=payments")]
BATCHES_PER_S = 20


class Traffic:
    """Goes on from its making to stop(); `load` is the path of bench_load."""

    def __init__(self, load, sidecar):
        self._path = sidecar.path
        self._loads = [subprocess.Popen(
            [load, "--target", sidecar.target, "--rate", str(rate), "--keys", str(keys), "--attributes", attributes,
             "--seconds", "3600"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for rate, keys, attributes in STEADY]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def stop(self):
        self._ended.set()
        self._thread.join()
        for load in self._loads:
            load.kill()
            load.wait()

    def _ask(self):
        """What comes and goes: the free tier, two users that want too much, and searches."""
        rng = random.Random(5)
        begin = time.monotonic()
        while not self._ended.wait(1 / BATCHES_PER_S):
            with contextlib.suppress(OSError):  # one that fails is no reason to end
                ask_many(self._path, list(_batch(rng, time.monotonic() - begin)))


def _batch(rng, at_s):
    for _ in range(_about(rng, 24 + 12 * math.sin(at_s / 23))):
        yield question(user=f"f{rng.randrange(120)}", org=f"o{rng.randrange(8)}", tier="free")
    for _ in range(_about(rng, max(0, 6 * math.sin(at_s / 41)))):
        yield question(user=rng.choice(("crawler", "exporter")), org="acme", tier="gold")
    for _ in range(_about(rng, 1.3 + math.sin(at_s / 31))):
        yield question(search="all")


def _about(rng, mean):
    return max(0, round(rng.gauss(mean, mean / 8)))
