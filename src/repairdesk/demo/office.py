"""What the office does because the desk says that it is due: residents are called back, months handed over and paid.

Who is called is drawn by the ledger, so that no plan can know it beforehand; what they say is chance, from the seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

from repairdesk.demo import stock
from repairdesk.desk import By, Desk
from repairdesk.desk.settling import Paying
from repairdesk.domain.times import from_iso

_AT_ONCE = 4
"""So many are called in a round, some minutes one after the other."""
_HAND_OVER, _COLLECT = 4, 15
"""From these days of the month on finance signs for the last one, and collects what is open."""
_KEEN = {1: 0.03, 2: 0.03, 7: 0.02, 8: 0.02, 9: 0.06, 10: 0.06}
_USUALLY_KEEN = 0.4
"""How likely whoever is due is called in a round: in some months the office has no time for it."""
_ON_THE_ROUND = 0.75
_PAYS = ("management-fee", "wechat", "alipay", "cash")


class Office:
    """The office of a desk; ``accounts`` are those that its people type at."""

    def __init__(self, desk: Desk, seed: int, accounts: Mapping[str, str]) -> None:
        self._desk, self._accounts = desk, accounts
        self._rng = Random(f"{seed}/office")
        self._collected = 0
        self._promised: set[str] = set()

    def round(self, at: datetime) -> None:
        """Half past ten and half past three: a leader's look at yesterday's repairs, calls, then finance."""
        if at.hour < 12:
            self._look_again(at)
        for minute, row in enumerate(self._to_be_called(at)):
            self._call(row, at - timedelta(minutes=13 - 3 * minute), at)
        if at.day >= _HAND_OVER:
            self._close_months(at)
        if at.day >= _COLLECT and self._collected != at.month:
            self._collected = at.month
            self._collect(at)

    def _by(self, who: str, at: datetime) -> By:
        return By(who, self._accounts[who], at)

    def _to_be_called(self, at: datetime) -> list[dict[str, Any]]:
        """What was drawn, and who was promised another call; what a rule asks for beside that is told by the plan."""
        keen = _KEEN.get(at.month, _USUALLY_KEEN)
        due = self._desk.callback_due(self._by("C1", at)).doc["callbacks"]
        promised = [row for row in due if row["number"] in self._promised]
        drawn = [row for row in due if row not in promised and row["obligation"] is None and not row["overdue"]]
        return [*promised, *(row for row in drawn if row["why"] != "quota" or self._rng.random() < keen)][:_AT_ONCE]

    def _call(self, row: Mapping[str, Any], at: datetime, now: datetime) -> None:
        owner = row["owner"] if row["owner"] in self._accounts else _ROLES[row["owner"]]
        outcome = self._rng.choices(("satisfied", "unreached", "dissatisfied"), (86, 12, 2))[0]
        said: dict[str, Any] = {"method": "phone", "note": "无人接听"}
        if outcome != "unreached":
            said["note"] = self._rng.choice(stock.CALLED)
        self._promised.discard(row["number"])
        if outcome == "dissatisfied":
            said |= {"note": "业主仍有意见，另约时间再联系", "next_at": now + timedelta(days=2)}
            self._promised.add(row["number"])
        if row["visit"] and outcome != "unreached":
            said |= {"method": "visit", "signed_by": row["caller"]}
        self._desk.callback(self._by(owner, self._after(row["number"], at)), row["number"], outcome=outcome, **said)

    def _after(self, number: str, at: datetime) -> datetime:
        """This time, but not before what was written of the order meanwhile.

        All that a round does is said to be some minutes old: what others do then and type after it comes later.
        """
        return max(at, from_iso(self._desk.entries(self._by("C1", at), number)[-1]["occurred_at"]))

    def _look_again(self, at: datetime) -> None:
        """What was repaired the day before, as far as the leader's round goes (CAL-8)."""
        leader = ("L1", "L2")[at.day % 2]
        for order in self._desk.recheck_due(self._by(leader, at)).doc["orders"]:
            if self._rng.random() < _ON_THE_ROUND:
                seen = self._after(order["number"], at - timedelta(minutes=5))
                self._desk.recheck(self._by(leader, seen), order["number"], outcome="ok")

    def _close_months(self, at: datetime) -> None:
        """Finance signs for a month that is over; the supervisor writes what the calls of it say (FEE-7, CAL-7)."""
        for owed in self._desk.board(self._by("F1", at), limit=1)["months"]:
            if owed["name"] == "hand-over":
                self._desk.hand_over(self._by("F1", at), owed["month"])
            elif owed["name"] == "opinion":
                self._desk.callback_opinion(self._by("S1", at), self._rng.choice(stock.OPINIONS), owed["month"])

    def _collect(self, at: datetime) -> None:
        """Nine of ten households pay what they owe of the months that are over, all of it under one receipt."""
        begun = at.replace(day=1, hour=0, minute=0).isoformat()
        owing = [row for row in self._desk.arrears(self._by("F1", at)).doc["arrears"] if row["archived_at"] < begun]
        for _, rows in groupby(owing, key=lambda row: row["place"]):
            numbers = [row["number"] for row in rows if not row["open"].startswith("-")]
            if numbers and self._rng.random() < 0.9:
                self._desk.pay(self._by("F1", at), numbers, Paying(method=self._rng.choice(_PAYS)))


_ROLES = {"clerk": "C1", "leader": "L1", "supervisor": "S1", "manager": "M1"}
