"""What a family may allow, one decision for each purpose.

Promises that every purpose but keeping starts at "no". Must never be inferred from another.
"""

from collections.abc import Mapping
from enum import StrEnum

from api.catalogue.compartments import Labels


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


PURPOSE_LABELS: Mapping[Purpose, Labels] = {
    Purpose.KEEP: {"en": "keep what I told", "ru": "хранить рассказанное", "uk": "зберігати розказане"},
    Purpose.COUNT: {"en": "count without names", "ru": "учитывать без имён", "uk": "враховувати без імен"},
    Purpose.LAWYER: {
        "en": "share with a named lawyer",
        "ru": "передать названному адвокату",
        "uk": "передати названому адвокату",
    },
    Purpose.UN_CONFIDENTIAL: {
        "en": "submit to the UN in confidence",
        "ru": "подать в ООН конфиденциально",
        "uk": "подати до ООН конфіденційно",
    },
    Purpose.UN_NAMED: {
        "en": "submit to the UN by name",
        "ru": "подать в ООН с именем",
        "uk": "подати до ООН з іменем",
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
DECISION_LABELS: Mapping[Decision, Labels] = {
    Decision.YES: {"en": "yes", "ru": "да", "uk": "так"},
    Decision.NO: {"en": "no", "ru": "нет", "uk": "ні"},
    Decision.ASK_AGAIN: {"en": "ask again", "ru": "спросить ещё раз", "uk": "запитати ще раз"},
}
# Sending a report says yes to keeping it, and to nothing else.
DEFAULTS: Mapping[Purpose, Decision] = {
    purpose: Decision.YES if purpose is Purpose.KEEP else Decision.NO for purpose in Purpose
}
