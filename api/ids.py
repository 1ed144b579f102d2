"""Identifiers: 130 random bits in Crockford base 32, twenty-six characters.

Promises that an identifier says nothing: no order, no year, no facility. Must never be derived from content.
"""

import secrets

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
PLACES = range(0, 5 * LENGTH, 5)
TOGETHER = 4


def new_id() -> str:
    """Return a fresh identifier of twenty-six characters."""
    number = secrets.randbits(5 * LENGTH)
    return "".join([ALPHABET[number >> place & 31] for place in PLACES])


def new_ids(count: int, beginning: str = "") -> list[str]:
    """Return fresh identifiers that begin alike, so that what is made at once stands side by side; 110 bits differ.

    With a `beginning` they begin with that, and the rest differs.
    """
    start = beginning or new_id()[:TOGETHER]
    return [start + new_id()[len(start) :] for _ in range(count)]


def is_id(text: str) -> bool:
    """Say whether `text` has the shape of an identifier; nothing else may reach a query."""
    return len(text) == LENGTH and all(letter in ALPHABET for letter in text)


def bare_code(said: str) -> str:
    """Return a code as it begins the identifier, however somebody wrote it."""
    return said.strip().casefold().replace("-", "")


def short_code(identifier: str) -> str:
    """Return the code that people say aloud for a case, such as `K7-M4QX`."""
    return f"{identifier[:2]}-{identifier[2:6]}".upper()
