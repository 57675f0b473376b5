"""Many at once: eight people and a script write, others count and put the desk away, and nobody is refused a lock."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from hands import Hand, desk, lost, surplus, together, typed, whole

pytestmark = pytest.mark.sqlite
"""What many processes do to a file; what they do to a server is in ``tests/postgres``."""

FINE = {10, 11, 12}
"""What the rules, a number and a person can be refused for; everything else would be a lock, a disk or a fault."""


def check(home: Path, hands: Sequence[Hand], said: str = "") -> None:
    found = whole(home)
    assert found["problems"] == []
    assert lost(home, hands) == Counter()
    assert list(surplus(home, hands)) == []
    refused: Counter[int] = sum((hand.refused for hand in hands), Counter())
    assert set(refused) <= FINE, [text for hand in hands for text in hand.said][:5]
    acked = sum(sum(hand.acked.values()) for hand in hands)
    worst, alone = max(hand.worst for hand in hands), max(hand.worst_alone for hand in hands)
    print(
        f"{said}: {sum(hand.commands for hand in hands)} commands, {acked} acknowledged and there, "
        f"refused {dict(refused)}, {found['entries']} entries, slowest line {worst:.2f} s, process {alone:.2f} s"
    )
    assert acked > sum(hand.commands for hand in hands) // 3, "the hands have something to do"


def worked(folder: Path, hands: int, times: int) -> tuple[Path, list[Hand]]:
    home = desk(folder, hands)
    people = [Hand(home, n, others=hands) for n in range(hands)]
    together([lambda hand=hand: hand.works(times) for hand in people])  # type: ignore[misc]
    return home, people


def worked_beside(folder: Path, hands: int, times: int) -> tuple[Path, list[Hand], Counter[str]]:
    """The same with two reports and a backup, one after the other until all have done their work."""
    home = desk(folder, hands)
    people = [Hand(home, n, others=hands) for n in range(hands)]
    ended, done = threading.Event(), Counter[str]()
    away = folder / "away"
    away.mkdir()

    def again(name: str, *argv: str) -> None:
        while True:
            ran = typed(home, *argv)
            assert ran.returncode == 0, (argv, ran.returncode, ran.stderr)
            done[name] += 1
            if ended.wait(0.2):
                return

    def work() -> None:
        try:
            together([lambda hand=hand: hand.works(times) for hand in people])  # type: ignore[misc]
        finally:
            ended.set()

    # The name of a dated file is a second's, so that each backup has a name of its own here.
    def backups() -> None:
        n = 0
        while not (ended.is_set() and n):
            ran = typed(home, "backup", str(away / f"{n}.tar"))
            assert ran.returncode == 0, ran.stderr
            done["backup"] += 1
            n += 1

    together([work, lambda: again("month", "report", "month"), lambda: again("clocks", "report", "clocks"), backups])
    newest = max(away.iterdir(), key=lambda path: int(path.stem))
    assert typed(folder / "restored", "restore", str(newest), "--home", str(folder / "restored")).returncode == 0
    return home, people, done


@pytest.mark.rule("REC-1")
def test_all_that_was_acknowledged_to_anybody_is_there_and_the_chain_is_whole(tmp_path: Path) -> None:
    home, people = worked(tmp_path, 3, 15)
    check(home, people, "3 × 15")


@pytest.mark.rule("REC-1")
def test_reports_and_a_backup_beside_them_change_nothing_of_that(tmp_path: Path) -> None:
    home, people, done = worked_beside(tmp_path, 2, 10)
    check(home, people, f"2 × 10 beside {dict(done)}")
    assert set(done) == {"month", "clocks", "backup"}


@pytest.mark.slow
@pytest.mark.rule("REC-1")
def test_eight_hands_with_five_hundred_commands_each(tmp_path: Path) -> None:
    home, people = worked(tmp_path, 8, 500)
    check(home, people, "8 × 500")


@pytest.mark.slow
@pytest.mark.rule("REC-1")
def test_eight_hands_with_five_hundred_commands_each_beside_two_reports_and_a_backup(tmp_path: Path) -> None:
    home, people, done = worked_beside(tmp_path, 8, 500)
    check(home, people, f"8 × 500 beside {dict(done)}")
