import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import harness  # noqa: E402


def pytest_configure(config):
    for name in (harness.LASTCALL, harness.LOAD):
        if not os.access(name, os.X_OK):
            sys.exit(f"the tests of check need {name}: run `make test`, which builds it")


@pytest.fixture
def start(tmp_path):
    """start(argv) runs a process that does not outlive the test."""
    processes = []

    def run(argv):
        processes.append(harness.Process(argv, tmp_path / f"process-{len(processes)}.log"))
        return processes[-1]

    yield run
    for process in processes:
        process.kill()
