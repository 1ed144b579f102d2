"""Which letters a document can show, and what stands for the others.

Promises that any text can be printed and that nothing is left out unsaid: a letter which the fonts lack
becomes its number, `[U+4E2D]`. Must never hand the compiler a letter that it cannot draw: the archive standard
refuses it, and some make the compiler stop.

Ranges: what Libertinus Serif and DejaVu Sans Mono, the compiler's own fonts, draw; measured, first and last.
"""

from bisect import bisect_right

WRITABLE: tuple[tuple[int, int], ...] = (
    (0x000A, 0x000A),  # a new line
    (0x0020, 0x007E),  # Latin
    (0x00A0, 0x00AC),
    (0x00AE, 0x0377),  # Latin with marks, marks, Greek
    (0x0384, 0x038A),
    (0x038E, 0x03A1),
    (0x03A3, 0x04FF),  # Greek, Cyrillic of every language of Russia and around it
    (0x0531, 0x0556),  # Armenian
    (0x0559, 0x058A),
    (0x05D0, 0x05EA),  # Hebrew
    (0x0621, 0x063A),  # Arabic
    (0x0641, 0x0652),
    (0x0660, 0x066C),
    (0x067E, 0x067E),
    (0x0686, 0x0686),
    (0x0698, 0x0698),
    (0x06A9, 0x06A9),
    (0x06AF, 0x06AF),
    (0x06CC, 0x06CC),
    (0x06F0, 0x06F9),
    (0x10D0, 0x10FF),  # Georgian
    (0x1E00, 0x1EFF),  # Latin with marks
    (0x2010, 0x2027),  # punctuation
    (0x2030, 0x2040),
    (0x2044, 0x2052),
    (0x2054, 0x205E),
    (0x20A0, 0x20BF),  # currencies
    (0x2116, 0x2116),  # number sign
    (0x2122, 0x2122),
    (0x2190, 0x2199),  # arrows
    (0x2212, 0x2212),
)
_FIRST = [first for first, _ in WRITABLE]


def writable(text: str) -> str:
    """Return the text with each letter that cannot be drawn as its number in brackets."""
    return "".join(letter if _drawn(ord(letter)) else f"[U+{ord(letter):04X}]" for letter in text)


def _drawn(point: int) -> bool:
    place = bisect_right(_FIRST, point) - 1
    return place >= 0 and point <= WRITABLE[place][1]
