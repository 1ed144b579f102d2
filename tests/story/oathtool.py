"""Everybody's authenticator for the lines of `docs/api.md`: `--totp --base32 SECRET` shows a code not shown before."""

import sys
import time
from pathlib import Path

from api.crypto.people import totp_code

# Seconds: how long a code stands, and how long before its end none is shown: it would be too old when it is looked at.
STEP, MARGIN = 30, 6


def shown(secret: str, used: Path) -> str:
    """Return the next code: a step back first, since a code works once and people sign in twice within a minute."""
    left = STEP - time.time() % STEP
    time.sleep(left if left < MARGIN else 0)
    last = int(used.read_text()) if used.exists() else 0
    step = max(int(time.time()) // STEP - 1, last + 1)
    used.write_text(str(step))
    return totp_code(secret, step * STEP)


if __name__ == "__main__":
    print(shown(sys.argv[-1], Path(f"used-{sys.argv[-1][:8]}")))
