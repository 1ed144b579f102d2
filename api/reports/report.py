"""One `Report` value: everything that a document holds, and nothing else.

Promises that it is composed from what the profile's allow-list lets through (`api.reports.selecting`), so that
whoever renders it cannot add to it. Must never show its words when it is printed or logged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from api.catalogue.compartments import Labels, Language
from api.reports.blocks import Block, Words
from api.reports.composing import Composer
from api.reports.profiles import Profile
from api.reports.saying import day_said
from api.reports.sections import Sections, Submitter
from api.reports.selecting import fields_held

REGISTERED: Labels = {"en": "Register no. {}, {}", "ru": "№ {} по реестру, {}", "uk": "№ {} за реєстром, {}"}


@dataclass(frozen=True, slots=True)
class Report:
    """A document before it is rendered.

    `number`: of the register of disclosures. `languages`: in the order in which they stand. Each text holds
    one wording for each language, in that order. `fields`: what the register says the document held.
    """

    number: str
    profile: str
    on: date
    languages: tuple[Language, ...]
    title: Words
    registered: Words
    confidential: Words
    fields: tuple[str, ...]
    blocks: tuple[Block, ...] = field(repr=False)


def compose(
    profile: Profile,
    sections: Sections,
    submitter: Submitter,
    number: str,
    on: date,
    languages: Sequence[Language],
) -> Report:
    """Return the document; ValueError for languages that the profile does not offer.

    Whoever calls has asked for consent under `profile.purpose` and for readiness: neither is decided here.
    """
    chosen = tuple(languages)
    if chosen not in profile.languages:
        raise ValueError("languages that the profile does not offer")
    composer = Composer(profile, sections, submitter, on, chosen)
    return Report(
        number=number,
        profile=profile.name,
        on=on,
        languages=chosen,
        title=composer.said(profile.title),
        registered=tuple(_registered(number, on, language) for language in chosen),
        confidential=composer.said(profile.confidential),
        fields=fields_held(profile, sections),
        blocks=tuple(composer.blocks()),
    )


def _registered(number: str, on: date, language: Language) -> str:
    return REGISTERED[language].format(number, day_said(on, language))
