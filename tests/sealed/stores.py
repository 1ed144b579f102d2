"""A fresh store for a test, on whichever database the fixture names."""

import shutil
from pathlib import Path

from api import audit
from api.clock import today
from api.sealed import months, roots, schema
from api.sealed.secrets import SecretFiles
from api.sealed.store import Store, open_store


def new_store(url: str, folder: Path) -> Store:
    """Return a migrated store with its root and an empty log."""
    secrets = SecretFiles(folder / "secrets")
    secrets.make()
    store = open_store(url, folder / "data", secrets)
    schema.migrate(store.engine)
    with store.writing() as db:
        roots.found(db, store, *months.founded(today()))
        audit.found(db, store)
    return store


def copy_of(store: Store, folder: Path) -> Store:
    """Return the store as a thief of the SQLite file holds it, with the secrets as they are NOW."""
    source = Path(str(store.engine.url.database))
    folder.mkdir()
    for path in source.parent.glob(source.name + "*"):
        shutil.copy(path, folder / path.name)
    return open_store(f"sqlite:///{folder / source.name}", folder / "data", store.secrets)
