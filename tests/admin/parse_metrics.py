"""Reads an exposition with Prometheus' own Python client, and checks what its parser does not.

Usage: parse_metrics.py text|openmetrics FILE. Prints "NAME TYPE SAMPLES" for each family.
"""

import collections
import sys

import prometheus_client.openmetrics.parser as openmetrics
import prometheus_client.parser as text


def check_histogram(family):
    """Buckets never fall, and the last one equals the count, in every series."""
    buckets = collections.defaultdict(list)
    counts = {}
    for sample in family.samples:
        labels = dict(sample.labels)
        bound = labels.pop("le", None)
        series = tuple(sorted(labels.items()))
        if sample.name.endswith("_bucket"):
            buckets[series].append((float(bound), sample.value))
        elif sample.name.endswith("_count"):
            counts[series] = sample.value
    assert buckets and buckets.keys() == counts.keys(), family.name
    for series, pairs in buckets.items():
        assert pairs == sorted(pairs), (family.name, series)
        values = [value for _, value in pairs]
        assert values == sorted(values), (family.name, series)
        assert pairs[-1] == (float("inf"), counts[series]), (family.name, series)


def main():
    parse = {"text": text, "openmetrics": openmetrics}[sys.argv[1]].text_string_to_metric_families
    with open(sys.argv[2], encoding="utf-8") as file:
        families = list(parse(file.read()))
    seen = set()
    for family in families:
        assert family.name not in {f.name for f in families if f is not family}, family.name
        if family.type == "histogram":
            check_histogram(family)
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in seen, key
            seen.add(key)
            if family.name not in ("target", "target_info"):
                assert sample.labels["otel_scope_name"] == "outrigger", key
        print(family.name, family.type, len(family.samples))
    exemplars = sum(sample.exemplar is not None for f in families for sample in f.samples)
    print("exemplars", exemplars)


main()
