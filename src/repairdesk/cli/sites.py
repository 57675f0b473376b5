"""What ``ledger create``, ``copy``, ``admit``, ``dismiss`` and ``sites`` do; their options are in ``ledgers``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from repairdesk.cli import render
from repairdesk.cli.common import Call
from repairdesk.cli.render import progress
from repairdesk.cli.whereabouts import ledger_path, on_server
from repairdesk.errors import N_, Damaged, NotFound, NotPermitted, UsageError
from repairdesk.ledger.database import Store
from repairdesk.locale import tr

if TYPE_CHECKING:
    from repairdesk.ledger.postgres import Server

ROLES = ("reader", "worker", "purger")


def create(call: Call) -> None:
    """Make an empty ledger on a server, for the first entry to come from ``init`` or a copy."""
    made = server(call)
    made.create()
    _told(call, {"ledger": str(made), "schema": made.schema}, N_("{ledger}: made, empty; schema {schema}"))


def copied(call: Call, to: str, to_site: str | None) -> None:
    """Bring the ledger to another place, and prove both."""
    from repairdesk.ledger import copying
    from repairdesk.ledger.verify import verify

    source, target = _source(call), _place(to, to_site)
    wait = call.patience
    with progress.shown(f"{source}") as tell:
        before = verify(source, wait_seconds=wait, progress=tell)
    if not before["ok"]:
        raise Damaged(N_("the record was altered, problems: {count}; nothing is copied: run verify"), rule="REC-1",
                      count=len(before["problems"]))  # fmt: skip
    with progress.shown(f"{target}") as tell:
        done = copying.copy(source, target, wait, tell)
    with progress.shown(f"{target}") as tell:
        after = verify(target, wait_seconds=wait, progress=tell)
    # The source may have been written to since it was proved: what is compared is what was copied.
    if not after["ok"] or after["head"] != done["head"]:
        raise Damaged(N_("{path} is not what was copied; leave it and run the copy again"), rule="REC-1",
                      path=str(target), extra={"problems": after["problems"]})  # fmt: skip
    doc = {"from": str(source), "to": str(target), **done}
    _told(call, doc, N_("{to}: {entries} entries, {new} of them new, both sides proved; head {short}"))


def admit(call: Call, login: str, role: str, staff: str | None, *, others: bool) -> None:
    """Give a login of the server a role of the site."""
    from repairdesk.ledger import postgres_grants

    if role not in ROLES:
        raise UsageError(N_("“{value}” is no {field}; choose: {known}"), value=role, field="--role", known=list(ROLES))
    place = server(call)
    if role != "reader":
        staff = _whose(place, login, staff, others=others)
    postgres_grants.admit(place, login, role, staff, others=others)
    doc = {"login": login, "role": role, "staff": staff, "others": others, "ledger": str(place)}
    _told(call, doc, N_("{login} is {role} of {ledger}"))


def _whose(place: Server, login: str, staff: str | None, *, others: bool) -> str | None:
    """The staff record whose account a login is: who comes to the desk by it is known by that alone.

    Raises:
        NotFound: there is no such record, or none that has the login. UsageError: the record has another account.
    """
    from repairdesk.desk.turn import nobody
    from repairdesk.ledger.journal import Ledger

    with Ledger(place).read() as reader:
        doc = reader.person_by_os_user(login) if staff is None else reader.person_doc(staff)
        if doc is None and staff is not None:
            raise nobody(reader, staff)
    if doc is None and not others:
        raise NotFound(N_("no staff record has the account {login}: what it writes would be nobody's"), login=login)
    if doc is not None and doc["os_user"] != login:
        raise UsageError(N_("the account of {staff} is {account}, and not {login}"), staff=doc["id"],
                         account=doc["os_user"] or "–", login=login)  # fmt: skip
    return doc["id"] if doc else None


def dismiss(call: Call, login: str) -> None:
    """Take from a login what it was given."""
    from repairdesk.ledger import postgres_grants

    place = server(call)
    postgres_grants.dismiss(place, login)
    _told(call, {"login": login, "ledger": str(place)}, N_("{login} is nothing any more at {ledger}"))


def sites(call: Call) -> None:
    """The sites of a server into which the caller may look."""
    found = [one.site or "" for one in server(call).sites()]
    if call.json_:
        render.fields(call, {"sites": found})
        return
    for name in found:
        render.put(name or "–")


def server(call: Call) -> Server:
    """The site on a server that was named.

    Raises:
        UsageError: the ledger is a file. NotPermitted: one desk alone is served here.
    """
    if call.file() is not None:
        raise UsageError(N_("this is for a ledger on a server: --ledger postgresql+psycopg://…"))
    return on_server(call.ledger or "", call.site)


def _source(call: Call) -> Store:
    """What is copied: what was typed comes before what the environment says for every command of a shell.

    Raises:
        UsageError: a folder with a ledger was typed, and the environment names another ledger.
    """
    # Whoever moves a desk to a server has the server in the environment, as the next step wants it.
    from_environment = call.ledger is not None and call.ledger == os.environ.get("REPAIRDESK_LEDGER")
    typed_home = call.home is not None and str(call.home) != os.environ.get("REPAIRDESK_HOME")
    if from_environment and typed_home and call.home is not None and (call.home / "ledger.db").exists():
        raise UsageError(N_("REPAIRDESK_LEDGER names {ledger}, and {folder} has a ledger, too: say which by --ledger"),
                         ledger=_without_login(call.ledger or ""), folder=str(call.home))  # fmt: skip
    if call.file() is not None and call.site == os.environ.get("REPAIRDESK_SITE"):
        call = call._replace(site=None)
    return call.store()


def _without_login(url: str) -> str:
    """A URL as it may be shown: who logs in, and with what, is nobody's business."""
    scheme, found, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if found else url


def _place(said: str, site: str | None) -> Store:
    file = ledger_path(said)
    if file is None:
        return on_server(said, site)
    if site:
        raise UsageError(N_("--site chooses a site on a server; a ledger in a file is that of one site: --home"))
    from repairdesk import lent
    from repairdesk.ledger.files import File

    if lent.is_lent():
        raise NotPermitted(N_("the ledger of this desk is not copied by who is only served here"))
    return File(file)


def _told(call: Call, doc: dict[str, Any], said: str) -> None:
    if call.json_:
        render.fields(call, doc)
        return
    render.put(tr(said).format(**doc, short=str(doc.get("head", ""))[:16]))
