"""The day's end: slips reconciled by technician (FIN-6), and the desk handed over to the next shift (INT-8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.heads import head_of
from repairdesk.desk.leaving import without_phones
from repairdesk.desk.standing import Standing, is_order
from repairdesk.desk.turn import Answer, By, Turn, stamp, told
from repairdesk.domain import lifecycle, masking, shift
from repairdesk.domain.entry import Entry
from repairdesk.domain.shape import Doc
from repairdesk.domain.shift import Change, Reconciled, Slip
from repairdesk.domain.staff import Person
from repairdesk.domain.times import at_local, fold, from_iso, iso_utc, local_iso
from repairdesk.errors import N_, NotAllowed, UsageError
from repairdesk.ledger.journal import Written

HANDOVER = "shift:handover"
"""The stream of the shifts that were handed over."""
_SECOND = timedelta(seconds=1)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AHEAD = ("reported", "quoted", "assigned", "paused")
"""States in which an agreed visit is still to be made."""

Local = Callable[[datetime], str]


class Shifts(Base):
    """What the desk asks at the end of a day or a shift."""

    def slips(self, by: By, day: str | None = None) -> Answer:
        """The slips that were out on a day, by technician: back, ended otherwise, missing, still in the field (FIN-6).

        A day that is over is told as it stood at its end, today as it stands now; by when things happened.

        Raises:
            UsageError: ``day`` is none. NotAllowed: it has not begun.
        """
        said = _parse_day(day) if day is not None else None
        with self.look(by) as turn:
            zone = turn.rules.zone
            today = turn.at.astimezone(zone).date()
            named = said or today
            if named > today:
                raise NotAllowed(N_("{day} has not come yet: nothing can be missing"), rule="FIN-6",
                                 day=named.isoformat())  # fmt: skip
            ends = at_local(named + timedelta(days=1), 0, zone) - _SECOND
            moment = min(ends, turn.at)
            names = {doc["id"]: doc["name"] for doc in turn.ledger.staff()}
            found = _reconciled(turn, named, moment)
            local = _local(turn)
            return Answer(
                {
                    "day": named.isoformat(),
                    "at": local(moment),
                    "technicians": [_technician(one, names, moment, local) for one in found],
                    "totals": _totals(found),
                },
                turn.remarks,
            )

    def handover_sheet(self, by: By) -> Answer:
        """What the next shift takes over, to look at; nothing is written (INT-8).

        At a time that is over everything is told as it stood then, by when it happened; only ``head`` is always the
        ledger's that the sheet was made from.
        """
        with self.look(by) as turn:
            return Answer(sheet_of(turn), turn.remarks)

    def hand_over_shift(self, by: By, to: str, *, note: str | None = None) -> Answer:
        """Hand the desk over: who goes signs to who comes, and it goes on record (INT-8).

        Raises:
            NotFound: nobody has the id ``to``. NotPermitted: the policies do not let the caller, both are one person,
            one of them has left, or who takes over has no role of the desk. NotAllowed: before the last handover, or in
            the future.
        """
        told(to=to)
        with self.turn(by) as turn:
            taker = turn.person(to)
            attempt = turn.attempt("handover", {})
            lifecycle.check_role("handover", None, attempt)
            shift.check_taker(turn.actor, taker, attempt.policies.may.get("handover", ()))
            lifecycle.check_time(None, attempt)
            _after(turn.ledger.last(HANDOVER), turn.at)
            sheet = sheet_of(turn)
            _remark_on(turn, taker, sheet)
            kept = {"from": turn.actor.id, "to": taker.id, "at": iso_utc(turn.at), "note": (note or "").strip() or None}
            counts = {"open": sheet["counts"], "overdue": len(sheet["overdue"]), "promised": len(sheet["promised"]),
                      "missing": len(sheet["missing"]), "since": sheet["since"]["counts"]}  # fmt: skip
            entry = turn.append(HANDOVER, "handover", {**kept, "head": sheet["head"], "counts": counts}, turn.at)
            return Answer({**sheet, "handed_over": _handed_over(entry, _local(turn))}, turn.remarks)


def _local(turn: Turn) -> Local:
    return lambda moment: local_iso(moment, turn.rules.zone)


def _parse_day(text: str) -> date:
    try:
        if not _DAY.fullmatch(fold(text)):
            raise ValueError("not in the form of a day")
        return date.fromisoformat(fold(text))
    except ValueError:
        raise UsageError(N_("“{text}” is not a day: write it such as 2026-11-22"), text=text) from None


# --- slips


def _reconciled(turn: Turn, day: date, moment: datetime) -> list[Reconciled]:
    begins = at_local(day, 0, turn.rules.zone)
    numbers = turn.ledger.slips(stamp(begins), stamp(moment))
    return shift.reconciled(
        slip for number in numbers for slip in shift.out_on(turn.ledger.entries(number), begins, moment)
    )


def _technician(one: Reconciled, names: Mapping[str, str], moment: datetime, local: Local) -> Doc:
    told_of = {name: [_slip(slip, moment, local) for slip in one.of(name)] for name in shift.OUTCOMES}
    out = [_slip(slip, moment, local) for slip in one.out]
    return {"staff": one.technician, "name": names.get(one.technician), "out": out, **told_of}


def _totals(found: Iterable[Reconciled]) -> dict[str, int]:
    totals = dict.fromkeys(("out", *shift.OUTCOMES), 0)
    for one in found:
        totals["out"] += len(one.out)
        for name in shift.OUTCOMES:
            totals[name] += len(one.of(name))
    return totals


def _slip(slip: Slip, moment: datetime, local: Local) -> Doc:
    """A slip as it is answered: ``since`` when it went out, ``at`` and ``how`` it left the technician."""
    owed = slip.owed
    return {
        "number": slip.number,
        "kind": slip.kind,
        "place": slip.place,
        "state": slip.state,
        "state_at": local(slip.state_at),
        "since": local(slip.since),
        "finished_at": local(slip.finished_at) if slip.finished_at else None,
        "due_at": local(owed.due_at) if owed else None,
        "due": owed.state(moment) if owed else None,
        "how": slip.how,
        "at": local(slip.at) if slip.at else None,
    }


# --- the sheet


def sheet_of(turn: Turn) -> Doc:
    """Everything that a shift takes over, as it stands or stood at the moment of the turn."""
    then, local = Standing(turn), _local(turn)
    last = then.last(HANDOVER)
    change = shift.change(then.staff(), turn.at, last.occurred_at if last else None)
    held = then.open_orders()
    owed = [row for row in then.due(stamp(change.until)) if not row["paused"]]
    now = stamp(turn.at)
    ahead = [row for row in owed if row["due_at"] >= now]
    missing = [slip for one in _reconciled(turn, turn.at.astimezone(turn.rules.zone).date(), turn.at)
               for slip in one.of("missing")]  # fmt: skip
    return dict(without_phones({
        "at": local(turn.at),
        "until": local(change.until),
        "head": head_of(turn),
        **_roster(change, local),
        "counts": then.counts(),
        "open": [_of_state(state, held, local) for state in lifecycle.OPEN],
        "overdue": [_owed(row, local) for row in owed if row["due_at"] < now],
        "promised": _promised(held, ahead, turn.at, change.until, local),
        "coordination": [_owed(row, local) for row in ahead if row["tracker"]],
        "since": _since(turn, last, local),
        "missing": [{"staff": slip.technician, **_slip(slip, turn.at, local)} for slip in missing],
        "names": {doc["id"]: doc["name"] for doc in turn.ledger.staff()},
        "handed_over": None,
    }))  # fmt: skip


def _roster(change: Change, local: Local) -> Doc:
    return {
        side: [
            {"id": one.person.id, "name": one.person.name, "role": one.person.role, "from": local(one.start),
             "to": local(one.end)} for one in duties
        ]
        for side, duties in (("outgoing", change.outgoing), ("incoming", change.incoming))
    }  # fmt: skip


def _of_state(state: str, docs: Iterable[Doc], local: Local) -> Doc:
    orders = [
        {
            **{name: doc[name] for name in ("number", "kind", "priority")},
            "place": masking.in_place(doc["place"]),
            "fault": masking.in_words(doc["fault"]),
            "who": _who(doc),
            "reported_at": local(from_iso(doc["reported_at"])),
        }
        for doc in docs
        if doc["state"] == state
    ]
    return {"state": state, "orders": orders}


def _who(doc: Mapping[str, Any]) -> str | None:
    """Who has an order: its technician, or the tracker of a coordination order."""
    who: str | None = doc.get("tracker") or doc["assignee"]
    return who


def _owed(row: Mapping[str, Any], local: Local) -> Doc:
    kept = {name: row[name] for name in "number name rule owner kind priority level".split()}
    told = {**kept, "place": masking.in_place(row["place"]), "provisional": bool(row["provisional"])}
    return {**told, "who": _who(row), "due_at": local(from_iso(row["due_at"]))}


def _promised(
    docs: Iterable[Doc], owed: Iterable[Mapping[str, Any]], at: datetime, until: datetime, local: Local
) -> list[Doc]:
    """What somebody was told would be done by the end of the next shift, and what is not done of it yet.

    ``promise`` is ``appointment``, ``next`` (the time that a pause named, VIS-5) or ``due`` (an obligation, which
    ``name`` says).
    """
    visits = list(_visits(docs, at, until, local))
    # The policies may have somebody owe what a pause named, too: one line tells both.
    told_already = {(one["number"], one["at"]) for one in visits if one["promise"] == "next"}
    rest = [_deadline(row, local) for row in owed if not row["tracker"]]
    rest = [one for one in rest if (one["number"], one["at"]) not in told_already]
    return sorted([*visits, *rest], key=lambda one: (one["at"], one["number"]))


def _visits(docs: Iterable[Doc], at: datetime, until: datetime, local: Local) -> Iterator[Doc]:
    for doc in docs:
        start, end, reason = _agreed(doc, at)
        if start is not None and start <= until:
            yield {
                "number": doc["number"], "place": masking.in_place(doc["place"]), "name": None, "who": _who(doc),
                "reason": reason, "promise": "next" if reason else "appointment", "at": local(start),
                "end": local(end) if end else None, "late": (end or start) < at, "provisional": False,
            }  # fmt: skip


def _deadline(row: Mapping[str, Any], local: Local) -> Doc:
    return {
        "number": row["number"], "place": masking.in_place(row["place"]), "name": row["name"], "who": row["owner"],
        "reason": None, "promise": "due", "at": local(from_iso(row["due_at"])), "end": None, "late": False,
        "provisional": bool(row["provisional"]),
    }  # fmt: skip


def _agreed(doc: Doc, at: datetime) -> tuple[datetime | None, datetime | None, str | None]:
    """When the next visit of an order is to be: its start, its end if agreed, and why it waits if only said so."""
    window = doc["appointment"]
    if doc["state"] in _AHEAD and window:
        start, end = from_iso(window["start"]), from_iso(window["end"])
        if end >= at or not doc["visits"]:
            return start, end, None
    if doc["state"] == "paused":
        last = doc["pauses"][-1]
        return from_iso(last["next"]), None, last["reason"]
    return None, None, None


def _since(turn: Turn, last: Entry | None, local: Local) -> Doc:
    """What happened on orders since the last handover, and what was keyed in late since; before the first, in a day.

    So what happened after a handover that was itself keyed in late is told by the next, though it was written before.
    """
    since = last.occurred_at if last else turn.at - shift.DAY
    begin, until = stamp(since), stamp(turn.at)
    told = last.seq if last else turn.ledger.head()[0]
    written = takewhile(lambda one: one.seq > told or one.recorded_at > begin, turn.ledger.written_after(0))
    new = (one for one in written if one.seq > told or one.occurred_at > begin)
    here = (one for one in new if one.occurred_at <= until and is_order(one.number))
    taken_over = _taken_over(turn)
    rows = [(one.number, one.event) for one in here if not taken_over(one)]
    found = shift.happened(reversed(rows))
    return {
        "from": local(since),
        "handed_over": _handed_over(last, local) if last else None,
        "counts": found.counts,
        "new": list(found.new),
        "finished": list(found.finished),
        "converted": list(found.converted),
    }


def _taken_over(turn: Turn) -> Callable[[Written], bool]:
    """Whether an entry came with a history of another system: that is nothing that this shift has done."""
    came: dict[str, str | None] = {}

    def is_of_a_history(one: Written) -> bool:
        if one.number not in came:
            doc = turn.ledger.order_doc(one.number)
            first = turn.ledger.entries(one.number)[0] if doc and doc["imported"] else None
            came[one.number] = stamp(first.recorded_at) if first else None
        return came[one.number] == one.recorded_at

    return is_of_a_history


def _handed_over(entry: Entry, local: Local) -> Doc:
    data = entry.data
    same = {name: data[name] for name in ("from", "to", "note")}
    return {**same, "at": local(entry.occurred_at), "late": entry.late}


def _after(last: Entry | None, at: datetime) -> None:
    """Shifts are handed over one after the other.

    Raises:
        NotAllowed: this one would come before the last.
    """
    if last is not None and at < last.occurred_at:
        raise NotAllowed(N_("{at} is before the last handover, which was at {last}"), rule="REC-2", at=at,
                         last=last.occurred_at)  # fmt: skip


def _remark_on(turn: Turn, taker: Person, sheet: Doc) -> None:
    """The roster warns and binds nobody: people swap shifts."""
    leaving = [one["id"] for one in sheet["outgoing"]]
    if leaving and turn.actor.id not in leaving:
        turn.remark(N_("by the roster {who} is not on duty; these are: {listed}"), who=turn.actor.id, listed=leaving)
    listed = [one["id"] for one in sheet["incoming"]]
    if listed and taker.id not in listed:
        turn.remark(N_("by the roster {who} does not come on duty; these do: {listed}"), who=taker.id, listed=listed)
