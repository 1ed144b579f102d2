"""A founded group for a test, made through the product's own services, as its people would."""

import atexit
import base64
import hashlib
import hmac
import shutil
import struct
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Self

from sqlalchemy import make_url

from api.access import sessions
from api.access.caller import Caller
from api.crypto import Key
from api.crypto.people import key_of, token_of
from api.models.tables import Member
from api.sealed import schema
from api.sealed.secrets import SecretFiles
from api.sealed.store import Store, open_store
from api.services import desks, founding, members, offices, signing_in
from api.services.founding import GroupNote
from api.services.members import Newcomer
from api.services.signing_in import Proof
from api.services.stretching import Stretcher
from tests import databases

# One deployment secret for all worlds of a run, so that the slow stretching is done once for each passphrase.
DEPLOYMENT = Key(hashlib.sha256(b"the tests' own deployment secret").digest())
CAST = {
    "ada": "administrator",
    "otto": "auditor",
    "tina": "trustee",
    "tom": "trustee",
    "toni": "trustee",
    "ines": "intake",
    "carl": "case_worker",
    "ann": "analyst",
    "isa": "intake",
    "cora": "case_worker",
    "leo": "lawyer",
}
# A session rests for fifteen minutes at most: a group that was founded longer ago is founded anew.
FRESH = 300


@cache
def stretched(login: str) -> str:
    """Return the stretched passphrase of a member of the cast, as text, since a key is not hashable."""
    return token_of(Stretcher(DEPLOYMENT).derive_now(passphrase(login), login))


def passphrase(login: str) -> str:
    """Return the passphrase of a member of the cast."""
    return f"{login} calm river stone lamp field seven"


def key_for(login: str) -> Key:
    """Return the key of that passphrase."""
    key = key_of(stretched(login))
    assert key is not None
    return key


def one_time_code(secret: str, step: int = 0) -> str:
    """Return the code that an authenticator shows (RFC 6238), `step` steps from now; written apart from ours."""
    counter = struct.pack(">Q", int(time.time()) // 30 + step)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


@dataclass
class World:
    """The group: its store, and for each login the member's id, the seed of the codes and a session."""

    store: Store
    ids: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    desks: dict[str, str] = field(default_factory=dict)

    def caller(self, login: str) -> Caller:
        """Return the caller of this moment, as a request would."""
        return sessions.enter(self.store, self.tokens[login])

    def words(self, login: str) -> str:
        """Return the six words that this member reads out."""
        return " ".join(members.view(self.store, self.ids[login]).words)

    def newcomer(self, login: str) -> Newcomer:
        """Return what a member of the cast brings."""
        offer = members.offer("en")
        self.secrets[login] = offer.secret
        code = one_time_code(offer.secret)
        return Newcomer(login, key_for(login), offer.totp, code, login[0])

    def sign_in(self, login: str) -> str:
        """Sign in afresh and keep the session; each code works once, so the step moves on."""
        last: Exception | None = None
        for step in (-1, 0, 1):
            try:
                code = one_time_code(self.secrets[login], step)
                self.tokens[login] = signing_in.sign_in(self.store, key_for(login), login, code)
            except Exception as error:
                last = error
            else:
                return self.tokens[login]
        raise AssertionError("no step was left") from last

    def proof(self, login: str) -> Proof:
        """Return the member's passphrase and the first code that was not used, to show it is them."""
        with self.store.reading() as db:
            spent = int(sessions.label(self.store, db.get_one(Member, self.ids[login])).note.get("spent", 0))
        step = max(spent + 1 - int(time.time()) // 30, -1)
        return Proof(login, key_for(login), one_time_code(self.secrets[login], step))

    def enrol(self, login: str, role: str) -> None:
        """Invite, join, confirm by voice, sign in."""
        code = members.invite(self.store, self.caller("ada"), role)
        self.ids[login] = members.join(self.store, code, self.newcomer(login))
        members.confirm(self.store, self.caller("ada"), self.ids[login], self.words(login))
        self.sign_in(login)


def empty_store(url: str, folder: Path) -> Store:
    """Return a migrated store with its root, under the tests' deployment secret."""
    secrets = SecretFiles(folder / "secrets")
    secrets.put(DEPLOYMENT, 1, Key.fresh())
    store = open_store(url, folder / "data", secrets)
    schema.migrate(store.engine)
    founding.make_root(store)
    return store


def found_world(url: str, folder: Path) -> World:
    """Found the group: the administrator, and nobody else."""
    world = World(empty_store(url, folder))
    code = founding.begin_founding(world.store)
    note = GroupNote("The Lantern", "desk@lantern.example")
    world.ids["ada"] = founding.found_group(world.store, code, note, world.newcomer("ada"))
    world.sign_in("ada")
    return world


def make_world(url: str, folder: Path) -> World:
    """Return the whole group: everyone of the cast, all offices, the desks North and South.

    It is founded once in a process for each server and copied from then on, as one would restore a machine.
    """
    where = make_url(url)
    server = (where.get_backend_name(), where.port)
    if server not in FOUNDED or time.monotonic() - FOUNDED[server].at > FRESH:
        FOUNDED[server] = Founded.at_once(url)
    return FOUNDED[server].copied(url, folder)


@dataclass
class Founded:
    """A founded group at rest: its database, its folder, and what its people know."""

    url: str
    folder: Path
    world: World
    at: float

    @classmethod
    def at_once(cls, url: str) -> Self:
        """Found the group beside, in a database and a folder of its own."""
        folder = Path(tempfile.mkdtemp(prefix="lastheard-founded-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        beside = databases.beside(url, folder)
        world = found_everyone(beside, folder)
        world.store.close()
        return cls(beside, folder, world, time.monotonic())

    def copied(self, url: str, folder: Path) -> World:
        """Return a group of its own in the empty database `url`: nothing of it is shared but what its people know."""
        databases.copy(self.url, url)
        for part in ("data", "secrets"):
            shutil.copytree(self.folder / part, folder / part)
        store = open_store(url, folder / "data", SecretFiles(folder / "secrets"))
        known = (dict(self.world.ids), dict(self.world.secrets), dict(self.world.tokens), dict(self.world.desks))
        return World(store, *known)


FOUNDED: dict[tuple[str, int | None], Founded] = {}


def found_everyone(url: str, folder: Path) -> World:
    """Found the whole group, as its people would, one after the other."""
    world = found_world(url, folder)
    for login, role in CAST.items():
        if login != "ada":
            world.enrol(login, role)
    store = world.store
    offices.found_log(store, world.caller("otto"))
    trustees = {world.ids[login]: world.words(login) for login in ("tina", "tom", "toni")}
    offices.found_recovery(store, world.caller("tina"), 2, trustees)
    offices.found_intake(store, world.caller("ines"))
    offices.seat_intake(store, world.caller("ines"), world.ids["isa"], world.words("isa"))
    for name, worker, others in (("North", "carl", ("ines", "ann")), ("South", "cora", ("isa",))):
        seats = {world.ids[login]: world.words(login) for login in others}
        world.desks[name] = desks.found_desk(store, world.caller(worker), name, seats)
    return world
