"""One man under many spellings folds to one; two men do not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.names.fold import fold, same_folded

ONE = [
    ["Артём Бунятов", "Артем Бунятов", "Artyom Bunyatov", "ARTEM BUNYATOV", "Бунятов Артём", "Artiom Buniatoff"],
    ["Артьом Бунятов", "Bunyatov, Artem", "Aртем Бyнятов", "Арте́м Буня́тов", "Artjom Bunjatov"],
    ["Юрий Щербаков", "Yuri Shcherbakov", "Iurii Scherbakov", "Yuriy Shcherbakov", "Jurij Ščerbakov"],
    ["Дмитрий Хорошев", "Dmitry Khoroshev", "Dmitriy Horoshev", "Dmitrij Horošev"],
    ["Наталья Зайцева", "Наталія Зайцева", "Natalya Zaytseva", "Natalia Zaitseva", "Natal'ya Zajceva"],
    ["Андрій Яценко", "Андрей Яценко", "Andrii Yatsenko", "Andrey Iatsenko"],
    ["Евгений Цой", "Yevgeny Tsoy", "Evgeniy Tsoi", "Evgenii Coj"],
    ["Алексей Ковалёв", "Alexey Kovalev", "Aleksei Kovalyov", "Aleksej Kovaljov"],
    ["Мікалай Сіўцоў", "Mikalaj Siŭcoŭ", "MIKALAI SIUTSOU"],
]


@pytest.mark.parametrize("spellings", ONE)
def test_spellings_of_one_name_fold_to_one(spellings: list[str]) -> None:
    assert len({fold(spelling) for spelling in spellings}) == 1


def test_both_groups_of_the_same_man_meet() -> None:
    assert fold(ONE[0][0]) == fold(ONE[1][0]) == ("artem", "bunatov")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Артём Бунятов", "Bunyatov Artem Sergeevich"),
        ("Бунятов Артём Сергеевич", "ARTYOM BUNYATOV"),
        ("Артём Сергеевич Бунятов", "Бунятов Артем Сергеевич"),
    ],
)
def test_a_name_with_and_without_its_patronymic_is_the_same(a: str, b: str) -> None:
    assert same_folded(a, b)
    assert same_folded(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Артём Бунятов", "Артём Иванов"),
        ("Артём Бунятов", "Бунятов"),
        ("Бунятов", "Бунятов"),
        ("Бунятов Артём Сергеевич", "Бунятов Артём Иванович"),
        ("Бунятов Артём", "Бунятов Андрей"),
        ("", ""),
        ("Артём Артём", "Артём Артём"),
    ],
)
def test_one_token_or_a_clash_is_not_the_same(a: str, b: str) -> None:
    assert not same_folded(a, b)


NAMES = st.one_of(st.text(), st.text("АаБбёйыьяюцщхкІїўґ AaByYjJoOfFuhHkKsSczx'-\u0301"))


@settings(max_examples=500)
@given(name=NAMES)
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(" ".join(fold(name))) == fold(name)


@given(words=st.lists(st.text("абвёйьяюцщхкoayei", min_size=1, max_size=12), max_size=6), data=st.data())
def test_the_order_of_words_does_not_matter(words: list[str], data: st.DataObject) -> None:
    assert fold(" ".join(words)) == fold(" ".join(data.draw(st.permutations(words))))


@given(a=NAMES, b=NAMES)
def test_being_the_same_is_mutual(a: str, b: str) -> None:
    assert same_folded(a, b) == same_folded(b, a)
