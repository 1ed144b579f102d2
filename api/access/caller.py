"""The caller: a signed-in member with the keys that the session holds, for one request.

Promises that what the caller can reach is what the keyring can open. Must never outlive the request.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.catalogue.compartments import Compartment
from api.crypto import Key, Opener, Signer
from api.errors import Forbidden
from api.policy.roles import Role

FOREVER = "9999-12-31"


@dataclass(frozen=True, slots=True)
class DeskKeys:
    """The keys of a desk that one grant carries: (compartment, epoch) -> key."""

    grant_id: str
    keys: Mapping[tuple[Compartment, int], Key] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaseKeys:
    """The keys of one case that one grant carries until `ends` (a day, `YYYY-MM-DD`), and the epoch of each."""

    grant_id: str
    desk_id: str
    ends: str
    keys: Mapping[Compartment, Key] = field(repr=False)
    epochs: Mapping[Compartment, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keyring:
    """All that a session opens: desks, single cases, and the private halves of offices by epoch."""

    desks: Mapping[str, tuple[DeskKeys, ...]] = field(default_factory=dict)
    cases: Mapping[str, tuple[CaseKeys, ...]] = field(default_factory=dict)
    intake: Mapping[int, Key] = field(default_factory=dict, repr=False)
    auditors: Mapping[int, Key] = field(default_factory=dict, repr=False)

    def intake_openers(self) -> Mapping[int, Opener]:
        """Return the intake's private halves by epoch."""
        return {epoch: Opener(key) for epoch, key in self.intake.items()}


@dataclass(frozen=True, slots=True)
class Caller:
    """A member in a session until the day `until`. `version` is that of the signed record.

    `receive` and `signing` are the member's own; a narrower token lacks them. Under `answers` lies what was answered in
    this session; without a session it is a key that nobody has.
    """

    member_id: str
    role: Role
    version: int
    session_id: str
    language: str
    keyring: Keyring = field(repr=False)
    receive: Key | None = field(repr=False)
    signing: Key | None = field(repr=False)
    until: str = FOREVER
    answers: Key = field(repr=False, default_factory=Key.fresh)
    _made: list[Signer] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def signer(self) -> Signer:
        """What the caller signs with; raises Forbidden for a token that only reads."""
        if self.signing is None:
            raise Forbidden
        if not self._made:
            self._made.append(Signer(self.signing))
        return self._made[0]
