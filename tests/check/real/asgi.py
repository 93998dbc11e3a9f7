"""An ASGI app: / at once, /slow after 1.5 s, /upload when it is all there, /download with 4 MiB."""

import asyncio

PIECE = b"x" * 65536
PIECES = {"/download": 64}


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(1.5)
    while (await receive()).get("more_body"):
        pass
    pieces = PIECES.get(scope["path"])
    size = pieces * len(PIECE) if pieces else 2
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(size).encode())]})
    for _ in range(pieces or 0):
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
    await send({"type": "http.response.body", "body": b"" if pieces else b"ok"})
