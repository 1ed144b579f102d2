"""Columns of words give back their rows, and find the cases in which every word stands, in whatever form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.columns import narratives
from api.columns.narratives import Words, bodies, find, pack, row, unpack
from api.columns.stems import stem, stems, words
from api.errors import Tampered

FORMS = (
    "колония колонии колонию колонией колониях",
    "контракт контракта контракту контрактом контрактах",
    "писал писали писать писала",
    "угрожал угрожали угрожать угрожает угрожают",
    "окоп окопы окопах окопов",
    "підписав підписала підписали підписати",
    "в'язниця в'язниці в'язницю в’язницею",
    "лист листа листом листи",
    "recruiter recruiters recruited recruiting",
    "letter letters",
)
WORDS = ["этап", "письмо", "колонии", "контракт", "окопы", "воду", "хлеб", "мать", "звонил", "апреля", "letter"]
STORY = st.lists(st.sampled_from(WORDS)).map(" ".join)
STORIES = st.lists(st.one_of(STORY, st.text(max_size=60)), max_size=40)


def told(text: str) -> bytes:
    return row({"statement": [{"text": text}]})


def columns_of(texts: list[str]) -> Words:
    return unpack(pack([told(text) for text in texts]))


@given(STORIES)
def test_rows_come_back(texts: list[str]) -> None:
    rows = [told(text) for text in texts]
    assert bodies(unpack(pack(rows))) == rows


@given(first=STORIES, second=STORIES, asked=st.one_of(STORY, st.text(max_size=20)))
def test_exactly_the_stories_with_every_word_are_found(first: list[str], second: list[str], asked: str) -> None:
    wanted = set(stems(asked))
    found = find([columns_of(first), columns_of(second)], stems(asked))
    plain = [[at for at, text in enumerate(some) if wanted and wanted <= set(stems(text))] for some in (first, second)]
    assert [rows.tolist() for rows in found] == plain


@pytest.mark.parametrize("rows", [15, 16, 300, 4096])
def test_a_word_is_found_whether_it_is_rare_or_common_near_or_far(rows: int) -> None:
    texts = ["окоп" if at % 256 == 3 or at > rows - 12 else "хлеб" for at in range(rows)]
    columns = columns_of(texts)
    (found,) = find([columns], stems("окопе"))
    assert found.tolist() == [at for at, text in enumerate(texts) if text == "окоп"]
    assert bodies(columns) == [told(text) for text in texts]


def test_each_text_that_people_wrote_is_searched() -> None:
    body = {
        "statement": [{"text": "этап", "translation": "transport"}, {"text": "окоп", "told_on": "2023-05-17"}],
        "summary": [{"text": "контракт"}],
        "told": [{"field": "when", "words": "на майские"}],
    }
    columns = unpack(pack([row(body), row({}), told("хлеб")]))
    for asked in ("этап", "transports", "окопы контракта", "майские"):
        assert [rows.tolist() for rows in find([columns], stems(asked))] == [[0]]
    assert [rows.tolist() for rows in find([columns], stems("2023"))] == [[]]
    assert row({}) == b""


@pytest.mark.parametrize("forms", FORMS)
def test_a_word_has_one_stem_in_all_its_forms(forms: str) -> None:
    assert len({stem(word) for word in words(forms)}) == 1


def test_a_stem_is_not_so_short_that_other_words_meet_it() -> None:
    assert len({stem(word) for word in ("мать", "окоп", "хлеб", "штраф", "лист", "контракт", "колония", "letter")}) == 8


@given(st.text())
def test_stems_are_the_same_in_capitals_and_no_word_is_empty(text: str) -> None:
    assert stems(text) == stems(text)
    assert all(stems(text))
    assert len(stems(text, 3)) <= 3


@pytest.mark.parametrize("text", ["", "и в на", "😀", "я", "…", "the of"])
def test_words_that_every_text_has_are_no_question(text: str) -> None:
    assert stems(text) == []
    assert [rows.tolist() for rows in find([columns_of(["и в на я"])], stems(text))] == [[]]


def test_what_is_no_column_is_refused() -> None:
    with pytest.raises(Tampered):
        unpack(pack([told("хлеб")])[:-8])


def test_a_row_that_lost_a_word_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narratives, "STEP", 7)
    texts = ["окоп" if at % 9 == 3 else "хлеб" for at in range(200)]
    packed = pack([told(text) for text in texts])
    monkeypatch.undo()
    assert bodies(unpack(packed)) != [told(text) for text in texts]
