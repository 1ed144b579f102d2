"""What somebody with the database does: rows read, edited and put back behind the product's back."""

from typing import Any

from sqlalchemy import func, select, update

from api.models.tables import Grant, Member, Office, Table
from api.sealed.store import Store


def columns(store: Store, member_id: str) -> dict[str, Any]:
    """Return a member's row as it stands."""
    with store.reading() as db:
        row = db.get_one(Member, member_id)
        return {column.key: getattr(row, column.key) for column in Member.__table__.columns}


def edit(store: Store, member_id: str, **values: Any) -> None:
    """Edit a member's row, as SQL would."""
    with store.writing() as db:
        db.execute(update(Member).where(Member.id == member_id).values(**values))


def edit_office(store: Store, kind: str, **values: Any) -> None:
    """Edit an office's row."""
    with store.writing() as db:
        db.execute(update(Office).where(Office.kind == kind).values(**values))


def count(store: Store, table: type[Table]) -> int:
    """Return how many rows a table has."""
    with store.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def grants_held(store: Store, member_id: str) -> list[str]:
    """Return the ids of a member's grants."""
    with store.reading() as db:
        return list(db.scalars(select(Grant.id).where(Grant.member_id == member_id)))
