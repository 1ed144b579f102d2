"""When each part of a closed case is due to go, from the case's own entry in `control`.

Promises that an open case and a held one have no clock, but for how the teller is reached: that one runs from the last
contact. Must never know a key: it counts months.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from api.catalogue.compartments import Compartment
from api.catalogue.fields import FIELDS
from api.catalogue.retention import TABLE, Retention
from api.clock import month_after

CLOSED_ON, REASON, HOLD, CONTACTED_ON, REVIEW = "closed_on", "close_reason", "hold", "contacted_on", "review"


class Ending(StrEnum):
    """Why a case was closed."""

    FATE_KNOWN = "fate-known"
    RETURNED = "returned"
    NOTHING_MORE = "nothing-more"
    WITHDRAWN = "withdrawn"
    ERROR = "error"


class Holding(StrEnum):
    """Why nothing of a case may be destroyed."""

    SUBMISSION = "submission"
    PROCEEDINGS = "proceedings"
    REQUEST = "request"


class Reviewing(StrEnum):
    """Why a closed case is kept longer, until a day on which somebody looks at it again."""

    STILL_NEEDED = "still-needed"
    PROCEEDINGS_EXPECTED = "proceedings-expected"
    FAMILY_ASKS = "family-asks"


def _of(compartment: Compartment) -> int:
    classes = {one.retention for one in FIELDS if one.compartment is compartment} - {Retention.LIFE}
    return max((TABLE[one].months for one in classes), default=0)


def _months() -> Mapping[Compartment, int]:
    found = {one: _of(one) for one in Compartment}
    # What the family decided is kept for so long after what it covers.
    found[Compartment.CONSENT] += found[Compartment.FACTS]
    # Without `control` nothing of a case opens: it goes with the last of the others.
    return {**found, Compartment.CONTROL: max(found.values())}


MONTHS: Mapping[Compartment, int] = _months()


def terms(head: Mapping[str, Any], compartment: Compartment) -> tuple[str | None, bool]:
    """Return the last month (`YYYY-MM`) in which a part is kept, None without an end, and whether it is held."""
    contact = compartment is Compartment.CONTACT
    start = head.get(CONTACTED_ON if contact else CLOSED_ON)
    if not start:
        return None, HOLD in head
    reviewed = "" if contact else str(head.get(REVIEW, {}).get("until", ""))[:7]
    return max(month_after(date.fromisoformat(str(start)), MONTHS[compartment]), reviewed), HOLD in head
