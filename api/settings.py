"""Settings: where the store lies and how it is reached, from the environment or the command line.

Promises few settings, each with a default that works on one machine. Must never hold a secret: secrets are files.
"""

import os
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
ORIGIN = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes in bytes. `origin` is the address that browsers use: with https, cookies are Secure and `__Host-`."""

    data: Path
    secrets: Path
    database: str
    origin: str = ORIGIN
    upload_limit: int = 25 * MIB
    body_limit: int = MIB

    @property
    def secure(self) -> bool:
        """Whether the site is served over TLS, or as an onion service, which needs none."""
        return self.origin.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the session's cookie."""
        return "__Host-lastheard" if self.secure else "lastheard"


def settings_for(data: Path, secrets: Path | None = None, origin: str | None = None) -> Settings:
    """Return the settings for a data folder; `LASTHEARD_SECRETS`, `_DATABASE`, `_ORIGIN` override defaults.

    By default the secrets lie beside the data folder, not in it: who copies the data has not copied them.
    """
    beside = data.resolve().parent / f"{data.resolve().name}-secrets"
    return Settings(
        data=data.resolve(),
        secrets=secrets or Path(os.environ.get("LASTHEARD_SECRETS", beside)),
        database=os.environ.get("LASTHEARD_DATABASE", f"sqlite:///{data.resolve() / 'lastheard.db'}"),
        origin=origin or os.environ.get("LASTHEARD_ORIGIN", ORIGIN),
    )
