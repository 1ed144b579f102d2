"""The only door to `cryptography`: keys, wraps, seals, shreds, signatures, streams, trees.

Promises that a caller never names a nonce, an algorithm or raw key bytes, and that whatever was sealed in one
place opens in no other. Must never log, print, copy or pickle a key. The format is `docs/sealed-format.md`.
"""

from api.crypto.context import Context, place
from api.crypto.keys import Key, Opener, Parcel, PublicHalf, Sealed, Shred, Signer, VerifyKey, fingerprint
from api.crypto.seal import open_parcel, open_sealed, seal, seal_parcel
from api.crypto.wrap import unwrap, unwrap_key, unwrap_parcel, unwrap_shred, wrap, wrap_key, wrap_parcel

__all__ = [
    "Context",
    "Key",
    "Opener",
    "Parcel",
    "PublicHalf",
    "Sealed",
    "Shred",
    "Signer",
    "VerifyKey",
    "fingerprint",
    "open_parcel",
    "open_sealed",
    "place",
    "seal",
    "seal_parcel",
    "unwrap",
    "unwrap_key",
    "unwrap_parcel",
    "unwrap_shred",
    "wrap",
    "wrap_key",
    "wrap_parcel",
]
