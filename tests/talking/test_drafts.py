"""A draft is for one account alone, for a day, and no truth."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from talker import CLOCK, ENTER, ESC, MORNING, Talker, done

from repairdesk.desk.drafts import FOLDER, KEPT, Draft, sweep

SAID = {"place": "3-2-501", "fault": "漏水"}


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return Draft(tmp_path, "intake", "keyboard", "C1")


def test_what_is_kept_is_read_again_by_whoever_keeps_it(draft: Draft) -> None:
    draft.keep(MORNING, SAID, typed={"caller": "张"})
    kept = draft.read(MORNING + KEPT - timedelta(seconds=1))
    assert kept is not None
    assert (kept["said"], kept["typed"]) == (SAID, {"caller": "张"})
    assert draft.path.stat().st_mode & 0o777 == 0o600


def test_after_a_day_it_is_not_offered_and_then_gone(draft: Draft, tmp_path: Path) -> None:
    draft.keep(MORNING, SAID)
    assert draft.read(MORNING + KEPT) is None
    assert sweep(tmp_path, MORNING + KEPT - timedelta(seconds=1)) == 0
    assert sweep(tmp_path, MORNING + KEPT) == 1
    assert not draft.path.exists()


def test_each_account_and_each_person_has_their_own(tmp_path: Path) -> None:
    who = [("intake", "a", None), ("intake", "a", "C1"), ("intake", "b", None), ("sign", "a", None),
           ("intake", "甲", None), ("intake", "乙", None), ("intake", "../../x", None)]  # fmt: skip
    paths = {Draft(tmp_path, verb, account, actor).path for verb, account, actor in who}
    assert len(paths) == len(who)
    assert {path.parent for path in paths} == {tmp_path / FOLDER}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"at": "gestern", "said": {"a": 1}}', '{"at": 5, "said": {}}', "\x00"]
)
def test_a_file_that_is_none_of_ours_is_no_draft(draft: Draft, text: str) -> None:
    draft.keep(MORNING, SAID)
    draft.path.write_text(text)
    assert draft.read(MORNING) is None


def test_a_link_or_a_folder_in_its_place_is_no_draft(draft: Draft, tmp_path: Path) -> None:
    draft.path.parent.mkdir()
    other = tmp_path / "other.json"
    other.write_text('{"at": "2026-11-17T01:00:00Z", "said": {"place": "x"}}')
    draft.path.symlink_to(other)
    assert draft.read(MORNING) is None
    draft.keep(MORNING, SAID)
    assert not draft.path.is_symlink(), "a link is replaced, never written through"
    assert "x" in other.read_text()
    draft.forget()
    os.mkfifo(draft.path)
    assert draft.read(MORNING) is None


def test_half_of_one_is_never_left(draft: Draft) -> None:
    draft.keep(MORNING, SAID)
    with pytest.raises(TypeError):
        draft.keep(MORNING, {"place": object()})
    assert [path.name for path in draft.path.parent.iterdir()] == [draft.path.name]
    kept = draft.read(MORNING)
    assert kept is not None
    assert kept["said"] == SAID


def test_the_nightly_run_takes_what_nobody_came_back_for(talker: Talker) -> None:
    assert talker.keys(("intake", "--as", "C1"), "3-2-501", ENTER, ESC) == 130
    CLOCK.on(hours=23)
    done("escalate", "--as", "C1")
    assert len(talker.drafts) == 1
    CLOCK.on(hours=2)
    done("escalate", "--dry-run", "--as", "C1")
    assert len(talker.drafts) == 1, "a dry run changes nothing"
    done("escalate", "--as", "C1")
    assert talker.drafts == []


def test_a_purge_takes_them_too_and_a_backup_never_has_them(talker: Talker) -> None:
    import tarfile

    assert talker.keys(("intake", "--as", "C1"), "3-2-501", ENTER, ESC) == 130
    done("backup", str(talker.home.parent / "b.tar"), "--as", "C1")
    with tarfile.open(talker.home.parent / "b.tar") as archive:
        assert not [name for name in archive.getnames() if FOLDER in name]
    CLOCK.on(days=2)
    done("purge", "--yes", "--with", "S1", "--as", "M1")
    assert talker.drafts == []


def test_where_none_can_be_kept_the_call_is_taken_all_the_same(talker: Talker) -> None:
    (talker.home / FOLDER).write_text("in the way")
    assert talker.say(("intake", "--as", "C1"), "3-2-501", "漏水", "", "", "") == 0
    assert talker.newest()["fault"] == "漏水"
