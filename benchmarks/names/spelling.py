"""How offices, journalists and families write Cyrillic names in Latin letters; each table is one custom.

Promises spellings made without any code of `api.names`. Must never be taken for a standard in full.
"""

import re
from collections.abc import Mapping

_BASE = dict(zip("абвгдезиклмнопрстуфыэ", "abvgdeziklmnoprstufye", strict=True))
_ENGLISH = _BASE | dict(
    zip("ёжйхцчшщъьюя", ["yo", "zh", "y", "kh", "ts", "ch", "sh", "shch", "", "", "yu", "ya"], strict=True)
)
CUSTOMS: Mapping[str, Mapping[str, str]] = {
    "press": _ENGLISH,
    "office": _ENGLISH | {"ё": "e", "й": "i", "ю": "iu", "я": "ia", "ъ": "ie"},
    "old passport": _ENGLISH | {"ё": "e", "х": "h", "щ": "sch"},
    "scholar": _BASE
    | dict(zip("ёжйхцчшщъьюя", ["ë", "ž", "j", "ch", "c", "č", "š", "šč", "", "'", "ju", "ja"], strict=True)),
    "german": _BASE
    | {"в": "w", "з": "s"}
    | dict(
        zip("ёжйхцчшщъьюя", ["jo", "sch", "j", "ch", "z", "tsch", "sch", "schtsch", "", "", "ju", "ja"], strict=True)
    ),
    "french": _BASE
    | {"у": "ou"}
    | dict(zip("ёжйхцчшщъьюя", ["io", "j", "i", "kh", "ts", "tch", "ch", "chtch", "", "", "iou", "ia"], strict=True)),
    "polish": _BASE
    | {"в": "w"}
    | dict(zip("ёжйхцчшщъьюя", ["jo", "ż", "j", "ch", "c", "cz", "sz", "szcz", "", "", "ju", "ja"], strict=True)),
    "ukrainian": _ENGLISH
    | {"г": "h", "ґ": "g", "е": "e", "и": "y", "і": "i", "ї": "i", "й": "i", "є": "ie", "ю": "iu", "я": "ia"},
    "belarusian": _ENGLISH | {"г": "h", "і": "i", "й": "i", "ў": "u", "е": "e", "ё": "io", "ю": "iu", "я": "ia"},
}
RUSSIAN = ("press", "office", "old passport", "scholar", "german", "french", "polish")


def romanised(name: str, custom: str) -> str:
    """Return a name in Latin letters by one custom."""
    table = CUSTOMS[custom]
    small = re.sub("['’]", "", name.lower())
    small = re.sub("(?<=[кцс])ий\\b", "ий", small)
    latin = "".join(table.get(letter, letter) for letter in small)
    if custom in ("press", "old passport"):
        latin = re.sub(r"iy\b", "y", re.sub(r"\be(?=[vgl])", "ye", latin))
    if custom == "french":
        latin = re.sub(r"v\b", "ff", re.sub(r"in\b", "ine", latin))
    return latin.title().replace("'", "")
