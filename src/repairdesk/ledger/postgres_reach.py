"""Who gets at the ledger of a site on a server: every login that can, by whatever way it was given what it may."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from repairdesk.ledger.database import Login, Reach

if TYPE_CHECKING:
    from repairdesk.ledger.postgres import Connection

_PROVED = ("verify-ca", "verify-full")
_MORE = " OR ".join(
    f"has_table_privilege(r.oid, t.{table}, '{rights}')"
    for table, rights in (
        ("entries", "UPDATE,DELETE,TRUNCATE,TRIGGER"), ("bodies", "UPDATE,DELETE,TRUNCATE,TRIGGER"),
        ("purged", "INSERT,UPDATE,DELETE,TRUNCATE,TRIGGER"), ("logins", "INSERT,UPDATE,DELETE,TRUNCATE,TRIGGER"),
    )
)  # fmt: skip
# Before version 16 whoever makes roles can also give them, that of the owner too.
_ANYTHING = (
    "r.rolsuper OR r.rolbypassrls OR (r.rolcreaterole AND current_setting('server_version_num')::integer < 160000) "
    "OR pg_has_role(r.oid, n.nspowner, 'MEMBER') "
    "OR EXISTS (SELECT 1 FROM pg_class c WHERE c.oid = t.entries AND pg_has_role(r.oid, c.relowner, 'MEMBER')) "
    "OR EXISTS (SELECT 1 FROM pg_roles s WHERE s.rolsuper AND pg_has_role(r.oid, s.oid, 'MEMBER'))"
)
_LOGINS = f"""
SELECT r.rolname::text, CASE WHEN {_ANYTHING} THEN 'anything' WHEN NOT has_schema_privilege(r.oid, n.oid, 'USAGE') THEN
NULL WHEN has_function_privilege(r.oid, 'take_bodies(integer)', 'EXECUTE') THEN 'purge' WHEN
has_any_column_privilege(r.oid, t.entries, 'INSERT') THEN 'write' WHEN has_any_column_privilege(r.oid, t.bodies,
'SELECT') OR has_any_column_privilege(r.oid, t.orders, 'SELECT') THEN 'read' END, l.staff, l.login IS NOT NULL,
has_schema_privilege(r.oid, n.oid, 'CREATE') OR {_MORE}
FROM (SELECT 'entries'::regclass AS entries, 'bodies'::regclass AS bodies, 'purged'::regclass AS purged,
'logins'::regclass AS logins, 'orders'::regclass AS orders) t CROSS JOIN pg_roles r JOIN pg_namespace n ON n.nspname =
current_schema() LEFT JOIN logins l ON l.login = r.rolname WHERE r.rolcanlogin ORDER BY r.rolname COLLATE "C"
"""


def reach(opened: Connection) -> Reach:
    """What the server says of its logins, and the connection of itself."""
    found = [Login(*row) for row in opened.execute(_LOGINS).fetchall() if row[1] is not None]
    info = opened.driver.info
    encrypted = bool(opened.driver.pgconn.ssl_in_use)
    proved = encrypted and info.get_parameters().get("sslmode") in _PROVED
    (login,) = opened.execute("SELECT session_user::text").fetchone()
    return Reach(login, found, "" if _is_here(info.host, info.hostaddr) else info.host, encrypted, proved)


def _is_here(host: str, address: str) -> bool:
    """Whether what is sent there does not leave this machine."""
    if not host or host[0] in "/@":
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
