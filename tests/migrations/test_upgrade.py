"""``ledger upgrade``: put away, proved, then changed as a whole or not at all."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import kept
import pytest

from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.errors import Damaged, Exit
from repairdesk.ledger import backup, versions
from repairdesk.ledger import upgrading as ledgers
from repairdesk.ledger.session import Session
from repairdesk.ledger.verify import verify
from tools_needed import can_trace

OLD = min(kept.VERSIONS)


def typed(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, Any]:
    """Exit code, and the document or the refusal."""
    code = int(main([*argv, "--json"]))
    out, err = capsys.readouterr()
    return code, json.loads(err)["error"] if code else json.loads(out)


def ledger_of(home: Path) -> bytes:
    return (home / "ledger.db").read_bytes()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_is_tried_without_changing_anything(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, there = ledger_of(old), names(old)
    code, doc = typed(capsys, "ledger", "upgrade", "--dry-run", "--home", str(old))
    assert code == 0
    assert (doc["from"], doc["to"], doc["upgraded"], doc["backup"]) == (OLD, versions.CURRENT, False, None)
    assert [step["version"] for step in doc["steps"]] == list(range(OLD + 1, versions.CURRENT + 1))
    assert doc["entries"] == len(kept.written(old / "ledger.db"))
    assert (ledger_of(old), names(old)) == (before, there)


def test_it_is_put_away_as_it_was_and_that_can_be_restored(
    old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = kept.written(old / "ledger.db")
    (tmp_path / "away").mkdir()
    code, doc = typed(capsys, "ledger", "upgrade", "--backup", str(tmp_path / "away"), "--home", str(old), "--as", "M1")
    assert code == 0
    assert doc["upgraded"] is True
    file = Path(doc["backup"])
    assert names(tmp_path / "away") == [file.name]
    assert file.name.startswith(f"repairdesk-version-{OLD}-")
    with backup.opened(file) as found:
        assert found.about["verified"] is True
        assert {"ledger.db", "policies.yaml", "fees.yaml"} <= {one.name for one in found.members}
        assert any(one.name.startswith("attachments/") for one in found.members)
        found.extract(next(one for one in found.members if one.name == "ledger.db"), tmp_path / "as-it-was.db")
    assert kept.number(tmp_path / "as-it-was.db") == OLD
    assert kept.written(tmp_path / "as-it-was.db") == written
    code, doc = typed(capsys, "restore", str(file), "--home", str(tmp_path / "again"))
    assert (code, doc["entries"]) == (0, len(written))
    assert verify(tmp_path / "again" / "ledger.db")["ok"] is True


def test_who_has_this_version_already_needs_nothing_for_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = kept.unpacked(versions.CURRENT, tmp_path / "desk")
    before = ledger_of(home)
    code, doc = typed(capsys, "ledger", "upgrade", "--home", str(home))
    assert (code, doc["upgraded"], doc["steps"]) == (0, False, [])
    assert ledger_of(home) == before


def newer(home: Path) -> None:
    with closing(sqlite3.connect(home / "ledger.db")) as db:
        db.execute(f"PRAGMA user_version = {versions.CURRENT + 1}")


def altered(*statements: str) -> Callable[[Path], None]:
    """Somebody with another program, who knows of the triggers."""

    def alter(home: Path) -> None:
        with closing(sqlite3.connect(home / "ledger.db")) as db:
            said = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
            for name, _ in said:
                db.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                db.execute(statement)
            for _, text in said:
                db.execute(text)
            db.commit()

    return alter


LAST = "(SELECT max(seq) FROM entries)"
CUT = (f"DELETE FROM bodies WHERE seq = {LAST}", f"DELETE FROM entries WHERE seq = {LAST}")
WRONG: dict[str, tuple[Callable[[Path], object], str]] = {
    "an entry": (altered("UPDATE entries SET actor = 'X' WHERE seq = 9"), "the record was altered"),
    "a body": (altered("UPDATE bodies SET body = '{}' WHERE seq = 9"), "the record was altered"),
    "a body is gone": (altered("DELETE FROM bodies WHERE seq = 9"), "the record was altered"),
    "it is said to be purged": (
        altered("DELETE FROM bodies WHERE seq = 40", "INSERT INTO purged VALUES (40, 86, '{}')"), "cannot be read",
    ),
    "the end is cut off": (altered(*CUT), "the record was altered"),
    "a trigger": (lambda home: altered()(home) or _dropped(home), "the record was altered"),
    "newer": (newer, "a newer repairdesk"),
    "text": (lambda home: (home / "ledger.db").write_text("no ledger\n" * 900), "another kind"),
}  # fmt: skip


def _dropped(home: Path) -> None:
    with closing(sqlite3.connect(home / "ledger.db")) as db:
        db.execute("DROP TRIGGER entries_no_delete")


@pytest.mark.rule("REC-1")
@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("how", ["upgrade", "dry run"])
def test_what_was_altered_is_not_hidden_by_making_it_anew(
    old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str, how: str
) -> None:
    alter, said = WRONG[what]
    alter(old)
    before = ledger_of(old)
    argv = ["--dry-run"] if how == "dry run" else ["--backup", str(tmp_path / "before.tar")]
    code, refusal = typed(capsys, "ledger", "upgrade", *argv, "--home", str(old), "--lang", "en")
    assert code == Exit.DAMAGED
    assert said in refusal["message"]
    assert ledger_of(old) == before
    assert names(tmp_path) == ["old"]


def test_what_only_follows_from_the_entries_is_as_they_say_again(old: Path, tmp_path: Path) -> None:
    altered("UPDATE orders SET total = 1, place = 'X'", "DELETE FROM staff")(old)
    desk = kept.Desk(old)
    desk.type(kept.LAST, f"ledger upgrade --backup {tmp_path / 'before.tar'}")
    assert verify(old / "ledger.db")["problems"] == []
    assert kept.differing(kept.said(OLD), desk.said()) == []


REFUSED = {
    "nobody of that id": ("--as X9", Exit.NOT_FOUND, "X9"),
    "no backup": ("", Exit.USAGE, "backup"),
    "a file is there": ("--backup {home}/../there.tar", Exit.NOT_ALLOWED, "not overwritten"),
    "a file of the desk": ("--backup {home}/policies.yaml", Exit.USAGE, "policies.yaml"),
    "no such folder": ("--backup {home}/../nowhere/b.tar", Exit.NOT_FOUND, "nowhere"),
    "both": ("--dry-run --backup b.tar", Exit.USAGE, "exclude"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_changes_nothing(old: Path, capsys: pytest.CaptureFixture[str], what: str) -> None:
    argv, code, said = REFUSED[what]
    (old.parent / "there.tar").write_text("x")
    before, there = ledger_of(old), names(old.parent)
    with_backup = ["--backup", str(old.parent / "b.tar")] if what == "nobody of that id" else []
    typed_as = [*argv.format(home=old).split(), *with_backup, "--home", str(old), "--lang", "en"]
    found, refusal = typed(capsys, "ledger", "upgrade", *typed_as)
    assert found == code, refusal
    assert said in refusal["message"] or said in str(refusal.get("missing"))
    assert (ledger_of(old), names(old.parent)) == (before, there)


def test_a_writer_is_waited_for_and_then_left_in_peace(
    old: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPAIRDESK_WAIT", "0.2")
    with closing(sqlite3.connect(old / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        code, _ = typed(capsys, "ledger", "upgrade", "--backup", str(tmp_path / "b.tar"), "--home", str(old))
        assert code == Exit.BUSY
    assert kept.number(old / "ledger.db") == OLD


def test_nobody_writes_between_the_copy_and_the_end(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    done = ledgers.Held.climb

    def climb(self: ledgers.Held) -> ledgers.Standing:
        with closing(sqlite3.connect(old / "ledger.db", timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                tried.append(str(error))
        return done(self)

    monkeypatch.setattr(ledgers.Held, "climb", climb)
    kept.Desk(old).type(kept.LAST, f"ledger upgrade --backup {old.parent / 'b.tar'}")
    assert tried == ["database is locked"] * 2  # while the copy is tried, and at the end


@pytest.mark.parametrize("at", ["evidence", "rebuilt"])
def test_what_fails_in_the_middle_leaves_the_old_version(old: Path, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    before, calls, done = kept.written(old / "ledger.db"), [], getattr(ledgers, at)

    def fails(db: Any) -> Any:
        calls.append(at)
        if len(calls) == 2:  # the first time it is the copy
            raise sqlite3.OperationalError("no such thing")
        return done(db)

    monkeypatch.setattr(ledgers, at, fails)
    with pytest.raises(SystemExit, match="ends with"):
        kept.Desk(old).type(kept.LAST, f"ledger upgrade --backup {old.parent / 'b.tar'}")
    assert (kept.number(old / "ledger.db"), kept.written(old / "ledger.db")) == (OLD, before)
    kept.Desk(old).type(kept.LAST, f"ledger upgrade --backup {old.parent / 'c.tar'}")


@pytest.mark.parametrize("how", ["read", "write"])
def test_who_has_a_ledger_open_while_it_is_upgraded_is_refused_from_then_on(tmp_path: Path, how: str) -> None:
    ledger = kept.unpacked(versions.CURRENT, tmp_path / "desk") / "ledger.db"
    session = Session(ledger)
    with session.write() as writer:
        assert writer.head()[0] > 0
    newer(ledger.parent)
    with pytest.raises(Damaged, match="a newer repairdesk"), getattr(session, how)() as opened:
        opened.head()
    session.close()


# -- killed

CHILD = """
import sys
from repairdesk.cli.__main__ import run
run()
"""
CALLS = "pwrite64,fdatasync,fsync,unlink,link,ftruncate"


def command(home: Path, file: Path) -> list[str]:
    return [sys.executable, "-c", CHILD, "ledger", "upgrade", "--backup", str(file), "--home", str(home)]


def test_a_kill_here_and_there_leaves_the_one_version_or_the_other(old: Path, tmp_path: Path) -> None:
    came = swept(old, tmp_path, places=4)
    print(dict(came))
    assert sum(came.values()) == 4


@pytest.mark.slow
def test_a_kill_in_every_thirty_first_place_leaves_the_one_version_or_the_other(old: Path, tmp_path: Path) -> None:
    came = swept(old, tmp_path, every=31)
    print(sum(came.values()), dict(came))
    assert {"before, nothing put away", "before, put away"} <= set(came)
    assert any(one.startswith("upgraded") for one in came)


def swept(old: Path, folder: Path, *, places: int = 0, every: int = 0) -> Counter[str]:
    """Killed at so many writes to the disk, or at every so manieth; what came of them."""
    can_trace()
    log, clean = folder / "trace", shutil.copytree(old, folder / "clean")
    traced = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", str(log), "-e", f"trace={CALLS}"]
    subprocess.run([*traced, *command(clean, folder / "clean.tar")], check=True, capture_output=True)
    spots = Counter[str]()
    all_ = []
    for line in log.read_text(errors="replace").splitlines():
        call = line.split(None, 1)[1].partition("(")[0]
        spots[call] += 1
        all_.append((call, spots[call]))
    # From the end, where the ledger itself is written: before that there is far more, of a copy and of a backup.
    all_.reverse()
    chosen = all_[::every] if every else all_[:: len(all_) // places][:places]
    came = Counter[str]()
    for n, (call, nth) in enumerate(chosen):
        came[_killed(old, folder / f"{n}", call, nth)] += 1
    return came


def _killed(old: Path, folder: Path, call: str, nth: int) -> str:
    home, file = shutil.copytree(old, folder / "desk"), folder / "before.tar"
    before = kept.written(home / "ledger.db")
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
    inject += ["-e", f"inject={call}:signal=SIGKILL:when={nth}"]
    done = subprocess.run([*inject, *command(home, file)], check=False, capture_output=True)
    assert done.returncode in (-signal.SIGKILL, 137), (call, nth, done)
    # By SQLite, as whoever comes next: what was left half done is put back.
    assert kept.written(home / "ledger.db") == before, (call, nth)
    found = kept.number(home / "ledger.db")
    away = file.exists()
    if away:
        with backup.opened(file):
            pass
    if found == OLD:
        kept.Desk(home).type(kept.LAST, f"ledger upgrade --backup {folder / 'second.tar'}")
    else:
        assert away, "nothing is upgraded before it is put away"
    assert kept.number(home / "ledger.db") == versions.CURRENT
    assert verify(home / "ledger.db")["problems"] == [], (call, nth)
    shutil.rmtree(folder)
    return f"{'before' if found == OLD else 'upgraded'}, {'put away' if away else 'nothing put away'}"


def test_the_clock_of_the_stories_is_not_the_machines(old: Path) -> None:
    kept.Desk(old).type(kept.LAST, "ledger upgrade --dry-run")
    assert common.clock().isoformat() == f"{kept.LAST}:00+08:00"
