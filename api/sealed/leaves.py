"""Leaves of the log by their tag: what was committed in this version, and whether a next one was.

Promises to say what the log says at this moment. Must never tell what a leaf holds.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.models.tables import Table
from api.sealed.prepared import Listed

LEAF = Table.metadata.tables["log_leaf"].c
TAGGED = Listed(select(LEAF.tag, LEAF.reason_digest), LEAF.tag)


def tagged(db: Session, tags: Sequence[bytes]) -> list[tuple[bytes, bytes | None]]:
    """Return, of the leaves that carry one of the tags, the tag and the digest."""
    return [(tag, digest) for tag, digest in TAGGED.all(db, tags)]
