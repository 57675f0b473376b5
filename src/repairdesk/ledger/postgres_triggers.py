"""What PostgreSQL itself refuses, and keeps: the same as the triggers of ``schema`` for SQLite (REC-1).

Who may do what at all is said by grants; a trigger holds for the owner of the tables, too.
"""

from __future__ import annotations

from collections.abc import Iterable

from repairdesk.ledger import chain, streams
from repairdesk.ledger.server_names import APART, CLOCK

_MINUTES = 5


def _function(name: str, body: str, declared: str = "") -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {declared}BEGIN {body} END $$"


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
# Who may set all of this aside.
_OWNER = "pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')"
_PRACTICE = (
    "EXISTS (SELECT 1 FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = "
    f"current_database() AND s.setrole = 0 AND '{'='.join(CLOCK)}' = ANY (s.setconfig))"
)
_FORM = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}Z$"


def _among(events: Iterable[str]) -> str:
    return "NEW.event IN (" + ", ".join(f"'{event}'" for event in events) + ")"


_KNOWN = (
    f"CASE WHEN position(':' in NEW.number) = 0 AND NEW.number <> 'desk' THEN {_among(streams.ORDERS)} "
    + " ".join(f"WHEN starts_with(NEW.number, '{one}') THEN {_among(of)}" for one, of in streams.BY_PREFIX.items())
    + f" ELSE NEW.event <> '{streams.NOWHERE_ELSE}' END"
)
# Most are asked no more than the first. What waits for others reads its clock when they are done, and what takes long
# goes by when it began.
_CLOCK = (
    f"IF abs(date_part('epoch', NEW.recorded_at::timestamptz - now())) > {60 * _MINUTES} OR NEW.occurred_at > "
    "NEW.recorded_at THEN IF (NEW.recorded_at::timestamptz NOT BETWEEN now() AND clock_timestamp() + "
    f"interval '{_MINUTES} minutes' OR NEW.occurred_at > NEW.recorded_at) AND NOT {_OWNER} AND NOT {_PRACTICE} THEN "
    "RAISE EXCEPTION 'an entry is recorded when it is written, and happened before' "
    f"USING ERRCODE = '{APART}'; END IF; END IF; "
)
_ENTRIES = _function(
    "entries_link",
    # Asked for once: it is what many entries that are written together wait for most.
    "SELECT seq, hash INTO last_seq, last_hash FROM entries ORDER BY seq DESC LIMIT 1; "
    + _refuse("an entry takes the next seq", "NEW.seq = coalesce(last_seq, 0) + 1")
    + _refuse("an entry links to the last hash", "NEW.prev = coalesce(last_hash, repeat('0', 64))")
    + _refuse(
        "an entry takes the next version of its number",
        "NEW.version = (SELECT coalesce(max(version), 0) + 1 FROM entries WHERE number = NEW.number)",
    )
    # As the program writes it (``chain.header_hash``): who has psql and no such program cannot spoil the chain with it.
    + _refuse("an entry has the hash of its header", f"NEW.hash = encode(sha256(convert_to({_HEADER}, 'UTF8')), 'hex')")
    + _refuse("an entry has an event that its number can have", _KNOWN)
    + _refuse(
        "an entry has times",
        f"NEW.occurred_at ~ '{_FORM}' AND NEW.recorded_at ~ '{_FORM}' AND NEW.occurred_at::timestamptz IS NOT NULL "
        "AND NEW.late IN (0, 1)",
    )
    + _CLOCK
    + "RETURN NEW;",
    "DECLARE last_seq integer; last_hash text; ",
)
_BODIED = _function(
    "entries_bodied",
    # A copy has entries whose bodies were purged: it is made by the owner.
    _refuse("an entry has a body", f"EXISTS (SELECT 1 FROM bodies WHERE seq = NEW.seq) OR {_OWNER}") + "RETURN NULL;",
)
_BODIES = _function(
    "bodies_link",
    # The entry was written by this very transaction, before anybody else saw it, or nothing was written since.
    "SELECT body_digest, xmin = pg_current_xact_id()::xid INTO digest, is_ours FROM entries WHERE seq = NEW.seq; "
    + _refuse(
        "a body belongs to the last entry",
        "is_ours IS TRUE OR NEW.seq IS NOT DISTINCT FROM (SELECT max(seq) FROM entries)",
    )
    + _refuse(
        "a body is the one that its entry was made of",
        f"octet_length(NEW.salt) = {chain.SALT_BYTES} AND encode(sha256(decode('{chain.BODY_TAG.hex()}', 'hex') || "
        "NEW.salt || convert_to(NEW.body, 'UTF8')), 'hex') = digest",
    )
    # What is no JSON at all the server refuses by itself.
    + _refuse("a body is a JSON object", "json_typeof(NEW.body::json) = 'object'")
    + "RETURN NEW;",
    "DECLARE digest text; is_ours boolean; ",
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
    "INSERT INTO tallies (state, kind, elsewhere, n) SELECT state, kind, elsewhere, count(*) FROM added "
    "GROUP BY state, kind, elsewhere ON CONFLICT (state, kind, elsewhere) DO UPDATE SET n = tallies.n + excluded.n; "
    "RETURN NULL;",
)
_MOVED = _function(
    "orders_moved",
    "IF (NEW.state, NEW.kind, NEW.elsewhere) = (OLD.state, OLD.kind, OLD.elsewhere) THEN RETURN NULL; END IF; "
    "UPDATE tallies SET n = n - 1 WHERE state = OLD.state AND kind = OLD.kind AND elsewhere = OLD.elsewhere; "
    "DELETE FROM tallies WHERE state = OLD.state AND kind = OLD.kind AND elsewhere = OLD.elsewhere AND n = 0; "
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
    *(_PEN, _ENTRIES, _BODIED, _BODIES, _BODIES_GO, _PURGED, _TALLIED, _MOVED),
    _trigger("entries_in_pen", "BEFORE DELETE OR UPDATE", "entries", "written_in_pen"),
    _trigger("bodies_in_pen", "BEFORE UPDATE", "bodies", "written_in_pen"),
    *(
        _trigger(f"{table}_kept", "BEFORE TRUNCATE", table, "written_in_pen", each="STATEMENT")
        for table in ("entries", "bodies")
    ),
    _trigger("entries_link", "BEFORE INSERT", "entries", "entries_link"),
    # At the end of the transaction: a body comes after its entry.
    "CREATE CONSTRAINT TRIGGER entries_bodied AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
    "EXECUTE FUNCTION entries_bodied()",
    _trigger("bodies_link", "BEFORE INSERT", "bodies", "bodies_link"),
    _trigger("bodies_go", "BEFORE DELETE", "bodies", "bodies_go"),
    _trigger("purged_link", "BEFORE INSERT", "purged", "purged_link"),
    # Of all that are added together at once.
    _trigger(
        "orders_tallied", "AFTER INSERT", "orders REFERENCING NEW TABLE AS added", "orders_tallied", each="STATEMENT"
    ),
    _trigger("orders_moved", "AFTER UPDATE OF state, kind, elsewhere", "orders", "orders_moved"),
)
"""Functions and triggers, in the order in which they are made; names are unqualified, in the schema of the ledger."""
