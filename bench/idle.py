"""Idle connections: what each costs in memory, and what it costs to drain many of them."""

import json
import os
import random
import resource
import selectors
import signal
import socket
import time

from harness import APP_CPU, CPUS, Bench, Invalid, print_table, verdict
from servers import start_app, start_haproxy, start_lastcall, start_nginx

GET = b"GET / HTTP/1.1\r\nHost: bench.test\r\n\r\n"
UPGRADE = (b"GET / HTTP/1.1\r\nHost: bench.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
CLIENTS_AN_ADDRESS = 5_000  # far fewer than there are ports for one address of ours
IDLE_GRACE_S, SLACK_S = 1.0, 1.0
MOST_IN_TIME = 10_000
GROWTH_GOAL = 1.25


def open_idle(port, count, request, status):
    """Connections that have asked for nothing, if `request` is empty, or had one answer each."""
    clients = []
    net = random.randrange(1, 255)  # the addresses of the last ones may still be in use: TIME_WAIT
    for i in range(count):
        client = socket.socket()
        client.bind((f"127.{net}.0.{1 + i // CLIENTS_AN_ADDRESS}", 0))
        client.connect(("127.0.0.1", port))
        clients.append(client)
        if request:
            client.sendall(request)
            answer = client.recv(4096)
            if f" {status} ".encode() not in answer:
                raise Invalid(f"idle connection {i} got {answer[:60]} and not {status}")
    return clients


def start_upgrading_nginx(bench, app):
    return start_nginx(bench, app, websockets=True)


def bench_memory(bench, quick):
    count = 1000 if quick else 2000
    kinds = [("accepted, silent", b"", 200, (start_nginx, start_haproxy, start_lastcall)),
             ("keep-alive", GET, 200, (start_nginx, start_haproxy, start_lastcall)),
             ("WebSocket", UPGRADE, 101, (start_upgrading_nginx, start_haproxy, start_lastcall))]
    print(f"User memory per idle client connection: growth of PSS over {count} connections, after warm-up; bytes")
    rows, holds = [], True
    for name, request, status, starts in kinds:
        grown = []
        for start in starts:
            with Bench(bench.lastcall) as alone:
                app = start_app(alone, {APP_CPU}, ["--upgrade"] if status == 101 else [])
                grown.append(growth(start(alone, app), count, request, status))
        holds = holds and grown[2] < min(grown[:2])
        rows.append([name, *(f"{value:.0f}" for value in (grown[2], *grown[:2]))])
    print_table(["", "lastcall", "nginx", "HAProxy"], rows)
    verdict(holds, "goal: below both, each kind")


def growth(server, count, request, status):
    for client in open_idle(server.port, 200, request or GET, status):
        client.close()
    before = server.pss_bytes()
    clients = open_idle(server.port, count, request, status)
    time.sleep(0.2)  # for those that were accepted last
    after = server.pss_bytes()
    for client in clients:
        client.close()
    return (after - before) / count


# ---- Draining them


def answer_ends(clients, process):
    """Closes each connection when the server has ended it, until the server has exited."""
    selector = selectors.DefaultSelector()
    for client in clients:
        selector.register(client, selectors.EVENT_READ)
    exited = os.pidfd_open(process.pid)
    selector.register(exited, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj == exited:
                os.close(exited)
                return
            selector.unregister(key.fileobj)
            key.fileobj.close()


def one_drain(bench, app, count):
    """Seconds from the signal to the app's own and to the exit, and the CPU of all of it in seconds."""
    report = bench.file("report.json")
    server = start_lastcall(bench, app, cpus=frozenset(CPUS),
                            options=["--max-conns", str(count + 10), "--idle-timeout", "0", "--report", report])
    clients = open_idle(server.port, count, GET, 200)
    before = server.cpu_ns() / 1e9
    server.process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    answer_ends(clients, server.process)
    took = time.monotonic() - begun
    _, status, usage = os.wait4(server.process.pid, 0)
    server.process.returncode = os.waitstatus_to_exitcode(status)
    if server.process.returncode != 0:
        raise Invalid(f"lastcall exited with {server.process.returncode}")
    told = json.loads(report.read_text())
    if told["traffic"]["idle_closed"] != count:
        raise Invalid(f"{told['traffic']['idle_closed']} of {count} connections were ended idle")
    return told["app"]["signalled_ms"] / 1000, took, usage.ru_utime + usage.ru_stime - before


def bench_drain(bench, quick):
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = allowed - 500
    counts = (1_000, 5_000) if quick else (1_000, min(10_000, most), min(50_000, most))
    print(f"Draining idle keep-alive connections, whose clients close when told to; idle-grace {IDLE_GRACE_S} s")
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, allowed))
    if most < 50_000:
        print(f"  50 000 are more than the {allowed} descriptors that this machine allows a process")
    rows, each, in_time = [], [], True
    app = start_app(bench, {APP_CPU})
    for count in counts:
        signalled, took, cpu = one_drain(bench, app, count)
        each.append(cpu / count)
        in_time = in_time and (count > MOST_IN_TIME or took <= IDLE_GRACE_S + SLACK_S)
        rows.append([count, f"{signalled:.2f}", f"{took:.2f}", f"{cpu * 1000:.1f}", f"{1e6 * cpu / count:.1f}"])
    print_table(["connections", "app signalled after s", "exit after s", "CPU ms", "us/connection"], rows)
    verdict(in_time, f"goal: up to {MOST_IN_TIME} connections end within idle-grace and {SLACK_S:.0f} s")
    verdict(each[-1] <= GROWTH_GOAL * each[1 if len(each) > 2 else 0],
            f"goal: a connection costs the last drain at most {GROWTH_GOAL} of what it costs the one before")
