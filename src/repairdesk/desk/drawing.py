"""Who is to be called back: the draw of a month, what is due of it, and a past one drawn again (CAL-1 to CAL-6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, Turn, stamp
from repairdesk.domain import draw, effects, finance
from repairdesk.domain.draw import Candidate, Draw, Drawn
from repairdesk.domain.policy import ObligationRule, Stratum
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.shape import Doc, in_words, masked
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

        What was drawn, and what is owed beside the draw: uncertain repairs, advice, low ratings, and calls that were
        promised. Who was not called in time is still to be called, for as long as the policies say (``missed``); what
        was missed earlier stands in the audit of its month.
        """
        with self.look(by) as turn:
            rows = [*_owed(turn), *_listed(turn)]
            first: dict[str, Doc] = {}
            for row in sorted(rows, key=lambda row: (row["due_at"], row["number"])):
                first.setdefault(row["number"], row)
            owners = _Owners(turn)
            return Answer({"callbacks": [_presented(turn, row, owners) for row in first.values()]}, turn.remarks)

    def callback_plan(self, by: By, month: str | None = None) -> Answer:
        """The whole draw of a month, this one by default: who was drawn, why, with what rank, and how it stands."""
        with self.look(by) as turn:
            said = finance.parse_month(month, "CAL-1") if month else finance.month_of(turn.at, turn.rules.zone)
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
            said = finance.parse_month(month, "CAL-1") if month else last
            drawn = drawn_in(turn, said, afresh=True)
            strata = [_audited(turn, drawn, name) for name in STRATA]
            ok = not any(stratum["missing"] or stratum["lost"] for stratum in strata)
            return Answer({"month": said, "seed": drawn.seed, "ok": ok, "strata": strata}, turn.remarks)


def quotas(turn: Turn, month: str) -> dict[str, dict[str, int]]:
    """How many of a month were to be called and how many were reached, by stratum: ``quota`` and ``done``.

    What ``drawn_in`` draws, counted: for a report a month of thousands is not worth their names.
    """
    since, ends = _bounds(turn, month)
    at, ledger = stamp(turn.at), turn.ledger
    before = min(ends, stamp(turn.at + timedelta(seconds=1)))
    judged = {group: _terms(turn, *group) for group in ledger.judged_between(since, before)}
    terms = {group: (stratum, tries) for group, (stratum, tries) in judged.items() if stratum}
    whole = draw.shared(stratum.rate for stratum, _ in terms.values())
    lots: dict[str, list[draw.Lot]] = {name: [] for name in STRATA}
    for (kind, version), (stratum, _) in terms.items():
        lots[stratum.name] += ledger.lots_between(since, before, kind, version, int(stratum.rate * whole))
    reached: set[str] = set()
    for kind, version, calls, seq, number, must, can_be_called in ledger.called_between(since, before):
        if (kind, version) in terms:
            stratum, tries = terms[kind, version]
            made = [call for call in calls if call["at"] <= at]
            lost = draw.in_vain(draw.made(made), tries) if len(made) >= tries else None
            share = int(stratum.rate * whole)
            lots[stratum.name].append((seq, number, must, can_be_called, share, lost.seq if lost else None))
            if any(call["reached"] for call in made):
                reached.add(number)
    seed = ledger.hash_before(since) or ""
    counted = {name: draw.tally(ones, whole, seed, reached) for name, ones in lots.items()}
    return {name: {"quota": quota, "done": done} for name, (quota, done) in counted.items()}


def _bounds(turn: Turn, month: str) -> tuple[str, str]:
    zone = turn.rules.zone
    return stamp(finance.begins(month, zone)), stamp(finance.begins(finance.following(month), zone))


def _terms(turn: Turn, kind: str, version: str) -> tuple[Stratum | None, int]:
    """The stratum of a kind of orders, and how often each is tried, by the policies that they were judged by."""
    policies = turn.books.policies(turn.ledger, version, turn.rules).callbacks
    return policies.stratum_of(kind), policies.tries


def drawn_in(turn: Turn, month: str, *, afresh: bool = False) -> Month:
    """The draws of a month as they stand at the turn's time.

    Args:
        afresh: which orders there were, and what the draw knows of each, is made again from the entries.

    Raises:
        Damaged: it is not what is stored.
    """
    since, before = _bounds(turn, month)
    candidates: dict[str, list[Candidate]] = {name: [] for name in STRATA}
    terms: dict[str, Stratum] = {}
    for row in (_afresh if afresh else _stored)(turn, since, before):
        stratum, tries = _terms(turn, row["kind"], row["policies_version"])
        archived_at = from_iso(row["archived_at"])
        if stratum is None or archived_at > turn.at:
            continue
        one = draw.candidate(row["number"], archived_at, row["note"], stratum.rate, tries)
        candidates[stratum.name].append(one._replace(calls=tuple(call for call in one.calls if call.at <= turn.at)))
        terms[one.number] = stratum
    seed = turn.ledger.hash_before(since)
    draws = {name: draw.draw(ones, seed or "") for name, ones in candidates.items()}
    return Month(month, seed, draws, {name: tuple(ones) for name, ones in candidates.items()}, terms)


def _stored(turn: Turn, since: str, before: str) -> list[Doc]:
    return turn.ledger.archived_between(since, before)


def _afresh(turn: Turn, since: str, before: str) -> list[Doc]:
    """What ``_stored`` answers, from the entries alone; that both are the same is seen to."""
    stored = {row["number"]: row for row in _stored(turn, since, before)}
    found = {number: _told(turn, number) for number in turn.ledger.filed_between(since, before)}
    told = {number: one for number, one in found.items() if one["note"] is not None}
    wrong = sorted(number for number in stored.keys() | told.keys() if stored.get(number) != told.get(number))
    if wrong:
        raise Damaged(N_("{number} is stored otherwise than its entries say: run verify"), number=wrong[0])
    return list(told.values())


def _told(turn: Turn, number: str) -> Doc:
    order = effects.fold(turn.ledger.entries(number))
    assert order is not None
    assert order.archived_at is not None
    return {
        "number": number, "kind": order.kind, "policies_version": order.policies_version,
        "archived_at": stamp(order.archived_at), "note": draw.noted(order),
    }  # fmt: skip


# --- what is due


def _owed(turn: Turn) -> Iterator[Doc]:
    """What the obligations ask for: any that a callback meets, by the policies that the order is judged by (REC-4)."""
    calls: dict[str, dict[str, ObligationRule]] = {}
    for owed in turn.ledger.due():
        version = owed["policies_version"]
        if version not in calls:
            rules = turn.books.policies(turn.ledger, version, turn.rules).obligations
            calls[version] = {rule.id: rule for rule in rules if any(one.startswith("callback") for one in rule.meets)}
        rule = calls[version].get(owed["id"])
        if rule is not None:
            yield {
                "number": owed["number"], "due_at": owed["due_at"], "owner": owed["owner"], "obligation": owed["name"],
                "why": next((event for event in rule.starts if event in _UNCERTAIN), "dissatisfied"),
                "promised": rule.anchor == "call", "instead_of": None,
            }  # fmt: skip


def _listed(turn: Turn) -> Iterator[Doc]:
    """What was drawn and is still to be done: of this month, and of those before it as far back as there may be any."""
    for _, rows in _unsettled(turn):
        yield from rows


def unsettled_since(turn: Turn) -> datetime:
    """The beginning of the earliest month of whose draw anybody may still be called."""
    return min(begins for begins, _ in _unsettled(turn))


def _unsettled(turn: Turn) -> Iterator[tuple[datetime, list[Doc]]]:
    """The months of whose draw something may be left, this one first: when each begins, and what is left.

    Whoever takes the place of another has a time of their own, so a month goes on being looked at while the one after
    it has something left.
    """
    terms, zone = turn.rules.policies.callbacks, turn.rules.zone
    longest = timedelta(seconds=max((one.within for one in terms.strata.values()), default=0) + terms.missed)
    first = turn.ledger.first_reported_at()
    month = finance.month_of(turn.at, zone)
    while True:
        rows = list(_open(turn, drawn_in(turn, month), timedelta(seconds=terms.missed)))
        begins = finance.begins(month, zone)
        yield begins, rows
        if first is None or stamp(begins) <= first or (begins + longest < turn.at and not rows):
            return
        month = finance.preceding(month)


def _open(turn: Turn, month: Month, missed: timedelta) -> Iterator[Doc]:
    """What was drawn and is not done, nor given up, nor missed longer ago than this."""
    for drawn in (one for each in month.draws.values() for one in each.drawn):
        due = month.due_at(drawn)
        if month.state(drawn, turn.at) in ("open", "missing") and turn.at <= due + missed:
            yield {
                "number": drawn.candidate.number, "why": drawn.why, "due_at": stamp(due), "owner": None,
                "obligation": None, "promised": False, "instead_of": drawn.instead_of,
            }  # fmt: skip


def _presented(turn: Turn, row: Doc, owners: _Owners) -> Doc:
    doc = turn.ledger.order_doc(row["number"])
    assert doc is not None
    due = from_iso(row["due_at"])
    by_letter = doc["anonymous"] or doc["letter_only"]
    return {
        "number": row["number"],
        "why": row["why"],
        "owner": owners.of(doc, row["owner"]),
        "due_at": local_iso(due, turn.rules.zone),
        "tries": _in_vain(doc["callbacks"]),
        "overdue": due < turn.at,
        "obligation": row["obligation"],
        "instead_of": row["instead_of"],
        "visit": doc["severity"] == "major" and not by_letter,
        "place": in_words(doc["place"] or "", "place") or None,
        "caller": in_words(doc["caller"] or "") or None,
        "phone": masked(doc["phone"]) if doc["phone"] else None,
        "cause": _cause(row, doc),
        "letter": by_letter,
    }


def _cause(row: Doc, doc: Doc) -> str:
    """``why``, told apart further: ``fair`` is no dissatisfied, and ``promised`` what was agreed in a call before."""
    if row["why"] != "dissatisfied":
        return str(row["why"])
    return "promised" if row["promised"] else "fair" if doc["rating"] == "fair" else "dissatisfied"


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
        """``owed_by`` is who owes an obligation; what was drawn goes by severity, the dissatisfied to the manager.

        Who owes it and may not call about a matter so grave leaves it to whoever may.
        """
        hands = {*doc["assignees"], *(visit["technician"] for visit in doc["visits"]), doc.get("tracker")}
        callers = self._callers[doc["severity"] or "general"]
        owed_by = owed_by if self._roles.get(owed_by or "", owed_by) in callers else None
        role = "manager" if doc["rating"] == "dissatisfied" and "manager" in callers else callers[0]
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
    """A stratum's draw beside the calls that were made.

    ``lost`` are those who were not reached and in whose place nobody could be called: who must be called whatever the
    quota says, and whoever the quota lacks (CAL-5).
    """
    one = month.draws[name]
    drawn = {each.candidate.number: each for each in one.drawn}
    states = {number: month.state(each, turn.at) for number, each in drawn.items()}
    replaced = {each.instead_of: number for number, each in drawn.items() if each.instead_of}
    given_up = sorted(number for number, state in states.items() if state == "given-up")
    lacking = len(drawn) - len(given_up) < one.quota
    called = [each.number for each in month.candidates[name] if each.calls and each.number not in drawn]
    return {
        **_counted(name, one),
        "short": max(0, one.quota - one.done),
        "missing": sorted(number for number, state in states.items() if state == "missing"),
        "open": sorted(number for number, state in states.items() if state == "open"),
        "given_up": [{"number": number, "replaced_by": replaced.get(number)} for number in given_up],
        "lost": [
            number for number in given_up if number not in replaced and (lacking or drawn[number].why != draw.QUOTA)
        ],
        "besides": sorted(called),
    }
