#!/usr/bin/env python3
"""Runs a load suite against a real sidecar with a real Redis, and writes a page.

    run.py --program build/release/outrigger --suite k6 --profile spike --out build/load

What the suite itself prints goes into a .log beside the page, and is shown if it
failed. Exit 1 if a threshold was crossed. `make load` brings the tools; see README.md.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from page import render
from processes import Redis, Sidecar
from results import Results

HERE = pathlib.Path(__file__).resolve().parent
PROTO = HERE.parent.parent / "proto"
PROFILES = json.loads((HERE / "profiles.json").read_text())
# Factors of the profiles: a few seconds, and some hundred requests. A busy machine
# must not fail a test, so answers may take twenty times as long.
SHORT = {"k6": {"SECONDS": "0.06", "RATE": "0.1", "KEYS": "0.01", "SLACK": "20"},
         "locust": {"SECONDS": "0.06", "RATE": "0.2", "KEYS": "0.01", "SLACK": "20"}}
PATIENCE_S = 600


def k6(options, sidecar, folder, environment, samples):
    """The suite's command, and its environment."""
    variables = {**environment, "TARGET": sidecar.tcp}
    settings = [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
    return [options.k6, "run", "--quiet", "--no-usage-report", "--address", "", *settings, "--out", f"csv={samples}",
            HERE / "k6/suite.js"], {}


def locust(options, sidecar, folder, environment, samples):
    """The same, after what it needs was generated. REQUIRES: this Python has requirements.txt."""
    parts = {"ratelimit": "rate_limiter", "cache": "cache", "breaker": "breaker", "pool": "pool"}
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}", f"--python_out={folder}", f"--grpc_python_out={folder}",
         *(f"outrigger/{part}/v1/{file}.proto" for part, file in parts.items())], check=True)
    variables = {**environment, "TARGET": sidecar.unix, "SAMPLES": samples, "PYTHONPATH": folder,
                 "PYTHONDONTWRITEBYTECODE": "1"}
    return [sys.executable, "-m", "locust", "--headless", "--only-summary", "--loglevel", "WARNING",
            "--stop-timeout", "10", "-f", HERE / "locust/locustfile.py"], variables


SUITES = {"k6": k6, "locust": locust}


def run(options, profile):
    """Its Results, and whether the suite itself was content."""
    samples = options.out / f"{options.suite}-{profile}.csv"
    log = samples.with_suffix(".log")
    environment = {"PROFILE": profile, **(SHORT[options.suite] if options.short else {})}
    # A fresh one for each: the last one's keys and tokens do not help.
    with tempfile.TemporaryDirectory(prefix="outrigger-load-") as folder, Redis(folder) as redis, \
            Sidecar(options.program, HERE / "sidecar.yaml", redis, folder, tcp=True) as sidecar:
        command, variables = SUITES[options.suite](options, sidecar, folder, environment, str(samples))
        with log.open("w") as file:
            status = subprocess.run(command, env={**os.environ, **variables}, stdout=file, stderr=file,
                                    timeout=PATIENCE_S).returncode
        if status != 0:
            print(f"{options.suite} said, with status {status}:\n{log.read_text(errors='replace')[-4000:]}")
        if sidecar.drain() != 0:
            raise RuntimeError("the sidecar did not drain:\n" + sidecar.said())
    return Results(samples, float(environment.get("SLACK", 1))), status == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the sidecar's program")
    parser.add_argument("--suite", choices=SUITES, default="k6")
    parser.add_argument("--profile", choices=[*PROFILES, "all"], default="constant")
    parser.add_argument("--short", action="store_true", help="a few seconds, and some hundred requests")
    parser.add_argument("--k6", default="k6", help="k6's program")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/load"), help="the page's folder")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    runs, content = [], True
    for profile in PROFILES if options.profile == "all" else [options.profile]:
        results, good = run(options, profile)
        runs.append((profile, PROFILES[profile]["what"], results))
        content = content and good and results.good()
        print(f"{profile:10} {len(results.all):8,} RPCs  ", "  ".join(
            f"{v.what} {v.measured}{'' if v.good else ' (CROSSED: ' + v.allowed + ')'}" for v in results.verdicts()), flush=True)

    version = subprocess.run([options.program, "version"], capture_output=True, text=True, check=True).stdout.strip()
    about = f"{version}, one sidecar and one Redis, {os.cpu_count()} cores shared with the load itself"
    if options.short:
        about += "; cut short: figures show that it works, not how fast it is"
    page = options.out / f"{options.suite}-{options.profile}.html"
    page.write_text(render(f"Load with {options.suite}", about, runs))
    print(f"summary: {page}")
    return 0 if content else 1


if __name__ == "__main__":
    sys.exit(main())
