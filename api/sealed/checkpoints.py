"""The newest signed checkpoint of the log, in a file beside the database: what an older database cannot put back.

Promises that a newer one is never written over. Must never be believed without its signature.
"""

import fcntl
import os

from api.crypto import Signer, VerifyKey, place
from api.crypto.tree import Checkpoint, Frontier
from api.sealed.store import Store

ORIGIN = "lastheard/log"
SIGNER = place("log", "checkpoint")
LONGEST = 4096


def write(store: Store, frontier: Frontier) -> None:
    """Write the checkpoint of this frontier over the older one.

    In place: so few bytes within one sector are the old ones or the new ones after a power cut, and exchanging the
    file's name instead makes the next commit of the database wait for the folder.
    """
    note = Checkpoint(ORIGIN, frontier.size, frontier.root).signed(_signer(store)).encode()
    file = os.open(store.checkpoint, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        older = os.pread(file, LONGEST, 0)
        if size_of(older.decode("utf-8", "replace")) <= frontier.size:
            os.pwrite(file, note, 0)
            if len(older) > len(note):
                os.ftruncate(file, len(note))
    finally:
        os.close(file)


def newest(store: Store) -> str:
    """Return the note in the file, or nothing where there is none."""
    try:
        file = os.open(store.checkpoint, os.O_RDONLY)
    except FileNotFoundError:
        return ""
    try:
        fcntl.flock(file, fcntl.LOCK_SH)
        return os.pread(file, LONGEST, 0).decode("utf-8", "replace")
    finally:
        os.close(file)


def size_of(note: str) -> int:
    """Return the number of leaves that a note speaks of, signed or not; 0 for what is no note."""
    lines = note.split("\n")
    return int(lines[1]) if len(lines) > 2 and lines[1].isdigit() else 0


def key(store: Store) -> VerifyKey:
    """Return the key with which checkpoints are verified; the group prints it and gives it to a witness."""
    return _signer(store).public


def _signer(store: Store) -> Signer:
    deployment = store.deployment
    made: Signer = store.kept.once(deployment.mac(SIGNER), lambda: Signer(deployment.derive(SIGNER)))
    return made
