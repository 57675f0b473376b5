"""What ``ledger upgrade`` does, of a file and on a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from repairdesk.cli import common, render
from repairdesk.cli.common import Call, required
from repairdesk.cli.render import progress
from repairdesk.desk import Answer
from repairdesk.errors import N_, UsageError
from repairdesk.ledger import versions
from repairdesk.locale import tr


def of_file(call: Call, backup: Path | None, *, dry_run: bool) -> None:
    """Tried on a copy, put away, then changed."""
    from repairdesk.desk.upgrading import Upgrading
    from repairdesk.ledger.connection import version_of
    from repairdesk.ledger.journal import Ledger

    path = call.path()
    if not dry_run and version_of(path, call.patience) != versions.CURRENT:
        required(backup=backup)
    desk = Upgrading(call.folder(), lambda: common.clock(), Ledger(path, wait_seconds=call.patience))
    with progress.shown(path.name) as tell:
        said = desk.upgrade(call.by, backup, dry_run=dry_run, progress=tell)
    _told(call, said, N_("{ledger}: version {from} became {to}, {entries} entries, head {short}; as it was: {backup}"))


def on_server(call: Call, backup: Path | None, *, dry_run: bool) -> None:
    """In one transaction of the server, by who owns the tables."""
    if backup is not None:
        raise UsageError(N_("a server's ledger is put away by the server's own means, such as pg_dump: leave out "
                            "{option}"), option="--backup")  # fmt: skip
    from repairdesk.cli import sites
    from repairdesk.ledger import migrations, upgrading

    server = sites.server(call)
    found = upgrading.version_on(server)
    doc: dict[str, Any] = {"ledger": str(server), "from": found, "to": versions.CURRENT, "dry_run": dry_run}
    doc |= {"steps": [step._asdict() for step in migrations.steps(found)], "upgraded": False, "backup": None}
    doc |= {"at": None, "entries": None, "head": None}
    if found != versions.CURRENT:
        stood = upgrading.upgraded_on(server, call.patience, dry_run=dry_run)
        doc |= {"upgraded": not dry_run, "entries": stood.entries, "head": stood.head}
    _told(call, Answer(doc), N_("{ledger}: version {from} became {to}, {entries} entries, head {short}"))


def _told(call: Call, said: Answer, done: str) -> None:
    if call.json_:
        render.document(call, said)
        return
    render.remarks(call, said.remarks)
    doc = {**said.doc, "short": str(said.doc["head"])[:16]}
    if not doc["steps"]:
        render.put(tr(N_("{ledger} has version {to}, that of this repairdesk: nothing to do")).format(**doc))
        return
    for step in doc["steps"]:
        render.put(f"{step['version']}: {tr(step['what'])}")
    tried = N_("tried, and nothing was changed: version {from} becomes {to}, {entries} entries, head {short}")
    render.put(tr(tried if doc["dry_run"] else done).format(**doc))
