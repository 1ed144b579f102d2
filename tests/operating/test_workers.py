"""Workers that share a socket answer at once."""

import socket
from contextlib import closing

import uvicorn

from api.serving import listening


def config() -> uvicorn.Config:
    return uvicorn.Config("api.main:from_environment", port=0, workers=2, log_config=None)


def sends_at_once(shared: socket.socket) -> bool:
    """Say whether a connection accepted from this socket waits for no acknowledgement."""
    shared.listen(1)
    with closing(socket.create_connection(shared.getsockname())), closing(shared.accept()[0]) as accepted:
        return bool(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


def test_what_the_workers_accept_sends_at_once() -> None:
    with closing(listening(config())) as shared:
        assert sends_at_once(shared)


def test_a_shared_socket_without_it_is_caught() -> None:
    with closing(config().bind_socket()) as shared:
        assert not sends_at_once(shared)
