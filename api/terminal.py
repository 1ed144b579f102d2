"""`lastheard import` as a conversation in a terminal: what was found, one question, how far it is.

Promises that nothing is imported without a yes, and that the same command goes on where a kill stopped it. Must never
print a cell of the table.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import typer

from api.access.caller import Caller
from api.catalogue.check import PROBLEM_LABELS
from api.catalogue.compartments import Language
from api.errors import Invalid, NotFound, TooLarge
from api.importing.findings import Finding, Progress
from api.importing.tables import LIMIT, MIB
from api.sealed.store import Store
from api.services import desks, files, importing

SHOWN = 50
MADE = "cases made"
Asking = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Task:
    """What to import: a table, its mapping, the name or id of a desk, and rows wanted although seen before."""

    table: Path
    mapping: Path
    desk: str
    also: frozenset[int] = frozenset()


def bring_in(store: Store, caller: Caller, task: Task, agrees: Asking) -> int:
    """Import and return how many cases were made; raises Invalid after what is wrong was said, TooLarge, NotFound."""
    desk, mapping = _desk(store, caller, task.desk), task.mapping.read_text("utf-8")
    digest = _digest(task.table)
    begun = importing.unfinished(store, caller, desk, digest, mapping)
    if begun:
        typer.echo("This import was begun before. Going on where it stopped.")
    else:
        begun = _begun(store, caller, task, desk, mapping)
        if not agrees("Import what fits now?"):
            importing.give_up(store, caller, begun)
            typer.echo("Nothing was imported.")
            return 0
        importing.confirm(store, caller, begun, task.also)
    last = _told(importing.carry_on(store, caller, begun), MADE)
    typer.echo(f"Cases made: {last.made}. Rows left out: {last.broken + last.doubled}.")
    typer.echo("The table still lies in the clear where it was. Destroy it there when you need it no more.")
    return last.made


def rows_named(text: str) -> frozenset[int]:
    """Return row numbers from "12, 15, 20"; raises ValueError."""
    return frozenset(int(one) for one in text.replace(",", " ").split())


def _begun(store: Store, caller: Caller, task: Task, desk: str, mapping: str) -> str:
    """Take the table in, sealed, and show the preview; of one that is wrong as a whole nothing stays."""
    begun = importing.begin(store, caller, desk, _stored(store, task.table))
    try:
        importing.give_mapping(store, caller, begun, mapping)
        found = _told(importing.preview(store, caller, begun), "rows read")
    except Invalid as refused:
        importing.give_up(store, caller, begun)
        _wrong(refused.problems, caller)
        raise
    typer.echo(f"Rows that fit: {found.fit}. With something wrong: {found.broken}. Seen before: {found.doubled}.")
    for one in found.findings[:SHOWN]:
        typer.echo(_line(one, caller))
    if len(found.findings) > SHOWN:
        typer.echo("… and more.")
    return begun


def _stored(store: Store, table: Path) -> files.StoredFile:
    if table.stat().st_size > LIMIT:
        typer.echo(f"The table has more than {LIMIT // MIB} MiB. Please split it.", err=True)
        raise TooLarge
    sink = files.open_sink(store, LIMIT)
    with table.open("rb") as file:
        while piece := file.read(MIB):
            sink.feed(piece)
    return sink.finish()


def _digest(table: Path) -> str:
    with table.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _told(steps: Iterator[Progress], what: str) -> Progress:
    last = Progress()
    for last in steps:
        count = last.made if what == MADE else last.row
        typer.echo(f"\r{what}: {count}{f' of {last.rows} rows' if last.rows else ''}", nl=last.done)
    return last


def _wrong(problems: Mapping[str, str], caller: Caller) -> None:
    for place, code in problems.items():
        typer.echo(f"{place}: {_sentence(code, caller)}", err=True)


def _line(found: Finding, caller: Caller) -> str:
    like = f" ({found.like})" if found.like else ""
    return f"row {found.row}, {found.place}: {_sentence(found.code, caller)}{like}"


def _sentence(code: str, caller: Caller) -> str:
    language = cast(Language, caller.language)
    return PROBLEM_LABELS[code][language] if code in PROBLEM_LABELS else code


def _desk(store: Store, caller: Caller, named: str) -> str:
    """Return the id of one of the caller's desks, by its name or id."""
    mine = [one.id for one in desks.desks(store, caller) if one.mine and named in (one.id, one.name)]
    if len(mine) != 1:
        raise NotFound
    return mine[0]
