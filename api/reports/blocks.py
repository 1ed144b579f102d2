"""What a report is made of: headings, paragraphs, rows of term and value, tables.

Promises plain text in every place, one wording for each language of the report. Must never hold markup: what a
person typed is shown as it was typed.
"""

from dataclasses import dataclass

# One wording for each language of the report, in its order.
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: level 1 opens a numbered part, level 2 an entry in it."""

    words: Words
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `quiet` ones explain, the others tell."""

    words: Words
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A term and its value, such as a field's label and what it holds."""

    term: Words
    value: Words


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one entry."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a head; every row has as many cells as the head."""

    head: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]


Block = Heading | Paragraph | Rows | Table
