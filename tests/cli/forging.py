"""A ledger in the hands of somebody who knows how it is made: forged from an entry on, so that it proves itself."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from repairdesk.ledger import chain
from repairdesk.ledger.verify import rebuild, verify


def forge(path: Path, seq: int, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what an entry says, and make every hash from it on anew, and all that is folded from the entries."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        db.execute("BEGIN IMMEDIATE")
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        _rechain(db, seq, change)
        for _, text in triggers:
            db.execute(text)
        db.execute("COMMIT")
    rebuild(path)
    assert verify(path)["ok"], "a forgery that does not even prove itself shows nothing"


def _rechain(db: sqlite3.Connection, seq: int, change: Callable[[dict[str, Any]], object]) -> None:
    prev = chain.ZEROS if seq == 1 else db.execute("SELECT hash FROM entries WHERE seq = ?", (seq - 1,)).fetchone()[0]
    rows = db.execute("SELECT * FROM entries JOIN bodies USING (seq) WHERE seq >= ? ORDER BY seq", (seq,)).fetchall()
    for row in rows:
        said = json.loads(row["body"])
        if row["seq"] == seq:
            change(said)
        body = chain.kept(said)
        header = {**dict(row), "prev": prev, "body_digest": chain.body_digest(row["salt"], body)}
        header["hash"] = prev = chain.header_hash(header)
        db.execute("UPDATE bodies SET body = ? WHERE seq = ?", (body, row["seq"]))
        db.execute("UPDATE entries SET prev = :prev, body_digest = :body_digest, hash = :hash WHERE seq = :seq", header)


def cut(path: Path, last: int) -> None:
    """Take away every entry after this one, and every trace of it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        db.execute("DELETE FROM bodies WHERE seq > ?", (last,))
        db.execute("DELETE FROM entries WHERE seq > ?", (last,))
        for _, text in triggers:
            db.execute(text)
    rebuild(path)
    assert verify(path)["ok"], "what is cut off at the end leaves no gap"
