"""python -m bench: prints one JSON object a line.

The names of the suite's are the asyncio client's; those that begin with `blocking_`
are the other's, with threads for callers.
"""

import asyncio
import json
import os
import pathlib
import signal
import time

from bench import aio, blocking
from bench.decision import breaker_closed

SIDECAR = int(os.environ["OUTRIGGER_SIDECAR_PID"])


def say(name, **fields):
    print(
        json.dumps({"name": name, **{field: round(value, 3) for field, value in fields.items()}}),
        flush=True,
    )


def say_one(name, stub_us, bare_us):
    say(name, stub_us=stub_us, bare_us=bare_us, ratio=stub_us / bare_us)


def say_64(name, stub_per_s, bare_per_s):
    say(name, stub_per_s=stub_per_s, bare_per_s=bare_per_s, ratio=stub_per_s / bare_per_s)


class Stopped:
    """The sidecar hangs within."""

    def __enter__(self):
        os.kill(SIDECAR, signal.SIGSTOP)
        give_up = time.monotonic() + 20
        while self._state() != "T" and time.monotonic() < give_up:
            pass  # the kernel stops it when it next could run

    def _state(self):
        return pathlib.Path(f"/proc/{SIDECAR}/stat").read_text().rsplit(")", 1)[1].split()[0]

    def __exit__(self, *_):
        os.kill(SIDECAR, signal.SIGCONT)


async def main_aio():
    say_one("allow_one", *await aio.one())
    say_64("allow_64", *await aio.many())
    say("hang", deadline_ms=50, longest_ms=await aio.hang(Stopped()))


def main():
    asyncio.run(main_aio())
    say("breaker_closed", ns=breaker_closed())
    say_one("blocking_allow_one", *blocking.one())
    say_64("blocking_allow_64", *blocking.many())
    say("blocking_hang", deadline_ms=50, longest_ms=blocking.hang(Stopped()))


if __name__ == "__main__":
    main()
