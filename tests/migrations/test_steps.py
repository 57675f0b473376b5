"""The steps lead to the tables that are declared, and nobody changes those without one; on both databases."""

from __future__ import annotations

import ast
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import kept
import pytest
from sqlalchemy import Connection, NullPool, create_engine
from sqlmodel import SQLModel

from repairdesk.ledger import connection, migrations, postgres_sql, sqlite_sql, statements, versions
from repairdesk.ledger.migrations import frozen
from repairdesk.ledger.upgrading import held

sys.path.append(str(kept.ROOT / "tools"))
import freeze_tables

DECLARED = SQLModel.metadata
STEPS = sorted((migrations.HERE / "versions").glob("v*.py"))


def differences(opened: Connection) -> list[Any]:
    """What Alembic would change to come from the tables that are there to those that are declared."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def ours(thing: Any, name: str | None, kind: str, *_: Any) -> bool:
        # Each database finds by words in its own way, which is compared to the letter and declared in no other.
        return not (kind == "table" and str(name).startswith("finding")) and name != "orders_found"

    options = {"compare_type": True, "compare_server_default": True, "include_object": ours}
    return list(compare_metadata(MigrationContext.configure(opened, opts=options), DECLARED))


# -- SQLite


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An empty database with the mark of a ledger, and a version to begin with."""
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA application_id={connection.APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={min(versions.OLDER)}")
        for statement in frozen.statements("sqlite", min(versions.OLDER)):
            db.execute(statement)
        db.commit()
    return path


def objects(path: Path) -> set[tuple[Any, ...]]:
    """Every table, index and trigger, to the letter."""
    with closing(sqlite3.connect(path)) as db:
        return set(db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"))


def test_an_empty_file_of_the_first_version_gets_the_tables_that_are_declared(file: Path, tmp_path: Path) -> None:
    with held(file) as ledger:
        ledger.climb()
    connection.create(tmp_path / "fresh.db")
    assert objects(file) == objects(tmp_path / "fresh.db")
    assert kept.number(file) == versions.CURRENT
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    with engine.connect() as opened:
        assert differences(opened) == []


def test_a_column_that_is_declared_and_not_made_would_be_found(file: Path) -> None:
    with held(file) as ledger:
        ledger.climb()
    with closing(sqlite3.connect(file)) as db:
        db.execute("ALTER TABLE bodies ADD COLUMN more TEXT")
        db.execute("DROP INDEX orders_tail")
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    with engine.connect() as opened:
        assert sorted(str(one[0]) for one in differences(opened)) == ["add_index", "remove_column"]


# -- PostgreSQL

CATALOGUE = {
    "columns": "SELECT table_name, ordinal_position, column_name, data_type, is_nullable, column_default, "
    "collation_name FROM information_schema.columns WHERE table_schema = current_schema()",
    "indexes": "SELECT tablename, indexname, replace(indexdef, current_schema() || '.', '') FROM pg_indexes "
    "WHERE schemaname = current_schema()",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = current_schema()::regnamespace AND contype <> 'n'",
    "triggers": "SELECT tgrelid::regclass::text, tgname, replace(pg_get_triggerdef(oid), current_schema() || '.', '') "
    "FROM pg_trigger WHERE NOT tgisinternal "
    "AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)",
    "rows": "SELECT tablename, policyname, cmd, roles::text, qual, with_check FROM pg_policies "
    "WHERE schemaname = current_schema()",
    "tables": "SELECT relname, relkind::text, relrowsecurity, relforcerowsecurity FROM pg_class "
    "WHERE relnamespace = current_schema()::regnamespace",
    "functions": "SELECT proname, prosrc, prosecdef, proargtypes::text FROM pg_proc "
    "WHERE pronamespace = current_schema()::regnamespace",
}
"""What there is in a schema, whatever it is called."""


@contextmanager
def schema(server: Any, name: str) -> Iterator[Connection]:
    """A schema of its own, in a transaction that is undone."""
    url = f"postgresql+psycopg://postgres@/postgres?host={server.folder}"
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as opened, opened.begin() as begun:
        opened.exec_driver_sql(f"CREATE SCHEMA {name}")
        opened.exec_driver_sql(f"SET search_path = {name}")
        yield opened
        begun.rollback()


def catalogue(opened: Connection) -> dict[str, set[Any]]:
    found = {name: set(map(tuple, opened.exec_driver_sql(text))) for name, text in CATALOGUE.items()}
    return {name: {row for row in rows if versions.TABLE not in str(row)} for name, rows in found.items()}


def declared(opened: Connection) -> None:
    for statement in postgres_sql.SCHEMA:
        opened.connection.driver_connection.execute(statement)  # type: ignore[union-attr]


def test_an_empty_schema_gets_the_tables_that_are_declared(server: Any) -> None:
    with schema(server, "made") as opened:
        declared(opened)
        wanted = catalogue(opened)
        assert {name for name, rows in wanted.items() if rows} >= {"columns", "indexes", "triggers", "functions"}
    with schema(server, "climbed") as opened:
        migrations.climb(opened, None)
        assert catalogue(opened) == wanted
        assert opened.exec_driver_sql(versions.POSTGRES_ASK).fetchall() == [(str(versions.CURRENT),)]
        assert [one for one in differences(opened) if versions.TABLE not in str(one)] == []


def test_a_new_ledger_and_one_that_climbed_say_their_version_alike(server: Any) -> None:
    found = []
    for begin in (lambda opened: migrations.climb(opened, None), _as_a_new_one):
        with schema(server, "said") as opened:
            begin(opened)
            text = CATALOGUE["columns"] + f" AND table_name = '{versions.TABLE}'"
            found.append(
                [list(map(tuple, opened.exec_driver_sql(text))), opened.exec_driver_sql(versions.POSTGRES_ASK).all()]
            )
    assert found[0] == found[1]


def _as_a_new_one(opened: Connection) -> None:
    for statement in versions.POSTGRES_MAKE:
        opened.exec_driver_sql(statement)


# -- the next version, as it could be

NEXT = '''
"""An entry may name its site."""

from alembic import op
import sqlalchemy as sa

from repairdesk.ledger.migrations import frozen

WHAT = "sites"
revision = "{version}"
down_revision = "{before}"


def upgrade() -> None:
    op.add_column("entries", sa.Column("site", sa.Text()))
    op.create_index("entries_site", "entries", ["site"])
    {more}
'''


@pytest.fixture
def later(tmp_path: Path) -> Callable[[str], Path]:
    """The steps, and one more; its last line is given."""

    def make(more: str = "") -> Path:
        place = tmp_path / f"steps{len(more)}"
        (place / "versions").mkdir(parents=True)
        for step in STEPS:
            (place / "versions" / step.name).write_text(step.read_text(encoding="utf-8"), encoding="utf-8")
        text = NEXT.format(version=versions.CURRENT + 1, before=versions.CURRENT, more=more)
        (place / "versions" / "next.py").write_text(text, encoding="utf-8")
        return place

    return make


def test_a_column_that_is_added_to_the_entries_stands_there_as_if_it_was_declared(
    later: Callable[[str], Path], tmp_path: Path
) -> None:
    ledger = kept.unpacked(versions.CURRENT, tmp_path / "desk") / "ledger.db"
    place, before = later(""), kept.written(ledger)
    with (
        closing(connection.lasting(ledger, 1, write=True)) as db,
        migrations.lent(db, "sqlite://") as lent,
        connection.kept(db),
    ):
        migrations.climb(lent, versions.CURRENT, place)
        assert db.in_transaction, "the transaction is the lender's"
    assert kept.number(ledger) == versions.CURRENT + 1
    asked = "SELECT sql FROM sqlite_schema WHERE name = 'entries'"
    with closing(sqlite3.connect(ledger)) as db:
        (found,) = db.execute(asked).fetchone()
        mine = db.execute("SELECT * FROM entries ORDER BY seq").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="written in pen"):
            db.execute("DELETE FROM entries")
    # As SQLite writes it, to the letter: verify compares what stands there with what is declared.
    assert found == sqlite_sql.SCHEMA[0].replace("hash TEXT NOT NULL,", "hash TEXT NOT NULL, site TEXT,")
    width = len(mine[0]) - 1
    assert [row[:width] for row in mine] == [tuple(row[:width]) for row in before]


def test_a_step_that_fails_is_undone_with_all_before_it(later: Callable[[str], Path], tmp_path: Path) -> None:
    ledger = kept.unpacked(versions.CURRENT, tmp_path / "desk") / "ledger.db"
    before = objects(ledger)
    with (
        pytest.raises(sqlite3.OperationalError),
        closing(connection.lasting(ledger, 1, write=True)) as db,
        migrations.lent(db, "sqlite://") as lent,
        connection.kept(db),
    ):
        migrations.climb(lent, versions.CURRENT, later("op.execute('CREATE nonsense')"))
    assert (kept.number(ledger), objects(ledger)) == (versions.CURRENT, before)


def test_postgresql_goes_on_to_the_next_version_or_stays(server: Any, later: Callable[[str], Path]) -> None:
    with schema(server, "next") as opened:
        migrations.climb(opened, None)
        before = catalogue(opened)
        with pytest.raises(Exception, match="syntax error"), opened.begin_nested():
            migrations.climb(opened, versions.CURRENT, later("op.execute('CREATE nonsense')"))
        assert catalogue(opened) == before
        assert opened.exec_driver_sql(versions.POSTGRES_ASK).scalar() == str(versions.CURRENT)
        migrations.climb(opened, versions.CURRENT, later(""))
        assert opened.exec_driver_sql(versions.POSTGRES_ASK).scalar() == str(versions.CURRENT + 1)
        added = {row[:2] for row in catalogue(opened)["indexes"] - before["indexes"]}
        assert added == {("entries", "entries_site")}


# -- what holds for every step


def test_the_last_step_leads_to_the_version_of_this_program() -> None:
    assert migrations.last() == versions.CURRENT == connection.SCHEMA_VERSION
    numbers = [step.version for step in migrations.steps(None)]
    assert numbers == [*versions.OLDER, versions.CURRENT] == sorted(numbers)
    assert [migrations.steps(one)[0].version for one in versions.OLDER] == [one + 1 for one in versions.OLDER]
    assert set(versions.RELEASED) <= {*versions.OLDER, versions.CURRENT}


def test_the_tables_of_this_version_are_kept_as_they_are_declared(capsys: pytest.CaptureFixture[str]) -> None:
    said = f"python tools/freeze_tables.py; was version {versions.CURRENT} released, then another version and a step"
    assert freeze_tables.main(["--check"]) == 0, f"{capsys.readouterr().err}\n{said}"


def test_tables_of_a_released_version_are_not_kept_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(frozen, "TABLES", tmp_path)
    assert freeze_tables.main([]) == 0
    monkeypatch.setattr(versions, "RELEASED", (versions.CURRENT,))
    monkeypatch.setattr(freeze_tables, "MADE", {"sqlite": (*sqlite_sql.SCHEMA, "CREATE TABLE more (a)")})
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert freeze_tables.main([]) == 1
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


IN_PEN = ("entries", "bodies")


@pytest.mark.rule("REC-1")
@pytest.mark.parametrize("step", STEPS, ids=lambda path: path.stem)
def test_no_step_makes_anew_what_is_written_in_pen(step: Path) -> None:
    text = step.read_text(encoding="utf-8")
    tree = ast.parse(text)
    called = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call)
              and isinstance(node.func, ast.Attribute)}  # fmt: skip
    assert not called & {"batch_alter_table", "drop_table", "rename_table", "alter_column", "drop_column"}
    words = re.findall(r"\b(DROP TABLE|DELETE FROM|UPDATE|RENAME TO)\s+(\w+)", text)
    assert not {table for _, table in words} & {*IN_PEN, "streams", "purged"}


def test_every_table_is_a_table_of_the_ledger() -> None:
    assert {table.name for table in statements.TABLES} == set(DECLARED.tables)
