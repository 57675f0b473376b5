"""Hands that are killed in the middle, at any moment: what was acknowledged is there, and the ledger can be read."""

from __future__ import annotations

import random
import threading
from collections import Counter
from pathlib import Path
from time import sleep

import pytest

from hands import Hand, desk, lost, surplus, together, whole
from repairdesk.ledger.journal import Ledger

pytestmark = pytest.mark.sqlite
"""What many processes do to a file; what they do to a server is in ``tests/postgres``."""


def killed(folder: Path, hands: int, times: int) -> None:
    """So many kills, each of a hand that has had an answer since it began, within the next commands of it."""
    home = desk(folder, hands)
    people = [Hand(home, n, others=hands) for n in range(hands)]
    ended, dice = threading.Event(), random.Random(20261122)
    seen = {"kills": 0, "in the middle": 0, "unreadable": 0, "journals": 0}
    journal = home / "ledger.db-journal"

    def work(hand: Hand) -> None:
        try:
            while not ended.is_set():
                hand.once(fresh=0)
            hand.ends()
        except BaseException:
            ended.set()
            raise

    def kill() -> None:
        begun: dict[int, tuple[object, int]] = {}
        try:
            while seen["kills"] < times and not ended.is_set():
                hand = dice.choice(people)
                batch, done = hand.batch, hand.commands
                # Not while it starts: of a program that is being loaded nothing can be lost.
                if batch is None or batch.poll() is not None or begun.get(hand.n, (None, 0))[0] is not batch:
                    begun[hand.n] = batch, done
                    sleep(0.005)
                    continue
                if done <= begun[hand.n][1] + 1:
                    sleep(0.005)
                    continue
                sleep(dice.uniform(0, 0.04))
                unknown = sum(hand.unknown.values())
                batch.kill()
                batch.wait()
                seen["kills"] += 1
                seen["journals"] += journal.exists()
                try:
                    with Ledger(home / "ledger.db").read() as reader:
                        reader.head()
                except Exception:
                    seen["unreadable"] += 1
                sleep(0.01)
                seen["in the middle"] += sum(hand.unknown.values()) > unknown
        finally:
            ended.set()

    together([kill, *(lambda hand=hand: work(hand) for hand in people)])  # type: ignore[misc]
    found = whole(home)
    acked = sum(sum(hand.acked.values()) for hand in people)
    gone = lost(home, people)
    print(f"{seen}, {hands} writers, {acked} acknowledged, lost {sum(gone.values())}, {found['entries']} entries")
    assert found["problems"] == []
    assert gone == Counter()
    assert list(surplus(home, people)) == []
    assert seen["unreadable"] == 0
    assert seen["kills"] == times
    assert {code for hand in people for code in hand.refused} <= {10, 11, 12}, people[0].said
    assert acked > times


@pytest.mark.rule("REC-1")
def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    killed(tmp_path, 4, 8)


@pytest.mark.slow
@pytest.mark.rule("REC-1")
def test_three_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    killed(tmp_path, 4, 320)
