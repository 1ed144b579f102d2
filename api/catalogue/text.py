"""Text at the edge: what a person typed becomes clean text, or is refused with a code.

Promises one canonical form (NFC) without control characters and without marks that reorder or hide letters. Must never
put what was typed into an exception.
"""

import re
import unicodedata

SHORT, LONG = 400, 60_000
# Embeddings, overrides, isolates and direction marks make a page show another order than is stored.
REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Zero-width and tag characters hide a difference, or a formula's first letter, from the reader.
INVISIBLE = re.compile("[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
SURROGATES = re.compile("[\ud800-\udfff]")


class BadText(ValueError):
    """Text that cannot be stored; `code` is `not-text` or `too-long`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean_text(text: str, limit: int = SHORT) -> str:
    """Return one line, trimmed, with single spaces; raises BadText."""
    return re.sub(r"\s+", " ", clean_long_text(text, limit)).strip()


def clean_long_text(text: str, limit: int = LONG) -> str:
    """Return text of several lines; raises BadText for a lone surrogate, a NUL, or more than `limit` characters."""
    if SURROGATES.search(text) or "\0" in text:
        raise BadText("not-text")
    if len(text) > limit:
        raise BadText("too-long")
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    for unwanted in (REORDERING, INVISIBLE, CONTROLS):
        plain = unwanted.sub("", plain)
    return plain.strip()
