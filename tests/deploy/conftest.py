import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import pytest

import harness


@pytest.fixture
def start(tmp_path_factory):
    """start(argv, env) runs a process that does not outlive the test."""
    processes = []

    def run(argv, env):
        processes.append(harness.Process(argv, tmp_path_factory.mktemp("process") / "log", env))
        return processes[-1]

    yield run
    for process in processes:
        process.kill()
