"""What the case page shows: labelled lines from the sections that the door opened.

Promises that a compartment not opened gives a shut door and nothing else. Must never print a code where words exist.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from api.access.doors import CaseAccess
from api.catalogue.compartments import HOLDS, LABELS, Compartment, Language
from api.catalogue.dates import ApproxDate, say
from api.catalogue.facilities import Facility
from api.catalogue.facilities import say as say_facility
from api.catalogue.fields import ENTITY_LABELS, Field, Kind, entity_fields
from api.catalogue.purposes import DECISION_LABELS, PURPOSE_LABELS
from api.catalogue.terms import label
from api.pages.staff.timeline import timeline
from api.policy.actions import REASONS, Action, decide
from api.services import cases, consents, granting, openings, taking_out

C = Compartment
SHOWN = ("person", "custody", "act", "statement", "summary", "intervention", "reporter")


def case_context(access: CaseAccess, language: Language) -> Mapping[str, Any]:
    """Return the context of `staff/case.html`."""
    view = cases.read_case(access)
    facts, control = view.sections.get(C.FACTS, {}), view.sections.get(C.CONTROL, {})
    head = next(iter(facts.get("case", ())), {})
    return {
        "case_id": access.case_id,
        "view": view,
        "title_line": head.get("title", view.code),
        "tags": _tags(head, language),
        "svg": timeline(facts, language),
        "groups": [
            (entity, ENTITY_LABELS[entity][language], list(_cards(view.sections, entity, language))) for entity in SHOWN
        ],
        "documents": view.sections.get(C.EVIDENCE, {}).get("document", ()),
        "tasks": control.get("task", ()),
        "doors": [
            (one.value, LABELS[one][language], HOLDS[one], one in view.shut) for one in (*view.closed, *view.shut)
        ],
        "consents": _consents(access, language),
        "readiness": _readiness(access, language),
        "holders": granting.who_can_open(access),
        "openings": openings.openings(access),
        "reasons": REASONS,
        "may_write": decide(access.caller.role, Action.CASE_WRITE, access.standing),
        "may_grant": decide(access.caller.role, Action.CASE_GRANT, access.standing),
        "may_take_out": decide(access.caller.role, Action.CASE_TAKE_OUT, access.standing),
        "may_erase": decide(access.caller.role, Action.CASE_ERASE, access.standing),
    }


def said(kind: Kind, value: Any, language: Language) -> str:
    """Return a value as a person reads it."""
    if isinstance(value, list):
        return " · ".join(said(kind, one, language) for one in value)
    if kind is Kind.APPROX_DATE:
        return say(ApproxDate.from_json(value), language)
    if kind is Kind.FACILITY:
        return say_facility(Facility.from_json(value), language)
    return _label(str(value), language) if kind in (Kind.TERM, Kind.CHOICE) else str(value)


def _group(
    sections: Mapping[Compartment, Any], entity: str, language: Language
) -> tuple[str, str, list[Mapping[str, Any]]]:
    return entity, ENTITY_LABELS[entity][language], list(_cards(sections, entity, language))


def _door(one: Compartment, language: Language, shut: object) -> tuple[str, str, str, object]:
    return one.value, LABELS[one][language], HOLDS[one], shut


def _cards(sections: Mapping[Compartment, Any], entity: str, language: Language) -> Iterator[Mapping[str, Any]]:
    """Yield each entry once, its fields gathered from the compartments it is in, with the words as told."""
    gathered: dict[str, dict[str, Any]] = {}
    for body in sections.values():
        for entry in body.get(entity, ()):
            gathered.setdefault(entry["id"], {}).update(entry)
    told = sections.get(C.NARRATIVE, {}).get("told", ())
    for entry_id, entry in gathered.items():
        words = {one["field"]: one["words"] for one in told if one.get("entry") == entry_id}
        by = defaultdict(str, {one.name: said(one.kind, entry[one.name], language) for one in _shown(entity, entry)})
        lines = list(_lines(entity, entry, words, language))
        yield {"id": entry_id, "lines": lines, "by": by, "told": defaultdict(str, words)}


def _lines(
    entity: str, entry: Mapping[str, Any], words: Mapping[str, str], language: Language
) -> Iterator[tuple[str, str, str]]:
    for one in _shown(entity, entry):
        yield one.labels[language], said(one.kind, entry[one.name], language), words.get(one.name, "")


def _shown(entity: str, entry: Mapping[str, Any]) -> list[Field]:
    hidden = (Kind.INTERNAL, Kind.LINK)
    return [one for one in entity_fields(entity) if one.name in entry and one.kind not in hidden]


def _tags(head: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    status = [("stop", _label(head["status"], language))] if "status" in head else []
    return [*status, *(("", _label(theme, language)) for theme in head.get("themes", ()))]


def _consents(access: CaseAccess, language: Language) -> list[tuple[str, str, bool]]:
    stopped = consents.stopped(access.store, access.case_id)
    held = consents.effective(access)
    return [
        (PURPOSE_LABELS[one][language], DECISION_LABELS[value][language], one in stopped) for one, value in held.items()
    ]


def _readiness(access: CaseAccess, language: Language) -> list[tuple[str, str]]:
    """Readiness needs the identity opened; before that the page says so instead of counting it as missing."""
    if C.IDENTITY not in access.keys:
        return []
    return [(name, taking_out.readiness_of(access, name).sentence(language)) for name in ("wgeid", "dossier")]


def _label(code: str, language: Language) -> str:
    try:
        return label(code, language)
    except KeyError:
        return code
