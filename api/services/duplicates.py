"""Seen before? An exact scan of the folded names of a desk's cases.

Promises short codes and what agrees, nothing else of another case; a person decides. Must never merge by itself, nor
leave a name or its folded form anywhere. An older section put back is noticed at the door of its case, not here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from api import audit
from api.access.caller import Caller
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.crypto import Key, Shred
from api.errors import Forbidden, Tampered
from api.ids import short_code
from api.models.tables import Case, Section
from api.names.fold import same_folded
from api.sealed import cases, shreds
from api.sealed.store import Store

IDENTITY = Compartment.IDENTITY
NAMES = ("name", "name_latin")
PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Seen:
    """A case in which the same name stands: its id, its code, and which field agrees."""

    case: str
    code: str
    agrees: str


def seen_before(store: Store, caller: Caller, desk_id: str, name: str) -> tuple[Seen, ...]:
    """Return the desk's cases that name the same person, however spelled; logged before anything is opened.

    Raises Forbidden without the desk's identity key. A section that does not open is left to the door to report.
    """
    keys = _keys(caller, desk_id)
    if not keys:
        raise Forbidden
    audit.record(
        store, Entry("report:seen-before", caller.member_id, compartments=(IDENTITY,), reason="check-duplicate")
    )
    found = (_match(case_id, note, name) for case_id, note in _names(store, desk_id, keys))
    return tuple(sorted((one for one in found if one), key=lambda one: one.code))


def people_of(store: Store, caller: Caller, desk_id: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (case id, person) for everyone named in the desk's cases, a page at a time; the caller has logged it.

    Raises Forbidden without the desk's identity key.
    """
    keys = _keys(caller, desk_id)
    if not keys:
        raise Forbidden
    for case_id, note in _names(store, desk_id, keys):
        for person in note.get("person", ()):
            yield case_id, person


def _names(store: Store, desk_id: str, keys: Mapping[int, Key]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    query = (
        select(Case.id, Case.epoch, Section)
        .join(Section, Section.case_id == Case.id)
        .where(Case.desk_id == desk_id, Section.compartment == IDENTITY.value, Case.epoch.in_(list(keys)))
        .order_by(Case.id)
        .limit(PAGE)
    )
    last = ""
    while rows := _page(store, query.where(Case.id > last), keys):
        last = rows[-1][0]
        yield from ((case_id, note) for case_id, note in rows if note)


def _page(store: Store, query: Any, keys: Mapping[int, Key]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return a page of cases with their identity section, empty where it does not open."""
    with store.reading() as db:
        rows = db.execute(query).all()
        alive = shreds.fetch(db, store, [section.shred_id for _, _, section in rows])
    return [(case_id, _opened(keys[epoch], case_id, section, alive)) for case_id, epoch, section in rows]


def _opened(desk_key: Key, case_id: str, section: Section, alive: Mapping[str, Shred]) -> Mapping[str, Any]:
    if section.shred_id not in alive:
        return {}
    key = cases.case_key(desk_key, case_id, IDENTITY)
    return _open(cases.section_key(key, alive[section.shred_id], case_id, IDENTITY), case_id, section)


def _open(use: Key, case_id: str, section: Section) -> Mapping[str, Any]:
    try:
        return cases.open_section(use, case_id, IDENTITY, section.version, section.body).note
    except Tampered:
        return {}


def _match(case_id: str, note: Mapping[str, Any], name: str) -> Seen | None:
    for person in note.get("person", ()):
        said = [*(str(person.get(one, "")) for one in NAMES), *map(str, person.get("other_names", ()))]
        if any(one and same_folded(one, name) for one in said):
            return Seen(case_id, short_code(case_id), "name")
    return None


def _keys(caller: Caller, desk_id: str) -> Mapping[int, Key]:
    held = caller.keyring.desks.get(desk_id, ())
    return {epoch: key for one in held for (name, epoch), key in one.keys.items() if name is IDENTITY}
