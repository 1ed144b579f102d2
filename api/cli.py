"""The `lastheard` command.

Promises one clear sentence for whatever cannot be done. Must never print content, a key or a secret; the one-time
founding code is the single exception, and is worthless once used.
"""

import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api import audit, keyed, serving, terminal
from api.errors import OutOfOrder, Refused
from api.main import open_for
from api.problems import problem_of
from api.sealed.secrets import SecretFiles
from api.sealed.store import Store
from api.services import backup, destroying, files, founding, health, operating, restore, retaining
from api.services.health.site import Site
from api.services.shelter import shelter
from api.settings import Settings, settings_for

ABOUT = "The encrypted case log of prisoner-rights groups."
# No pretty tracebacks: they print the values of variables.
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=ABOUT)

log_app = typer.Typer(no_args_is_help=True, help="The audit log.")
app.add_typer(log_app, name="audit")

Data = Annotated[Path, typer.Option(help="The folder of the store.")]
HERE = Path("var/store")
Deep = Annotated[bool, typer.Option(help="Put the older cases under the newest keys, too.")]
Note = Annotated[Path | None, typer.Option(help="A witness's checkpoint.")]


@app.command()
def serve(
    data: Data = HERE,
    port: Annotated[int, typer.Option(help="The port on loopback.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes; one for each core.")] = 1,
    migrate: Annotated[bool, typer.Option(help="Make or bring up the store first.")] = False,
) -> None:
    """Serve the store on loopback; a reverse proxy or an onion service stands in front."""
    settings = _settings(data, port)
    store = _make(settings) if migrate else open_for(settings)
    operating.turn(store)
    # A crash between an upload and its commit leaves a sealed blob that nothing names.
    files.sweep_orphans(store)
    if not founding.is_founded(store):
        typer.echo(f"Open {settings.origin}/found and enter this code, once: {founding.begin_founding(store)}")
    store.close()
    _to_environment(settings)
    serving.serve(port, workers)


@app.command()
def migrate(data: Data = HERE) -> None:
    """Make the store, or bring it up to this version."""
    _make(_settings(data)).close()
    typer.echo("The store is up to date.")


@app.command(name="backup")
def back_up(target: Path, data: Data = HERE) -> None:
    """Write both backup files and the register of erasures into TARGET."""
    store = open_for(_settings(data))
    made = backup.back_up(store, target)
    register = target / "register.json"
    register.write_text(backup.register(store), "utf-8")
    (target / "checkpoint").write_text(store.checkpoint.read_text("utf-8"), "utf-8")
    typer.echo(f"Data, to keep: {made.data}\nShreds, to destroy by {made.destroy_by}: {made.shreds}")
    typer.echo(f"Register and checkpoint, to take off this machine with every backup: {register}")


@app.command(name="destroy-backups")
def destroy_backups(
    target: Path,
    data: Data = HERE,
    elsewhere: Annotated[
        bool, typer.Option(help="What is due lay elsewhere, and you have destroyed it there.")
    ] = False,
) -> None:
    """Destroy the due backups of the erasure secrets in TARGET, and cross them off."""
    store = open_for(_settings(data))
    gone, left = destroying.destroy_due(store, target)
    typer.echo(f"Destroyed here: {gone}")
    if left and elsewhere:
        typer.echo(f"Destroyed elsewhere, by your word: {destroying.cross_off(store)}")
    elif left:
        typer.echo(f"{left} due backups do not lie here: destroy them where they are, then add --elsewhere.")
        raise typer.Exit(1)


@app.command(name="restore")
def bring_back(
    data_file: Path,
    shreds_file: Path,
    register_file: Annotated[Path | None, typer.Argument(help="The newest register, kept off the machine.")] = None,
    *,
    shares: Annotated[Path, typer.Option(help="A file with k trustees' shares, one a line.")],
    confirm: Annotated[Path | None, typer.Option(help="The same of k trustees who agree to go without it.")] = None,
    data: Data = HERE,
) -> None:
    """Restore an empty store from the two backups, the newest register and k trustees' shares."""
    settings, sources = _settings(data), restore.Files(data_file, shreds_file, register_file)
    given = [restore.shares_in(path) for path in (shares, confirm) if path]
    restore.restore(settings.database, settings.data, SecretFiles(settings.secrets), sources, *given).close()
    typer.echo("Restored. What the register names stays erased." if register_file else "Restored without a register.")


@app.command()
def erase(case: Annotated[str, typer.Argument(help="The case's id.")], data: Data = HERE) -> None:
    """Erase a case by its id, without any key."""
    done = operating.erase_by_id(open_for(_settings(data)), case)
    typer.echo("Erased from the store and from all data backups.")
    if done.backups_due:
        typer.echo(f"Backups of the erasure secrets to be destroyed by: {', '.join(done.backups_due)}")


@app.command(name="import")
def bring_in(
    table: Annotated[Path, typer.Argument(help="A CSV or XLSX file with one record in a row.")],
    mapping: Annotated[Path, typer.Option(help="Which column becomes which field, in TOML.")],
    desk: Annotated[str, typer.Option(help="Your desk's name.")],
    also: Annotated[str, typer.Option(help="Numbers of rows to take although they were seen before.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: import what fits.")] = False,
    data: Data = HERE,
) -> None:
    """Preview a table of records, ask, and make its rows cases; by a token of yours that may write."""
    task, store = terminal.Task(table, mapping, desk, terminal.rows_named(also)), open_for(_settings(data))
    terminal.bring_in(store, keyed.member(store), task, (lambda _: True) if yes else typer.confirm)


@app.command()
def retain(
    data: Data = HERE,
    confirm: Annotated[str, typer.Option(help="Today's date: the clock is right after a long pause.")] = "",
) -> None:
    """Destroy what is due: parts of closed cases, grants that have ended. Held cases wait."""
    try:
        run = retaining.retain(open_for(_settings(data)), date.fromisoformat(confirm) if confirm else None)
    except OutOfOrder:
        typer.echo("The clock is not where the last run left it. Look at it, then give today: --confirm YYYY-MM-DD")
        raise typer.Exit(1) from None
    typer.echo(f"Destroyed: {run.parts} parts of cases, {run.files} files, {run.grants} grants that had ended.")
    if run.edited:
        typer.echo(f"{run.edited} due dates were edited in the database. Nothing of them was destroyed.")
        raise typer.Exit(1)


@app.command()
def rotate(deep: Deep = False, data: Data = HERE) -> None:
    """Make new keys where somebody left, with a member's token (LASTHEARD_TOKEN, or typed in); broken off, go on."""
    keyed.rotate(open_for(_settings(data)), deep)


@app.command(name="rebuild-segments")
def rebuild_segments(data: Data = HERE) -> None:
    """Make what lists and searches read again from the records, with a member's token; broken off, go on."""
    keyed.rebuild_segments(open_for(_settings(data)))


@log_app.command()
def verify(data: Data = HERE, checkpoint: Note = None) -> None:
    """Prove the audit log whole, without reading it."""
    note = checkpoint.read_text("utf-8") if checkpoint else None
    verdict = audit.verify(open_for(_settings(data)), note)
    if not verdict.whole:
        typer.echo(f"The log is NOT whole: {', '.join(verdict.problems)}")
        raise typer.Exit(1)
    typer.echo(f"The log is whole: {verdict.size} entries, root {verdict.root}")


@app.command()
def doctor(data: Data = HERE) -> None:
    """Say in words what weakens the promise on this machine; the exit status says how bad it is (0, 1, 2)."""
    settings = _settings(data)
    try:
        found = health.findings(Site(open_for(settings), settings.origin))
    except Refused as refused:
        typer.echo(f"- {problem_of(refused).sentence}")
        raise typer.Exit(health.Grade.BROKEN) from None
    for one in found:
        typer.echo(f"- {one.grade.name.lower()}: {one.sentence}")
    typer.echo(f"{len(health.CHECKS)} checks; {len(found)} to look at.")
    raise typer.Exit(health.status(found))


@app.command()
def demo(
    data: Data = Path("var/demo"),
    port: Annotated[int, typer.Option()] = 8000,
    once: Annotated[bool, typer.Option(help="End after the story and keep the store.")] = False,
    json: Annotated[bool, typer.Option(help="Print one JSON object.")] = False,
) -> None:
    """Play the whole story with invented people on a fresh store, then serve it."""
    from api.demo.stage import perform

    perform(data, port, serve=not once, machine=json)


def main() -> None:
    """Run the command; a refusal is one sentence and exit status 1."""
    shelter()
    try:
        app()
    except Refused as refused:
        typer.echo(problem_of(refused).sentence, err=True)
        sys.exit(1)
    except OSError as error:
        typer.echo(f"{error.filename or 'A file'}: {error.strerror or 'cannot be used'}.", err=True)
        sys.exit(1)
    except ValueError:
        typer.echo("One of the words of this command cannot be read.", err=True)
        sys.exit(1)


def _settings(data: Path, port: int | None = None) -> Settings:
    return settings_for(data, origin=os.environ.get("LASTHEARD_ORIGIN") or f"http://127.0.0.1:{port or 8000}")


def _make(settings: Settings) -> Store:
    return operating.make_store(settings.database, settings.data, SecretFiles(settings.secrets))


def _to_environment(settings: Settings) -> None:
    for name in ("data", "secrets", "database", "origin"):
        os.environ[f"LASTHEARD_{name.upper()}"] = str(getattr(settings, name))


if __name__ == "__main__":
    main()
