"""The one box: what a line that somebody types asks for, a code, a telephone number, a facility, and words.

Promises to read any line in bounded work, or to say what is wrong with it. Must never look anything up: what a piece
of the line finds is decided by the keys of who asks.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from api.catalogue.facilities import Facility, parse
from api.errors import Invalid
from api.ids import ALPHABET

LONGEST, MOST_PIECES, SHORTEST_WORDS = 200, 24, 2
CODE_LENGTH = 6
# A facility is named in at most so many pieces: "29-я колония", "ИК № 29".
WIDEST_PLACE = 3

_CODE = re.compile(rf"([{ALPHABET}]{{2}})-?([{ALPHABET}]{{4}})")
# A telephone number has seven digits at least, and is no day.
_PHONE = re.compile(r"(?<![\w.])\+?\(?\d(?:[\s().-]{0,2}\d){6,14}(?![\w.])")
_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d\d\.\d\d\.\d{2,4}")
# Cyrillic letters that a code may be written with.
_TO_LATIN = str.maketrans("авекмнорстухі", "abekmhopctyxi")


@dataclass(frozen=True, slots=True)
class Box:
    """What was asked for: all of it must be true of a case. Empty where a line has no such piece.

    `code` are six letters and digits of a case's code, `digits` those of a telephone number, `words` all the rest.
    """

    code: str = ""
    digits: str = field(default="", repr=False)
    place: Facility | None = None
    words: str = field(default="", repr=False)


def read(line: str) -> Box:
    """Return what a line asks for; raises Invalid for one that is too long, or that asks for nothing."""
    if len(line) > LONGEST:
        raise Invalid({"line": "too-long"})
    text = unicodedata.normalize("NFC", line)
    digits, text = _digits(text)
    pieces = text.split()[:MOST_PIECES]
    # Before the place: the end of 86-T8JW is no prison.
    code, pieces = _code(pieces)
    place, pieces = _place(pieces)
    words = " ".join(pieces)
    if sum(letter.isalnum() for letter in words) < SHORTEST_WORDS:
        words = ""
    if not (digits or place or code or words):
        raise Invalid({"line": "nothing-to-find"})
    return Box(code, digits, place, words)


def _digits(text: str) -> tuple[str, str]:
    """Take out a telephone number."""
    found = next((one for one in _PHONE.finditer(text) if not _DAY.fullmatch(one[0].strip())), None)
    if found is None:
        return "", text
    return re.sub(r"\D", "", found[0]), f"{text[: found.start()]} {text[found.end() :]}"


def _place(pieces: Sequence[str]) -> tuple[Facility | None, list[str]]:
    """Take out the fewest pieces that name a facility by kind and number; a kind alone is a word like others."""
    for size in range(1, WIDEST_PLACE + 1):
        for at in range(len(pieces) - size + 1):
            some = " ".join(pieces[at : at + size])
            place = parse(some) if any(letter.isdigit() for letter in some) else None
            if place and place.number:
                return Facility(place.kind, place.number), [*pieces[:at], *pieces[at + size :]]
    return None, list(pieces)


def _code(pieces: Sequence[str]) -> tuple[str, list[str]]:
    """Take out a case's code: six letters and digits, with a dash or with one of each, or alone in the line."""
    for at, piece in enumerate(pieces):
        found = _CODE.fullmatch(piece.casefold().translate(_TO_LATIN))
        if found and ("-" in piece or any(letter.isdigit() for letter in piece)):
            return found[1] + found[2], [*pieces[:at], *pieces[at + 1 :]]
    return "", list(pieces)


def said_digits(text: str) -> Iterator[str]:
    """Yield the digits of each telephone number in a text."""
    yield from (re.sub(r"\D", "", one[0]) for one in _PHONE.finditer(unicodedata.normalize("NFKC", text)))
