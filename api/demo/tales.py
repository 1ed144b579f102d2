"""Invented people: what their families tell, and how the desk codes it.

Promises that nobody here exists. Must never be filled with a real case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Entry = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Tale:
    """What a family types into the form, and the desk's coding; `later` is what the case worker adds."""

    language: str
    form: Mapping[str, Any]
    coding: tuple[Entry, ...]
    later: tuple[Entry, ...] = ()
    answer: str = ""
    question: str = ""
    file: tuple[str, bytes, str] = ("", b"", "")
    planted: tuple[str, ...] = field(default=())


STEP: Entry = (
    "intervention",
    {
        "type": "20/020100000000",
        "addressee": "Прокуратура Вятской долины",
        "date": "12.09.2024",
        "reference": "Исх-77/4418",
    },
)

ERASED = Tale(
    language="ru",
    form={
        "about_name": "Ветлужский Тихон Елисеевич",
        "about_birth": "1991",
        "relation": "21/010103000000",
        "story": "Сыну трижды предлагали подписать контракт. В марте приехали из министерства, обещали снять "
        "судимость и дать работу на пилораме. Он подписал. К началу мая уже был в окопах под Сосновым Бродом, "
        "говорил, что мало еды и воды. Последний раз звонил шестнадцатого июня с номера +7 900 555-01-73.",
        "last_heard": "16 июня 2024",
        "held_where": "ИК-12, Кировская область",
        "who_came": ["defence-ministry", "pmc"],
        "wishes": "Найти его или узнать, где он похоронен.",
        "contact_channel": "messenger",
        "contact_address": "@glafira_vetluga_52",
        "contact_safe_times": "после девяти вечера, не при соседке Зинаиде",
        "reporter_name": "Глафира Ветлужская",
        "consent_count": "no",
    },
    coding=(
        (
            "case",
            {
                "title": "Taken to the front from a colony, last heard from weeks later",
                "themes": ["theme/recruitment", "theme/disappearance"],
                "last_heard": "16 июня 2024",
                "status": "X25-0103a",
                "status_basis": "family",
                "verification": "41/030000000000",
            },
        ),
        (
            "person",
            {
                "role": "victim",
                "sex": "39/010000000000",
                "age_band": "30-34",
                "name": "Ветлужский Тихон Елисеевич",
                "name_latin": "Tikhon Vetluzhsky",
                "birth": "1991",
            },
        ),
    ),
    later=(
        (
            "custody",
            {
                "facility": "ИК-12, Кировская область",
                "legal_status": "legal_status/convicted",
                "offence_group": "offence/228",
                "end": "2 апреля 2024",
                "end_reason": "end_reason/pardon",
            },
        ),
        (
            "act",
            {
                "type": "X03-0301-01a",
                "when": "до марта 2024",
                "count": "2",
                "outcome": "36/030000000000",
                "perpetrator_type": "24/020300000000",
                "directness": "told-by-victim",
                "verification": "41/030000000000",
            },
        ),
        (
            "act",
            {
                "type": "X03-0301-01b",
                "when": "в марте 2024",
                "outcome": "not-decided",
                "inducements": ["inducement/clean-record", "inducement/job"],
                "perpetrator_type": "24/010103000000",
                "body": "body/defence-ministry",
                "directness": "told-by-victim",
                "verification": "41/040000000000",
            },
        ),
        (
            "act",
            {
                "type": "X03-0301-03",
                "when": "к началу мая 2024",
                "training": "no",
                "perpetrator_type": "24/010103000000",
                "body": "body/defence-ministry",
                "directness": "told-by-victim",
                "verification": "41/040000000000",
            },
        ),
        (
            "act",
            {
                "type": "X52-5201-08",
                "when": "май 2024",
                "method": ["5/031501000000"],
                "directness": "told-by-victim",
                "verification": "41/030000000000",
            },
        ),
    ),
    question="Помните ли вы, какого числа его выпустили?",
    answer="Второго апреля, он сам сказал: «Сегодня, мама, за ворота». Форму выдали в Лузинске.",
    file=(
        "справка-освобождение-Ветлужский.txt",
        "Справка № 12-0457 об освобождении, выдана в Лузинске.\n".encode(),
        "text/plain",
    ),
    planted=(
        "Ветлужский",
        "Тихон Елисеевич",
        "Tikhon Vetluzhsky",
        "Глафира Ветлужская",
        "пилораме",
        "Сосновым Бродом",
        "+7 900 555-01-73",
        "@glafira_vetluga_52",
        "не при соседке Зинаиде",
        "шестнадцатого июня",
        "где он похоронен",
        "Сегодня, мама, за ворота",
        "Форму выдали в Лузинске",
        "какого числа его выпустили",
        "справка-освобождение-Ветлужский",
        "Справка № 12-0457",
        "Прокуратура Вятской долины",
        "Исх-77/4418",
        "last heard from weeks later",
    ),
)


def _stays(language: str, name: str, latin: str, story: str, held: str, heard: str, title: str) -> Tale:
    return Tale(
        language,
        {
            "about_name": name,
            "story": story,
            "held_where": held,
            "last_heard": heard,
            "consent_count": "yes",
            "contact_channel": "receipt",
        },
        (
            (
                "case",
                {
                    "title": title,
                    "themes": ["theme/recruitment"],
                    "last_heard": heard,
                    "status": "25/010300000000",
                    "status_basis": "family",
                    "verification": "41/030000000000",
                },
            ),
            ("person", {"role": "victim", "sex": "39/010000000000", "name": name, "name_latin": latin}),
            ("custody", {"facility": held, "legal_status": "legal_status/convicted"}),
        ),
        planted=(name, latin, story[:30]),
    )


STAYING = (
    _stays(
        "ru",
        "Заречный Ермолай Фомич",
        "Yermolai Zarechny",
        "Брата увезли этапом без предупреждения, две недели никто не отвечал на письма.",
        "ИК-4, Пермский край",
        "в начале марта 2024",
        "Moved without notice, silent since",
    ),
    _stays(
        "uk",
        "Лободай Остап Никанорович",
        "Ostap Loboday",
        "Чоловіка змусили підписати папір, якого він не читав, і відправили до частини.",
        "ИК-8, Ростовская область",
        "15 квітня 2024",
        "Signed a paper he had not read",
    ),
    _stays(
        "en",
        "Kerbabaev Merdan",
        "Merdan Kerbabaev",
        "My cellmate was told that his debt would be forgiven if he went; he wrote once and then no more.",
        "IK-19, Komi Republic",
        "spring 2024",
        "Promised that a debt would be forgiven",
    ),
)
