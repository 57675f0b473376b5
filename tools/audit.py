"""Are there known holes in what comes from others? Every version of constraints.txt, asked of pip-audit.

It needs pip-audit (``pip install pip-audit``) and a network. Where either is missing nothing was looked at, and that is
said loudly; with ``--strict`` it is a failure, too. A package that the service does not know was not looked at either.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PINNED = Path(__file__).parents[1] / "constraints.txt"
SECONDS = 300


def program() -> list[str] | None:
    """How pip-audit is called here; None: it is not here."""
    if importlib.util.find_spec("pip_audit"):
        return [sys.executable, "-m", "pip_audit"]
    found = shutil.which("pip-audit")
    return [found] if found else None


def asked(call: Sequence[str]) -> tuple[dict[str, Any] | None, str]:
    """What pip-audit found, or why it found nothing."""
    argv = [*call, "-r", str(PINNED), "--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    try:
        ended = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None, f"no answer within {SECONDS} s"
    try:
        found: dict[str, Any] = json.loads(ended.stdout)
    except ValueError:
        return None, (ended.stderr.strip().splitlines() or ["no answer"])[-1]
    return found, ""


def skipped(why: str, *, strict: bool) -> int:
    """Say that nothing was looked at."""
    print(f"audit: SKIPPED, no package was looked at: {why}", file=sys.stderr)
    return int(strict)


def told(found: dict[str, Any], *, strict: bool) -> int:
    """Say what was found; the exit code."""
    packages = found["dependencies"]
    if all("skip_reason" in one for one in packages):
        # A mirror that hands packages out, and knows nothing about holes in them, answers like this.
        why = f"the service knows none of the {len(packages)}" + "".join(
            f": {one['skip_reason']} …" for one in packages[:1]
        )
        return skipped(why, strict=strict)
    holes = [(one, hole) for one in packages for hole in one.get("vulns", ())]
    unknown = [f"{one['name']} ({one['skip_reason']})" for one in packages if "skip_reason" in one]
    for one, hole in holes:
        mended = ", ".join(hole["fix_versions"]) or "nowhere yet"
        print(f"{one['name']} {one['version']}: {hole['id']}, mended in {mended}")
    if unknown:
        print(f"audit: {len(unknown)} of {len(packages)} packages were NOT looked at: {'; '.join(unknown)}",
              file=sys.stderr)  # fmt: skip
    print(f"{len(packages) - len(unknown)} packages looked at, {len(holes)} known holes")
    return int(bool(holes) or (strict and bool(unknown)))


def main(argv: Sequence[str]) -> int:
    """0: nothing is known, or nothing was looked at; 1: there are holes, or with ``--strict`` not all was looked at."""
    strict = "--strict" in argv
    call = program()
    if call is None:
        return skipped("pip-audit is not here (pip install pip-audit)", strict=strict)
    found, why = asked(call)
    return skipped(why, strict=strict) if found is None else told(found, strict=strict)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
