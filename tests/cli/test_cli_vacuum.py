"""``doctor --vacuum`` at the command line."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from desk_cli import done, refused, run

from repairdesk.errors import Exit


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.sqlite
def test_sizes_are_told_in_words_and_as_json(desk: Path) -> None:
    ledger = desk / "ledger.db"
    with closing(sqlite3.connect(ledger)) as db:
        db.execute("CREATE TABLE ballast (text TEXT)")
        db.executemany("INSERT INTO ballast VALUES (?)", [("x" * 1000,)] * 500)
        db.execute("DROP TABLE ballast")
        db.commit()
    answer = done("doctor", "--vacuum")
    assert answer["ok"] is True
    assert answer["vacuum"]["after"] == ledger.stat().st_size < answer["vacuum"]["before"]
    assert run("doctor", "--vacuum", "--lang", "en").startswith("the ledger took 0.")
    assert done("verify")["ok"] is True


@pytest.mark.sqlite
def test_too_little_room_is_a_failure_of_the_disk(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(1, 1, 0))
    assert "MB" in refused(Exit.STORAGE, "doctor", "--vacuum", "--lang", "en")["message"]


@pytest.mark.sqlite
def test_nobody_of_that_id_makes_anything_anew(desk: Path) -> None:
    before = (desk / "ledger.db").read_bytes()
    refused(Exit.NOT_FOUND, "doctor", "--vacuum", "--as", "X9")
    assert (desk / "ledger.db").read_bytes() == before
