"""Which epoch of the desk's keys each compartment of a case lies under: the case's own, but for those left behind.

Promises that a deep rotation may be done in parts, since no role holds every compartment, and that a row is believed
only as the signed manifest has it: a compartment not yet written would be laid under the keys of who has left.
"""

from collections.abc import Mapping

from api.catalogue.compartments import Compartment
from api.errors import Tampered
from api.models.tables import Case
from api.sealed.cases import CaseRow, Manifest

# In a section's parcel, before an epoch: the case's key of then, under which the words of older reasons lie.
OLDER = "reasons:"


def epoch_of(row: Case | CaseRow | Manifest, compartment: Compartment) -> int:
    """Return the epoch of the desk's key that this compartment's key derives from."""
    return left_behind(row).get(compartment, row.epoch)


def left_behind(row: Case | CaseRow | Manifest) -> Mapping[Compartment, int]:
    """Return the compartments that the last deep rotation could not open, with their epochs; raises Tampered."""
    parts = [one.split(":") for one in (row.behind or "").split(",") if one]
    try:
        return {Compartment(name): int(epoch) for name, epoch in parts}
    except ValueError:
        raise Tampered from None


def require(row: Case | CaseRow, manifest: Manifest) -> None:
    """Raise Tampered unless the row says what the manifest does.

    One from before manifests said so may leave behind what is written alone: of that the keys themselves are the proof.
    """
    if not manifest.epoch and left_behind(row).keys() <= manifest.parts.keys():
        return
    if (row.epoch, row.behind or "") != (manifest.epoch, manifest.behind):
        raise Tampered


def written(behind: Mapping[Compartment, int]) -> str:
    """Return what `left_behind` reads."""
    return ",".join(f"{name}:{epoch}" for name, epoch in sorted(behind.items()))
