#!/usr/bin/python3
"""serve.py PORT [--admin PORT] [--as NAME] [--slow SECONDS …]: the tests' server, perfect or, by its name, one that is
not, or that is right in an odd way."""

import argparse
import asyncio
import dataclasses

import faults
import lookalikes
from server import Server, Times, exit_at_once


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--admin", type=int, default=0, help="port of /readyz and /livez; 0: any")
    parser.add_argument("--as", dest="name", default="perfect")
    for time in dataclasses.fields(Times):
        parser.add_argument(f"--{time.name}".replace("_", "-"), type=float, default=time.default)
    return parser.parse_args()


async def serve(given):
    times = Times(**{time.name: getattr(given, time.name) for time in dataclasses.fields(Times)})
    kinds = {"perfect": Server, **faults.SERVERS, **lookalikes.SERVERS}
    return await kinds[given.name](given.port, given.admin, times).run()


if __name__ == "__main__":
    exit_at_once(asyncio.run(serve(arguments())))
