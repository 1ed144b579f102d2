"""A worker that does all that may not be lost, and says each thing only once it is done; made to be killed."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api.access import sessions
from api.access.doors import CaseAccess, enter_case
from api.catalogue.compartments import Compartment
from api.policy.actions import Action
from api.sealed.secrets import SecretFiles
from api.sealed.store import open_store
from api.services import cases, erasing, files, granting, receiving, rotating
from tests.trust.workflow import sort_in
from tests.world import World

C = Compartment
SECTIONS: dict[Compartment, dict[str, list[dict[str, str]]]] = {
    C.FACTS: {"case": [{"id": "0" * 26, "title": "A neutral title"}]},
    C.IDENTITY: {"person": [{"id": "1" * 26, "name": "Planted Name"}]},
    C.NARRATIVE: {"statement": [{"id": "2" * 26, "text": "words"}]},
    C.CONSENT: {},
}
FILE = b"evidence" * 30_000


class Busy:
    """The same work again and again, on cases of its own."""

    def __init__(self, world: World, pipe: int) -> None:
        self._world, self._pipe, self._case = world, pipe, ""

    def work(self, number: int) -> None:
        """Do one thing and say so."""
        things: tuple[Callable[[], dict[str, Any]], ...] = (
            self._made,
            self._reported,
            self._saved,
            self._uploaded,
            self._revoked,
            self._erased,
            self._rotated,
            self._sorted,
        )
        line = json.dumps(things[number % len(things)]()) + "\n"
        os.write(self._pipe, line.encode())

    def _enter(
        self, login: str, action: Action, case_id: str = "", opens: frozenset[Compartment] = frozenset()
    ) -> CaseAccess:
        reason = "document-case" if opens else ""
        return enter_case(self._world.store, self._world.caller(login), case_id or self._case, action, opens, reason)

    def _new(self) -> str:
        world = self._world
        return cases.create_case(world.store, world.caller("ines"), world.desks["North"], SECTIONS)

    def _made(self) -> dict[str, Any]:
        self._case = self._new()
        return {"made": self._case}

    def _reported(self) -> dict[str, Any]:
        material = os.urandom(16)
        note = {"language": "ru", "about": {"about_name": "Имя", "story": "слова"}, "consents": {}}
        receiving.send_report(self._world.store, material, note)
        return {"reported": material.hex()}

    def _saved(self) -> dict[str, Any]:
        access = self._enter("carl", Action.CASE_WRITE)
        return {"saved": self._case, "version": cases.append_to(access, C.NARRATIVE, "statement", {"text": "more"})}

    def _uploaded(self) -> dict[str, Any]:
        sink = files.open_sink(self._world.store)
        sink.feed(FILE)
        stored, access = sink.finish(), self._enter("carl", Action.FILE_ADD)
        entry = files.add_file(access, stored, "A file", "text/plain", "", access.version)
        return {"uploaded": self._case, "file": entry["file"]["id"]}

    def _revoked(self) -> dict[str, Any]:
        world = self._world
        access = self._enter("carl", Action.CASE_GRANT, opens=frozenset({C.FACTS}))
        given = granting.grant_case(access, world.ids["leo"], world.words("leo"), {C.FACTS}, 3, "verify-fact")
        granting.revoke_case_grant(self._enter("carl", Action.CASE_REVOKE), given)
        return {"revoked": given}

    def _erased(self) -> dict[str, Any]:
        case_id = self._new()
        erasing.erase_case(self._enter("carl", Action.CASE_ERASE, case_id))
        return {"erased": case_id}

    def _rotated(self) -> dict[str, Any]:
        return {"epoch": rotating.rotate(self._world.store, self._world.caller("carl"), self._world.desks["North"])}

    def _sorted(self) -> dict[str, Any]:
        sort_in(self._world, "carl")
        return {"sorted": self._case}


def toil(world: World, url: str, folder: Path, pipe: int, start: int) -> None:
    """Work until killed, on connections of its own: those of the process it was forked from are not to be touched."""
    world.store = open_store(url, folder / "data", SecretFiles(folder / "secrets"))
    busy, number = Busy(world, pipe), start
    busy.work(0)
    while sessions.enter(world.store, world.tokens["carl"]):
        busy.work(number)
        number += 1
