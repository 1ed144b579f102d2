"""How alike two words of names are: the same reading, a known name, a short name, the same rough sound, a slip.

Promises a figure in 0..1, the same both ways. Must never look at more than the two words; see `score` for names.
"""

import re

from rapidfuzz.distance import OSA, JaroWinkler

from api.names import roles
from api.names.parts import FATHER, INITIAL, Part, Sound

# What each ground is worth, best first.
SAME, OTHER_READING, KNOWN, SHORT, SOUND, INITIALS = 1.0, 0.98, 0.96, 0.94, 0.92, 0.92
FOREIGN = 0.9
TAIL, NEAR_SOUND, FAR_SOUND, SLIP, TWO_SLIPS, FAINT = 0.88, 0.88, 0.84, 0.84, 0.76, 0.6
# What speaks against, and how much.
OTHER_NAME, OTHER_KIND, OTHER_SEX, OTHER_ROLE, OTHER_KNOWN = 0.08, 0.1, 0.83, 0.9, 0.4
OTHER_PLACE, OTHER_LANGUAGE = 0.6, 0.8
SHORT_WORD, LONG_WORD, MOST_SLIPS = 4, 8, 2

_CYRILLIC_I, _SOFT = frozenset("иі"), ("iu", "ia")
_BEGINS = re.compile("^(?:ia|e)")


def likeness(a: Part, b: Part) -> float:
    """Return how alike two words are."""
    if INITIAL in (a.role, b.role):
        return _initials(a, b)
    alike = _fathers(a, b) if a.role == b.role == FATHER else _names(a, b)
    if alike < SLIP and (alike != OTHER_KNOWN or FATHER in (a.role, b.role)):
        alike = max(alike, _written(a, b))
    if a.role != b.role:
        alike = TAIL if _named_after(a, b) or _named_after(b, a) else min(alike, OTHER_ROLE)
    return min(alike, OTHER_SEX) if alike > OTHER_SEX and _other_sex(a, b) else alike


def _initials(a: Part, b: Part) -> float:
    """Compare what stands before a full stop with the beginning of the other word."""
    if (a.role, a.place, a.word) == (b.role, b.place, b.word):
        return SAME
    if not (_begins(a, b) or _begins(b, a)):
        return OTHER_LANGUAGE if a.letters & b.sound.distinct or b.letters & a.sound.distinct else 0.0
    return INITIALS if a.place == b.place or not (a.place and b.place) else OTHER_PLACE


def _begins(initial: Part, word: Part) -> bool:
    """Say whether a word begins with an initial; in Cyrillic, И is not the beginning of Юрий and Яков."""
    soft = _SOFT if initial.word in _CYRILLIC_I else ()
    return any(y.startswith(x) and not y.startswith(soft) for x in initial.sound.forms for y in word.sound.forms)


def _fathers(a: Part, b: Part) -> float:
    if a.father.plain == b.father.plain:
        return SAME
    if not a.father.distinct.isdisjoint(b.father.distinct):
        return OTHER_READING
    if a.father_full and b.father_full:
        return OTHER_KNOWN if a.father_full.isdisjoint(b.father_full) else KNOWN
    if not a.fathers.isdisjoint(b.fathers):
        return KNOWN
    return _by_ear(a.father, b.father, OTHER_NAME if a.fathers and b.fathers else 0.0)


def _names(a: Part, b: Part) -> float:
    if a.sound.plain == b.sound.plain:
        return SAME
    if not a.sound.distinct.isdisjoint(b.sound.distinct) or a.mans == b.mans:
        return OTHER_READING
    if a.full and b.full:
        return OTHER_KNOWN if a.full.isdisjoint(b.full) else SHORT if a.is_short or b.is_short else KNOWN
    if not a.groups.isdisjoint(b.groups):
        return KNOWN
    if _but_for_a_tail(a.sound.plain, b.sound.plain):
        return TAIL
    against = _against(a, b)
    return max(_by_ear(a.sound, b.sound, against), _from_elsewhere(a, b, against))


def _from_elsewhere(a: Part, b: Part, against: float) -> float:
    """Compare with how a name from another country is read; never two such readings with each other."""
    apart = a.foreign.isdisjoint(b.sound.distinct) and b.foreign.isdisjoint(a.sound.distinct)
    return 0.0 if apart else FOREIGN - against


def _against(a: Part, b: Part) -> float:
    """Return what speaks against a slip: both are known, as different names; their suffixes are of two kinds."""
    known = OTHER_NAME if a.known and b.known else 0.0
    return known + (OTHER_KIND if a.kind and b.kind and a.kind != b.kind else 0.0)


def _by_ear(a: Sound, b: Sound, against: float) -> float:
    """Compare the rough sound, then letter by letter; far names are told by their letters alone."""
    if not a.near(b):
        return FAINT * JaroWinkler.similarity(a.plain, b.plain) ** 2
    slips = min(OSA.distance(x, y, score_cutoff=MOST_SLIPS) for x in a.forms for y in b.forms)
    length = min(len(a.plain), len(b.plain))
    if length > SHORT_WORD - 2 and not a.roughest.isdisjoint(b.roughest):
        return _roughly(a, b, slips, length, against)
    return max(0.0, _slips(a, b, slips, length) - against)


def _roughly(a: Sound, b: Sound, slips: int, length: int, against: float) -> float:
    """Weigh words of one rough sound: the vowels of an unstressed syllable say little, the gutturals a little more."""
    vowels = min(OSA.distance(_open(x), _open(y), score_cutoff=MOST_SLIPS) for x in a.forms for y in b.forms)
    if length < SHORT_WORD or (length == SHORT_WORD and against):
        return TWO_SLIPS - against
    if vowels <= 1 and not a.rough.isdisjoint(b.rough):
        return SOUND - against / 2
    return (NEAR_SOUND if min(slips, vowels) <= MOST_SLIPS else FAR_SOUND) - against


def _open(form: str) -> str:
    """Return a form with the vowels that Belarusian writes as they are heard: я for е, а for о."""
    return _BEGINS.sub("a", form.replace("o", "a"))


def _slips(a: Sound, b: Sound, slips: int, length: int) -> float:
    if slips == 1 and length >= SHORT_WORD - 1:
        return SLIP if length > SHORT_WORD else TWO_SLIPS
    if slips == MOST_SLIPS and length >= LONG_WORD:
        return TWO_SLIPS
    return FAINT * max(JaroWinkler.similarity(x, y) ** 2 for x in a.forms for y in b.forms)


def _written(a: Part, b: Part) -> float:
    """Compare the letters as they were typed: a slip of a finger may change the sound of a whole word."""
    if abs(len(a.word) - len(b.word)) > 1 or OSA.distance(a.word, b.word, score_cutoff=1) > 1:
        return 0.0
    length = min(len(a.word), len(b.word))
    worth = SLIP if length > SHORT_WORD else TWO_SLIPS
    return worth - _against(a, b) if length >= SHORT_WORD - 1 else 0.0


def _but_for_a_tail(a: str, b: str) -> bool:
    """Say whether one has a tail that the other leaves out or has in the Russian way, and all else is equal."""
    short, long = sorted((a, b), key=len)
    if long[:2] in roles.ARTICLES and len(short) > SHORT_WORD and long[2:] == short:
        return True
    bare = roles.TAIL.sub("", long) if roles.TAIL.search(long) else ""
    return bool(bare) and bare in (short, roles.OF.sub("", short))


def _named_after(child: Part, surname: Part) -> bool:
    """Say whether one is the father before "уулу" or "кызы", and the other a surname made of him: Ороз, Орозов."""
    plain = child.sound.plain
    stem = plain.rstrip("aeiou")
    return child.role == FATHER and child.father.plain == plain and surname.mans in (f"{stem}ov", f"{stem}ev")


def _other_sex(a: Part, b: Part) -> bool:
    """Say whether one is a man's form and one a woman's: Петров and Петрова, Валентин and Валентина."""
    if a.sex and b.sex:
        return a.sex != b.sex
    x, y = sorted((a.sound.plain, b.sound.plain), key=len)
    known = not a.groups.isdisjoint(b.groups)
    return len(x) > SHORT_WORD and not known and y in (f"{x}a", f"{x[:-1]}a") and x[-1] not in "aeou"
