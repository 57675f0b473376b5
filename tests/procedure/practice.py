"""A desk to practise on: the real one, on a ledger of its own, with a clock that the scenario turns.

What a scenario does reads as it happened: ``desk.assigned(number, to="W1")``. Every helper is one verb of ``Desk`` by
the person who would do it, and answers with the document that the verb answers with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from repairdesk.desk import Answer, By, Desk
from repairdesk.desk.coordinating import LogEntry
from repairdesk.desk.founding import found
from repairdesk.desk.settling import Paying
from repairdesk.desk.slip import Slip
from repairdesk.desk.visiting import Work
from repairdesk.domain.intake import Report
from repairdesk.errors import DeskError

Doc = dict[str, Any]

SHANGHAI = ZoneInfo("Asia/Shanghai")
SUNDAY_MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI)
STAFF = (
    ("C1", "clerk", ()),
    ("C2", "clerk", ()),
    ("W1", "technician", ("plumbing", "locks")),
    ("W2", "technician", ("electrical",)),
    ("K1", "contractor", ("appliance",)),
    ("L1", "leader", ()),
    ("S1", "supervisor", ()),
    ("M1", "manager", ()),
    ("F1", "finance", ()),
)
TAP: Mapping[str, Any] = {
    "kind": "in_home",
    "place": "3-2-501",
    "caller": "李女士",
    "phone": "13800001234",
    "fault": "the tap drips",
}
LAMP: Mapping[str, Any] = {"kind": "public_area", "place": "地下车库 B1", "fault": "the lamp is out"}


class Practice:
    """A desk with its staff, on Sunday 22 November 2026 at nine in the morning."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.moment = SUNDAY_MORNING
        self.turned_back = False
        self.remarks: list[str] = []
        self.desk = Desk(home, lambda: self.moment)

    @classmethod
    def make(cls, home: Path) -> Practice:
        """A new desk of the standard preset; its staff was hired the day before."""
        eve = SUNDAY_MORNING - timedelta(days=1)
        found(home, "standard", By(os_user="tester"), eve)
        made = cls(home)
        made.moment = eve
        for staff, role, trades in STAFF:
            made.desk.staff_add(By(os_user="tester"), staff, name=f"{role} {staff}", role=role, trades=trades)
        return made

    # --- the clock

    def wait(self, **spans: float) -> None:
        """Let time go by: ``hours``, ``minutes``, ``seconds``."""
        self.moment += timedelta(**spans)

    def at(self, local: str) -> None:
        """Turn the clock to a time of the desk's zone; who turns it back says that it is right then."""
        before, self.moment = self.moment, datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)
        self.turned_back = self.turned_back or self.moment < before

    # --- doing

    def by(self, who: str | None, at: str | None = None) -> By:
        """Who does it, at the tester's keyboard."""
        return By(who, "tester", at, clock_is_right=self.turned_back)

    def do(self, verb: str, who: str | None, *args: Any, at: str | None = None, **said: Any) -> Doc:
        """Any verb, by anyone; ``at`` is when it happened, by default now."""
        answer: Answer = getattr(self.desk, verb)(self.by(who, at), *args, **said)
        self.remarks = [remark.message.format(**remark.values) for remark in answer.remarks]
        return answer.doc

    def takes(
        self, report: Mapping[str, Any] = TAP, *, who: str | None = "C1", at: str | None = None,
        join: str | None = None, new: bool = False, **more: Any,
    ) -> Doc:  # fmt: skip
        """The clerk takes a report in; ``more`` is what it says otherwise."""
        return self.do("intake", who, Report(**{**report, **more}), join=join, new=new, at=at)

    def reported(self, report: Mapping[str, Any] = TAP, **more: Any) -> str:
        """A new order; answers with its number."""
        number: str = self.takes(report, **more)["number"]
        return number

    def assigned(self, number: str, to: str = "W1", who: str = "C1", **said: Any) -> Doc:
        return self.do("assign", who, number, to, **said)

    def accepted(self, number: str, who: str = "W1", **said: Any) -> Doc:
        return self.do("accept", who, number, **said)

    def arrived(self, number: str, who: str = "W1", **said: Any) -> Doc:
        return self.do("arrive", who, number, **said)

    def nobody_home(self, number: str, who: str = "W1", **said: Any) -> Doc:
        return self.do("arrive", who, number, nobody_home=True, **said)

    def started(self, number: str, who: str = "W1", **said: Any) -> Doc:
        return self.do("start", who, number, **said)

    def paused(self, number: str, reason: str, next_at: str, who: str = "W1", **said: Any) -> Doc:
        return self.do("pause", who, number, reason=reason, next_at=next_at, **said)

    def finished(self, number: str, who: str = "W1", at: str | None = None, **work: Any) -> Doc:
        told = {"result": "the washer is new, it holds", "found": "the washer is worn"} | work
        return self.do("finish", who, number, Work(**told), at=at)

    def signed(self, number: str, rating: str = "satisfied", by: str = "李女士", who: str = "W1", **said: Any) -> Doc:
        return self.do("sign", who, number, signer=by, rating=rating, **said)

    def closed(self, number: str, who: str = "L1", **said: Any) -> Doc:
        return self.do("close", who, number, **said)

    def archived(self, number: str, who: str = "C1", **said: Any) -> Doc:
        return self.do("archive", who, number, **said)

    def quoted(self, number: str, fee: str, who: str = "S1", **said: Any) -> Doc:
        return self.do("quote", who, number, fee=fee, **said)

    def agreed(self, number: str, fee: str | None = None, who: str = "C1", **said: Any) -> Doc:
        return self.do("consent", who, number, fee=fee, **said)

    def corrected(
        self, number: str, who: str = "C1", reason: str = "misheard", at: str | None = None, **to: str
    ) -> Doc:
        return self.do("correct", who, number, to, reason=reason, at=at)

    def rebilled(
        self, number: str, who: str | None = "C1", reason: str = "miscounted", at: str | None = None, **slip: Any
    ) -> Doc:
        """The bill is corrected; ``slip`` says what is new on it, the reason is also that of a reduction."""
        return self.do("rebill", who, number, Slip(reason=reason, **slip), reason=reason, at=at)

    def paid(
        self, *numbers: str, amount: str | None = None, who: str | None = "F1", at: str | None = None, **said: Any
    ) -> Doc:
        """Money came in: all that is open, or the amount."""
        return self.do("pay", who, numbers, Paying(amount, **said), at=at)

    def refunded(self, number: str, amount: str, who: str = "F1", reason: str = "paid too much") -> Doc:
        return self.do("pay", who, [number], Paying(amount, refund=True, reason=reason))

    def handed_over(self, month: str, who: str | None = "F1", at: str | None = None) -> Doc:
        """Finance signs for a month; answers with it."""
        return self.do("hand_over", who, month, at=at)

    def converted(self, number: str, tracker: str = "C1", who: str = "L1", **said: Any) -> str:
        """Answers with the number of the coordination order."""
        doc = self.do("convert", who, number, tracker=tracker, reason="waits for the supplier", **said)
        coordination: str = doc["coordination"]
        return coordination

    def logged(self, number: str, who: str = "C1", **said: Any) -> Doc:
        words = {
            "place": "3-2-501", "contact": "李女士", "phone": "13800001234", "content": "parts come on Friday",
            "opinions": "content to wait", "plan": "call on Friday",
        }  # fmt: skip
        return self.do("log", who, number, LogEntry(**words), **said)

    def at_work(self, report: Mapping[str, Any] = TAP, who: str = "W1", **more: Any) -> str:
        """An order on which the service has just been started; answers with its number."""
        number = self.reported(report, **more)
        self.assigned(number, to=who)
        self.accepted(number, who)
        self.started(number, who)
        return number

    def done(self, report: Mapping[str, Any] = TAP, who: str = "W1", **more: Any) -> str:
        """An order that is finished; answers with its number."""
        number = self.at_work(report, who, **more)
        self.finished(number, who)
        return number

    def billed(
        self, report: Mapping[str, Any] = TAP, *, who: str = "W1", agreed: str | None = "9999999.99",
        at_end: Mapping[str, Any] | None = None, **more: Any,
    ) -> str:  # fmt: skip
        """An order whose bill is frozen; ``at_end`` is what the slip says, ``more`` what the report says otherwise."""
        number = self.reported(report, **more)
        if agreed is not None:
            self.agreed(number, agreed)
        self.assigned(number, to=who)
        self.started(number, who)
        self.finished(number, who, **(at_end or {}))
        return number

    def filed(self, number: str, who: str = "W1", **said: Any) -> str:
        """A billed order goes its way to the file, now; answers with its number again."""
        self.signed(number, who=who, **said)
        self.closed(number)
        self.archived(number)
        return number

    def edits(self, file: str, *changes: tuple[str, str]) -> None:
        """Somebody edits ``fees.yaml`` or ``policies.yaml``; what is to be replaced stands there once."""
        path = self.home / file
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    # --- looking

    def month(self, month: str) -> Doc:
        """The month for finance, which is reconciled as it is made (RPT-6)."""
        return self.desk.finance_month(By(os_user="tester"), month).doc

    def arrears(self, place: str | None = None) -> Doc:
        return self.desk.arrears(By(os_user="tester"), place).doc

    def show(self, number: str, as_of: str | None = None) -> Doc:
        return self.desk.show(By(os_user="tester"), number, as_of=as_of).doc

    def why(self, number: str, what: str | None = None) -> Doc:
        return self.desk.why(By(os_user="tester"), number, what)

    def entries(self, number: str) -> list[Doc]:
        return self.desk.entries(By(os_user="tester"), number)

    def last_entry(self, number: str) -> Doc:
        return self.entries(number)[-1]

    def owed(self, number: str, name: str, cycle: int = -1) -> Doc:
        """An obligation by its name, the latest of them."""
        held = [o for o in self.show(number)["obligations"] if o["name"] == name]
        assert held, f"{number} does not owe {name}"
        one: Doc = held[cycle]
        return one

    def owes(self, number: str) -> set[str]:
        """The names of what was ever owed on the order."""
        return {o["name"] for o in self.show(number)["obligations"]}

    def head(self) -> tuple[int, str]:
        """How many entries the ledger has, and the hash of the last."""
        with self.desk.ledger.read() as reader:
            return reader.head()

    def problems(self) -> list[Doc]:
        found_problems: list[Doc] = self.desk.verify()["problems"]
        return found_problems

    @contextmanager
    def refuses(self, code: int, rule: str | None = None) -> Iterator[list[DeskError]]:
        """What stands in the block is refused with that exit code and rule, and nothing is written.

        The list that it gives holds the refusal afterwards.
        """
        before, told = self.head(), list[DeskError]()
        with pytest.raises(DeskError) as caught:
            yield told
        told.append(caught.value)
        assert int(caught.value.exit) == code, str(caught.value)
        assert rule is None or caught.value.rule == rule, f"{caught.value.rule}: {caught.value}"
        assert self.head() == before, "a refusal has written"


def when(local: str) -> str:
    """A time of the desk's zone on 22 November 2026, or a whole local time, as JSON shows it."""
    text = local if "T" in local else f"2026-11-22T{local}"
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).isoformat()


def utc(local: str) -> datetime:
    """The same as an instant."""
    return datetime.fromisoformat(when(local)).astimezone(UTC)


__all__: Sequence[str] = ("LAMP", "SHANGHAI", "STAFF", "SUNDAY_MORNING", "TAP", "Practice", "utc", "when")
