"""What was measured, line by line, in the form of k6's CSV output."""

import csv
import time


class Samples:
    """Writes the columns of k6's that ../results.py reads."""

    def __init__(self, path):
        self._file = open(path, "w", newline="")
        self._lines = csv.writer(self._file)
        self._lines.writerow(["metric_name", "timestamp", "metric_value", "service", "method", "status"])
        self._rates = {}

    def rpc(self, service, method, status, milliseconds):
        """One RPC; `status` is a gRPC code's number."""
        self._lines.writerow(["grpc_req_duration", int(time.time()), f"{milliseconds:.3f}", service, method, status])

    def rate(self, name, good):
        """One of what is counted as a share: success, cache_hits."""
        count = self._rates.setdefault(name, [0, 0])
        count[0] += good
        count[1] += 1
        self._lines.writerow([name, int(time.time()), int(good), "", "", ""])

    def share(self, name):
        """How many of them were good; 0 if there was none."""
        good, all_of_them = self._rates.get(name, (0, 0))
        return good / all_of_them if all_of_them else 0

    def close(self):
        self._file.close()
