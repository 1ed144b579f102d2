"""Answering whoever a case is about: all that is held on them, as a document or for a machine.

Promises the same exit as every document: the decision at this moment, a line in the register, an entry in the log, then
the bytes. Must never say who told it, nor anything of another person of the case.
"""

import hashlib
import json
from enum import StrEnum

from api.access.doors import CaseAccess
from api.catalogue.compartments import Compartment, Language
from api.catalogue.text import clean_text
from api.clock import today
from api.errors import Invalid, NotFound, ReasonMissing, Unavailable
from api.policy.actions import Action
from api.reports import profiles, subject
from api.reports.document import DocumentError, render_pdf
from api.reports.profiles import Profile
from api.reports.report import compose
from api.reports.sections import Sections
from api.services import taking_out
from api.services.taking_out import Document

C = Compartment


class Form(StrEnum):
    """For whom the answer is made: a person reads PDF, a machine JSON."""

    PDF = "pdf"
    JSON = "json"


def answer(access: CaseAccess, person_id: str, recipient: str, language: Language, form: Form) -> Document:
    """Return what the opened sections hold on one person, entered in the register as given to `recipient`.

    Raises NotFound for somebody who is not in the case, ReasonMissing while the identity is shut, ConsentMissing where
    keeping was withdrawn, Forbidden, Invalid, Stale, Unavailable.
    """
    access.require(Action.CASE_GIVE_SUBJECT)
    if person_id not in {one["id"] for one in access.open(C.FACTS).note.get("person", ())}:
        raise NotFound
    profile, to = taking_out.under_consent(access, profiles.load(profiles.SUBJECT)), clean_text(recipient)
    if not to:
        raise Invalid({"recipient": "required"})
    if set(access.closed) & set(profile.compartments):
        raise ReasonMissing
    held = subject.about(taking_out.sections_for(access, profile), person_id)
    made = _made(access, profile, held, language, form)
    entry = taking_out.line(access, profile, made, to, taking_out.leaving(profile, held))
    taking_out.enter(access, profile, entry, Action.CASE_GIVE_SUBJECT)
    return made


def _made(access: CaseAccess, profile: Profile, held: Sections, language: Language, form: Form) -> Document:
    number = taking_out.next_number(access)
    if form is Form.JSON:
        content = _json(profile, held, number, language)
        return Document(number, profile.name, content, hashlib.sha256(content).hexdigest())
    try:
        finished = render_pdf(compose(profile, held, taking_out.submitter(access), number, today(), [language]))
    except DocumentError:
        raise Unavailable from None
    return Document(number, profile.name, finished.pdf, finished.sha256)


def _json(profile: Profile, held: Sections, number: str, language: Language) -> bytes:
    rows = subject.plain(profile, held, language)
    told = {"number": number, "on": today().isoformat(), "title": profile.title[language], "held": rows}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()
