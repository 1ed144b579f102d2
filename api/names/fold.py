"""One Latin spelling for a name written in Russian, Ukrainian, Belarusian or Latin letters.

Promises the same tokens for "Артём Бунятов", "ARTEM BUNYATOV" and "Бунятов Артьом". Must never decide that two people
are one: it finds candidates, a person decides. It folds hard (й, и, ы, і, y and i are one), so that misspellings meet.
"""

import re
import unicodedata

LONGEST = 400

# Letters that look alike, in the alphabet to which most of a mixed token belongs.
_TO_CYRILLIC = str.maketrans("ABCEHIKMOPTXYaceiopxy", "АВСЕНІКМОРТХУасеіорху")
_TO_LATIN = str.maketrans("АВСЕНІКМОРТХУасеіорху", "ABCEHIKMOPTXYaceiopxy")

# Small letters in the canonical spelling; the soft and hard sign vanish.
_ROMAN = str.maketrans(
    {
        **dict(zip("абвгґдезийіыклмнопрстуўфэ", "abvggdeziiiiklmnoprstuufe", strict=True)),
        **{"ё": "e", "є": "e", "ж": "zh", "ї": "i", "х": "h", "ц": "c", "ч": "ch", "ш": "sh", "щ": "sh"},
        **{"ю": "u", "я": "a", "ь": "", "ъ": ""},
        **dict(zip("әғқңөұүһҳҷ", "agknouuhhc", strict=True)),
        **{"č": "ch", "š": "sh", "ž": "zh"},
    }
)

# The many Latin spellings of one sound, in the order in which they are undone.
_SPELLINGS = tuple(
    (re.compile(pattern), canonical)
    for pattern, canonical in (
        ("tsch|tch|cz", "ch"),
        ("shch|sch", "sh"),
        ("kh|(?<![csz])h", "h"),
        ("ts|tz", "c"),
        ("ph", "f"),
        ("x", "ks"),
        ("w", "v"),
        ("q", "k"),
        ("[yj]", "i"),
        ("i+o", "e"),
        ("i+(?=[aeu])", ""),
        ("(?:of|ov|ou)f?$", "ov"),
        ("(?:ef|ev)f?$", "ev"),
        ("ou", "u"),
        ("ei$", "i"),
        (r"(.)\1+", r"\1"),
    )
)
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile("[\u0400-\u052f]")


def fold(name: str) -> tuple[str, ...]:
    """Return the canonical tokens of a name, sorted; the same for any order, case and alphabet."""
    plain = unicodedata.normalize("NFKC", name[:LONGEST]).replace("\u0301", "")
    joined = re.sub("['’ʼ`´\u00ad\u200b]", "", plain)
    tokens = (_token(word) for word in _WORD.findall(joined))
    return tuple(sorted(token for token in tokens if token))


def same_folded(a: str, b: str) -> bool:
    """Say whether one name's tokens contain the other's, with at least two in common."""
    first, second = set(fold(a)), set(fold(b))
    return len(first & second) >= 2 and (first <= second or second <= first)


def _token(word: str) -> str:
    """Return one token in canonical letters; stable, so that a folded token folds to itself."""
    small = re.sub("[йь]о", "ё", _one_alphabet(word).casefold())
    latin = _CYRILLIC.sub("", _bare(small.translate(_ROMAN)).translate(_ROMAN))
    while (folded := _respelled(latin)) != latin:
        latin = folded
    return latin


def _one_alphabet(word: str) -> str:
    cyrillic = len(_CYRILLIC.findall(word))
    if cyrillic in (0, len(word)):
        return word
    return word.translate(_TO_CYRILLIC if 2 * cyrillic >= len(word) else _TO_LATIN)


def _bare(text: str) -> str:
    """Strip what stands on Latin letters: "č" is "c", "ñ" is "n"."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()


def _respelled(token: str) -> str:
    for pattern, canonical in _SPELLINGS:
        token = pattern.sub(canonical, token)
    return token
