"""Stretching passphrases: two places, a short queue, then "try again".

Promises that sign-ins never starve the other pages and never take more than two times 64 MiB. Must never run in the
shared thread pool, nor with more than one lane.
"""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from api.crypto import Key
from api.crypto.people import stretch
from api.errors import Busy
from api.services.logins import canonical

PLACES, QUEUE = 2, 32


class Stretcher:
    """Derives keys of passphrases on threads of its own."""

    def __init__(self, deployment: Key) -> None:
        self._deployment = deployment
        self._pool = ThreadPoolExecutor(PLACES, thread_name_prefix="stretch")
        self._room = threading.BoundedSemaphore(PLACES + QUEUE)

    async def derive(self, passphrase: str, login: str) -> Key:
        """Return the key; raises Busy at once when thirty-two are already waiting."""
        if not self._room.acquire(blocking=False):
            raise Busy
        try:
            work = self._pool.submit(self.derive_now, passphrase, login)
        except RuntimeError:
            self._room.release()
            raise Busy from None
        # The place is given back when the work ends, not when an impatient client goes away.
        work.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(work)

    def derive_now(self, passphrase: str, login: str) -> Key:
        """Return the key, on the calling thread."""
        return stretch(canonical(passphrase), canonical(login), self._deployment)

    def close(self) -> None:
        """Let no more work in."""
        self._pool.shutdown(wait=False, cancel_futures=True)
