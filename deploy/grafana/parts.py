"""Rows about the other parts: cache, breakers, pools, the process, telemetry."""

from panels import BLUE, GREEN, ORANGE, RED, graph, quantile, stat, timeline

POOL = "db_client_connection_pool_name"


def _rate(counter, by="", matchers=""):
    by = f" by ({by})" if by else ""
    chosen = "{@" + ("," + matchers if matchers else "") + "}"
    return f"sum{by} (rate({counter}{chosen}[$__rate_interval]))"


def _cache():
    hits = _rate("outrigger_cache_requests_total", "cache", 'result!="miss"')
    reads = _rate("outrigger_cache_requests_total", "cache")
    local = _rate("outrigger_cache_local_hits_total", "cache")
    name = "{{cache}}"
    return [
        graph("Reads", "Reads per second by result: hit, stale, negative (known to be absent), miss.", "ops",
              {"{{result}}": _rate("outrigger_cache_requests_total", "result")}, stack=True),
        graph("Hit rate", "Share of reads answered from the cache; stale answers and known absences count. The second line: "
              "answered by the pod alone.", "percentunit", {
                  name: f"({hits} or 0 * {reads}) / {reads}",
                  name + " in the pod": f"({local} or 0 * {reads}) / {reads}",
              }, most=1),
        graph("Entries", "Entries in the sidecars' own memory, by cache.", "short",
              {name: "sum by (cache) (outrigger_cache_entries{@})"}, width=4),
        graph("Memory", "Bytes of the sidecars' own memory that entries take, and what they may take, by cache.", "bytes", {
            name: "sum by (cache) (outrigger_cache_memory_bytes{@})",
            name + " at most": "sum by (cache) (outrigger_cache_memory_limit_bytes{@})",
        }, width=4),
        graph("Loads", "Loads per second by result: granted (somebody was told to load), stored, refused (something newer "
              "came first), abandoned.", "ops", {"{{result}}": _rate("outrigger_cache_fills_total", "result")}),
        graph("Time to load", "From the right to load to the loaded value: median and 99th percentile, by cache.", "s", {
            name + " p50": quantile(0.5, "outrigger_cache_fill_duration_seconds", "cache"),
            name + " p99": quantile(0.99, "outrigger_cache_fill_duration_seconds", "cache"),
        }),
        graph("Evictions", "Entries per second that left the sidecars' memory, by reason, or never entered it.", "ops",
              {"{{cache}} {{reason}}": _rate("outrigger_cache_evictions_total", "cache, reason")}),
        graph("Verified", "Share of the chosen sidecars that hear of every change, so that their copies are coherent.",
              "percentunit", {"verified": "avg(outrigger_cache_verified_ratio{@})"}, most=1),
        graph("Times that changes were lost", "Per second: links to Redis that broke, and values there that are damaged.",
              "ops", {
                  "changes lost": _rate("outrigger_cache_tracking_losses_total"),
                  "corrupt {{cache}}": _rate("outrigger_cache_corrupt_total", "cache"),
              }),
        graph("Changes", "Per second: writes and invalidations asked for here, and changes heard of.", "ops", {
            "writes {{result}}": _rate("outrigger_cache_writes_total", "result"),
            "invalidations by {{kind}}": _rate("outrigger_cache_invalidations_total", "kind"),
            "heard of": _rate("outrigger_cache_changes_total"),
        }),
        graph("Waiting", "Reads that wait for the store or another's load; writes that wait for the store.", "short", {
            "reads": "sum(outrigger_cache_waiting{@})",
            "writes of {{cache}}": "sum by (cache) (outrigger_cache_pending_writes{@})",
        }),
    ]


def _breakers():
    is_open = 'max by (breaker) (outrigger_breaker_state{@,state=~"open|forced_open"})'
    probing = 'max by (breaker) (outrigger_breaker_state{@,state="half_open"})'
    closed = "0 * max by (breaker) (outrigger_breaker_state{@})"
    return [
        timeline("State", "The worst state of each breaker over the chosen sidecars.", "none",
                 {"{{breaker}}": f"2 * ({is_open} == 1) or ({probing} == 1) or {closed}"},
                 {0: ("closed", GREEN), 1: ("half open", ORANGE), 2: ("open", RED)}),
        graph("Sidecars with the breaker open", "How many of the chosen sidecars turn calls away.", "short",
              {"{{breaker}}": 'sum by (breaker) (outrigger_breaker_state{@,state=~"open|forced_open"})'}, width=12),
        graph("Transitions", "Changes of state per second; many mean that a breaker flaps.", "ops",
              {"{{breaker}}": _rate("outrigger_breaker_transitions_total", "breaker")}, width=12),
    ]


def _pools():
    name = "{{" + POOL + "}}"
    used = f'sum by ({POOL}) (db_client_connection_count{{@,db_client_connection_state="used"}})'
    return [
        graph("Share of the cap in use", "Slots in use over the fleet's cap; choose all instances of a job.", "percentunit",
              {name: f"{used} / max by ({POOL}) (db_client_connection_max{{@}})"}, most=1),
        graph("Slots", "Slots in use and idle, over the chosen sidecars.", "short", {
            name + " {{db_client_connection_state}}":
                f"sum by ({POOL}, db_client_connection_state) (db_client_connection_count{{@}})"}, stack=True),
        graph("Leases", "Leases that applications hold.", "short", {"leases": "sum(outrigger_pool_leases{@})"}),
        graph("Waiting and timed out", "Callers that wait for a slot, and those per second whose time was up.", "short", {
            name + " waiting": f"sum by ({POOL}) (db_client_connection_pending_requests{{@}})",
            name + " timeouts per second": _rate("db_client_connection_timeouts_total", POOL),
        }),
        graph("Time to get a slot", "99th percentile of the wait.", "s",
              {name: quantile(0.99, "db_client_connection_wait_time_seconds", POOL)}),
        graph("Time in use", "Median and 99th percentile of how long a slot was held.", "s", {
            name + " p50": quantile(0.5, "db_client_connection_use_time_seconds", POOL),
            name + " p99": quantile(0.99, "db_client_connection_use_time_seconds", POOL),
        }),
    ]


def _process():
    each = "sum by (job, instance)"
    throttled = f"{each} (rate(outrigger_cgroup_cpu_throttled_periods_total{{@}}[$__rate_interval]))"
    periods = f"{each} (rate(outrigger_cgroup_cpu_periods_total{{@}}[$__rate_interval]))"
    return [
        graph("CPU", "Processors in use; the 20 busiest sidecars, and the lowest limit of their containers.", "none", {
            "{{instance}}": f"topk(20, {each} (rate(process_cpu_time_seconds_total{{@}}[$__rate_interval])))",
            "limit": "min(outrigger_cgroup_cpu_limit{@})",
        }),
        graph("Throttled", "Share of periods in which the container was stopped because its CPU limit was used up.",
              "percentunit", {"{{instance}}": f"topk(20, {throttled} / {periods})"}, most=1),
        graph("Memory", "Physical memory in use; the 20 largest sidecars, and the lowest limit of their containers.",
              "bytes", {
                  "{{instance}}": "topk(20, process_memory_usage_bytes{@})",
                  "limit": "min(outrigger_cgroup_memory_limit_bytes{@})",
              }),
        graph("Threads and descriptors", "Highest over the chosen sidecars.", "short", {
            "threads": "max(process_thread_count{@})",
            "file descriptors": "max(process_unix_file_descriptor_count{@})",
        }),
        graph("Context switches", "How often a thread left the processor per second, by type.", "ops",
              {"{{process_context_switch_type}}": _rate("process_context_switches_total", "process_context_switch_type")}),
        graph("Page faults", "Per second, by type; major ones read from disk.", "ops",
              {"{{system_paging_fault_type}}": _rate("process_paging_faults_total", "system_paging_fault_type")}),
        stat("Youngest", "Time since the latest start of any chosen sidecar.", "s",
             {"uptime": "min(process_uptime_seconds{@})"}, {ORANGE: None, GREEN: 300}, width=12),
        stat("Killed for memory", "Processes of the containers killed for want of memory, in the chosen time.", "short",
             {"kills": "sum(increase(outrigger_cgroup_memory_oom_kills_total{@}[$__range]))"},
             {GREEN: None, RED: 1}, width=12, decimals=0),
    ]


def _telemetry():
    exported = {
        items: _rate(f"otel_sdk_exporter_{metric}_exported_total", matchers='error_type=""')
        for items, metric in (("spans", "span"), ("points", "metric_data_point"), ("log events", "log"))
    }
    return [
        graph("Sent to the collector", "Spans, points of metrics and log events that the collector accepted per second.", "ops",
              exported),
        graph("Lost", "Items per second that did not reach the collector, by signal and reason.", "ops",
              {"{{signal}} {{reason}}": _rate("outrigger_otlp_dropped_total", "signal, reason")}),
        graph("Queues", "Share of the exporter's queue in use; the fullest of the chosen sidecars. Full queues drop.",
              "percentunit", {
                  "spans": "max(otel_sdk_processor_span_queue_size{@} / otel_sdk_processor_span_queue_capacity{@})",
                  "log events": "max(otel_sdk_processor_log_queue_size{@} / otel_sdk_processor_log_queue_capacity{@})",
              }, most=1),
        graph("Collector's time to answer", "99th percentile of a request to the collector.", "s",
              {"p99": quantile(0.99, "otel_sdk_exporter_operation_duration_seconds")}),
        graph("Sent again", "Requests to the collector per second that are retries, by signal.", "ops",
              {"{{signal}}": _rate("outrigger_otlp_retries_total", "signal")}),
        graph("Log events", "Per second, by level; those held back as repetitions are included.", "ops",
              {"{{level}}": _rate("outrigger_log_events_total", "level"),
               "held back": _rate("outrigger_log_held_back_total")}),
        graph("Findings", "What the sidecars' own analysers hold against them now (/performance/health), by severity.",
              "short", {"{{severity}}": "sum by (severity) (outrigger_analyser_findings{@})"}, stack=True),
        graph("Findings raised", "New findings per second, by severity.", "ops",
              {"{{severity}}": _rate("outrigger_analyser_raised_total", "severity")}),
        graph("Refused by the admin server", "Requests and connections per second, by the bound that was reached.", "ops",
              {"{{bound}}": _rate("outrigger_admin_refused_total", "bound")}),
        graph("Scrapes", "How long Prometheus takes to read a sidecar's /metrics: 99th percentile over them.", "s",
              {"p99": "quantile(0.99, scrape_duration_seconds{@})"}, width=12),
        graph("Series", "Series that a sidecar exposes: highest over the chosen ones.", "short",
              {"series": "max(scrape_samples_scraped{@})"}, width=12),
        stat("Configuration files read", "Within the chosen time, by result.", "short",
             {"{{result}}": "sum by (result) (increase(outrigger_config_reloads_total{@}[$__range]))"},
             {BLUE: None}, width=12, decimals=0),
        stat("Targets down", "Chosen targets that do not answer Prometheus.", "short",
             {"down": "sum(up{@} == bool 0)"}, {GREEN: None, RED: 1}, width=12, decimals=0),
    ]


def rows():
    """Title → (collapsed, panels)."""
    return {
        "Cache": (True, _cache()),
        "Breakers": (True, _breakers()),
        "Pools": (True, _pools()),
        "Process and container": (True, _process()),
        "Telemetry itself": (True, _telemetry()),
    }
