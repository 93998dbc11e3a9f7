"""What the service answers, and what becomes of payments, while nothing stops it."""

import contextlib
import json
import socket
import urllib.error

import brokers
import harness
import pytest
import service as orders_service


def send(service, path, method="GET"):
    """A connection on which the request is under way."""
    client = socket.create_connection(("127.0.0.1", service.port))
    client.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    return client


def answer(client):
    with contextlib.closing(client):
        return client.makefile("rb").read().decode().partition("\r\n\r\n")[2]


def status(service, order):
    return json.loads(service.get(f"/orders/{order}?wait_ms=5000"))["status"]


@pytest.mark.parametrize("item, key", [("tea\0", ""), ("tea", "k" * 201), ("tea", "two words")])
def test_what_no_database_can_keep_is_refused_before_anything_is_done(database, start, item, key):
    service = start(database)
    with pytest.raises(urllib.error.HTTPError) as refused:
        service.place(item, key=key)
    assert refused.value.code == 400
    assert database.rows("SELECT id FROM orders") == []


def test_an_order_that_is_paid_is_not_taken_up_again(sqlite, start):
    service = start(sqlite)
    first, second = service.place("tea"), service.place("coffee")
    for order in (first, first, second):
        service.post(f"/orders/{order}/pay")
        assert status(service, order) == "paid"
    assert service.stop() == 0
    assert service.process.output.count(f"order {first} paid") == 1


def test_what_is_settled_is_not_waited_for(sqlite, start):
    service = start(sqlite)
    paid, placed = service.place("tea"), service.place("coffee")
    service.post(f"/orders/{paid}/pay")
    assert status(service, paid) == "paid"
    waiting = send(service, f"/orders/{placed}?wait_ms=5000")
    assert status(service, paid) == "paid"
    with pytest.raises(urllib.error.HTTPError) as unknown:
        service.get("/orders/4711?wait_ms=5000")
    assert unknown.value.code == 404
    service.post(f"/orders/{placed}/pay")
    assert json.loads(answer(waiting))["status"] == "paid", "the others were waited for"


def test_a_payment_that_fails_is_tried_again_until_it_succeeds(database, start):
    service = start(database)
    order = service.place("tea")
    database.run("ALTER TABLE payments RENAME TO hidden")
    service.post(f"/orders/{order}/pay")
    service.process.wait_for_output(f"order {order} not paid")
    database.run("ALTER TABLE hidden RENAME TO payments")
    harness.wait_until(lambda: database.rows("SELECT order_id, units FROM payments") == [(str(order), "1")], "it")
    assert service.stop() == 0


def test_a_start_that_fails_ends_the_worker_before_what_it_uses(sqlite, start, tmp_path):
    assert start(sqlite).stop() == 0
    sqlite.run("WITH RECURSIVE one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one LIMIT 1000) "
               "INSERT INTO orders (idempotency_key, item, quantity, status) SELECT n, 'tea', 1, 'paying' FROM one")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = harness.Process([orders_service.ORDERS, "--port", taken.getsockname()[1], "--admin-port", 0,
                                   *sqlite.options], tmp_path / "fails.log")
        assert process.wait() == 125, process
    assert "cannot listen" in process.output


def test_a_cache_that_hangs_after_a_reconnect_costs_no_order(sqlite, start):
    with brokers.Redis() as redis:
        service = start(sqlite, "--redis", redis.address)
        order = service.place("tea")
        with socket.create_connection((redis.host, redis.port)) as client:
            client.sendall(b"CLIENT KILL TYPE normal\r\nQUIT\r\n")
            client.makefile("rb").read()
        for _ in range(3):  # notices, reconnects, works
            service.get(f"/orders/{order}")
        redis.freeze()
        assert json.loads(service.get(f"/orders/{order}"))["id"] == order
        redis.thaw()
        service.get(f"/orders/{order}")  # connects again, so that the shutdown can take its leave
        assert service.stop() == 0
