"""What a word does in a name: a father's name, a surname of some kind, a man's form or a woman's.

Promises answers by suffix alone, on a reading of `readings`. Must never be the only ground for a decision: Marković is
a surname and looks like a father's name, so both are tried.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

# "son of", "daughter of" after or at the end of a father's name: Azeri, Turkish, Kazakh, Kyrgyz, Uzbek.
SON = frozenset(("ogli", "ogl", "oglu", "oglan", "ugli", "ugl", "ul", "uul", "ulu", "uli"))
DAUGHTER = frozenset(("kizi", "gizi", "kiz", "giz", "kzi"))
_ATTACHED = re.compile("(.{3,}?)(?:ogl[iu]|ugli|ulu|uli|([kg]izi?))$")

_OF_FATHER = re.compile(
    "(.{2,}?)(?:[aeo]viqa?|(?<=il)iqa?|(?<=kuzm)iqa?|(?<=luk)iqa?|(?<=fom)iqa?|(?<=nikit)iqa?"
    "|([aeoi]vna|[ao]una|iqna|(?:il|kuzm|luk|fom|nikit)inixna))$"
)
# A name as it stands before -ovich and -evna, where the full name is longer than by -i or -a.
_SHORTENED: Mapping[str, str] = MappingProxyType(
    {
        **{"lv": "lev", "pavl": "pavel", "paul": "pavel"},
        **dict.fromkeys(("iakovl", "iakavl", "iakaul", "iak"), "iakov"),
    }
)

_SURNAMES = (
    (("ov", "ev"), "ov", "m"),
    (("ova", "eva"), "ov", "f"),
    (("in",), "in", "m"),
    (("ina",), "in", "f"),
    (("ski", "cki"), "ski", "m"),
    (("ska", "cka"), "ski", "f"),
    (("enko", "enka"), "enko", ""),
    (("zod", "zada", "zade", "zoda"), "zoda", ""),
    (("viq",), "viq", ""),
    (("xvili", "dze"), "georgian", ""),
    (("an", "anc"), "an", ""),
    (("uk",), "uk", ""),
)
# Left out or added in Central Asia and the Caucasus: Камчы and Камчибек, Рахмонов and Рахмонзода; the Arabic article.
TAILS = ("bek", "jan", "jon", "han", "zoda", "zada", "zade", "zad", "li", "lu")
TAIL = re.compile(f"(?<=...)(?:{'|'.join(TAILS)})$")
OF = re.compile("(?<=...)(?:[oe]va?|i)$")
ARTICLES = ("al", "el")
_SHORTEST = 4
_LAST = frozenset(ending[-1] for endings, _, _ in _SURNAMES for ending in endings)


def father(forms: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Return the stems of a father's name and the child's sex; no stems when no reading has such a suffix."""
    stems, sex = list[str](), ""
    for form in forms:
        if found := _OF_FATHER.match(form) or _ATTACHED.match(form):
            stems.append(_SHORTENED.get(found[1], found[1]))
            sex = "f" if found[2] else "m"
    return tuple(dict.fromkeys(stems)), sex


def fathers_names(stem: str) -> tuple[str, ...]:
    """Return what the father may have been called, likeliest first: Алексе-й, Роман, Никит-а."""
    return f"{stem}i", stem, f"{stem}a"


def child_of(reading: str) -> str:
    """Return the sex said by a word such as oglu or kyzy; empty for any other word."""
    return "m" if reading in SON else "f" if reading in DAUGHTER else ""


def surname(form: str) -> tuple[str, str]:
    """Return the kind of a surname by its suffix, and the sex it says; empty when it says none."""
    if len(form) <= _SHORTEST or form[-1] not in _LAST:
        return "", ""
    return next(((kind, sex) for endings, kind, sex in _SURNAMES if form.endswith(endings)), ("", ""))


def as_a_mans(form: str) -> str:
    """Return a surname in the man's form: Петрова is Петров, Белая and Белый meet."""
    kind, sex = surname(form)
    if sex != "f":
        return form
    return form[:-1] + ("i" if kind == "ski" else "")
