"""What a run came to: figures of its samples, and whether they are good enough."""

import collections
import csv
import dataclasses
import json
import pathlib

THRESHOLDS = json.loads((pathlib.Path(__file__).parent / "thresholds.json").read_text())


def percentile(ordered, share):
    """Of a sorted list; the value that `share` of them do not exceed. 0: it is empty."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


@dataclasses.dataclass
class Method:
    """The RPCs of one method."""
    name: str
    milliseconds: list  # sorted
    failed: int


@dataclasses.dataclass
class Verdict:
    """One threshold, and what was measured."""
    what: str
    measured: str
    allowed: str
    good: bool


class Results:
    """Of a file of k6's CSV form. `slack`: by what factor it may be slower than the thresholds say."""

    def __init__(self, path, slack=1.0):
        self._slack = slack
        of_method = collections.defaultdict(list)
        failed = collections.Counter()
        rates = collections.defaultdict(lambda: [0, 0])
        seconds = collections.defaultdict(list)
        self.dropped = 0
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                metric, value = row["metric_name"], float(row["metric_value"])
                if metric == "grpc_req_duration":
                    name = f"{row['service'].split('.')[-1]}.{row['method']}"
                    of_method[name].append(value)
                    failed[name] += row["status"] != "0"
                    seconds[int(row["timestamp"])].append(value)
                elif metric in ("success", "cache_hits"):
                    rates[metric][0] += value != 0
                    rates[metric][1] += 1
                elif metric == "dropped_iterations":
                    self.dropped += int(value)
        self.methods = [Method(name, sorted(times), failed[name]) for name, times in sorted(of_method.items())]
        self.all = sorted(value for times in of_method.values() for value in times)
        self.failed = sum(failed.values())
        self.iterations = rates["success"][1]
        self._succeeded = rates["success"][0]
        self._hits, self._reads = rates["cache_hits"]
        # (answers, p95 in ms) of each second.
        first, last = min(seconds, default=0), max(seconds, default=-1)
        self.course = [(len(seconds[s]), percentile(sorted(seconds[s]), 0.95)) for s in range(first, last + 1)]

    def verdicts(self):
        """All thresholds, and whether the load generator kept up with the profile."""
        failures = self.failed / len(self.all) if self.all else 1
        success = self._succeeded / self.iterations if self.iterations else 0
        begun = self.iterations / (self.iterations + self.dropped) if self.iterations else 0
        hits = self._hits / self._reads if self._reads else 0
        limit = THRESHOLDS
        late = min(1.0, (1 - limit["success"]) * self._slack)
        return [
            self._time("p95", 0.95, limit["p95_ms"] * self._slack),
            self._time("p99", 0.99, limit["p99_ms"] * self._slack),
            Verdict("failed RPCs", f"{failures:.2%}", f"< {limit['failures']:.0%}", failures < limit["failures"]),
            Verdict("success", f"{success:.1%}", f"> {limit['success']:.0%}", success > limit["success"]),
            Verdict("begun in time", f"{begun:.1%}", f"> {1 - late:.0%}", begun > 1 - late),
            Verdict("cache hits", f"{hits:.1%}", f"> {limit['hit_rate']:.0%}", hits > limit["hit_rate"]),
        ]

    def _time(self, what, share, most):
        measured = percentile(self.all, share)
        return Verdict(what, f"{measured:.1f} ms", f"< {most:,.0f} ms", 0 < measured < most)

    def good(self):
        return all(verdict.good for verdict in self.verdicts())
