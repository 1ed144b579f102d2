"""Opaque keys. Each is 32 bytes that no caller can read.

Promises a hidden representation, no pickling, no copying, and comparison in constant time. Must never be logged.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import constant_time, hashes, hmac, hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.crypto.context import Context
from api.errors import Tampered

SIZE = 32
MLKEM_PUBLIC = 1184
SHA256 = hashes.SHA256()


def derive(secret: bytes, salt: bytes | None, info: bytes, length: int = SIZE) -> bytes:
    """HKDF-SHA256 (RFC 5869) of `secret`."""
    return HKDF(SHA256, length, salt, info).derive(secret)


class _Opaque:
    """Thirty-two secret bytes."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != SIZE:
            raise Tampered
        self._raw = bytes(raw)

    @classmethod
    def fresh(cls) -> Self:
        """Return a new random secret."""
        return cls(secrets.token_bytes(SIZE))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Opaque) or type(other) is not type(self):
            return False
        return constant_time.bytes_eq(self._raw, other._raw)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied")

    def __copy__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied")


class Shred(_Opaque):
    """Thirty-two random bytes without which a thing cannot be opened; to erase is to destroy them."""

    __slots__ = ()

    def as_key(self, context: Context) -> "Key":
        """Return the key of the outer wrap around something sealed to a person."""
        return Key(derive(self._raw, None, b"shred" + bytes(context)))


class Key(_Opaque):
    """A symmetric key of 256 bits."""

    __slots__ = ()

    def with_shred(self, shred: Shred, context: Context) -> "Key":
        """Return the use key: HKDF over this key, salted with the shred; without either nothing opens."""
        return Key(derive(self._raw, shred._raw, b"use" + bytes(context)))

    def derive(self, context: Context) -> "Key":
        """Return the key for one purpose under this one."""
        return Key(derive(self._raw, None, b"key" + bytes(context)))

    def mac(self, context: Context, data: bytes = b"") -> bytes:
        """Return a keyed digest of 32 bytes (HMAC-SHA256), of no use to whoever lacks the key."""
        code = hmac.HMAC(derive(self._raw, None, b"mac" + bytes(context)), hashes.SHA256())
        code.update(data)
        return code.finalize()


@dataclass(frozen=True, slots=True)
class Sealed:
    """Ciphertext that may be stored; the only value that a sealed column accepts."""

    blob: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PublicHalf:
    """ML-KEM-768 and X25519 public keys side by side: 1,216 bytes."""

    blob: bytes = field(repr=False)

    def hybrid(self) -> hpke.MLKEM768X25519PublicKey:
        """Return the pair as the HPKE library wants it; raises Tampered when it is no pair of keys."""
        try:
            first = MLKEM768PublicKey.from_public_bytes(self.blob[:MLKEM_PUBLIC])
            second = X25519PublicKey.from_public_bytes(self.blob[MLKEM_PUBLIC:])
        except ValueError:
            raise Tampered from None
        return hpke.MLKEM768X25519PublicKey(first, second)


class Opener:
    """The private half that opens what was sealed to its public half; made from a key, kept as that key."""

    __slots__ = ("_mlkem", "_x25519")

    def __init__(self, key: Key) -> None:
        seed = derive(key._raw, None, b"opener", 96)
        self._mlkem = MLKEM768PrivateKey.from_seed_bytes(seed[:64])
        self._x25519 = X25519PrivateKey.from_private_bytes(seed[64:])

    def __repr__(self) -> str:
        return "<Opener>"

    def hybrid(self) -> hpke.MLKEM768X25519PrivateKey:
        """Return the pair as the HPKE library wants it."""
        return hpke.MLKEM768X25519PrivateKey(self._mlkem, self._x25519)

    @property
    def public(self) -> PublicHalf:
        """The public half, 1,216 bytes."""
        first, second = self._mlkem.public_key(), self._x25519.public_key()
        return PublicHalf(first.public_bytes_raw() + second.public_bytes_raw())


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """An Ed25519 public key (RFC 8032), 32 bytes."""

    blob: bytes = field(repr=False)

    def verify(self, context: Context, message: bytes, signature: bytes) -> None:
        """Raise Tampered unless `signature` was made for `message` in this context."""
        try:
            Ed25519PublicKey.from_public_bytes(self.blob).verify(signature, bytes(context) + message)
        except (InvalidSignature, ValueError):
            raise Tampered from None


class Signer:
    """An Ed25519 private key, made from a key and kept as that key."""

    __slots__ = ("_key",)

    def __init__(self, key: Key) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(derive(key._raw, None, b"signer"))

    def __repr__(self) -> str:
        return "<Signer>"

    def sign(self, context: Context, message: bytes) -> bytes:
        """Return the signature, 64 bytes, of `message` in this context and no other."""
        return self._key.sign(bytes(context) + message)

    @property
    def public(self) -> VerifyKey:
        """The public half."""
        return VerifyKey(self._key.public_key().public_bytes_raw())


def fingerprint(receive: PublicHalf, verify: VerifyKey) -> bytes:
    """Return 32 bytes that two people compare as six words before either trusts the keys."""
    return hashlib.sha256(b"lastheard/1 fingerprint" + receive.blob + verify.blob).digest()


@dataclass(frozen=True, slots=True)
class Parcel:
    """A note (JSON) with keys beside it: the only way in which a key travels, and only sealed or wrapped."""

    note: Mapping[str, Any] = field(repr=False, default_factory=dict)
    keys: Mapping[str, Key] = field(repr=False, default_factory=dict)

    def packed(self) -> bytes:
        """Return the bytes that are sealed; JSON (RFC 8259) in UTF-8, keys in base 64."""
        keys = {name: base64.b64encode(key._raw).decode() for name, key in self.keys.items()}
        return json.dumps([self.note, keys], ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def unpacked(cls, raw: bytes) -> "Parcel":
        """Read what `packed` wrote; the bytes were authenticated before they reach this line."""
        note, keys = json.loads(raw)
        return cls(note, {name: Key(base64.b64decode(value)) for name, value in keys.items()})
