"""Photos and scans of signed slips: kept whole or not at all, and their digests in the ledger (REC-1)."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from practice import LAMP, Practice

from repairdesk.cli.render import say
from repairdesk.desk import By, Desk
from repairdesk.errors import Damaged, StorageError
from repairdesk.ledger import attachments
from repairdesk.ledger.journal import Ledger, Writer

pytestmark = pytest.mark.rule("REC-1")

JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "签单 3-2-501.jpg"
    file.write_bytes(JPEG + b"signed")
    return file


def lying(desk: Practice) -> list[str]:
    """The files in the desk's folder, halves too."""
    return sorted(attachments.kept(desk.home))


def attached(desk: Practice, number: str, file: Path, who: str = "C1", **said: Any) -> dict[str, Any]:
    return desk.do("attach", who, number, file, **said)


def test_a_file_is_kept_as_it_was_and_its_entry_says_what_it_is(desk: Practice, photo: Path) -> None:
    number = desk.done()
    desk.wait(minutes=5)
    doc = attached(desk, number, photo, note=" 门口 ")
    digest = hashlib.sha256(photo.read_bytes()).hexdigest()
    kept = f"attachments/{number}/{digest[:16]}.jpg"
    assert doc["attachments"] == [
        {"name": "签单 3-2-501.jpg", "what": "slip", "media_type": "image/jpeg", "bytes": 17, "sha256": digest,
         "file": kept, "at": "2026-11-22T09:05:00+08:00", "by": "C1", "note": "门口"}
    ]  # fmt: skip
    assert doc["state"] == "finished"
    assert desk.show(number)["attachments"] == doc["attachments"]
    assert desk.show(number, as_of="2026-11-22T09:04")["attachments"] == []
    assert (desk.home / kept).read_bytes() == photo.read_bytes()
    assert lying(desk) == [kept]
    assert desk.last_entry(number)["event"] == "attach"
    photo.unlink()
    assert desk.problems() == []


def test_group_members_of_a_shared_desk_can_read_it_and_others_cannot(desk: Practice, photo: Path) -> None:
    umask = os.umask(0o027)
    try:
        number = desk.done()
        attached(desk, number, photo)
    finally:
        os.umask(umask)
    (kept,) = lying(desk)
    assert (desk.home / kept).stat().st_mode & 0o777 == 0o660
    assert (desk.home / kept).parent.stat().st_mode & 0o777 == 0o770
    assert (desk.home / "attachments").stat().st_mode & 0o777 == 0o770


@pytest.mark.parametrize("what", ["slip", "photo", "other"])
def test_what_it_shows_is_said(desk: Practice, photo: Path, what: str) -> None:
    number = desk.reported()
    (one,) = attached(desk, number, photo, what=what)["attachments"]
    assert one["what"] == what
    with desk.refuses(2):
        attached(desk, number, photo, what="film")


def test_it_is_possible_after_an_order_was_filed_and_after_it_was_converted(desk: Practice, photo: Path) -> None:
    filed = desk.filed(desk.billed(agreed="10"))
    assert attached(desk, filed, photo)["state"] == "archived"
    order = desk.at_work(LAMP)
    coordination = desk.converted(order)
    assert attached(desk, order, photo)["state"] == "converted"
    assert attached(desk, coordination, photo)["attachments"][0]["file"].startswith(f"attachments/{coordination}/")


def test_the_technician_of_the_order_may_and_another_may_not(desk: Practice, photo: Path) -> None:
    number = desk.done()
    attached(desk, number, photo, who="W1")
    with desk.refuses(12):
        attached(desk, number, photo, who="W2")
    with desk.refuses(12):
        attached(desk, number, photo, who="F1")


@pytest.mark.rule("REC-2", "FIN-5")
def test_a_slip_that_was_scanned_first_can_still_be_keyed_in(desk: Practice, photo: Path) -> None:
    number = desk.at_work()
    begun, before = desk.moment, desk.show(number)["last_done_at"]
    desk.wait(hours=6)
    assert attached(desk, number, photo)["last_done_at"] == before
    desk.finished(number, at=f"{begun + timedelta(minutes=10):%Y-%m-%dT%H:%M}", result="the washer is new")
    assert desk.show(number)["state"] == "finished"
    desk.wait(minutes=1)
    with desk.refuses(10, "REC-2"):
        desk.signed(number, at=f"{begun:%Y-%m-%dT%H:%M}")


@pytest.mark.rule("REC-2")
def test_a_photo_is_of_any_time_since_the_report(desk: Practice, photo: Path) -> None:
    reported = desk.moment
    number = desk.done()
    desk.wait(hours=1)
    with desk.refuses(10, "REC-2"):
        attached(desk, number, photo, at=f"{reported - timedelta(minutes=1):%Y-%m-%dT%H:%M}")
    (one,) = attached(desk, number, photo, at=f"{reported:%Y-%m-%dT%H:%M}", what="photo")["attachments"]
    assert one["at"] == f"{reported:%Y-%m-%dT%H:%M:%S}+08:00"


def test_the_same_file_again_adds_nothing_and_says_so(desk: Practice, photo: Path, tmp_path: Path) -> None:
    number = desk.reported()
    attached(desk, number, photo)
    before, files = desk.head(), lying(desk)
    copy = Path(shutil.copy(photo, tmp_path / "scan0001.jpg"))
    doc = attached(desk, number, copy, what="photo")
    assert [one["name"] for one in doc["attachments"]] == ["签单 3-2-501.jpg"]
    assert desk.head() == before
    assert lying(desk) == files
    assert len(desk.remarks) == 1
    assert "already" in desk.remarks[0]


def test_another_order_may_have_the_same_file(desk: Practice, photo: Path) -> None:
    one, other = desk.reported(), desk.reported(LAMP)
    attached(desk, one, photo)
    attached(desk, other, photo)
    assert len(lying(desk)) == 2


# --- what is not taken


@pytest.mark.parametrize("content", [b"hello", b"<html>", b"GIF89a", b"PK\3\4"])
def test_a_file_of_another_kind_is_refused_whatever_its_name_says(desk: Practice, photo: Path, content: bytes) -> None:
    number = desk.reported()
    photo.write_bytes(content)
    with desk.refuses(10, "REC-1") as told:
        attached(desk, number, photo)
    assert "jpeg, png, webp, heic, tiff, pdf" in say(told[0].message, told[0].values)
    assert lying(desk) == []


def test_the_policies_say_which_kinds_and_how_large(desk: Practice, photo: Path) -> None:
    desk.edits("policies.yaml", ("version: standard-2026-11", "version: small-1"), ("most: 20 MB", "most: 1 kB"),
               ("types: [jpeg, png, webp, heic, tiff, pdf]", "types: [pdf]"))  # fmt: skip
    number = desk.reported()
    with desk.refuses(10, "REC-1") as told:
        attached(desk, number, photo)
    assert told[0].values == {"kinds": ["pdf"]}
    photo.write_bytes(b"%PDF-1.7".ljust(1001))
    with desk.refuses(10, "REC-1") as told:
        attached(desk, number, photo)
    assert told[0].values == {"bytes": 1001, "most": 1000}
    assert lying(desk) == []
    photo.write_bytes(b"%PDF-1.7".ljust(1000))
    assert attached(desk, number, photo)["attachments"][0]["bytes"] == 1000


def test_a_file_that_grows_while_it_is_read_is_not_kept_beyond_the_limit(
    desk: Practice, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.edits("policies.yaml", ("version: standard-2026-11", "version: small-1"), ("most: 20 MB", "most: 1 kB"))
    number = desk.reported()
    copied = attachments._copied

    def grows(source: attachments.Source, half: Path, most: int) -> tuple[int, str]:
        with photo.open("ab") as stream:
            stream.write(b"x" * 5000)
        return copied(source, half, most)

    monkeypatch.setattr(attachments, "_copied", grows)
    with desk.refuses(10, "REC-1"):
        attached(desk, number, photo)
    assert lying(desk) == []


def no_file(path: Path) -> Path:
    return path / "nothing.jpg"


def folder(path: Path) -> Path:
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path / "pipe.jpg")
    return path / "pipe.jpg"


def device(path: Path) -> Path:
    return Path("/dev/zero")


def empty(path: Path) -> Path:
    (path / "empty.jpg").touch()
    return path / "empty.jpg"


def link_to_a_pipe(path: Path) -> Path:
    (path / "link.jpg").symlink_to(pipe(path))
    return path / "link.jpg"


def listening(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path / "s"))
    return path / "s"


@pytest.mark.parametrize(
    ("made", "code"),
    [(no_file, 11), (folder, 2), (pipe, 2), (device, 2), (link_to_a_pipe, 2), (empty, 14), (listening, 17)],
)
def test_what_is_no_file_is_refused_at_once(
    desk: Practice, tmp_path: Path, made: Callable[[Path], Path], code: int
) -> None:
    number, place = desk.reported(), tmp_path / "outside"
    place.mkdir()
    with desk.refuses(code):
        attached(desk, number, made(place))
    assert lying(desk) == []


def test_a_link_is_followed_and_goes_by_its_own_name(desk: Practice, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "latest.jpg").symlink_to(photo)
    (one,) = attached(desk, desk.reported(), tmp_path / "latest.jpg")["attachments"]
    assert one["name"] == "latest.jpg"
    assert not (desk.home / one["file"]).is_symlink()


# --- whole or not at all


def test_a_full_disk_leaves_nothing_and_says_so(desk: Practice, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    number = desk.reported()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch, desk.refuses(17) as told:
        patch.setattr(attachments.os, "fsync", full)
        attached(desk, number, photo)
    assert "No space left" in str(told[0])
    assert lying(desk) == []
    assert desk.show(number)["attachments"] == []


def test_a_folder_that_cannot_be_written_is_a_matter_of_storage(desk: Practice, photo: Path) -> None:
    number = desk.reported()
    (desk.home / "attachments").write_text("somebody's file")
    with desk.refuses(17):
        attached(desk, number, photo)
    assert (desk.home / "attachments").read_text() == "somebody's file"


def test_a_ledger_that_cannot_be_written_leaves_no_file(
    desk: Practice, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.reported()

    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch, desk.refuses(17):
        patch.setattr(Writer, "store_order", full)
        attached(desk, number, photo)
    assert lying(desk) == []
    assert not (desk.home / "attachments" / number).exists()


def test_a_file_that_was_there_before_stays_where_the_ledger_cannot_be_written(
    desk: Practice, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.reported()
    place = desk.home / "attachments" / number
    place.mkdir(parents=True)
    orphan = place / f"{hashlib.sha256(photo.read_bytes()).hexdigest()[:16]}.jpg"
    orphan.write_bytes(photo.read_bytes())

    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patch, desk.refuses(17):
        patch.setattr(Writer, "store_order", full)
        attached(desk, number, photo)
    assert orphan.read_bytes() == photo.read_bytes()
    attached(desk, number, photo)
    assert len(lying(desk)) == 1


def test_the_file_is_under_its_name_before_its_entry_is_written(
    desk: Practice, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, seen = desk.reported(), list[list[str]]()
    append = Writer.append

    def watched(self: Writer, *args: Any, **said: Any) -> Any:
        seen.append(lying(desk))
        return append(self, *args, **said)

    monkeypatch.setattr(Writer, "append", watched)
    (one,) = attached(desk, number, photo)["attachments"]
    assert seen == [[one["file"]]]


def test_whoever_writes_meanwhile_does_not_wait_for_the_copy(
    desk: Practice, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, other = desk.reported(), desk.reported(LAMP)
    copied = attachments._copied

    def slow(*args: Any) -> tuple[int, str]:
        desk.assigned(other)
        return copied(*args)

    monkeypatch.setattr(attachments, "_copied", slow)
    attached(desk, number, photo)
    assert desk.show(other)["state"] == "assigned"


def test_two_who_attach_the_same_file_at_once_leave_one(desk: Practice, photo: Path) -> None:
    number = desk.reported()
    who = [threading.Thread(target=desk.desk.attach, args=(By("C1", "tester"), number, photo)) for _ in range(4)]
    for one in who:
        one.start()
    for one in who:
        one.join()
    assert len(desk.show(number)["attachments"]) == 1
    assert len(lying(desk)) == 1


def test_with_the_ledger_elsewhere_the_files_lie_in_the_desk(desk: Practice, photo: Path, tmp_path: Path) -> None:
    number = desk.reported()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = Desk(desk.home, lambda: desk.moment, Ledger(shutil.copy(desk.home / "ledger.db", elsewhere / "l.db")))
    (one,) = moved.attach(By("C1", "tester"), number, photo).doc["attachments"]
    assert (desk.home / one["file"]).is_file()
    assert moved.verify()["ok"]
    assert [path.name for path in elsewhere.iterdir()] == ["l.db"]


# --- what becomes of it later


@pytest.fixture
def lost(tmp_path: Path, desk_as_founded: Path) -> Practice:
    """A desk whose files may come to harm: it is not verified in the end."""
    return Practice(Path(shutil.copytree(desk_as_founded, tmp_path / "lost")))


def gone(file: Path) -> None:
    file.unlink()


def changed(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"signed", b"forged"))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def a_link_elsewhere(file: Path) -> None:
    other = file.with_name("elsewhere")
    file.rename(other)
    file.symlink_to(other)


def a_pipe_in_its_place(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize("harm", [gone, changed, cut, a_link_elsewhere, a_pipe_in_its_place])
def test_verify_finds_a_file_that_is_gone_or_altered_and_it_can_be_put_back(
    lost: Practice, photo: Path, harm: Callable[[Path], None]
) -> None:
    number = lost.reported()
    (one,) = attached(lost, number, photo)["attachments"]
    seq, before = lost.last_entry(number)["seq"], lost.head()
    assert lost.desk.verify()["ok"]
    harm(lost.home / one["file"])
    found = lost.desk.verify()
    assert not found["ok"]
    (problem,) = found["problems"]
    assert problem["seq"] == seq
    assert one["file"] in problem["what"]
    attached(lost, number, photo)
    assert "put back" in lost.remarks[0]
    assert lost.desk.verify()["ok"]
    assert lost.head() == before


def test_verify_names_the_altered_entry_and_looks_nowhere_else(lost: Practice, photo: Path, tmp_path: Path) -> None:
    """An entry forged to name a file outside the desk is found by the chain; the file outside is not opened."""
    number = lost.reported()
    attached(lost, number, photo)
    pipe = tmp_path / "outside"
    os.mkfifo(pipe)
    with lost.desk.turn(By("C1", "tester")) as turn:
        order = turn.load(number)
        data = {**order.attachments[0], "file": "../outside"}
        turn.record("attach", data)
    (problem,) = lost.desk.verify()["problems"]
    assert "no place" in problem["what"]


@pytest.mark.sqlite
def test_a_ledger_that_is_no_ledger_is_told_as_ever(lost: Practice, photo: Path) -> None:
    attached(lost, lost.reported(), photo)
    (lost.home / "ledger.db").write_bytes(b"x" * 4096)
    with pytest.raises(Damaged):
        lost.desk.verify()


def check(desk: Practice) -> str | None:
    """What doctor says of the attachments."""
    found = [one for one in desk.desk.doctor(By(os_user="tester")) if one.name == "attachments"]
    assert not any(one.ok for one in found)
    return say(found[0].said.message, found[0].said.values) if found else None


def test_doctor_names_the_files_that_belong_to_no_order(desk: Practice, photo: Path) -> None:
    assert check(desk) is None
    attached(desk, desk.reported(), photo)
    assert check(desk) is None
    (desk.home / "attachments" / "copy of a photo.jpg").write_bytes(JPEG)
    said = check(desk)
    assert said is not None
    assert "attachments/copy of a photo.jpg" in said
    assert str(photo.name) not in said


def test_no_answer_is_written_over_an_attachment(desk: Practice, photo: Path) -> None:
    (one,) = attached(desk, desk.reported(), photo)["attachments"]
    for target in (desk.home / one["file"], desk.home / "attachments" / "new.txt"):
        with desk.refuses(2, "REC-1"):
            desk.desk.spare(target)
    desk.desk.spare(desk.home / "attachments.txt")
