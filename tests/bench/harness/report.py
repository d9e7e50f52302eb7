"""The table on the terminal, and build/bench.json."""

import dataclasses
import json
import os
import platform
import subprocess
import time
from typing import Any, Optional


@dataclasses.dataclass
class Row:
    """One line of the table."""
    what: str
    figure: str
    floor: str = ""
    # Figure over floor, or the number that the goal is about.
    ratio: Optional[str] = None
    goal: str = ""
    # None: there is no goal, the row only informs.
    reached: Optional[bool] = None
    # Everything measured, for the JSON.
    raw: Any = None


def of_ratio(what, ratio, unit, goal, floor_name="", digits=1):
    """A row whose goal is a ratio of at most `goal` (None: no goal)."""
    low, high = ratio.spread
    return Row(
        what=what, figure=f"{ratio.product:.{digits}f} {unit}",
        floor=f"{ratio.floor:.{digits}f} {unit}{floor_name}",
        ratio=f"{ratio.ratio:.2f} ({low:.2f}-{high:.2f})",
        goal="" if goal is None else f"<= {goal:g} x",
        reached=None if goal is None else ratio.ratio <= goal,
        raw=ratio.raw)


HEADS = ("what", "figure", "floor", "ratio", "goal", "reached")


def cells(row):
    reached = {None: "", True: "yes", False: "NO"}[row.reached]
    return (row.what, row.figure, row.floor, row.ratio or "", row.goal, reached)


def table(rows):
    lines = [HEADS] + [cells(row) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADS))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
        for line in lines)


def version_of(argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        return done.stdout.strip().splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def machine():
    model = "unknown"
    with open("/proc/cpuinfo") as cpuinfo:
        for line in cpuinfo:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {
        "cpu": model, "cores": os.cpu_count(), "kernel": platform.release(),
        "load_average": os.getloadavg(),
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "redis": version_of(["redis-server", "--version"]),
        "commit": version_of(["git", "rev-parse", "HEAD"]),
    }


def write_json(path, rows, machine_before, notes, quick):
    """Rows measured earlier and not now (run.py --only) are kept as they were.

    So each row says when, and how thoroughly, it was measured.
    """
    old = {}
    if os.path.exists(path):
        with open(path) as file:
            old = json.load(file).get("rows", {})
    new = {row.what: {**dataclasses.asdict(row), "quick": quick,
                      "date": machine_before["date"]} for row in rows}
    with open(path, "w") as file:
        json.dump({"machine": machine_before, "notes": notes,
                   "rows": {**old, **new}}, file, indent=1)
