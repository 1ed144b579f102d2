"""Bodies as they come: whoever stops sending does not hold a place, or a half-written file, for ever.

Promises that between two pieces of a body only so long is waited. Must never look at what comes.
"""

import asyncio
from collections.abc import AsyncIterator

from api.errors import Unreadable

IDLE = 30.0


async def paced(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield what comes; raises Unreadable after 30 seconds of nothing."""
    while True:
        try:
            async with asyncio.timeout(IDLE):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Unreadable from None
        yield piece
