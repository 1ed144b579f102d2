"""What weakens the promise on this machine, in words.

Promises sentences that an administrator can act on, worst first, and that what could not be looked at counts as broken.
Must never name a member, a case or a value.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from api.errors import Refused
from api.services.health import database, keeping, machine, proxy
from api.services.health.site import Grade as Grade
from api.services.health.site import Site

Look = Callable[[Site], Iterator[str]]
UNSEEN = "This could not be looked at: {what}. Let the doctor run as the user who runs the server."


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the table: what is looked at, and how bad it is when it is not well."""

    key: str
    grade: Grade
    look: Look


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness: which check found it, how bad it is, and what to do, in a sentence."""

    check: str
    grade: Grade
    sentence: str


BROKEN, MEND, KNOW = Grade.BROKEN, Grade.MEND, Grade.KNOW
CHECKS: tuple[Check, ...] = (
    Check("secrets", BROKEN, machine.secrets),
    Check("file modes", BROKEN, machine.modes),
    Check("folders", BROKEN, machine.folders),
    Check("owner", MEND, machine.owner),
    Check("root", MEND, machine.root),
    Check("core dumps", BROKEN, machine.core_dumps),
    Check("swap", BROKEN, machine.swap),
    Check("secrets inside the data", MEND, machine.nested),
    Check("one disk", KNOW, machine.one_disk),
    Check("room on the disk", MEND, machine.room),
    Check("debugging", MEND, machine.debugging),
    Check("telemetry", BROKEN, machine.telemetry),
    Check("address", BROKEN, proxy.address),
    Check("proxy's log", BROKEN, proxy.quiet),
    Check("proxy's headers", KNOW, proxy.headers),
    Check("statements printed", BROKEN, database.echo),
    Check("SQLite", BROKEN, database.sqlite),
    Check("PostgreSQL writes through", BROKEN, database.durable),
    Check("PostgreSQL's log", BROKEN, database.statements_logged),
    Check("PostgreSQL's statistics", MEND, database.statements_kept),
    Check("way to PostgreSQL", BROKEN, database.way),
    Check("PostgreSQL's password", BROKEN, database.password),
    Check("PostgreSQL's role", MEND, database.role),
    Check("PostgreSQL's schema", KNOW, database.schema),
    Check("log", BROKEN, keeping.log),
    Check("age of the log", MEND, keeping.aged),
    Check("register", BROKEN, keeping.register),
    Check("clock", MEND, keeping.clock),
    Check("retention", MEND, keeping.retention),
    Check("erasure secret", MEND, keeping.turned),
    Check("backup", MEND, keeping.backup),
    Check("backups past their day", BROKEN, keeping.overdue),
    Check("backups still due", KNOW, keeping.due),
    Check("rotations", MEND, keeping.rotations),
    Check("founding", MEND, keeping.founding_steps),
)


def findings(site: Site) -> list[Finding]:
    """Return what weakens the promise, the worst first; an empty list when nothing does."""
    found = [one for check in CHECKS for one in _looked(check, site)]
    return sorted(found, key=lambda one: one.grade, reverse=True)


def status(found: list[Finding]) -> int:
    """Return the exit status: 0 when all is well or only to be known, 1 when something is to mend, 2 when broken."""
    return max((int(one.grade) for one in found), default=0)


def _looked(check: Check, site: Site) -> list[Finding]:
    try:
        return [Finding(check.key, check.grade, sentence) for sentence in check.look(site)]
    except (Refused, OSError, DBAPIError):
        # What nobody can look at is not well: an unreadable folder must not read as a sound one.
        return [Finding(check.key, Grade.BROKEN, UNSEEN.format(what=check.key))]
