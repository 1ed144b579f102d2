"""The table of imports at work. Each row goes when its import is done; what is not sealed is random or a number."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from api.crypto import Sealed
from api.models.tables import Id, Table


class Import(Table):
    """An import at work: the key of its table, its mapping and the place in it, under the desk's key of sources."""

    __tablename__ = "import"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    desk_id: Mapped[str] = mapped_column(ForeignKey("desk.id"), index=True)
    epoch: Mapped[int]
    version: Mapped[int]
    shred_id: Mapped[str] = mapped_column(Id)
    sealed: Mapped[Sealed]
