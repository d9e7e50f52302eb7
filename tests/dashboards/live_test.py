"""A real Prometheus reads a made-up sidecar: do all queries and rules work on it?"""

import json
import math
import re
import sys
import unittest

sys.dont_write_bytecode = True

import fixture
import metrics
import promql
from prometheus_server import PrometheusServer, wait_for

DEPLOY = metrics.SOURCE / "deploy"
# What Grafana puts in, or its user chooses.
CHOSEN = {"$__rate_interval": "1m", "$__range": "1h", "$job": ".+", "$instance": ".+", "$limit": ".+"}


def as_sent(query):
    """`query` as Grafana would send it, with everything chosen."""
    for name, value in CHOSEN.items():
        query = query.replace(name, value)
    return query


class LiveTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sidecar = fixture.Sidecar()
        cls.addClassCleanup(cls.sidecar.stop)
        rules = sorted((DEPLOY / "prometheus").glob("*.yaml"))
        cls.prometheus = PrometheusServer(cls.sidecar.address, rules)
        cls.addClassCleanup(cls.prometheus.stop)
        cls.dashboard = json.loads((DEPLOY / "grafana/outrigger.json").read_text())

    def rules(self):
        """All rules, each looked at by Prometheus at least once."""
        def evaluated():
            groups = self.prometheus.ask("rules")["groups"]
            found = [rule for group in groups for rule in group["rules"]]
            return found if found and all(rule["health"] != "unknown" for rule in found) else None
        return wait_for(evaluated, "the rules' first evaluation")

    def values(self, query):
        """The finite values of `query` now."""
        result = self.prometheus.ask("query", query=as_sent(query))["result"]
        values = [float(series["value"][1]) for series in result]
        return [value for value in values if math.isfinite(value)]

    def test_every_panel_has_data(self):
        for panel in self.dashboard["panels"]:
            for each in [panel, *panel.get("panels", [])]:
                for target in each.get("targets", []):
                    with self.subTest(panel=each["title"], query=target["expr"]):
                        wait_for(lambda: self.values(target["expr"]), "data")

    def test_every_variable_has_values(self):
        for variable in self.dashboard["templating"]["list"]:
            if variable["type"] == "query":
                with self.subTest(variable["name"]):
                    series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["definition"]).groups()
                    found = wait_for(lambda: self.prometheus.ask("query", query=as_sent(series))["result"], "series")
                    self.assertTrue(all(each["metric"].get(label) for each in found))

    def test_marks_can_be_asked_for(self):
        for mark in self.dashboard["annotations"]["list"]:
            self.prometheus.ask("query", query=as_sent(mark["expr"]))

    def test_rules_can_be_evaluated(self):
        for rule in self.rules():
            self.assertEqual((rule["health"], rule.get("lastError")), ("ok", None), rule["name"])

    def test_every_recorded_series_has_data(self):
        for rule in self.rules():
            if rule["type"] == "recording":
                with self.subTest(rule["name"]):
                    wait_for(lambda: self.values(rule["name"]), "data")

    def test_rules_read_only_what_there_is(self):
        rules = self.rules()
        exposed = {name for metric in metrics.defined() for name in metric.series}
        recorded = {rule["name"] for rule in rules if rule["type"] == "recording"}
        for rule in rules:
            with self.subTest(rule["name"]):
                unknown = promql.metric_names(rule["query"]) - exposed - recorded - {"up"}
                self.assertFalse(unknown)

    def test_alerts_say_what_is_wrong_and_what_to_do(self):
        headings = re.findall(r"^## (\w+)$", (DEPLOY / "runbook.md").read_text(), re.MULTILINE)
        alerts = [rule for rule in self.rules() if rule["type"] == "alerting"]
        self.assertEqual(sorted(headings), sorted(alert["name"] for alert in alerts))
        for alert in alerts:
            with self.subTest(alert["name"]):
                self.assertIn(alert["labels"]["severity"], ("critical", "warning", "info"))
                said = alert["annotations"]
                self.assertEqual(sorted(said), ["description", "runbook_url", "summary"])
                self.assertIn("$labels.job", said["summary"])
                self.assertRegex(said["description"], r"\$value|\$labels")
                self.assertEqual(said["runbook_url"], "deploy/runbook.md#" + alert["name"].lower())


if __name__ == "__main__":
    unittest.main(verbosity=2)
