"""A thief with every copy and every secret: old rows and today's, old blobs, passphrases, receipts, tokens, shares.

Asks no service and obeys no check: tries each key that was found on each row that was found, of whatever day.
"""

import contextlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from api.catalogue.compartments import Compartment
from api.columns.frame import opened as opened_frame
from api.columns.frame import read_ids
from api.columns.kinds import KINDS
from api.crypto import (
    Key,
    Opener,
    Parcel,
    Sealed,
    Shred,
    open_parcel,
    place,
    unwrap,
    unwrap_key,
    unwrap_parcel,
    unwrap_shred,
)
from api.crypto.people import join, key_of, receipt_keys
from api.crypto.stream import open_stream
from api.errors import Refused
from api.models.tables import Table
from api.sealed.cases import case_key, open_section, reason_key, section_key
from api.sealed.store import Store
from api.services.members import unwrap_seeds

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Copy:
    """All rows of all tables and all blobs, as they were at one moment."""

    rows: Rows
    blobs: Mapping[str, bytes]


@dataclass
class Loot:
    """What was opened: by place, with what it said."""

    said: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def kinds(self) -> set[str]:
        """Return of which kinds something was opened."""
        return {name.split(":")[0] for name in self.said} | ({"file"} if self.files else set())

    def holds(self, word: str) -> list[str]:
        """Return the places where a word was read."""
        found = [name for name, text in self.said.items() if word in text]
        return found + [name for name, content in self.files.items() if word.encode() in content]


def copied(store: Store) -> Copy:
    """Copy everything that a backup of the database and of the blobs would hold."""
    with store.reading() as db:
        rows = {
            name: [dict(row._mapping) for row in db.execute(select(table))]
            for name, table in Table.metadata.tables.items()
        }
    return Copy(rows, {path.name: path.read_bytes() for path in store.blobs.iterdir()})


@dataclass
class Thief:
    """Who holds these copies, this machine's folder of secrets, and all that its people know."""

    copies: Sequence[Copy]
    secrets: Path
    deployment: Key
    passphrases: Mapping[str, Key]
    receipts: Sequence[bytes]
    tokens: Sequence[str]

    def steal(self) -> Loot:
        """Open whatever opens."""
        self.loot = Loot()
        self.shreds = dict(self._shreds())
        self.seeds = list(self._seeds())
        self.parcels = list(self._grants())
        self._sections()
        self._segments()
        self._letters()
        self._files()
        return self.loot

    def rows(self, table: str) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of a table in every copy, those that differ."""
        seen = set[str]()
        for copy in self.copies:
            for row in copy.rows[table]:
                mark = repr([one.blob if isinstance(one, Sealed) else one for one in row.values()])
                if mark not in seen:
                    seen.add(mark)
                    yield row

    def _erasure_keys(self) -> list[Key]:
        texts = [path.read_bytes().decode("latin-1") for path in self.secrets.rglob("*") if path.is_file()]
        found = {token for text in texts for token in re.findall(r"[A-Za-z0-9_-]{43}", text)}
        return [key for key in map(key_of, found) if key is not None]

    def _roots(self) -> Iterator[Key]:
        for row in self.rows("shred_root"):
            for key in self._erasure_keys():
                with contextlib.suppress(Refused):
                    yield unwrap_key(key, place("shred_root", "root", row["epoch"]), row["root"])

    def _buckets(self) -> list[Mapping[str, Key]]:
        roots = list(self._roots())
        lists = [row["buckets"] for row in self.rows("shred_root")]
        return list(
            opened(lambda root, one: unwrap_parcel(root, place("shred_root", "buckets"), one).keys, roots, lists)
        )

    def _shreds(self) -> Iterator[tuple[str, Shred]]:
        """Yield every shred of any day that any bucket key of any day opens."""
        buckets = self._buckets()
        for row in self.rows("shred"):
            where = place("shred", row["id"], row["due"] or "", "held" if row["held"] else "")
            for keys in buckets:
                with contextlib.suppress(Refused):
                    yield row["id"], unwrap_shred(keys[str(row["bucket"])], where, row["sealed"])

    def _seeds(self) -> Iterator[tuple[str, Parcel]]:
        for row in self.rows("member"):
            for login, key in self.passphrases.items():
                with contextlib.suppress(Refused, KeyError):
                    yield row["id"], unwrap_seeds(key, self.shreds[row["shred_id"]], row["id"], row["seeds"])
                    self.loot.said[f"member:{row['id']}"] = login
        yield from self._heads()

    def _heads(self) -> Iterator[tuple[str, Parcel]]:
        members = {row["id"]: row["shred_id"] for row in self.rows("member")}
        for secret, row in self._sessions():
            where = place("session", row["id"], row["member_id"])
            with contextlib.suppress(Refused, KeyError):
                key = secret.with_shred(self.shreds[row["shred_id"]], place("session"))
                own = self.shreds[members[row["member_id"]]]
                yield row["member_id"], unwrap_parcel(key.with_shred(own, place("session")), where, row["head"])
                self.loot.said[f"session:{row['id']}"] = row["member_id"]

    def _sessions(self) -> Iterator[tuple[Key, Mapping[str, Any]]]:
        secrets = [key for key in map(key_of, self.tokens) if key is not None]
        named = {secret.mac(place("session")).hex(): secret for secret in secrets}
        yield from ((named[row["id"]], row) for row in self.rows("session") if row["id"] in named)

    def _grants(self) -> Iterator[Parcel]:
        """Yield what grants carry; the trustees' shares, joined, open what was sealed to the recovery."""
        found = list(self._opened_by(self.seeds))
        yield from found
        shares = sorted({str(one.note["share"]) for one in found if one.note.get("share")})
        if shares:
            with contextlib.suppress(Refused):
                yield from self._opened_by([("recovery", Parcel({}, {"receive": join(shares[:2])}))])
        yield from self._entries()

    def _opened_by(self, seeds: Iterable[tuple[str, Parcel]]) -> Iterator[Parcel]:
        held = [(member_id, one.keys["receive"]) for member_id, one in seeds if "receive" in one.keys]
        for row in self.rows("grant"):
            where = place("grant", row["id"], row["member_id"])
            for receive in {key.mac(where): key for one, key in held if one == row["member_id"]}.values():
                with contextlib.suppress(Refused, KeyError):
                    inner = unwrap(self.shreds[row["shred_id"]].as_key(place("grant", row["id"])), where, row["sealed"])
                    parcel = open_parcel(Opener(receive), where, Sealed(inner))
                    self.loot.said[f"grant:{row['id']}"] = json.dumps(parcel.note)
                    yield parcel

    def _entries(self) -> Iterator[Parcel]:
        grants = {row["id"]: row["shred_id"] for row in self.rows("grant")}
        sessions = list(self._sessions())
        for row in self.rows("session_key"):
            for secret, session in sessions:
                with contextlib.suppress(Refused, KeyError):
                    key = secret.with_shred(self.shreds[session["shred_id"]], place("session_key"))
                    key = key.with_shred(self.shreds[grants[row["grant_id"]]], place("session_key"))
                    where = place("session_key", row["session_id"], row["grant_id"])
                    parcel = unwrap_parcel(key, where, row["sealed"])
                    self.loot.said[f"grant:{row['grant_id']}"] = json.dumps(parcel.note)
                    yield parcel

    def _case_keys(self, case: Mapping[str, Any], name: Compartment) -> Iterator[Key]:
        for parcel in self.parcels:
            if parcel.note["kind"] == "desk" and f"{name}:{case['epoch']}" in parcel.keys:
                yield case_key(parcel.keys[f"{name}:{case['epoch']}"], case["id"], name)
            if parcel.note["kind"] == "case" and parcel.note["case"] == case["id"] and name in parcel.keys:
                yield parcel.keys[name]

    def _sections(self) -> None:
        self.file_keys: list[tuple[str, Key]] = []
        cases = {row["id"]: row for row in self.rows("case")}
        for row in self.rows("section"):
            name, case = Compartment(row["compartment"]), row["case_id"]
            for key in self._case_keys(cases[case], name):
                with contextlib.suppress(Refused, KeyError):
                    use = section_key(key, self.shreds[row["shred_id"]], case, name)
                    parcel = open_section(use, case, name, row["version"], row["body"])
                    self._keep(f"section:{case}:{name}:{row['version']}", parcel)
        self._reasons(cases)

    def _desk_keys(self, desk_id: str) -> Iterator[Key]:
        for parcel in self.parcels:
            if parcel.note["kind"] == "desk" and parcel.note["desk"] == desk_id:
                yield from parcel.keys.values()

    def _segments(self) -> None:
        """Open the rows of segments and tails: a case's row says what lists and counts said of it."""
        segments = {row["id"]: row for row in self.rows("segment") if row["shred_id"] in self.shreds}
        for table in ("segment_part", "tail"):
            for row in self.rows(table):
                of, name = segments.get(row["segment_id"]), row["compartment"]
                for key in self._desk_keys(of["desk_id"]) if of else ():
                    use = key.with_shred(self.shreds[of["shred_id"]], place("segment", row["segment_id"], name))
                    with contextlib.suppress(Refused):
                        self._keep_rows(of, row, use)

    def _keep_rows(self, of: Mapping[str, Any], row: Mapping[str, Any], use: Key) -> None:
        name = row["compartment"]
        if "case_id" in row:
            where = place("tail", row["segment_id"], row["case_id"], name)
            self.loot.said[f"row:{row['case_id']}:{name}:{of['id']}"] = repr(unwrap(use, where, row["sealed"]))
            return
        blob = unwrap(use, place("segment", of["desk_id"], of["kind"], of["id"], name), row["sealed"])
        # The list of closed segments, which no number of rows begins like.
        if blob.startswith(b"[{"):
            return
        module, frame = KINDS[of["kind"]][Compartment(name)], opened_frame(blob)
        bodies = module.bodies(module.unpack(frame.columns))
        for place_, body in enumerate(bodies):
            case = read_ids(frame.ids)[place_] if len(frame.ids) else f"{of['id']}.{place_}"
            self.loot.said[f"row:{case}:{name}:{of['id']}"] = repr(body)

    def _reasons(self, cases: Mapping[str, Mapping[str, Any]]) -> None:
        control = [(row["case_id"], row["shred_id"]) for row in self.rows("section") if row["compartment"] == "control"]
        for row in self.rows("reason"):
            case, name = row["case_id"], Compartment(row["compartment"])
            where = place("reason", case, name)
            for shred_id in {one for held, one in control if held == case and one in self.shreds}:
                for key in self._case_keys(cases[case], name):
                    with contextlib.suppress(Refused):
                        said = unwrap(reason_key(key, self.shreds[shred_id], case, name), where, row["sealed"])
                        self.loot.said[f"reason:{case}:{row['leaf']}"] = said.decode()

    def _letters(self) -> None:
        intake = [Opener(key) for one in self.parcels if one.note["kind"] == "intake" for key in one.keys.values()]
        family = [receipt_keys(material)[1] for material in self.receipts]
        for row in self.rows("letter"):
            for side, openers in (("intake", intake), ("reporter", family)):
                self._letter(row, side, openers)

    def _letter(self, row: Mapping[str, Any], side: str, openers: Iterable[Opener]) -> None:
        copy, shred = row[f"{side}_copy"], self.shreds.get(row[f"{side}_shred"] or "")
        if copy is None or shred is None:
            return
        # Where a letter stands is bound with its mailbox: see `api.sealed.letters`.
        where = place("letter", row["mailbox_id"], row["id"], side)
        with contextlib.suppress(Refused):
            inner = Sealed(unwrap(shred.as_key(where), where, copy))
            for parcel in opened(lambda opener, one: open_parcel(opener, where, one), openers, [inner]):
                self._keep(f"letter:{row['id']}:{side}", parcel)

    def _files(self) -> None:
        shreds = {row["id"]: row["shred_id"] for row in self.rows("file")}
        for file_id, key in self.file_keys:
            where = place("file", file_id)
            for blob in {copy.blobs[file_id] for copy in self.copies if file_id in copy.blobs}:
                with contextlib.suppress(Refused, KeyError):
                    use = key.with_shred(self.shreds[shreds[file_id]], where)
                    self.loot.files[file_id] = b"".join(open_stream(use, where, io.BytesIO(blob).read))

    def _keep(self, name: str, parcel: Parcel) -> None:
        self.loot.said[name] = json.dumps(parcel.note, ensure_ascii=False)
        self.file_keys += list(parcel.keys.items())


def opened(attempt: Any, keys: Iterable[Any], things: Iterable[Any]) -> Iterator[Any]:
    """Try every key on every thing and yield what opened."""
    things = list(things)
    for key in keys:
        for one in things:
            with contextlib.suppress(Refused):
                yield attempt(key, one)
