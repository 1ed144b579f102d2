"""The web server on loopback: one process, or a worker for each core behind one listening socket.

Promises that no answer waits for the other side's nod, and that nothing of a request is written down. Must never listen
on an address that the network can reach.
"""

import socket
import sys

import uvicorn
from uvicorn.supervisors import Multiprocess

from api import journal

FAILED = 3


def serve(port: int, workers: int) -> None:
    """Serve until told to end; ends with status 3 where the port is taken or the program does not start."""
    config = configured(port, workers)
    if workers > 1:
        Multiprocess(config, sockets=[listening(config)]).run()
        return
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        sys.exit(FAILED)


def configured(port: int, workers: int) -> uvicorn.Config:
    """Return how the server runs."""
    return uvicorn.Config(
        "api.main:from_environment",
        factory=True,
        host="127.0.0.1",
        port=port,
        workers=workers,
        # uvicorn's access log keeps addresses and paths; what is not written cannot be seized.
        access_log=False,
        # No header that a proxy or a stranger sends is believed: the address is a setting.
        proxy_headers=False,
        server_header=False,
        log_config=journal.settings(),
        # As long as a family's upload may pause.
        timeout_graceful_shutdown=30,
    )


def listening(config: uvicorn.Config) -> socket.socket:
    """Return the socket that the workers share; what they accept from it sends at once.

    An answer goes out as head and body. Without this the body waits forty milliseconds until the head is acknowledged:
    the event loop sees to it only for sockets that it made itself.
    """
    shared = config.bind_socket()
    shared.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return shared
