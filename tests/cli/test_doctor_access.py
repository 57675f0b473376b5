"""What ``doctor`` says of the modes of a desk's files, and of what lies in its folder and belongs elsewhere."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from desk_cli import IN_HOME, done, run

from repairdesk.desk import access


def said(name: str) -> tuple[bool, str]:
    """What a check came to, and its sentence."""
    (found,) = [one for one in done("doctor")["checks"] if one["name"] == name]
    return found["ok"], found["what"]


def names() -> set[str]:
    return {one["name"] for one in done("doctor")["checks"]}


def modes(desk: Path, folder: int, ledger: int, rules: int = 0o644) -> None:
    """The modes of the desk."""
    desk.chmod(folder)
    (desk / "ledger.db").chmod(ledger)
    for name in ("policies.yaml", "fees.yaml", "calendar.yaml"):
        (desk / name).chmod(rules)


@pytest.fixture
def me(desk: Path) -> tuple[str, str]:
    """Whose the desk is."""
    had = (desk / "ledger.db").stat()
    import grp
    import pwd

    return pwd.getpwuid(had.st_uid).pw_name, grp.getgrgid(had.st_gid).gr_name


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("folder", "ledger", "well", "words"),
    [
        (0o700, 0o600, True, "{owner} alone can read the ledger"),
        # A folder that nobody else may enter protects whatever is in it.
        (0o700, 0o666, True, "{owner} alone can read the ledger"),
        (0o750, 0o640, True, "the group {group} can read every phone and name in it"),
        (0o2770, 0o660, True, "{owner} and the group {group} can read the ledger"),
        (0o770, 0o660, False, "chmod g+s"),
        (0o755, 0o644, False, "everybody on this machine can read the ledger"),
        (0o755, 0o666, False, "everybody on this machine can alter the ledger"),
        # Whoever may write in the folder puts another ledger in the place of this one.
        (0o777, 0o600, False, "everybody on this machine can alter the ledger"),
    ],
)
def test_it_says_whom_the_ledger_is_open_to(
    folder: int, ledger: int, well: bool, words: str, desk: Path, me: tuple[str, str]
) -> None:
    modes(desk, folder, ledger)
    ok, sentence = said("access")
    assert ok == well
    assert words.format(owner=me[0], group=me[1]) in sentence


@pytest.mark.sqlite
@pytest.mark.parametrize(("folder", "ledger"), [(0o700, 0o600), (0o750, 0o640), (0o2770, 0o660)])
def test_it_says_what_the_modes_do_not_protect_from(folder: int, ledger: int, desk: Path) -> None:
    modes(desk, folder, ledger)
    _, sentence = said("access")
    assert "by other programs" in sentence
    assert "verify" in sentence
    assert "checkpoint" in sentence


@pytest.mark.parametrize(
    ("folder", "rules", "well", "words"),
    [
        (0o755, 0o644, True, "{owner} alone can change who may what"),
        (0o2770, 0o640, True, "the group {group} can change who may what"),
        (0o750, 0o664, True, "the group {group} can change who may what"),
        (0o755, 0o666, False, "everybody on this machine can change who may what"),
        (0o777, 0o644, False, "everybody on this machine can change who may what"),
    ],
)
def test_it_says_who_can_change_the_rules(
    folder: int, rules: int, well: bool, words: str, desk: Path, me: tuple[str, str]
) -> None:
    modes(desk, folder, 0o600, rules)
    ok, sentence = said("access-rules")
    assert ok == well
    assert words.format(owner=me[0], group=me[1]) in sentence
    assert "policies.yaml" in sentence


def test_addresses_that_everybody_can_read_are_told(desk: Path) -> None:
    assert "access-addresses" not in names()
    (desk / "notify.yaml").write_text("version: 1\nurls: []\n")
    (desk / "notify.yaml").chmod(0o640)
    assert "access-addresses" not in names()
    (desk / "notify.yaml").chmod(0o644)
    assert not said("access-addresses")[0]


@pytest.mark.sqlite
def test_an_access_list_is_told_as_what_modes_do_not_show(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "listxattr", lambda path: ["system.posix_acl_access"], raising=False)
    assert "getfacl" in said("access")[1]


# --- what lies in the folder


def test_a_well_kept_desk_has_nothing_else_in_it(desk: Path) -> None:
    (desk / "README.txt").write_text("Ask Lin.")
    (desk / "templates").mkdir()
    (desk / "templates" / "slip.txt.j2").write_text("{{ number }}")
    done("backup", str(desk.parent / "desk.tar"))
    assert not {"keys", "copies"} & names()


def test_a_key_in_the_desk_is_told_whatever_its_name(desk: Path) -> None:
    (desk / "notes.txt").write_text("PRIVATE+KEY+repairdesk+1234+xxxx\n")
    (desk / "templates").mkdir()
    (desk / "templates" / "own").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    ok, sentence = said("keys")
    assert not ok
    assert "notes.txt" in sentence
    assert "templates/own" in sentence


@pytest.mark.sqlite
def test_backups_exports_and_copies_in_the_desk_are_told(desk: Path) -> None:
    shutil.copy(desk / "ledger.db", desk / "ledger.old")
    done("backup", str(desk / "backup-1"))
    done("export", "orders", "--out", str(desk / "orders.csv"))
    (desk / "purged").write_text('{"purge": 1, "seq": 2}\n')
    ok, sentence = said("copies")
    assert not ok
    for name in ("ledger.old", "backup-1", "orders.csv", "purged"):
        assert name in sentence
    for number in range(9):
        (desk / f"orders-{number}.csv").write_text("a\n")
    assert said("copies")[1].count(".csv") <= 5


@pytest.mark.sqlite
def test_a_ledger_that_lies_elsewhere_is_looked_at_there(desk: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(desk / "ledger.db", elsewhere / "book.db")
    elsewhere.chmod(0o755)
    (elsewhere / "book.db").chmod(0o644)
    told = done("doctor", "--ledger", str(elsewhere / "book.db"))["checks"]
    assert not next(one for one in told if one["name"] == "access")["ok"]


def test_who_looks_changes_no_mode(desk: Path) -> None:
    modes(desk, 0o750, 0o640)
    assert run("doctor").exit_code in (0, 10)
    assert (desk / "ledger.db").stat().st_mode & 0o777 == 0o640


@pytest.mark.sqlite
def test_a_file_that_cannot_be_read_is_not_guessed_at(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk / "secret").write_text("PRIVATE KEY")
    assert access._kind(desk / "secret", inside=False) == "keys"
    assert access._kind(desk / "none", inside=False) is None
    sqlite3.connect(desk / "copy").executescript("CREATE TABLE a(b);")
    assert access._kind(desk / "copy", inside=True) == "copies"


@pytest.mark.parametrize("name", ["attachments", "templates", "mappings"])
def test_a_folder_of_the_desk_that_everybody_can_write_into_is_told(name: str, desk: Path) -> None:
    modes(desk, 0o755, 0o660)
    (desk / name).mkdir(exist_ok=True)
    (desk / name).chmod(0o2770)
    assert "access-folders" not in names()
    (desk / name).chmod(0o777)
    ok, sentence = said("access-folders")
    assert not ok
    assert name in sentence
    # Nobody else comes so far.
    modes(desk, 0o750, 0o660)
    assert "access-folders" not in names()


def test_photos_that_everybody_can_see_are_told_and_templates_are_not(desk: Path) -> None:
    modes(desk, 0o755, 0o660)
    for name in ("attachments", "templates"):
        (desk / name).mkdir(exist_ok=True)
        (desk / name).chmod(0o755)
    assert "can see what lies in attachments" in said("access-folders")[1]
    (desk / "attachments").chmod(0o2770)
    assert "access-folders" not in names()


def test_keys_and_backups_are_found_wherever_they_lie_in_the_desk(desk: Path) -> None:
    (desk / "sub" / "deep").mkdir(parents=True)
    (desk / "sub" / "deep" / "k").write_text("PRIVATE+KEY+repairdesk+1234+xxxx\n")
    (desk / ".hidden").write_text("-----BEGIN PRIVATE KEY-----\n")
    done("backup", str(desk / "sub" / "b"))
    told = said("keys")[1]
    assert "sub/deep/k" in told
    assert ".hidden" in told
    assert "sub/b" in said("copies")[1]


def test_what_a_purge_wrote_out_is_known_whatever_its_name(desk: Path) -> None:
    (desk / "old.txt").write_text('{"at": "a", "by": "M1", "head": "h", "ledger": "f", "purge": 1, "seq": 2}\n')
    assert "old.txt" in said("copies")[1]


def test_what_the_desk_keeps_itself_is_no_stray_copy(desk: Path) -> None:
    done("intake", *IN_HOME, "--as", "C1")
    done("backup", str(desk.parent / "away.tar"))
    (desk / ".repairdesk-0badc0de.half").mkdir()
    shutil.copy(desk / "ledger.db", desk / ".repairdesk-0badc0de.half" / "ledger.db")
    (desk / "attachments" / "P1").mkdir(parents=True)
    (desk / "attachments" / "P1" / "scan.zip").write_bytes(b"PK")
    assert not {"keys", "copies"} & names()
