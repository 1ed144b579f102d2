"""What the case page shows: labelled lines from the sections that the door opened.

Promises that a compartment not opened gives a shut door and nothing else. Must never print a code where words exist.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi.responses import HTMLResponse

from api.access.doors import CaseAccess
from api.catalogue.compartments import HOLDS, LABELS, Compartment, Language
from api.catalogue.dates import ApproxDate, say
from api.catalogue.facilities import Facility
from api.catalogue.facilities import say as say_facility
from api.catalogue.fields import ENTITY_LABELS, Field, Kind, entity_fields, form_fields
from api.catalogue.purposes import DECISION_LABELS, PURPOSE_LABELS
from api.catalogue.terms import label
from api.pages.staff.fields import touches_reason
from api.pages.staff.frame import language_of, show
from api.pages.staff.timeline import timeline
from api.policy.actions import REASONS, Action, decide
from api.services import cases, consents, desks, granting, openings, taking_out

C = Compartment
Sections = Mapping[Compartment, Any]
SHOWN = ("act", "custody", "person", "statement", "summary", "intervention", "reporter")
ADDED = ("custody", "act", "person", "statement", "summary", "intervention", "task", "consent", "reporter")
PROFILES = ("wgeid", "dossier")
RIGHTS = {
    "may_write": Action.CASE_WRITE,
    "may_grant": Action.CASE_GRANT,
    "may_take_out": Action.CASE_TAKE_OUT,
    "may_keep": Action.CASE_KEEP,
}


def case_page(
    access: CaseAccess,
    problems: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
    status: int = 422,
) -> HTMLResponse:
    """Return the page of a case; with `problems`, under `status`, what was refused and what had been typed."""
    context = dict(case_context(access, language_of(access.caller)))
    context |= {"problems": problems or {}, "values": values or {}}
    title = str(context["view"].code)
    return show(access.caller, "case.html", title, "/cases", status if problems else 200, **context)


def case_context(access: CaseAccess, language: Language) -> Mapping[str, Any]:
    """Return the context of `staff/case.html`."""
    view = cases.read_case(access)
    facts, control = view.sections.get(C.FACTS, {}), view.sections.get(C.CONTROL, {})
    head = _head(view.sections)
    writable = [entity for entity in ADDED if _writable(entity, access)]
    role, standing = access.caller.role, access.standing
    return {
        "case_id": access.case_id,
        "view": view,
        "title_line": head.get("title", view.code),
        "desk_name": _desk_name(access),
        "stage": _label(head["stage"], language) if "stage" in head else "",
        "tags": _tags(facts, head, language),
        "whole": list(_cards(view.sections, "case", language)),
        "svg": timeline(facts, language),
        "groups": [_group(view.sections, entity, language) for entity in SHOWN],
        "addable": [(entity, ENTITY_LABELS[entity][language]) for entity in writable],
        "with_reason": {entity for entity in SHOWN if touches_reason(entity)},
        "documents": view.sections.get(C.EVIDENCE, {}).get("document", ()),
        "tasks": control.get("task", ()),
        "doors": [_door(one, language, one in view.shut) for one in (*view.closed, *view.shut)],
        "consents": _consents(access, language),
        "readiness": _readiness(access, language),
        "holders": granting.who_can_open(access),
        "openings": _openings(access),
        "reasons": REASONS,
        **{name: decide(role, action, standing) for name, action in RIGHTS.items()},
    }


def gathered(sections: Sections, entity: str) -> dict[str, dict[str, Any]]:
    """Return each entry of an entity once, by identifier, its fields gathered from the opened compartments."""
    found: dict[str, dict[str, Any]] = {}
    for body in sections.values():
        for entry in body.get(entity, ()):
            found.setdefault(entry["id"], {}).update(entry)
    return found


def told_of(sections: Sections, entry_id: str) -> dict[str, str]:
    """Return the words in which the dates of an entry were told, by field."""
    told = sections.get(C.NARRATIVE, {}).get("told", ())
    return {one["field"]: one["words"] for one in told if one.get("entry") == entry_id}


def said(kind: Kind, value: Any, language: Language) -> str:
    """Return a value as a person reads it."""
    if isinstance(value, list):
        return " · ".join(said(kind, one, language) for one in value)
    if kind is Kind.APPROX_DATE:
        return say(ApproxDate.from_json(value), language)
    if kind is Kind.FACILITY:
        return say_facility(Facility.from_json(value), language)
    return _label(str(value), language) if kind in (Kind.TERM, Kind.CHOICE) else str(value)


def people_of(facts: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """Return the persons of a case without their names: (id, "victim, 30–34")."""
    entries = facts.get("person", ())
    parts = [(one["id"], [one.get("role", ""), one.get("age_band", "")]) for one in entries]
    return [(entry_id, ", ".join(_label(code, language) for code in codes if code)) for entry_id, codes in parts]


def _desk_name(access: CaseAccess) -> str:
    return next((one.name for one in desks.desks(access.store, access.caller) if one.id == access.desk_id), "")


def _writable(entity: str, access: CaseAccess) -> bool:
    return any(one.compartment not in access.shut for one in form_fields(entity))


def _head(sections: Sections) -> dict[str, Any]:
    return next(iter(gathered(sections, "case").values()), {})


def _group(sections: Sections, entity: str, language: Language) -> tuple[str, str, list[Mapping[str, Any]]]:
    return entity, ENTITY_LABELS[entity][language], list(_cards(sections, entity, language))


def _door(one: Compartment, language: Language, shut: bool) -> tuple[str, str, str, bool]:
    return one.value, LABELS[one][language], HOLDS[one], shut


def _cards(sections: Sections, entity: str, language: Language) -> Iterator[Mapping[str, Any]]:
    people = dict(people_of(sections.get(C.FACTS, {}), language))
    for entry_id, entry in gathered(sections, entity).items():
        words = told_of(sections, entry_id)
        shown = [(one, _value(one, entry[one.name], people, language)) for one in _shown(entity, entry)]
        by = defaultdict(str, {one.name: text for one, text in shown})
        lines = [(one.labels[language], text, words.get(one.name, "")) for one, text in shown if text]
        yield {"id": entry_id, "lines": lines, "by": by, "told": defaultdict(str, words)}


def _value(one: Field, value: Any, people: Mapping[str, str], language: Language) -> str:
    return people.get(str(value), "") if one.kind is Kind.LINK else said(one.kind, value, language)


def _shown(entity: str, entry: Mapping[str, Any]) -> list[Field]:
    return [one for one in entity_fields(entity) if one.name in entry and one.kind is not Kind.INTERNAL]


def _tags(facts: Mapping[str, Any], head: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    bodies = dict.fromkeys(str(act["body"]) for act in facts.get("act", ()) if "body" in act)
    tags = [("stop", head["status"])] if "status" in head else []
    tags += [("", code) for code in (*head.get("themes", ()), *bodies)]
    tags += [("ok", head["verification"])] if "verification" in head else []
    return [(kind, _label(code, language)) for kind, code in tags]


def _consents(access: CaseAccess, language: Language) -> list[tuple[str, str, str, bool]]:
    """Return for each use what holds, since which day ("" where nobody decided), and whether the family stopped it."""
    stopped = consents.stopped(access.store, access.case_id)
    entries = sorted(access.open(C.CONSENT).note.get("consent", ()), key=lambda one: str(one["on"]))
    since = {one["purpose"]: str(one["on"]) for one in entries}
    held = consents.effective(access)
    said = [(one, PURPOSE_LABELS[one][language], DECISION_LABELS[value][language]) for one, value in held.items()]
    return [(use, value, since.get(one.value, ""), one in stopped) for one, use, value in said]


def _openings(access: CaseAccess) -> list[tuple[str, str, str, str, list[Compartment]]]:
    """Return who opened what and why, one line for what was opened together: day, role, reason, words, compartments."""
    together: dict[tuple[str, str, str, str], list[Compartment]] = {}
    for one in openings.openings(access):
        together.setdefault((one.on, one.role, one.code, one.words), []).append(one.compartment)
    return [(*why, sorted(set(opened))) for why, opened in together.items()]


def _readiness(access: CaseAccess, language: Language) -> list[tuple[str, str]]:
    """Readiness needs the identity opened; before that the page says so instead of counting it as missing."""
    if C.IDENTITY not in access.keys:
        return []
    return [(name, taking_out.readiness_of(access, name).sentence(language)) for name in PROFILES]


def _label(code: str, language: Language) -> str:
    try:
        return label(code, language)
    except KeyError:
        return code
