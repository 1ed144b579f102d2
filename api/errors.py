"""Every way in which Lastheard refuses, as a closed list.

Promises that a refusal carries a fixed sentence and at most field names and problem codes.
Must never carry what was typed, what a record says, or whom it is about: refusals reach logs and pages.
"""

from collections.abc import Mapping


class Refused(Exception):
    """A refusal that has a row in the table of problems (`api.problems`)."""


class NotFound(Refused):
    """The thing is absent, or the caller may not know that it exists."""


class Forbidden(Refused):
    """The caller sees the case and may not do this to it."""


class SignInFailed(Refused):
    """Login, passphrase or code is wrong; never says which."""


class SessionEnded(Refused):
    """No session, an expired one, or one whose shred is gone."""


class ReasonMissing(Refused):
    """This compartment opens only with a reason."""


class Stale(Refused):
    """Somebody else has saved a newer version."""


class VersionMissing(Refused):
    """A change that does not say which version it was made over."""


class KeyReused(Refused):
    """Another request was sent under this idempotency key."""


class Unfinished(Refused):
    """The first attempt under this idempotency key still runs, or was broken off."""


class Tampered(Refused):
    """A sealed value does not belong where it stands, or was altered."""


class OtherShare(Tampered):
    """A share of another set, too few shares, or a word that was mistyped."""


class BackupAltered(Tampered):
    """A file of a backup is not whole, or is not what was written."""


class BackupForeign(Tampered):
    """The files of a backup are of different groups."""


class BackupOlder(Tampered):
    """The erasure secrets are older than the data."""


class BackupSealed(Tampered):
    """The erasure secrets do not open with these shares."""


class RegisterMissing(Refused):
    """Without the newest register k trustees have to agree once more."""


class NotYet(Refused):
    """The waiting time is not over, or too few trustees have brought their shares."""


class Erased(Refused):
    """The shred of this thing has been destroyed."""


class ConsentMissing(Refused):
    """The person concerned has not allowed this use."""


class Held(Refused):
    """A legal hold keeps the case."""


class NotReady(Refused):
    """A submission lacks a required element."""


class OutOfOrder(Refused):
    """A founding step was attempted before the one it stands on."""


class Busy(Refused):
    """All places for costly work are taken; try again after `retry_after` seconds."""

    retry_after = 5


class TooLarge(Refused):
    """More was sent than is accepted."""


class Unreadable(Refused):
    """The request cannot be read as what it claims to be."""


class Unavailable(Refused):
    """The store cannot be written or reached at present; nothing was lost."""


class SecretMissing(Refused):
    """The deployment secret or the erasure secret is missing or is not this store's."""


class OpenWay(Refused):
    """The database is on another machine, and the way there is not encrypted or not to whom it should be."""


class StoreVersion(Refused):
    """The store was made by a newer or an older Lastheard."""


class Invalid(Refused):
    """Fields that cannot be accepted: `problems` maps a field's name to a problem code."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__()
        self.problems = dict(problems)
