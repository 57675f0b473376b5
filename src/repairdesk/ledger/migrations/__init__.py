"""How a ledger of an earlier version comes to today's tables: steps of Alembic, one for each version.

Only who upgrades imports this: Alembic and SQLAlchemy take longer to load than a command to answer. The steps are run
one after the other inside a transaction that somebody else begins and ends, so that a ledger has one version or the
other. What a step may do is in docs/decisions/0031-migrations.md: entries and bodies are only ever added to, tables
that follow from them may be made anew, for whoever upgrades folds the entries again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, StaticPool, create_engine
from sqlalchemy.exc import DBAPIError

from repairdesk.domain.record import NamedTuple
from repairdesk.ledger import versions

HERE = Path(__file__).parent


class Step(NamedTuple):
    """What brings a ledger to a version; ``what`` that is good for, in English."""

    version: int
    what: str


def steps(found: int | None, place: Path = HERE) -> list[Step]:
    """The steps from a version to the last one, in their order; None: from nothing."""
    return [Step(int(one.revision), one.module.WHAT) for one in _scripts(found, place)]


def last(place: Path = HERE) -> int:
    """The version that the steps lead to."""
    (head,) = _directory(place).get_heads()
    return int(head)


def climb(connection: Connection, found: int | None, place: Path = HERE) -> None:
    """Run the steps from a version to the last one, and have the database say so; the transaction is the caller's.

    What the driver raises comes out as it is.
    """
    try:
        _run(MigrationContext.configure(connection), _scripts(found, place), found)
    except DBAPIError as error:
        raise (error.orig or error) from None


def _run(context: MigrationContext, scripts: Sequence[Script], found: int | None) -> None:
    dialect = context.dialect.name
    mine = [one for one in scripts if dialect in getattr(one.module, "DATABASES", (dialect,))]
    with Operations.context(context) as op:
        for script in mine:
            script.module.upgrade()
            for statement in _says(dialect, int(script.revision), first=found is None and script is mine[0]):
                op.execute(statement)


def _says(dialect: str, version: int, *, first: bool) -> Iterator[str]:
    """What puts the version where it is read."""
    if dialect == "sqlite":
        yield f"PRAGMA user_version={version}"
        return
    if first:
        yield versions.POSTGRES_MAKE[0]
        yield f"INSERT INTO {versions.TABLE} (version_num) VALUES ('{version}')"
    else:
        yield f"UPDATE {versions.TABLE} SET version_num = '{version}'"


def _directory(place: Path) -> ScriptDirectory:
    # The library is asked for its steps and nothing else: no environment, no file of settings.
    return ScriptDirectory(str(place), version_locations=[str(place / "versions")])


def _scripts(found: int | None, place: Path) -> list[Script]:
    base = "base" if found is None else str(found)
    return list(reversed(list(_directory(place).iterate_revisions("heads", base))))


@contextmanager
def lent(opened: Any, url: str) -> Iterator[Connection]:
    """A connection of the driver as Alembic takes it; ask for it before a transaction begins.

    The transaction stays the lender's: nothing here begins, keeps or undoes one.
    """
    engine = create_engine(
        url, creator=lambda: opened, poolclass=StaticPool, pool_reset_on_return=None,
        # Together: sqlite3 keeps what is open when its mode is set, and SQLAlchemy undoes what is open when it ends.
        isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True,
    )  # fmt: skip
    with engine.connect() as connection:
        yield connection
