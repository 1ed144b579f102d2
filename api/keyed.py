"""What the command does with a member's key: a token, from the environment or typed in, opens what its member holds.

Promises to open no more than that member's session would. Must never take a key from anywhere else, nor print one.
"""

import os

import typer

from api.access.caller import Caller
from api.access.sessions import enter
from api.access.shelves import rebuilt, rings
from api.columns.kinds import KINDS
from api.errors import SessionEnded
from api.sealed.store import Store
from api.services import rekeying, rotating


def rotate(store: Store, deep: bool) -> None:
    """Make new keys where somebody left; with `deep` move the older cases too, telling how far it is."""
    token = _token()
    stuck = rotating.rotate_waiting(store, enter(store, token))
    try:
        caller = enter(store, token)
    except SessionEnded:
        typer.echo("New keys were made, and tokens that carried the older ones have ended. Go on with a new token.")
        raise typer.Exit(1) from None
    if stuck:
        typer.echo("New keys could not be made everywhere: what was refused is in the log.")
        raise typer.Exit(1)
    refused = _deep(store, caller) if deep else set[str]()
    if refused:
        typer.echo(f"These cases did not fit, were not moved, and are in the log: {', '.join(sorted(refused))}.")
        raise typer.Exit(1)
    typer.echo("Nothing waits for you.")


def _deep(store: Store, caller: Caller) -> set[str]:
    """Move the older cases, telling how far it is; return the codes of those that did not move."""
    refused = set[str]()
    for one in rekeying.all_of(store, caller):
        refused |= set(one.refused)
        typer.echo(f"{one.done} cases moved, {one.left} to go; {one.others} wait for the next holder.")
    return refused


def rebuild_segments(store: Store) -> None:
    """Make all segments of the member's desks again, telling how far it is."""
    caller = member(store)
    for ring in rings(store, caller):
        for kind in KINDS:
            for left in rebuilt(store, caller, ring, kind):
                typer.echo(f"{kind}: {left} cases to go.")
    typer.echo("Lists, counts and searches are whole again, as far as this token opens them.")


def member(store: Store) -> Caller:
    """Return the member whose token this is; raises SessionEnded."""
    return enter(store, _token())


def _token() -> str:
    return os.environ.get("LASTHEARD_TOKEN") or str(typer.prompt("Access token", hide_input=True))
