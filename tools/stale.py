"""Fail if a checked-in file that is made from another is older than its source: make each again and compare.

What was stale is left in its new form, so that the remedy is to look at the change and commit it.
"""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# make target -> (what it is made by or from, what it makes)
GENERATED = {
    "sql": ("src/repairdesk/ledger/compile.py", "src/repairdesk/ledger/*_sql.py"),
    "lifecycle": ("tools/lifecycle_page.py", "docs/lifecycle.md"),
    "schemas": ("tools/schemas.py", "src/repairdesk/rules/schemas/*.json"),
    "reference": ("tools/reference.py", "docs/reference/**/*.md"),
    "completion": ("tools/completion.py", "src/repairdesk/cli/completion_table.json"),
    "catalog": ("tools/catalog.py", "src/repairdesk/locale/**/*.[pm]o"),
}


def digests(pattern: str) -> dict[str, str]:
    """The digest of every file that the pattern matches, by its path."""
    return {
        str(path.relative_to(ROOT)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(ROOT.glob(pattern))
        if path.is_file()
    }


def main() -> int:
    """Make every generated file again; 1 if one of them was not what it should have been."""
    stale: list[str] = []
    for target, (source, made) in GENERATED.items():
        if not (ROOT / source).exists():
            print(f"generated: {target} left out, there is no {source} yet")
            continue
        before = digests(made)
        if subprocess.run(["make", "-s", target], cwd=ROOT, check=False).returncode:
            print(f"generated: make {target} failed", file=sys.stderr)
            return 1
        after = digests(made)
        stale += [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    for path in stale:
        print(f"generated: {path} was stale and has been made again: look at the change and commit it", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
