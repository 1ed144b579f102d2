"""Who opened this and why: the panel of a case.

Promises the words of a reason only to who opened the same compartment. Must never show words that the log does
not name, nor fewer than it numbers.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.doors import CaseAccess, recording
from api.access.reasons import joined_digest, open_words, require_all
from api.catalogue.compartments import Compartment
from api.errors import Tampered
from api.models.tables import Leaf, Reason
from api.policy.actions import Action
from api.sealed.cases import reason_key


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening with a reason: which compartment, by which member in which role, on which day, why."""

    compartment: Compartment
    member_id: str
    role: str
    on: str
    code: str
    words: str = field(repr=False)


def openings(access: CaseAccess) -> tuple[Opening, ...]:
    """Return the openings of the compartments that this access opened, newest first; raises Tampered."""
    access.require(Action.CASE_READ)
    with recording(access.store, access.caller, access.case_id), access.store.snapshot() as db:
        rows = db.scalars(select(Reason).where(Reason.case_id == access.case_id).order_by(Reason.leaf.desc())).all()
        _check(db, rows)
        require_all(db, access.keys_until_now(Compartment.CONTROL), access.case_id, len({row.leaf for row in rows}))
    return tuple(_opening(access, row) for row in rows if row.compartment in access.keys)


def _check(db: Session, rows: Sequence[Reason]) -> None:
    """Hold each opening's words against the digest in its leaf: swapped or altered words name another opening."""
    leaves = db.scalars(select(Leaf).where(Leaf.index.in_({row.leaf for row in rows})))
    named = {leaf.index: leaf.reason_digest for leaf in leaves}
    for leaf, together in groupby(rows, key=lambda row: row.leaf):
        if named.get(leaf) != joined_digest({one.compartment: one.sealed for one in together}):
            raise Tampered


def _words(access: CaseAccess, compartment: Compartment, row: Reason) -> Mapping[str, Any]:
    """Open an opening's words, which lie under the compartment's key of their day; raises Tampered."""
    control = access.whole.control_shred
    for key in access.keys_until_now(compartment)[1:]:
        with suppress(Tampered):
            return open_words(reason_key(key, control, access.case_id, compartment), row)
    return open_words(access.reason_key(compartment), row)


def _opening(access: CaseAccess, row: Reason) -> Opening:
    compartment = Compartment(row.compartment)
    note = _words(access, compartment, row)
    return Opening(compartment, note["by"], note["role"], note["on"], note["code"], note["words"])
