#!/usr/bin/env python3
"""Runs a command beside a real sidecar, and a PostgreSQL if asked; see README.md."""

import argparse
import contextlib
import os
import subprocess
import sys

from postgres import Postgres
from sidecar import Sidecar


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=os.environ.get("OUTRIGGER_PROGRAM"),
                        help="the sidecar's program; else $OUTRIGGER_PROGRAM")
    parser.add_argument("--postgres", action="store_true", help="start a PostgreSQL, too")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    if not options.program:
        parser.error("--program or OUTRIGGER_PROGRAM must say where the sidecar's program is")
    with contextlib.ExitStack() as stack:
        environment = dict(os.environ)
        if options.postgres:
            postgres = stack.enter_context(contextlib.closing(Postgres()))
            environment.update(postgres.environment)
        sidecar = stack.enter_context(contextlib.closing(Sidecar(options.program)))
        environment.update(
            OUTRIGGER_TARGET=sidecar.target,
            OUTRIGGER_PROGRAM=os.path.abspath(options.program),
            OUTRIGGER_SIDECAR_PID=str(sidecar.pid))
        return subprocess.run(options.command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
