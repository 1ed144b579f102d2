"""What the API takes from who comes in or shows who they are: logins, passphrases, one-time codes, seeds.

Promises that none of it appears in the text of an error. Must never be part of an address.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from api.crypto import Key
from api.crypto.people import key_of
from api.errors import Invalid
from api.routes.shapes import Body, Language, Short


class SignIn(Body):
    """Login, passphrase and the six digits of the moment."""

    login: Short
    passphrase: Short
    code: Short


class Recovering(Body):
    """Login, the printed code, a new passphrase; a new authenticator's seed and digits where the old one is lost."""

    login: Short
    printed: Short
    passphrase: Short
    seed: Short = Field(default="", repr=False)
    code: Short = ""


class ClaimBody(SignIn):
    """The code that was handed over, the login, a new passphrase, a new authenticator's seed and digits."""

    claim: Short = Field(repr=False)
    seed: Short = Field(repr=False)


class DeviceBody(SignIn):
    """A new authenticator: its seed and its digits (`shown`); login, passphrase and a code of the present one again."""

    seed: Short = Field(repr=False)
    shown: Short


class PassphraseBody(SignIn):
    """A new passphrase; login, the old one and a code again."""

    new: Short = Field(repr=False)


class NewcomerBody(SignIn):
    """Who comes in: login, passphrase, a seed of one-time codes with its digits, an initial, the invitation's code."""

    invitation: Short = Field(repr=False)
    seed: Short = Field(repr=False)
    initial: Annotated[str, StringConstraints(min_length=1, max_length=10)]
    language: Language = "en"


class FounderBody(NewcomerBody):
    """The founder: the group's name and contact too; `invitation` is the code that the terminal shows."""

    group: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    contact: Annotated[str, StringConstraints(max_length=200)] = ""


def seed_in(text: str) -> Key:
    """Return the seed of one-time codes that a client drew: 32 bytes in URL-safe base64; raises Invalid."""
    seed = key_of(text)
    if seed is None:
        raise Invalid({"seed": "malformed"})
    return seed


class TokenWish(SignIn):
    """Days until the token ends; whether it may write; the desks and cases it opens, all when none is named.

    Login, passphrase and code are asked for again.
    """

    days: int = 30
    signs: bool = False
    desks: Sequence[Short] = ()
    cases: Sequence[Short] = ()
