"""What the database holds after the service was stopped again and again with 500 orders in flight: every order whose
client got a 2xx, none half-done, none twice. Of the others some may be there: nobody was told."""

import asyncio
import json
import random

import harness
from customers import Book, Crowd, exchange, request

IN_FLIGHT = 500


async def crowd_until_it_is_stopped(service, name, book):
    """SIGTERM comes at a random instant with all customers in flight."""
    crowd = Crowd(service.port, IN_FLIGHT, name, book)
    running = asyncio.ensure_future(crowd.run())
    await asyncio.wait_for(crowd.everybody_is_in.wait(), 60)
    await asyncio.sleep(random.uniform(0, 0.5))
    service.process.signal()
    await running


def retry_the_unknown(service, book):
    """As a client does that does not know: the same order again, with the same key."""
    for item in sorted(book.unknown):
        reply = asyncio.run(place_once_more(service.port, item))
        book.acknowledged[item] = str(reply["id"])


async def place_once_more(port, item):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps({"item": item, "quantity": 2}).encode()
    status, answer, _ = await exchange(reader, writer, request("/orders", body, key=item))
    writer.close()
    assert status == 201
    return json.loads(answer)


def judge(database, book):
    orders = database.rows("SELECT item, id, status FROM orders")
    items = [item for item, _, _ in orders]
    assert len(items) == len(set(items)), "an order is there twice"
    assert set(items) <= book.attempted
    ids = {item: number for item, number, _ in orders}
    assert [item for item, number in book.acknowledged.items() if ids.get(item) != number] == []
    assert not book.refused & set(items), "nothing was to be done for what was refused"

    placements = [number for (number,) in database.rows("SELECT order_id FROM placements")]
    assert sorted(placements) == sorted(ids.values()), "an order is half-done"
    payments = dict(database.rows("SELECT order_id, units FROM payments"))
    assert set(payments) == {number for _, number, status in orders if status == "paid"}, "a payment is half-done"
    assert book.paying <= set(payments), "a payment that was accepted is lost"
    assert set(payments.values()) <= {"2"}


def test_no_acknowledged_order_is_lost_or_doubled(database, start, soak):
    seed = random.randrange(1 << 32)
    random.seed(seed)
    print(f"seed {seed}")
    book = Book()
    for restart in range(50 if soak else 2):
        service = start(database)
        asyncio.run(crowd_until_it_is_stopped(service, f"round{restart}", book))
        assert service.process.wait() == 0, service.process
    assert book.most_in_flight == IN_FLIGHT
    print(book)

    service = start(database)
    retry_the_unknown(service, book)
    harness.wait_until(lambda: not database.rows("SELECT id FROM orders WHERE status = 'paying'"), "all payments", 60)
    assert service.stop() == 0
    judge(database, book)
