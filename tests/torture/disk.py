"""A disk in a file: an ext4 file system, mounted, whose file is what a power cut would leave.

Promises that a copy is what stood in the file at one moment. What a program wrote and did not bring to the disk
stays in memory, and is not in the copy. Must never mount anything else.
"""

import filecmp
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MEGABYTES = 96
TRIES = 200


@dataclass(frozen=True, slots=True)
class Disk:
    """The file, and where it is mounted while it is."""

    image: Path
    place: Path

    @classmethod
    def made(cls, folder: Path, place: Path, megabytes: int = MEGABYTES) -> "Disk":
        """Return a new, empty disk."""
        image = folder / "disk"
        with image.open("wb") as file:
            file.truncate(megabytes << 20)
        _run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image))
        place.mkdir()
        return cls(image, place)

    @contextmanager
    def mounted(self) -> Iterator[Path]:
        """Yield the folder while the disk is mounted; mounting plays the journal, as after a cut."""
        _run("mount", "-o", "loop", str(self.image), str(self.place))
        try:
            yield self.place
        finally:
            # Lazily: what a refused connection still holds open is let go with it.
            _run("umount", "--lazy", str(self.place))

    def cut(self, target: Path) -> None:
        """Copy the disk as it is now into `target`: read until two readings are the same."""
        again = target.with_suffix(".again")
        for _ in range(TRIES):
            for one in (target, again):
                shutil.copyfile(self.image, one)
            if filecmp.cmp(target, again, shallow=False):
                again.unlink()
                return
            time.sleep(0.01)
        raise RuntimeError("the disk does not come to rest")


def mountable(folder: Path) -> bool:
    """Say whether a disk can be mounted here."""
    place = folder / "tried"
    try:
        with Disk.made(folder, place, 4).mounted():
            return True
    except (OSError, subprocess.CalledProcessError):
        return False
    finally:
        (folder / "disk").unlink(missing_ok=True)
        place.rmdir()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
