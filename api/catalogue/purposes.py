"""What a family may allow: seven purposes, one decision for each.

Promises that every purpose but keeping starts at "no". Must never infer one decision from another.
"""

from collections.abc import Mapping
from enum import StrEnum

from api.catalogue.compartments import LANGUAGES, Labels
from api.catalogue.tables import read_table


class Purpose(StrEnum):
    """A use of what was told."""

    KEEP = "keep"
    COUNT = "count"
    LAWYER = "lawyer"
    UN_CONFIDENTIAL = "un-confidential"
    UN_NAMED = "un-named"
    PUBLISH_ANONYMOUS = "publish-anonymous"
    PUBLISH_NAMED = "publish-named"


class Decision(StrEnum):
    """What was decided; `ask-again` stops a use as "no" does."""

    YES = "yes"
    NO = "no"
    ASK_AGAIN = "ask-again"


# Why a field is kept, by the English of its row.
KEPT_FOR: Mapping[str, Labels] = {
    row["en"]: {language: row[language] for language in LANGUAGES} for row in read_table("purposes")
}

# Short, for staff.
PURPOSE_LABELS: Mapping[Purpose, Labels] = {
    Purpose.KEEP: {"en": "keep", "ru": "хранить", "uk": "зберігати"},
    Purpose.COUNT: {"en": "count without names", "ru": "считать без имён", "uk": "рахувати без імен"},
    Purpose.LAWYER: {
        "en": "share with a named lawyer",
        "ru": "передать названному юристу",
        "uk": "передати названому юристу",
    },
    Purpose.UN_CONFIDENTIAL: {
        "en": "submit to the UN in confidence",
        "ru": "подать в ООН конфиденциально",
        "uk": "подати до ООН конфіденційно",
    },
    Purpose.UN_NAMED: {
        "en": "submit to the UN by name",
        "ru": "подать в ООН открыто, с именем",
        "uk": "подати до ООН відкрито, з іменем",
    },
    Purpose.PUBLISH_ANONYMOUS: {
        "en": "publish without a name",
        "ru": "опубликовать без имени",
        "uk": "оприлюднити без імені",
    },
    Purpose.PUBLISH_NAMED: {
        "en": "publish by name",
        "ru": "опубликовать с именем",
        "uk": "оприлюднити з іменем",
    },
}

# What each means, as the family is told.
FAMILY_LABELS: Mapping[Purpose, Labels] = {
    Purpose.KEEP: {
        "en": "Keep what I told, sealed, and read it",
        "ru": "Хранить то, что я рассказал(а), в запечатанном виде и читать это",
        "uk": "Зберігати те, що я розповів(ла), запечатаним і читати це",
    },
    Purpose.COUNT: {
        "en": "Count him in numbers in which nobody can be recognised",
        "ru": "Учесть его в общих числах, по которым никого нельзя узнать",
        "uk": "Врахувати його в загальних числах, за якими нікого не впізнати",
    },
    Purpose.LAWYER: {
        "en": "Show the case to one lawyer whom the group knows, for a time",
        "ru": "Показать дело одному юристу, которого группа знает, на время",
        "uk": "Показати справу одному юристу, якого група знає, на певний час",
    },
    Purpose.UN_CONFIDENTIAL: {
        "en": "Send it to the United Nations in confidence: the experts learn his name, the public does not",
        "ru": "Передать в ООН конфиденциально: эксперты узнают его имя, публика нет",
        "uk": "Передати до ООН конфіденційно: експерти дізнаються його ім’я, загал ні",
    },
    Purpose.UN_NAMED: {
        "en": "Send it to the United Nations openly, with his name",
        "ru": "Передать в ООН открыто, с его именем",
        "uk": "Передати до ООН відкрито, з його іменем",
    },
    Purpose.PUBLISH_ANONYMOUS: {
        "en": "Publish the story so that he cannot be recognised",
        "ru": "Опубликовать историю так, чтобы его нельзя было узнать",
        "uk": "Оприлюднити історію так, щоб його не можна було впізнати",
    },
    Purpose.PUBLISH_NAMED: {
        "en": "Publish the story with his name",
        "ru": "Опубликовать историю с его именем",
        "uk": "Оприлюднити історію з його іменем",
    },
}

DECISION_LABELS: Mapping[Decision, Labels] = {
    Decision.YES: {"en": "Yes", "ru": "Да", "uk": "Так"},
    Decision.NO: {"en": "No", "ru": "Нет", "uk": "Ні"},
    Decision.ASK_AGAIN: {"en": "Ask again", "ru": "Спросить ещё раз", "uk": "Запитати ще раз"},
}

# Sending a report says yes to keeping it, and to nothing else.
DEFAULTS: Mapping[Purpose, Decision] = {
    purpose: Decision.YES if purpose is Purpose.KEEP else Decision.NO for purpose in Purpose
}
