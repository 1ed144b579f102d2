"""The machine: files and their modes, memory that may reach the disk, what would tell others.

Promises to read what stands there and to change nothing. Must never read a secret's content.
"""

import importlib.util
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from api.services.health.site import Site
from api.services.shelter import is_sheltered

OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Below this share of a disk reports begin to be refused: SQLite's journal and an upload both need room.
LEAST_ROOM = 0.05
DEBUGGING = ("PYTHONASYNCIODEBUG", "PYTHONDEVMODE", "PYTHONINSPECT", "PYTHONTRACEMALLOC")


def secrets(site: Site) -> Iterator[str]:
    """Both secrets are there."""
    for path in (site.store.secrets.deployment, site.store.secrets.erasure):
        if not path.exists():
            yield f"{path.name} is missing: without it nothing opens."


def modes(site: Site) -> Iterator[str]:
    """Nobody else on this machine reads the store or its secrets."""
    for path in _own(site):
        if stat.S_IMODE(path.stat().st_mode) & OTHERS:
            yield f"Others on this machine may use {path.name}: make its mode 0700 (folder) or 0600 (file)."


def folders(site: Site) -> Iterator[str]:
    """Nobody else can put another folder in the place of the store's or the secrets'."""
    above = {parent for folder in (site.store.folder, site.store.secrets.folder) for parent in folder.resolve().parents}
    for folder in sorted(above):
        if _open_to_others(folder.stat()):
            yield f"Others may exchange what lies in {folder.name or '/'}: take the right to write there from them."


def owner(site: Site) -> Iterator[str]:
    """The files belong to whoever runs the server."""
    for path in _own(site):
        if path.stat().st_uid != os.geteuid():
            yield f"{path.name} belongs to another user than the one who runs this."


def root(_: Site) -> Iterator[str]:
    """A fault in the server is not a fault of the whole machine."""
    if os.geteuid() == 0:
        yield "This runs as root: give it a user of its own, who owns the store and nothing else."


def core_dumps(_: Site) -> Iterator[str]:
    """A crash writes no key."""
    if not is_sheltered():
        yield "Core dumps are on: a crash would write keys to the disk."


def swap(site: Site) -> Iterator[str]:
    """Memory does not reach the disk in the clear."""
    for line in site.text("proc/swaps").splitlines()[1:]:
        if not _encrypted(site, line.split()[0]):
            yield "Swap is on and not encrypted: keys in memory may reach the disk. Turn it off or encrypt it."


def nested(site: Site) -> Iterator[str]:
    """Who copies the data has not copied the secrets."""
    if site.store.folder.resolve() in site.store.secrets.folder.resolve().parents:
        yield "The secrets lie inside the data folder: whoever copies the data copies them, too. Move them out."


def one_disk(site: Site) -> Iterator[str]:
    """Who takes the data's disk has not taken the secrets."""
    if site.store.secrets.folder.stat().st_dev == site.store.folder.stat().st_dev:
        yield "Data and secrets lie on one disk: with the whole machine taken, the weakest passphrase decides."


def room(site: Site) -> Iterator[str]:
    """There is room for the next report."""
    disk = shutil.disk_usage(site.store.folder)
    if disk.free < disk.total * LEAST_ROOM:
        yield "The disk is nearly full: soon reports will be refused. Make room."


def debugging(site: Site) -> Iterator[str]:
    """Nothing prints more than it should."""
    if sys.flags.dev_mode or site.set(*DEBUGGING):
        yield "Python's debugging is on, which prints more than it should: unset what turns it on."


def telemetry(site: Site) -> Iterator[str]:
    """Nothing about requests leaves this machine."""
    try:
        exporter = importlib.util.find_spec("opentelemetry.sdk")
    except ModuleNotFoundError:
        exporter = None
    if exporter or site.set("OTEL_"):
        yield "Something here could send telemetry: remove its exporter, and unset what begins with OTEL_."


def _own(site: Site) -> list[Path]:
    kept, store = site.store.secrets, site.store
    files = [store.folder, store.blobs, store.checkpoint, kept.folder, kept.deployment, kept.erasure]
    if store.engine.dialect.name == "sqlite" and store.engine.url.database:
        database = Path(store.engine.url.database)
        files += [database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))]
    return [path for path in files if path.exists()]


def _open_to_others(found: os.stat_result) -> bool:
    everyone = found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX
    return bool(everyone or (found.st_mode & stat.S_IWGRP and found.st_gid not in (0, os.getegid())))


def _encrypted(site: Site, device: str) -> bool:
    """Say whether a swap is in memory (zram) or on an encrypted volume; a plain file or partition is neither."""
    name = (site.machine / device.lstrip("/")).resolve().name
    uuid = site.text(f"sys/block/{name}/dm/uuid")
    return name.startswith("zram") or uuid.startswith("CRYPT-")
