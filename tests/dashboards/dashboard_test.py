"""The dashboard as it stands in the file: made by its script, and whole.

The rules are those of Grafana's own dashboard linter, which is not packaged.
"""

import json
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True

import metrics
import promql

GRAFANA = metrics.SOURCE / "deploy/grafana"
# What Prometheus itself adds to each target.
OF_PROMETHEUS = {"up", "scrape_duration_seconds", "scrape_samples_scraped"}
# Units of Grafana's that panels use; "none" and "short" are plain numbers.
UNITS = {"s", "percentunit", "reqps", "ops", "bytes", "short", "none"}


class DashboardTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = (GRAFANA / "outrigger.json").read_text(encoding="utf-8")
        cls.dashboard = json.loads(cls.text)
        placed = cls.dashboard["panels"]
        every = [each for panel in placed for each in [panel, *panel.get("panels", [])]]
        cls.rows = [panel for panel in every if panel["type"] == "row"]
        cls.panels = [panel for panel in every if panel["type"] != "row"]
        cls.queries = [(panel, target["expr"]) for panel in cls.panels for target in panel["targets"]]
        cls.variables = {each["name"]: each for each in cls.dashboard["templating"]["list"]}

    def test_is_what_its_script_makes(self):
        script = GRAFANA / "make_dashboard.py"
        made = subprocess.run([sys.executable, script, "--print"], capture_output=True, check=True, text=True,
                              encoding="utf-8").stdout
        self.assertTrue(made == self.text, f"run: python3 {script.relative_to(metrics.SOURCE)}")

    def test_every_panel_says_what_it_shows(self):
        titles = [panel["title"] for panel in self.panels]
        for panel in self.panels:
            with self.subTest(panel["title"]):
                self.assertTrue(panel["title"])
                self.assertRegex(panel["description"], r"^[A-Z0-9].{15,}\.$")
                self.assertIn(panel["fieldConfig"]["defaults"]["unit"], UNITS)
                self.assertTrue(panel["targets"])
        self.assertGreater(len(titles), 40)

    def test_ids_are_unique(self):
        ids = [panel["id"] for panel in self.panels + self.rows]
        self.assertEqual(len(ids), len(set(ids)))

    def test_panels_do_not_overlap(self):
        for collapsed, panels in [(None, [p for p in self.dashboard["panels"]])] + [
                (row["title"], row["panels"]) for row in self.rows]:
            taken = set()
            for panel in panels:
                at = panel["gridPos"]
                cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
                self.assertFalse(cells & taken, (collapsed, panel["title"]))
                self.assertLessEqual(at["x"] + at["w"], 24)
                taken |= cells

    def test_everything_asks_the_chosen_data_source(self):
        chosen = {"type": "prometheus", "uid": "${datasource}"}
        asks = self.panels + [target for panel in self.panels for target in panel["targets"]]
        asks += self.dashboard["annotations"]["list"]
        asks += [each for each in self.variables.values() if each["type"] == "query"]
        for each in asks:
            self.assertEqual(each["datasource"], chosen)

    def test_variables(self):
        self.assertEqual(list(self.variables), ["datasource", "job", "instance", "limit"])
        self.assertEqual(self.variables["datasource"]["query"], "prometheus")
        for name in ("job", "instance", "limit"):
            variable = self.variables[name]
            self.assertTrue(variable["multi"] and variable["includeAll"])
            self.assertEqual((variable["allValue"], variable["refresh"]), (".+", 2))
            self.assertEqual(variable["label"], name)

    def test_every_query_is_of_the_chosen_jobs_and_instances(self):
        for panel, query in self.queries:
            found = promql.selectors(query)
            self.assertEqual({name for name, _ in found}, promql.metric_names(query), query)
            for name, matchers in found:
                with self.subTest(panel=panel["title"], metric=name):
                    self.assertIn('job=~"$job"', matchers)
                    if ":" not in name:  # recorded for whole jobs
                        self.assertIn('instance=~"$instance"', matchers)

    def test_counters_are_read_as_rates_over_the_right_interval(self):
        growing = {name for metric in metrics.defined() if metric.kind in ("Counter", "Histogram")
                   for name in metric.series}
        for panel, query in self.queries:
            with self.subTest(panel=panel["title"], query=query):
                for span in re.findall(r"\}\[([^\]]*)\]", query):
                    self.assertIn(span, ("$__rate_interval", "$__range"))
                for found in re.finditer(r"\b(\w+)\{", query):
                    if found.group(1) in growing:
                        self.assertRegex(query[:found.start()], r"(rate|increase)\($")

    def test_reads_only_what_there_is(self):
        exposed = {name for metric in metrics.defined() for name in metric.series}
        recorded = set()
        for file in (metrics.SOURCE / "deploy/prometheus").glob("*.yaml"):
            recorded.update(re.findall(r"- record: (\S+)", file.read_text()))
        texts = [query for _, query in self.queries]
        texts += [mark["expr"] for mark in self.dashboard["annotations"]["list"]]
        for query in texts:
            self.assertFalse(promql.metric_names(query) - exposed - recorded - OF_PROMETHEUS, query)

    def test_runbook_names_panels_that_there_are(self):
        named = re.findall(r'"([A-Z][^"]*)"', (metrics.SOURCE / "deploy/runbook.md").read_text().replace("\n", " "))
        self.assertGreater(len(named), 20)
        self.assertEqual(set(named) - {panel["title"] for panel in self.panels}, set())


if __name__ == "__main__":
    unittest.main(verbosity=2)
