#!/usr/bin/env python3
"""Writes outrigger.json, the Grafana dashboard. Run it after every change here.

    python3 deploy/grafana/make_dashboard.py          # writes it
    python3 deploy/grafana/make_dashboard.py --print  # to standard output

The same input gives the same bytes: a test compares them with the file.
"""

import json
import pathlib
import sys

sys.dont_write_bytecode = True  # no __pycache__ in the sources

import parts
import traffic
from panels import CHOSEN, DATASOURCE, lay_out

TARGET = pathlib.Path(__file__).with_name("outrigger.json")


def _choice(name, label, values):
    """A variable that takes any of the label values that `values` asks for."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": DATASOURCE,
        "definition": values,
        "query": {"query": values, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
        "refresh": 2,  # as the time range changes
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "hide": 0,
        "options": [],
        "regex": "",
        "skipUrlSync": False,
    }


def _variables():
    return [
        {
            "name": "datasource",
            "label": "Data source",
            "type": "datasource",
            "query": "prometheus",
            "current": {"selected": False, "text": "default", "value": "default"},
            "hide": 0,
            "includeAll": False,
            "multi": False,
            "options": [],
            "refresh": 1,
            "regex": "",
            "skipUrlSync": False,
        },
        _choice("job", "job", "label_values(outrigger_store_pods, job)"),
        _choice("instance", "instance", 'label_values(outrigger_store_pods{job=~"$job"}, instance)'),
        _choice("limit", "limit", f"label_values(outrigger_allow_decisions_total{{{CHOSEN}}}, limit)"),
    ]


def _mark(name, color, text, title):
    """Vertical lines wherever `text` has a value."""
    return {
        "name": name, "datasource": DATASOURCE, "enable": True, "hide": False, "iconColor": color,
        "expr": text.replace("{@", "{" + CHOSEN), "step": "1m", "titleFormat": title, "textFormat": "{{instance}}",
    }


def dashboard():
    rows = {**traffic.rows(), **parts.rows()}
    return {
        "title": "Outrigger",
        "uid": "outrigger",
        "description": "Outrigger sidecars: rate limits, cache, breakers, pools. Made by make_dashboard.py.",
        "tags": ["outrigger"],
        "schemaVersion": 37,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,  # one cross-hair for all
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timepicker": {},
        "timezone": "browser",
        "links": [],
        "annotations": {"list": [
            _mark("Starts", "#0072B2", "resets(process_uptime_seconds{@}[5m]) > 0", "Sidecar started again"),
            _mark("Configuration", "#E69F00", "sum by (result) (increase(outrigger_config_reloads_total{@}[5m])) > 0",
                  "Configuration {{result}}"),
        ]},
        "templating": {"list": _variables()},
        "panels": lay_out(rows),
    }


def text():
    return json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if "--print" in sys.argv[1:]:
        sys.stdout.write(text())
    else:
        TARGET.write_text(text(), encoding="utf-8")
