"""Whether a ledger on a server is as it was made: its tables and columns, indexes, triggers, functions and policies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from repairdesk.errors import Sentence
from repairdesk.ledger import postgres_grants, postgres_sql, versions
from repairdesk.ledger.file_check import compared

if TYPE_CHECKING:
    from repairdesk.ledger.postgres import Connection

Objects = dict[tuple[str, str], Any]
_FUNCTION = re.compile(r"CREATE FUNCTION (\w+\([^)]*\)) .*?LANGUAGE (\w+)(.*) AS \$\$(.*)\$\$", re.DOTALL)
_INDEX = re.compile(r"CREATE (?:UNIQUE )?INDEX (\w+) ON .*")
_TRIGGER = re.compile(r"CREATE (?:CONSTRAINT )?TRIGGER (\w+) .*? ON (\w+) (?:DEFERRABLE .*|REFERENCING .*)?FOR EACH .*")
_POLICY = re.compile(r"CREATE POLICY (\w+) ON (\w+) FOR (\w)\w+ (USING|WITH CHECK) \((.*)\)")
_TABLE = re.compile(r"CREATE TABLE (\w+) \(\s*(.*?)\s*\)", re.DOTALL)
_COLUMN = re.compile(r'"?(\w+)"? (SERIAL|INTEGER|BYTEA|BOOLEAN|TEXT COLLATE "C"|VARCHAR\(\d+\))(.*)')
_KEY = re.compile(r"(?:CONSTRAINT \w+ )?(PRIMARY KEY|UNIQUE|FOREIGN KEY) ?(\(.*)")
_TYPES = {"SERIAL": "integer"}
_HERE = "(SELECT oid FROM pg_namespace WHERE nspname = current_schema())"
_ASKED = (
    # Kept for good, and with nothing that adds rows to what is read of it.
    "SELECT 'TABLE', relname, relkind::text || relpersistence::text || relrowsecurity::text || EXISTS (SELECT 1 FROM "
    f"pg_inherits WHERE inhparent = c.oid)::text FROM pg_class c WHERE relnamespace = {_HERE} AND relkind IN "
    "('r', 'p', 'v', 'm', 'f')",
    "SELECT 'COLUMN', relname || '.' || attname, format_type(atttypid, atttypmod) || attnotnull::text || "
    "coalesce((SELECT collname FROM pg_collation WHERE oid = attcollation AND collname <> 'default'), '') "
    "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE "
    f"relnamespace = {_HERE} AND relkind = 'r' AND attnum > 0 AND NOT attisdropped",
    "SELECT 'KEY', relname || ' ' || replace(pg_get_constraintdef(o.oid), ' ', ''), convalidated::text FROM "
    "pg_constraint o JOIN pg_class c ON c.oid = o.conrelid WHERE contype IN ('p', 'u', 'f') AND "
    f"relnamespace = {_HERE}",
    "SELECT 'INDEX', c.relname, pg_get_indexdef(c.oid, 0, true) || (i.indisvalid AND i.indisready AND "
    "i.indislive)::text FROM pg_class c JOIN pg_index i ON "
    f"i.indexrelid = c.oid WHERE c.relnamespace = {_HERE} AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = "
    "c.oid)",
    "SELECT 'FUNCTION', proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', lanname || '|' || "
    "prosecdef::text || '|' || coalesce(array_to_string(proconfig, '; '), '') || '|' || prosrc FROM pg_proc p JOIN "
    f"pg_language l ON l.oid = prolang WHERE pronamespace = {_HERE}",
    # Those of the server itself, which watch over keys, are named only where they are out of force.
    "SELECT 'TRIGGER', relname || '.' || tgname, pg_get_triggerdef(t.oid, true) || tgenabled::text FROM pg_trigger t "
    f"JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = {_HERE} AND (NOT tgisinternal OR tgenabled <> 'O')",
    "SELECT 'POLICY', relname || '.' || polname, polcmd::text || polpermissive::text || polroles::oid[]::text || "
    "coalesce(pg_get_expr(polqual, polrelid), '') || '|' || coalesce(pg_get_expr(polwithcheck, polrelid), '') "
    f"FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = {_HERE}",
    "SELECT 'RULE', tablename || '.' || rulename, '' FROM pg_rules WHERE schemaname = current_schema()",
)
# The rights of all but the owner; whoever may read more is told by doctor.
_RIGHTS = (
    "SELECT g.name, g.privilege_type, coalesce(r.rolname::text, 'PUBLIC') FROM (SELECT relname::text AS name, relowner "
    f"AS owner, (aclexplode(relacl)).* FROM pg_class WHERE relnamespace = {_HERE} UNION ALL SELECT relname || '.' || "
    "attname, relowner, (aclexplode(attacl)).* FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE "
    f"relnamespace = {_HERE} AND attacl IS NOT NULL UNION ALL SELECT proname, proowner, (aclexplode(coalesce(proacl, "
    f"acldefault('f', proowner)))).* FROM pg_proc WHERE pronamespace = {_HERE} AND prosecdef UNION ALL SELECT nspname, "
    "nspowner, (aclexplode(nspacl)).* FROM pg_namespace WHERE nspname = current_schema()) g LEFT JOIN pg_roles r ON "
    "r.oid = g.grantee WHERE g.grantee <> g.owner AND g.privilege_type NOT IN ('SELECT', 'USAGE')"
)
_GIVEN = {
    (name, right): role
    for role, right, names in (
        (postgres_grants.WORKER, "INSERT", ("entries", "bodies", *postgres_grants.KEPT)),
        (postgres_grants.WORKER, "UPDATE", postgres_grants.KEPT),
        (postgres_grants.WORKER, "DELETE", ("tallies",)),
        (postgres_grants.PURGER, "EXECUTE", [one.partition("(")[0] for one in postgres_grants.PINNED[-2:]]),
    )
    for name in names
}
"""What is granted to which role of the site; each has what it needs of those before it."""
_COMMANDS = {"S": "r", "I": "a"}


def amiss(db: Connection) -> Iterator[Sentence]:
    """What is not as it was made."""
    (schema,) = db.execute("SELECT current_schema()::text").fetchone()
    found = {(kind.lower(), name): said for text in _ASKED for kind, name, said in db.execute(text)}
    for name, right, whose in db.execute(_RIGHTS):
        role = _GIVEN.get((name, right))
        if role is None or re.fullmatch(rf"{schema}_{role}(_\d+)*", whose) is None:
            found["right", f"{right} ON {name} OF {whose}"] = ""
    return compared(_wanted(schema), {key: _index(said) if key[0] == "index" else said for key, said in found.items()})


def _wanted(schema: str) -> Objects:
    made: Objects = {}
    texts = (*postgres_sql.SCHEMA, *postgres_grants.LOGINS, *postgres_grants.TAKING, *versions.POSTGRES_MAKE)
    pinned = {text.partition("(")[0] for text in postgres_grants.PINNED}
    for text in texts:
        if one := _FUNCTION.match(text):
            name = one[1].partition("(")[0]
            config = f"search_path={schema}, pg_temp" if name in pinned else ""
            definer = "true" if "SECURITY DEFINER" in one[3] else "false"
            made["function", one[1]] = "|".join((one[2], definer, config, one[4]))
        elif one := _INDEX.match(text):
            made["index", one[1]] = _index(text + "true")
        elif one := _TRIGGER.match(text):
            made["trigger", f"{one[2]}.{one[1]}"] = text + "O"
        elif one := _POLICY.match(text):
            said = f"{one[5]}|" if one[4] == "USING" else f"|{one[5]}"
            made["policy", f"{one[2]}.{one[1]}"] = f"{_COMMANDS[one[3]]}true{{0}}{said}"
        elif one := _TABLE.fullmatch(text):
            made["table", one[1]] = f"rp{'true' if one[1] == 'entries' else 'false'}false"
            made.update(_columns(one[1], re.split(r",\s*(?![^(]*\))", one[2])))
    return made


def _columns(table: str, pieces: Iterable[str]) -> Iterator[tuple[tuple[str, str], str]]:
    """The columns of a table, and its keys, as the server tells them."""
    pieces = list(pieces)
    keyed = [piece for piece in pieces if _KEY.match(piece)]
    primary = re.findall(r"\w+", next((p.partition("KEY")[2] for p in keyed if "PRIMARY KEY" in p), ""))
    for piece in keyed:
        if one := _KEY.match(piece):
            yield ("key", f"{table} " + "".join(one.groups()).replace(" ", "")), "true"
    for piece in pieces:
        if (one := _COLUMN.match(piece)) is None:
            continue
        name, said, more = one.groups()
        type_, _, collation = said.partition(" COLLATE ")
        type_ = _TYPES.get(type_, type_.lower()).replace("varchar", "character varying")
        needed = "NOT NULL" in more or "PRIMARY KEY" in more or name in primary
        yield ("column", f"{table}.{name}"), f"{type_}{'true' if needed else 'false'}{collation.strip(chr(34))}"
        if "PRIMARY KEY" in more:
            yield ("key", f"{table} PRIMARYKEY({name})"), "true"


def _index(text: str) -> str:
    """How an index is declared, up to its condition, which the server tells in its own way."""
    declared, where, _ = text.replace(" USING btree", "").partition(" WHERE ")
    return declared + where + text[-4:] if where else declared
