"""The tables. What is not `SealedBytes` stands in the clear, and is on the list in `docs/threat-model.md`.

Promises random identifiers, days and months, versions and epochs, and ciphertext. Must never gain a column of
content, a time finer than a day, or a relation between a member and a case.
"""

from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, LargeBinary, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from api.crypto import Sealed
from api.models.columns import ById, SealedBytes

Id = String(26)
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(DeclarativeBase):
    """The declarative root; its metadata names every constraint, so that migrations can drop it."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {Sealed: SealedBytes}


class Group(Table):
    """One row: name, languages, founder's fingerprint, under the deployment secret."""

    __tablename__ = "group"
    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[Sealed]


class Member(Table):
    """A member's public record, signed by an administrator, and the member's own seeds, wrapped."""

    __tablename__ = "member"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    login_digest: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    receive: Mapped[bytes] = mapped_column(LargeBinary)
    verify: Mapped[bytes] = mapped_column(LargeBinary)
    signer: Mapped[str | None] = mapped_column(Id)
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    shred_id: Mapped[str] = mapped_column(Id)
    seeds: Mapped[Sealed]
    printed_seeds: Mapped[Sealed | None]
    label: Mapped[Sealed]


class Invitation(Table):
    """A code, digested under the deployment secret, that lets one person make their own keys once."""

    __tablename__ = "invitation"
    code_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed: Mapped[Sealed]


class SignedIn(ById, Table):
    """A session or an access token: its secret is with the client alone."""

    __tablename__ = "session"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(Id, index=True)
    shred_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(8))
    head: Mapped[Sealed]


class SessionKey(ById, Table):
    """One grant of one session, wrapped under the session's secret, its shred and the grant's shred."""

    __tablename__ = "session_key"
    session_id: Mapped[str] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), primary_key=True)
    grant_id: Mapped[str] = mapped_column(Id, primary_key=True)
    sealed: Mapped[Sealed]


class Grant(ById, Table):
    """Keys sealed to one person, under a shred; never says for which case or desk."""

    __tablename__ = "grant"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    member_id: Mapped[str] = mapped_column(Id, index=True)
    shred_id: Mapped[str] = mapped_column(Id)
    sealed: Mapped[Sealed]


class Office(Table):
    """The public half of the intake, the auditors or the recovery, by epoch."""

    __tablename__ = "office"
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    public: Mapped[bytes] = mapped_column(LargeBinary)
    signer: Mapped[str] = mapped_column(Id)
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class Desk(Table):
    """A desk: its name under the deployment secret, its roster under the desk's own key."""

    __tablename__ = "desk"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    epoch: Mapped[int]
    version: Mapped[int]
    name: Mapped[Sealed]
    roster: Mapped[Sealed]


class Case(Table):
    """A case: its desk, the epoch of the desk's keys that its own derive from (`behind` names exceptions), manifest."""

    __tablename__ = "case"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    desk_id: Mapped[str] = mapped_column(ForeignKey("desk.id"))
    epoch: Mapped[int]
    behind: Mapped[str] = mapped_column(String(40), default="")
    version: Mapped[int]
    manifest: Mapped[Sealed]
    __table_args__ = (Index("ix_case_desk_id_id", "desk_id", "id"),)


class Section(Table):
    """One compartment of one case: its body under the key HKDF(case key, shred)."""

    __tablename__ = "section"
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), primary_key=True)
    compartment: Mapped[str] = mapped_column(String(16), primary_key=True)
    version: Mapped[int]
    shred_id: Mapped[str] = mapped_column(Id)
    body: Mapped[Sealed]


class File(ById, Table):
    """A sealed file in the blob folder: its key travels in the section or the letter that names it."""

    __tablename__ = "file"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    shred_id: Mapped[str] = mapped_column(Id)


class Reason(Table):
    """The words of the reason for an opening, under the compartment that was opened; gone with the case."""

    __tablename__ = "reason"
    leaf: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    compartment: Mapped[str] = mapped_column(String(16), primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, index=True)
    sealed: Mapped[Sealed]


class Leaf(Table):
    """A leaf of the audit log: an entry sealed to the auditors, or a public one from before they had a key."""

    __tablename__ = "log_leaf"
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[Sealed | None]
    public: Mapped[str | None] = mapped_column(String(400))
    tag: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    reason_digest: Mapped[bytes | None] = mapped_column(LargeBinary)


class LogHead(Table):
    """One row: the size and the frontier of the log, authenticated under the deployment secret."""

    __tablename__ = "log_head"
    id: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[int]
    peaks: Mapped[bytes] = mapped_column(LargeBinary)
    mac: Mapped[bytes] = mapped_column(LargeBinary)


class ShredRoot(Table):
    """One row: the root under the erasure secret, the bucket keys and the note under the root."""

    __tablename__ = "shred_root"
    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    root: Mapped[Sealed]
    buckets: Mapped[Sealed]
    note: Mapped[Sealed]


class ShredRow(ById, Table):
    """A shred under its bucket's key; due month or day, and hold, are bound to it."""

    __tablename__ = "shred"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    bucket: Mapped[int]
    due: Mapped[str | None] = mapped_column(String(10))
    held: Mapped[bool]
    sealed: Mapped[Sealed]


class Mailbox(ById, Table):
    """A reporter's mailbox: hashed locator, public half, the way to the case for each side, `mac` over all."""

    __tablename__ = "mailbox"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    locator: Mapped[str] = mapped_column(String(64), unique=True)
    public: Mapped[bytes] = mapped_column(LargeBinary)
    day: Mapped[str] = mapped_column(String(10))
    for_reporter: Mapped[Sealed | None]
    for_intake: Mapped[Sealed | None]
    mac: Mapped[bytes] = mapped_column(LargeBinary)


class Letter(ById, Table):
    """A report, question, answer or decision: one copy for the intake, one for the reporter, a shred each."""

    __tablename__ = "letter"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    mailbox_id: Mapped[str] = mapped_column(ForeignKey("mailbox.id", ondelete="CASCADE"), index=True)
    day: Mapped[str] = mapped_column(String(10))
    intake_epoch: Mapped[int]
    intake_shred: Mapped[str | None] = mapped_column(Id)
    intake_copy: Mapped[Sealed | None]
    reporter_shred: Mapped[str] = mapped_column(Id)
    reporter_copy: Mapped[Sealed]


class Erasure(ById, Table):
    """The register of erasures, revocations and suspensions: random identifiers that no backup may bring back."""

    __tablename__ = "erasure"
    shred_id: Mapped[str] = mapped_column(Id, primary_key=True)
    day: Mapped[str] = mapped_column(String(10))


class ShredBackup(Table):
    """A backup of the erasure secrets that is still out there, and until when it must be destroyed."""

    __tablename__ = "shred_backup"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    day: Mapped[str] = mapped_column(String(10))
    destroy_by: Mapped[str] = mapped_column(String(10))
