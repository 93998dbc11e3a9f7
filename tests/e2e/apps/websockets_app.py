"""A Python app on the package websockets: WebSockets that are idle, that chat or are in the midst of a message. Logs how
each ended."""

import asyncio
import http
import os
import signal

import websockets


EVERY_S = float(os.environ.get("CHAT_EVERY_S", 0.1))


async def unfinished():
    """A message of which only the first fragment is sent."""
    yield "the first part"
    await asyncio.Event().wait()


async def chat(socket):
    for count in range(1, 1_000_000):
        await asyncio.sleep(EVERY_S)
        await socket.send(f"{count} " + "x" * (10, 3000, 100_000)[count % 3])


async def serve(socket):
    if socket.path == "/fragment":
        talk = asyncio.create_task(socket.send(unfinished()))
    else:
        await socket.send("0 hello")
        talk = asyncio.create_task(chat(socket) if socket.path == "/chatty" else asyncio.sleep(0))
    try:
        async for _ in socket:
            pass
    except websockets.ConnectionClosedError:
        pass  # in the midst of a message: told below all the same
    talk.cancel()
    await asyncio.gather(talk, return_exceptions=True)
    answered = socket.close_rcvd_then_sent
    print(f"closed {socket.close_code}" if answered else "not closed by the client", flush=True)


async def answer(path, headers):
    if "Upgrade" not in headers:
        return (http.HTTPStatus.OK, [("Content-Type", "text/plain")], b"ok\n")


async def main():
    stop = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set_result, None)
    port = int(os.environ["PORT"])
    async with websockets.serve(serve, "127.0.0.1", port, process_request=answer) as server:
        await stop
        print(f"got SIGTERM with {len(server.websockets)} open", flush=True)


asyncio.run(main())
