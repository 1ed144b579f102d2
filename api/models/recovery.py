"""Ceremonies of k trustees: what is to be done, and the shares that were brought to it, each sealed to the ceremony."""

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from api.crypto import Sealed
from api.models.tables import Id, Table


class Ceremony(Table):
    """One ceremony: its terms, fixed at the start; the half that shares are sealed to, the other half sealed away."""

    __tablename__ = "ceremony"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    day: Mapped[str] = mapped_column(String(10))
    shred_id: Mapped[str] = mapped_column(Id)
    terms: Mapped[Sealed]
    half: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret: Mapped[Sealed | None]


class Brought(Table):
    """One trustee's share, brought in an own session, under the ceremony's shred."""

    __tablename__ = "brought"
    ceremony_id: Mapped[str] = mapped_column(ForeignKey("ceremony.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[str] = mapped_column(Id, primary_key=True)
    sealed: Mapped[Sealed]
