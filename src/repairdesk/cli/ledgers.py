"""The ledger as a whole: where it is kept, and in which version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from repairdesk.cli.common import Call, command, required
from repairdesk.errors import N_, UsageError

chapter = typer.Typer()
TRUST = N_("Proof and backup")
ledger = typer.Typer(help=N_("The ledger: where it is kept, for whom, and its version."), no_args_is_help=True)
chapter.add_typer(ledger, name="ledger", rich_help_panel=TRUST)


@command(ledger, "upgrade", TRUST)
def upgrade(
    call: Call,
    backup: Annotated[
        Path | None,
        typer.Option(
            "--backup", metavar="FILE|DIR", readable=False, help=N_("Where the desk is put away first, as it was.")
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=N_("Try it on a copy, prove that, and change nothing."))
    ] = False,
) -> None:
    """Bring a ledger that an earlier repairdesk wrote to the version of this one."""
    from repairdesk.cli import upgrades

    if dry_run and backup is not None:
        raise UsageError(N_("{one} and {other} exclude each other"), one="--dry-run", other="--backup")
    if call.file() is None:
        upgrades.on_server(call, backup, dry_run=dry_run)
    else:
        upgrades.of_file(call, backup, dry_run=dry_run)


@command(ledger, "create", TRUST)
def create(call: Call) -> None:
    """Make an empty ledger on a server: schema, tables, roles and what they may do."""
    from repairdesk.cli import sites

    sites.create(call)


@command(ledger, "copy", TRUST)
def copy(
    call: Call,
    to: Annotated[
        str | None, typer.Option("--to", metavar="URL", help=N_("Where to: a path, or a server's URL."))
    ] = None,
    to_site: Annotated[
        str | None, typer.Option("--to-site", metavar="NAME", help=N_("Which site of the server it is copied to."))
    ] = None,
) -> None:
    """Bring the ledger to another place with its chain as it is; both are proved. Cut off, it is run again."""
    from repairdesk.cli import sites

    required(to=to)
    sites.copied(call, to or "", to_site)


@command(ledger, "admit", TRUST)
def admit(
    call: Call,
    login: Annotated[str | None, typer.Argument(metavar="LOGIN", help=N_("A login of the server."))] = None,
    role: Annotated[str, typer.Option(metavar="ROLE", help=N_("reader, worker or purger."))] = "worker",
    staff: Annotated[
        str | None, typer.Option("--staff", metavar="ID", help=N_("The staff record whose account it is."))
    ] = None,
    others: Annotated[
        bool, typer.Option("--for-others", help=N_("It may also write what others did, as a counter does."))
    ] = False,
) -> None:
    """Give a login of the server a role at this site."""
    from repairdesk.cli import sites

    required(login=login)
    sites.admit(call, login or "", role, staff, others=others)


@command(ledger, "dismiss", TRUST)
def dismiss(
    call: Call, login: Annotated[str | None, typer.Argument(metavar="LOGIN", help=N_("A login of the server."))] = None
) -> None:
    """Take from a login of the server what it was given."""
    from repairdesk.cli import sites

    required(login=login)
    sites.dismiss(call, login or "")


@command(ledger, "sites", TRUST)
def sites(call: Call) -> None:
    """List the sites of a server."""
    from repairdesk.cli import sites as told

    told.sites(call)
