"""The same man is found however he was written; his brother, his namesake and his neighbour are not him."""

import pytest

from api.names import POSSIBLY_SAME, PROBABLY_SAME, similarity

SAME = {
    "in another alphabet": ("Щербаков Юрий Сергеевич", "Yuriy Sergeyevich Shcherbakov"),
    "by a German": ("Чернышёв Захар", "Sachar Tschernyschow"),
    "by a Frenchman": ("Юрий Чернов", "Iouri Tchernoff"),
    "by a Pole": ("Хмурковский Андрей", "Andrzej Chmurkowski"),
    "by a Latvian": ("Владимир Ерофеев", "Vladimirs Jerofejevs"),
    "by an emigrant": ("Чернов Олег", "Oleg Chernoff"),
    "by a Greek office": ("Нурмурад Курбанов", "Nourmourad Kourmpanov"),
    "in Ukrainian": ("Григорьев Николай Дмитриевич", "Григор'єв Микола Дмитрович"),
    "in Ukrainian, in Latin letters": ("Голубев Сергей", "Serhii Holubiev"),
    "in Belarusian": ("Тихановский Сергей", "Сяргей Ціханоўскі"),
    "in Belarusian, in Latin letters": ("Тимошенко Дмитрий", "Dzmitry Tsimashenka"),
    "in Belarusian, where a name is in the surname": ("Николаенко Иван", "Іван Мікалаенка"),
    "in Kazakh": ("Жумабаев Касым-Жомарт", "Қасым-Жомарт Жұмабаев"),
    "in Kyrgyz, as son of": ("Борубаев Азамат Нурбекович", "Бөрүбаев Азамат Нурбек уулу"),
    "in Tajik": ("Джалилов Джамшед", "Ҷалилов Ҷамшед"),
    "in Tajik, as a child of": ("Рахмонов Сухроб", "Раҳмонзода Сӯҳроб"),
    "in Azeri": ("Алиев Ильхам Гейдар оглы", "Əliyev İlham Heydər oğlu"),
    "in Azeri, with a Russian father's name": ("Гасанов Эльчин Вугарович", "Həsənov Elçin Vüqar oğlu"),
    "in Uzbek": ("Уткир Юлдашев", "O‘tkir Yo‘ldoshev"),
    "in Kyrgyz, with his father for a surname": ("Орозов Нурлан", "Ороз уулу Нурлан"),
    "in Kyrgyz, a woman with her father for a surname": ("Сатыбалдиева Айгуль", "Сатыбалды кызы Айгүл"),
    "in Azeri, where a Russian hears an a": ("Исмаилов Хайям", "İsmayılov Xəyyam"),
    "in Azeri, where a Russian hears дж and г": ("Гаджиев Гусейн", "Hajiyev Husein"),
    "in Ukrainian, with a father's name that Russian makes longer": (
        "Зоя Яковлевна Щербина",
        "Zoya Yakivna Shcherbyna",
    ),
    "with a servant's name in two ways": ("Абдулкадир Нуров", "Абдукодир Нуров"),
    "in Chinese": ("Чжан Сяомин", "Zhang Xiaoming"),
    "in Vietnamese": ("Нгуен Ван Тхань", "Nguyen Van Thanh"),
    "by a Frenchman, with an accent": ("Желина", "Gélinas"),
    "in another order": ("Иванов Сергей Петрович", "Сергей Петрович Иванов"),
    "without the father's name": ("Иванов Сергей Петрович", "Сергей Иванов"),
    "with initials": ("Иванов Сергей Петрович", "С.П. Иванов"),
    "with one initial": ("Шевченко Юрий Иванович", "Yu. Shevchenko"),
    "by his short name": ("Петренко Александр", "Саша Петренко"),
    "by his rude name": ("Петренко Александр", "Сашка Петренко"),
    "by his short name, in Latin letters": ("Петренко Олександр", "Sasha Petrenko"),
    "by his tender name": ("Сидоров Иван", "Ванечка Сидоров"),
    "in capitals": ("Иванов Сергей", "ИВАНОВ СЕРГЕЙ"),
    "with marks of stress": ("Иванов Сергей", "Ивано́в Серге́й"),
    "with letters that look alike": ("Иванов Сергей", "Ивaнoв Ceргeй"),
    "with a maiden name": ("Смирнова Мария Петровна", "Смирнова (Иванова) Мария"),
    "with half of a double name": ("Сидоров-Кедрин Иван", "Сидоров Иван"),
    "with an article": ("Hasan Wardian", "Al-Wardian Hassan"),
    "in a question": ("Иванов Сергей Петрович", "передайте Иванову Сергею"),
    "in a question of small letters": ("Иванов Сергей Петрович", "передайте иванову сергею"),
    "in a question in Ukrainian": ("Шевченко Тарас Григорович", "для Шевченка Тараса Григоровича"),
    "in the Ukrainian dative": ("Шевченко Тарас Григорович", "Шевченкові Тарасу Григоровичу"),
    "in the genitive": ("Иванов Александр", "ищу Иванова Александра"),
    "in the instrumental": ("Иванов Сергей Петрович", "с Ивановым Сергеем Петровичем"),
    "in the locative": ("Иванов Сергей", "об Иванове Сергее"),
    "as an adjective in the dative": ("Толстой Лев Николаевич", "Толстому Льву Николаевичу"),
    "a woman, in the dative": ("Иванова Мария Петровна", "письмо Ивановой Марии Петровне"),
    "a surname that is not inflected": ("Черных Иван", "передайте Черных Ивану"),
    "in a sentence": ("Рябов Олег Ильич", "Нет вестей про Рябова Олега Ильича"),
}
ANOTHER = {
    "whose father is called as the other's family": ("Пётр Иванов", "Иванович Пётр"),
    "his brother": ("Иванов Сергей Петрович", "Иванов Андрей Петрович"),
    "his brother, in Latin letters": ("Иванов Сергей Петрович", "Andrey Petrovich Ivanov"),
    "his brother, in another language": ("Коваленко Сергей Иванович", "Коваленко Андрій Іванович"),
    "his father": ("Иванов Сергей Петрович", "Иванов Петр Сергеевич"),
    "his sister": ("Иванов Александр Петрович", "Иванова Александра Петровна"),
    "a namesake by surname": ("Иванов Сергей", "Иванов Олег"),
    "a namesake by given and father's name": ("Иванов Сергей Петрович", "Кузнецов Сергей Петрович"),
    "a namesake with another father": ("Иванов Сергей Петрович", "Иванов Сергей Николаевич"),
    "with a surname of another suffix": ("Бондарев Олег Юрьевич", "Бондаренко Олег Юрьевич"),
    "with a surname that is his father's name": ("Петров Иван Сергеевич", "Петрович Иван Сергеевич"),
    "who has his names exchanged": ("Иванов Петр", "Петров Иван"),
    "with other initials": ("Иванов Сергей Петрович", "Иванов А.П."),
    "with an initial that only sounds alike": ("Романенко Юрий Ильич", "Романенко И.И."),
    "with initials exchanged": ("Иванов Сергей Петрович", "Иванов П.С."),
    "of another short name": ("Петренко Александр", "Коля Петренко"),
    "a woman of a like short name": ("Миша Иванов", "Маша Иванова"),
    "in a question about his brother": ("Иванов Андрей Петрович", "передайте Иванову Сергею"),
    "a brother whose name is close": ("Иванов Анна", "Иванов Яна"),
    "a brother in Azeri": ("Əliyev Anar", "Алиев Эльчин"),
    "the son of another": ("Магомедов Магомед Магомедович", "Магомедов Магомед Ахмедович"),
    "nobody": ("Иванов Сергей", ""),
    "no name": ("Иванов Сергей", "🙂 123"),
}
SLIPS = [
    ("Иванов Сергей Петрович", "Иванов Сергей Птрович"),
    ("Быков Владимир", "Быов Владимир"),
    ("Фролов Игорь", "Фролов Иогрь"),
    ("Ефимов Вадим Даниилович", "Ефимов Вадим Данипилович"),
    ("Щукин Павел", "Щукин Паевл"),
    ("Ярошенко Ярослав Иванович", "Ярошенко Ярослав Ианович"),
    ("Zaitsev Oleg", "Zaytsev Olleg"),
]
DOUBTFUL = [
    ("Петров Иван Сергеевич", "Перов Иван Сергеевич"),
    ("Иванов", "Иванов Сергей"),
    ("Валя Иванов", "Валентина Иванова"),
]


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_a_man_is_probably_the_same(pair: tuple[str, str]) -> None:
    assert similarity(*pair) >= PROBABLY_SAME


@pytest.mark.parametrize("pair", ANOTHER.values(), ids=ANOTHER)
def test_a_man_is_not_even_possibly(pair: tuple[str, str]) -> None:
    assert similarity(*pair) < POSSIBLY_SAME


@pytest.mark.parametrize("pair", SLIPS)
def test_a_slip_of_the_finger_leaves_him_possible(pair: tuple[str, str]) -> None:
    assert similarity(*pair) >= POSSIBLY_SAME


@pytest.mark.parametrize("pair", DOUBTFUL)
def test_what_a_person_must_look_at_is_possible_and_no_more(pair: tuple[str, str]) -> None:
    assert POSSIBLY_SAME <= similarity(*pair) < PROBABLY_SAME


def test_the_weakest_word_counts_most() -> None:
    assert similarity("Иванов Сергей Петрович", "Иванов Сергей Ильич") < similarity("Иванов Сергей", "Иванов Саргей")


def test_a_left_out_father_is_nearer_than_a_left_out_surname() -> None:
    assert similarity("Иванов Сергей Ильич", "Иванов Сергей") > similarity("Иванов Сергей Ильич", "Сергей Ильич")
