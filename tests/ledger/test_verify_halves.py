"""A long ledger is verified by two processes: they find what one would have found, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from repairdesk.ledger import beside
from repairdesk.ledger import verify as checking
from repairdesk.ledger.verify import verify

# xdist has threads of its own, of which nothing goes on in a copy of the process.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")

SPOILED = (
    "UPDATE entries SET actor = 'X' WHERE seq = (SELECT min(seq) FROM entries)",
    "UPDATE entries SET actor = 'X' WHERE seq = (SELECT max(seq) FROM entries)",
    "UPDATE entries SET prev = hash WHERE seq = (SELECT max(seq) / 2 + 1 FROM entries)",
    "UPDATE entries SET hash = 'f' WHERE seq = (SELECT max(seq) / 2 FROM entries)",
    "DELETE FROM bodies WHERE seq = (SELECT max(seq) / 2 FROM entries)",
    "DELETE FROM entries WHERE seq = (SELECT max(seq) / 2 FROM entries)",
    "DELETE FROM entries WHERE seq = (SELECT max(seq) / 2 + 1 FROM entries)",
    "UPDATE bodies SET body = replace(body, '{', '{ ') WHERE seq = 3",
    "UPDATE orders SET place = 'X' WHERE number = (SELECT min(number) FROM orders)",
    "UPDATE orders SET place = 'X' WHERE number = (SELECT max(number) FROM orders)",
    "DELETE FROM obligations WHERE number = (SELECT min(number) FROM obligations)",
    "UPDATE staff SET name = 'X'",
    "DELETE FROM rules",
    "UPDATE streams SET version = version + 1",
)


@pytest.fixture
def halved(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every ledger is a long one; says how often it was parted."""
    parted: list[int] = []
    side_by_side = checking._side_by_side

    def counted(*given: Any) -> Any:
        parted.append(1)
        return side_by_side(*given)

    monkeypatch.setattr(checking, "LONG", 2)
    monkeypatch.setattr(beside, "is_possible", lambda: True)
    monkeypatch.setattr(checking, "_side_by_side", counted)
    return parted


def by_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    with monkeypatch.context() as alone:
        alone.setattr(checking, "LONG", 10**9)
        return verify(path)


def told(found: dict[str, Any]) -> list[tuple[int, str]]:
    return sorted((one["seq"] or 0, str(one["what"])) for one in found["problems"])


def test_two_processes_find_a_whole_ledger_whole(
    path: Path, halved: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verify(path) == by_one(path, monkeypatch)
    assert halved == [1]


@pytest.mark.parametrize("spoiling", SPOILED)
def test_two_processes_find_what_one_finds(
    path: Path, halved: list[int], monkeypatch: pytest.MonkeyPatch, spoiling: str
) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        assert db.execute(spoiling).rowcount
    one, two = by_one(path, monkeypatch), verify(path)
    assert not one["ok"]
    assert told(one) == told(two)
    assert (one["entries"], one["head"]) == (two["entries"], two["head"])


def test_what_the_second_process_could_not_do_the_first_one_does(
    path: Path, halved: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    part: Callable[..., Any] = checking._part
    monkeypatch.setattr(checking, "_part", lambda p, w, span, t: 1 / 0 if span.beyond else part(p, w, span, t))
    assert verify(path) == by_one(path, monkeypatch)
    assert halved == [1]


def test_halves_of_two_moments_are_not_put_together(
    path: Path, halved: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    part: Callable[..., Any] = checking._part
    monkeypatch.setattr(
        checking, "_part",
        lambda p, w, span, t: part(p, w, span, t) | ({"head": [0, "before"], "entries": 0} if span.beyond else {}),
    )  # fmt: skip
    assert verify(path) == by_one(path, monkeypatch)


def test_how_far_it_is_grows_up_to_all_of_it(path: Path, halved: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "_TOLD_EVERY", 1)
    for long in (2, 10**9):
        monkeypatch.setattr(checking, "LONG", long)
        said: list[tuple[int, int]] = []
        verify(path, progress=lambda done, of, said=said: said.append((done, of)))  # type: ignore[misc]
        assert [done for done, _ in said] == sorted(done for done, _ in said)
        assert said[-1][0] == said[-1][1] == max(of for _, of in said)
        assert len(said) > 3
