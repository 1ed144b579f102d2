"""What the pages offer to who comes in: a drawn passphrase, a seed for one-time codes and its picture.

Promises that what was offered once is offered again while a form is corrected. Must never keep either beyond
the answer.
"""

from collections.abc import Mapping
from typing import Any

import segno
from fastapi import Request

from api.crypto import Key
from api.crypto.people import key_of, token_of, totp_address, totp_secret
from api.pages.forms import Form
from api.pages.languages import Language, page_language
from api.services import members

INK, PAPER = "#1d2524", "#ffffff"


def browser_language(request: Request) -> Language:
    """Return the language of a page that nobody is signed in to: the browser's."""
    return page_language("/", request.headers.get("accept-language", ""))


def offered(language: Language, values: Mapping[str, Any]) -> dict[str, object]:
    """Return the passphrase, the seed, its secret and its QR code (a `data:` address of an SVG) of a form."""
    offer = members.offer(language)
    seed = key_of(str(values.get("totp", ""))) or offer.totp
    address = totp_address(seed, "Lastheard", str(values.get("login", "")) or "member")
    return {
        "passphrase": str(values.get("passphrase", "")) or offer.passphrase,
        "totp": token_of(seed),
        "secret": totp_secret(seed),
        "qr": segno.make(address, error="m").svg_data_uri(scale=4, dark=INK, light=PAPER),
    }


def seed_of(form: Form) -> Key | None:
    """Return the seed that a form carries back; None where somebody changed it."""
    return key_of(form.get("totp"))


def digits(text: str) -> str:
    """Return a one-time code without the blanks that authenticators show."""
    return "".join(text.split())
