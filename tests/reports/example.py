"""The published case as sections, with a source, evidence and a relative that no document may show."""

from api.reports.sections import Sections, Submitter

VICTIM = "v" * 26
MOTHER = "m" * 26
GROUP = Submitter("Lastheard Legal Aid", "cases@group.example")

POSSIBLE = "41/030000000000"
ACT = {"victim": VICTIM, "verification": POSSIBLE, "independent_sources": 1, "directness": "told-by-victim"}
MINISTRY = {"perpetrator_type": "24/010103000000", "body": "body/defence-ministry"}
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

# What must reach no document: the source, whoever else is written down, the words of the teller.
PLANTED = ("Лариса", "Larisa", "+7 921 000", "подснежник", "Не подписывай", "дневник")

FACTS = {
    "case": [
        {
            "id": "c" * 26,
            "title": "A prisoner of IK-29, планted title подснежник",
            "themes": ["theme/recruitment", "theme/disappearance"],
            "counting": "yes",
            "last_heard": {"edtf": "2023-05-17", "basis": "exact"},
            "status": "X25-0103a",
            "status_basis": "family",
            "verification": POSSIBLE,
        }
    ],
    "person": [
        {"id": VICTIM, "role": "victim", "sex": "39/010000000000", "age_band": "30-34"},
        {"id": MOTHER, "role": "relative", "sex": "39/020000000000"},
    ],
    "custody": [
        {
            "id": "k" * 26,
            "facility": {"type": "17/030600000000", "kind": "IK", "number": "29", "region": "RU-ARK"},
            "legal_status": "legal_status/convicted",
            "offence_group": "offence/228",
            "end": {"edtf": "2023-04-14", "basis": "exact"},
            "end_reason": "end_reason/pardon",
        }
    ],
    "act": [
        {
            **ACT,
            "id": "1" * 26,
            "type": "X03-0301-01a",
            "count": 2,
            "outcome": "36/030000000000",
            "perpetrator_type": "24/020300000000",
        },
        {
            **ACT,
            **MINISTRY,
            "id": "2" * 26,
            "type": "X03-0301-01b",
            "when": {"edtf": "2023-04", "basis": "48/020000000000"},
            "outcome": "not-decided",
            "inducements": ["inducement/clean-record", "inducement/job"],
        },
        {
            **ACT,
            **MINISTRY,
            "id": "3" * 26,
            "type": "X03-0301-03",
            "when": {"edtf": "2023-05-01/2023-05-10", "basis": "48/010000000000"},
            "training": "no",
            "status_at_end": "X25-0103a",
        },
        {
            **ACT,
            "id": "4" * 26,
            "type": "X52-5201-08",
            "when": {"edtf": "2023-05", "basis": "48/020000000000"},
            "method": ["5/031501000000"],
            "perpetrator_type": "24/010103000000",
        },
    ],
}
IDENTITY = {
    "person": [
        {
            "id": VICTIM,
            "name": "Бунятов Артём",
            "name_latin": "Artyom Bunyatov",
            "birth": {"edtf": "1991-01-01/1992-12-31", "basis": "X48-04"},
        },
        {"id": MOTHER, "name": "Лариса", "name_latin": "Larisa"},
    ]
}
LEGAL = {
    "intervention": [
        {
            "id": "i" * 26,
            "type": "20/020100000000",
            "addressee": "Main Military Prosecutor’s Office",
            "date": {"edtf": "2023-06-20", "basis": "exact"},
            "reference": "No. 14/2023",
            "response": "27/060000000000",
            "status": "45/050000000000",
        }
    ]
}
NARRATIVE = {
    "statement": [{"id": "s" * 26, "text": "Не подписывай, говорила я.", "language": "ru"}],
    "told": [{"id": "t" * 26, "entry": "3" * 26, "field": "when", "words": "подснежник"}],
}
CONSENT = {
    "consent": [
        {"id": "a" * 26, "purpose": "keep", "value": "yes", "on": "2026-11-20", "given_by": "21/010103000000"},
        {"id": "b" * 26, "purpose": "un-confidential", "value": "yes", "on": "2026-11-21"},
        {"id": "d" * 26, "purpose": "lawyer", "value": "yes", "on": "2026-11-22", "taken_by": "Larisa"},
    ]
}
SOURCE = {
    "reporter": [
        {
            "id": "r" * 26,
            "name": "Лариса",
            "relation": "21/010103000000",
            "address": "+7 921 000",
            "safe_word": "подснежник",
        }
    ]
}
EVIDENCE = {
    "document": [
        {
            "id": "e" * 26,
            "title": "Release order, photographed",
            "media_type": "image/jpeg",
            "size": 2048,
            "sha256": DIGEST,
            "received_on": "2026-11-20",
            "received_from": "Larisa, дневник",
        }
    ]
}

GRANTED: Sections = {
    "facts": FACTS,
    "identity": IDENTITY,
    "legal": LEGAL,
    "narrative": NARRATIVE,
    "consent": CONSENT,
}
WITHOUT_STEPS: Sections = {**GRANTED, "legal": {}}
EVERYTHING: Sections = {**GRANTED, "source": SOURCE, "evidence": EVIDENCE}
