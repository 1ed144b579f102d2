"""How a Latin spelling may be read: as English, German, Polish, French, Dutch, Belarusian, Turkic, Baltic or Greek.

Promises the plain reading first, and only readings that differ from it. Must never choose between them: "ch" is ч, х
or ш, and which of them it was is decided by what it is compared with.
"""

import re
import unicodedata
from collections.abc import Iterable

from api.names.letters import MARKED, SOUNDS

Rules = tuple[tuple[re.Pattern[str], str], ...]


def as_rules(*pairs: tuple[str, str]) -> Rules:
    """Return patterns with the sounds they stand for, in the order in which they are applied."""
    return tuple((re.compile(pattern), sound) for pattern, sound in pairs)


# Capitals are sounds already decided, so that no later rule touches them.
_PLAIN = as_rules(
    ("schtsch|s[hc]h?ch|stch|chtch|shtsh|szcz|sjtsj|XQ", "X"),
    ("tsch|tch|tsj|tsh|cz|tX", "Q"),
    ("dzh|dsch|dj|dJ|dzj", "J"),
    ("sch|sh|sz", "X"),
    ("zh", "J"),
    ("kh", "H"),
    ("ch", "Q"),
    ("ph", "f"),
    ("(?<=[tgdr])h", ""),
    ("t[sz]|tc", "C"),
    ("x", "ks"),
    ("q", "k"),
    ("w", "v"),
    ("(?<=i)c$", "Q"),
    ("c(?=[eiyj])", "C"),
    ("c", "k"),
    ("ou", "u"),
    ("[yj]", "i"),
)
# A reading: where it may apply, and what it reads before the plain rules do.
_READINGS: tuple[tuple[re.Pattern[str], Rules], ...] = tuple(
    (re.compile(where), as_rules(*pairs))
    for where, pairs in (
        ("ch|z|sch", (("schtsch", "X"), ("tsch", "Q"), ("sch", "X"), ("ch", "H"), ("tz|z", "C"))),
        ("sch", (("schtsch", "X"), ("tsch", "Q"), ("dsch|sch", "J"))),
        (
            "c|rz|[óęą]|ch",
            (
                ("tch|tsch", "Q"),
                ("sch", "X"),
                ("ch", "H"),
                ("rz", "J"),
                ("ó", "u"),
                ("ę(?=[bp])", "em"),
                ("ą(?=[bp])", "om"),
                ("ę", "en"),
                ("ą", "on"),
                ("szcz", "X"),
                ("cz", "Q"),
                ("c", "C"),
            ),
        ),
        (
            "ch|j|gu|qu|ine$",
            (
                ("chtch|shch|sch", "X"),
                ("tsch|tch", "Q"),
                ("ch", "X"),
                ("dj|j", "J"),
                ("gu(?=[eiy])", "g"),
                ("qu", "k"),
                ("ine$", "in"),
            ),
        ),
        (
            "[aeo]u|[dt][sz]",
            (
                ("[ao]u(?![aeouy]|i(?![aeou]))", "ov"),
                ("eu(?![aeiouy])", "ev"),
                ("dz(?=[eimyv])", "d"),
                ("ts(?=(?:ts)?[eiyv])", "t"),
            ),
        ),
        (
            "[cxqjə\u014f]|oo",
            (("sh", "X"), ("ch", "Q"), ("c|j", "J"), ("x", "H"), ("q", "g"), ("ə", "e"), ("oo|\u014f", "u")),
        ),
        ("(?<![cszkgtp])h", (("(?<![cszkgtp])h", "g"),)),
        (
            "ə|(?<![cszkgtp])h.*j|j.*(?<![cszkgtp])h",
            (("(?<![cszkgtp])h", "g"), ("c|j", "J"), ("x", "H"), ("q", "g"), ("ə", "a")),
        ),
        ("[öüışçğ].*zh|zh.*[öüışçğ]", (("zh", "zH"),)),
        ("^abd", (("^abd(?:[aeiou]l|us|ur|[iu])?-?", "abdu"),)),
        ("ŭ|ć|ci", (("ch", "H"), ("ć|c(?=[ie])", "t"), ("dz(?=[ie])", "d"), ("c", "C"))),
        ("[stz]j|oe", (("sjtj", "X"), ("tsj|tj", "Q"), ("sj", "X"), ("zj", "J"), ("oe", "u"), ("ie", "i"))),
        ("s$", (("ij[aiu]?s$", "i"), ("(?<=[sc]k)is$", "i"), ("c", "C"), ("(?<=[^aeiou])(?:i?[aiu])?s$", ""))),
        ("^m[iy]k[ao]l", (("^m[iy]k[ao]l", "nikol"),)),
        ("ř|rz", (("ř|rz", "rJ"), ("sz", "X"), ("cz", "Q"), ("ch", "H"), ("c", "C"))),
        ("mp|nt|gk|tz", (("mp", "b"), ("nt", "d"), ("gk", "g"), ("tz", "J"))),
        ("cs|zs|sz|gy", (("cs", "Q"), ("zs", "J"), ("sz", "s"), ("gy", "d"))),
    )
)
_LATIN = re.compile("[a-z\u00c0-\u024f\u0259\u1e00-\u1eff]")
# At the beginning of a word the two sounds of я and ю stay apart: Яна is not Анна.
_SOFT_O = re.compile("[йь]о")
_FIRST = re.compile("^[яю]")
_CYRILLIC_READINGS: tuple[tuple[re.Pattern[str], Rules], ...] = tuple(
    (re.compile(where), as_rules(*pairs))
    for where, pairs in (
        ("^м[иі]к[ао]л", (("^м[иі]к[ао]л", "никол"),)),
        ("^абд", (("^абд(?:[аеиуэ]л|ус|ур|[иу])?", "абду"),)),
        ("дз|ц|ў", (("аў(?=$|а$|скі)", "ов"), ("дз(?=[іеёюяьмв])", "д"), ("ц(?=ц?[іеёюяьв])", "т"), ("ў", "в"))),
    )
)
_SETTLED = as_rules(
    ("dj", "j"),
    ("t[sc]", "c"),
    ("i+[oe]", "e"),
    ("(?<!^)i+(?=[au])", ""),
    ("(?<=[jqxc])o", "e"),
    ("o[fv]+$", "ov"),
    ("e[fv]+$", "ev"),
    ("ei$", "i"),
    ("vic$", "viq"),
    (r"(.)\1+", r"\1"),
)
# Most words are settled as they are: one look saves nine.
_UNSETTLED = re.compile("|".join(pattern.pattern for pattern, _ in _SETTLED))


def readings(word: str) -> tuple[str, ...]:
    """Return the ways to read one word of any alphabet, the plain one first; none when it has no letter we know."""
    small = word.casefold()
    return latin(small) if is_latin(small) else cyrillic(small)


def is_latin(word: str) -> bool:
    """Say whether a small word is written in Latin letters."""
    return word.isascii() or bool(_LATIN.match(word))


def plain(word: str) -> str:
    """Return the plain reading of one word; empty when there is none."""
    return next(iter(readings(word)), "")


def latin(word: str) -> tuple[str, ...]:
    """Return the ways to read a small Latin word, the plain one first."""
    read = [read_plainly(word), *(read_plainly(word, rules) for where, rules in _READINGS if where.search(word))]
    return _distinct(read)


def cyrillic(word: str) -> tuple[str, ...]:
    """Return the ways to read a small word in any other alphabet of the table, the plain one first."""
    soft = _FIRST.sub(r"й\g<0>", _SOFT_O.sub("ё", word))
    read = [soft, *(_apply(rules, soft) for where, rules in _CYRILLIC_READINGS if where.search(soft))]
    return _distinct(_settled(_bare(one.translate(SOUNDS)).translate(SOUNDS)) for one in read)


def read_plainly(word: str, first: Rules = ()) -> str:
    """Return the plain reading of a small Latin word, after some rules of its own."""
    return _settled(_apply(_PLAIN, _bare(_apply(first, word).translate(MARKED))))


def _bare(text: str) -> str:
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def _settled(word: str) -> str:
    small = word.lower()
    return _apply(_SETTLED, small) if _UNSETTLED.search(small) else small


def _apply(rules: Rules, word: str) -> str:
    for pattern, sound in rules:
        word = pattern.sub(sound, word)
    return word


def _distinct(forms: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for form in forms if form))
