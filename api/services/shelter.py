"""The shelter of a process: nothing of its memory reaches the disk or a neighbour, nothing it writes is for others.

Promises no core dump, no tracer of the same user, files for the owner alone. Must be asked for in every process that
opens a store: a worker does not inherit all of it.
"""

import ctypes
import os
import resource

# From linux/prctl.h.
SET_DUMPABLE, GET_DUMPABLE = 4, 3


def shelter() -> None:
    """Shelter this process.

    The limit alone is not enough: a core pattern that pipes into a program ignores it, and keys would lie in that
    program's folder. A process that is not dumpable is not dumped at all.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(SET_DUMPABLE, 0, 0, 0, 0)


def is_sheltered() -> bool:
    """Say whether a crash of this process would write its memory nowhere."""
    dumpable = ctypes.CDLL(None).prctl(GET_DUMPABLE, 0, 0, 0, 0)
    return bool(dumpable == 0 and resource.getrlimit(resource.RLIMIT_CORE)[0] == 0)
