"""How offices' keys follow each other, and who holds them. What is not sealed is a kind, a number or a signature."""

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from api.crypto import Sealed
from api.models.tables import Table


class Succession(Table):
    """What an office's key says of the one that follows it: whoever pinned an older key can go along."""

    __tablename__ = "succession"
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class OfficeRoster(Table):
    """Who holds the intake's or the auditors' key, under that key."""

    __tablename__ = "office_roster"
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    version: Mapped[int]
    roster: Mapped[Sealed]
