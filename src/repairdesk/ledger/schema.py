"""The tables of the ledger, declared.

``entries`` and ``bodies`` are the truth: a chained header, and what the entry says. Personal data is in ``bodies``
alone, and the header covers a salted digest of it. Everything else is a projection: each column follows from the
entries, so that ``verify`` can fold them and find any value that differs (REC-5). ``finding`` is an index of words,
in SQLite's own terms, as there are no others for it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, Text, TextClause, UniqueConstraint, text
from sqlmodel import Field, SQLModel

# STRICT refuses VARCHAR, so that every text says Text; times are text in UTC, amounts and flags integers.
STRICT = {"sqlite_strict": True}


_ALL_OF_A_LOT = "archived_at kind policies_version filed_seq must callable calls number".split()

POSTS = "event IN ('archive', 'rebill', 'correct')"
"""The entries that can post to a month of finance (FEE-7)."""
SLIPS = "event IN ('assign', 'cancel', 'close', 'convert', 'decline', 'infeasible')"
"""The entries with which a slip leaves a technician's hands (FIN-6)."""
CALLS = "event = 'callback'"
"""The entries that tell of a callback (CAL-7)."""


def _where(condition: TextClause) -> dict[str, Any]:
    """The rows that an index has, for each database."""
    return {"sqlite_where": condition, "postgresql_where": condition}


class Entries(SQLModel, table=True):
    """The header of an entry; ``hash`` covers every other column, ``prev`` is the hash of the one before."""

    __table_args__ = (
        UniqueConstraint("number", "version"),
        CheckConstraint("late IN (0, 1)"),
        Index("entries_posting", "occurred_at", "number", **_where(text(POSTS))),
        Index("entries_slips", "occurred_at", "number", **_where(text(SLIPS))),
        Index("entries_written", "recorded_at"),
        Index("entries_calls", "occurred_at", "number", **_where(text(CALLS))),
        STRICT,
    )

    seq: int = Field(primary_key=True, sa_type=Integer)
    number: str = Field(sa_type=Text)
    version: int = Field(sa_type=Integer)
    event: str = Field(sa_type=Text)
    actor: str = Field(sa_type=Text)
    keyboard: str = Field(sa_type=Text)
    occurred_at: str = Field(sa_type=Text)
    recorded_at: str = Field(sa_type=Text)
    late: int = Field(sa_type=Integer)
    body_digest: str = Field(sa_type=Text)
    prev: str = Field(sa_type=Text)
    hash: str = Field(sa_type=Text, unique=True)


class Bodies(SQLModel, table=True):
    """What an entry says, as canonical JSON, and the salt that keeps its digest from being guessed."""

    __table_args__ = (STRICT,)

    seq: int = Field(primary_key=True, sa_type=Integer, foreign_key="entries.seq")
    salt: bytes = Field(sa_type=LargeBinary)
    body: str = Field(sa_type=Text)


class Orders(SQLModel, table=True):
    """Where an order stands. ``tail`` is the number backwards, ``search`` what ``list --find`` looks through.

    ``id`` is what the index of words calls it; nothing follows from it, and made anew it may be another.
    ``total`` is what the desk's bill comes to and ``received`` what was paid of it, both in fen; ``as_found``: no
    rate counts it, as the rules refused it. ``elsewhere``: it was over in another system, whatever its state says.
    For the reports: ``worker`` is who made the last visit, else who was to; ``finished_there``: in another system, so
    that nobody knows what was ticked or looked at again; ``ticked`` how many points of the checklist were (VIS-3);
    ``resolve_…`` the clock that its on-time rate goes by (RPT-1); ``lacks`` how much the record of finished work does
    not tell (RPT-2), ``rechecked_at`` when it was first looked at again (CAL-8). ``filed_seq``, ``must``,
    ``callable`` and ``calls`` are what the draw of callbacks knows of an archived order (CAL-2).
    """

    __table_args__ = (
        Index("orders_tail", "tail"),
        Index("orders_serial", "series", "serial"),
        Index("orders_reported", "reported_at", "number"),
        Index("orders_state", "state", "kind", "reported_at", "number"),
        Index("orders_place", "place", "reported_at", "number"),
        Index("orders_open_at", "place", "category", "reported_at", "number", **_where(text("is_open = 1"))),
        Index("orders_assignee", "assignee", "state", "reported_at", "number"),
        Index("orders_department", "department", "reported_at", "number", **_where(text("department IS NOT NULL"))),
        Index("orders_tracker", "tracker", "reported_at", "number", **_where(text("tracker IS NOT NULL"))),
        Index("orders_follows", "follows", **_where(text("follows IS NOT NULL"))),
        Index("orders_coordination", "coordination", **_where(text("coordination IS NOT NULL"))),
        # Everything that a draw asks for: the orders themselves, with their documents, are not touched.
        Index("orders_archived", *_ALL_OF_A_LOT, **_where(text("archived_at IS NOT NULL"))),
        Index("orders_finished", "finished_at", **_where(text("finished_at IS NOT NULL"))),
        Index("orders_arrears", "place", "number", **_where(text("archived_at IS NOT NULL AND total <> received"))),
        Index("orders_external", "external_id", unique=True, **_where(text("external_id IS NOT NULL"))),
        STRICT,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    number: str = Field(sa_type=Text, unique=True)
    tail: str = Field(sa_type=Text)
    series: str = Field(sa_type=Text)
    serial: int = Field(sa_type=Integer)
    kind: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    is_open: int = Field(sa_type=Integer)
    elsewhere: int = Field(sa_type=Integer)
    priority: str | None = Field(sa_type=Text)
    category: str | None = Field(sa_type=Text)
    place: str | None = Field(sa_type=Text)
    assignee: str | None = Field(sa_type=Text)
    tracker: str | None = Field(sa_type=Text)
    reported_at: str = Field(sa_type=Text)
    finished_at: str | None = Field(sa_type=Text)
    archived_at: str | None = Field(sa_type=Text)
    appointment_start: str | None = Field(sa_type=Text)
    appointment_end: str | None = Field(sa_type=Text)
    follows: str | None = Field(sa_type=Text)
    external_id: str | None = Field(sa_type=Text)
    coordination: str | None = Field(sa_type=Text)
    converted_from: str | None = Field(sa_type=Text)
    rating: str | None = Field(sa_type=Text)
    as_found: int = Field(sa_type=Integer)
    total: int | None = Field(sa_type=Integer)
    received: int = Field(sa_type=Integer)
    severity: str | None = Field(sa_type=Text)
    department: str | None = Field(sa_type=Text)
    help_class: str | None = Field(sa_type=Text)
    anonymous: int = Field(sa_type=Integer)
    policies_version: str = Field(sa_type=Text)
    worker: str | None = Field(sa_type=Text)
    handling_seconds: int = Field(sa_type=Integer)
    finished_there: int = Field(sa_type=Integer)
    ticked: int = Field(sa_type=Integer)
    lacks: int = Field(sa_type=Integer)
    rechecked_at: str | None = Field(sa_type=Text)
    resolve_due_at: str | None = Field(sa_type=Text)
    resolve_met_at: str | None = Field(sa_type=Text)
    resolve_void_at: str | None = Field(sa_type=Text)
    resolve_paused: int | None = Field(sa_type=Integer)
    search: str = Field(sa_type=Text)
    version: int = Field(sa_type=Integer)
    filed_seq: int | None = Field(sa_type=Integer)
    must: str | None = Field(sa_type=Text)
    callable: int | None = Field(sa_type=Integer)
    calls: str | None = Field(sa_type=Text)
    doc: str = Field(sa_type=Text)


class Tallies(SQLModel, table=True):
    """How many orders are in a state, by kind: nobody who asks for a page of a list waits until all are counted.

    Apart from each other those that this desk has to do with and those that were over ``elsewhere``.

    Triggers keep it, so that whoever stores an order need not know of it.
    """

    __table_args__ = (STRICT,)

    state: str = Field(primary_key=True, sa_type=Text)
    kind: str = Field(primary_key=True, sa_type=Text)
    elsewhere: int = Field(primary_key=True, sa_type=Integer)
    n: int = Field(sa_type=Integer)


class Obligations(SQLModel, table=True):
    """Who owes what by when. ``running``: neither met nor void; ``paused``: its clock stands still, no end known.

    At ``next_at`` the nightly run has something to do: so its cost grows with what is due, not with the ledger (SLA-4).
    """

    __table_args__ = (
        Index("obligations_due", "due_at", "number", **_where(text("running = 1"))),
        Index("obligations_next", "next_at", "number", **_where(text("next_at IS NOT NULL"))),
        Index("obligations_provisional", "number", **_where(text("provisional = 1"))),
        STRICT,
    )

    number: str = Field(primary_key=True, sa_type=Text, foreign_key="orders.number")
    name: str = Field(primary_key=True, sa_type=Text)
    cycle: int = Field(primary_key=True, sa_type=Integer)
    id: str = Field(sa_type=Text)
    rule: str = Field(sa_type=Text)
    owner: str = Field(sa_type=Text)
    starts_at: str = Field(sa_type=Text)
    due_at: str = Field(sa_type=Text)
    met_at: str | None = Field(sa_type=Text)
    void_at: str | None = Field(sa_type=Text)
    paused: int = Field(sa_type=Integer)
    running: int = Field(sa_type=Integer)
    level: int = Field(sa_type=Integer)
    next_at: str | None = Field(sa_type=Text)
    provisional: int = Field(sa_type=Integer)


class Postings(SQLModel, table=True):
    """What an order added to the months of finance, in fen; ``n`` counts from 1 (FEE-7)."""

    __table_args__ = (
        Index("postings_month", "month", "place", "number", "n"),
        STRICT,
    )

    number: str = Field(primary_key=True, sa_type=Text, foreign_key="orders.number")
    n: int = Field(primary_key=True, sa_type=Integer)
    month: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    place: str | None = Field(sa_type=Text)
    amount: int = Field(sa_type=Integer)
    chargeable: int = Field(sa_type=Integer)
    at: str = Field(sa_type=Text)
    of: str = Field(sa_type=Text)
    reason: str | None = Field(sa_type=Text)


class Receipts(SQLModel, table=True):
    """What was received for an order, in fen, and under which receipt; negative: paid back. ``n`` counts from 1."""

    __table_args__ = (
        Index("receipts_serial", "series", "serial"),
        STRICT,
    )

    number: str = Field(primary_key=True, sa_type=Text, foreign_key="orders.number")
    n: int = Field(primary_key=True, sa_type=Integer)
    receipt: str = Field(sa_type=Text)
    series: str = Field(sa_type=Text)
    serial: int = Field(sa_type=Integer)
    amount: int = Field(sa_type=Integer)
    method: str = Field(sa_type=Text)
    at: str = Field(sa_type=Text)
    by: str = Field(sa_type=Text)


class Households(SQLModel, table=True):
    """Who lives where. ``serial`` is the id as a number, ``search`` what ``household list --find`` looks through."""

    __table_args__ = (
        Index("households_serial", "serial"),
        Index("households_place", "place", unique=True),
        STRICT,
    )

    id: str = Field(primary_key=True, sa_type=Text)
    serial: int = Field(sa_type=Integer)
    place: str = Field(sa_type=Text)
    since: str | None = Field(sa_type=Text)
    search: str = Field(sa_type=Text)
    doc: str = Field(sa_type=Text)


class Messages(SQLModel, table=True):
    """What is to be told to whom, and whether it arrived. At ``next_at`` it is tried (again); null once it is over."""

    __table_args__ = (
        Index("messages_due", "next_at", "id", **_where(text("next_at IS NOT NULL"))),
        Index("messages_unsent", "state", "queued_at", **_where(text("state <> 'sent'"))),
        STRICT,
    )

    id: int = Field(primary_key=True, sa_type=Integer)
    recipient: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    tries: int = Field(sa_type=Integer)
    next_at: str | None = Field(sa_type=Text)
    queued_at: str = Field(sa_type=Text)
    doc: str = Field(sa_type=Text)


class Staff(SQLModel, table=True):
    """The people of the desk."""

    __table_args__ = (Index("staff_os_user", "os_user", **_where(text("os_user IS NOT NULL"))), STRICT)

    id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    role: str | None = Field(sa_type=Text)
    os_user: str | None = Field(sa_type=Text)
    retired: int = Field(sa_type=Integer)
    doc: str = Field(sa_type=Text)


class Rules(SQLModel, table=True):
    """Which entry adopted which rules file; the rules themselves are in that entry's body (REC-4)."""

    __table_args__ = (Index("rules_version", "kind", "version", "seq"), STRICT)

    kind: str = Field(primary_key=True, sa_type=Text)
    file_digest: str = Field(primary_key=True, sa_type=Text)
    version: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    seq: int = Field(sa_type=Integer, foreign_key="entries.seq")


class Places(SQLModel, table=True):
    """Which places stand-ins stand for, as long as anything that is kept names them (RET-3)."""

    __table_args__ = (STRICT,)

    id: int = Field(primary_key=True, sa_type=Integer)
    stand_in: str = Field(sa_type=Text, unique=True)
    place: str = Field(sa_type=Text, unique=True)


class Purged(SQLModel, table=True):
    """Whose body is gone: ``entry`` is the one that says so, ``remains`` what that one keeps of it (RET-3)."""

    __table_args__ = (Index("purged_entry", "entry"), STRICT)

    seq: int = Field(primary_key=True, sa_type=Integer, foreign_key="entries.seq")
    entry: int = Field(sa_type=Integer, foreign_key="entries.seq")
    remains: str = Field(sa_type=Text)


class Streams(SQLModel, table=True):
    """How far each number has come: without it, the last entry of what has no other projection could be cut off."""

    __table_args__ = (STRICT,)

    number: str = Field(primary_key=True, sa_type=Text)
    version: int = Field(sa_type=Integer)
    seq: int = Field(sa_type=Integer)


def _refuses(table: str, verb: str, unless: str = "") -> str:
    when = f"WHEN NOT {unless} " if unless else ""
    return (
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {when}BEGIN "
        f"SELECT RAISE(ABORT, 'the ledger is written in pen: {table} refuses {verb}'); END"
    )


# INSERT OR REPLACE would delete past the triggers that refuse: the link triggers let in nothing that could conflict.
TRIGGERS = (
    *(_refuses("entries", verb) for verb in ("UPDATE", "DELETE")),
    _refuses("bodies", "UPDATE"),
    # A body goes only after an entry that says so (RET-3); that the entry names it, verify sees.
    _refuses("bodies", "DELETE", "EXISTS (SELECT 1 FROM purged WHERE seq = OLD.seq)"),
    "CREATE TRIGGER purged_link BEFORE INSERT ON purged BEGIN "
    "SELECT RAISE(ABORT, 'what is purged is purged by a later entry') "
    "WHERE NEW.entry <= NEW.seq OR NOT EXISTS (SELECT 1 FROM entries WHERE seq = NEW.entry AND event = 'purge'); END",
    "CREATE TRIGGER entries_link BEFORE INSERT ON entries BEGIN "
    "SELECT RAISE(ABORT, 'an entry takes the next seq') "
    "WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries); "
    "SELECT RAISE(ABORT, 'an entry links to the last hash') "
    "WHERE NEW.prev IS NOT coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), printf('%064d', 0)); "
    "SELECT RAISE(ABORT, 'an entry takes the next version of its number') "
    "WHERE NEW.version IS NOT (SELECT coalesce(max(version), 0) + 1 FROM entries WHERE number = NEW.number); "
    "SELECT RAISE(ABORT, 'an entry has a hash of its own') "
    "WHERE EXISTS (SELECT 1 FROM entries WHERE hash = NEW.hash); END",
    "CREATE TRIGGER bodies_link BEFORE INSERT ON bodies BEGIN "
    "SELECT RAISE(ABORT, 'a body belongs to the last entry') "
    "WHERE NEW.seq IS NOT (SELECT max(seq) FROM entries); "
    "SELECT RAISE(ABORT, 'an entry has one body') "
    "WHERE EXISTS (SELECT 1 FROM bodies WHERE seq = NEW.seq); END",
)
"""REC-1: ordinary SQL cannot change, remove or forge an entry."""

_ONE_MORE = (
    "INSERT INTO tallies (state, kind, elsewhere, n) VALUES (NEW.state, NEW.kind, NEW.elsewhere, 1) "
    "ON CONFLICT (state, kind, elsewhere) DO UPDATE SET n = n + 1; END"
)
_ONE_LESS = "state = OLD.state AND kind = OLD.kind AND elsewhere = OLD.elsewhere"
TALLYING = (
    f"CREATE TRIGGER orders_tallied AFTER INSERT ON orders BEGIN {_ONE_MORE}",
    "CREATE TRIGGER orders_moved AFTER UPDATE OF state, kind, elsewhere ON orders "
    "WHEN NEW.state <> OLD.state OR NEW.kind <> OLD.kind OR NEW.elsewhere <> OLD.elsewhere BEGIN "
    f"UPDATE tallies SET n = n - 1 WHERE {_ONE_LESS}; DELETE FROM tallies WHERE {_ONE_LESS} AND n = 0; {_ONE_MORE}",
)
"""Orders are never taken out one by one: with all of them their tallies are cleared."""

FINDING = "CREATE VIRTUAL TABLE finding USING fts5(pieces, content='', tokenize='ascii')"
"""The index of words, which has the words and no text: what it finds are ids of orders (``finding.py``)."""
