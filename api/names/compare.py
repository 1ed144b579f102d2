"""How alike two words of names are: the same reading, a known name, a short name, the same rough sound, a slip.

Promises a figure in 0..1, the same both ways. Must never look at more than the two words; see `score` for names.
"""

from rapidfuzz.distance import OSA, JaroWinkler

from api.names import roles
from api.names.parts import FATHER, INITIAL, Part, rough

# What each ground is worth, best first.
SAME, OTHER_READING, KNOWN, SHORT, SOUND, INITIALS = 1.0, 0.98, 0.96, 0.94, 0.92, 0.92
FAR_SOUND, SLIP, TWO_SLIPS, FAINT = 0.84, 0.84, 0.76, 0.7
# What speaks against, and how much.
OTHER_NAME, OTHER_KIND, OTHER_SEX = 0.12, 0.1, 0.8
SHORT_WORD, LONG_WORD = 4, 8

Forms = tuple[str, ...]


def likeness(a: Part, b: Part) -> float:
    """Return how alike two words are."""
    if INITIAL in (a.role, b.role):
        return _initials(a, b)
    alike = _fathers(a, b) if a.role == b.role == FATHER else _names(a, b)
    return min(alike, OTHER_SEX) if _other_sex(a, b) else alike


def _initials(a: Part, b: Part) -> float:
    """Compare what stands before a full stop with the beginning of the other word."""
    found = any(x.startswith(y) or y.startswith(x) for x in a.forms for y in b.forms)
    return INITIALS if found else 0.0


def _fathers(a: Part, b: Part) -> float:
    if set(a.stems) & set(b.stems):
        return SAME
    if a.fathers & b.fathers:
        return KNOWN
    alike = _sound(a.stems, b.stems)
    return alike - OTHER_NAME if a.fathers and b.fathers and alike < SOUND else alike


def _names(a: Part, b: Part) -> float:
    if a.forms[0] == b.forms[0]:
        return SAME
    if set(a.forms) & set(b.forms) or roles.as_a_mans(a.forms[0]) == roles.as_a_mans(b.forms[0]):
        return OTHER_READING
    if a.groups & b.groups:
        return SHORT if a.short or b.short else KNOWN
    alike = _sound(a.forms, b.forms)
    return max(0.0, alike - _against(a, b)) if alike < SOUND else alike


def _against(a: Part, b: Part) -> float:
    """Return what speaks against a slip: both are known, as different names; their suffixes are of two kinds."""
    known = OTHER_NAME if a.known and b.known else 0.0
    return known + (OTHER_KIND if a.kind and b.kind and a.kind != b.kind else 0.0)


def _sound(a: Forms, b: Forms) -> float:
    """Compare by ear, then letter by letter."""
    slips = min(OSA.distance(x, y) for x in a for y in b)
    length = min(len(a[0]), len(b[0]))
    if {rough(form) for form in a} & {rough(form) for form in b} and length > 2:
        return SOUND if slips <= 2 and length >= SHORT_WORD else FAR_SOUND
    if slips == 1 and length >= SHORT_WORD - 1:
        return SLIP if length > SHORT_WORD else TWO_SLIPS
    if slips == 2 and length >= LONG_WORD:
        return TWO_SLIPS
    return FAINT * max(JaroWinkler.similarity(x, y) ** 2 for x in a for y in b)


def _other_sex(a: Part, b: Part) -> bool:
    """Say whether one is a man's form and one a woman's: Петров and Петрова, Валентин and Валентина."""
    if a.sex and b.sex:
        return a.sex != b.sex
    x, y = sorted((a.forms[0], b.forms[0]), key=len)
    return len(x) > SHORT_WORD and not a.groups & b.groups and y in (f"{x}a", f"{x[:-1]}a") and x[-1] not in "aeou"
