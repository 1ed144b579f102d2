"""English, Russian and Ukrainian: the reader's language, its phrases, and the templates they are put into.

Promises that every page can be said in all three; a phrase without a translation is shown in English, never
an error (tests find it first). Must never trust what is put into a template: escaping is always on, a name
that was not given is an error, and no template may switch either off.

Phrases are gettext's: English source strings in the templates and in Python (`_("…")`), translations in
`locales/<language>/*.po`, read as they are at start-up, so that a checkout and a wheel need no compiling.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from babel.core import Locale
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.words.lists import LANGUAGES, Language

__all__ = ["LANGUAGES", "Language", "counter", "make_environment", "page_language", "render", "rendering", "translator"]

HERE = Path(__file__).parent
NAMES: Mapping[Language, str] = {"en": "English", "ru": "Русский", "uk": "Українська"}
# The order of the plural forms in the .po files of both Slavic languages, by CLDR's names for whole numbers.
FORMS = ("one", "few", "many")


@dataclass(frozen=True, slots=True)
class Phrases:
    """What one language says: single phrases, and counted ones in the order of FORMS, by their English."""

    single: Mapping[str, str]
    counted: Mapping[str, tuple[str, ...]]


@cache
def phrases(language: Language) -> Phrases:
    """Return the translations of a language; empty for English, which is the source."""
    single: dict[str, str] = {}
    counted: dict[str, tuple[str, ...]] = {}
    for path in sorted((HERE / "locales" / language).glob("*.po")):
        with path.open("rb") as file:
            entries = [entry for entry in read_po(file, locale=language) if entry.id and not entry.fuzzy]
        single |= {str(entry.id): str(entry.string) for entry in entries if not entry.pluralizable}
        counted |= {entry.id[0]: tuple(entry.string or ()) for entry in entries if entry.pluralizable}
    return Phrases({english: said for english, said in single.items() if said}, counted)


def translator(language: Language) -> Callable[[str], str]:
    """Return the function that says an English phrase in `language`."""
    said = phrases(language).single
    return lambda english: said.get(english, english)


def counter(language: Language) -> Callable[[str, str, int], str]:
    """Return gettext's `ngettext` for `language`: English singular, English plural, a count from zero up."""
    return partial(_counted, language)


def _counted(language: Language, one: str, many: str, count: int) -> str:
    forms = phrases(language).counted.get(one)
    if not forms:
        return one if count == 1 else many
    return forms[FORMS.index(Locale(language).plural_form(count))]


def page_language(path: str, accept: str) -> Language:
    """Return a page's language: its path's (`/ru/report`), else the browser's first of ours, else English."""
    asked = [path.strip("/").split("/")[0], *_preferred(accept)]
    return next((language for wish in asked for language in LANGUAGES if wish == language), "en")


def _preferred(accept: str) -> list[str]:
    """Return the primary tags of an Accept-Language header (RFC 9110, 12.5.4) in their order.

    Browsers send them in the order of preference; weights are left aside.
    """
    return [wish.split(";")[0].split("-")[0].strip().lower() for wish in accept[:200].split(",")]


@cache
def make_environment() -> Environment:
    """Return the templates: escaped whatever their names, and strict about what they were given."""
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(name: str, language: Language, /, **context: object) -> str:
    """Return the page of a template in a language; the context of each stands at its top."""
    return make_environment().get_template(name).render(_saying(language, context))


def rendering(name: str, language: Language, /, **context: object) -> Iterator[str]:
    """Yield the same page in pieces, so that a person sees how long work goes on."""
    return make_environment().get_template(name).generate(_saying(language, context))


def _saying(language: Language, context: Mapping[str, object]) -> dict[str, object]:
    return {**context, "_": translator(language), "ngettext": counter(language), "language": language}
