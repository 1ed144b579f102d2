"""Regions of Russia and Ukraine: found by name in any grammatical case, named in three languages.

Promises an ISO 3166-2 code or nothing. Must never guess between two regions of one name: "Алтай" alone is neither.
Source of the codes and licences: `tables/README.md`.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from api.catalogue.compartments import Labels, Language

LONGEST = 300
# What may follow a stem: the endings of nouns and adjectives in all cases; an empty one is the bare stem.
CYRILLIC_ENDINGS = (
    "|а|я|у|ю|е|є|о|и|ы|і|ї|й|ь|ью|ья|ье|ом|ем|єм|ям|ам|ой|ей|єю|ою|ею|ий|ый|ій|ая|яя|ую|юю|ое|ее|ого|его|ому|ему"
    "|им|ым|ім|ої|ові|еві|ах|ях|ами|ями|ію|ія|ії|ие|их|ых"
)
LATIN_ENDINGS = "|a|e|i|u|y|s|skaya|skaia|skaja|ska|skoy|skoi|sky|skiy|skyi|skij|aya"
_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"(?<![a-z])(?:ru|ua)-[a-z0-9]{2,3}(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class Region:
    """An ISO 3166-2 code, its names, and the beginnings of words by which it is found."""

    code: str
    labels: Labels
    stems: tuple[tuple[str, ...], ...]


@cache
def regions() -> Mapping[str, Region]:
    """Return every region by its code."""
    text = (files("api.catalogue") / "tables" / "regions.csv").read_text("utf-8")
    return {row["iso3166_2"]: _region(row) for row in csv.DictReader(text.splitlines())}


def _region(row: Mapping[str, str]) -> Region:
    labels: Labels = {"en": row["en"], "ru": row["ru"], "uk": row["uk"]}
    return Region(row["iso3166_2"], labels, tuple(tuple(stem.split("+")) for stem in row["stems"].split()))


def name(code: str, language: Language) -> str:
    """Return what a person reads for a code; the code itself where it is not in the table."""
    region = regions().get(code)
    return region.labels[language] if region else code


def find(text: str) -> str | None:
    """Return the code of the region named first in the text; of two there, the longer name. None if there is none."""
    plain = _plain(text[:LONGEST])
    for match in _CODE.finditer(plain):
        if (code := match[0].upper()) in regions():
            return code
    words = _WORD.findall(plain)
    found = (_longest(words[place:]) for place in range(len(words)))
    return next(filter(None, found), None)


def _plain(text: str) -> str:
    small = unicodedata.normalize("NFC", text).casefold().replace("ё", "е")
    return re.sub("[\u0301'’ʼ`]", "", small)


def _longest(words: Sequence[str]) -> str | None:
    found = [(sum(map(len, stem)), code) for stem, code in _stems().get(words[0][:2], ()) if _begins(words, stem)]
    return max(found)[1] if found else None


@cache
def _stems() -> Mapping[str, Sequence[tuple[tuple[str, ...], str]]]:
    """Return the stems by their first two letters, so that a long text costs little."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for region in regions().values():
        for stem in region.stems:
            found.setdefault(stem[0][:2], []).append((stem, region.code))
    return found


def _begins(words: Sequence[str], stem: Sequence[str]) -> bool:
    return len(words) >= len(stem) and all(map(_is_form, words, stem))


def _is_form(word: str, stem: str) -> bool:
    endings = LATIN_ENDINGS if stem.isascii() else CYRILLIC_ENDINGS
    return word.startswith(stem) and word[len(stem) :] in endings.split("|")
