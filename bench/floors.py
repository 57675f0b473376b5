"""The floors: what a command cannot do without, by bare Python and plain sqlite3 on the very same ledger.

Each is run in a process of its own, and imports nothing but what it needs for that. It looks the same rows up, or
writes as many of the same length, durably and by the desk's own settings; it decides nothing, checks nothing and puts
nothing into words. What it prints is what the tests compare with the command's own answer.

    python bench/floors.py intake|list|board|escalate|month|verify LEDGER
"""

from __future__ import annotations

import json
import sqlite3
import sys
from hashlib import sha256
from secrets import token_bytes
from typing import Any

WRITING = "foreign_keys=ON", "journal_mode=DELETE", "synchronous=EXTRA", "recursive_triggers=ON", "secure_delete=ON"
HEADER = "seq number version event actor keyboard occurred_at recorded_at late body_digest prev".split()
_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
PAGE = 50
SINCE, BEFORE = "2026-01-31T16:00:00Z", "2026-02-28T16:00:00Z"
"""February 2026 in Shanghai."""


def intake(db: sqlite3.Connection) -> Any:
    """One more order like the last that has but its report: entry, body, order, obligations and stream."""
    for setting in WRITING:
        db.execute(f"PRAGMA {setting}")
    db.row_factory = sqlite3.Row
    db.execute("BEGIN IMMEDIATE")
    last = db.execute("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
    newest = "SELECT number FROM orders WHERE state = 'reported' ORDER BY reported_at DESC, number DESC LIMIT 1"
    (like,) = db.execute(newest).fetchone()
    entry, body, order = (
        dict(db.execute(f"SELECT * FROM {table} WHERE {condition}", (like,)).fetchone())
        for table, condition in (
            ("entries", "number = ? AND version = 1"),
            ("bodies", "seq = (SELECT seq FROM entries WHERE number = ? AND version = 1)"),
            ("orders", "number = ?"),
        )
    )
    owed = [dict(row) for row in db.execute("SELECT * FROM obligations WHERE number = ?", (like,))]
    series = order["series"]
    found = "SELECT coalesce(max(serial), 0) + 1 FROM orders WHERE series = ?"
    (serial,) = db.execute(found, (series,)).fetchone()
    number, seq = f"{series}-{serial:04}", last["seq"] + 1
    text, salt = _ENCODE(json.loads(body["body"])), token_bytes(32)
    digest = sha256(b"repairdesk-body-1\0" + salt + text.encode()).hexdigest()
    entry |= {"seq": seq, "number": number, "prev": last["hash"], "body_digest": digest}
    entry["hash"] = sha256(_ENCODE({name: entry[name] for name in HEADER}).encode()).hexdigest()
    _add(db, "entries", entry)
    _add(db, "bodies", {"seq": seq, "salt": salt, "body": text})
    doc = _ENCODE(json.loads(order["doc"]) | {"number": number})
    search = order["search"].replace(like.casefold(), number.casefold())
    del order["id"]  # The copy gets one of its own.
    id_ = _add(db, "orders", order | {"number": number, "tail": number[::-1], "serial": serial, "search": search,
                                      "doc": doc})  # fmt: skip
    _add(db, "finding", {"rowid": id_, "pieces": _pieces(search)})
    for one in owed:
        _add(db, "obligations", one | {"number": number})
    _add(db, "streams", {"number": number, "version": 1, "seq": seq})
    db.execute("COMMIT")
    return {"number": number}


def _add(db: sqlite3.Connection, table: str, row: dict[str, Any]) -> int | None:
    names = ", ".join(f'"{name}"' for name in row)
    text = f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"
    return db.execute(text, row).lastrowid


def _pieces(search: str) -> str:
    """What the index of words has of a text (ledger/finding.py)."""
    signs = {code: 0xE000 + code for code in range(1, 128) if not (chr(code).isalnum() or chr(code).isspace())}
    return " ".join(part[n : n + 3] for part in search.translate(signs).split() for n in range(len(part)))


def first_page(db: sqlite3.Connection) -> Any:
    """The newest orders, and how many there are."""
    docs = db.execute("SELECT doc FROM orders ORDER BY reported_at DESC, number DESC LIMIT ?", (PAGE,))
    shown = [json.loads(doc) for (doc,) in docs]
    (total,) = db.execute("SELECT sum(n) FROM tallies").fetchone()
    return {"orders": shown, "total": total}


def board(db: sqlite3.Connection) -> Any:
    """Every open order, with what it owes."""
    owed: dict[str, list[Any]] = {}
    for number, *rest in db.execute("SELECT number, name, owner, due_at, paused FROM obligations WHERE running = 1"):
        owed.setdefault(number, []).append(rest)
    opened = db.execute("SELECT number, state, place, assignee, reported_at, doc FROM orders WHERE is_open = 1")
    return {"open": [[number, *rest, owed.get(number, [])] for number, *rest, doc in opened if json.loads(doc)]}


def escalate(db: sqlite3.Connection) -> Any:
    """What is due now; nothing is, and nothing is written."""
    db.execute("PRAGMA synchronous=EXTRA")
    db.execute("BEGIN IMMEDIATE")
    (now,) = db.execute("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now')").fetchone()
    next_ones = "SELECT number, name FROM obligations WHERE next_at <= ? ORDER BY next_at, number"
    due = db.execute(next_ones, (now,)).fetchall()
    db.execute("COMMIT")
    return {"due": due}


def month(db: sqlite3.Connection) -> Any:
    """The counts of a month by kind, category and technician, and who was called."""
    span = {"since": SINCE, "before": BEFORE}
    counts = db.execute(
        "SELECT kind, category, worker, count(*), sum(finished_at IS NOT NULL), sum(resolve_met_at <= resolve_due_at), "
        "sum(resolve_met_at > resolve_due_at), sum(rating IN ('very-satisfied', 'satisfied')), sum(lacks > 0), "
        "sum(EXISTS (SELECT 1 FROM orders l WHERE l.follows = o.number)) FROM orders o "
        "WHERE reported_at >= :since AND reported_at < :before AND converted_from IS NULL GROUP BY 1, 2, 3",
        span,
    ).fetchall()
    filed = "SELECT kind, policies_version, number, filed_seq, must, callable, calls FROM orders "
    drawn = db.execute(filed + "WHERE archived_at >= :since AND archived_at < :before", span).fetchall()
    return {"counts": counts, "filed": len(drawn)}


def verify(db: sqlite3.Connection) -> Any:
    """Every header and body hashed and linked, every body and document read, and SQLite's own check."""
    prev, entries = "0" * 64, 0
    sound = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    rows = db.execute(f"SELECT {', '.join(HEADER)}, hash, salt, body FROM entries JOIN bodies USING (seq) ORDER BY seq")
    for *header, kept, salt, body in rows:
        said = dict(zip(HEADER, header, strict=True))
        json.loads(body)
        sound &= sha256(b"repairdesk-body-1\0" + salt + body.encode()).hexdigest() == said["body_digest"]
        sound &= sha256(_ENCODE(said).encode()).hexdigest() == kept and said["prev"] == prev
        prev, entries = kept, entries + 1
    for (doc,) in db.execute("SELECT doc FROM orders"):
        json.loads(doc)
    for _ in db.execute("SELECT * FROM obligations"):
        pass
    return {"ok": sound, "entries": entries, "head": prev}


FLOORS = {"intake": intake, "list": first_page, "board": board, "escalate": escalate, "month": month, "verify": verify}

if __name__ == "__main__":
    print(json.dumps(FLOORS[sys.argv[1]](sqlite3.connect(sys.argv[2], isolation_level=None))))
