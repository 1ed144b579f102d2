"""Seal: HPKE (RFC 9180) to a public half, ML-KEM-768 + X25519, HKDF-SHA256, AES-256-GCM.

Promises that a seal opens only with the private half and in its own context, also for whoever records it
today and owns a quantum computer later. Gives no sender: whatever must have an author is signed besides.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from api.crypto.context import Context
from api.crypto.keys import Opener, Parcel, PublicHalf, Sealed
from api.crypto.padding import padded, unpadded
from api.errors import Tampered

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def seal(public: PublicHalf, context: Context, content: bytes, size: int = 0) -> Sealed:
    """Return `content`, padded to at least `size` bytes, sealed to `public` in this context."""
    # The library takes no associated data: the context is bound through `info` (RFC 9180, 5.1).
    return Sealed(SUITE.encrypt(padded(content, size), public.hybrid(), bytes(context)))


def open_sealed(opener: Opener, context: Context, sealed: Sealed) -> bytes:
    """Return the content; raises Tampered for another key, another context, or an altered bit."""
    try:
        return unpadded(SUITE.decrypt(sealed.blob, opener.hybrid(), bytes(context)))
    except (InvalidTag, ValueError):
        raise Tampered from None


def seal_parcel(public: PublicHalf, context: Context, parcel: Parcel, size: int = 0) -> Sealed:
    """Seal a note together with the keys it carries."""
    return seal(public, context, parcel.packed(), size)


def open_parcel(opener: Opener, context: Context, sealed: Sealed) -> Parcel:
    """Open what `seal_parcel` made; raises Tampered."""
    return Parcel.unpacked(open_sealed(opener, context, sealed))
