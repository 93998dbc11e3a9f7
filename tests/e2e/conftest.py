import os
import sys

import pytest

import harness


def pytest_configure(config):
    for name in (harness.LASTCALL, harness.LOAD):
        if not os.access(name, os.X_OK):
            sys.exit(f"the end-to-end tests need {name}: run `make test`, which builds it")


@pytest.fixture
def start(tmp_path):
    """start(argv, env=None, …) runs a process that does not outlive the test."""
    processes = []

    def run(argv, env=None, **options):
        process = harness.Process(argv, tmp_path / f"process-{len(processes)}.log", env, **options)
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()


@pytest.fixture(scope="session")
def soak():
    """Whether the full counts are wanted (make soak)."""
    return os.environ.get("LASTCALL_SOAK") == "1"
