"""The walk's steps through a recovery and a split, each ended once and once finished."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import pytest

from api.clock import now
from api.services import ceremonies
from tests.fuzz.walking import Walker


def recover(walk: Walker) -> None:
    """Open a recovery and a split and end them; open them again and finish them, three days later."""
    walk.do("DELETE /recovery/ceremonies/{ceremony_id}", "leo", **opened_for_leo(walk))
    where = opened_for_leo(walk)
    walk.do("GET /recovery/ceremonies", "carl")
    bring(walk, where)
    with three_days_later():
        walk.people["leo"] |= walk.do("POST /recovery/sessions", body=walk.proof("leo"))
    walk.do("DELETE /recovery/ceremonies/{ceremony_id}", "tina", **opened_split(walk))
    where = opened_split(walk)
    bring(walk, where)
    with three_days_later():
        walk.do("POST /recovery/splits/{ceremony_id}/key", "tina", **where)


def opened_for_leo(walk: Walker) -> dict[str, str]:
    """Open a recovery, which Leo takes up with a new passphrase and device; return its id and his six words."""
    opened = walk.do("POST /recovery/members/{member_id}", "tina", member_id=walk.people["leo"]["member"])
    offer = walk.do("GET /offers")
    # A claim uses up no code of the new device: somebody beside Leo shows it.
    walk.people["lost"] = {"passphrase": offer["passphrase"], "secret": offer["secret"]}
    walk.people["leo"] |= walk.people["lost"]
    claim = {**walk.proof("lost"), "login": "leo", "seed": offer["seed"], "claim": opened["code"]}
    return {"ceremony_id": opened["ceremony"], "heard": walk.do("POST /recovery/claims", body=claim)["words"]}


def opened_split(walk: Walker) -> dict[str, str]:
    """Open a new split; return its id and its six words."""
    trustees = {walk.people[one]["member"]: walk.people[one]["words"] for one in ("tina", "tom")}
    opened = walk.do("POST /recovery/splits", "tina", {"threshold": 2, "trustees": trustees})
    return {"ceremony_id": opened["ceremony"], "heard": opened["words"]}


def bring(walk: Walker, where: Mapping[str, str]) -> None:
    """Let both trustees bring their shares."""
    for login in ("tina", "tom"):
        walk.do("POST /recovery/ceremonies/{ceremony_id}/shares", login, {"words": where["heard"]}, **where)


@contextmanager
def three_days_later() -> Iterator[None]:
    """Turn the ceremonies' clock."""
    with pytest.MonkeyPatch.context() as then:
        then.setattr(ceremonies, "now", lambda: now() + ceremonies.WAIT + timedelta(hours=1))
        yield
