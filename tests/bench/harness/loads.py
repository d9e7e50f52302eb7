"""Runs bench_load, alone or in turns against several servers."""

import json
import statistics
import subprocess

from harness.processes import Failed


class Load:
    """One running bench_load; result() waits for its end."""

    def __init__(self, bench, targets, *args, cpu_of=()):
        argv = [bench.tool("bench_load"), "--target", ",".join(targets),
                *map(str, args)]
        if cpu_of:
            argv += ["--cpu_pids", ",".join(str(c.pid) for c in cpu_of)]
        self._process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._errors = []

    def await_measuring(self):
        """Returns when the measured part begins."""
        for line in self._process.stderr:
            if line.strip() == "measuring":
                return
            self._errors.append(line)
        raise Failed("bench_load ended early: " + "".join(self._errors))

    def result(self):
        out, errors = self._process.communicate()
        if self._process.returncode != 0:
            raise Failed("bench_load: " + "".join(self._errors) + errors)
        result = json.loads(out)
        if result["calls"] == 0:
            raise Failed("bench_load: no call was measured")
        return result


def load(bench, server, *args, tcp=False):
    """The result of one load against one server, with that server's CPU."""
    target = server.tcp_target if tcp else server.unix_target
    result = Load(bench, [target], *args, cpu_of=[server]).result()
    if result["errors"]:
        raise Failed(f"{server.name}: {result['error_texts']}\n{server.log()[-2000:]}")
    return result


def cpu_us_per_call(result):
    return sum(result["cpu_ns"]) / result["ended"] / 1e3


def p99_us(result):
    return result["phases"][0]["latency_ns"]["p99"] / 1e3


class Ratio:
    """Figures of two sides measured in turns: medians, and of their ratios.

    The machine may be noisy: a ratio is taken of neighbours in time, and the
    median of these ratios is what counts. `spread` is their quartiles.
    """

    def __init__(self, product, floor):
        self.product = statistics.median(product)
        self.floor = statistics.median(floor)
        ratios = [p / f for p, f in zip(product, floor)]
        self.ratio = statistics.median(ratios)
        self.spread = quartiles(ratios)
        self.raw = {"product": product, "floor": floor, "ratios": ratios}


def quartiles(values):
    if len(values) < 3:
        return min(values), max(values)
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def in_turns(bench, sides, figure, *, rounds, seconds):
    """Measures `sides` (each a function of seconds to a result) A B A B …

    Returns, for each side, the list of figure(result).
    """
    figures = [[] for _ in sides]
    for turn in range(rounds):
        # Every second round the other way round, so that a drift favours none.
        order = range(len(sides))
        for i in (order if turn % 2 == 0 else reversed(order)):
            figures[i].append(figure(sides[i](seconds)))
    return figures
