"""Draft coding: what a family filled in, as entries for a person to check line by line.

Promises a draft that leaves blank what cannot be read. Must never decide: nothing is coded until a person sends it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from api.catalogue import dates, facilities
from api.catalogue.compartments import LANGUAGES, Language
from api.clock import today

Draft = tuple[str, dict[str, str | list[str]]]
RECRUITERS: Mapping[str, dict[str, str | list[str]]] = {
    "defence-ministry": {
        "type": "X03-0301-01b",
        "outcome": "not-decided",
        "perpetrator_type": "24/010103000000",
        "body": "body/defence-ministry",
    },
    "pmc": {"type": "X03-0301-01a", "perpetrator_type": "24/020300000000"},
    "unknown-recruiter": {"type": "X03-0301-01", "perpetrator_type": "unknown"},
}


def draft_coding(about: Mapping[str, Any], language: Language) -> list[Draft]:
    """Return entries, entity and raw values as they would be typed, from the fields of a report."""
    case: dict[str, str | list[str]] = {"themes": ["theme/recruitment"], "verification": "41/030000000000"}
    if _readable(about.get("last_heard", ""), language):
        case["last_heard"] = str(about["last_heard"])
    person: dict[str, str | list[str]] = {"role": "victim", "name": str(about.get("about_name", ""))}
    if _readable(about.get("about_birth", ""), language):
        person["birth"] = str(about["about_birth"])
    place = _place(str(about.get("held_where", "")), language)
    held: Sequence[Draft] = [("custody", {"facility": place})] if place else []
    acts: list[Draft] = [("act", dict(RECRUITERS[who])) for who in about.get("who_came", ()) if who in RECRUITERS]
    return [("case", case), ("person", person), *held, *acts]


def _place(words: str, language: Language) -> str:
    """Return where he was held in the words told, or in full where readers of two languages would differ over them."""
    found = facilities.parse(words, language)
    if found is None or all(facilities.parse(words, one) == found for one in LANGUAGES):
        return words if found else ""
    return facilities.say(found, language)


def _readable(text: str, language: Language) -> bool:
    try:
        dates.parse(text, language, today())
    except dates.UnreadableDate:
        return False
    return True
