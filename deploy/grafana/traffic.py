"""Rows of the dashboard about what callers see: overview, limits, Redis, RPCs."""

from panels import GREEN, ORANGE, RED, bars, graph, heatmap, quantile, stat

CALLS = "rpc_server_call_duration_seconds"
MESSAGES = "outrigger_rpc_message_duration_seconds"
REDIS = "db_client_operation_duration_seconds"
# Streams last as long as their caller wishes.
AT_ONCE = 'rpc_method=~"outrigger[.].+",rpc_method!~".+/(AllowStream|Watch|PullWrites|Hold)"'
ERRORS = 'rpc_status_code=~"UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS"'


def _rate(counter, by="", matchers=""):
    by = f" by ({by})" if by else ""
    chosen = "{@" + ("," + matchers if matchers else "") + "}"
    return f"sum{by} (rate({counter}{chosen}[$__rate_interval]))"


def _share(part, whole):
    """`part` of `whole`; 0 where there is none of it yet."""
    return f"({part} or 0 * {whole}) / {whole}"


def _quantiles(histogram, matchers=""):
    return {f"p{share * 100:g}": quantile(share, histogram, "", matchers) for share in (0.5, 0.95, 0.99)}


def _overview():
    calls = _rate(f"{CALLS}_count", matchers='rpc_method=~"outrigger[.].+"')
    answered = f"({calls} + ({_rate(f'{MESSAGES}_count')} or 0 * {calls}))"
    failed = _rate(f"{CALLS}_count", matchers='rpc_method=~"outrigger[.].+",' + ERRORS)
    decisions = _rate("outrigger_allow_decisions_total", matchers='result=~"allowed|denied"')
    denied = _rate("outrigger_allow_decisions_total", matchers='result="denied"')
    return [
        stat("Sidecars", "Sidecars that answer Prometheus now.", "short", {"sidecars": "count(outrigger_store_pods{@})"}),
        stat("Answers", "Calls, and messages of streams, answered per second by all chosen sidecars together.",
             "reqps", {"answers": answered}),
        stat("Errors", "Share of calls that ended in a server's error (UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, "
             "INTERNAL, UNAVAILABLE, DATA_LOSS). Denials are answers, not errors.",
             "percentunit", {"errors": _share(failed, calls)}, {GREEN: None, ORANGE: 0.001, RED: 0.0144}),
        stat("p99", "99 % of calls took no longer than this; streams are left out. Calls that asked to wait for tokens "
             "are in.", "s", {"p99": quantile(0.99, CALLS, "", AT_ONCE)}, {GREEN: None, ORANGE: 0.05, RED: 0.25}),
        stat("Denied", "Share of all limits' decisions that were denials; shadow limits left out.",
             "percentunit", {"denied": _share(denied, decisions)}, {GREEN: None, ORANGE: 0.25}),
        stat("Degraded", "Share of the time that the chosen sidecars could not reach their store, on average. One that is reached "
             "and refuses is in Failed commands.",
             "percentunit", {"degraded": "avg(rate(outrigger_store_degraded_time_seconds_total{@}[$__rate_interval]))"},
             {GREEN: None, ORANGE: 0.01, RED: 0.5}),
        graph("Answers by method", "Calls ended per second, by method; a stream counts once, when it ends.",
              "reqps", {"{{rpc_method}}": _rate(f"{CALLS}_count", "rpc_method")}, stack=True),
        graph("Time to answer", "Median, 95th and 99th percentile of calls; streams are left out.", "s",
              _quantiles(CALLS, AT_ONCE)),
        graph("Error budget's burn rate", "1 uses up the budget of 30 days in 30 days; 14.4 for an hour, or 6 for six, is an "
              "alert. Of whole jobs, whatever instance is chosen. Needs the recording rules.", "none", {
                  "errors, 1 h, {{job}}": 'job:outrigger_answer_errors:ratio_rate1h{job=~"$job"} / 0.001',
                  "errors, 6 h, {{job}}": 'job:outrigger_answer_errors:ratio_rate6h{job=~"$job"} / 0.001',
                  "slow, 1 h, {{job}}": 'job:outrigger_slow_answers:ratio_rate1h{job=~"$job"} / 0.01',
                  "slow, 6 h, {{job}}": 'job:outrigger_slow_answers:ratio_rate6h{job=~"$job"} / 0.01',
              }),
    ]


def _limits():
    limit = 'limit=~"$limit"'

    def decisions(result):
        return _rate("outrigger_allow_decisions_total", "limit", f'{limit},result="{result}"')

    judged = _rate("outrigger_allow_decisions_total", "limit", limit + ',result=~"allowed|denied"')
    local = _rate("outrigger_allow_local_total", "limit", limit)
    every = _rate("outrigger_allow_decisions_total", "limit", limit)
    return [
        graph("Allowed", "Decisions per second that let the caller go on; the 20 busiest limits.", "ops",
              {"{{limit}}": f"topk(20, {decisions('allowed')})"}, stack=True),
        graph("Denied", "Decisions per second that turned the caller away; the 20 busiest limits.", "ops",
              {"{{limit}}": f"topk(20, {decisions('denied')})"}, stack=True),
        graph("Share denied", "Denials among a limit's decisions; the 20 highest.", "percentunit",
              {"{{limit}}": f"topk(20, {_share(decisions('denied'), judged)})"}, most=1),
        bars("Used now", "Share of the burst in use at each limit's latest decision, on average over the sidecars; of a "
             "limit with many keys, that of the key that was asked last.", "percentunit",
             {"{{limit}}": 'topk(20, avg by (limit) (outrigger_allow_used_ratio{@,limit=~"$limit"}))'},
             {GREEN: None, ORANGE: 0.75, RED: 0.9}),
        graph("Would be denied (shadow)", "Decisions per second that limits in shadow mode would have denied.", "ops",
              {"{{limit}}": f"topk(20, {decisions('shadow_denied')})"}),
        graph("Time waited for tokens", "99th percentile, by limit, of calls that asked to wait (max_wait) and did.", "s",
              {"{{limit}}": f"topk(20, {quantile(0.99, 'outrigger_allow_wait_seconds', 'limit', limit)})"}),
        graph("Decided in the pod", "Share of decisions that needed no answer from the store: leases at work.",
              "percentunit", {"{{limit}}": f"bottomk(20, {_share(local, every)})"}, most=1),
        graph("Decided without the store", "Decisions per second made while the store was out of reach.", "ops",
              {"{{limit}}": f"topk(20, {_rate('outrigger_allow_degraded_total', 'limit', limit)})"}),
        graph("Held", "Keys with state, leases of tokens, and calls that wait, over the chosen sidecars.", "short", {
            "keys": "sum(outrigger_allow_keys{@})",
            "leases": "sum(outrigger_allow_leases{@})",
            "waiting calls": "sum(outrigger_allow_parked{@})",
        }),
    ]


def _redis():
    commands = _rate("outrigger_redis_commands_total")
    return [
        graph("Commands", "Commands answered per second, by operation and script.", "ops",
              {"{{db_operation_name}} {{db_stored_procedure_name}}":
                  _rate(f"{REDIS}_count", "db_operation_name, db_stored_procedure_name")}, stack=True),
        graph("Time to answer", "From posting a command to its answer: waiting for the connection included.", "s",
              _quantiles(REDIS)),
        graph("Failed commands", "Commands per second that failed, by kind: timeout, disconnected, refused, reply.", "ops",
              {"{{kind}}": _rate("outrigger_redis_errors_total", "kind")}),
        graph("Time without the store", "Share of the time that the store was out of reach; the 20 sidecars with most.",
              "percentunit", {"{{instance}}": "topk(20, sum by (job, instance) "
                              "(rate(outrigger_store_degraded_time_seconds_total{@}[$__rate_interval])))"}, most=1),
        graph("In flight", "Commands sent or queued and not yet answered, and those refused per second because there were "
              "too many.", "short", {
                  "in flight": "sum(outrigger_redis_in_flight{@})",
                  "refused per second": _rate("outrigger_redis_queue_full_total"),
              }),
        graph("Connections and scripts", "Per second: connections opened again, scripts that Redis did not know, commands "
              "that a cluster sent elsewhere.", "ops", {
                  "reconnects": _rate("outrigger_redis_reconnects_total"),
                  "unknown scripts": _rate("outrigger_redis_noscript_total"),
                  "redirects ({{kind}})": _rate("outrigger_redis_redirects_total", "kind"),
              }),
        graph("Commands per decision", "What a decision costs Redis: far below 1 where limits are leased.", "none",
              {"commands": f"{commands} / {_rate('outrigger_allow_decisions_total')}"}, width=12),
        graph("Pods in the fleet", "How many pods the store has heard of lately, as the sidecars see it: lowest and highest.",
              "short", {"lowest": "min(outrigger_store_pods{@})", "highest": "max(outrigger_store_pods{@})"}, width=12),
    ]


def _rpcs():
    refused = {f"{part} {{{{bound}}}}": _rate(f"outrigger_{part}_refused_total", "bound")
               for part in ("rpc", "allow", "cache", "breaker", "pool")}
    return [
        graph("Calls by status", "Calls ended per second, by gRPC status.", "reqps",
              {"{{rpc_status_code}}": _rate(f"{CALLS}_count", "rpc_status_code")}, stack=True),
        graph("Failures by method", "Calls per second that ended in a server's error, by method and status.", "reqps",
              {"{{rpc_method}} {{rpc_status_code}}": _rate(f"{CALLS}_count", "rpc_method, rpc_status_code", ERRORS)}),
        graph("p99 by method", "99th percentile of the time to answer, by method; streams are left out.", "s",
              {"{{rpc_method}}": quantile(0.99, CALLS, "rpc_method", AT_ONCE)}),
        heatmap("Distribution of times", "How many calls fell into each bucket of time; streams are left out.", "s",
                {"{{le}}": f"sum by (le) (increase({CALLS}_bucket{{@,{AT_ONCE}}}[$__rate_interval]))"}),
        graph("Stream messages", "Messages of streams answered per second, by method and status.", "ops",
              {"{{rpc_method}} {{rpc_status_code}}": _rate(f"{MESSAGES}_count", "rpc_method, rpc_status_code")}),
        graph("Time to answer a message", "From the arrival of a stream's message to its answer.", "s", _quantiles(MESSAGES)),
        graph("Refused", "Calls and streams per second refused because a bound was reached, by bound.", "reqps", refused,
              width=24),
    ]


def rows():
    """Title → (collapsed, panels)."""
    return {
        "Overview": (False, _overview()),
        "Limits": (False, _limits()),
        "Redis and coordination": (False, _redis()),
        "RPCs": (False, _rpcs()),
    }
