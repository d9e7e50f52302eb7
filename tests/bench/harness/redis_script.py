"""The script call that a sidecar sends for one decision, for redis-benchmark."""

import csv
import io
import re
import subprocess
import threading

from harness.first_call import ask
from harness.processes import Failed

# As wide as redis-benchmark's placeholder, so that lengths stay the same.
PROBE_USER = "777777777777"
PLACEHOLDER = "__rand_int__"

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b"}


def unescape(text):
    def replace(match):
        code = match.group(1)
        if code.startswith("x"):
            return chr(int(code[1:], 16))
        return ESCAPES.get(code, code)
    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", replace, text)


def arguments_of(line):
    """The arguments in a line of MONITOR."""
    return [unescape(quoted) for quoted in
            re.findall(r'"((?:[^"\\]|\\.)*)"', line)]


def capture_decision(redis, sidecar):
    """The EVALSHA with which the sidecar decides about one user, as argv.

    The user's name is replaced by redis-benchmark's placeholder.
    """
    ask(sidecar.unix_path, "warm")  # the scripts are loaded by now
    monitor = subprocess.Popen(
        ["redis-cli", "-p", str(redis.port), "MONITOR"],
        stdout=subprocess.PIPE, text=True)
    watchdog = threading.Timer(5, monitor.kill)
    watchdog.start()
    try:
        assert monitor.stdout is not None
        monitor.stdout.readline()  # OK
        ask(sidecar.unix_path, PROBE_USER)
        for line in monitor.stdout:
            argv = arguments_of(line)
            if argv and argv[0].lower() == "evalsha" and PROBE_USER in line:
                break
        else:
            raise Failed("the sidecar sent no EVALSHA for a decision")
    finally:
        watchdog.cancel()
        monitor.kill()
        monitor.wait()
    if any("\0" in argument for argument in argv):
        raise Failed("an argument of the script has a NUL byte")
    return [argument.replace(PROBE_USER, PLACEHOLDER) for argument in argv]


def benchmark(redis, argv, *, calls, keys, clients, pipeline):
    """Calls a second that redis-benchmark reaches with these arguments."""
    out = subprocess.run(
        ["redis-benchmark", "-p", str(redis.port), "-n", str(calls),
         "-c", str(clients), "-P", str(pipeline), "-r", str(keys), "--csv",
         *argv], check=True, capture_output=True, text=True).stdout
    rows = list(csv.DictReader(io.StringIO(out)))
    if not rows:
        raise Failed(f"redis-benchmark printed no result: {out}")
    return float(rows[-1]["rps"])
