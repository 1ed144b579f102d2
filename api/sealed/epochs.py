"""Which epoch of the desk's keys each compartment of a case lies under: the case's own, but for those left behind.

Promises that a deep rotation may be done in parts, since no role holds every compartment. Must never be believed: a row
that was edited names a key that opens nothing.
"""

from collections.abc import Mapping

from api.catalogue.compartments import Compartment
from api.errors import Tampered
from api.models.tables import Case
from api.sealed.cases import CaseRow

# In a section's parcel, before an epoch: the case's key of then, under which the words of older reasons lie.
OLDER = "reasons:"


def epoch_of(row: Case | CaseRow, compartment: Compartment) -> int:
    """Return the epoch of the desk's key that this compartment's key derives from."""
    return left_behind(row).get(compartment, row.epoch)


def left_behind(row: Case | CaseRow) -> Mapping[Compartment, int]:
    """Return the compartments that the last deep rotation could not open, with their epochs; raises Tampered."""
    parts = [one.split(":") for one in (row.behind or "").split(",") if one]
    try:
        return {Compartment(name): int(epoch) for name, epoch in parts}
    except ValueError:
        raise Tampered from None


def written(behind: Mapping[Compartment, int]) -> str:
    """Return what `left_behind` reads."""
    return ",".join(f"{name}:{epoch}" for name, epoch in sorted(behind.items()))
