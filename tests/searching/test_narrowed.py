"""The one box and the facets together: what is found is what a plain model finds, and nothing else is opened."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import audit
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.errors import Invalid
from api.ids import new_id
from api.services import searching
from api.services.searching import search
from tests.cases.bench_world import World, make_bench
from tests.searching.desk import IK_29, REASON, ids

C = Compartment
NAMES = ("Полозов Мерген", "Кедрин Остап", "Полозов Артём")
STATUSES = ("25/010300000000", "25/010100000000", "unknown")
FACILITIES: tuple[dict[str, Any] | None, ...] = (None, IK_29, {**IK_29, "region": "RU-KGD"})


def told(name: str, status: str, place: dict[str, Any] | None) -> dict[Compartment, Any]:
    facts: dict[str, Any] = {"case": [{"id": new_id(), "title": "t", "status": status}]}
    facts |= {"custody": [{"id": new_id(), "facility": place}]} if place else {}
    return {
        C.CONTROL: {"case": [{"id": new_id()}]},
        C.FACTS: facts,
        C.IDENTITY: {"person": [{"id": new_id(), "name": name}]},
    }


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, dict[str, tuple[Any, ...]]]]:
    """A desk with every name in every status at every place, and what a plain model knows of each case."""
    folder = tmp_path_factory.mktemp("narrowed")
    world, model = make_bench(f"sqlite:///{folder / 'x.db'}", folder), dict[str, tuple[Any, ...]]()
    for name in NAMES:
        for status in STATUSES:
            for place in FACILITIES:
                model[world.case(told(name, status, place))] = (name, status, place and place["region"])
    yield world, model
    world.store.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    word=st.sampled_from(["Полозов", "Кедрин", "Мерген"]),
    status=st.sampled_from(["", *STATUSES]),
    region=st.sampled_from(["", "RU-ARK", "RU-KGD", "RU-MOW"]),
)
def test_a_line_and_facets_find_what_a_plain_model_finds(
    known: tuple[World, dict[str, tuple[Any, ...]]], word: str, status: str, region: str
) -> None:
    world, model = known
    asked = {name: value for name, value in (("status", status), ("region", region)) if value}
    page = search(world.store, world.caller("intake"), word, REASON, asked=asked)
    wanted = {
        one
        for one, (name, has, at) in model.items()
        if word in name.split() and status in ("", has) and region in ("", at)
    }
    assert set(ids(page)) == wanted
    assert (page.found, page.missing) == (len(wanted), 0)
    assert {one.why for one in page.lines} <= {("name",)}


def test_pages_of_a_narrowed_search_follow_each_other(
    known: tuple[World, dict[str, tuple[Any, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, model = known
    monkeypatch.setattr(searching, "PAGE", 1)
    found, skip, asked = list[str](), 0, {"status": STATUSES[0], "region": "RU-ARK"}
    while not found or skip:
        page = search(world.store, world.caller("intake"), "Полозов", REASON, skip, asked)
        found, skip = [*found, *ids(page)], page.next
    assert sorted(found) == sorted(
        one for one, (name, *rest) in model.items() if "Полозов" in name and rest == [STATUSES[0], "RU-ARK"]
    )


def test_facets_open_the_coded_facts_and_the_log_says_so(
    known: tuple[World, dict[str, tuple[Any, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, kept, record = known[0], list[Entry](), audit.record
    monkeypatch.setattr(audit, "record", lambda store, entry, *more: (kept.append(entry), record(store, entry, *more)))
    search(world.store, world.caller("intake"), "Полозов", REASON, asked={"region": "RU-ARK"})
    (said,) = [one for one in kept if one.verb == searching.SEARCH]
    assert {"facts", "control"} <= set(said.compartments)
    assert "RU-ARK" not in str(said)


def test_an_unknown_facet_is_refused_and_a_stranger_narrows_nothing(
    known: tuple[World, dict[str, tuple[Any, ...]]],
) -> None:
    world, _ = known
    with pytest.raises(Invalid):
        search(world.store, world.caller("intake"), "Полозов", REASON, asked={"name": "Полозов"})
    narrowed = search(world.store, world.caller("stranger"), "Полозов", REASON, asked={"region": "RU-ARK"})
    assert ids(narrowed) == []


def test_planted_a_search_that_forgets_the_facets_is_caught(
    known: tuple[World, dict[str, tuple[Any, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, model = known
    monkeypatch.setattr(searching, "both", lambda found: found[0])
    page = search(world.store, world.caller("intake"), "Кедрин", REASON, asked={"region": "RU-ARK"})
    assert {model[one][2] for one in ids(page)} > {"RU-ARK"}
