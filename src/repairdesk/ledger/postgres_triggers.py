"""What PostgreSQL itself refuses, and keeps: the same as the triggers of ``schema`` for SQLite (REC-1).

Who may do what at all is said by grants; a trigger holds for the owner of the tables, too.
"""

from __future__ import annotations


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _trigger(name: str, when: str, table: str, function: str, *, each: str = "ROW") -> str:
    return f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"


def _refuse(what: str, unless: str) -> str:
    return f"IF NOT ({unless}) THEN RAISE EXCEPTION '{what}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "


_PEN = _function(
    "written_in_pen",
    "RAISE EXCEPTION 'the ledger is written in pen: % refuses %', TG_TABLE_NAME, TG_OP "
    "USING ERRCODE = 'integrity_constraint_violation';",
)
_ENTRIES = _function(
    "entries_link",
    _refuse("an entry takes the next seq", "NEW.seq = (SELECT coalesce(max(seq), 0) + 1 FROM entries)")
    + _refuse(
        "an entry links to the last hash",
        "NEW.prev = coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), repeat('0', 64))",
    )
    + _refuse(
        "an entry takes the next version of its number",
        "NEW.version = (SELECT coalesce(max(version), 0) + 1 FROM entries WHERE number = NEW.number)",
    )
    + "RETURN NEW;",
)
_BODIES = _function(
    "bodies_link",
    _refuse("a body belongs to the last entry", "NEW.seq = (SELECT max(seq) FROM entries)") + "RETURN NEW;",
)
_BODIES_GO = _function(
    "bodies_go",
    _refuse("the ledger is written in pen: bodies refuses DELETE", "EXISTS (SELECT 1 FROM purged WHERE seq = OLD.seq)")
    + "RETURN OLD;",
)
_PURGED = _function(
    "purged_link",
    _refuse(
        "what is purged is purged by a later entry",
        "NEW.entry > NEW.seq AND EXISTS (SELECT 1 FROM entries WHERE seq = NEW.entry AND event = 'purge')",
    )
    + "RETURN NEW;",
)
_TALLIED = _function(
    "orders_tallied",
    "IF TG_OP = 'UPDATE' THEN "
    "IF (NEW.state, NEW.kind, NEW.elsewhere) = (OLD.state, OLD.kind, OLD.elsewhere) THEN RETURN NULL; END IF; "
    "UPDATE tallies SET n = n - 1 WHERE state = OLD.state AND kind = OLD.kind AND elsewhere = OLD.elsewhere; "
    "DELETE FROM tallies WHERE state = OLD.state AND kind = OLD.kind AND elsewhere = OLD.elsewhere AND n = 0; END IF; "
    "INSERT INTO tallies (state, kind, elsewhere, n) VALUES (NEW.state, NEW.kind, NEW.elsewhere, 1) "
    "ON CONFLICT (state, kind, elsewhere) DO UPDATE SET n = tallies.n + 1; RETURN NULL;",
)

ALL = (
    *(_PEN, _ENTRIES, _BODIES, _BODIES_GO, _PURGED, _TALLIED),
    _trigger("entries_in_pen", "BEFORE UPDATE OR DELETE", "entries", "written_in_pen"),
    _trigger("bodies_in_pen", "BEFORE UPDATE", "bodies", "written_in_pen"),
    *(
        _trigger(f"{table}_kept", "BEFORE TRUNCATE", table, "written_in_pen", each="STATEMENT")
        for table in ("entries", "bodies")
    ),
    _trigger("entries_link", "BEFORE INSERT", "entries", "entries_link"),
    _trigger("bodies_link", "BEFORE INSERT", "bodies", "bodies_link"),
    _trigger("bodies_go", "BEFORE DELETE", "bodies", "bodies_go"),
    _trigger("purged_link", "BEFORE INSERT", "purged", "purged_link"),
    _trigger("orders_tallied", "AFTER INSERT OR UPDATE OF state, kind, elsewhere", "orders", "orders_tallied"),
)
"""Functions and triggers, in the order in which they are made; names are unqualified, in the schema of the ledger."""
