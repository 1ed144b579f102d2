"""The published case (RFE/RL, October 2023, told by his mother), as a clerk types it, and as it must be coded.

Promises the public facts alone. `RAW` holds for each language the entries of the forms in their order; whoever saves
them adds the `victim` of each act. `CODED` holds the coded values that both must give.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from api.catalogue.compartments import Compartment, Language

Raw = Mapping[str, str | Sequence[str]]
Entry = tuple[str, Raw]

TODAY = date(2026, 11, 23)

# What is chosen from lists is the same in every language.
CASE: Raw = {
    "themes": ["theme/recruitment", "theme/disappearance"],
    "status": "X25-0103a",
    "status_basis": "family",
    "verification": "41/030000000000",
}
PERSON: Raw = {"role": "victim", "sex": "39/010000000000", "age_band": "30-34", "name_latin": "Artyom Bunyatov"}
CUSTODY: Raw = {
    "legal_status": "legal_status/convicted",
    "offence_group": "offence/228",
    "end_reason": "end_reason/pardon",
}
APPROACH: Raw = {
    "type": "X03-0301-01a",
    "count": "2",
    "outcome": "36/030000000000",
    "perpetrator_type": "24/020300000000",
    "place_type": "17/030600000000",
    "directness": "told-by-victim",
    "verification": "41/030000000000",
    "independent_sources": "1",
}
SIGNING: Raw = {
    "type": "X03-0301-01b",
    "outcome": "not-decided",
    "inducements": ["inducement/clean-record", "inducement/job"],
    "perpetrator_type": "24/010103000000",
    "body": "body/defence-ministry",
    "place_type": "17/030600000000",
    "directness": "told-by-victim",
    "verification": "41/030000000000",
    "independent_sources": "1",
}
DEPLOYMENT: Raw = {
    "type": "X03-0301-03",
    "perpetrator_type": "24/010103000000",
    "body": "body/defence-ministry",
    "training": "no",
    "status_at_end": "X25-0103a",
    "directness": "told-by-victim",
    "verification": "41/030000000000",
    "independent_sources": "1",
}
HUNGER: Raw = {
    "type": "X52-5201-08",
    "method": ["5/031501000000"],
    "perpetrator_type": "24/010103000000",
    "directness": "told-by-victim",
    "verification": "41/030000000000",
    "independent_sources": "1",
}
REPORTER: Raw = {"relation": "21/010103000000", "connection": "19/020101000000", "channel": "receipt"}
CONSENT: Raw = {
    "purpose": "keep",
    "value": "yes",
    "on": "2026-11-23",
    "given_by": "21/010103000000",
    "how": "sent",
    "language": "ru",
}

RAW: Mapping[Language, tuple[Entry, ...]] = {
    "ru": (
        (
            "case",
            {
                **CASE,
                "title": "Заключённый ИК-29, увезён на войну в апреле 2023",
                "last_heard": "17 мая 2023",
            },
        ),
        ("person", {**PERSON, "name": "Бунятов Артём", "birth": "между 1991 и 1992"}),
        ("custody", {**CUSTODY, "facility": "ИК-29, Архангельская область", "end": "14.04.2023"}),
        ("act", {**APPROACH}),
        ("act", {**SIGNING, "when": "апрель 2023"}),
        ("act", {**DEPLOYMENT, "when": "к началу мая 2023"}),
        ("act", {**HUNGER, "when": "май 2023"}),
        ("reporter", {**REPORTER, "name": "Лариса"}),
        (
            "statement",
            {
                "text": "Вербовщики наёмников приезжали дважды, и дважды он отказался. Я говорила ему по телефону: "
                "не подписывай.\nВ апреле приехали из Министерства обороны, обещали чистое дело и работу, и он "
                "подписал. К началу мая он был уже в окопах, без подготовки. Говорил, что мало еды и воды. "
                "Последний раз я слышала его 17 мая.",
                "language": "ru",
            },
        ),
        ("consent", CONSENT),
    ),
    "en": (
        (
            "case",
            {**CASE, "title": "Prisoner of IK-29, taken to the war in April 2023", "last_heard": "17 May 2023"},
        ),
        ("person", {**PERSON, "name": "Artyom Bunyatov", "birth": "between 1991 and 1992"}),
        ("custody", {**CUSTODY, "facility": "IK-29, Arkhangelsk region", "end": "14 April 2023"}),
        ("act", {**APPROACH}),
        ("act", {**SIGNING, "when": "April 2023"}),
        ("act", {**DEPLOYMENT, "when": "by early May 2023"}),
        ("act", {**HUNGER, "when": "May 2023"}),
        ("reporter", {**REPORTER, "name": "Larisa"}),
        (
            "statement",
            {
                "text": "Recruiters of mercenaries came twice, and twice he refused. I told him on the phone not to "
                "sign.\nIn April men from the Ministry of Defence came and promised a clean record and a job, and he "
                "signed. By early May he was in the trenches, without training. He said there was little food and "
                "water. I last heard him on 17 May.",
                "language": "en",
            },
        ),
        ("consent", CONSENT),
    ),
}

EXACT, ESTIMATE, DAY_UNKNOWN, BETWEEN = "exact", "48/010000000000", "48/020000000000", "X48-04"

# Entry by entry, what the facts must say.
CODED: tuple[Mapping[str, object], ...] = (
    {**CASE, "last_heard": {"edtf": "2023-05-17", "basis": EXACT}},
    {"role": "victim", "sex": "39/010000000000", "age_band": "30-34"},
    {
        **CUSTODY,
        "facility": {"type": "17/030600000000", "kind": "IK", "number": "29", "region": "RU-ARK"},
        "end": {"edtf": "2023-04-14", "basis": EXACT},
    },
    {**APPROACH, "count": 2, "independent_sources": 1},
    {**SIGNING, "independent_sources": 1, "when": {"edtf": "2023-04", "basis": DAY_UNKNOWN}},
    {**DEPLOYMENT, "independent_sources": 1, "when": {"edtf": "2023-05-01/2023-05-10", "basis": ESTIMATE}},
    {**HUNGER, "independent_sources": 1, "when": {"edtf": "2023-05", "basis": DAY_UNKNOWN}},
    {},
    {},
    {},
)

COMPARTMENTS: tuple[frozenset[Compartment], ...] = (
    frozenset({Compartment.FACTS}),
    frozenset({Compartment.FACTS, Compartment.IDENTITY}),
    *(frozenset({Compartment.FACTS}) for _ in range(5)),
    frozenset({Compartment.SOURCE, Compartment.CONTACT}),
    frozenset({Compartment.NARRATIVE}),
    frozenset({Compartment.CONSENT}),
)
