"""Write `docs/authorisation.md` from what the application answers."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.matrix.page import PAGE, page
from tests.matrix.people import make_scene

if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        PAGE.write_text(page(make_scene(Path(folder))), "utf-8")
