"""What PostgreSQL itself refuses, and keeps: the same as the triggers of ``schema`` for SQLite (REC-1).

Who may do what at all is said by grants; a trigger holds for the owner of the tables, too.
"""

from __future__ import annotations

from repairdesk.ledger import chain


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _trigger(name: str, when: str, table: str, function: str, *, each: str = "ROW") -> str:
    return f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"


def _refuse(what: str, unless: str) -> str:
    return f"IF NOT ({unless}) THEN RAISE EXCEPTION '{what}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "


_HEADER = (
    "'{' || "
    + " || ',' || ".join(f"""'"{name}":' || to_json(NEW.{name})""" for name in sorted(chain.HEADER))
    + " || '}'"
)
"""The header of a new entry as canonical JSON."""
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
    # As the program writes it (``chain.header_hash``): who has psql and no such program cannot spoil the chain with it.
    + _refuse("an entry has the hash of its header", f"NEW.hash = encode(sha256(convert_to({_HEADER}, 'UTF8')), 'hex')")
    + "RETURN NEW;",
)
_BODIES = _function(
    "bodies_link",
    _refuse("a body belongs to the last entry", "NEW.seq = (SELECT max(seq) FROM entries)")
    + _refuse(
        "a body is the one that its entry was made of",
        f"octet_length(NEW.salt) = {chain.SALT_BYTES} AND encode(sha256(decode('{chain.BODY_TAG.hex()}', 'hex') || "
        "NEW.salt || convert_to(NEW.body, 'UTF8')), 'hex') = (SELECT body_digest FROM entries WHERE seq = NEW.seq)",
    )
    + "RETURN NEW;",
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

_PIECES = (
    # Of three letters, one for each letter; shorter ones at the end of a word (``postgres_finding``).
    "CREATE FUNCTION found_by(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ "
    "SELECT coalesce(array_to_tsvector(array_agg(DISTINCT substr(part, n, 3))), ''::tsvector) "
    "FROM regexp_split_to_table(said, '[[:space:]]+') AS part, generate_series(1, length(part)) AS n $$",
    "CREATE INDEX orders_found ON orders USING gin (found_by(search))",
)

ALL = (
    *_PIECES,
    *(_PEN, _ENTRIES, _BODIES, _BODIES_GO, _PURGED, _TALLIED),
    _trigger("entries_in_pen", "BEFORE DELETE OR UPDATE", "entries", "written_in_pen"),
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
