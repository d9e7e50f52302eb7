"""What watching costs: against telemetry switched off, in the same run."""

import http.client
import json
import statistics
import subprocess
import threading
import time

from harness.loads import Load, Ratio, cpu_us_per_call, in_turns, load, p99_us
from harness.processes import Failed
from harness.report import Row, of_ratio
from rows.calls import CLOSED_LOOP, ONE_LIMIT, limit, rounds_of

OFF = {"OTEL_SDK_DISABLED": "true"}
MIB = 1024 * 1024


def exporting_to(address, **more):
    """Spans, metrics and events go there, each once a second."""
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{address}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            "OTEL_METRIC_EXPORT_INTERVAL": "1000", **more}


def every_call(address):
    return exporting_to(address, OTEL_TRACES_SAMPLER="always_on")


def against_off(bench, env):
    # A few per cent are asked for: short rounds, so that a machine that grows
    # slower or faster does so for both sides, and many of them.
    rounds, seconds = (5, 1) if bench.quick else (41, 1)
    sides = [
        lambda s, server=bench.sidecar(ONE_LIMIT, env=variables): load(
            bench, server, "--seconds", s, *CLOSED_LOOP)
        for variables in (env, OFF)]
    return Ratio(*in_turns(bench, sides, cpu_us_per_call, rounds=rounds,
                           seconds=seconds))


def metrics_and_some_traces(bench):
    collector = bench.collector()
    ratio = against_off(bench, exporting_to(
        collector.address, OTEL_TRACES_SAMPLER="parentbased_traceidratio",
        OTEL_TRACES_SAMPLER_ARG="0.01"))
    return [of_ratio("Allow, metrics and 1 % of traces, beside telemetry off",
                     ratio, "us CPU", 1.05, digits=2)]


def every_call_traced(bench):
    collector = bench.collector()
    ratio = against_off(bench, every_call(collector.address))
    spans = collector.spans()
    if not spans:
        raise Failed("the collector got no spans")
    row = of_ratio("Allow, every call traced to a live collector", ratio,
                   "us CPU", 1.5, digits=2)
    row.raw["spans_received"] = spans
    return [row]


def instruments(bench):
    out = subprocess.run(
        [bench.tool("bench_telemetry"), "--benchmark_format=json",
         f"--benchmark_repetitions={3 if bench.quick else 9}",
         "--benchmark_enable_random_interleaving=true"],
        check=True, capture_output=True, text=True).stdout
    data = json.loads(out)["benchmarks"]
    median = {entry["run_name"]: entry["cpu_time"] for entry in data
              if entry.get("aggregate_name") == "median"}
    # How much slower two threads are here than one, whatever they do.
    floor_one, floor_two = (
        median[f"BM_FloorOwnNumber/real_time/threads:{n}"] for n in (1, 2))
    rows = []
    for what, name, goal in (
            ("a counter's increment", "BM_CounterAdd", 10),
            ("a histogram's record, explicit", "BM_RecordExplicit", 20),
            ("a histogram's record, exponential", "BM_RecordExponential", 20)):
        one, two = (median[f"{name}/real_time/threads:{n}"] for n in (1, 2))
        rows.append(Row(what, f"{one:.1f} ns", "", None, f"<= {goal} ns",
                        one <= goal, data))
        rows.append(Row(
            "the same, 2 threads, each", f"{two:.1f} ns", f"{one:.1f} ns on one",
            f"{two / one:.2f} (bare numbers: {floor_two / floor_one:.2f})",
            "no slower: <= 1.1 x", two <= 1.1 * one))
    return rows


def collector_gone(bench):
    """Resident memory under full load, every call traced to nobody."""
    minutes = 0.2 if bench.quick else bench.collector_gone_minutes

    def peak(env, minutes):
        server = bench.sidecar(ONE_LIMIT, env=env)
        load(bench, server, "--seconds", 5, *CLOSED_LOOP)
        run = Load(bench, [server.unix_target], "--seconds", minutes * 60,
                   *CLOSED_LOOP, cpu_of=[server])
        highest = 0
        done = threading.Event()

        def watch():
            nonlocal highest
            while not done.is_set():
                highest = max(highest, server.rss_bytes())
                done.wait(0.2)
        watcher = threading.Thread(target=watch)
        watcher.start()
        result = run.result()
        done.set()
        watcher.join()
        if result["errors"]:
            raise Failed(f"calls failed: {result['error_texts']}")
        bench.close_all()
        return highest

    nobody = "127.0.0.1:9"  # the discard port: refused
    gone = peak(every_call(nobody), minutes)
    normal = peak({}, min(minutes, 1))  # it does not grow
    return [Row(f"memory, collector gone for {minutes:g} min under full load",
                f"{gone / MIB:.1f} MiB", f"{normal / MIB:.1f} MiB normal",
                f"{(gone - normal) / MIB:+.1f} MiB", "<= 8 MiB more",
                gone - normal <= 8 * MIB, {"gone": gone, "normal": normal})]


def scrape(server, seconds_of):
    connection = http.client.HTTPConnection("127.0.0.1", server.admin_port)
    start = time.monotonic()
    connection.request("GET", "/metrics")
    body = connection.getresponse().read()
    seconds_of.append(time.monotonic() - start)
    connection.close()
    return body


def scraped(bench):
    """1,000 limits; the p99 of calls with a scrape each second and without."""
    many = [limit(f"limit_{i:03}", "user", match={"route": f"/r{i}"})
            for i in range(1000)]
    # More series than the default cardinality limit has room for.
    env = {"OUTRIGGER_TELEMETRY_CARDINALITY_LIMIT": "10000"}
    server = bench.sidecar(many, env=env)
    rounds, _ = rounds_of(bench)
    times = []
    size = len(scrape(server, []))

    def quiet(seconds):
        return load(bench, server, "--rate", 5000, "--seconds", seconds,
                    "--attributes", "user={},route=/r7")

    def with_scrapes(seconds):
        done = threading.Event()

        def each_second():
            while not done.wait(1):
                scrape(server, times)
        scraper = threading.Thread(target=each_second)
        scraper.start()
        try:
            return quiet(seconds)
        finally:
            done.set()
            scraper.join()

    ratio = Ratio(*in_turns(bench, [with_scrapes, quiet], p99_us,
                            rounds=rounds, seconds=4))
    alone = []
    for _ in range(11):
        scrape(server, alone)
    middle = statistics.median(alone) * 1e3
    return [
        Row("/metrics with 1,000 limits", f"{middle:.1f} ms",
            f"{size / 1024:.0f} KiB", None, "<= 20 ms", middle <= 20,
            {"alone": alone, "under_load": times}),
        of_ratio("p99 while /metrics is read each second", ratio, "us", 1.1,
                 digits=0)]
