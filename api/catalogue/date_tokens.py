"""From the text of a date to its meaningful tokens.

Promises that every sign and word is known or the whole text is refused, in time linear in at most 200 signs. Must never
repeat what was typed.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from api.catalogue.compartments import Language
from api.catalogue.date_words import LONGEST_PHRASE, lexicon
from api.catalogue.look_alikes import repair

LONGEST = 200


class UnreadableDate(ValueError):
    """A text or a value that is no date we can read; says nothing of what it held."""

    def __init__(self) -> None:
        super().__init__("not a readable date")


@dataclass(frozen=True, slots=True)
class Token:
    """A meaningful piece of the text: its kind, its number, and whether it was written in Latin letters."""

    kind: str
    number: int = 0
    latin: bool = False


_SKIPPED = re.compile(r"[\s.,;:()\[\]\"«»“”„!?]+")
_WORD = re.compile(r"[^\W\d_]+")
_DASH = re.compile(r"[-/]")
_SEPARATOR = r"(?:[-./]|\.\s|\s)"
_FIGURES: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern + r"(?![0-9])"), kinds)
    for pattern, kinds in (
        (r"([0-9]{4})([-./])([0-9]{1,2})\2([0-9]{1,2})", "year - month number"),
        (rf"([0-9]{{1,2}})({_SEPARATOR})([0-9]{{1,2}})\2([0-9]{{4}})", "number - month year"),
        (r"([0-9]{1,2})([-./])([0-9]{1,2})\2([0-9]{2})", "number - month short-year"),
        (r"([0-9]{4})[-.](0[1-9]|1[0-2])(?!\s*[^\W\d_]{3})", "year month"),
        (r"([0-9]{1,2})[./]([0-9]{4})", "month year"),
        (r"([0-9]{1,2})\.([0-9]{1,2})", "number month"),
        (r"([0-9]{4})\s?[-/]\s?([0-9]{4})", "winter-year next-year"),
        (r"([0-9]{4})[-/]([0-9]{2})(?!\s*[^\W\d_]{3})", "winter-year next-year"),
        (r"'([0-9]{2})", "short-year"),
        (r"([0-9]{4})(?:-?(?:го|му|м|й|ого|ому|г|р|года|году|року))?(?!\w)", "year"),
        (r"([0-9]{1,2})\s?(?:г|гг|год|года|році|року|р)(?!\w)", "short-year"),
        (r"([0-9]{1,2})(?:-?(?:го|ого|е|ое|ше|те|му|м|й|ий|я|а|st|nd|rd|th))?(?!\w)", "number"),
    )
)
_PERIOD = re.compile(r"([qh])([1-4])(?!\w)")
_NAMED_MONTH = re.compile(r"([0-9]{1,2})[-/]([^\W\d_]{3,})[-/]([0-9]{2,4})(?![0-9])")


def tokens_of(text: str, language: Language) -> list[Token]:
    """Return the meaningful tokens, fillers left out; raises UnreadableDate at the first unknown sign or word."""
    if len(text) > LONGEST:
        raise UnreadableDate
    plain = _NAMED_MONTH.sub(r"\1 \2 \3", _plain(text))
    found: list[Token] = []
    place = 0
    while place < len(plain):
        pieces, place = _next(plain, place, language)
        found += pieces
    return _without_joints([token for token in found if token.kind not in ("filler", "year-word")])


def _without_joints(tokens: Sequence[Token]) -> list[Token]:
    """Leave out the dash of "mid-May" and "May-2023", and read "2022/2023" without a winter as a span of years."""
    winter = Token("season", 12) in {Token(token.kind, token.number) for token in tokens}
    found: list[Token] = []
    for place, token in enumerate(tokens):
        if token.kind == "dash" and _joins(tokens[max(place - 1, 0)], tokens[place + 1 :]):
            continue
        if token.kind == "winter-year" and not winter:
            found += [Token("year", token.number), Token("dash"), Token("year", token.number + 1)]
        else:
            found.append(token)
    return found


def _joins(before: Token, after: Sequence[Token]) -> bool:
    kinds = [token.kind for token in after]
    if before.kind == "part":
        return kinds[:1] != ["part"]
    return before.kind in ("month", "season", "quarter", "half") and kinds in (["year"], ["winter-year"])


def _plain(text: str) -> str:
    """Return small letters without stress marks, with one dash, one apostrophe, and "е" for "ё"."""
    small = repair(unicodedata.normalize("NFC", text)).casefold().replace("\u0301", "")
    for wanted, variants in (("-", "‐‑‒–—−"), ("'", "’ʼ`"), ("е", "ё"), ("", "\u00ad\u200b\ufeff")):
        small = re.sub(f"[{variants}]", wanted, small)
    return small.replace("п'ятниц", "пятниц").strip().replace("~", " circa ")


def _next(text: str, place: int, language: Language) -> tuple[list[Token], int]:
    if skipped := _SKIPPED.match(text, place):
        return [], skipped.end()
    for pattern, kinds in _FIGURES:
        if match := pattern.match(text, place):
            return _figures(match, kinds), match.end()
    if match := _PERIOD.match(text, place):
        kind = "quarter" if match[1] == "q" else "half"
        return [Token("ordinal", int(match[2])), Token(kind)], match.end()
    if phrase := _phrase(text, place, language):
        return phrase
    if match := _DASH.match(text, place):
        return [Token("dash")], match.end()
    raise UnreadableDate


def _figures(match: re.Match[str], kinds: str) -> list[Token]:
    named = zip(kinds.split(), match.groups(), strict=True)
    tokens = [Token(kind, int(figure)) for kind, figure in named if kind != "-"]
    if tokens[0].kind == "winter-year":
        return _two_years(tokens[0].number, tokens[1].number)
    return tokens


def _two_years(first: int, second: int) -> list[Token]:
    """Read "2022/23" and "2022-2023": one winter after the word, else a span of years."""
    if second in (first + 1, (first + 1) % 100):
        return [Token("winter-year", first)]
    if second < 100:
        raise UnreadableDate
    return [Token("year", first), Token("dash"), Token("year", second)]


def _phrase(text: str, place: int, language: Language) -> tuple[list[Token], int] | None:
    """Take the longest known phrase of up to four words."""
    ends, known = _word_ends(text, place), lexicon(language)
    for end in reversed(ends):
        words = re.sub(r"\s+", " ", text[place:end].replace("-", " - "))
        if words in known:
            kind, number = known[words]
            return [Token(kind, number, words.isascii())], end
    if ends:
        raise UnreadableDate
    return None


def _word_ends(text: str, place: int) -> list[int]:
    ends: list[int] = []
    while len(ends) < LONGEST_PHRASE and (word := _WORD.match(text, place)):
        ends.append(word.end())
        gap = re.compile(r"[\s-]{1,3}").match(text, word.end())
        place = gap.end() if gap else len(text)
    return ends
