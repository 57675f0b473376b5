"""The file of a backup and the copy of a ledger: whole, or refused."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from repairdesk.errors import Busy, Damaged, NotAllowed, NotFound, StorageError, UsageError
from repairdesk.ledger import backup
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.verify import verify

ABOUT: dict[str, object] = {"verified": True, "entries": 1, "head": "00", "at": "2026-11-24T01:00:00Z"}
WRITES = """
import sys
from datetime import UTC, datetime
from repairdesk.ledger.journal import Ledger
at = datetime(2026, 11, 23, tzinfo=UTC)
while True:
    with Ledger(sys.argv[1]).write() as writer:
        said = {"reason": "x" * 4000}
        entry = writer.append("desk", "reveal", actor="W1", keyboard="os:desk", occurred_at=at, recorded_at=at,
                              late=False, data=said)
    print(entry.seq, flush=True)
"""


@pytest.fixture
def packed(tmp_path: Path, path: Path) -> Path:
    """A backup with the sample's ledger and a small file."""
    note = tmp_path / "note.yaml"
    note.write_text("version: 1\n")
    return pack(tmp_path / "made.tar", {"ledger.db": path, "fees.yaml": note})


def pack(target: Path, files: dict[str, Path]) -> Path:
    made = backup.Pack(target, ABOUT, 0)
    for name, file in files.items():
        made.add(name, file)
    made.finish()
    made.close()
    return target


def unpacked(file: Path, folder: Path) -> dict[str, bytes]:
    """The members as they are taken out."""
    folder.mkdir()
    with backup.opened(file) as found:
        for member in found.members:
            found.extract(member, folder / member.name)
    return {one.name: one.read_bytes() for one in folder.iterdir()}


@pytest.mark.rule("REC-1")
def test_copies_beside_a_busy_writer_are_whole_and_what_it_was_told_is_kept_is_kept(path: Path, tmp_path: Path) -> None:
    """Each copy is the ledger as it was at one moment, and the writer is never refused."""
    source = Path(backup.__file__).parents[2]
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITES, str(path)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(source)}
    )
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        lengths = []
        for n in range(5):
            copy = tmp_path / f"copy-{n}.db"
            backup.copy(path, copy)
            found = verify(copy)
            assert found["problems"] == []
            lengths.append(found["entries"])
            with Ledger(path).read() as reader:
                assert reader.hash_at(found["entries"]) == found["head"], "a copy is the beginning of the ledger"
        assert writer.poll() is None
    finally:
        writer.kill()
        told = writer.communicate()[0].split()
    assert lengths == sorted(lengths)
    assert lengths[-1] > lengths[0], "somebody wrote meanwhile"
    whole = verify(path)
    assert whole["problems"] == []
    assert whole["entries"] >= int(told[-1])


def test_a_ledger_that_is_held_is_waited_for_and_then_given_up(path: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Busy):
            backup.copy(path, tmp_path / "copy.db", 0.05)


def test_what_was_packed_comes_out_as_it_was(packed: Path, path: Path, tmp_path: Path) -> None:
    assert unpacked(packed, tmp_path / "out") == {"ledger.db": path.read_bytes(), "fees.yaml": b"version: 1\n"}


def test_a_backup_is_opened_with_nothing_but_tar_and_sha256sum(packed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "by-hand"
    folder.mkdir()
    subprocess.run(["tar", "-xf", packed, "-C", folder], check=True)
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    assert json.loads((folder / "repairdesk-backup.json").read_text())["format"] == 1


@pytest.mark.rule("REC-1")
def test_a_flipped_bit_is_found_or_changes_nothing(packed: Path, tmp_path: Path) -> None:
    """Behind the list of digests there is padding alone; everywhere else a flip is refused."""
    whole, before = packed.read_bytes(), unpacked(packed, tmp_path / "whole")
    with tarfile.open(packed) as tar:
        listed = tar.getmember("SHA256SUMS")
    end = listed.offset_data + listed.size
    # Every part of the file, and of the list every byte.
    places = [*range(0, listed.offset, len(whole) // 100), *range(listed.offset, end, 3), *range(end, len(whole), 997)]
    for n, place in enumerate(places):
        torn = bytearray(whole)
        torn[place] ^= 1 << n % 8
        flipped = tmp_path / f"flipped-{n}.tar"
        flipped.write_bytes(torn)
        try:
            found = unpacked(flipped, tmp_path / f"out-{n}")
        except Damaged:
            continue
        finally:
            flipped.unlink()
        assert place >= listed.offset, f"a flip of byte {place} went unnoticed"
        assert found == before


@pytest.mark.parametrize("part", [0, 1, 511, 512, 1024, 0.3, 0.6, 0.9, -1024, -2048])
def test_a_backup_that_was_cut_short_is_refused(packed: Path, part: float) -> None:
    whole = packed.read_bytes()
    size = int(len(whole) * part) if 0 < part < 1 else len(whole) + int(part) if part < 0 else int(part)
    with tarfile.open(packed) as tar:
        listed = tar.getmember("SHA256SUMS")
    packed.write_bytes(whole[: min(size, listed.offset_data + 10)])
    with pytest.raises(Damaged), backup.opened(packed):
        pass


@pytest.mark.parametrize(
    "content", [b"", b"version: 1\n", b"SQLite format 3\0" + b"\0" * 4096, b"\x1f\x8b" + b"x" * 999]
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "foreign").write_bytes(content)
    with pytest.raises(Damaged), backup.opened(tmp_path / "foreign"):
        pass


def test_a_tar_of_other_things_is_refused(tmp_path: Path, path: Path) -> None:
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(path, "ledger.db")
    with pytest.raises(Damaged), backup.opened(tmp_path / "other.tar"):
        pass


@pytest.mark.parametrize("name", ["../out.yaml", "/tmp/out.yaml", "a/../../out.yaml"])
def test_a_backup_that_would_write_outside_is_refused(tmp_path: Path, path: Path, name: str) -> None:
    with pytest.raises(Damaged), backup.opened(pack(tmp_path / "made.tar", {"ledger.db": path, name: path})):
        pass


@pytest.mark.parametrize("lacks", list(ABOUT))
@pytest.mark.parametrize("value", [None, "x", -1, [], 2**80])
def test_a_backup_that_does_not_say_what_it_is_is_refused(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch, lacks: str, value: object
) -> None:
    said = {**ABOUT, lacks: value} if value else {name: one for name, one in ABOUT.items() if name != lacks}
    monkeypatch.setattr(sys.modules[__name__], "ABOUT", said)
    made = pack(tmp_path / "made.tar", {"ledger.db": path})
    if lacks == "head" and value:
        return  # any text: it is compared with the ledger's own
    with pytest.raises(Damaged), backup.opened(made):
        pass


def test_a_form_of_later_days_is_said_to_be_one(tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(backup, "FORMAT", 2)
        made = pack(tmp_path / "made.tar", {"ledger.db": path})
    with pytest.raises(Damaged, match="newer"), backup.opened(made):
        pass


def test_a_name_that_no_list_can_hold_is_refused(tmp_path: Path, path: Path) -> None:
    made = backup.Pack(tmp_path / "made.tar", {}, 0)
    with pytest.raises(UsageError):
        made.add("templates/a\nb.j2", path)
    made.close()


# -- where it is made


def test_a_workshop_leaves_nothing_behind_and_clears_what_others_left(tmp_path: Path) -> None:
    left = tmp_path / ".repairdesk-0123456789ab.half"
    left.mkdir()
    (left / "ledger.db").write_text("of a run that was killed")
    with backup.workshop(tmp_path) as shop:
        (shop / "half").write_text("x")
        assert not left.exists()
        with backup.workshop(tmp_path):
            assert (shop / "half").exists(), "what is worked in is left alone"
    assert list(tmp_path.iterdir()) == []


def test_a_workshop_is_gone_when_the_work_fails(tmp_path: Path) -> None:
    def work() -> None:
        with backup.workshop(tmp_path) as shop:
            (shop / "half").write_text("x")
            raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="disk is full"):
        work()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound), backup.workshop(tmp_path / "none"):
        pass


@pytest.mark.parametrize("links", [True, False])
def test_a_file_takes_its_name_and_never_another_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", no_links)
    half, other, target = (tmp_path / name for name in ("half", "other", "target"))
    half.write_text("mine")
    other.write_text("of others")
    backup.place(half, target)
    with pytest.raises(NotAllowed):
        backup.place(other, target)
    assert target.read_text() == "mine"


def test_a_torn_ledger_is_copied_as_it_is_for_whoever_wants_it_all_the_same(path: Path, tmp_path: Path) -> None:
    torn = bytearray(path.read_bytes())
    torn[5 * 4096 + 100] ^= 0x10
    path.write_bytes(torn)
    backup.copy(path, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes()[4096:] == bytes(torn)[4096:]
