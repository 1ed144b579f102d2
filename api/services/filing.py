"""From letters to sections: what a family wrote becomes entries of a case, each in its compartment.

Promises that their words go to the narrative, their name and how to reach them to the source, their decisions to
consent. Must never code a fact by itself: coding is what a person checked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.access.doors import CaseAccess
from api.catalogue import links
from api.catalogue.check import Checked
from api.catalogue.compartments import LANGUAGES, Compartment, Labels, Language
from api.catalogue.fields import entity_fields
from api.catalogue.purposes import Decision, Purpose
from api.clock import today
from api.ids import new_id
from api.models.tables import Mailbox
from api.sealed import letters
from api.services import receiving
from api.services.consents import effective_of
from api.services.loading import HALF
from api.services.mailboxes import decided
from api.services.saving import Body, Entries, in_touch

C = Compartment
Sections = Mapping[Compartment, Mapping[str, Sequence[Entries]]]

# What the report's form asks about its sender: field of the form -> field of `reporter`.
SENDER = {
    "reporter_name": "name",
    "relation": "relation",
    "contact_channel": "channel",
    "contact_address": "address",
    "contact_safe_times": "safe_times",
}

# What else the form asks. The answers stay as they were written, each beside its question: the inbox's copy goes, and
# what nobody could code would go with it.
ASKED: Mapping[str, Labels] = {
    "about_birth": {"en": "When was he born?", "ru": "Когда он родился?", "uk": "Коли він народився?"},
    "last_heard": {
        "en": "When did you last hear from him?",
        "ru": "Когда вы в последний раз слышали о нём?",
        "uk": "Коли ви востаннє чули про нього?",
    },
    "held_where": {"en": "Where was he held?", "ru": "Где его держали?", "uk": "Де його тримали?"},
    "who_came": {"en": "Who came?", "ru": "Кто приезжал?", "uk": "Хто приїжджав?"},
    "wishes": {"en": "What would you wish?", "ru": "Чего вы хотели бы?", "uk": "Чого б ви хотіли?"},
}
CAME: Mapping[str, Labels] = {
    "defence-ministry": {"en": "the Ministry of Defence", "ru": "Министерство обороны", "uk": "Міністерство оборони"},
    "pmc": {"en": "a private military company", "ru": "частная военная компания", "uk": "приватна військова компанія"},
    "unknown-recruiter": {"en": "I do not know", "ru": "не знаю", "uk": "не знаю"},
    "other": {"en": "somebody else", "ru": "кто-то другой", "uk": "хтось інший"},
}


# The step that the program writes down; the pages say it in their reader's language.
ERASURE_ASKED = "The family asks for erasure."


@dataclass(frozen=True, slots=True)
class Merged:
    """The whole new content of the sections concerned, and the purposes that the newest decisions allow."""

    bodies: dict[Compartment, dict[str, Any]] = field(repr=False)
    allowed: frozenset[Purpose] = frozenset()


def mailbox_entry(mailbox: Mailbox) -> Mapping[str, str]:
    """Return how a case remembers a mailbox: by its id, and by the digest of the half that answers are sealed to."""
    return {"id": mailbox.id, HALF: letters.half_of(mailbox)}


def sections_of(
    mailbox: Mapping[str, str], notes: Sequence[Mapping[str, Any]], taken_by: str
) -> dict[Compartment, Body]:
    """Return the sections of a new case from all that waits in a mailbox."""
    bodies: dict[Compartment, dict[str, Any]] = {name: {} for name in (C.CONTROL, C.CONSENT, C.FACTS, C.NARRATIVE)}
    bodies |= {C.SOURCE: {}, C.CONTACT: {}, C.EVIDENCE: {}, C.IDENTITY: {}}
    for note in notes:
        _add(bodies, note, taken_by)
    _name_mailbox(bodies, mailbox)
    _count(bodies, decided(notes)[Purpose.COUNT])
    return {name: body for name, body in bodies.items() if body}


def with_checked(sections: Mapping[Compartment, Body], entity: str, checked: Checked) -> dict[Compartment, Body]:
    """Return the sections with one coded entry, under one identifier in each compartment; raises FieldProblems."""
    links.require_targets(checked, sections.values())
    entry_id = new_id()
    bodies: dict[Compartment, dict[str, Any]] = {name: dict(body) for name, body in sections.items()}
    for name, values in checked.by_compartment.items():
        _put(bodies.setdefault(name, {}), entity, {"id": entry_id, **values})
    for asked, words in checked.told.items():
        told = {"id": new_id(), "entry": entry_id, "field": asked, "words": words}
        _append(bodies.setdefault(C.NARRATIVE, {}), "told", told)
    return dict(bodies)


def merged(access: CaseAccess, mailbox: Mapping[str, str], notes: Sequence[Mapping[str, Any]]) -> Merged:
    """Return what the opened sections of a case become with these letters; `mailbox` is empty for one it knows."""
    bodies = {name: {key: list(value) for key, value in access.open(name).note.items()} for name in access.keys}
    before = {name: repr(body) for name, body in bodies.items()}
    for note in notes:
        _add(bodies, note, access.caller.member_id)
    if mailbox:
        _name_mailbox(bodies, mailbox)
    # Another family member may have decided since: what holds is the newest of all decisions of the case.
    bodies[C.CONTROL] = in_touch(bodies[C.CONTROL])
    held = effective_of(bodies[C.CONSENT])
    if any(_decisions(note) for note in notes):
        _count(bodies, held[Purpose.COUNT])
    changed = {name: body for name, body in bodies.items() if repr(body) != before[name]}
    return Merged(changed, frozenset(one for one in Purpose if held[one] is Decision.YES))


def _add(bodies: dict[Compartment, dict[str, Any]], note: Mapping[str, Any], taken_by: str) -> None:
    about = note.get("about", {})
    if note["kind"] == receiving.QUESTION:
        _append(bodies[C.NARRATIVE], "letter", {"id": new_id(), "text": note["text"], "on": note["on"]})
        return
    text = about.get("story", "") or note.get("text", "")
    if note.get("question"):
        text = f"{note['question']}\n\n{text}"
    for told in filter(None, (text, _answers(note))):
        statement = {"id": new_id(), "text": told, "told_on": note["on"]}
        language = {"language": note["language"]} if note.get("language") else {}
        _append(bodies[C.NARRATIVE], "statement", statement | language)
    if note["kind"] == receiving.REPORT and C.SOURCE in bodies:
        _add_sender(bodies, _sender(about))
    if note["kind"] == receiving.ERASURE:
        task = {"id": new_id(), "what": ERASURE_ASKED, "due": today().isoformat()}
        _append(bodies[C.CONTROL], "task", task)
    for decision in _decisions(note):
        _append(bodies[C.CONSENT], "consent", {"id": new_id(), "taken_by": taken_by, **decision})
    for one in note.get("files", ()):
        _append(bodies[C.EVIDENCE], "document", _document(one, note["on"]))


def _add_sender(bodies: dict[Compartment, dict[str, Any]], told: Mapping[str, str]) -> None:
    """Put who told it into the source and how to reach them apart, under one identifier."""
    entry_id = new_id()
    for name in (C.SOURCE, C.CONTACT):
        mine = {
            one.name: told[one.name]
            for one in entity_fields("reporter")
            if one.compartment is name and one.name in told
        }
        if mine or name is C.SOURCE:
            _append(bodies[name], "reporter", {"id": entry_id, **mine})


def _answers(note: Mapping[str, Any]) -> str:
    """Return what was answered beside the account, a line each, in the report's language."""
    language: Language = next((one for one in LANGUAGES if one == note.get("language")), "ru")
    answers = {name: note.get("about", {}).get(name) for name in ASKED}
    return "\n".join(f"{ASKED[name][language]} {_said(value, language)}" for name, value in answers.items() if value)


def _said(value: object, language: Language) -> str:
    if isinstance(value, list):
        return ", ".join(CAME[one][language] if one in CAME else str(one) for one in value)
    return str(value)


def _sender(about: Mapping[str, Any]) -> dict[str, str]:
    told = {ours: str(about[theirs]) for theirs, ours in SENDER.items() if about.get(theirs)}
    if told.get("relation", "").startswith("21/0101"):
        told["connection"] = "19/020101000000"
    return told


def _decisions(note: Mapping[str, Any]) -> list[dict[str, str]]:
    common = {"on": note["on"], "how": "sent" if note["kind"] == receiving.REPORT else "mailbox"}
    if note["kind"] == receiving.REPORT:
        said = {Purpose.KEEP.value: Decision.YES.value, **note.get("consents", {})}
        common |= {"language": note["language"]} if note.get("language") else {}
        common |= {"given_by": relation} if (relation := note.get("about", {}).get("relation")) else {}
        return [{"purpose": purpose, "value": value, **common} for purpose, value in said.items()]
    if note["kind"] == receiving.CONSENT:
        return [{"purpose": note["purpose"], "value": note["value"], **common}]
    if note["kind"] == receiving.ERASURE:
        return [{"purpose": purpose.value, "value": Decision.NO.value, **common} for purpose in receiving.USES]
    return []


def _document(one: Mapping[str, Any], on: str) -> dict[str, Any]:
    kept = {name: one[name] for name in ("title", "media_type", "size", "sha256")}
    file = {"id": one["id"], "key": one["id"]}
    return {"id": new_id(), **kept, "received_on": on, "received_from": "", "file": file}


def _name_mailbox(bodies: dict[Compartment, dict[str, Any]], mailbox: Mapping[str, str]) -> None:
    """Note the mailbox in control, so that answers and erasing find it without `source`."""
    _append(bodies[C.CONTROL], "mailbox", mailbox)


def _count(bodies: dict[Compartment, dict[str, Any]], value: Decision) -> None:
    _put(bodies[C.FACTS], "case", {"counting": str(value)})


def _put(body: dict[str, Any], entity: str, entry: Mapping[str, Any]) -> None:
    """Add an entry; the case itself is one entry, which further values join."""
    present = list(body.get(entity, ()))
    if entity == "case" and present:
        kept = {name: value for name, value in entry.items() if name != "id"}
        body[entity] = [{**present[0], **kept}]
        return
    body[entity] = [*present, {"id": new_id(), **entry}]


def _append(body: dict[str, Any], entity: str, entry: Mapping[str, Any]) -> None:
    body[entity] = [*body.get(entity, ()), dict(entry)]
