"""Answers that are remembered, so that a creation which was sent twice is done once.

Promises that an answer opens only in the session that got it, to the same request once more, and that no row says whose
it is. Must never remember longer than two nights, nor do a thing again whose first attempt may have been done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.access.caller import Caller
from api.crypto import Key, Parcel, place, unwrap_parcel, wrap_parcel
from api.errors import KeyReused, Tampered, Unfinished
from api.models.answers import Answer
from api.sealed.store import Store

Note = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A creation that carries a key: the row's name, and the key that only the same request gives."""

    id: str
    key: Key = field(repr=False)


def asked(caller: Caller, key: str, request: str, body: bytes) -> Asked:
    """Return what names a creation: the client's key under the session's secret; `request` is method and address."""
    name, said = place("answer", key), caller.answers.mac(place("asked", key, request), body)
    return Asked(caller.answers.mac(name).hex(), caller.answers.derive(place("answer", key, said.hex())))


def claim(store: Store, wanted: Asked) -> Note | None:
    """Return the answer that was given before, or None when this attempt is the first, and is noted.

    Raises KeyReused for another request under the same key, and Unfinished while the first attempt runs or after it
    was broken off: nobody can tell whether it was done.
    """
    try:
        with store.writing() as db:
            row = db.get(Answer, wanted.id)
            if row is None:
                db.add(Answer(id=wanted.id, aged=False, sealed=_sealed(wanted, {})))
                return None
            return _opened(wanted, row)
    except IntegrityError:
        # Two at the same moment: the other one was first.
        raise Unfinished from None


def keep(store: Store, wanted: Asked, answer: Note) -> None:
    """Remember what was answered."""
    with store.writing() as db:
        db.execute(update(Answer).where(Answer.id == wanted.id).values(sealed=_sealed(wanted, answer)))


def release(store: Store, wanted: Asked) -> None:
    """Forget an attempt that was refused: nothing was done, and the same key may be used again."""
    with store.writing() as db:
        db.execute(delete(Answer).where(Answer.id == wanted.id))


def forget_old(db: Session) -> None:
    """Drop what the night before has already seen; inside the nightly run."""
    db.execute(delete(Answer).where(Answer.aged))
    db.execute(update(Answer).values(aged=True))


def _opened(wanted: Asked, row: Answer) -> Note:
    try:
        note = unwrap_parcel(wanted.key, place("answer", row.id), row.sealed).note
    except Tampered:
        raise KeyReused from None
    if not note:
        raise Unfinished
    return note


def _sealed(wanted: Asked, note: Note) -> Any:
    return wrap_parcel(wanted.key, place("answer", wanted.id), Parcel(note))
