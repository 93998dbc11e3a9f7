"""The service under test as a process, and the databases that it keeps its orders in, read behind its back."""

import contextlib
import json
import os
import sqlite3
import subprocess
import urllib.request
import uuid

import harness

ORDERS = os.environ.get("LASTCALL_ORDERS", str(harness.ROOT / "build/dev/examples/orders/orders"))


class SqliteFile:
    def __init__(self, path):
        self.path = path
        self.options = ["--sqlite", str(path)]

    def rows(self, query):
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            return [tuple(str(value) for value in row) for row in connection.execute(query)]

    def run(self, statement):
        with contextlib.closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(statement)


class PostgresServer:
    """A database of its own on the server, and the other brokers beside it."""

    def __init__(self, postgres, redis, rabbitmq):
        self.postgres = postgres
        self.name = f"orders_{uuid.uuid4().hex}"
        self.url = f"postgresql://{postgres.user}@{postgres.address}"
        self.options = ["--postgres", f"{self.url}/{self.name}", "--redis", redis.address,
                        "--rabbitmq", rabbitmq.address]

    def __enter__(self):
        self._ask("postgres", f"CREATE DATABASE {self.name}")
        return self

    def __exit__(self, *_):
        self._ask("postgres", f"DROP DATABASE {self.name}")

    def rows(self, query):
        return [tuple(line.split("|")) for line in self._ask(self.name, query).splitlines()]

    def run(self, statement):
        self._ask(self.name, statement)

    def _ask(self, name, query):
        return subprocess.run(["psql", "-At", "-v", "ON_ERROR_STOP=1", "-c", query, f"{self.url}/{name}"],
                              check=True, capture_output=True, text=True, timeout=60).stdout


class Service:
    """A process of the service; as a context it does not outlive the block."""

    def __init__(self, database, folder, *options, env=None):
        self.port = harness.free_port()
        self.admin_port = harness.free_port()
        name = uuid.uuid4().hex
        self.report_file = folder / f"report-{name}.json"
        self.process = harness.Process(
            [ORDERS, "--port", self.port, "--admin-port", self.admin_port, "--report", self.report_file,
             *database.options, *options],
            folder / f"service-{name}.log",
            env,
        )

    def __enter__(self):
        self.process.wait_for_http(self.port, "/orders")
        return self

    def __exit__(self, *_):
        self.process.kill()

    def get(self, path, port=None):
        with urllib.request.urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=30) as response:
            return response.read().decode()

    def post(self, path, body=b"", headers=None):
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data=body, method="POST", headers=headers or {})
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def place(self, item, quantity=1, key=""):
        order = json.dumps({"item": item, "quantity": quantity}).encode()
        return self.post("/orders", order, {"Idempotency-Key": key} if key else {})["id"]

    def stop(self):
        """SIGTERM, and its exit status."""
        self.process.signal()
        return self.process.wait()

    def report(self):
        return json.loads(self.report_file.read_text())
