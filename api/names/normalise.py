"""The words of a name as they were meant: one alphabet in each word, no stress marks, no apostrophes.

Promises at most `MOST_WORDS` words of at most `LONGEST_WORD` letters, whatever it is given. Must never raise: what a
family typed is data, not a mistake.
"""

import re
import unicodedata
from dataclasses import dataclass

LONGEST_TEXT, LONGEST_WORD, MOST_WORDS = 400, 40, 10

# Letters that look alike, in one order in both alphabets.
_CYRILLIC = "АВСЕНІКМОРТХУЅЈԜԚаеоресухіѕјһԝԛкёї"
_LATIN = "ABCEHIKMOPTXYSJWQaeopecyxisjhwqkëï"
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_CYRILLIC_LETTER, _LATIN_LETTER = re.compile("[\u0400-\u052f]"), re.compile("[A-Za-zËÏëï]")
_LOOKALIKE = frozenset(_CYRILLIC + _LATIN)

# A letter of Uzbek and Karakalpak: o with an apostrophe that belongs to it.
_UZBEK_O = re.compile("([oO])['’ʼʻ‘`´ʹ](?=[a-zA-Z])(?![A-Z][a-z])")
# Marks of stress too: NFC has put every accent that belongs to a letter into it.
_SILENT = re.compile("['’ʼʻ‘`´ʹʺʼ\"\u0300\u0301\u00ad\u200b-\u200f\u2060\ufeff]")
_WORD = re.compile(r"([^\W\d_]+)(\.?)")


@dataclass(frozen=True, slots=True)
class Written:
    """A word as it was written: its letters, and whether a full stop or its length makes it an initial."""

    letters: str
    initial: bool


def written(text: str) -> tuple[Written, ...]:
    """Return the words of a text, in the order in which they stand."""
    marked = _UZBEK_O.sub("\\1\u0306", unicodedata.normalize("NFC", text[:LONGEST_TEXT]))
    plain = unicodedata.normalize("NFKC", _SILENT.sub("", marked))
    found = [_word(match[1][:LONGEST_WORD], match[2]) for match in _WORD.finditer(plain)]
    return tuple(word for word in found if word.letters)[:MOST_WORDS]


def one_alphabet(word: str) -> str:
    """Return the word with lookalike letters put back into the alphabet of those that have no double."""
    if word.isascii() or not (_LATIN_LETTER.search(word) and _CYRILLIC_LETTER.search(word)):
        return word
    sure = [is_cyrillic(letter) for letter in word if letter not in _LOOKALIKE] or list(map(is_cyrillic, word))
    return word.translate(_TO_CYRILLIC if 2 * sum(sure) >= len(sure) else _TO_LATIN)


def is_cyrillic(word: str) -> bool:
    """Say whether a word has Cyrillic letters."""
    return bool(_CYRILLIC_LETTER.search(word))


def _word(letters: str, stop: str) -> Written:
    whole = one_alphabet(letters)
    short = len(whole) == 1 or (bool(stop) and len(whole) <= 2)
    return Written(whole, initial=short)
