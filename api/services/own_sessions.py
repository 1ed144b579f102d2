"""A member's own sessions and tokens: listed, and ended.

Promises to end nobody else's. Must never show what a session holds.
"""

from api.access import sessions
from api.access.caller import Caller
from api.errors import SessionEnded
from api.sealed.store import Store


def sign_out(store: Store, caller: Caller) -> None:
    """End this session."""
    sessions.end(store, [caller.session_id])


def listed(store: Store, caller: Caller) -> tuple[tuple[str, bool], ...]:
    """Return one's sessions and tokens: an id and whether it is the present one."""
    with store.reading() as db:
        found = sessions.ids_of(db, caller.member_id)
    return tuple((one, one == caller.session_id) for one in found)


def end_own(store: Store, caller: Caller, session_id: str) -> None:
    """End one of one's own sessions or tokens; raises SessionEnded for anyone else's."""
    if session_id not in {one for one, _ in listed(store, caller)}:
        raise SessionEnded
    sessions.end(store, [session_id])
