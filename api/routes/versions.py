"""Versions: a change is made over the version that was seen, and answers with the one that it made.

Promises that nobody writes over what they have not seen. Must never take a change that does not say what it saw.
"""

import re
from typing import Annotated

from fastapi import Depends, Header
from fastapi.responses import Response
from pydantic import BaseModel

from api.access.doors import CaseAccess
from api.errors import Stale, VersionMissing

TAG = re.compile(r'"(\d{1,9})"')
# No case has it: a tag that was never given matches nothing.
NEVER = 0


class Version(BaseModel):
    """The case's version after a change."""

    version: int


class Tag:
    """Writes a version into the `ETag` of the answer."""

    def __init__(self, response: Response) -> None:
        self._headers = response.headers

    def __call__(self, version: int) -> Version:
        """Return the version, said in the answer and in its `ETag`."""
        self._headers["etag"] = tag(version)
        return Version(version=version)


def tag(version: int) -> str:
    """Return the `ETag` of a version."""
    return f'"{version}"'


def version_seen(if_match: Annotated[str | None, Header(max_length=60)] = None) -> int:
    """Return the version of `If-Match`; raises VersionMissing without one, and for `*`, which has seen nothing."""
    if if_match is None or if_match.strip() == "*":
        raise VersionMissing
    found = TAG.fullmatch(if_match.strip())
    return int(found[1]) if found else NEVER


def require_seen(access: CaseAccess, seen: int) -> None:
    """Raise Stale unless the case that was entered is the version that was seen."""
    if access.version != seen:
        raise Stale


Seen = Annotated[int, Depends(version_seen)]
Tagged = Annotated[Tag, Depends()]
