"""What becomes of price lists: how many services of each kind of price, and which rows were rejected and why.

    python bench/prices.py LIST.csv [LIST.xlsx …]

Each list is read as ``fees import`` reads it, without options, against the categories of the standard preset.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from repairdesk.batch.feetable import Plan, make
from repairdesk.batch.outcome import plain
from repairdesk.errors import DeskError


def report(file: Path, nowhere: Path) -> None:
    """The counts and the rejects of one list."""
    try:
        made = make(file, Plan(), desk=nowhere, now=datetime.now(UTC))
    except DeskError as refusal:
        print(f"{file.name}: refused ({int(refusal.exit)}): {plain(refusal.message, refusal.values)}")
        return
    doc = made.doc(plain)
    kinds = ", ".join(f"{count} {kind}" for kind, count in doc["kinds"].items())
    print(f"{file.name}: {doc['rows']} rows, {doc['taken']} taken, {doc['rejected']} rejected")
    print(f"  {doc['services']} services: {kinds}")
    for reject in doc["rejects"]:
        print(f"  row {reject['row']}, {reject['column']}: {reject['value']!r}: {reject['why']}")
    for remark in made.draft.remarks:
        print(f"  note: {plain(remark.message, remark.values)}")


def main() -> None:
    """Report on every list."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", type=Path, nargs="+")
    with tempfile.TemporaryDirectory() as nowhere:
        for file in parser.parse_args().lists:
            report(file, Path(nowhere))


if __name__ == "__main__":
    main()
