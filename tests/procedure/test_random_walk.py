"""Any verb by anyone at any time: the desk answers or refuses, a refusal changes nothing, and the ledger stays whole.

Hypothesis plays a whole shift at a fresh desk: what it does makes sense only now and then, as in life. Nothing but a
DeskError may ever come out, and in the end the entries must tell just what is stored (REC-1, REC-5).
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, multiple, rule
from practice import LAMP, STAFF, TAP, Practice

from repairdesk.desk import By
from repairdesk.desk.coordinating import LogEntry
from repairdesk.desk.settling import Paying
from repairdesk.desk.slip import Slip
from repairdesk.desk.visiting import Work
from repairdesk.domain.intake import Report
from repairdesk.domain.vocabulary import PAUSE_REASONS, PRIORITIES, RATINGS
from repairdesk.errors import DeskError, Exit

REFUSALS = {Exit.USAGE, Exit.NOT_ALLOWED, Exit.NOT_FOUND, Exit.NOT_PERMITTED}

people = st.sampled_from([staff for staff, *_ in STAFF] + ["W1"] * 6 + ["L1"] * 2)
# Mostly now; sometimes earlier, seldom later than now.
when_it_happened = st.sampled_from([0] * 12 + [-60, -3600, -100_000, 5])
orders = Bundle("orders")


class Shift(RuleBasedStateMachine):
    """One shift at one desk."""

    founded: Path

    @initialize()
    def begins(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="shift-"))
        shutil.copytree(self.founded, self.folder / "desk")
        self.desk = Practice(self.folder / "desk")

    def attempt(self, verb: str, who: str, shift: int, *args: Any, **said: Any) -> dict[str, Any] | None:
        """Try it; None when it is refused, and then nothing has changed."""
        at = (self.desk.moment + timedelta(seconds=shift)).isoformat() if shift else None
        before = self.desk.head()
        try:
            doc = self.desk.do(verb, who, *args, at=at, **said)
        except DeskError as refusal:
            if refusal.exit not in REFUSALS or not str(refusal) or self.desk.head() != before:
                raise AssertionError(f"{verb}: {refusal}") from refusal
            return None
        assert self.desk.head() != before
        return doc

    @rule(minutes=st.sampled_from([1, 4, 17, 61, 26 * 60, 49 * 60]))
    def time_goes_by(self, minutes: int) -> None:
        self.desk.wait(minutes=minutes, seconds=7)

    @rule(
        target=orders, who=st.sampled_from(["C1", "C2", "S1", "W1"]), shift=when_it_happened,
        report=st.sampled_from([TAP, LAMP, {**TAP, "kind": "complaint"}, {**TAP, "kind": "help"}]),
        more=st.fixed_dictionaries({}, optional={
            "category": st.sampled_from(["plumbing", "electrical"]), "priority": st.sampled_from(PRIORITIES),
            "services": st.sampled_from([("tap",), ("bulb:2", "toilet"), ("pipe-run:3",), ("inspect",)]),
            "advised": st.booleans(), "appointment": st.just("2026-11-23T14:00/16:00"),
        }), new=st.booleans(),
    )  # fmt: skip
    def a_report_comes_in(self, who: str, shift: int, report: dict[str, Any], more: dict[str, Any], new: bool) -> Any:
        doc = self.attempt("intake", who, shift, Report(**{**report, **more}), new=new)
        return doc["number"] if doc else multiple()

    @rule(number=orders, caller=st.sampled_from(["王先生", "赵女士"]), shift=when_it_happened)
    def another_caller(self, number: str, caller: str, shift: int) -> None:
        self.attempt("intake", "C1", shift, Report(**{**TAP, "caller": caller}), join=number)

    @rule(number=orders, who=people, shift=when_it_happened, fee=st.sampled_from(["0", "30", "1000", None]))
    def quoted_or_agreed(self, number: str, who: str, shift: int, fee: str | None) -> None:
        if fee:
            self.attempt("quote", "S1" if who == "W1" else who, shift, number, fee=fee)
        self.attempt("consent", "C1", shift, number, fee=fee)

    @rule(
        number=orders, who=st.sampled_from(["C1", "L1", "W1"]), to=st.sampled_from(["W1", "W1", "W2", "K1", "C1"]),
        shift=when_it_happened, reason=st.sampled_from([None, "again"]), force=st.booleans(),
    )  # fmt: skip
    def sent(self, number: str, who: str, to: str, shift: int, reason: str | None, force: bool) -> None:
        self.attempt("assign", who, shift, number, to, reason=reason, force=force)

    @rule(
        number=orders, who=people, shift=when_it_happened,
        verb=st.sampled_from(["accept", "arrive", "arrive", "start", "start", "start", "close", "archive"]),
    )  # fmt: skip
    def a_plain_verb(self, number: str, who: str, shift: int, verb: str) -> None:
        self.attempt(verb, who, shift, number)

    @rule(number=orders, shift=when_it_happened)
    def nobody_is_home(self, number: str, shift: int) -> None:
        self.attempt("arrive", "W1", shift, number, nobody_home=True)

    @rule(number=orders, shift=when_it_happened, reason=st.sampled_from(PAUSE_REASONS), item=st.booleans())
    def left_unfinished(self, number: str, shift: int, reason: str, item: bool) -> None:
        taken = ("pump",) if item or reason == "taken-away" else ()
        self.attempt("pause", "W1", shift, number, reason=reason, next_at="2026-12-31T09:00", taken=taken)

    @rule(number=orders, who=people, shift=when_it_happened)
    def brought_back(self, number: str, who: str, shift: int) -> None:
        self.attempt("returned", who, shift, number, ["pump"])

    @rule(number=orders, day=st.integers(22, 30), shift=when_it_happened)
    def moved(self, number: str, day: int, shift: int) -> None:
        self.attempt("reschedule", "C1", shift, number, f"2026-11-{day}T14:00/16:00", reason="moved")

    @rule(
        number=orders, who=people, shift=when_it_happened,
        services=st.sampled_from([(), ("tap",), ("bulb@09:10", "toilet"), ("no-such",)]),
        materials=st.sampled_from([(), ("led-9w:2",), ("角阀:2:18.50",)]), unsure=st.booleans(),
    )  # fmt: skip
    def done(
        self, number: str, who: str, shift: int, services: tuple[str, ...], materials: tuple[str, ...], unsure: bool
    ) -> None:
        self.attempt(
            "finish", who, shift, number, Work("R", "F", services=services, materials=materials, unsure=unsure)
        )

    @rule(
        number=orders, who=people, shift=when_it_happened,
        slip=st.sampled_from([
            Slip(services=("tap",)), Slip(services=("bulb:2", "tap@09:10"), materials=("led-9w",)), Slip(warranty=True),
            Slip(materials=("角阀:2:18.50",), supplied=("垫圈:qualified",)), Slip(without=("services", "materials")),
            Slip(reduce="1", reason="late", approver="M1"), Slip(reduce="500", reason="late", approver="S1"),
            Slip(services=("inspect",), card_prices=("inspect=1",)), Slip(services=("no-such",)),
        ]),
    )  # fmt: skip
    def billed_anew(self, number: str, who: str, shift: int, slip: Slip) -> None:
        self.attempt("rebill", "C1" if who == "W1" else who, shift, number, slip, reason="miscounted")

    @rule(
        numbers=st.lists(orders, min_size=1, max_size=3), who=st.sampled_from(["F1", "F1", "F1", "W1", "C1"]),
        shift=when_it_happened, amount=st.sampled_from([None, None, "0", "5", "40.50", "9999"]), refund=st.booleans(),
    )  # fmt: skip
    def paid(self, numbers: list[str], who: str, shift: int, amount: str | None, refund: bool) -> None:
        self.attempt("pay", who, shift, numbers, Paying(amount, refund=refund, reason="R" if refund else None))

    @rule(who=st.sampled_from(["F1", "F1", "C1"]), month=st.sampled_from(["2026-11", "2026-12", "2027-01"]))
    def handed_over(self, who: str, month: str) -> None:
        self.attempt("hand_over", who, 0, month)

    @rule(days=st.sampled_from([8, 31]))
    def weeks_go_by(self, days: int) -> None:
        self.desk.wait(hours=24 * days)

    @rule(number=orders, who=people, shift=when_it_happened, rating=st.sampled_from([*RATINGS, "good"]))
    def signed(self, number: str, who: str, shift: int, rating: str) -> None:
        self.attempt("sign", who, shift, number, signer="李女士", rating=rating)

    @rule(number=orders, who=people, shift=when_it_happened)
    def not_signed(self, number: str, who: str, shift: int) -> None:
        self.attempt("sign_unsigned", who, shift, number, reason="left for work")

    @rule(
        number=orders, shift=when_it_happened,
        field=st.sampled_from([("priority", "emergency"), ("priority", "low"), ("place", "3栋2单元502"),
                               ("category", "locks"), ("channel", "patrol"), ("state", "archived")]),
    )  # fmt: skip
    def corrected(self, number: str, shift: int, field: tuple[str, str]) -> None:
        self.attempt("correct", "C1", shift, number, dict([field]), reason="misheard")

    @rule(number=consumes(orders), who=st.sampled_from(["C1", "W1", "S1"]), shift=when_it_happened)
    def ended(self, number: str, who: str, shift: int) -> None:
        if who == "S1":
            self.attempt("quote", who, shift, number, feasible=False, reason="a bearing wall")
        else:
            self.attempt("decline", who, shift, number, reason="too dear", second="S1")
            self.attempt("cancel", who, shift, number, reason="no")

    @rule(target=orders, number=orders, who=st.sampled_from(["L1", "S1"]), tracker=people, shift=when_it_happened)
    def coordinated(self, number: str, who: str, tracker: str, shift: int) -> Any:
        doc = self.attempt("convert", who, shift, number, tracker=tracker, reason="waits")
        return doc["coordination"] if doc else multiple()

    @rule(number=orders, who=people, shift=when_it_happened)
    def tracked(self, number: str, who: str, shift: int) -> None:
        self.attempt("log", who, shift, number, LogEntry("P", "C", "13800001234", "X", "O", "N"))
        self.attempt("check", who, shift, number, support="S")
        self.attempt("exempt", who, shift, number, reason="R")

    @rule(number=orders, steps=st.integers(1, 7))
    def as_it_should_be(self, number: str, steps: int) -> None:
        """A few steps by the book, so that the walk gets anywhere at all."""
        for _ in range(steps):
            order = self.desk.show(number)
            mine = order.get("tracker") or order["assignee"] or "W1"
            if order["quote"] is None or order["consent"] is None:
                # A range of the table, or work that is not on it.
                self.attempt("quote", "S1", 0, number, fee="200" if order["services"] else "1000")
                self.attempt("consent", "C1", 0, number)
            if order["state"] in ("reported", "advised"):
                self.attempt("assign", "C1", 0, number, mine, force=True, reason="R")
            elif order["state"] in ("assigned", "paused"):
                self.attempt("accept", mine, 0, number)
                self.attempt("start", mine, 0, number)
            elif order["state"] in ("on_site", "tracking"):
                self.attempt("start", mine, 0, number)
                self.attempt("finish", mine, 0, number, Work("R", "F", services=("tap",)))
            elif order["state"] == "finished":
                self.attempt("sign", mine, 0, number, signer="N", rating="satisfied")
            elif order["state"] == "archived":
                self.after_the_fact(order)
            else:
                self.attempt("close", "L1", 0, number)
                self.attempt("archive", "S1", 0, number)

    def after_the_fact(self, order: dict[str, Any]) -> None:
        """A filed order is paid in part, its month handed over, and then it turns out to be wrong."""
        if not order["postings"]:
            return
        self.attempt("pay", "F1", 0, [order["number"]], Paying("5"))
        if len(order["postings"]) == 3:
            self.desk.wait(hours=24 * 31)
            self.attempt("hand_over", "F1", 0, order["billed_in"])
        cheaper = Slip(services=("inspect" if len(order["postings"]) % 4 == 1 else "bulb",))
        self.attempt("rebill", "C1", 0, order["number"], cheaper, reason="miscounted")
        self.attempt("correct", "C1", 0, order["number"], {"place": "1-1-101"}, reason="misheard")

    def every_month_is_the_ledgers(self) -> None:
        """Finance's months come to the bills of what is filed, whatever was corrected, moved and handed over."""
        by = By("F1", "tester")
        months = {p["month"] for doc in self.filed() for p in doc["postings"]}
        # Each is reconciled as it is made: its own refusal would be the failure.
        reported = [self.desk.desk.finance_month(by, month).doc["total"] for month in months]
        assert sum(map(Decimal, reported)) == sum(Decimal(doc["bill"]["total"]) for doc in self.filed())
        owing = self.desk.desk.arrears(by).doc["arrears"]
        assert {one["number"]: one["open"] for one in owing} == {
            doc["number"]: doc["open_amount"] for doc in self.filed() if Decimal(doc["open_amount"])
        }

    def filed(self) -> list[dict[str, Any]]:
        listed, _ = self.desk.desk.list_orders(By(os_user="tester"), {"states": ["archived"]}, limit=None)
        return [doc for doc in listed if doc["bill"]]

    def teardown(self) -> None:
        try:
            assert self.desk.problems() == []
            self.every_month_is_the_ledgers()
            listed, total = self.desk.desk.list_orders(By(os_user="tester"), {}, limit=None)
            assert len(listed) == total
            for doc in listed:
                shown = self.desk.show(doc["number"])
                assert shown.pop("household") is None
                del shown["category_name"]
                assert doc == shown
        finally:
            shutil.rmtree(self.folder)


@pytest.mark.rule("REC-5")
def test_whatever_happens_the_desk_answers_or_refuses_and_the_ledger_stays_whole(desk_as_founded: Path) -> None:
    machine: Any = type("ThisShift", (Shift,), {"founded": desk_as_founded})
    machine.TestCase.settings = settings(
        max_examples=max(12, settings().max_examples // 3), stateful_step_count=50, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    machine.TestCase("runTest").runTest()
