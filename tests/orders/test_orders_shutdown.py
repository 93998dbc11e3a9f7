"""One shutdown of the service at a time: its order, its exit status, what probes and clients see."""

import json
import socket
import urllib.error

import pytest


def half_a_request(service):
    """A client who will never finish."""
    client = socket.create_connection(("127.0.0.1", service.port))
    client.sendall(b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
    assert client.recv(100).startswith(b"HTTP/1.1 100")
    return client


def test_cleanup_runs_in_its_order(postgres, start):
    service = start(postgres)
    order = service.place("tea")
    service.post(f"/orders/{order}/pay")
    assert json.loads(service.get(f"/orders/{order}?wait_ms=2000"))["status"] == "paid"
    assert service.stop() == 0
    report = service.report()
    ends = {step["name"]: step["began_ms"] + step["lasted_ms"] for step in report["steps"]}
    begins = {step["name"]: step["began_ms"] for step in report["steps"]}
    order = ["http listener", "http connections", "transaction worker", "queue", "redis", "database", "log"]
    for earlier, later in zip(order, order[1:]):
        assert ends[earlier] <= begins[later] + 0.001, f"{later} did not wait for {earlier}"
    assert {step["outcome"] for step in report["steps"]} == {"done"}


def test_a_key_stands_for_one_order(sqlite, start):
    service = start(sqlite)
    first = service.place("tea", key="4711")
    assert service.place("tea", key="4711") == first
    with pytest.raises(urllib.error.HTTPError) as refused:
        service.place("coffee", key="4711")
    assert refused.value.code == 422
    assert service.stop() == 0


def test_readiness_is_red_and_liveness_green_while_it_drains(sqlite, start):
    service = start(sqlite)
    assert "ready" in service.get("/api/health")
    watcher = socket.create_connection(("127.0.0.1", service.port))
    client = half_a_request(service)
    service.process.signal()
    service.process.wait_for_output("phase=draining")
    assert service.get("/health/live", service.admin_port).strip() == "live"
    with pytest.raises(urllib.error.HTTPError) as red:
        service.get("/health/ready", service.admin_port)
    assert red.value.code == 503
    watcher.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = watcher.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 503") and "shutting down" in answer
    client.sendall(b"0123456789")
    assert client.makefile("rb").read().startswith(b"HTTP/1.1 400")  # answered, though no JSON
    client.close()
    watcher.close()
    assert service.process.wait() == 0


def test_work_that_does_not_end_in_time_gives_status_1(sqlite, start):
    service = start(sqlite, env={"GRACEFUL_SHUTDOWN_TIMEOUT_MS": "3000"})
    client = half_a_request(service)
    assert service.stop() == 1
    assert "POST /orders" in service.report_file.read_text()
    client.close()
