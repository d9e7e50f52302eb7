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
    """Of a file of k6's CSV form."""

    def __init__(self, path):
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
        """All thresholds. What the load generator could not even begin is no success."""
        p95, p99 = percentile(self.all, 0.95), percentile(self.all, 0.99)
        failures = self.failed / len(self.all) if self.all else 1
        wanted = self.iterations + self.dropped
        success = self._succeeded / wanted if wanted else 0
        hits = self._hits / self._reads if self._reads else 0
        limit = THRESHOLDS
        return [
            Verdict("p95", f"{p95:.1f} ms", f"< {limit['p95_ms']} ms", 0 < p95 < limit["p95_ms"]),
            Verdict("p99", f"{p99:.1f} ms", f"< {limit['p99_ms']} ms", 0 < p99 < limit["p99_ms"]),
            Verdict("failed RPCs", f"{failures:.2%}", f"< {limit['failures']:.0%}", failures < limit["failures"]),
            Verdict("success", f"{success:.1%}", f"> {limit['success']:.0%}", success > limit["success"]),
            Verdict("cache hits", f"{hits:.1%}", f"> {limit['hit_rate']:.0%}", hits > limit["hit_rate"]),
        ]

    def good(self):
        return all(verdict.good for verdict in self.verdicts())
