"""Names that came into Cyrillic from elsewhere: western Europe, Scandinavia, Japan, China, Vietnam.

Promises readings for Latin words without a Slavic ending. Must never weigh as much as the customs of our countries: for
an Italian "c" is ч, and Циолковский is none.
"""

import re
from collections.abc import Iterator

from api.names.readings import Rules, as_rules, read_plainly

_OURS = re.compile("(?:[oe][vw]a?|[oe]ff|ou|enk[oa]|sk[iya]+|[vw]i(?:ch|tch|tsch|cz|č|ć)|[vw]na|dze|[sš]h?vili)$")
_GERMAN = (("sch", "X"), ("ch", "H"), ("tz|z", "C"))
_LANGUAGES: tuple[Rules, ...] = tuple(
    as_rules(*pairs)
    for pairs in (
        # English
        (
            ("e$", ""),
            ("igh", "ai"),
            ("ee|ea", "i"),
            ("ay|ai|ey", "ei"),
            ("gh|h(?=[lmnrt])", ""),
            ("wh?(?=[aeiou])", "u"),
        ),
        (("g(?=[eiy])", "J"), ("j", "J"), ("e$", ""), ("ow", "ou"), ("u(?=[^aeiou]{2})", "a")),
        # Italian
        (
            ("ch", "k"),
            ("cc?i?(?=[ao])|cc?(?=[ei])", "Q"),
            ("ggi(?=[aou])|gg?(?=[ei])", "J"),
            ("gli", "li"),
            ("gn", "n"),
        ),
        # Spanish
        (("z", "s"), ("c(?=[ei])", "s"), ("j|g(?=[ei])", "H"), ("ch", "Q"), ("h", ""), ("qu", "k"), ("ñ", "n")),
        # French
        (
            ("eau|au", "o"),
            ("oi", "ua"),
            ("ch", "X"),
            ("j|g(?=[eièéêë])", "J"),
            ("c(?=[eièéêë])|ç", "s"),
            ("(?:es|e|t|d|s)$", ""),
        ),
        # German
        (("^s(?=t|p)", "X"), ("(?<![^aeiou])s(?=[aeiouäöü])", "z"), ("eu|äu", "oi"), ("ei", "ai"), *_GERMAN),
        # Scandinavian, Baltic, Hungarian
        (("ö|ø|oe", "e"), ("å|aa", "o"), ("ä|æ", "e"), ("tj(?![aeou])", "Q"), ("sj", "X"), ("y", "u")),
        (("tx", "Q"), ("x", "X"), ("h", "")),
        (("sz", "S"), ("zs", "J"), ("cs", "Q"), ("s", "X"), ("gy", "d")),
        # Japanese
        (("sh", "s"), ("ch", "t"), ("j|z", "dz"), ("ou|ō", "o")),
        # Chinese, Vietnamese
        (("sh", "X"), ("zh", "QJ"), ("ch", "Q"), ("x", "s"), ("q", "C"), ("j|z", "Cz"), ("ng", "n"), ("h(?!$)", "H")),
        (("th", "tH"), ("ph", "f"), ("kh", "H"), ("nh$", "n")),
    )
)


def foreign(word: str) -> Iterator[str]:
    """Yield the readings of a small Latin word as a name from elsewhere; none where it ends as ours do."""
    if not _OURS.search(word):
        for rules in _LANGUAGES:
            yield read_plainly(word, rules)
