"""What may outlive a case: a table of its own, since no other table points to it, nor it to any.

Promises that the copy is found without a key when its case is erased. Must never gain a column of content.
"""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from api.crypto import Sealed
from api.models.tables import Table


class Remains(Table):
    """The coarse facts of a closed case, under the desk's key of an epoch and a shred of their own."""

    __tablename__ = "remains"
    case_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(26), index=True)
    epoch: Mapped[int]
    shred_id: Mapped[str] = mapped_column(String(26))
    sealed: Mapped[Sealed]
