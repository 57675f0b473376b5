"""What ``ledger create``, ``copy``, ``admit``, ``dismiss`` and ``sites`` do; their options are in ``ledgers``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from repairdesk.cli import render
from repairdesk.cli.common import Call
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

    source, target = call.store(), _place(to, to_site)
    wait = call.patience
    with render.progress(f"{source}") as tell:
        before = verify(source, wait_seconds=wait, progress=tell)
    if not before["ok"]:
        raise Damaged(N_("the record was altered, problems: {count}; nothing is copied: run verify"), rule="REC-1",
                      count=len(before["problems"]))  # fmt: skip
    with render.progress(f"{target}") as tell:
        done = copying.copy(source, target, wait, tell)
    with render.progress(f"{target}") as tell:
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
    postgres_grants.admit(place, login, role, staff, others=others)
    doc = {"login": login, "role": role, "staff": staff, "others": others, "ledger": str(place)}
    _told(call, doc, N_("{login} is {role} of {ledger}"))


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


def report(call: Call, name: str, month: str | None) -> None:
    """A report of each site that the caller may look into, and of the month what all have together."""
    from repairdesk.cli import report_tables
    from repairdesk.desk import all_sites
    from repairdesk.domain.rates import percent

    found = server(call._replace(site=None)).sites()
    if not found:
        raise NotFound(N_("there is no site that this login may look into"))
    docs = {}
    for one in found:
        named = call._replace(site=one.site)
        docs[one.site or "–"] = named.desk.report(named.by, name, month).doc
    doc = all_sites.together(name, docs)
    if call.json_:
        render.fields(call, doc)
        return
    if name == "month":
        heads = "site orders finished on_time_rate satisfaction_rate first_time_fix_rate complete_rate".split()
        lines = [[*row[:3], *(percent(*rate) for rate in row[3:])] for row in all_sites.rows(doc)]
        render.table(
            heads, [[tr(all_sites.TOGETHER) if row[0] == all_sites.ALL else row[0], *row[1:]] for row in lines]
        )
        return
    for site, one_doc in docs.items():
        render.put(f"# {site}")
        for line in report_tables.lines(name, one_doc):
            render.put(line)


def server(call: Call) -> Server:
    """The site on a server that was named.

    Raises:
        UsageError: the ledger is a file. NotPermitted: one desk alone is served here.
    """
    if call.file() is not None:
        raise UsageError(N_("this is for a ledger on a server: --ledger postgresql+psycopg://…"))
    return on_server(call.ledger or "", call.site)


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
