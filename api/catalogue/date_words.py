"""The words in which people tell dates, in Russian, Ukrainian and English.

Promises that each meaning is written once, in every form in which it is likely to be typed. Must never hold a word that
turns a date into its opposite ("not"): a word that does not stand here makes the whole text unreadable.

The first form of a month or season is its name, the second form of a month is the one after a day: `say` uses both.
"ё" is written as "е", letters are small. A phrase holds single spaces, its dash stands apart.
"""

from collections.abc import Mapping
from functools import cache

from api.catalogue.compartments import LANGUAGES, Language

WORDS: Mapping[Language, Mapping[str, str]] = {
    "ru": {
        "month 1": "январь, января, январе, январю, январем, янв",
        "month 2": "февраль, февраля, феврале, февралю, февралем, фев, февр",
        "month 3": "март, марта, марте, марту, мартом, мар",
        "month 4": "апрель, апреля, апреле, апрелю, апрелем, апр",
        "month 5": "май, мая, мае, маю, маем",
        "month 6": "июнь, июня, июне, июню, июнем, июн",
        "month 7": "июль, июля, июле, июлю, июлем, июл",
        "month 8": "август, августа, августе, августу, августом, авг",
        "month 9": "сентябрь, сентября, сентябре, сентябрю, сентябрем, сен, сент",
        "month 10": "октябрь, октября, октябре, октябрю, октябрем, окт",
        "month 11": "ноябрь, ноября, ноябре, ноябрю, ноябрем, ноя, нояб",
        "month 12": "декабрь, декабря, декабре, декабрю, декабрем, дек",
        "season 3": "весна, весны, весне, весну, весной, весною",
        "season 6": "лето, лета, лете, лету, летом",
        "season 9": "осень, осени, осенью",
        "season 12": "зима, зимы, зиме, зиму, зимой, зимою",
        "part 1": "начало, начале, начала, началу, началом, ранняя, ранней, раннюю, раннее, раннего, рано,"
        " первые числа, первых числах, первых чисел, первые дни, первых днях",
        "part 2": "середина, середине, середины, середину, серединой",
        "part 3": "конец, конце, конца, концу, концом, под конец, поздняя, поздней, позднюю, позднее, позднего,"
        " последние числа, последних числах, последних чисел, последние дни, последних днях",
        "ordinal 1": "первый, первого, первом, первому, первая, первой, первую, первое",
        "ordinal 2": "второй, второго, втором, второму, вторая, вторую, второе",
        "ordinal 3": "третий, третьего, третьем, третьему",
        "ordinal 4": "четвертый, четвертого, четвертом, четвертому",
        "quarter": "квартал, квартала, квартале, кварталу, кварталом, кв",
        "half": "половина, половине, половины, половину, полугодие, полугодии, полугодия, полугодию",
        "about": "около, примерно, приблизительно, ориентировочно, где - то, где то, приблизительная дата",
        "between": "между, в период между",
        "from": "с, со, от, начиная с, в период с",
        "after": "после, позже, позднее чем",
        "before": "до, ранее, раньше, перед",
        "until": "по, вплоть до",
        "not-later": "не позднее, не позже, не позднее чем, самое позднее",
        "not-earlier": "не ранее, не раньше, не ранее чем, самое раннее",
        "by": "к, ко, ближе к",
        "and": "и",
        "or": "или, либо",
        "year-word": "г, гг, год, года, году, годом, годы, годов",
        "filler": "в, во, на, месяц, месяца, месяце, числа, число, понедельник, вторник, среда, среду, четверг,"
        " пятница, пятницу, суббота, субботу, воскресенье",
        "day 0": "сегодня",
        "day 1": "вчера",
        "day 2": "позавчера",
    },
    "uk": {
        "month 1": "січень, січня, січні, січню, січнем, січ",
        "month 2": "лютий, лютого, лютому, лютим, лют",
        "month 3": "березень, березня, березні, березню, березнем, бер, берез",
        "month 4": "квітень, квітня, квітні, квітню, квітнем, квіт",
        "month 5": "травень, травня, травні, травню, травнем, трав",
        "month 6": "червень, червня, червні, червню, червнем, черв",
        "month 7": "липень, липня, липні, липню, липнем, лип",
        "month 8": "серпень, серпня, серпні, серпню, серпнем, серп",
        "month 9": "вересень, вересня, вересні, вересню, вереснем, вер, верес",
        "month 10": "жовтень, жовтня, жовтні, жовтню, жовтнем, жовт",
        "month 11": "листопад, листопада, листопаді, листопаду, листопадом, лист",
        "month 12": "грудень, грудня, грудні, грудню, груднем, груд",
        "season 3": "весна, весни, весні, весну, весною, навесні",
        "season 6": "літо, літа, літі, літу, літом, влітку, улітку",
        "season 9": "осінь, осені, осінню, восени",
        "season 12": "зима, зими, зимі, зиму, зимою, взимку, узимку",
        "part 1": "початок, початку, початком, початкові, рання, ранньої, ранню, раннє, раннього, рано,"
        " перші числа, перших числах, перших чисел, перші дні, перших днях",
        "part 2": "середина, середині, середини, середину, серединою",
        "part 3": "кінець, кінці, кінця, кінцю, кінцем, наприкінці, під кінець, пізня, пізньої, пізню, пізнє, пізно,"
        " останні числа, останніх числах, останніх чисел, останні дні, останніх днях",
        "ordinal 1": "перший, першого, першому, перша, першої, першій, першу, перше",
        "ordinal 2": "другий, другого, другому, друга, другої, другій, другу, друге",
        "ordinal 3": "третій, третього, третьому",
        "ordinal 4": "четвертий, четвертого, четвертому",
        "quarter": "квартал, кварталу, кварталі, кварталом, кв",
        "half": "половина, половині, половини, половину, півріччя, півріччі, півріччю",
        "about": "близько, приблизно, орієнтовно, десь, коло, біля",
        "between": "між, поміж, у період між, в період між",
        "from": "з, із, зі, від, починаючи з, у період з, в період з",
        "after": "після, пізніше",
        "before": "до, раніше, перед",
        "until": "по, аж до",
        "not-later": "не пізніше, не пізніше ніж, найпізніше",
        "not-earlier": "не раніше, не раніше ніж, найраніше",
        "by": "ближче до",
        "and": "і, та, й, i",
        "or": "або, чи",
        "year-word": "р, рр, рік, року, році, роком, роки, років",
        "filler": "у, в, на, місяць, місяця, місяці, числа, число, понеділок, вівторок, середа, середу, четвер,"
        " пятниця, пятницю, субота, суботу, неділя, неділю",
        "day 0": "сьогодні",
        "day 1": "вчора, учора",
        "day 2": "позавчора",
    },
    "en": {
        "month 1": "january, jan",
        "month 2": "february, feb",
        "month 3": "march, mar",
        "month 4": "april, apr",
        "month 5": "may",
        "month 6": "june, jun",
        "month 7": "july, jul",
        "month 8": "august, aug",
        "month 9": "september, sept, sep",
        "month 10": "october, oct",
        "month 11": "november, nov",
        "month 12": "december, dec",
        "season 3": "spring, springtime",
        "season 6": "summer, summertime",
        "season 9": "autumn, fall",
        "season 12": "winter, wintertime",
        "part 1": "early, beginning, start, first days",
        "part 2": "mid, middle",
        "part 3": "late, end, last days",
        "ordinal 1": "first",
        "ordinal 2": "second",
        "ordinal 3": "third",
        "ordinal 4": "fourth",
        "quarter": "quarter",
        "half": "half",
        "about": "about, around, approximately, approx, circa, ca, c, roughly, some time in, sometime in",
        "between": "between",
        "from": "from, since, starting",
        "after": "after, later than",
        "before": "before, earlier than, prior to",
        "until": "to, until, till, through, up to",
        "not-later": "not later than, no later than",
        "not-earlier": "not earlier than, no earlier than, not before",
        "by": "by, towards",
        "and": "and",
        "or": "or",
        "year-word": "year",
        "filler": "in, on, at, of, the, month, monday, tuesday, wednesday, thursday, friday, saturday, sunday,"
        " mon, tue, wed, thu, fri, sat",
        "day 0": "today",
        "day 1": "yesterday",
        "day 2": "the day before yesterday, day before yesterday",
    },
}

LONGEST_PHRASE = 4


@cache
def lexicon(language: Language) -> Mapping[str, tuple[str, int]]:
    """Return word or phrase -> (kind, number); people mix languages, the words of `language` win."""
    found: dict[str, tuple[str, int]] = {}
    for spoken in (language, *LANGUAGES):
        for meaning, forms in WORDS[spoken].items():
            kind, _, number = meaning.partition(" ")
            for form in forms.split(","):
                found.setdefault(form.strip(), (kind, int(number or 0)))
    return found


def month_name(month: int, language: Language) -> str:
    """Return the month alone: "май", "травень", "May"."""
    return _form(f"month {month}", 0, language)


def month_after_day(month: int, language: Language) -> str:
    """Return the month after a day: "мая", "травня", "May"."""
    return _form(f"month {month}", 0 if language == "en" else 1, language)


def season_name(first_month: int, language: Language) -> str:
    """Return the season that begins with this month (3, 6, 9 or 12): "весна", "spring"."""
    return WORDS[language][f"season {first_month}"].split(", ")[0]


def _form(meaning: str, place: int, language: Language) -> str:
    form = WORDS[language][meaning].split(", ")[place]
    return form.capitalize() if language == "en" else form
