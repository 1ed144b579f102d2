"""Import: a table of records becomes cases of a desk, after a preview and a person's word.

Promises that nothing is imported before it was confirmed, that a kill at any moment leaves no row out and none twice,
and that cases are made as an accepted report is: sections, manifest, log entry, and a consent to keeping alone. Must
never tell of a row more than its number, a field and a code, nor keep the table once the work is done.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from api import audit
from api.access.caller import Caller
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.clock import today
from api.errors import OutOfOrder
from api.ids import new_id, short_code
from api.importing import tables
from api.importing.findings import Finding, ImportLine, ImportView, Progress, Tally
from api.importing.plans import Plan, read_plan
from api.importing.rows import ROW, Row, reader, records, titles_of
from api.importing.seen import Seen
from api.sealed import shreds
from api.sealed.store import Store
from api.services import filing, ledgers, people
from api.services.cases import found_case
from api.services.files import StoredFile, destroy_blob, open_file
from api.services.ledgers import CHECKED, CONFIRMED, WAITING, Ledger
from api.services.loading import watching
from api.services.saving import Body

C = Compartment
# A batch holds the right to write: others wait for it no longer than a page takes.
BATCH = 50
SEEN, TWICE = "seen-before", "twice-in-table"


def begin(store: Store, caller: Caller, desk_id: str, stored: StoredFile) -> str:
    """Take a stored table for a desk and return the import's id; raises Forbidden, NotFound."""
    ledgers.require_importer(caller)
    with store.writing() as db:
        return ledgers.found(db, store, caller, desk_id, stored)


def waiting(store: Store, caller: Caller) -> tuple[ImportLine, ...]:
    """Return the imports that wait at the caller's desks."""
    return tuple(
        ImportLine(one.id, one.desk, one.state, one.row, one.rows, one.made) for one in ledgers.all_of(store, caller)
    )


def look(store: Store, caller: Caller, import_id: str) -> ImportView:
    """Return an import; raises NotFound, and Invalid for a table whose titles cannot be read."""
    ledger = ledgers.look(store, caller, import_id)
    plan = read_plan(ledger.mapping) if ledger.mapping else Plan()
    titles = titles_of(tables.rows(lambda: _pieces(store, ledger), plan))
    return _view(ledger, tuple(titles), reader(plan, titles).unused)


def look_only(store: Store, caller: Caller, import_id: str) -> ImportView:
    """Return an import without reading its table; raises NotFound."""
    return _view(ledgers.look(store, caller, import_id), (), ())


def give_mapping(store: Store, caller: Caller, import_id: str, text: str) -> None:
    """Give the mapping, in place of an earlier one; raises Invalid for what does not fit catalogue or table.

    Raises OutOfOrder once the import was confirmed: two halves of a table are read alike.
    """
    ledger = ledgers.look(store, caller, import_id)
    if ledger.state == CONFIRMED:
        raise OutOfOrder
    plan = read_plan(text)
    reader(plan, titles_of(tables.rows(lambda: _pieces(store, ledger), plan)))
    with store.writing() as db:
        ledgers.move(db, store, caller, replace(ledger, mapping=text, state=WAITING), "import:mapped")


def preview(store: Store, caller: Caller, import_id: str) -> Iterator[Progress]:
    """Read the whole table, import nothing, and yield how far it is; the last says what would be done.

    Logged before the desk's names are opened. Raises OutOfOrder without a mapping, Invalid for the table.
    """
    ledger = ledgers.look(store, caller, import_id)
    if not ledger.mapping or ledger.state == CONFIRMED:
        raise OutOfOrder
    tally = Tally()
    for number, _ in enumerate(_fitting(store, caller, ledger, tally), 1):
        if number % BATCH == 0:
            yield tally.said()
    with store.writing() as db:
        ledgers.move(db, store, caller, replace(ledger, state=CHECKED, rows=tally.row), "import:checked")
    yield tally.ended()


def confirm(store: Store, caller: Caller, import_id: str, also: Iterable[int] = ()) -> None:
    """Say yes to what the preview showed; `also` are rows to be imported although they look like doubles.

    Raises OutOfOrder before the preview of this very mapping.
    """
    ledger = ledgers.look(store, caller, import_id)
    if ledger.state != CHECKED:
        raise OutOfOrder
    with store.writing() as db:
        agreed = replace(ledger, state=CONFIRMED, also=sorted(set(also)))
        ledgers.move(db, store, caller, agreed, "import:confirmed")


def carry_on(store: Store, caller: Caller, import_id: str) -> Iterator[Progress]:
    """Make the cases, a batch in a transaction, from where the work stopped; at its end the table is destroyed.

    Whoever stops listening stops the work after a batch. Raises OutOfOrder before it was confirmed, Stale when
    somebody else works on it, too.
    """
    ledger = ledgers.look(store, caller, import_id)
    if ledger.state != CONFIRMED:
        raise OutOfOrder
    tally = Tally(rows=ledger.rows, made=ledger.made, doubled=ledger.doubled)
    fitting = _fitting(store, caller, ledger, tally)
    while batch := list(islice(fitting, BATCH)):
        with store.writing() as db:
            for row in batch:
                found_case(db, store, caller, ledger.desk, _sections(row, caller), {})
            tally.made += len(batch)
            now = replace(ledger, row=batch[-1].number, made=tally.made, doubled=tally.doubled)
            ledger = ledgers.move(db, store, caller, now, "import:moved")
        yield tally.said()
    _finish(store, caller, ledger, tally)
    yield tally.ended()


def give_up(store: Store, caller: Caller, import_id: str) -> None:
    """Destroy an import that is not done, table and all; the cases that it made stay."""
    _finish(store, caller, ledgers.look(store, caller, import_id), None)


def unfinished(store: Store, caller: Caller, desk_id: str, sha256: str, mapping: str) -> str:
    """Return the confirmed import of the same table and mapping that a kill left behind, or ""."""
    wanted = (desk_id, sha256, mapping, CONFIRMED)
    found = (one for one in ledgers.all_of(store, caller) if (one.desk, one.sha256, one.mapping, one.state) == wanted)
    return next((one.id for one in found), "")


def _view(ledger: Ledger, titles: tuple[str, ...], unused: tuple[str, ...]) -> ImportView:
    where = (ledger.id, ledger.desk, ledger.state, ledger.row, ledger.rows, ledger.made, ledger.mapping)
    return ImportView(*where, titles, unused)


def _fitting(store: Store, caller: Caller, ledger: Ledger, tally: Tally) -> Iterator[Row]:
    """Yield the rows that become cases; what is wrong with the others goes into the tally."""
    plan, also, taken = read_plan(ledger.mapping), frozenset(ledger.also), dict[int, int]()
    seen = Seen()
    for row in _rows(store, caller, ledger, plan):
        seen.add(row.number, row.person)
    cases = _cases(store, caller, ledger, seen)
    for row in _rows(store, caller, ledger, plan):
        tally.row = row.number
        if row.problems:
            tally.broken += 1
            tally.find(Finding(row.number, place, code) for place, code in row.problems.items())
        elif row.number > ledger.row:
            double = _double(row, cases, seen, taken)
            if double and row.number not in also:
                tally.doubled += 1
                tally.find([double])
            else:
                tally.fit += 1
                taken.setdefault(seen.first(row.number), row.number)
                yield row


def _rows(store: Store, caller: Caller, ledger: Ledger, plan: Plan) -> Iterator[Row]:
    with watching(store, caller, ledger.id):
        yield from records(tables.rows(lambda: _pieces(store, ledger), plan), plan, today())


def _cases(store: Store, caller: Caller, ledger: Ledger, seen: Seen) -> dict[int, str]:
    """Return for each row, the first of its person, that the desk probably knows the code of the case most alike."""
    audit.record(store, Entry("import:compared", caller.member_id, "", (C.IDENTITY,), "check-duplicate", ledger.id))
    best = dict[int, tuple[float, str]]()
    for case_id, person in people.people_of(store, caller, ledger.desk):
        for row, alike in seen.like(person).items():
            best[row] = max(best.get(row, (0.0, "")), (alike, short_code(case_id)))
    return {row: code for row, (_, code) in best.items()}


def _double(row: Row, cases: Mapping[int, str], seen: Seen, taken: Mapping[int, int]) -> Finding | None:
    first = seen.first(row.number)
    if first in cases:
        return Finding(row.number, ROW, SEEN, cases[first])
    if first in taken:
        return Finding(row.number, ROW, TWICE, str(taken[first]))
    earlier = {number: alike for number, alike in seen.like(row.person).items() if number in taken}
    return Finding(row.number, ROW, TWICE, str(taken[max(earlier, key=earlier.__getitem__)])) if earlier else None


def _sections(row: Row, caller: Caller) -> dict[C, Body]:
    """Return the sections of a new case, as those of a report whose coding was checked."""
    sections: dict[C, Body] = {}
    for entity, checked in row.entries:
        sections = filing.with_checked(sections, entity, checked)
    consent = [{**one, "taken_by": caller.member_id} for one in sections[C.CONSENT]["consent"]]
    sections[C.CONSENT] = {**sections[C.CONSENT], "consent": consent}
    return _received(sections, row.received_on) if row.received_on else sections


def _received(sections: dict[C, Body], day: str) -> dict[C, Body]:
    """Note in the case's own entry, which has one identifier in both of its sections, when the record came in."""
    control = sections.get(C.CONTROL, {})
    given = [*control.get("case", ()), *sections.get(C.FACTS, {}).get("case", ())]
    own = {**next(iter(control.get("case", ())), {}), "id": given[0]["id"] if given else new_id()}
    return {**sections, C.CONTROL: {**control, "case": [{**own, "received_on": day}]}}


def _finish(store: Store, caller: Caller, ledger: Ledger, tally: Tally | None) -> None:
    """Destroy table and ledger, so that no old copy of the database opens what stood in it."""
    about = f"made {tally.made}, left out {tally.broken + tally.doubled}" if tally else "given up"
    with shreds.erasing(store) as db:
        ledgers.destroy(db, ledger)
        audit.append(db, store, Entry("import:ended", caller.member_id, about=about))
    destroy_blob(store, ledger.file)


def _pieces(store: Store, ledger: Ledger) -> Iterator[bytes]:
    return open_file(store, ledger.file, ledger.key, ledger.size)
