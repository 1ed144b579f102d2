"""Writes docs/data-inventory.md anew: `python -m tests.catalogue.write_inventory`."""

from pathlib import Path

from api.catalogue.compartments import Compartment
from api.catalogue.inventory import Readers, inventory
from api.policy.roles import readers

DOCUMENT = Path(__file__).parents[2] / "docs" / "data-inventory.md"
READERS: Readers = {compartment: readers(compartment) for compartment in Compartment}

if __name__ == "__main__":
    DOCUMENT.write_text(inventory(READERS), "utf-8")
