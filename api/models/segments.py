"""The tables of the projection by which cases are listed, counted and searched.

Promises the same as `tables`. Must never be the only place of anything.
"""

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from api.crypto import Sealed
from api.models.tables import Id, Table


class Segment(Table):
    """A piece of the projection of a desk's cases, under a shred of its own: closed, or open for what is written next.

    `holds` are the first eight bytes of the identifiers of the cases in a closed one, so that erasing finds it without
    a key. One whose shred is gone waits to be made again.
    """

    __tablename__ = "segment"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    desk_id: Mapped[str] = mapped_column(ForeignKey("desk.id"))
    kind: Mapped[str] = mapped_column(String(16))
    epoch: Mapped[int]
    open: Mapped[bool]
    shred_id: Mapped[str] = mapped_column(Id)
    holds: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (Index("ix_segment_desk_id_kind", "desk_id", "kind"),)


class SegmentPart(Table):
    """What of a segment lies under one compartment's key: columns, or in an open one the list of the closed."""

    __tablename__ = "segment_part"
    segment_id: Mapped[str] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True)
    compartment: Mapped[str] = mapped_column(String(16), primary_key=True)
    sealed: Mapped[Sealed]


class TailRow(Table):
    """A row that was written since its desk's segments were last sorted, under the open segment's shred."""

    __tablename__ = "tail"
    segment_id: Mapped[str] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, primary_key=True)
    compartment: Mapped[str] = mapped_column(String(16), primary_key=True)
    sealed: Mapped[Sealed]
