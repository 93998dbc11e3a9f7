"""`lastcall explain`: what a clause says, and what becomes of an id that there is not."""

import re
import subprocess

import pytest

from harness import LASTCALL, ROOT


def explain(*words):
    return subprocess.run([LASTCALL, "explain", *words], capture_output=True, text=True, timeout=10)


def contract_ids():
    return re.findall(r"^\| (LC\d+) \|", (ROOT / "docs/contract.md").read_text(), re.M)


def test_lists_every_clause_of_the_contract():
    result = explain()
    assert result.returncode == 0 and result.stderr == ""
    assert re.findall(r"^  (LC\d+) ", result.stdout, re.M) == contract_ids()


@pytest.mark.parametrize("word", ["LC201", "lc201", "201"])
def test_says_how_to_keep_a_clause_on_each_platform(word):
    result = explain(word)
    assert result.returncode == 0
    assert result.stdout.startswith("LC201       Closing the listener resets nobody\n")
    for platform in ("lastcall run", "Node", "Go", "Python", "Java", "C++", "Kubernetes"):
        assert f"\n  {platform}\n" in result.stdout


@pytest.mark.parametrize("word, nearest", [("LC20", "LC201"), ("LC210", "LC201"), ("lc502x", "LC502")])
def test_names_the_nearest_of_an_id_that_there_is_not(word, nearest):
    result = explain(word)
    assert result.returncode == 2 and result.stdout == ""
    assert f"no clause '{word}'" in result.stderr and f"did you mean {nearest}?" in result.stderr


@pytest.mark.parametrize("words", [["nonsense"], ["LC201", "LC202"], ["--verbose"]])
def test_refuses_what_is_no_id(words):
    result = explain(*words)
    assert result.returncode == 2 and result.stdout == ""


def test_explains_itself():
    result = explain("--help")
    assert result.returncode == 0 and result.stdout.startswith("Usage: lastcall explain [LCID]\n")
