"""Invented cases, the same for everyone: fifteen coded facts, names in two scripts, a narrative of 600 characters.

Promises a fixed seed. Must never hold a real person.
"""

import random
from collections.abc import Iterator, Mapping
from typing import Any

GIVEN = ("Ермолай", "Остап", "Тихон", "Мерген", "Лукьян", "Захар", "Назар", "Савелий", "Игнат", "Фрол")
FAMILY = ("Заречный", "Лободай", "Ветлугин", "Байгужин", "Окунев", "Стожаров", "Гречко", "Полозов", "Кедрин", "Шумилин")
LATIN = ("Yermolai Zarechny", "Ostap Loboday", "Tikhon Vetlugin", "Mergen Baiguzhin", "Lukyan Okunev")
REGIONS = ("RU-ARK", "RU-KIR", "RU-PER", "RU-KO", "RU-ROS", "RU-SVE")
STATUS = ("25/010100000000", "25/010300000000", "X25-0103a", "25/020203000000")
ACTS = ("X03-0301-01a", "X03-0301-01b", "X03-0301-03", "X52-5201-08", "4/020101000000")
TEXT = "этап письмо колония контракт окоп вода хлеб мать звонок апрель май дорога форма приказ рота лес"

Body = Mapping[str, Any]


def bodies(number: int) -> Mapping[str, Body]:
    """Return the sections of case `number`, by compartment."""
    dice = random.Random(number)  # a fixed seed, not a secret
    day = f"20{dice.randint(22, 25)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
    entry = f"{number:026d}"
    return {
        "control": {"case": [{"id": entry, "received_on": day, "stage": "43/010000000000"}]},
        "consent": {"consent": [{"id": entry, "purpose": "keep", "value": "yes", "on": day}]},
        "facts": _facts(dice, entry, day),
        "identity": {"person": [{"id": entry, "name": _name(dice), "name_latin": dice.choice(LATIN)}]},
        "narrative": {"statement": [{"id": entry, "text": _text(dice), "language": "ru", "told_on": day}]},
    }


def many(count: int) -> Iterator[Mapping[str, Body]]:
    """Yield the sections of `count` cases."""
    return (bodies(number) for number in range(count))


def _facts(dice: random.Random, entry: str, day: str) -> Body:
    place = {
        "type": "17/030600000000",
        "kind": "IK",
        "number": str(dice.randint(1, 50)),
        "region": dice.choice(REGIONS),
    }
    when = {"edtf": day, "basis": "exact"}
    case = {"id": entry, "title": "A neutral title", "themes": ["theme/recruitment"], "counting": "yes"}
    case |= {
        "last_heard": when,
        "status": dice.choice(STATUS),
        "status_basis": "family",
        "verification": "41/030000000000",
    }
    act = {"id": entry, "type": dice.choice(ACTS), "when": when, "count": 1, "directness": "told-by-victim"}
    act |= {"perpetrator_type": "24/010103000000", "body": "body/defence-ministry"}
    person = {"id": entry, "role": "victim", "sex": "39/010000000000", "age_band": "30-34"}
    return {
        "case": [case],
        "person": [person],
        "custody": [{"id": entry, "facility": place, "end": when}],
        "act": [act],
    }


def _name(dice: random.Random) -> str:
    return f"{dice.choice(FAMILY)} {dice.choice(GIVEN)}"


def _text(dice: random.Random) -> str:
    words = " ".join(dice.choices(TEXT.split(), k=120))
    return words[:600]
