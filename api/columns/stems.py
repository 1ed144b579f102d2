"""Words of a text without their endings: колония, колонии, колонією; letters and letter; писал and писали.

Promises the same stem for the same word, and light work: what two words share a stem may still be two. Must never tell
a name from a word: names have `api.names`.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import islice

# Russian and Ukrainian together, since a story mixes them.
_CYRILLIC = """
иями ями ами ьями ього ому ему єму ими ыми його ого его ией ієй ією ией ями иях іях ях ах ием ієм ям ам ов ев єв ів їв
ей ой ою ею єю ій ий ый ый ые ие иє іє ая яя ое ее єє ую юю им ым их ых ом ем єм ем ия ию ии ія ію ії иям іям ях ьях
ость остью ости істю ості ость
лась лись лося лася лися лся вшись вший вшая вшие ющий ющая ющие ющего ющих ащий ящий ящая ящие щий щая щие щего щих
ать ять ить еть уть оть ыть ати яти ити іти ути ал ала али ало ял яла яли ил ила или ило ел ела ели ело ыл ыла
ыли ул ула ули ив ива яв ав ла ло ли ет ит ют ут ат ят іть еть уть ють ать ять ешь ишь еш иш ете ите єте їте
а я о е є и ы і ї у ю й ь
"""
_ENGLISH = "ational ations ation ingly ings ing edly ed ies es ers er ment ments ly s e y"
_VOWELS = "аеєиіїоуыэюяйь"
_WORD = re.compile(r"[^\W_]+")
_SILENT = re.compile("['’ʼ`´\u0301\u00ad\u200b-\u200f\u2060\ufeff]")
_DOUBLE = re.compile(r"(?<=...)(.)\1$")
# Words that every text has.
_EMPTY = """
и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от меня еще
нет о из ему когда даже ну ли если уже или ни быть был него до вас них для мы тебя их чем была сам без чего себя
была были это этот эти при об й та і й є в у до що як це він вона вони ми ви з зі із на про та але чи би б же від
по за для не ні так був була було були його її їх цей ця ці при the a an of to in on at and or is was were be been
he she it his her they them their we our you your i my me that this with for from by as not no but had has have
"""
_STOP = frozenset(_EMPTY.split())
LONGEST_WORD, SHORTEST_STEM = 40, 3


def _by_length(table: str) -> Mapping[int, frozenset[str]]:
    lengths = sorted({len(ending) for ending in table.split()}, reverse=True)
    return {size: frozenset(ending for ending in table.split() if len(ending) == size) for size in lengths}


_CYRILLIC_ENDINGS, _ENGLISH_ENDINGS = _by_length(_CYRILLIC), _by_length(_ENGLISH)


def words(text: str) -> Iterator[str]:
    """Yield the words of a text, small, without marks of stress; numbers too."""
    plain = _SILENT.sub("", unicodedata.normalize("NFC", text)).casefold().replace("ё", "е").replace("ґ", "г")
    return (match[0][:LONGEST_WORD] for match in _WORD.finditer(plain))


def stem(word: str) -> str:
    """Return a small word without its ending and the vowels before it; a short one as it is."""
    if word.isascii():
        return _DOUBLE.sub(r"\1", _without(word, _ENGLISH_ENDINGS))
    bare = word.removesuffix("ся").removesuffix("сь") if len(word) > SHORTEST_STEM + 2 else word
    short = _without(bare, _CYRILLIC_ENDINGS)
    return _DOUBLE.sub(r"\1", short[:SHORTEST_STEM] + short[SHORTEST_STEM:].rstrip(_VOWELS))


def stems(text: str, most: int | None = None) -> list[str]:
    """Return the distinct stems of a text, in the order of meeting; none for words that every text has."""
    told = (stem(word) for word in dict.fromkeys(words(text)) if len(word) > 1 and word not in _STOP)
    return list(islice(dict.fromkeys(told), most))


def _without(word: str, endings: Mapping[int, frozenset[str]]) -> str:
    for size, some in endings.items():
        if len(word) >= size + SHORTEST_STEM and word[-size:] in some:
            return word[:-size]
    return word
