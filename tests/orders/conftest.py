import contextlib
import os
import pathlib
import sys

import pytest

for folder in ("e2e", "brokers"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

import brokers  # noqa: E402
import harness  # noqa: E402
import service  # noqa: E402


def pytest_configure(config):
    for name in (harness.LASTCALL, service.ORDERS):
        if not os.access(name, os.X_OK):
            sys.exit(f"the tests of examples/orders need {name}: run `make test`, which builds it")


@pytest.fixture
def start(tmp_path):
    """start(database, *options, env=None): the service, which does not outlive the test."""
    with contextlib.ExitStack() as running:
        yield lambda database, *options, env=None: running.enter_context(
            service.Service(database, tmp_path, *options, env=env)
        )


@pytest.fixture
def sqlite(tmp_path):
    return service.SqliteFile(tmp_path / "orders.db")


@pytest.fixture(scope="session")
def all_brokers():
    """PostgreSQL, Redis and RabbitMQ."""
    with contextlib.ExitStack() as started:
        yield [started.enter_context(kind()) for kind in (brokers.Postgres, brokers.Redis, brokers.RabbitMQ)]


@pytest.fixture
def postgres(all_brokers):
    """Its options name the other two, too."""
    with service.PostgresServer(*all_brokers) as database:
        yield database


@pytest.fixture(params=["sqlite", "postgres"])
def database(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def soak():
    """Whether the full counts are wanted (make soak)."""
    return os.environ.get("LASTCALL_SOAK") == "1"
