"""Invented cases, the same for everyone: fifteen coded facts, names in two scripts, a narrative of 600 characters.

Promises a fixed seed, and one case at a time: as many as one likes, in little memory. Must never hold a real person.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any

from benchmarks.names import people
from benchmarks.names.spelling import RUSSIAN, romanised

REGIONS = ("RU-ARK", "RU-KIR", "RU-PER", "RU-KO", "RU-ROS", "RU-SVE", "RU-SAM", "RU-VLA", "RU-TVE", "RU-SAR")
KINDS = ("IK", "IK", "IK", "SIZO", "KP")
STATUS = ("25/010300000000", "25/010300000000", "25/010100000000", "X25-0103a", "25/020203000000", "25/010401000000")
ACTS = ("X03-0301-01a", "X03-0301-01b", "X03-0301-02", "X03-0301-03", "X03-0301-04", "4/020101000000")
OUTCOMES = ("36/010000000000", "36/030000000000", "36/040000000000", "36/050000000000", "unknown")
BANDS = ("18-24", "25-29", "30-34", "35-39", "40-44", "45-49")
VERIFIED = ("41/030000000000", "unknown")
BODIES = ("24/010103000000", "24/020300000000", "24/010105000000")
LETTERS = "баг вел гор дум жит зар кол лес мир ног пол рек соб тум фор хат цеп шум щит рад сен тав"
VOCABULARY, LENGTH = 4000, 600
YEARS = (2022, 2023)

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Invented:
    """One case: the sections as they are sealed, by compartment, and who it is, for the question who was found."""

    number: int
    sections: Mapping[str, Body]
    who: tuple[str, str]


def invent(number: int) -> Invented:
    """Return case `number`."""
    dice = random.Random(number)  # a fixed seed, not a secret
    entry = f"{number:026d}"
    day = f"{dice.randint(*YEARS)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
    surname, given = dice.choice(surnames()), dice.choice(given_names())
    name = f"{surname} {given} {father(dice.choice(given_names()))}"
    latin = romanised(f"{given} {surname}", dice.choice(RUSSIAN))
    sections = {
        "control": {"case": [{"id": entry, "received_on": day, "stage": "43/010000000000"}]},
        "consent": {"consent": [{"id": entry, "purpose": "keep", "value": "yes", "on": day}]},
        "facts": _facts(dice, entry, day),
        "identity": {"person": [{"id": entry, "name": name, "name_latin": latin}]},
        "narrative": {"statement": [{"id": entry, "text": _text(dice), "language": "ru", "told_on": day}]},
    }
    return Invented(number, sections, (surname, given))


def many(count: int, start: int = 0) -> Iterator[Invented]:
    """Yield the cases from `start` on, before `count`, one after the other."""
    return map(invent, range(start, count))


def asked_for() -> list[tuple[str, tuple[str, str]]]:
    """Return names as people write them in Latin letters, each by one custom, and who is meant."""
    who = [(surnames()[7 * at + 5], given_names()[3 * at + 2]) for at in range(14)]
    return [(romanised(f"{one[1]} {one[0]}", RUSSIAN[at % len(RUSSIAN)]), one) for at, one in enumerate(who)]


def asked_words() -> tuple[str, str]:
    """Return two words, one frequent and one less so, that stand together in few narratives of a hundred."""
    return words()[40], words()[90]


@cache
def surnames() -> tuple[str, ...]:
    """Return surnames as Russians write them."""
    return _russian(people.SURNAMES)


@cache
def given_names() -> tuple[str, ...]:
    """Return given names of men as Russians write them."""
    return _russian(people.GIVEN)


def father(given: str) -> str:
    """Return a father's name made of a given name."""
    stem = given[:-1] if given[-1] in "йьая" else given
    return stem + ("евич" if given[-1] in "йь" else "ич" if given[-1] in "ая" else "ович")


@cache
def words() -> tuple[str, ...]:
    """Return the words of the narratives, the most frequent first; none is a part of another."""
    dice = random.Random(0)
    found = dict.fromkeys("".join(dice.choices(LETTERS.split(), k=3)) + "ск" for _ in range(3 * VOCABULARY))
    return tuple(found)[:VOCABULARY]


@cache
def _weights() -> tuple[float, ...]:
    return tuple(accumulate(1 / (rank + 10) for rank in range(len(words()))))


def _russian(table: str) -> tuple[str, ...]:
    triples = (one.split() for line in table.split("\n") for one in line.split("|"))
    return tuple(dict.fromkeys(one[0] for one in triples if len(one) == 3))


def _facts(dice: random.Random, entry: str, day: str) -> Body:
    place = {"type": "17/030600000000", "kind": dice.choice(KINDS), "number": str(dice.randint(1, 6))}
    when, of_case = {"edtf": day, "basis": "exact"}, {"title": "A neutral title", "themes": ["theme/recruitment"]}
    of_case |= {"counting": "yes", "last_heard": when, "status": dice.choice(STATUS), "status_basis": "family"}
    act = {"type": dice.choice(ACTS), "when": when, "count": dice.randint(1, 3), "outcome": dice.choice(OUTCOMES)}
    act |= {"directness": "told-by-victim", "perpetrator_type": dice.choice(BODIES), "body": "body/defence-ministry"}
    person = {"role": "victim", "sex": "39/010000000000", "age_band": dice.choice(BANDS)}
    custody = {"facility": {**place, "region": dice.choice(REGIONS)}, "end": when}
    return {
        "case": [{"id": entry, **of_case, "verification": dice.choice(VERIFIED)}],
        "person": [{"id": entry, **person}],
        "custody": [{"id": entry, **custody}],
        "act": [{"id": entry, **act}],
    }


def _text(dice: random.Random) -> str:
    return " ".join(dice.choices(words(), cum_weights=_weights(), k=LENGTH // 11))[:LENGTH]
