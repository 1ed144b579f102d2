"""What was answered to creations: a table of its own, since no other table points to it, nor it to any.

Promises that a row says neither whose it is nor what was asked. Must never gain a column that does.
"""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from api.crypto import Sealed
from api.models.tables import Table


class Answer(Table):
    """What was answered to a creation, under the session's secret and the request; says neither whose nor which."""

    __tablename__ = "answer"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    aged: Mapped[bool]
    sealed: Mapped[Sealed]
