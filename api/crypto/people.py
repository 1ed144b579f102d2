"""What a person brings: a passphrase, a code from their device, receipt words, a share of the recovery key.

Promises bounded memory (64 MiB for each passphrase, two at once by `api.services.stretching`) and equal work for
right and wrong. Must never keep what was typed.
"""

import base64
import secrets
from collections.abc import Sequence
from urllib.parse import quote

import shamir_mnemonic
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from api.crypto.context import place
from api.crypto.keys import Key, Opener, derive
from api.errors import OtherShare, Tampered

STEP = 30


def stretch(passphrase: str, login: str, server: Key) -> Key:
    """Return the key of a passphrase: Argon2id (RFC 9106), 64 MiB, three passes, one lane.

    The salt comes from the login under the deployment secret, so that an unknown login costs the same and no row
    is read before the work is done. More than one lane deadlocks the process when two threads derive at once.
    """
    salt = server.mac(place("salt"), login.encode())
    secret = server.mac(place("pepper"))
    argon = Argon2id(salt=salt, length=32, iterations=3, lanes=1, memory_cost=64 * 1024, secret=secret)
    return Key(argon.derive(passphrase.encode()))


def receipt_keys(material: bytes) -> tuple[str, Opener]:
    """Return the mailbox's locator (hex, hashed) and the reporter's opener from the receipt's 121 bits.

    No slow hash: from 112 bits on guessing is hopeless, and a slow one would let strangers exhaust the server.
    """
    locator = derive(material, None, b"lastheard/1 mailbox").hex()
    return locator, Opener(Key(derive(material, None, b"lastheard/1 reporter")))


def code_locator(code: str, server: Key) -> str:
    """Return the keyed digest (hex) under which an invitation or a recovery code is stored."""
    return server.mac(place("code"), code.encode()).hex()


def code_key(code: bytes) -> Key:
    """Return the key of a printed recovery code of at least 128 random bits."""
    return Key(derive(code, None, b"lastheard/1 printed code"))


def totp_matches(seed: Key, code: str, moment: float) -> int | None:
    """Return the time step (RFC 6238, SHA-1, six digits, 30 s) that `code` fits, one step either way, or None."""
    device = _totp(seed)
    for step in (int(moment) // STEP + offset for offset in (0, -1, 1)):
        try:
            device.verify(code.encode("ascii", "replace"), step * STEP)
        except (InvalidToken, InvalidKey):
            continue
        return step
    return None


def totp_secret(seed: Key) -> str:
    """Return the secret that an authenticator takes, base 32: shown once, at enrolment."""
    return base64.b32encode(seed._raw[:20]).decode()


def totp_address(seed: Key, issuer: str, account: str) -> str:
    """Return the `otpauth:` address for a QR code; lives in a page's image only."""
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?secret={totp_secret(seed)}&issuer={quote(issuer)}"


def split(key: Key, threshold: int, shares: int) -> list[str]:
    """Return `shares` mnemonics (SLIP-39), any `threshold` of which give `key` back."""
    groups: list[list[str]] = shamir_mnemonic.generate_mnemonics(
        1, [(threshold, shares)], key._raw, iteration_exponent=0
    )
    return groups[0]


def join(mnemonics: Sequence[str]) -> Key:
    """Return the key from enough shares; raises OtherShare for too few, or for shares of another set."""
    try:
        return Key(shamir_mnemonic.combine_mnemonics(list(mnemonics)))
    except (shamir_mnemonic.MnemonicError, ValueError):
        raise OtherShare from None


def share_set(mnemonic: str) -> str:
    """Return the number of the set that a share belongs to; raises OtherShare for what is no share."""
    try:
        return str(shamir_mnemonic.Share.from_mnemonic(mnemonic).identifier)
    except (shamir_mnemonic.MnemonicError, ValueError):
        raise OtherShare from None


def random_bytes(length: int) -> bytes:
    """Return fresh random bytes for words that a person keeps."""
    return secrets.token_bytes(length)


def token_of(key: Key) -> str:
    """Return a session's secret as the client keeps it, URL-safe base 64."""
    return base64.urlsafe_b64encode(key._raw).decode().rstrip("=")


def key_of(token: str) -> Key | None:
    """Return the secret that a client presents, or None when it is not one."""
    try:
        return Key(base64.urlsafe_b64decode(token.encode("ascii") + b"="))
    except (ValueError, Tampered):
        return None


def _totp(seed: Key) -> TOTP:
    return TOTP(seed._raw[:20], 6, hashes.SHA1(), STEP)


def totp_code(secret: str, moment: float) -> str:
    """Return the six digits that an authenticator with this secret shows at `moment` (seconds since 1970)."""
    return TOTP(base64.b32decode(secret), 6, hashes.SHA1(), STEP).generate(int(moment)).decode()
