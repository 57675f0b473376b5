"""The ledgers that are kept, one of each version: `tools/keep_ledger.py` makes them."""

from __future__ import annotations

import io
import json
import lzma
import sqlite3
import sys
import tarfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))
import keep_ledger  # noqa: E402  (a tool of the repository, not of the package)

VERSIONS = sorted(int(folder.name) for folder in keep_ledger.KEPT.iterdir())
Desk = keep_ledger.Desk
LAST = keep_ledger.LAST


def packed(version: int) -> bytes:
    """The backup that the program of that version made of its desk."""
    return lzma.decompress((keep_ledger.KEPT / str(version) / "desk.tar.xz").read_bytes())


def said(version: int) -> dict[str, Any]:
    """What that program answered to what it was asked of it."""
    found = json.loads(lzma.decompress((keep_ledger.KEPT / str(version) / "said.json.xz").read_bytes()))
    answers: dict[str, Any] = found["said"]
    return answers


def unpacked(version: int, home: Path) -> Path:
    """The desk as it lay there, by tar alone."""
    with tarfile.open(fileobj=io.BytesIO(packed(version))) as tar:
        tar.extractall(home, filter="data")
    for name in ("SHA256SUMS", "repairdesk-backup.json"):
        (home / name).unlink()
    home.chmod(0o770)
    return home


def written(ledger: Path) -> list[Sequence[Any]]:
    """Every entry and every body, to the byte."""
    with closing(sqlite3.connect(ledger)) as db:
        asked = "SELECT * FROM entries LEFT JOIN bodies USING (seq) ORDER BY seq"
        return db.execute(asked).fetchall()


def number(ledger: Path) -> int:
    """The version that the file itself says."""
    with closing(sqlite3.connect(ledger)) as db:
        (found,) = db.execute("PRAGMA user_version").fetchone()
    return int(found)


def differing(then: Any, now: Any, at: str = "") -> list[str]:
    """Where an answer of today is not what it was; what it says besides is no difference."""
    if isinstance(then, dict) and isinstance(now, dict):
        return [one for name in then for one in differing(then[name], now.get(name, "nothing"), f"{at}.{name}")]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        pairs = enumerate(zip(then, now, strict=True))
        return [one for n, (one_then, one_now) in pairs for one in differing(one_then, one_now, f"{at}[{n}]")]
    return [] if then == now else [f"{at}: {then!r} is {now!r}"]
