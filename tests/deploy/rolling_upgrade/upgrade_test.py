"""Sidecars of one version give way to those of another, on one Redis, under load.

    upgrade_test.py OLD NEW

No limit may be exceeded over the whole of it, no cap, and no RPC may fail.
"""

import contextlib
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import SOURCE, Redis, Sidecar, folder, wait_for  # noqa: E402

PODS = 3
RATE, BURST, CAP = 10, 20, 4  # less than the clients want, on a slow machine, too
ANSWERS = 20  # that each client has before the next step
CONFIG = """
profile: test
server: {drain_timeout: 10s}
store: {redis: {url: "redis://127.0.0.1:%d", timeout: 5s}}
limits:
- {name: leased, key: [leased], rate: %d/1s, burst: %d}
- {name: exact, key: [exact], rate: %d/1s, burst: %d, coordination: exact}
cache: {namespaces: [{name: profiles, ttl: 1s}]}
pools: [{name: database, max_connections: %d}]
"""


def excess(admitted):
    """By how much the worst interval exceeds burst + rate × time; at most 0 is right.

    A decision fell somewhere between question and answer, so only those count for
    an interval that lie in it as a whole.
    """
    by_answer = sorted(admitted, key=lambda one: one[1])
    worst = -BURST
    for start in {asked for asked, _ in admitted}:
        count = 0
        for asked, answered in by_answer:
            if asked >= start:
                count += 1
                worst = max(worst, count - BURST - RATE * (answered - start))
    return worst


class Fleet:
    """Pods on one Redis: a sidecar each, and its clients."""

    def __init__(self, stack, redis, ledger):
        self._stack, self._ledger = stack, ledger
        self._config = CONFIG % (redis.port, RATE, BURST, RATE, BURST, CAP)
        self.pods = []

    def start(self, program):
        """A pod more: its sidecar, then its clients."""
        home = self._stack.enter_context(folder())
        sidecar = self._stack.enter_context(Sidecar(program, home, self._config))
        clients = Clients(f"unix://{sidecar.socket}", self._ledger)
        self._stack.callback(clients.close)
        self.pods.append((home, sidecar, clients))
        self.settle()

    def stop(self, pod):
        """As Kubernetes stops a pod: the application, then the sidecar."""
        _, sidecar, clients = pod
        clients.close()
        self.drain(sidecar)
        self.pods.remove(pod)

    def replace_sidecar(self, index, program):
        """As a container or a systemd unit is restarted: its clients stay, and wait."""
        home, sidecar, clients = self.pods[index]
        self.drain(sidecar)
        self.pods[index] = (home, self._stack.enter_context(Sidecar(program, home, self._config)), clients)
        self.settle()

    @staticmethod
    def drain(sidecar):
        sidecar.process.terminate()
        status = sidecar.process.wait(60)
        assert status == 0, f"it ended with {status}:\n{sidecar.said()}"

    def settle(self):
        """Until each client has had so many answers more."""
        before = [(clients.answers, dict(clients.answers)) for _, _, clients in self.pods]
        wait_for(lambda: all(now[name] >= then.get(name, 0) + ANSWERS
                             for now, then in before for name in now), "more answers for each client")


class RollingUpgrade(unittest.TestCase):
    def upgrade(self, change):
        """A fleet of OLD, then `change`; nothing may have gone wrong."""
        ledger = Ledger(CAP)
        with contextlib.ExitStack() as stack:
            redis = stack.enter_context(Redis(stack.enter_context(folder()), "--save", ""))
            fleet = Fleet(stack, redis, ledger)
            for _ in range(PODS):
                fleet.start(OLD)
            before = {limit: len(admitted) for limit, admitted in ledger.admitted.items()}
            change(fleet)
            for pod in list(fleet.pods):
                fleet.stop(pod)
        self.assertEqual(ledger.mistakes, [])
        for limit in ("leased", "exact"):
            self.assertGreater(len(ledger.admitted[limit]), before[limit], "the new ones admit, too")
            self.assertLessEqual(excess(ledger.admitted[limit]), 0, limit)
            self.assertGreater(ledger.denied[limit], 0, "more was asked than the limit allows")
        self.assertEqual(ledger.most_leases, CAP, "the cap was reached")

    def test_new_pods_beside_the_old(self):
        def change(fleet):
            for old in list(fleet.pods):
                fleet.start(NEW)
                fleet.stop(old)
        self.upgrade(change)

    def test_in_place(self):
        def change(fleet):
            for index in range(PODS):
                fleet.replace_sidecar(index, NEW)
        self.upgrade(change)

    def test_and_back(self):
        def change(fleet):
            fleet.replace_sidecar(0, NEW)
            fleet.replace_sidecar(0, OLD)
        self.upgrade(change)

    def test_the_ruler_measures(self):
        self.assertLessEqual(excess([(t / RATE, t / RATE) for t in range(200)]), 0)
        self.assertLessEqual(excess([(0, 0)] * BURST), 0)
        self.assertGreater(excess([(0, 0)] * (BURST + 1)), 0)
        self.assertGreater(excess([(t / RATE / 2, t / RATE / 2) for t in range(200)]), 0)


if __name__ == "__main__":
    NEW, OLD = sys.argv.pop(), sys.argv.pop()
    for program in (OLD, NEW):
        print(subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout.strip(), program)
    with tempfile.TemporaryDirectory() as generated:
        subprocess.run(
            [sys.executable, "-m", "grpc_tools.protoc", f"-I{SOURCE}/proto", f"--python_out={generated}",
             f"--grpc_python_out={generated}",
             *(f"outrigger/{file}.proto" for file in ("ratelimit/v1/rate_limiter", "cache/v1/cache", "pool/v1/pool"))],
            check=True)
        sys.path.insert(0, generated)
        from clients import Clients, Ledger
        unittest.main()
