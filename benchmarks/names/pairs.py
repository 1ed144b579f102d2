"""Pairs of invented names, by kind: the same man written twice, or two men who are easily taken for one.

Promises a fixed lot. Must never be the only measure: these are the mistakes that we thought of.
"""

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks.names import people
from benchmarks.names.spelling import RUSSIAN, romanised

GIVEN, WOMEN, SURNAMES = (people.columns(one) for one in (people.GIVEN, people.GIVEN_OF_WOMEN, people.SURNAMES))
LETTERS = "абвгдежзиклмнопрстуфхцчшщыэюя"
Dice = random.Random


class NamePair(NamedTuple):
    """Two written names, whether they are one man, and the kind of pair."""

    a: str
    b: str
    same: bool
    kind: str


class Man(NamedTuple):
    """A man's surname, given name and father's given name, in Russian, Ukrainian and Belarusian."""

    surname: tuple[str, ...]
    given: tuple[str, ...]
    father: tuple[str, ...]


def man(dice: Dice) -> Man:
    """Draw a man."""
    return Man(dice.choice(SURNAMES), dice.choice(GIVEN), dice.choice(GIVEN))


def full(one: Man, language: int) -> str:
    """Return surname, given name, father's name in one language."""
    return " ".join((one.surname[language], one.given[language], fathers_name(one.father[language], language)))


def fathers_name(given: str, language: int, child: int = 0) -> str:
    """Return the patronymic of a son, or with `child` 1 of a daughter."""
    ends = (("ович", "евич", "ич"), ("ович", "йович", "ич"), ("авіч", "евіч", "іч"))[language]
    if child:
        ends = (("овна", "евна", "инична"), ("івна", "ївна", "івна"), ("аўна", "еўна", "інічна"))[language]
    special = {
        "Павел": "Павл",
        "Яков": "Яковл",
        "Пётр": "Петр",
        "Микола": "Микола",
        "Данило": "Данил",
        "Якаў": "Якаўл",
        "Яків": "Яков",
        "Михаил": "Михайл",
    }
    stem = special.get(given, given)
    if given in ("Илья", "Никита", "Ілля", "Микита", "Мікіта"):
        return stem[:-1] + ends[2]
    if stem[-1] in "йь":
        soft = stem[:-2] + "ь" if stem.endswith("ий") and stem[-3] not in "р" else stem[:-1]
        return (stem[:-1] if language else soft) + ends[1]
    return (stem.rstrip("аяо") if stem != "Микола" else stem) + (ends[1] if stem == "Микола" else ends[0])


def pairs(count: int = 150) -> Iterator[NamePair]:
    """Yield `count` pairs of each kind."""
    for kind, (same, make) in KINDS.items():
        dice = Dice(kind)
        for _ in range(count):
            a, b = make(dice)
            yield NamePair(a, b, same, kind) if dice.random() < 0.5 else NamePair(b, a, same, kind)


def _another(dice: Dice, than: tuple[str, ...], table: list[tuple[str, ...]]) -> tuple[str, ...]:
    return dice.choice([one for one in table if one[0] != than[0]])


def _brothers(dice: Dice) -> tuple[str, str]:
    one = man(dice)
    return full(one, 0), full(one._replace(given=_another(dice, one.given, GIVEN)), dice.choice((0, 0, 1)))


def _father_and_son(dice: Dice) -> tuple[str, str]:
    one = man(dice)
    son = one._replace(given=_another(dice, one.given, GIVEN), father=one.given)
    return full(one, 0), full(son, 0)


def _namesakes(dice: Dice) -> tuple[str, str]:
    one = man(dice)
    other = one._replace(given=_another(dice, one.given, GIVEN), father=_another(dice, one.father, GIVEN))
    if dice.random() < 0.5:
        return _short_form(full(one, 0)), _short_form(full(other, 0))
    return full(one, 0), full(other, 0)


def _other_surname(dice: Dice) -> tuple[str, str]:
    one = man(dice)
    return full(one, 0), full(one._replace(surname=_another(dice, one.surname, SURNAMES)), 0)


def _other_father(dice: Dice) -> tuple[str, str]:
    one = man(dice)
    return full(one, 0), full(one._replace(father=_another(dice, one.father, GIVEN)), 0)


def _brother_and_sister(dice: Dice) -> tuple[str, str]:
    one = man(dice)
    surname = one.surname[0]
    hers = surname[:-2] + "ая" if surname.endswith("ий") else surname + ("а" if surname[-1] in "вн" else "")
    return full(one, 0), f"{hers} {dice.choice(WOMEN)[0]} {fathers_name(one.father[0], 0, 1)}"


def _typo(dice: Dice) -> tuple[str, str]:
    whole = full(man(dice), 0)
    at = dice.choice([place for place in range(1, len(whole) - 1) if " " not in whole[place - 1 : place + 2]])
    wrong = dice.choice(
        (
            whole[:at] + whole[at + 1 :],
            whole[:at] + dice.choice(LETTERS) + whole[at:],
            whole[:at] + dice.choice(LETTERS) + whole[at + 1 :],
            whole[:at] + whole[at + 1] + whole[at] + whole[at + 2 :],
        )
    )
    return whole, wrong if dice.random() < 0.5 else _short_form(wrong)


def _short_name(dice: Dice) -> tuple[str, str]:
    long, short = dice.choice(people.columns(people.SHORT))
    surname = dice.choice(SURNAMES)[0]
    whole = f"{surname} {long}" + (f" {fathers_name(dice.choice(GIVEN)[0], 0)}" if dice.random() < 0.5 else "")
    wrote = dice.choice((f"{short} {surname}", f"{surname} {short}"))
    return whole, wrote if dice.random() < 0.7 else romanised(wrote, "press")


def _other_short_name(dice: Dice) -> tuple[str, str]:
    long, short = dice.choice(people.columns(people.SHORT))
    other = dice.choice(
        [one for one in GIVEN if (one[0], short) not in people.columns(people.SHORT) and one[0] != long]
    )
    surname = dice.choice(SURNAMES)[0]
    return f"{surname} {other[0]}", f"{short} {surname}"


def _initials(dice: Dice) -> tuple[str, str]:
    one = man(dice)
    given, father = one.given[0][0], fathers_name(one.father[0], 0)[0]
    wrote = dice.choice(
        (f"{one.surname[0]} {given}.{father}.", f"{given}. {father}. {one.surname[0]}", f"{one.surname[0]} {given}.")
    )
    return full(one, 0), wrote


def _other_initials(dice: Dice) -> tuple[str, str]:
    one = man(dice)
    other = dice.choice([name for name in GIVEN if name[0][0] != one.given[0][0]])
    return full(one, 0), f"{one.surname[0]} {other[0][0]}.{fathers_name(one.father[0], 0)[0]}."


ASKS = ("передайте {}", "Передайте {}", "письмо {}", "прошу передать посылку {}", "помогите {}", "{}")


def dative(word: str) -> str:
    """Return a man's Russian name in the dative."""
    for ending, instead in (
        ("ий", "ию"),
        ("ский", "скому"),
        ("цкий", "цкому"),
        ("ел", "лу"),
        ("й", "ю"),
        ("ь", "ю"),
        ("а", "е"),
        ("я", "е"),
        ("о", "о"),
    ):
        if (
            word.endswith(ending)
            and not (ending == "ий" and word.endswith(("ский", "цкий")))
            and not (ending == "ел" and word != "Павел")
        ):
            return word.removesuffix(ending) + instead
    return word.replace("Пётр", "Петр") + "у"


def genitive(word: str) -> str:
    """Return a man's Russian name in the genitive."""
    for ending, instead in (
        ("ский", "ского"),
        ("цкий", "цкого"),
        ("ий", "ия"),
        ("й", "я"),
        ("ь", "я"),
        ("а", "ы"),
        ("я", "и"),
        ("о", "о"),
    ):
        if word.endswith(ending):
            return word.removesuffix(ending) + instead
    return word.replace("Пётр", "Петр").replace("Павел", "Павл") + "а"


def _inflected(dice: Dice) -> tuple[str, str]:
    one = full(man(dice), 0)
    words = one.split()[: dice.choice((2, 3))]
    if dice.random() < 0.25:
        return one, dice.choice(("ищу {}", "найти {}", "где найти {}?", "нет вестей про {}")).format(
            " ".join(map(genitive, words))
        )
    return one, dice.choice(ASKS).format(" ".join(map(dative, words)))


def _inflected_other(dice: Dice) -> tuple[str, str]:
    one = man(dice)
    other = one._replace(given=_another(dice, one.given, GIVEN))
    words = full(one, 0).split()[: dice.choice((2, 3))]
    return full(other, 0), dice.choice(ASKS).format(" ".join(map(dative, words)))


def _latin(dice: Dice) -> tuple[str, str]:
    one = full(man(dice), 0)
    return one, _shaken(dice, romanised(one, dice.choice(RUSSIAN)))


def _two_latin(dice: Dice) -> tuple[str, str]:
    one = full(man(dice), 0)
    a, b = dice.sample(RUSSIAN, 2)
    return romanised(one, a), _shaken(dice, romanised(one, b))


def _latin_other(dice: Dice) -> tuple[str, str]:
    a, b = dice.choice((_brothers, _namesakes, _other_surname))(dice)
    return a, _shaken(dice, romanised(b, dice.choice(RUSSIAN[:3])))


def _neighbour(language: int) -> Callable[[Dice], tuple[str, str]]:
    def make(dice: Dice) -> tuple[str, str]:
        one = man(dice)
        wrote = full(one, language)
        if dice.random() < 0.4:
            wrote = romanised(wrote, ("", "ukrainian", "belarusian")[language])
        return full(one, 0), _shaken(dice, wrote)

    return make


def _turkic(table: str, son: tuple[str, str, str]) -> Callable[[Dice], tuple[str, str]]:
    surnames, given = people.halves(table)

    def make(dice: Dice) -> tuple[str, str]:
        surname, first, father = dice.choice(surnames), dice.choice(given), dice.choice(given)
        wrote = [" ".join((surname[at], first[at], son[at].format(father[at]))) for at in range(3)]
        a, b = dice.sample(range(3), 2)
        return _turned(dice, wrote[a], of=0.2), _turned(dice, wrote[b], of=0.2)

    return make


def _turkic_other(dice: Dice) -> tuple[str, str]:
    surnames, given = people.halves(dice.choice((people.AZERI, people.KYRGYZ, people.TAJIK, people.KAZAKH)))
    surname, (one, two) = dice.choice(surnames), dice.sample(given, 2)
    return f"{surname[0]} {one[0]}", f"{surname[1]} {two[1]}"


def _turned(dice: Dice, name: str, of: float) -> str:
    """Take the father's name away in some, two words or three."""
    return " ".join(name.split()[:2]) if dice.random() < of else name


def _shaken(dice: Dice, name: str) -> str:
    """Write the given name first, in capitals, or without the father's name, by lot."""
    surname, given, *father = name.split()
    words = dice.choice(
        ([surname, given, *father], [given, *father, surname], [given, surname], [surname.upper(), given])
    )
    return " ".join(words)


def _short_form(name: str) -> str:
    return " ".join(name.split()[:2])


def _no_father(dice: Dice) -> tuple[str, str]:
    one = full(man(dice), 0)
    return one, " ".join(reversed(one.split()[:2]))


KINDS: dict[str, tuple[bool, Callable[[Dice], tuple[str, str]]]] = {
    "brothers": (False, _brothers),
    "father and son": (False, _father_and_son),
    "brother and sister": (False, _brother_and_sister),
    "namesakes": (False, _namesakes),
    "other surname": (False, _other_surname),
    "other father": (False, _other_father),
    "other short name": (False, _other_short_name),
    "other initials": (False, _other_initials),
    "other, inflected": (False, _inflected_other),
    "other, Latin": (False, _latin_other),
    "other, Turkic and Tajik": (False, _turkic_other),
    "one typo": (True, _typo),
    "short name": (True, _short_name),
    "initials": (True, _initials),
    "inflected": (True, _inflected),
    "no father's name": (True, _no_father),
    "Russian and Latin": (True, _latin),
    "Latin and Latin": (True, _two_latin),
    "Russian and Ukrainian": (True, _neighbour(1)),
    "Russian and Belarusian": (True, _neighbour(2)),
    "Azeri": (True, _turkic(people.AZERI, ("{} oğlu", "{} оглы", "{} oglu"))),
    "Kyrgyz": (True, _turkic(people.KYRGYZ, ("{} уулу", "{}ович", "{} uulu"))),
    "Tajik": (True, _turkic(people.TAJIK, ("{}ович", "{}ович", "{}ovich"))),
    "Kazakh": (True, _turkic(people.KAZAKH, ("{}ұлы", "{}ович", "{}uly"))),
}
