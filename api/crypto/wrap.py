"""Wrap: AES-256-GCM under a key derived for this one value, with a commitment to the key.

Promises that nonces cannot collide (each wrap has its own key, from a 32-byte random salt) and that one
ciphertext opens under one key only. Must never be given a key that a person typed.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import constant_time
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.crypto.context import Context
from api.crypto.keys import Key, Parcel, Sealed, Shred, derive
from api.crypto.padding import padded, unpadded
from api.errors import Tampered

SALT = 32
COMMITMENT = 32
NONCE = bytes(12)


def wrap(key: Key, context: Context, content: bytes, size: int = 0) -> Sealed:
    """Return `content` padded (Padmé), bound to `context`: salt, commitment, ciphertext; `size` is the least."""
    return _closed(key, context, padded(content, size))


def unwrap(key: Key, context: Context, sealed: Sealed) -> bytes:
    """Return the content; raises Tampered when key, context or a single bit differs."""
    return unpadded(_opened(key, context, sealed))


def _closed(key: Key, context: Context, content: bytes) -> Sealed:
    salt, where = secrets.token_bytes(SALT), bytes(context)
    once, commitment = _once(key, salt, where)
    # The nonce may be constant: `once` is fresh for each salt, so no pair (key, nonce) ever occurs twice.
    return Sealed(salt + commitment + AESGCM(once).encrypt(NONCE, content, where))


def _opened(key: Key, context: Context, sealed: Sealed) -> bytes:
    (salt, claimed, body), where = _parts(sealed.blob), bytes(context)
    once, commitment = _once(key, salt, where)
    # Without the commitment an attacker could craft one ciphertext that opens differently under two keys.
    if not constant_time.bytes_eq(claimed, commitment):
        raise Tampered
    try:
        return AESGCM(once).decrypt(NONCE, body, where)
    except InvalidTag:
        raise Tampered from None


def wrap_parcel(key: Key, context: Context, parcel: Parcel, size: int = 0) -> Sealed:
    """Wrap a note together with the keys it carries."""
    return wrap(key, context, parcel.packed(), size)


def unwrap_parcel(key: Key, context: Context, sealed: Sealed) -> Parcel:
    """Open what `wrap_parcel` made; raises Tampered."""
    return Parcel.unpacked(unwrap(key, context, sealed))


def wrap_key(key: Key, context: Context, inner: Key | Shred) -> Sealed:
    """Wrap one key: 112 bytes, no padding, since every key is as long as every other."""
    return _closed(key, context, inner._raw)


def unwrap_key(key: Key, context: Context, sealed: Sealed) -> Key:
    """Open what `wrap_key` made; raises Tampered."""
    return Key(_opened(key, context, sealed))


def unwrap_shred(key: Key, context: Context, sealed: Sealed) -> Shred:
    """Open a shred that `wrap_key` wrapped; raises Tampered."""
    return Shred(_opened(key, context, sealed))


def _once(key: Key, salt: bytes, where: bytes) -> tuple[bytes, bytes]:
    material = derive(key._raw, salt, b"wrap" + where, 64)
    return material[:32], material[32:]


def _parts(blob: bytes) -> tuple[bytes, bytes, bytes]:
    return blob[:SALT], blob[SALT : SALT + COMMITMENT], blob[SALT + COMMITMENT :]
