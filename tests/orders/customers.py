"""Customers: many clients who place orders, one after the other on one connection each, and pay some of them. What
each was told of an order is kept: acknowledged (201), refused (anything else: nothing was done), or unknown (the
connection ended without an answer)."""

import asyncio
import contextlib
import json
from dataclasses import dataclass, field

PAYS_EVERY = 3
HURRY = 60  # seconds; nobody waits longer for an answer


@dataclass
class Book:
    attempted: set = field(default_factory=set)
    acknowledged: dict = field(default_factory=dict)  # item: id
    unknown: set = field(default_factory=set)
    refused: set = field(default_factory=set)
    paying: set = field(default_factory=set)  # ids whose payment was accepted (202)
    most_in_flight: int = 0

    def __str__(self):
        return (f"orders: {len(self.attempted)} attempted, {len(self.acknowledged)} acknowledged, "
                f"{len(self.unknown)} unknown, {len(self.refused)} refused; {len(self.paying)} payments accepted")


def request(path, body=b"", key=""):
    head = f"POST {path} HTTP/1.1\r\nHost: orders\r\nContent-Length: {len(body)}\r\n"
    return (head + (f"Idempotency-Key: {key}\r\n" if key else "") + "\r\n").encode() + body


async def exchange(reader, writer, bytes_out):
    """Status, body and whether the connection goes on."""
    writer.write(bytes_out)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length:"))
    body = await reader.readexactly(length)
    return int(head.split()[1]), body, "connection: close" not in head


class Crowd:
    """`size` customers at the same time, until the service sends them away."""

    def __init__(self, port, size, name, book):
        self.port = port
        self.size = size
        self.name = name
        self.book = book
        self.in_flight = 0
        self.everybody_is_in = asyncio.Event()

    async def run(self):
        await asyncio.gather(*(self.customer(number) for number in range(self.size)))

    async def customer(self, number):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except ConnectionError:
            return
        with contextlib.closing(writer):
            goes_on, count = True, 0
            while goes_on:
                count += 1
                goes_on = await self.order(reader, writer, f"{self.name}-{number}-{count}",
                                           (number + count) % PAYS_EVERY == 0)

    async def order(self, reader, writer, item, pays):
        self.book.attempted.add(item)
        self.enter()
        try:
            body = json.dumps({"item": item, "quantity": 2}).encode()
            status, answer, goes_on = await asyncio.wait_for(
                exchange(reader, writer, request("/orders", body, key=item)), HURRY)
        except (OSError, asyncio.IncompleteReadError):
            self.book.unknown.add(item)
            return False
        finally:
            self.in_flight -= 1
        if status != 201:
            self.book.refused.add(item)
            return goes_on
        self.book.acknowledged[item] = str(json.loads(answer)["id"])
        return goes_on and (not pays or await self.pay(reader, writer, self.book.acknowledged[item]))

    async def pay(self, reader, writer, order):
        try:
            status, _, goes_on = await asyncio.wait_for(exchange(reader, writer, request(f"/orders/{order}/pay")),
                                                        HURRY)
        except (OSError, asyncio.IncompleteReadError):
            return False
        if status == 202:
            self.book.paying.add(order)
        return goes_on

    def enter(self):
        self.in_flight += 1
        self.book.most_in_flight = max(self.book.most_in_flight, self.in_flight)
        if self.in_flight == self.size:
            self.everybody_is_in.set()
