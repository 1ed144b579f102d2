"""What has arrived: a line for each mailbox in which something waits.

Promises days, numbers and kinds. Must never show more of a letter: whoever wants to read it opens it, and the log says
so.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.access.caller import Caller
from api.errors import Erased, Forbidden, Tampered
from api.models.tables import Letter, Mailbox
from api.sealed import letters
from api.sealed.store import Store
from api.services import receiving

MOST_LOOKED = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of the inbox, nothing of what was said: `count` letters of the family, whether something was asked back,
    and whether the family asks for erasure."""

    mailbox_id: str
    day: str
    count: int
    accepted: bool
    asked: bool = False
    erasure: bool = False


def list_reports(store: Store, caller: Caller) -> tuple[Waiting, ...]:
    """Return what waits, oldest first, and of which kind it is where more than a first report can wait."""
    require_key(caller)
    query = (
        select(Mailbox.id, func.min(Letter.day), func.count(), Mailbox.for_intake.is_not(None))
        .join(Letter, Letter.mailbox_id == Mailbox.id)
        .where(Letter.intake_shred.is_not(None))
        .group_by(Mailbox.id, Mailbox.for_intake)
        .order_by(func.min(Letter.day), Mailbox.id)
    )
    with store.reading() as db:
        rows = db.execute(query).all()
        kinds = _kinds(db, store, caller, [row[0] for row in rows if row[2] > 1 or row[3]])
    return tuple(_line(row[0], row[1], row[2], kinds.get(row[0], ()), bool(row[3])) for row in rows)


def _kinds(db: Session, store: Store, caller: Caller, boxes: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the kinds of the letters that wait in some mailboxes; what does not fit is reported when it is opened.

    A lone letter is a report, and no flood of reports makes the list slow; beyond a bound nothing is looked at.
    """
    found: dict[str, list[str]] = {}
    query = select(Letter).where(Letter.mailbox_id.in_(boxes[:MOST_LOOKED]), Letter.intake_shred.is_not(None))
    for row in db.scalars(query.order_by(Letter.day.desc()).limit(MOST_LOOKED)):
        with suppress(Tampered, Erased):
            kind = str(letters.open_intake(db, store, caller.keyring.intake_openers(), row).note["kind"])
            found.setdefault(row.mailbox_id, []).append(kind)
    return found


def _line(mailbox_id: str, day: str, count: int, kinds: Sequence[str], accepted: bool) -> Waiting:
    asked = kinds.count(receiving.QUESTION)
    return Waiting(mailbox_id, day, count - asked, accepted, asked > 0, receiving.ERASURE in kinds)


def require_key(caller: Caller) -> None:
    """Raise Forbidden for who holds no key of the intake."""
    if not caller.keyring.intake:
        raise Forbidden
