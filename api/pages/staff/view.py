"""What the case page shows: labelled lines from the sections that the door opened.

Promises that a compartment not opened gives a shut door and nothing else. Must never print a code where words exist.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from fastapi.responses import HTMLResponse

from api.access.doors import CaseAccess, enter_case
from api.catalogue.compartments import HOLDS, LABELS, Compartment, Language
from api.catalogue.fields import ENTITY_LABELS, Field, Kind, entity_fields, form_fields, link_fields
from api.catalogue.purposes import DECISION_LABELS, PURPOSE_LABELS
from api.errors import NotFound, Tampered
from api.pages.staff.fields import Named, touches_reason
from api.pages.staff.frame import language_of, show
from api.pages.staff.naming import gathered, named, said, said_code, said_step
from api.pages.staff.timeline import timeline
from api.policy.actions import REASONS, Action, decide
from api.services import cases, consents, granting, joining, members, needs, openings, taking_out, writing_back
from api.services.filing import ERASURE_ASKED

C = Compartment
Sections = Mapping[Compartment, Any]
SHOWN = (
    "event",
    "act",
    "involvement",
    "information",
    "custody",
    "person",
    "relationship",
    "statement",
    "summary",
    "handling",
    "intervention",
    "reporter",
)
ADDED = (
    "custody",
    "act",
    "event",
    "involvement",
    "information",
    "person",
    "relationship",
    "statement",
    "summary",
    "handling",
    "intervention",
    "task",
    "deadline",
    "consent",
    "reporter",
)
# What stands beside an act of the entries that name it.
SAID_OF_ACTS = {
    "information": ("directness", "material_type", "date"),
    "involvement": ("body", "perpetrator_type", "degree"),
}
PROFILES = ("wgeid", "dossier")
RIGHTS = {
    "may_write": Action.CASE_WRITE,
    "may_grant": Action.CASE_GRANT,
    "may_take_out": Action.CASE_TAKE_OUT,
    "may_keep": Action.CASE_KEEP,
    "may_join": Action.CASE_JOIN,
    "may_answer": Action.CASE_GIVE_SUBJECT,
}


def case_page(
    access: CaseAccess,
    problems: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
    status: int = 422,
    alike: int = 0,
) -> HTMLResponse:
    """Return the page of a case; with `problems`, under `status`, what was refused and what had been typed.

    `alike` other cases may be of the same person.
    """
    context = dict(case_context(access, language_of(access.caller)))
    context |= {"problems": problems or {}, "values": values or {}, "alike": alike}
    title = str(context["view"].code)
    return show(access.caller, "case.html", title, "/cases", status if problems else 200, **context)


def case_context(access: CaseAccess, language: Language) -> Mapping[str, Any]:
    """Return the context of `staff/case.html`."""
    view = cases.read_case(access)
    facts, control = view.sections.get(C.FACTS, {}), view.sections.get(C.CONTROL, {})
    head = _head(view.sections)
    names = named(view.sections, language)
    writable = [entity for entity in ADDED if _writable(entity, access, names)]
    role, standing = access.caller.role, access.standing
    return {
        "case_id": access.case_id,
        "view": view,
        "title_line": head.get("title", view.code),
        "desk_name": view.desk,
        "stage": said_code(head["stage"], language) if "stage" in head else "",
        "tags": _tags(facts, head, language),
        "whole": list(_cards(view.sections, "case", names, language)),
        "svg": timeline(facts, language),
        "groups": [_group(view.sections, entity, names, language) for entity in SHOWN],
        "addable": [(entity, ENTITY_LABELS[entity][language]) for entity in writable],
        "with_reason": {entity for entity in SHOWN if touches_reason(entity)},
        "append_only": cases.APPEND_ONLY,
        "documents": view.sections.get(C.EVIDENCE, {}).get("document", ()),
        "accounts": _beside_acts(view.sections, "information", "supports", language),
        "involved": _beside_acts(view.sections, "involvement", "act", language),
        "writers": _writers(access, view.sections),
        "others": list(_others(access, language)),
        "tasks": [{**one, "what": said_step(one["what"], language)} for one in control.get("task", ())],
        "erasure_asked": any(map(_asks_erasure, control.get("task", ()))),
        "families": writing_back.families(access) if C.NARRATIVE in access.keys else (),
        "written": [(one["on"], one["text"]) for one in view.sections.get(C.NARRATIVE, {}).get("letter", ())],
        "deadlines": [replace(one, what=said_code(one.what, language)) for one in needs.deadlines(control, facts)],
        "doors": [_door(one, language, one in view.shut) for one in (*view.closed, *view.shut)],
        "consents": _consents(access, language),
        "readiness": _readiness(access, language),
        "holders": granting.who_can_open(access),
        "openings": _openings(access),
        "reasons": REASONS,
        **{name: decide(role, action, standing) for name, action in RIGHTS.items()},
    }


def told_of(sections: Sections, entry_id: str) -> dict[str, str]:
    """Return the words in which the dates of an entry were told, by field."""
    told = sections.get(C.NARRATIVE, {}).get("told", ())
    return {one["field"]: one["words"] for one in told if one.get("entry") == entry_id}


def _asks_erasure(task: Mapping[str, Any]) -> bool:
    return task["what"] == ERASURE_ASKED and "done_on" not in task


def _writable(entity: str, access: CaseAccess, names: Named) -> bool:
    """Say whether there is something to write into, and whatever an entry of this kind must name."""
    there = all(names.get(one.target or "") for one in link_fields(entity) if one.required)
    return there and any(one.compartment not in access.shut for one in form_fields(entity))


def _head(sections: Sections) -> dict[str, Any]:
    return next(iter(gathered(sections, "case").values()), {})


def _group(
    sections: Sections, entity: str, names: Named, language: Language
) -> tuple[str, str, list[Mapping[str, Any]]]:
    return entity, ENTITY_LABELS[entity][language], list(_cards(sections, entity, names, language))


def _others(access: CaseAccess, language: Language) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield what the other cases of this person say, each under its own code, to who holds keys of each."""
    known = joining.together(access)
    for case_id in filter(None, (known.stays, *known.others)):
        try:
            other = cases.read_case(enter_case(access.store, access.caller, case_id, Action.CASE_READ))
        except (NotFound, Tampered):
            continue
        names = named(other.sections, language)
        yield case_id, other.code, [_group(other.sections, entity, names, language) for entity in SHOWN]


def _door(one: Compartment, language: Language, shut: bool) -> tuple[str, str, str, bool]:
    return one.value, LABELS[one][language], HOLDS[one], shut


def _cards(sections: Sections, entity: str, names: Named, language: Language) -> Iterator[Mapping[str, Any]]:
    for entry_id, entry in gathered(sections, entity).items():
        words = told_of(sections, entry_id)
        shown = [(one, _value(one, entry[one.name], names, language)) for one in _shown(entity, entry)]
        by = defaultdict(str, {one.name: text for one, text in shown})
        lines = [(one.labels[language], text, words.get(one.name, "")) for one, text in shown if text]
        yield {"id": entry_id, "lines": lines, "by": by, "told": defaultdict(str, words)}


def _beside_acts(sections: Sections, entity: str, link: str, language: Language) -> dict[str, list[str]]:
    """Return by act what other entries say of it, each account for itself: none takes another's place."""
    found: dict[str, list[str]] = defaultdict(list)
    kinds = {one.name: one.kind for one in entity_fields(entity)}
    for entry in gathered(sections, entity).values():
        words = [said(kinds[name], entry[name], language) for name in SAID_OF_ACTS[entity] if name in entry]
        acts = entry.get(link, ())
        for act in acts if isinstance(acts, list) else [acts]:
            found[act].append(" · ".join(words))
    return found


def _writers(access: CaseAccess, sections: Sections) -> Mapping[str, Any]:
    """Return who wrote down each step of a chain of custody, by entry."""
    steps = sections.get(C.EVIDENCE, {}).get("handling", ())
    known = {one.id: one for one in members.members(access.store, access.caller)} if steps else {}
    return {one["id"]: known.get(one["by"]) for one in steps}


def _value(one: Field, value: Any, names: Named, language: Language) -> str:
    if one.kind is not Kind.LINK:
        return said(one.kind, value, language)
    labels = dict(names.get(one.target or "", ()))
    return " · ".join(filter(None, (labels.get(each, "") for each in (value if one.repeated else [value]))))


def _shown(entity: str, entry: Mapping[str, Any]) -> list[Field]:
    return [one for one in entity_fields(entity) if one.name in entry and one.kind is not Kind.INTERNAL]


def _tags(facts: Mapping[str, Any], head: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    bodies = dict.fromkeys(str(act["body"]) for act in facts.get("act", ()) if "body" in act)
    tags = [("stop", head["status"])] if "status" in head else []
    tags += [("", code) for code in (*head.get("themes", ()), *bodies)]
    tags += [("ok", head["verification"])] if "verification" in head else []
    return [(kind, said_code(code, language)) for kind, code in tags]


def _consents(access: CaseAccess, language: Language) -> list[tuple[str, str, str, bool, str]]:
    """Return for each use what holds, since which day ("" where nobody decided), whether it is stopped, its limits."""
    stopped = consents.stopped(access.store, access.case_id)
    entries = sorted(access.open(C.CONSENT).note.get("consent", ()), key=lambda one: str(one["on"]))
    since = {one["purpose"]: str(one["on"]) for one in entries}
    held = consents.effective(access)
    said = [(one, PURPOSE_LABELS[one][language], DECISION_LABELS[value][language]) for one, value in held.items()]
    limits = {one: str(consents.relied_on(access, one).get("withhold_from", "")) for one in held}
    return [(use, value, since.get(one.value, ""), one in stopped, limits[one]) for one, use, value in said]


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
