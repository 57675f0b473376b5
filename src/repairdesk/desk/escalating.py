"""The nightly run: what was not done in time reaches the next person up by itself (SLA-4, SLA-5, COO-1).

The same verb for cron and by hand, as often as anybody likes: what a run finds follows from the entries and the moment
alone, and what it tells it writes down in the same transaction. So two runs at once do the work once, and one that is
killed in the middle is gone on with by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from repairdesk.desk import opinions, outbox, reckoning
from repairdesk.desk.base import Base
from repairdesk.desk.coordinating import hand_to_tracker
from repairdesk.desk.roster import Roster, Told
from repairdesk.desk.turn import Answer, By, Turn, stamp
from repairdesk.domain import finance, keeping, ladder, lifecycle
from repairdesk.domain import opinions as called
from repairdesk.domain.ladder import Missed, Reached
from repairdesk.domain.order import Order
from repairdesk.domain.policy import ObligationRule
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.shape import owner
from repairdesk.domain.staff import Person
from repairdesk.domain.times import from_iso, local_iso
from repairdesk.errors import N_, Damaged, DeskError, NotAllowed, Word

Doc = dict[str, Any]

STREAM = "desk:nightly"
"""Where a run leaves word that it came."""

CHUNK = 200
"""Orders to a transaction: others who want to write wait no longer than these take."""

REASON = "not finished in its time"
"""Why the night converts; the reason that the entry keeps, in the ledger's own words."""


class _Undone(Exception):
    """What a dry run raises at its end, so that nothing of it is kept."""


class Night:
    """What one run finds, over all its transactions."""

    def __init__(self) -> None:
        self.told: list[Doc] = []
        self.converted: list[Doc] = []
        self.proposed: list[Doc] = []
        self.failed: list[Doc] = []
        self.settled = 0
        self.messages: dict[tuple[str, str], list[Doc]] = {}
        self.outbox: Doc = {}

    @property
    def did_something(self) -> bool:
        """Whether anything was written, or could not be."""
        return bool(self.told or self.converted or self.failed or self.settled)

    def message(self, told: Told, line: Doc) -> None:
        """One more line for everybody who hears of it."""
        for person in told.people or (told.role,):
            self.messages.setdefault((person, told.role), []).append(line)

    def doc(self, at: datetime, zone: Any) -> Doc:
        """The document of the contract."""
        return {
            "at": local_iso(at, zone), "told": self.told, "converted": self.converted, "proposed": self.proposed,
            "failed": self.failed, "messages": self.outbox,
        }  # fmt: skip


class Escalating(Base):
    """The run itself, and what others say of it."""

    def escalate(self, by: By, *, dry_run: bool = False) -> Answer:
        """Open what is due to open, climb the ladders, convert or propose what was not finished in its time.

        A dry run answers the same and writes nothing; it may also ask what a later time would bring.

        Raises:
            NotAllowed: a time to come, where it is not a dry run (REC-2).
        """
        night = Night()
        with self.look(by) as turn:
            if not dry_run:
                lifecycle.check_time(None, turn.attempt("escalate", {}))
                turn.check_clock()
            at, zone = turn.at, turn.rules.zone
            jobs = [_Job(_order, number) for number in turn.ledger.due_next(stamp(at))]
            if _new_days(turn):
                jobs += [_Job(_settle_days, number) for number in turn.ledger.provisional()]
        by = by._replace(at=at)
        if dry_run:
            with suppress(_Undone), self.turn(by) as turn:
                _work(turn, jobs, night, months=True)
                raise _Undone
            return Answer(night.doc(at, zone))
        from repairdesk.desk import drafts  # the board needs this chapter, and none of them

        drafts.sweep(self.home, self.now())
        for start in range(0, max(len(jobs), 1), CHUNK):
            if start:
                self.ledger.give_way()
            with self.turn(by) as turn:
                last = start + CHUNK >= len(jobs)
                _work(turn, jobs[start : start + CHUNK], night, months=last)
                if last:
                    _leave_word(turn, night)
        return Answer(night.doc(at, zone))


class _Job(NamedTuple):
    """What is to be done with an order; each by itself, so that one that fails does not stop the rest (SLA-5)."""

    do: Callable[[Turn, str, Night, Roster], None]
    number: str


def _work(turn: Turn, jobs: Sequence[_Job], night: Night, *, months: bool) -> None:
    """One transaction's share: these orders; with the last share the months of finance."""
    roster = Roster(turn)
    for job in jobs:
        job.do(turn.again(turn.at), job.number, night, roster)
    if months:
        with _named("month", night, turn):
            _months(turn, night, roster)
    for (person, role), lines in night.messages.items():
        outbox.queue(turn, person, role, lines)
    night.messages.clear()
    # Here and not after: what the run has done must not go untold because the ledger cannot be read a moment later.
    night.outbox = outbox.standing(turn)


def _order(turn: Turn, number: str, night: Night, roster: Roster) -> None:
    """The ladders of an order, then its conversion; where that fails, what was missed is told all the same."""
    ready: _Conversion | None = None
    climbed = False
    with _named(number, night, turn):
        order = turn.load(number)
        if _is_ahead(turn, order):
            return
        ready = _conversion(turn, order, roster)
        # Who cannot be converted climbs on: what is in the way must not silence the ladders.
        _climb(turn, order, night, roster, ready.due if ready and not ready.lack else None)
        climbed = True
    if ready is not None:
        with _named(number, night, turn):
            if not climbed:
                turn.load(number)  # What was undone is not what the turn remembers.
            _convert(turn, ready, night)


def _is_ahead(turn: Turn, order: Order) -> bool:
    """Whether something happened on the order after the time of the run.

    Then a run for an earlier time (``--at``) leaves it to a later one: it writes nothing before that, nor takes back
    what another has converted (REC-2).
    """
    return order.last_done_at > turn.at or turn.tells_of_before


@contextmanager
def _named(number: str, night: Night, turn: Turn) -> Iterator[None]:
    """What fails inside is undone and named, and the run goes on (SLA-5)."""
    before = len(night.told), len(night.converted), len(night.proposed)
    lines = {key: len(said) for key, said in night.messages.items()}
    try:
        with turn.writer.savepoint():
            yield
    except DeskError as refusal:
        failure = refusal
    except (LookupError, TypeError, ValueError, AttributeError, AssertionError):
        failure = Damaged(N_("the ledger holds a record that cannot be read: run verify"))
    else:
        return
    for said, count in zip((night.told, night.converted, night.proposed), before, strict=True):
        del said[count:]
    night.messages = {key: said[: lines[key]] for key, said in night.messages.items() if key in lines}
    if all(one["number"] != number for one in night.failed):
        night.failed.append({"number": number, "why": failure})


# --- climbing


def _climb(turn: Turn, order: Order, night: Night, roster: Roster, ends: datetime | None) -> None:
    rules = turn.rules_of(order)
    owing, missed = ladder.climb(order, turn.at, rules.policies, rules.clocks, ends=ends)
    if not owing:
        return
    said = [_said(turn, order, one, night, roster) for one in missed]
    turn.record("escalate", {"missed": said}, owing=owing, system=True)


def _said(turn: Turn, order: Order, missed: Missed, night: Night, roster: Roster) -> Doc:
    """What the entry keeps of a missed obligation: every step that was reached, and who is told of the highest."""
    owed, last = missed.obligation, missed.steps[-1]
    told = roster.hears(last.tell, order)
    row = {
        "number": order.number, "obligation": owed.name, "cycle": owed.cycle, "rule": owed.rule, "level": last.level,
        "role": told.role, "staff": told.staff, "people": list(told.people),
        "due_at": local_iso(owed.due_at, turn.rules.zone), "place": order.place, "owner": owner(owed, order),
    }  # fmt: skip
    night.told.append(row)
    if missed.declared.overdue == "propose":
        night.proposed.append({"number": order.number, "due_at": row["due_at"], "staff": told.staff})
    night.message(told, {**row, "due_at": stamp(owed.due_at), "fault": order.fault})
    return {
        "name": owed.name, "cycle": owed.cycle, "rule": owed.rule, "due_at": stamp(owed.due_at),
        "steps": [_step(one) for one in missed.steps],
        "told": {"level": last.level, **told._asdict(), "people": list(told.people)},
    }  # fmt: skip


def _step(reached: Reached) -> Doc:
    return {"level": reached.level, "at": stamp(reached.at), "role": reached.tell}


def _months(turn: Turn, night: Night, roster: Roster) -> None:
    """The months that finance has not signed for in time climb a ladder, too (FEE-7), and those of whose callbacks the
    supervisor has not written (CAL-7)."""
    rule = next(rule for rule in turn.rules.policies.obligations if "month" in rule.starts)
    _climb_months(turn, night, roster, "month:", rule, reckoning.hand_over_due(turn))
    asked = opinions.rule_of(turn)
    if asked is not None:
        _climb_months(turn, night, roster, called.STREAM, asked, opinions.due(turn))


def _climb_months(
    turn: Turn, night: Night, roster: Roster, prefix: str, rule: ObligationRule, months: Sequence[Doc]
) -> None:
    for owed in months:
        stream, due = f"{prefix}{owed['month']}", from_iso(owed["due_at"])
        known = finance.level(turn.ledger.entries(stream))
        steps = _steps_of_month(turn, rule, due, known)
        if not steps:
            continue
        told = roster.hears(steps[-1].tell, None)
        row = {
            "number": owed["month"], "obligation": rule.name, "cycle": 1, "rule": rule.rule, "level": steps[-1].level,
            "role": told.role, "staff": told.staff, "people": list(told.people), "due_at": owed["due_at"],
            "place": None, "owner": rule.owner,
        }  # fmt: skip
        said = {"level": steps[-1].level, **told._asdict(), "people": list(told.people)}
        kept = {"name": rule.name, "due_at": stamp(due), "steps": [_step(one) for one in steps], "told": said}
        turn.append(stream, "escalate", kept, turn.at, system=True)
        night.told.append(row)
        night.message(told, {**row, "due_at": stamp(due), "fault": None})


def _steps_of_month(turn: Turn, rule: ObligationRule, due: datetime, known: int) -> list[Reached]:
    steps = turn.rules.policies.ladders.get(rule.ladder or "", ())
    moments = (
        Reached(level, turn.rules.clocks.step(rule, due, step.after), step.tell) for level, step in enumerate(steps, 1)
    )
    return [one for one in moments if one.level > known and one.at < turn.at]


# --- converting


class _Conversion(NamedTuple):
    """An order whose time is over: when that was, who will track it, or what is in the way."""

    due: datetime
    tracker: Person | None
    lack: DeskError | None


def _conversion(turn: Turn, order: Order, roster: Roster) -> _Conversion | None:
    """What is to become of an order that was not finished in its time; None: it has time still (COO-1)."""
    due = ladder.conversion_due(order, turn.at, turn.rules_of(order).policies)
    if due is None:
        return None
    if not lifecycle.leads_on("convert", order.state) or order.kind not in ("in_home", "public_area"):
        lack = NotAllowed(N_("{number} is {state}; it cannot be converted"), rule="COO-1", number=order.number,
                          state=Word(order.state))  # fmt: skip
        return _Conversion(due, None, lack)
    try:
        return _Conversion(due, _tracker(turn, order, roster), None)
    except NotAllowed as nobody:
        return _Conversion(due, None, nobody)


def _convert(turn: Turn, ready: _Conversion, night: Night) -> None:
    """From now on one person tracks it (COO-1)."""
    order, due, tracker = turn.order, ready.due, ready.tracker
    if ready.lack is not None or tracker is None:
        raise ready.lack or AssertionError("nobody to track it")
    converted = hand_to_tracker(turn, tracker, REASON, due=due)
    row = {
        "number": order.number, "coordination": converted.coordination, "tracker": tracker.id,
        "due_at": local_iso(due, turn.rules.zone),
    }  # fmt: skip
    night.converted.append(row)
    line = {
        "number": converted.coordination, "obligation": "track", "rule": "COO-1", "level": 0, "due_at": stamp(due),
        "place": order.place, "fault": order.fault, "owner": tracker.id, "role": tracker.role,
    }  # fmt: skip
    night.message(Told(tracker.role or "clerk", tracker.id, (tracker.id,)), line)


def _tracker(turn: Turn, order: Order, roster: Roster) -> Person:
    """Whom the policy names, else the clerk who took the report (COO-1).

    Raises:
        NotAllowed: the one has left and the other is nobody of the staff.
    """
    named = turn.rules.policies.tracker
    if order.suspended is not None:
        doc = turn.ledger.order_doc(order.suspended)
        named = doc["tracker"] if doc else named  # It was his before, and it still is.
    for one in (named, turn.rules.policies.tracker, order.clerk):
        if one != "clerk" and roster.serves(one):
            return turn.person(one)
    raise NotAllowed(
        N_("{number} has nobody to track it: name somebody of the staff at “tracker” in the policies"),
        rule="COO-1", number=order.number,
    )  # fmt: skip


# --- the days, and the word that is left


def _new_days(turn: Turn) -> bool:
    """Whether there is a table of public holidays that no run has seen."""
    last = turn.ledger.last(STREAM)
    return last is None or last.data["days"] != turn.rules.days.version


def _settle_days(turn: Turn, number: str, night: Night, _: Roster) -> None:
    """Provisional deadlines that the new table reaches are counted by it (SLA-2)."""
    with _named(number, night, turn):
        order = turn.load(number)
        if _is_ahead(turn, order):
            return
        rules = turn.rules_of(order)
        owing = keeping.settled_days(order, turn.at, rules.policies, rules.clocks)
        if owing:
            turn.record("escalate", {"missed": []}, owing=owing, system=True)
            night.settled += 1


def _leave_word(turn: Turn, night: Night) -> None:
    """That the run came: always when it did something, else only so often that its absence would be seen."""
    last = turn.ledger.last(STREAM)
    if last is not None and last.occurred_at >= turn.at:
        return  # A run for an earlier time does not say when the last one came.
    often = timedelta(seconds=turn.rules.policies.notify.missing_after) / 4
    if night.did_something or last is None or _new_days(turn) or turn.at - last.occurred_at >= often:
        counts = {name: len(getattr(night, name)) for name in ("told", "converted", "failed")}
        turn.append(STREAM, "run", {**counts, "days": turn.rules.days.version}, turn.at, system=True)


def nightly(turn: Turn) -> Doc:
    """When the run last came, and whether it has not come for longer than the policy says.

    Where it has never come it is missed once there is an order that old: before, it had nothing to do.
    """
    last, first = turn.ledger.last(STREAM), turn.ledger.first_reported_at()
    came = last.occurred_at if last else None
    since = came or (from_iso(first) if first else turn.at)
    missing = turn.at - since > timedelta(seconds=turn.rules.policies.notify.missing_after)
    return {"last": local_iso(came, turn.rules.zone) if came else None, "missing": missing}
