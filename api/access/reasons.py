"""Why a case was opened: a code for the auditors, words for those who may open what was opened.

Promises that the words are sealed under the compartment that was opened, and named by the leaf's digest; and that
openings are numbered by the tags of their leaves under the control key: rows that were taken away are missed. Must
never be read by who holds another compartment: a lawyer must not learn why the source was opened.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.clock import today
from api.crypto import Context, Key, Sealed, place, unwrap, wrap
from api.errors import Invalid, ReasonMissing, Tampered
from api.models.tables import Reason, Table
from api.policy.actions import Action, reasons_for
from api.sealed.leaves import tagged
from api.sealed.prepared import Prepared
from api.sealed.store import Store

LONGEST = 300
TOLD = select(func.count(Reason.leaf.distinct())).where(Reason.case_id == bindparam("case"))
NEW_ROW = Prepared(insert(Table.metadata.tables["reason"]), ("leaf", "compartment", "case_id", "sealed"))


@dataclass(frozen=True, slots=True)
class Why:
    """A reason: its code, and one line of the opener's words."""

    code: str = ""
    words: str = ""

    @classmethod
    def checked(cls, action: Action, code: str, words: str) -> "Why":
        """Return the reason; raises ReasonMissing for a code not of `action`, Invalid for more than one plain line."""
        if code and code not in reasons_for(action):
            raise ReasonMissing
        # Not printable covers line ends, control characters, right-to-left overrides and broken Unicode.
        if len(words) > LONGEST or not words.isprintable():
            raise Invalid({"words": "not-a-line"})
        return cls(code, words)


def log_opening(
    db: Session,
    store: Store,
    caller: Caller,
    entry: Entry,
    keys: Mapping[Compartment, Key],
    why: Why,
    control: Sequence[Key] = (),
) -> None:
    """Append the entry of an opening, with its words beside the case under each of `keys`.

    `control` are the case's control keys, the newest first, for the number of an opening that has words.
    """
    note = _note(caller, why)
    words = {name.value: wrap(key, _where(entry.case, name), note) for name, key in sorted(keys.items())}
    tag = _next_tag(db, control, entry.case) if words else None
    leaf = audit.append(db, store, entry, tag, joined_digest(words) if words else None)
    rows = [{"leaf": leaf, "compartment": name, "case_id": entry.case, "sealed": one} for name, one in words.items()]
    NEW_ROW.run_each(db, rows)


def require_all(db: Session, control: Sequence[Key], case_id: str, told: int) -> None:
    """Raise Tampered where the log has a later opening than the `told` ones that lie beside the case."""
    if _taken(db, control, case_id, told + 1):
        raise Tampered


def joined_digest(words: Mapping[str, Sealed]) -> bytes:
    """Return the digest by which one leaf names all rows of one opening, given by compartment."""
    return hashlib.sha256(b"".join(sealed.blob for _, sealed in sorted(words.items()))).digest()


def open_words(key: Key, row: Reason) -> dict[str, Any]:
    """Return what was written beside an opening: `by`, `role`, `on`, `code`, `words`; raises Tampered."""
    return dict(json.loads(unwrap(key, _where(row.case_id, row.compartment), row.sealed)))


def _next_tag(db: Session, control: Sequence[Key], case_id: str) -> bytes:
    """Return the tag of the next opening: past each number that was given, so that what was taken out stays missed."""
    number = (db.scalar(TOLD, {"case": case_id}) or 0) + 1
    while _taken(db, control, case_id, number):
        number += 1
    return _tag(control[0], case_id, number)


def _taken(db: Session, control: Sequence[Key], case_id: str, number: int) -> bool:
    return bool(tagged(db, [_tag(key, case_id, number) for key in control]))


def _tag(control: Key, case_id: str, number: int) -> bytes:
    return control.mac(place("tag", "opening", case_id, number))


def _note(caller: Caller, why: Why) -> bytes:
    note = {"by": caller.member_id, "role": caller.role, "on": today().isoformat(), "code": why.code}
    return json.dumps({**note, "words": why.words}, ensure_ascii=False).encode()


def _where(case_id: str, compartment: str) -> Context:
    return place("reason", case_id, compartment)
