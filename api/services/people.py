"""The people of a desk: everyone named in its cases, read from the records, a page at a time.

Promises to read whatever the desk's identity key opens. Must never tell who reads less, nor keep a name. An older
section put back is noticed at the door of its case, not here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from api.access.caller import Caller
from api.catalogue.compartments import Compartment
from api.crypto import Key, Shred
from api.errors import Forbidden, Tampered
from api.models.tables import Case, Section
from api.sealed import cases, shreds
from api.sealed.store import Store

IDENTITY = Compartment.IDENTITY
PAGE = 2_000


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


def _keys(caller: Caller, desk_id: str) -> Mapping[int, Key]:
    held = caller.keyring.desks.get(desk_id, ())
    return {epoch: key for one in held for (name, epoch), key in one.keys.items() if name is IDENTITY}
