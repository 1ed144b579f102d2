"""An operator erases a case by its id, without any key, and the family's letters go with it."""

import pytest
from sqlalchemy import func, select

from api.crypto.people import receipt_keys
from api.errors import Erased, NotFound
from api.models.tables import Letter, Mailbox
from api.sealed import letters, links, roots, shreds
from api.services import erasing_letters, inbox, operating, receiving
from tests.receiving.family import Family, accepted, entered, family
from tests.world import World


def count(world: World, table: type[Letter] | type[Mailbox]) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_an_operators_erasure_takes_the_letters_of_every_mailbox_of_the_case(world: World, larisa: Family) -> None:
    larisa.send()
    case_id = accepted(larisa)
    brother, other = family(world), family(world)
    brother.send()
    inbox.accept_into(world.store, world.caller("ines"), brother.mailbox, case_id, "the same man")
    other.send()
    kept = accepted(other)
    larisa.answer("a later letter")
    with world.store.reading() as db:
        old = receiving.letters_of(db, larisa.mailbox) + receiving.letters_of(db, brother.mailbox)
    operating.erase_by_id(world.store, case_id)
    for one in (larisa, brother):
        assert receiving.open_mailbox(world.store, one.material) is None
        with pytest.raises(NotFound):
            one.answer("now nobody would ever read it")
    # The rows as they were in an old copy of the database: their shreds are gone.
    for letter in old:
        with world.store.reading() as db, pytest.raises(Erased):
            letters.open_reporter(db, world.store, receipt_keys(larisa.material)[1], letter)
    assert (count(world, Letter), count(world, Mailbox)) == (1, 1)
    assert other.look().accepted
    with world.store.reading() as db:
        assert links.every(db, world.store) == {kept: [other.mailbox]}


def test_letters_of_a_store_that_was_filled_before_links_had_rows_are_found(world: World, larisa: Family) -> None:
    larisa.send()
    case_id = accepted(larisa)
    with shreds.erasing(world.store) as db:
        links.write(db, world.store, case_id, ())
        roots.anchor(db, world.store, "mailboxes", {case_id: [larisa.mailbox]})
    operating.erase_by_id(world.store, case_id)
    assert receiving.open_mailbox(world.store, larisa.material) is None
    assert (count(world, Letter), count(world, Mailbox)) == (0, 0)


def test_a_case_erased_by_its_desk_leaves_no_link_to_a_mailbox(world: World, larisa: Family) -> None:
    larisa.send()
    case_id = accepted(larisa)
    with world.store.reading() as db:
        assert links.every(db, world.store) == {case_id: [larisa.mailbox]}
    erasing_letters.erase_case(entered(world, case_id, "carl"))
    with world.store.reading() as db:
        assert links.every(db, world.store) == {}
