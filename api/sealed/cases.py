"""Sections and manifests: a case as at most nine sealed parts and one signed list of them.

Promises that a part opens only in its own case, compartment and version, and that a part which was altered, moved,
put back or taken away does not fit the list. Must never decide who may open: that is `access`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.catalogue.compartments import Compartment
from api.crypto import (
    Context,
    Key,
    Parcel,
    Sealed,
    Shred,
    Signer,
    VerifyKey,
    place,
    unwrap_parcel,
    wrap_parcel,
)
from api.errors import Erased, Tampered
from api.models.tables import Erasure, Section, ShredRow
from api.sealed import registers
from api.sealed.store import Store


@dataclass(frozen=True, slots=True)
class Part:
    """What the manifest says of one section: its version, the SHA-256 of its sealed body (hex), its shred's row."""

    version: int
    digest: str
    shred_id: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The list of a case's parts, by the member who wrote it; `files` are identifiers of sealed files.

    `epoch` and `behind` say under which of the desk's keys they lie; epoch 0: written before manifests said so.
    """

    desk_id: str
    version: int
    by: str
    parts: Mapping[Compartment, Part]
    files: tuple[str, ...] = ()
    epoch: int = 0
    behind: str = ""
    signature: str = field(default="", repr=False)

    def note(self) -> dict[str, Any]:
        """Return the note that is signed."""
        sections = {str(name): [part.version, part.digest, part.shred_id] for name, part in self.parts.items()}
        files = sorted(self.files)
        return {
            "desk": self.desk_id,
            "version": self.version,
            "by": self.by,
            "sections": sections,
            "files": files,
            **({"epoch": self.epoch, "behind": self.behind} if self.epoch else {}),
        }


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case's row as it was read."""

    id: str
    desk_id: str
    epoch: int
    behind: str
    version: int
    manifest: Sealed = field(repr=False)


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A section's row as it was read."""

    compartment: str
    version: int
    shred_id: str
    body: Sealed = field(repr=False)

    def of_case(self, case_id: str) -> Mapping[str, Any]:
        """Return the columns of the row of this case."""
        return {"case_id": case_id, **{name: getattr(self, name) for name in self.__slots__}}


def case_key(desk_key: Key, case_id: str, compartment: Compartment) -> Key:
    """Return k, the key of one compartment of one case, from the desk's key of the case's epoch."""
    return desk_key.derive(place("case", case_id, compartment))


def section_key(key: Key, shred: Shred, case_id: str, compartment: Compartment) -> Key:
    """Return the use key of a section: without k or without the shred nothing opens."""
    return key.with_shred(shred, place("section", case_id, compartment))


def reason_key(key: Key, shred: Shred, case_id: str, compartment: Compartment) -> Key:
    """Return the key for the words of reasons: k of the compartment, with the shred of the control section."""
    return key.with_shred(shred, place("reason", case_id, compartment))


def version_tag(control: Key, case_id: str, version: int) -> bytes:
    """Return the tag of the log leaf that every version of a case commits with."""
    return control.mac(place("tag", "case", case_id, version))


def seal_section(use: Key, case_id: str, compartment: Compartment, version: int, parcel: Parcel) -> Sealed:
    """Seal a section's body, with the keys of the files it names, as of `version`."""
    return wrap_parcel(use, _section(case_id, compartment, version), parcel)


def open_section(use: Key, case_id: str, compartment: Compartment, version: int, body: Sealed) -> Parcel:
    """Open what `seal_section` made; raises Tampered for another place, version or key."""
    return unwrap_parcel(use, _section(case_id, compartment, version), body)


def part_of(section: Section | SectionRow) -> Part:
    """Return what a manifest would have to say of this row."""
    return Part(section.version, hashlib.sha256(section.body.blob).hexdigest(), section.shred_id)


def write_manifest(control_use: Key, case_id: str, manifest: Manifest, signer: Signer) -> Sealed:
    """Sign the manifest and wrap it under the control section's use key."""
    where, note = place("case", case_id, manifest.version), manifest.note()
    note["signature"] = signer.sign(where, _canonical(note)).hex()
    return wrap_parcel(control_use, where, Parcel(note))


def read_manifest(control_use: Key, case_id: str, version: int, sealed: Sealed) -> Manifest:
    """Open a manifest, which is to be believed only after `check_signature` and `check_manifest`; raises Tampered."""
    note = unwrap_parcel(control_use, place("case", case_id, version), sealed).note
    parts = {Compartment(name): Part(*values) for name, values in note["sections"].items()}
    under = (note.get("epoch", 0), note.get("behind", ""))
    return Manifest(note["desk"], note["version"], note["by"], parts, tuple(note["files"]), *under, note["signature"])


def check_signature(case_id: str, manifest: Manifest, writer: VerifyKey) -> None:
    """Raise Tampered unless `writer` signed this manifest."""
    where = place("case", case_id, manifest.version)
    writer.verify(where, _canonical(manifest.note()), bytes.fromhex(manifest.signature))


def check_manifest(manifest: Manifest, found: Mapping[Compartment, Part]) -> None:
    """Raise Tampered unless the parts found are exactly those that the signed manifest lists.

    A part that is missing, that nobody listed, or that is of another version or digest is a misfit.
    """
    if dict(manifest.parts) != dict(found):
        raise Tampered


def version_tags(control: Key, case_id: str, version: int) -> tuple[bytes, bytes]:
    """Return the tags of the leaves of a version and of the next."""
    return version_tag(control, case_id, version), version_tag(control, case_id, version + 1)


def require_newest(tags: tuple[bytes, bytes], leaves: Iterable[tuple[bytes, bytes | None]]) -> None:
    """Raise Tampered unless, of the leaves (tag, digest), one is of this version and none of the next.

    The next one's leaf betrays that an older state of the whole case was put back.
    """
    if {tag for tag, _ in leaves if tag in tags} != {tags[0]}:
        raise Tampered


def require_shreds(db: Session, wanted: Iterable[str], fetched: Mapping[str, Shred]) -> None:
    """Raise Erased when a missing shred is in the register of erasures, Tampered when it was just taken away."""
    missing = [shred_id for shred_id in wanted if shred_id not in fetched]
    if missing:
        known = set(db.scalars(select(Erasure.shred_id).where(Erasure.shred_id.in_(missing))))
        raise Erased if known == set(missing) else Tampered


def require_gone(db: Session, store: Store, shred_ids: Sequence[str]) -> None:
    """Raise Tampered unless these shreds were destroyed and entered into the register of erasures.

    Who takes a section away, its shred, too, and writes a line into the register does not know the register's tally.
    """
    if not shred_ids:
        return
    registers.require_entered(db, store, shred_ids)
    if db.scalar(select(ShredRow.id).where(ShredRow.id.in_(shred_ids)).limit(1)) is not None:
        raise Tampered


def _section(case_id: str, compartment: Compartment, version: int) -> Context:
    return place("section", case_id, compartment, version)


def _canonical(note: Mapping[str, Any]) -> bytes:
    unsigned = {name: value for name, value in note.items() if name != "signature"}
    return json.dumps(unsigned, sort_keys=True, separators=(",", ":")).encode()
