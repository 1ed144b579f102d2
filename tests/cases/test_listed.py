"""A list that was seen before is looked at again: whatever was altered since is refused and recorded."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from api import audit
from api.access import listed
from api.access.doors import TAMPERED
from api.access.listed import Wanted
from api.audit import Entry
from api.errors import Tampered
from api.services.lines import CaseLine
from api.services.listing import list_cases
from tests.cases.bench_world import World, make_bench
from tests.cases.test_tampering import FAULTS, flip_salt_of_a_shut_body


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    kept, record = list[Entry](), audit.record
    monkeypatch.setattr(audit, "record", lambda store, entry: (kept.append(entry), record(store, entry)))
    return kept


def line(world: World, case_id: str) -> CaseLine:
    page = list_cases(world.store, world.caller("worker"))
    return next(one for one in page.lines if one.id == case_id)


def altered(world: World, fault: Callable[[Session, str, str], None]) -> str:
    """List two cases, and alter the first once it was seen."""
    first, second = world.case(), world.case()
    assert {line(world, one).title for one in (first, second)} == {"A neutral title"}
    with world.store.writing() as db:
        fault(db, first, second)
    return first


@pytest.mark.parametrize("fault", FAULTS)
def test_what_was_altered_after_it_was_seen_is_refused_and_recorded(
    world: World, entries: list[Entry], fault: Callable[[Session, str, str], None]
) -> None:
    first = altered(world, fault)
    seen = line(world, first)
    assert (seen.refused, seen.title) == (True, "")
    assert (TAMPERED, first) in {(one.verb, one.case) for one in entries}


def test_a_verdict_that_forgets_a_body_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = listed._parts

    def forgetful(one: Wanted, there: listed.ShredRows) -> Iterator[bytes]:
        bodies = {row.body.blob for row in one.rows}
        yield from (part for part in parts(one, there) if part not in bodies)

    monkeypatch.setattr(listed, "_parts", forgetful)
    assert not line(world, altered(world, flip_salt_of_a_shut_body)).refused


def test_what_was_seen_is_not_verified_again_and_is_opened_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = world.case()
    assert not line(world, case_id).refused
    with monkeypatch.context() as patched:
        patched.setattr(listed, "fit", _refuse)
        assert line(world, case_id).title == "A neutral title"
        world.store.kept.clear()
        assert line(world, case_id).refused
    with monkeypatch.context() as patched:
        patched.setattr(listed.cases, "open_section", _refuse)
        assert line(world, case_id).refused


def _refuse(*_: object) -> None:
    raise Tampered
