"""Text at the edge: what a person typed becomes clean text, or is refused with a code.

Promises one canonical form (NFC) that can be stored as UTF-8, without control characters and without marks
that turn the order of letters round. Must never put what was typed into an exception.
"""

import re
import unicodedata
from itertools import groupby

from api.errors import Invalid

SHORT, LONG = 400, 60_000
# No script puts more marks on a letter. Composing a long run of them takes the square of its length: 40,000
# marks hold a processor for a second, and eight such fields are an attack.
MARKS_ON_A_LETTER = 16

SURROGATES_AND_NUL = re.compile("[\ud800-\udfff\x00]")
# Embeddings, overrides, isolates and direction marks make a page show another order than is stored.
REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROLS = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f]")
BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Blank letters, joiners and selectors that are no format characters and yet let two names look alike.
BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
BLANK = re.compile(f"[{BLANKS}]")


class BadText(Invalid):
    """Text that cannot be taken; `code` says why, such as `not-text` or `too-long`."""

    def __init__(self, code: str) -> None:
        super().__init__({"text": code})
        self.code = code


def clean_text(text: str, limit: int = SHORT) -> str:
    """Return one line without invisible characters, trimmed, with single spaces; raises BadText.

    For names, titles and all that is compared or listed: two that look alike are alike.
    """
    plain = _without_controls(text, limit)
    visible = "".join(letter for letter in BLANK.sub("", plain) if unicodedata.category(letter) != "Cf")
    return _fitting(" ".join(_composed(visible).split()), limit)


def clean_long_text(text: str, limit: int = LONG) -> str:
    """Return text of several lines, trimmed; raises BadText, `limit` is in characters."""
    return _fitting(_composed(_without_controls(text, limit)).strip(), limit)


def _without_controls(text: str, limit: int) -> str:
    if SURROGATES_AND_NUL.search(text):
        raise BadText("not-text")
    # A line break is sent as two characters and counted as one.
    if len(text) > 2 * limit:
        raise BadText("too-long")
    return CONTROLS.sub("", REORDERING.sub("", BREAKS.sub("\n", text)))


def _composed(text: str) -> str:
    runs = groupby(text, key=lambda letter: unicodedata.category(letter)[0] == "M")
    if any(marked and sum(1 for _ in run) > MARKS_ON_A_LETTER for marked, run in runs):
        raise BadText("not-text")
    return unicodedata.normalize("NFC", text)


def _fitting(text: str, limit: int) -> str:
    if len(text) > limit:
        raise BadText("too-long")
    return text
