"""Penal facilities: kind, number and region, read from the many ways in which people write them.

Promises that "ИК-29", "IK-29", "29-я колония" and "ФКУ ИК-29 УФСИН по Архангельской области" are one. Must never
need a list of facilities: no open one exists.

"ВК" is a juvenile colony in Russian and an ordinary one in Ukrainian. It is read as ordinary where the form or the text
is Ukrainian, and with a number above nine, which juvenile colonies, a few at most in a region, do not reach.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from api.catalogue import regions
from api.catalogue.compartments import LANGUAGES, Language
from api.catalogue.look_alikes import repair

Kind = Literal["IK", "SIZO", "LIU", "T", "KP", "VK", "unknown"]
PENAL_INSTITUTION = "17/030600000000"
KINDS: Mapping[object, Kind] = {kind: kind for kind in get_args(Kind)}
LONGEST = 300
HIGHEST_JUVENILE = 9


@dataclass(frozen=True, slots=True)
class Facility:
    """A facility as far as it is known: number and region are empty where nobody said them."""

    kind: Kind
    number: str = ""
    region: str = ""

    def as_json(self) -> dict[str, str]:
        """Return {"type", "kind", "number", "region"} as it is sealed."""
        return {"type": PENAL_INSTITUTION, "kind": self.kind, "number": self.number, "region": self.region}

    @classmethod
    def from_json(cls, value: object) -> "Facility":
        """Return the facility of `as_json`; raises ValueError, with no content, for anything else."""
        if not isinstance(value, Mapping):
            raise ValueError("not a facility")
        kind, number, region = (value.get(key, "") for key in ("kind", "number", "region"))
        if not (isinstance(kind, str) and kind in KINDS and isinstance(number, str) and isinstance(region, str)):
            raise ValueError("not a facility")
        return cls(KINDS[kind], number, region)


# Each kind as it is written: Russian, Ukrainian, English. The order decides where two begin at the same sign.
_WRITTEN: Mapping[str, str] = {
    "KP": r"(?:исправительн\w+ |виправн\w+ )?колон[иі]\w*[ -]{1,3}поселен\w*|колон\w*-поселен\w*|кп|kp"
    r"|colony[ -]settlement|settlement colony|open colony",
    "VK": r"воспитательн\w* колони\w*|виховн\w* колоні\w*|juvenile (?:penal )?colony|детск\w* колони\w*",
    "LIU": r"лечебн\w*(?:[ -]исправительн\w*)? (?:учреждени|колони)\w*"
    r"|лікувальн\w*(?:[ -]виправн\w*)? (?:установ|колоні)\w*|лиу|ліу|лву|liu|medical correctional institution",
    "SIZO": r"сизо|сізо|sizo|следственн\w* изолятор\w*|слідч\w* ізолятор\w*|изолятор\w*|ізолятор\w*"
    r"|remand (?:prison|cent(?:er|re))|pre-?trial detention(?: cent(?:er|re))?|pre-?trial prison",
    "IK": r"ик|ік|ik|исправительн\w* колони\w*|виправн\w* колоні\w*|колони\w*|колоні\w*"
    r"|(?:penal|correctional|corrective|prison) colony|colony|koloni?y?a",
    "T": r"тюрьм\w*|тюрм\w*|тюремн\w*|в'?язниц\w*|prison|tyurma|turma|[тt](?=[ -]{0,2}[0-9])",
    "BK": r"вк|vk|bk",
    "unknown": r"зон[аеуы]|лагер\w*|табор\w*|табір|учреждени\w*|установ[аиіу]|мест[оае]\w* лишения свободы"
    r"|місц[еія]\w* позбавлення волі|place of detention|facility|institution|camp",
}
_LETTER = r"[^\W\d_]"
_KIND = re.compile("|".join(f"(?<!{_LETTER})(?P<{kind}>{forms})(?!{_LETTER})" for kind, forms in _WRITTEN.items()))
_NUMBER = r"(?<![0-9.])0{0,2}([1-9][0-9]{0,2}(?:/[0-9]{1,2})?)(?![0-9]|\.[0-9])"
# Letters that only Ukrainian has, and its adjectives, which need none of them: "Вологодська", "Донецької".
_UKRAINIAN = re.compile(r"[іїєґ]|\w{3}[сц]ьк(?:а|у|ою|ий|ого|ому|им)(?!\w)")
_ORDINAL_BEFORE = re.compile(_NUMBER + r" ?-? ?(?:я|й|ю|ой|ую|ая|а|ої|ій|у|ша|st|nd|rd|th)(?!\w)[^0-9,;]{0,40}$")
_AFTER = re.compile(r"[^0-9,;]{0,40}?" + _NUMBER)
_BEFORE = re.compile(_NUMBER + r"[^0-9,;]{0,40}$")

_SAID: Mapping[Kind, Mapping[Language, tuple[str, str]]] = {
    "IK": {
        "en": ("IK-", "penal colony"),
        "ru": ("ИК-", "исправительная колония"),
        "uk": ("виправна колонія №", "виправна колонія"),
    },
    "SIZO": {
        "en": ("SIZO-", "remand prison"),
        "ru": ("СИЗО-", "следственный изолятор"),
        "uk": ("СІЗО-", "слідчий ізолятор"),
    },
    "LIU": {
        "en": ("LIU-", "medical correctional institution"),
        "ru": ("ЛИУ-", "лечебное исправительное учреждение"),
        "uk": ("ЛВУ-", "лікувальна виправна установа"),
    },
    "T": {"en": ("prison ", "prison"), "ru": ("тюрьма №", "тюрьма"), "uk": ("в'язниця №", "в'язниця")},
    "KP": {
        "en": ("KP-", "colony-settlement"),
        "ru": ("КП-", "колония-поселение"),
        "uk": ("КП-", "колонія-поселення"),
    },
    "VK": {
        "en": ("juvenile colony ", "juvenile colony"),
        "ru": ("воспитательная колония №", "воспитательная колония"),
        "uk": ("виховна колонія №", "виховна колонія"),
    },
    "unknown": {
        "en": ("place of detention ", "place of detention"),
        "ru": ("место лишения свободы №", "место лишения свободы"),
        "uk": ("місце позбавлення волі №", "місце позбавлення волі"),
    },
}


def parse(text: str, language: Language | None = None) -> Facility | None:
    """Return the facility that a text names first; None where it names neither a kind nor a region.

    `language` is the one that it was written in, where that is known.
    """
    plain = _plain(text[:LONGEST])
    region = regions.find(text[:LONGEST]) or ""
    match = _KIND.search(plain)
    if match is None:
        return Facility("unknown", "", region) if region else None
    number = _number(plain[: match.start()], plain[match.end() :])
    spoken = "uk" if _UKRAINIAN.search(plain) else language
    return Facility(_kind(match.lastgroup or "unknown", number, spoken), number, region)


def say(facility: Facility, language: Language) -> str:
    """Return "ИК-29, Архангельская область", "IK-29, Arkhangelsk region"; `parse` reads it back."""
    numbered, plain = _SAID[facility.kind][language]
    said = numbered + facility.number if facility.number else plain
    return f"{said}, {regions.name(facility.region, language)}" if facility.region else said


def is_plain(text: str, language: Language) -> bool:
    """Whether a text is what `say` says of its facility in any language: then its words say nothing more."""
    found = parse(text, language)
    return found is not None and _plain(text) in [_plain(say(found, one)) for one in LANGUAGES]


def _plain(text: str) -> str:
    """Return small letters with one dash, single spaces, and Cyrillic words freed of Latin look-alikes."""
    joined = re.sub("[‐‑‒–—−]", "-", unicodedata.normalize("NFC", text).replace("\u0301", ""))
    small = repair(joined).casefold().replace("ё", "е")
    return re.sub(r"\s+", " ", re.sub("[’ʼ`]", "'", small))


def _number(before: str, after: str) -> str:
    """Return the number beside the kind: an ordinal before it, else what follows, else what stands before."""
    for match in (_ORDINAL_BEFORE.search(before), _AFTER.match(after), _BEFORE.search(before)):
        if match:
            return match[1]
    return ""


def _kind(written: str, number: str, spoken: Language | None) -> Kind:
    if written == "BK":
        is_ordinary = spoken == "uk" or int(number.partition("/")[0] or 0) > HIGHEST_JUVENILE
        return "IK" if is_ordinary else "VK"
    return KINDS[written]
