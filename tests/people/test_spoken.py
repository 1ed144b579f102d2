"""What members read aloud to each other is in the language of who reads it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from api.catalogue.compartments import Language
from api.errors import Invalid
from api.services import members
from tests.world import World, make_world

CYRILLIC = re.compile("[а-яіїєґ’' ]+")


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_world(database_url, tmp_path)


@pytest.mark.parametrize("language", ["ru", "uk"])
def test_code_and_six_words_are_in_the_language_of_who_reads_them(world: World, language: Language) -> None:
    code = members.invite(world.store, replace(world.caller("ada"), language=language), "lawyer")
    newcomer = replace(world.newcomer("nina"), language=language)
    nina = members.join(world.store, code, newcomer)
    words = " ".join(members.view(world.store, nina).words)
    assert CYRILLIC.fullmatch(code)
    assert CYRILLIC.fullmatch(words)
    with pytest.raises(Invalid):
        members.confirm(world.store, world.caller("ada"), nina, world.words("carl"))
    members.confirm(world.store, world.caller("ada"), nina, words)
    assert members.view(world.store, nina).state == members.ACTIVE
