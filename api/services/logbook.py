"""The audit log as auditors read it.

Promises the entries, page by page, to who holds the auditors' key, as long as the log is kept. Must never open a case.
"""

import json
from collections.abc import Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.caller import Caller
from api.crypto import Key, Opener
from api.errors import Forbidden, Tampered
from api.models.tables import Leaf
from api.sealed import chains, months
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
    leaves = db.scalars(older.order_by(Leaf.index.desc()).limit(most)).all()
    needed = {chains.first_of(leaf.sealed) for leaf in leaves if leaf.sealed}
    firsts = db.execute(select(Leaf.index, Leaf.sealed).where(Leaf.index.in_(needed - {None})))
    reader = chains.Reader(openers, known, {index: sealed for index, sealed in firsts if sealed})
    yield from ({"index": leaf.index, **_said(reader, leaf)} for leaf in leaves)


def _said(reader: chains.Reader, leaf: Leaf) -> Mapping[str, object]:
    if leaf.sealed is None:
        return dict(json.loads(leaf.public or "{}"))
    try:
        return reader.read(leaf.index, leaf.sealed)
    except Tampered:
        return {"verb": "log:unreadable"}
