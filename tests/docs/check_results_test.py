"""What `lastcall check` writes is what its documents promise, and what their standard readers take.

Usage: check_results_test.py ROOT TOOL, where TOOL is the binary of check_results.cc.
"""

import copy
import json
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import jsonschema
import junitparser

ROOT = Path(sys.argv[1])
TOOL = sys.argv[2]


def result(name):
    return subprocess.run([TOOL, name], check=True, capture_output=True).stdout


def schema():
    return json.loads((ROOT / "docs/check-report.schema.json").read_text(encoding="utf-8"))


def closed(part):
    """The schema, but nothing may be there that it does not name."""
    if isinstance(part, list):
        return [closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    part = {key: closed(value) for key, value in part.items()}
    if part.get("type") == "object":
        part["additionalProperties"] = False
    return part


def keys(document):
    if isinstance(document, list):
        return set().union(*map(keys, document))
    if isinstance(document, dict):
        return set(document).union(*map(keys, document.values()))
    return set()


class Report(unittest.TestCase):
    def test_the_schema_is_one(self):
        jsonschema.Draft202012Validator.check_schema(schema())

    def test_every_field_is_in_the_schema(self):
        for name in ("json", "rolling"):
            jsonschema.Draft202012Validator(closed(schema())).validate(json.loads(result(name)))

    def test_a_field_that_is_missing_or_of_another_type_is_noticed(self):
        report = json.loads(result("json"))
        validator = jsonschema.Draft202012Validator(schema())
        for path, wrong in ((("verdicts", 0, "findings", 0, "status"), "fine"),
                            (("verdicts", 1, "seed"), 7),
                            (("verdicts", 1, "timeline", "lanes", 0, "bad", 3), -1),
                            (("exit_status",), 2),
                            (("schema",), "lastcall.check-report/2")):
            changed = copy.deepcopy(report)
            at = changed
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = wrong
            self.assertFalse(validator.is_valid(changed), path)
            if isinstance(path[-1], str):
                del at[path[-1]]
                self.assertFalse(validator.is_valid(changed), path)

    def test_every_field_is_documented(self):
        page = (ROOT / "docs/check-report.md").read_text(encoding="utf-8")
        words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]*)`", page))))
        written = keys(json.loads(result("json"))) | keys(json.loads(result("rolling")))
        self.assertEqual(written - words, set())


class JUnit(unittest.TestCase):
    def test_its_counts_are_those_of_its_cases(self):
        root = ElementTree.fromstring(result("junit"))
        suites = root.findall("testsuite")
        self.assertEqual(len(suites), 1)
        for of in (root, suites[0]):
            for count, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                self.assertEqual(int(of.get(count)), len(suites[0].findall(f"testcase/{element}")))
            self.assertEqual(int(of.get("tests")), len(suites[0].findall("testcase")))

    def test_junitparser_reads_it(self):
        suites = list(junitparser.JUnitXml.fromstring(result("junit")))
        self.assertEqual(suites[0].name, "lastcall.check.bare")
        outcomes = {case.name[:5]: type(case.result[0]) if case.result else None for case in suites[0]}
        self.assertIs(outcomes["LC202"], junitparser.Failure)
        self.assertIs(outcomes["LC207"], junitparser.Error)
        self.assertIs(outcomes["LC205"], junitparser.Skipped)
        self.assertIsNone(outcomes["LC101"])


class Record(unittest.TestCase):
    def replay(self, record):
        return subprocess.run([TOOL, "replay"], input=record, capture_output=True).stderr.decode()

    def test_it_is_one_json_document_a_line(self):
        lines = result("record").splitlines()
        self.assertEqual([type(json.loads(line)) for line in lines[:3]], [dict, dict, list])
        self.assertEqual(self.replay(result("record")), "")

    def test_the_example_in_its_document_is_one(self):
        page = (ROOT / "docs/check-record.md").read_text(encoding="utf-8")
        example = re.search(r"```json\n(.*?)```", page, re.S).group(1)
        self.assertEqual(self.replay(example.encode()), "")

    def test_every_field_is_documented(self):
        page = (ROOT / "docs/check-record.md").read_text(encoding="utf-8")
        words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]*)`", page.split("```json")[0]))))
        written = set().union(*(keys(json.loads(line)) for line in result("record").splitlines()))
        self.assertEqual(written - words, set())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
