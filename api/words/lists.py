"""The three lists of 2,048 words and how a typed word is found in them.

Promises that a word is found by its first four letters, whatever the case, the accents and the apostrophes.
Must never change the order of a list: the place of a word in it is the secret.

Sources: English and Russian are the BIP-39 lists of the package `mnemonic` (MIT), read from the installed
package. Ukrainian is our own (`ukrainian.txt`): common words of four to eight letters in the order of the
Ukrainian alphabet, distinct in the first four letters after folding.

Folding, the same for all three languages: NFKC; small letters; ё = е; і = ї = и, є = е, ґ = г, since a
Russian keyboard has none of the four; й stays, every keyboard has it and the Russian list needs it; a Latin i
inside a Cyrillic word = и; stress marks and the apostrophe in all its forms dropped. All else that is no
letter parts two words, so commas, numbers and line breaks between the words are forgiven.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["en", "ru", "uk"]

LANGUAGES: tuple[Language, ...] = ("en", "ru", "uk")
SIZE = 2048
BITS = 11
PREFIX = 4

PACKAGED: dict[Language, tuple[str, str]] = {
    "en": ("mnemonic", "wordlist/english.txt"),
    "ru": ("mnemonic", "wordlist/russian.txt"),
    "uk": ("api.words", "ukrainian.txt"),
}

# mnemonic 0.21 ships one Russian word with two bytes lost; a later release that mends it gives the same list.
DAMAGED, MENDED = "сно\ufffd\ufffdа", "снова"

APOSTROPHES = "'’‘ʼ`´′＇\u02b9\u02bb\u201b"
FOLDED = str.maketrans({"ё": "е", "і": "и", "ї": "и", "є": "е", "ґ": "г"})
APOSTROPHES_GONE = str.maketrans(dict.fromkeys(APOSTROPHES))
LETTERS = re.compile(r"[^\W\d_]+")
LATIN_I_IN_CYRILLIC = re.compile(r"(?<=[а-я])i|i(?=[а-я])")


def fold(text: str) -> str:
    """Return `text` as it is compared: small letters without marks or apostrophes, look-alikes made one."""
    # NFKC would turn some apostrophes (´) into a blank and a mark, and so part a word in two: drop them
    # before.
    composed = unicodedata.normalize("NFKC", text.translate(APOSTROPHES_GONE).casefold())
    bare = "".join(letter for letter in composed if unicodedata.category(letter) not in ("Mn", "Me", "Cf"))
    return LATIN_I_IN_CYRILLIC.sub("и", bare.translate(FOLDED))


def words_in(text: str) -> list[str]:
    """Return the folded words of `text`, in order; numbers, commas and line breaks only part them."""
    return LETTERS.findall(fold(text))


@cache
def word_list(language: Language) -> tuple[str, ...]:
    """Return the 2,048 words of a language in their fixed order, composed (NFC) for showing."""
    package, path = PACKAGED[language]
    text = files(package).joinpath(path).read_text("utf-8").replace(DAMAGED, MENDED)
    return tuple(unicodedata.normalize("NFC", text).split())


@cache
def places(language: Language) -> dict[str, int]:
    """Return the place (0 to 2,047) of each word of a language by its first four folded letters."""
    return {fold(word)[:PREFIX]: place for place, word in enumerate(word_list(language))}


def say(number: int, count: int, language: Language) -> tuple[str, ...]:
    """Return the lowest `count` × 11 bits of `number` as words, the most significant first."""
    chosen = word_list(language)
    shifts = range((count - 1) * BITS, -1, -BITS)
    return tuple(chosen[(number >> shift) % SIZE] for shift in shifts)
