"""Logins and passphrases as people type them, brought to one form.

Promises that capital letters and extra blanks do not matter. Must never be stored: a login is kept as a keyed digest.
"""

import unicodedata

from api.crypto import Key, place

LONGEST = 400


def canonical(typed: str) -> str:
    """Return NFKC, casefolded, single blanks; what is beyond 400 characters is no passphrase of ours."""
    plain = typed[:LONGEST].encode("utf-8", "replace").decode("utf-8")
    return " ".join(unicodedata.normalize("NFKC", plain).casefold().split())


def login_digest(deployment: Key, login: str) -> str:
    """Return the keyed digest (hex) under which a member is found."""
    return deployment.mac(place("login"), canonical(login).encode()).hex()
