"""The audit log as auditors read it.

Promises the entries, page by page, to who holds the auditors' key. Must never open a case.
"""

from collections.abc import Mapping

from api import audit
from api.access.caller import Caller
from api.crypto import Opener
from api.errors import Forbidden
from api.sealed.store import Store


def newest(store: Store, caller: Caller, before: int | None = None) -> list[Mapping[str, object]]:
    """Return up to 500 entries, newest first, older than the entry `before`; raises Forbidden without the key."""
    if not caller.keyring.auditors:
        raise Forbidden
    openers = {epoch: Opener(key) for epoch, key in caller.keyring.auditors.items()}
    with store.reading() as db:
        return list(audit.entries(db, openers, before=before))
