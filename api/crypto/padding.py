"""Padmé padding: lengths leak at most O(log log n) bits (Nikitin et al., PURBs, 2019).

Promises to undo itself exactly. Must never be applied outside authenticated encryption.
"""

from api.errors import Tampered

SMALLEST = 64


def padme(length: int) -> int:
    """Return the padded length for `length` bytes: the next with few significant bits."""
    if length <= SMALLEST:
        return SMALLEST
    exponent = length.bit_length() - 1
    free = exponent - exponent.bit_length()
    mask = (1 << free) - 1
    return (length + mask) & ~mask


def padded(content: bytes, size: int = 0) -> bytes:
    """Return `content` with its length before it, filled to Padmé's length or at least `size` bytes."""
    whole = len(content).to_bytes(4, "big") + content
    return whole.ljust(max(padme(len(whole)), size), b"\0")


def unpadded(whole: bytes) -> bytes:
    """Return what `padded` was given; raises Tampered when the length does not fit."""
    length = int.from_bytes(whole[:4], "big")
    if len(whole) < 4 + length:
        raise Tampered
    return whole[4 : 4 + length]
