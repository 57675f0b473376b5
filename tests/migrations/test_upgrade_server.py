"""A ledger on a server goes to the next version in one transaction, with what follows from the entries made anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kept
import pytest

from repairdesk.cli.__main__ import main
from repairdesk.errors import Damaged
from repairdesk.ledger import copying, migrations, upgrading, versions
from repairdesk.ledger.files import File
from repairdesk.ledger.postgres import Server
from repairdesk.ledger.verify import verify

NEXT = '''
"""Tables as they were, and something to see that it was here."""

from alembic import op

WHAT = "nothing new"
revision = "{version}"
down_revision = "{before}"


def upgrade() -> None:
    op.execute("COMMENT ON TABLE entries IS 'the next version'")
    op.execute("DELETE FROM receipts")
    {more}
'''
COMMENT = "SELECT obj_description('entries'::regclass)"


@pytest.fixture
def place(tmp_path: Path) -> Callable[[str], Path]:
    """The steps, and one more; its last line is given."""

    def make(more: str = "") -> Path:
        folder = tmp_path / f"steps{len(more)}" / "versions"
        folder.mkdir(parents=True)
        for step in (migrations.HERE / "versions").glob("v*.py"):
            (folder / step.name).write_text(step.read_text(encoding="utf-8"), encoding="utf-8")
        text = NEXT.format(version=versions.CURRENT + 1, before=versions.CURRENT, more=more)
        (folder / "next.py").write_text(text, encoding="utf-8")
        return folder.parent

    return make


@pytest.fixture
def site(database: Callable[[], str], tmp_path: Path) -> Server:
    """The desk that is kept of this version, on a server."""
    made = Server(database().replace("postgresql:", "postgresql+psycopg:"))
    made.create()
    copying.copy(File(kept.unpacked(versions.CURRENT, tmp_path / "desk") / "ledger.db"), made, 10)
    return made


def seen(server: Server) -> tuple[Any, ...]:
    """Its version, its entries, its receipts, what the step left."""
    opened = server.opened(older=True)
    try:
        entries = opened.execute("SELECT seq, hash FROM entries ORDER BY seq").fetchall()
        (receipts,) = opened.execute("SELECT count(*) FROM receipts").fetchone()
        return upgrading.version_on(server), entries, receipts, opened.execute(COMMENT).fetchone()[0]
    finally:
        opened.close()


@pytest.fixture
def this_is_the_next(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From here on the program is the next one."""
    return lambda: monkeypatch.setattr(versions, "CURRENT", versions.CURRENT + 1)


def test_it_goes_on_with_what_follows_from_the_entries(
    site: Server, place: Callable[[str], Path], this_is_the_next: Callable[[], None]
) -> None:
    proved = verify(site)
    version, entries, receipts, _ = seen(site)
    steps = place("")
    assert receipts > 0
    assert upgrading.upgraded_on(site, place=steps, dry_run=True) == (version, len(entries), proved["head"])
    assert seen(site) == (version, entries, receipts, None)
    assert upgrading.upgraded_on(site, place=steps) == (version, len(entries), proved["head"])
    with pytest.raises(Damaged, match="a newer repairdesk"):
        site.opened()
    this_is_the_next()
    assert seen(site) == (version + 1, entries, receipts, "the next version")
    assert verify(site) == proved


def test_until_then_it_is_refused_and_the_command_is_named(site: Server, this_is_the_next: Callable[[], None]) -> None:
    this_is_the_next()
    with pytest.raises(Damaged, match="its version is 6, this one works with 7; bring it there: ledger upgrade"):
        site.opened()


@pytest.mark.rule("REC-1")
@pytest.mark.parametrize(
    "change",
    ["UPDATE entries SET actor = 'X' WHERE seq = 9", "DELETE FROM bodies WHERE seq = 9", "DROP INDEX entries_written",
     "DELETE FROM bodies WHERE seq = 86; DELETE FROM entries WHERE seq = 86"],
)  # fmt: skip
def test_what_was_altered_is_not_hidden_by_making_it_anew(
    site: Server, place: Callable[[str], Path], change: str
) -> None:
    opened = site.connect()
    for text in ("ALTER TABLE {} DISABLE TRIGGER ALL", "{}", "ALTER TABLE {} ENABLE TRIGGER ALL"):
        for what in ("entries", "bodies") if "TABLE" in text else (change,):
            opened.do(text.format(what))
    opened.close()
    before = seen(site)
    with pytest.raises(Damaged, match="the record was altered"):
        upgrading.upgraded_on(site, place=place(""))
    assert seen(site) == before


def test_a_step_that_fails_is_undone(site: Server, place: Callable[[str], Path]) -> None:
    before = seen(site)
    with pytest.raises(Exception, match=r"(?i)syntax|nonsense"):
        upgrading.upgraded_on(site, place=place("op.execute('CREATE nonsense')"))
    assert seen(site) == before


def test_who_has_this_version_already_needs_nothing(site: Server, capsys: pytest.CaptureFixture[str]) -> None:
    url = site.url.replace("postgresql:", "postgresql+psycopg:")
    assert main(["ledger", "upgrade", "--ledger", url, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["from"], said["to"], said["steps"], said["upgraded"]) == (6, 6, [], False)
    assert main(["ledger", "upgrade", "--ledger", url, "--backup", "b.tar", "--json"]) == 2
    assert "pg_dump" in json.loads(capsys.readouterr().err)["error"]["message"]
