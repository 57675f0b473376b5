"""Nights at a desk of practice: the run, what it told, and desks that were founded elsewhere or long ago."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from practice import SHANGHAI, STAFF, Practice

from repairdesk.desk import By
from repairdesk.desk.founding import found

Doc = dict[str, Any]

BY_THE_OFFICE = (
    ("version: standard-2026-11", "version: office-1"),
    (
        "      regular: 48h                    # SLA-1, LY 标准\n      low: 7d                         # SLA-1, ours\n"
        "    meets: [finish, settled]\n    voids: [decline, cancel, advised]\n",
        "      regular: 14h\n      low: 7d\n"
        "    meets: [finish, settled]\n    voids: [decline, cancel, advised]\n    calendar: office\n",
    ),
)
"""Resolving takes fourteen hours of the office: 08:30-12:00 and 14:00-17:30, seven a day; Saturdays 09:00-12:00."""


NEXT_TABLE = (
    ("version: cn-2026", "version: cn-2027"),
    ("years:\n", 'years:\n  2027: {source: test, holidays: {元旦: ["2027-01-01..2027-01-03"]}}\n'),
)
"""The public holidays of the year after, as far as it matters here."""


def founded(home: Path, preset: str = "standard", first: str = "2026-01-05T09:00") -> Path:
    """A new desk with its staff, as old as that."""
    moment = datetime.fromisoformat(first).replace(tzinfo=SHANGHAI)
    found(home, preset, By(os_user="tester"), moment)
    desk = Practice(home)
    desk.moment = moment
    for staff, role, trades in STAFF:
        desk.desk.staff_add(By(os_user="tester"), staff, name=f"{role} {staff}", role=role, trades=trades)
    return home


def night(desk: Practice, at: str | None = None, *, dry_run: bool = False) -> Doc:
    """The nightly run, by anyone; ``at`` turns the clock first, unless it is a dry run."""
    if at is not None and not dry_run:
        desk.at(at)
        at = None
    return desk.do("escalate", None, at=at, dry_run=dry_run)


def told(desk: Practice, at: str | None = None, *only: str) -> list[tuple[str, int, str, list[str]]]:
    """What a run tells, of some obligations or of all: obligation, level, role, and the people."""
    rows = night(desk, at)["told"]
    return [
        (row["obligation"], row["level"], row["role"], row["people"])
        for row in rows
        if not only or row["obligation"] in only
    ]


def runs(desk: Practice, until: str, **every: float) -> list[tuple[str, str, int, str]]:
    """Runs again and again up to a time: when, what, which level, which role."""
    seen = []
    end = datetime.fromisoformat(until).replace(tzinfo=SHANGHAI)
    while desk.moment + timedelta(**every) <= end:
        desk.wait(**every)
        seen += [(f"{desk.moment:%H:%M}", one, level, role) for one, level, role, _ in told(desk)]
    return seen


def cycles(desk: Practice, number: str, name: str) -> list[tuple[str, str, str]]:
    """Every time that something was owed: first day, last day, state."""
    held = [one for one in desk.show(number)["obligations"] if one["name"] == name]
    return [(one["starts_at"][:10], one["due_at"][:10], one["state"]) for one in held]


def messages(desk: Practice) -> list[Doc]:
    """Every message that was queued, oldest first: to whom, and its lines."""
    with desk.desk.ledger.read() as reader:
        numbers = range(1, reader.next_message())
        return [dict(reader.entries(f"message:{number}")[0].data) for number in numbers]


def written_by_the_night(desk: Practice) -> list[Doc]:
    """What the runs left in the desk's own stream."""
    with desk.desk.ledger.read() as reader:
        return [dict(entry.data) for entry in reader.entries("desk:nightly")]


__all__: Sequence[str] = (
    "BY_THE_OFFICE", "NEXT_TABLE", "cycles", "founded", "messages", "night", "runs", "told", "written_by_the_night",
)  # fmt: skip
