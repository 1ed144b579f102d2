"""The audit log as auditors read it.

Promises the entries, page by page, to who holds the auditors' key, as long as the log is kept. Must never open a case.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.caller import Caller
from api.crypto import Key, Opener
from api.errors import Forbidden
from api.models.tables import Leaf
from api.sealed import entries, months
from api.sealed.store import Store

PAGE = 500


def newest(store: Store, caller: Caller, before: int | None = None, most: int = PAGE) -> list[Mapping[str, object]]:
    """Return up to `most` entries, newest first, older than the entry `before`; raises Forbidden without the key."""
    if not caller.keyring.auditors:
        raise Forbidden
    with store.reading() as db:
        return list(read(db, store, caller.keyring.auditors, before, most))


def read(
    db: Session, store: Store, held: Mapping[int, Key], before: int | None = None, most: int = PAGE
) -> Iterator[Mapping[str, object]]:
    """Yield the newest entries, newest first, to who holds these of the auditors' keys (by epoch)."""
    openers, known = {epoch: Opener(key) for epoch, key in held.items()}, months.read(db, store)
    kept = select(Leaf).where(Leaf.index >= known.first)
    older = kept if before is None else kept.where(Leaf.index < before)
    for leaf in db.scalars(older.order_by(Leaf.index.desc()).limit(most)):
        yield {"index": leaf.index, **entries.opened(leaf, openers, known.of(leaf.index))}
