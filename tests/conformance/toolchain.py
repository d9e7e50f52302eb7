#!/usr/bin/env python3
"""Runs a command of one language's, if that language's tools are there.

    toolchain.py go -- COMMAND…

Without them it says so and exits with 77, which CTest counts as skipped; in CI
(CI is set) it exits with 1.
"""

import os
import shutil
import subprocess
import sys

# What must be in $PATH, and where users get it.
TOOLS = {
    "cpp": (["c++", "cmake", "ninja", "protoc"], "apt-get install g++ cmake ninja-build"),
    "go": (["go"], "https://go.dev/dl"),
    "python": (["python3"], "apt-get install python3 python3-venv"),
    "java": (["javac", "mvn"], "apt-get install openjdk-17-jdk maven"),
    "typescript": (["node", "npm"], "https://nodejs.org"),
    "rust": (["cargo"], "https://rustup.rs"),
}
SKIPPED = 77


def main():
    language, dashes, *command = sys.argv[1:]
    if dashes != "--" or not command or language not in TOOLS:
        raise SystemExit(__doc__)
    tools, where = TOOLS[language]
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        print(f"*** NOT TESTED: the {language} stub. Not on this machine: {', '.join(missing)} "
              f"(see {where}).", file=sys.stderr)
        return 1 if os.environ.get("CI") else SKIPPED
    return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main())
