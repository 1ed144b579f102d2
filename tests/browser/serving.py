"""The application of a test on a loopback port, in a thread of the test's own process, and one browser beside it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from tests.story.servers import free_port


@contextmanager
def on_loopback(app: FastAPI, referred: list[str] | None = None) -> Iterator[str]:
    """Serve the application and yield its address; note in `referred` which requests said where they came from."""

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        told = [value for name, value in scope.get("headers", ()) if name == b"referer"]
        if told and referred is not None:
            referred.append(f"{scope['path']} from {told[0].decode()}")
        await app(scope, receive, send)

    port = free_port()
    server = uvicorn.Server(uvicorn.Config(listening, port=port, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
