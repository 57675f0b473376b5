"""Whether somebody else wrote is known from one page, and from nothing that stands still."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from full_screen import LAMP, NOW

from repairdesk.desk import By, Desk
from repairdesk.ledger.session import Session


def test_an_edition_is_another_once_somebody_wrote_and_the_same_as_long_as_nobody_did(home: Path) -> None:
    with closing(Session(home / "ledger.db")) as session:
        first = session.edition()
        Desk(home, lambda: NOW).board(By("C1", "keyboard"))
        assert session.edition() == first
        Desk(home, lambda: NOW).intake(By("C1", "keyboard"), LAMP, new=True)
        assert session.edition() != first


def test_another_file_under_the_name_of_the_ledger_is_another_edition(home: Path) -> None:
    with closing(Session(home / "ledger.db")) as session:
        first = session.edition()
        shutil.copy(home / "ledger.db", home / "restored.db")
        (home / "restored.db").replace(home / "ledger.db")
        assert session.edition() != first
