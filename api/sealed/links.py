"""Which mailboxes belong to which case: so that erasing finds a family's letters without any key.

Promises that a row which was put back, taken away or put in is refused: every change gives its bucket a fresh key,
which lies under the shred root. Must never be written outside of `erasing`: only then does the older key open no more.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from api.crypto import Context, Key, Parcel, place, unwrap_parcel, wrap_parcel
from api.errors import Tampered
from api.models.links import MailboxLinks
from api.sealed import roots
from api.sealed.store import Store

Links = Mapping[str, list[str]]
# What the name of a bucket's key begins with, beside the bucket keys under the root.
LINKS = "links:"
# Where they stood before they had rows of their own: in the note under the root.
EARLIER = "mailboxes"


def mailboxes(db: Session, store: Store, case_id: str) -> list[str]:
    """Return the mailboxes of a case; raises Tampered for a bucket that is not what was last written."""
    return list(_read(db, store, roots.bucket_of(case_id)).get(case_id, ()))


def every(db: Session, store: Store) -> Links:
    """Return all links; raises Tampered."""
    named = {int(name.removeprefix(LINKS)) for name in roots.beside(db, store) if name.startswith(LINKS)}
    buckets = named.union(db.scalars(select(MailboxLinks.bucket)))
    return {case: boxes for bucket in sorted(buckets) for case, boxes in _read(db, store, bucket).items()}


def write(db: Session, store: Store, case_id: str, boxes: Iterable[str]) -> None:
    """Replace the mailboxes of one case, none to drop it; inside `erasing`."""
    bucket, key = roots.bucket_of(case_id), Key.fresh()
    linked = {**_read(db, store, bucket), case_id: sorted(set(boxes))}
    kept = {case: listed for case, listed in linked.items() if listed}
    roots.lay_beside(db, f"{LINKS}{bucket}", key)
    db.execute(delete(MailboxLinks).where(MailboxLinks.bucket == bucket))
    db.execute(insert(MailboxLinks).values(bucket=bucket, sealed=wrap_parcel(key, _where(bucket), Parcel(kept))))


def adopt(db: Session, store: Store) -> None:
    """Give the links of an older store their rows, in its first `erasing`: a family's letters must be found by them."""
    earlier: Links = roots.take(db, store, EARLIER) or {}
    for case_id, boxes in earlier.items():
        write(db, store, case_id, {*boxes, *mailboxes(db, store, case_id)})


def _read(db: Session, store: Store, bucket: int) -> Links:
    key = roots.beside(db, store).get(f"{LINKS}{bucket}")
    sealed = db.scalar(select(MailboxLinks.sealed).where(MailboxLinks.bucket == bucket))
    if key is None and sealed is None:
        return {}
    if key is None or sealed is None:
        raise Tampered
    return unwrap_parcel(key, _where(bucket), sealed).note


def _where(bucket: int) -> Context:
    return place("mailbox_links", bucket)
