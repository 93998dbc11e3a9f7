"""What `lastcall check` writes for machines, from a real run: its JSON, its JUnit and its record."""

import json
import subprocess

import jsonschema
import junitparser
import pytest

import harness

SECRET = "hunter2-of-the-test"
SERVER = ["node", str(harness.ROOT / "tests/e2e/apps/server.js"), f"--token={SECRET}"]
SCHEMA = json.loads((harness.ROOT / "docs/check-report.schema.json").read_text(encoding="utf-8"))


def check(*words):
    return subprocess.run([harness.LASTCALL, "check", *map(str, words)], capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The directory and the exit status of a check that has written everything it can."""
    folder = tmp_path_factory.mktemp("check")
    run = check("--trials", 1, "--grace", "3s", "--slow-path", "/slow", "--json", folder / "report.json",
                "--junit", folder / "report.xml", "--record", folder / "record.ndjson", "--", *SERVER)
    assert run.returncode in (0, 1, 3), run.stderr
    return folder, run.returncode


def test_the_report_is_of_its_schema_and_says_what_check_exits_with(results):
    folder, status = results
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert report["exit_status"] == status
    assert len(report["verdicts"]) == 1
    assert {flow["kind"] for flow in report["verdicts"][0]["flows"]} >= {"fresh", "keep-alive", "slow"}


def test_junit_tells_the_same_findings(results):
    folder, _ = results
    verdict = json.loads((folder / "report.json").read_text(encoding="utf-8"))["verdicts"][0]
    told = {junitparser.Failure: "failed", junitparser.Error: "inconclusive", junitparser.Skipped: "skipped"}
    (suite,) = junitparser.JUnitXml.fromfile(str(folder / "report.xml"))
    cases = {case.name.split()[0]: told[type(case.result[0])] if case.result else "passed" for case in suite}
    assert cases == {finding["clause"]: finding["status"] for finding in verdict["findings"]}


def test_a_record_that_was_cut_off_is_refused_by_its_line(results, tmp_path):
    folder, _ = results
    lines = (folder / "record.ndjson").read_bytes().splitlines(keepends=True)
    (tmp_path / "cut.ndjson").write_bytes(b"".join(lines[:-1]))
    refused = check("--replay", tmp_path / "cut.ndjson")
    assert refused.returncode == 2
    assert f"line {len(lines)}: the record was cut off here" in refused.stderr


def test_secrets_are_in_none_of_them(results):
    folder, _ = results
    for name in ("report.json", "report.xml", "record.ndjson"):
        assert SECRET not in (folder / name).read_text(encoding="utf-8"), name
