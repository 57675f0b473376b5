"""Who is to be called back: the draw of a month, what is due of it, and a past one drawn again (CAL-1 to CAL-6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, Turn, stamp
from repairdesk.domain import draw, finance
from repairdesk.domain import order as orders
from repairdesk.domain.draw import Candidate, Draw, Drawn
from repairdesk.domain.policy import Stratum
from repairdesk.domain.shape import Doc, masked
from repairdesk.domain.times import from_iso, local_iso
from repairdesk.domain.vocabulary import STRATA
from repairdesk.errors import N_, Damaged

_UNCERTAIN = ("untested", "unsure", "advised")


class Month(NamedTuple):
    """The draws of a month by stratum, the seed they rest on, and the terms that each order was drawn by.

    ``seed`` is None while nothing has been written in the month: then nothing is drawn either.
    """

    month: str
    seed: str | None
    draws: Mapping[str, Draw]
    candidates: Mapping[str, tuple[Candidate, ...]]
    terms: Mapping[str, Stratum]

    def due_at(self, drawn: Drawn) -> datetime:
        """By when a drawn order is called (CAL-1)."""
        return drawn.at + timedelta(seconds=self.terms[drawn.candidate.number].within)

    def state(self, drawn: Drawn, now: datetime) -> str:
        """``done``, ``given-up`` (reached nobody often enough), ``open`` or ``missing`` (and its time is over)."""
        if drawn.candidate.reached:
            return "done"
        if drawn.candidate.given_up:
            return "given-up"
        return "open" if now <= self.due_at(drawn) else "missing"


class Drawing(Base):
    """Nobody picks whom the desk calls."""

    def callback_due(self, by: By) -> Answer:
        """Who is to be called now, by whom and until when, soonest first.

        What was drawn this month and last, and what is owed beside the draw: uncertain repairs, advice, low ratings,
        and calls that were promised. What was missed earlier stands in the audit of its month.
        """
        with self.look(by) as turn:
            month = finance.month_of(turn.at, turn.rules.zone)
            rows = list(_owed(turn))
            for one in (finance.preceding(month), month):
                rows += _open(turn, drawn_in(turn, one))
            first: dict[str, Doc] = {}
            for row in sorted(rows, key=lambda row: (row["due_at"], row["number"])):
                first.setdefault(row["number"], row)
            owners = _Owners(turn)
            return Answer({"callbacks": [_presented(turn, row, owners) for row in first.values()]}, turn.remarks)

    def callback_plan(self, by: By, month: str | None = None) -> Answer:
        """The whole draw of a month, this one by default: who was drawn, why, with what rank, and how it stands."""
        with self.look(by) as turn:
            said = finance.parse_month(month) if month else finance.month_of(turn.at, turn.rules.zone)
            drawn = drawn_in(turn, said)
            strata = [
                {
                    **_counted(name, drawn.draws[name]),
                    "callbacks": [_planned(turn, drawn, one) for one in drawn.draws[name].drawn],
                }
                for name in STRATA
            ]
            return Answer({"month": said, "seed": drawn.seed, "strata": strata}, turn.remarks)

    def callback_audit(self, by: By, month: str | None = None) -> Answer:
        """A past draw, the last month's by default, drawn again from the entries alone and compared with the calls."""
        with self.look(by) as turn:
            last = finance.preceding(finance.month_of(turn.at, turn.rules.zone))
            said = finance.parse_month(month) if month else last
            drawn = drawn_in(turn, said, afresh=True)
            strata = [_audited(turn, drawn, name) for name in STRATA]
            ok = not any(stratum["missing"] for stratum in strata)
            return Answer({"month": said, "seed": drawn.seed, "ok": ok, "strata": strata}, turn.remarks)


def quotas(turn: Turn, month: str) -> dict[str, dict[str, int]]:
    """How many of a month were to be called and how many were reached, by stratum: ``quota`` and ``done``."""
    drawn = drawn_in(turn, month)
    return {name: {"quota": one.quota, "done": one.done} for name, one in drawn.draws.items()}


def drawn_in(turn: Turn, month: str, *, afresh: bool = False) -> Month:
    """The draws of a month as they stand at the turn's time.

    Args:
        afresh: what the draw knows of each order is made again from its entries.

    Raises:
        Damaged: it is not what is stored.
    """
    zone = turn.rules.zone
    since, before = (stamp(finance.begins(one, zone)) for one in (month, finance.following(month)))
    candidates: dict[str, list[Candidate]] = {name: [] for name in STRATA}
    terms: dict[str, Stratum] = {}
    for row in turn.ledger.archived_between(since, before):
        policies = turn.books.policies(turn.ledger, row["policies_version"], turn.rules).callbacks
        stratum, archived_at = policies.stratum_of(row["kind"]), from_iso(row["archived_at"])
        if stratum is None or archived_at > turn.at:
            continue
        note = _afresh(turn, row) if afresh else row["calls"]
        one = draw.candidate(row["number"], archived_at, note, stratum.rate, policies.tries)
        candidates[stratum.name].append(one._replace(calls=tuple(call for call in one.calls if call.at <= turn.at)))
        terms[one.number] = stratum
    seed = turn.ledger.hash_before(since)
    draws = {name: draw.draw(ones, seed or "") for name, ones in candidates.items()}
    return Month(month, seed, draws, {name: tuple(ones) for name, ones in candidates.items()}, terms)


def _afresh(turn: Turn, row: Doc) -> Doc:
    order = orders.fold(turn.ledger.entries(row["number"]))
    note = draw.noted(order) if order else None
    if note is None or note != row["calls"]:
        raise Damaged(N_("{number} is stored otherwise than its entries say: run verify"), number=row["number"])
    return note


# --- what is due


def _owed(turn: Turn) -> Iterator[Doc]:
    """What the obligations ask for: any that a callback meets."""
    rules = turn.rules.policies.obligations
    names = {rule.name for rule in rules if any(event.startswith("callback") for event in rule.meets)}
    why = {rule.id: next((event for event in rule.starts if event in _UNCERTAIN), "dissatisfied") for rule in rules}
    for owed in turn.ledger.due():
        if owed["name"] in names:
            yield {
                "number": owed["number"], "why": why.get(owed["id"], "dissatisfied"), "due_at": owed["due_at"],
                "owner": owed["owner"], "obligation": owed["name"], "instead_of": None,
            }  # fmt: skip


def _open(turn: Turn, month: Month) -> Iterator[Doc]:
    """What was drawn and is not done, nor given up."""
    for drawn in (one for each in month.draws.values() for one in each.drawn):
        if month.state(drawn, turn.at) in ("open", "missing"):
            yield {
                "number": drawn.candidate.number, "why": drawn.why, "due_at": stamp(month.due_at(drawn)),
                "owner": None, "obligation": None, "instead_of": drawn.instead_of,
            }  # fmt: skip


def _presented(turn: Turn, row: Doc, owners: _Owners) -> Doc:
    doc = turn.ledger.order_doc(row["number"])
    assert doc is not None
    due = from_iso(row["due_at"])
    return {
        "number": row["number"],
        "why": row["why"],
        "owner": owners.of(doc, row["owner"]),
        "due_at": local_iso(due, turn.rules.zone),
        "tries": _in_vain(doc["callbacks"]),
        "overdue": due < turn.at,
        "obligation": row["obligation"],
        "instead_of": row["instead_of"],
        "visit": doc["severity"] == "major",
        "place": doc["place"],
        "caller": doc["caller"],
        "phone": masked(doc["phone"]) if doc["phone"] else None,
    }


def _in_vain(callbacks: Iterable[Mapping[str, Any]]) -> int:
    """How often nobody was reached since somebody was."""
    count = 0
    for call in callbacks:
        if call["method"] != "letter":
            count = count + 1 if call["outcome"] == "unreached" else 0
    return count


class _Owners:
    """Who calls: the person where it can be one only, else the role (CAL-3)."""

    def __init__(self, turn: Turn) -> None:
        self._callers = turn.rules.policies.callbacks.callers
        self._roles = {doc["id"]: doc["role"] for doc in turn.ledger.staff() if not doc["retired"]}

    def of(self, doc: Doc, owed_by: str | None) -> str:
        """``owed_by`` is who owes an obligation; what was drawn goes by severity, the dissatisfied to the manager."""
        hands = {*doc["assignees"], *(visit["technician"] for visit in doc["visits"]), doc.get("tracker")}
        role = "manager" if doc["rating"] == "dissatisfied" else self._callers[doc["severity"] or "general"][0]
        wanted = owed_by or (doc["clerk"] if role == "clerk" else role)
        if wanted in self._roles and wanted not in hands and (owed_by or self._roles[wanted] == role):
            return wanted
        role = wanted if wanted in self._roles.values() else role
        able = [one for one, held in self._roles.items() if held == role and one not in hands]
        return able[0] if len(able) == 1 else role


# --- the draw, shown


def _counted(name: str, one: Draw) -> Doc:
    return {"stratum": name, "orders": one.orders, "quota": one.quota, "drawn": len(one.drawn), "done": one.done}


def _planned(turn: Turn, month: Month, drawn: Drawn) -> Doc:
    zone, candidate = turn.rules.zone, drawn.candidate
    return {
        "number": candidate.number,
        "why": drawn.why,
        "rank": drawn.rank,
        "drawn_at": local_iso(drawn.at, zone),
        "due_at": local_iso(month.due_at(drawn), zone),
        "tries": sum(not call.reached for call in candidate.calls),
        "state": month.state(drawn, turn.at),
        "instead_of": drawn.instead_of,
    }


def _audited(turn: Turn, month: Month, name: str) -> Doc:
    """A stratum's draw beside the calls that were made."""
    one = month.draws[name]
    drawn = {each.candidate.number: each for each in one.drawn}
    states = {number: month.state(each, turn.at) for number, each in drawn.items()}
    replaced = {each.instead_of: number for number, each in drawn.items() if each.instead_of}
    called = [each.number for each in month.candidates[name] if each.calls and each.number not in drawn]
    return {
        **_counted(name, one),
        "short": max(0, one.quota - one.done),
        "missing": sorted(number for number, state in states.items() if state == "missing"),
        "open": sorted(number for number, state in states.items() if state == "open"),
        "given_up": [
            {"number": number, "replaced_by": replaced.get(number)}
            for number, state in sorted(states.items())
            if state == "given-up"
        ],
        "besides": sorted(called),
    }
