"""What a list or a count may be narrowed by, as parameters of an address: codes of lists, never a name or a word.

Promises one parameter for each facet of the table, and none besides. Must never take what somebody is called.
"""

from typing import Annotated

from pydantic import BaseModel, Field

Code = Annotated[str, Field(max_length=80)]


class CountedBy(BaseModel):
    """Facets of the coded facts: a code of the field's list; a region; a facility as it is written; days."""

    status: Code = ""
    verification: Code = ""
    theme: Code = ""
    consent: Code = ""
    act: Code = ""
    outcome: Code = ""
    body: Code = ""
    institution: Code = ""
    offence: Code = ""
    region: Code = ""
    facility: Code = ""
    since: Code = ""
    until: Code = ""

    def asked(self) -> dict[str, str]:
        """Return the facets that were given."""
        return {name: value for name, value in self.model_dump().items() if value}


class ListedBy(CountedBy):
    """The same, and the work on the case: `waiting`, `overdue` or `urgent`; who answers for it; its stage."""

    deadline: Code = ""
    owner: Code = ""
    stage: Code = ""


class Listed(ListedBy):
    """The facets of a list beside its cursor."""

    after: Annotated[str, Field(max_length=26)] = ""

    def asked(self) -> dict[str, str]:
        """Return the facets that were given."""
        return {name: value for name, value in super().asked().items() if name != "after"}
