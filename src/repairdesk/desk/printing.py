"""Printing: what the paper says, gathered; how it looks is for ``documents``.

Each paper is a document of its own with what every page carries: who printed it and when, by which rules the order was
judged, and the head of the ledger, by which a page can be held against it later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, tzinfo
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.heads import head_of
from repairdesk.desk.leaving import without_phones
from repairdesk.desk.rulebooks import Rules
from repairdesk.desk.turn import By, Turn, fetch, present, refuse_purged, resolve, told
from repairdesk.domain import effects, lifecycle
from repairdesk.domain import vocabulary as words
from repairdesk.domain.entry import Entry
from repairdesk.domain.finance import REVERSAL, Posting, month_of
from repairdesk.domain.money import yuan
from repairdesk.domain.order import Order
from repairdesk.domain.shape import Doc, bill_doc
from repairdesk.domain.times import from_iso, local_iso
from repairdesk.errors import N_, NotAllowed, NotFound, UsageError

SLIP, COORDINATION, CALLBACK, RECEIPT = "slip", "coordination", "callback", "receipt"
HANDOVER, STATEMENT = "handover", "statement"
OF_ORDERS = (SLIP, CALLBACK, RECEIPT)
"""The forms of one order; the slip of a coordination order is the coordination order itself (COO-6)."""

RECEIPT_COPIES = ("resident", "desk")
"""Ours: whoever gives a thing away keeps a proof of it (VIS-6)."""

_TODAY = ("reported", "assigned", "on_site", "paused")
"""States in which a technician goes out with a slip, or will."""

_MOVES = ("arrive", "start", "pause", "finish", "decline", "cancel", "convert")
"""The entries that begin or end a visit."""


class Printing(Base):
    """What the desk puts on paper."""

    def printed(
        self, by: By, number: str, form: str = SLIP, *, copies: Sequence[str] = (), reveal: str | None = None
    ) -> Doc:
        """A form of an order; ``copies`` are for whom, by default those of the policies.

        Args:
            reveal: why the phone numbers stand on it, whole; that is an entry, as ``reveal`` keeps it. None masks them.

        Raises:
            UsageError: there is no such copy, or the form has none. NotFound: there is no such order. NotPermitted:
            who may not print, or not reveal. NotAllowed: nothing was taken away of which a receipt could be given
            (VIS-6).
        """
        _check_copies(copies)
        with self._before_paper(by, reveal) as turn:
            entries = turn.ledger.entries(resolve(turn.ledger, number))
            order = fetch(turn.ledger, entries[0].number)
            refuse_purged(order)
            form = _form(order, form, copies)
            lifecycle.check_role("print", order, turn.attempt("print", {}))
            _reveal(turn, (order,), reveal)
            return _paper(turn, order, entries, form, copies, whole=reveal is not None)

    def _before_paper(self, by: By, reveal: str | None) -> AbstractContextManager[Turn]:
        """The turn in which a paper is made: one that reveals writes, and one that does not only looks."""
        if reveal is None:
            return self.look(by)
        told(reason=reveal)
        return self.turn(by)

    def printed_today(
        self, by: By, staff: str | None = None, *, copies: Sequence[str] = (), reveal: str | None = None
    ) -> list[Doc]:
        """The slips of a day's shift: what was assigned that day, or has its appointment on it, and is not finished.

        Args:
            staff: only those of this technician.
            copies: for whom; by default those of the policies.
            reveal: as of ``printed``; an entry for each order, or for none.

        Raises:
            UsageError: there is no such copy. NotFound: nobody has that id. NotPermitted: who may not print, or reveal.
        """
        _check_copies(copies)
        with self._before_paper(by, reveal) as turn:
            if staff is not None:
                turn.person(staff)
            lifecycle.check_role("print", None, turn.attempt("print", {}))
            today = turn.at.astimezone(turn.rules.zone).date()
            docs, _ = turn.ledger.orders({"states": _TODAY}, None)
            found = []
            for doc in docs:
                entries = turn.ledger.entries(doc["number"])
                order = effects.fold(entries)
                if order is not None and staff in (None, order.assignee) and _is_of(order, entries, today, turn):
                    found.append((_turns(order, today, turn), order, entries))
            found.sort(key=lambda one: one[0])
            _reveal(turn, [order for _, order, _ in found], reveal)
            return [_paper(turn, order, entries, SLIP, copies, whole=reveal is not None) for _, order, entries in found]

    def may_print(self, by: By) -> None:
        """Whether they may print, and so change what is printed.

        Raises:
            NotFound: nobody has that id. NotPermitted: they may not.
        """
        with self.look(by) as turn:
            lifecycle.check_role("print", None, turn.attempt("print", {}))

    def printed_handover(self, by: By) -> Doc:
        """The handover sheet, as ``handover`` shows it; nothing is written (INT-8).

        Raises:
            NotPermitted: who may not print.
        """
        from repairdesk.desk.shifts import sheet_of

        with self.look(by) as turn:
            lifecycle.check_role("print", None, turn.attempt("print", {}))
            return self._stamped_sheet(turn, sheet_of(turn))

    def handover_paper(self, by: By, sheet: Doc) -> Doc:
        """A handover sheet that was made already, as a paper."""
        with self.look(by) as turn:
            return self._stamped_sheet(turn, sheet)

    def _stamped_sheet(self, turn: Turn, sheet: Doc) -> Doc:
        return {**sheet, "form": HANDOVER, "copies": [], "stamp": {**_stamp(turn), "head": sheet["head"]}}

    def printed_statement(self, by: By, place: str, month: str | None = None) -> Doc:
        """What a household has to pay for a month, order by order, as finance has it; by default this month.

        Raises:
            UsageError: it is no month, or no place. NotFound: nothing was ever heard of the place. NotPermitted: who
            may not print. Damaged: the ledger does not agree with itself.
        """
        from repairdesk.desk import statement
        from repairdesk.desk.households import household_of
        from repairdesk.desk.reckoning import sound
        from repairdesk.domain import finance
        from repairdesk.domain.intake import canonical_place

        told(place=place)
        named = finance.parse_month(month) if month is not None else None
        with self.look(by) as turn:
            wanted = canonical_place(place, turn.rules.policies)
            household = household_of(turn, wanted)
            lifecycle.check_role("print", None, turn.attempt("print", {}))
            with sound():
                whole = statement.of(turn, named or finance.month_of(turn.at, turn.rules.zone))
            mine = next((one for one in whole["households"] if one["place"] == wanted), None)
            # An order that was corrected to another place has still been billed to this one.
            if mine is None and household is None and turn.ledger.orders({"place": wanted}, 1)[1] == 0:
                raise NotFound(N_("nothing is known of {place}"), place=wanted)
            listed = [_account(turn, one, whole["month"], wanted) for one in (mine["orders"] if mine else ())]
            return dict(without_phones({
                "form": STATEMENT,
                "copies": [],
                "stamp": _stamp(turn),
                "month": whole["month"],
                "place": wanted,
                "people": {person["id"]: person["name"] for person in turn.ledger.staff()},
                "names": mine["names"] if mine else (household or {}).get("names", []),
                "orders": listed,
                "total": mine["total"] if mine else "0.00",
                "callers": list(dict.fromkeys(one["caller"] for one in listed if one["caller"])),
                "open": _open(listed),
                "handed_over": whole["handed_over"],
            }))  # fmt: skip


def _check_copies(copies: Iterable[str]) -> None:
    for copy in copies:
        if copy not in words.COPIES:
            raise UsageError(N_("“{value}” is no {field}; choose: {known}"), value=copy, field="--copy",
                             known=list(words.COPIES))  # fmt: skip


# --- the papers of an order


def _form(order: Order, wanted: str, copies: Sequence[str]) -> str:
    """The form that is printed of this very order.

    Raises:
        UsageError: it has no copies for others.
    """
    form = COORDINATION if wanted == SLIP and order.is_coordination else wanted
    if copies and form not in (SLIP, RECEIPT):
        raise UsageError(N_("a form of this kind has no copies for others: leave out {option}"), option="--copy")
    return form


def _reveal(turn: Turn, listed: Iterable[Order], reason: str | None) -> None:
    """Put on record that the phone numbers of these orders are shown, and why; nothing, where they are not.

    Raises:
        NotPermitted: who may not reveal them.
    """
    if reason is None:
        return
    lifecycle.check_reveal(None, turn.attempt("reveal", {}))
    for order in listed:
        turn.append("desk", "reveal", {"number": order.number, "reason": reason})


def _paper(
    turn: Turn, order: Order, entries: Sequence[Entry], form: str, copies: Sequence[str], *, whole: bool = False
) -> Doc:
    """A form of an order; ``whole``: with the phone numbers, also those that somebody wrote into words."""
    said = _said(turn, order, entries, form, copies, whole=whole)
    return said if whole else without_phones(said)


def _said(
    turn: Turn, order: Order, entries: Sequence[Entry], form: str, copies: Sequence[str], *, whole: bool
) -> Doc:  # fmt: skip
    """Everything that a form of an order can say; ``whole``: with the phone numbers.

    ``corrections`` are the bills that were reversed, each with the one in its place, and ``signed_for`` what the
    resident signed for where that is no longer what it comes to (FEE-8, REC-3). ``ended``: how it ended without work,
    and who say so (QUO-3). ``why_tracked``: why a coordination order was opened. ``closers``: the roles of which one
    checks the slip, as the policies have it (FIN-5). ``checks_left``: who has still to check it this month (COO-4).

    Raises:
        NotAllowed: nothing was taken away of which a receipt could be given (VIS-6).
    """
    if form == RECEIPT and not order.taken:
        raise NotAllowed(N_("nothing was taken away of {number}: there is nothing to give a receipt for"),
                         rule="VIS-6", number=order.number)  # fmt: skip
    rules = turn.rules_of(order)
    doc = present(order, rules, turn.at, reveal=whole)
    listed = {"log": doc.get("logs", []), "check": doc.get("checks", []), "callback": doc["callbacks"]}
    for event, those in listed.items():
        for one, entry in zip(those, (e for e in entries if e.event == event), strict=True):
            one["late"] = entry.late
    ticked = {code for visit in order.visits for code in visit.checks}
    category = rules.policies.categories.get(order.category or "")
    return {
        "form": form,
        "copies": _copies(turn, order, form, copies),
        "stamp": {**_stamp(turn), "policies": order.policies_version, "fees": order.fees_version},
        "order": doc,
        "names": {person["id"]: person["name"] for person in turn.ledger.staff()},
        "category": category.name if category else order.category,
        "department": _department(rules, order.department),
        "services": _services(rules, order),
        "assigned_at": _last_at(entries, "assign", rules.zone),
        "corrections": _corrections(doc, entries),
        "signed_for": _signed_for(doc, entries),
        "ended": _ended(order, entries, rules.zone),
        "why_tracked": _why_tracked(turn, order) if order.is_coordination else None,
        "closers": _closers(turn, order, rules),
        "checks_left": _checks_left(turn, order, rules) if order.is_coordination else [],
        "checklist": [
            {"name": item.name, "ticked": item.code in ticked}
            for item in rules.policies.checklists.get(order.kind, ())
        ],
        "late": _late(turn, entries),
        "taken": _taken(turn, order, entries) if form == RECEIPT else [],
        "tries": rules.policies.callbacks.tries,
    }  # fmt: skip


def _department(rules: Rules, code: str | None) -> str | None:
    named = rules.policies.departments.get(code or "")
    return named.name if named else code


def _services(rules: Rules, order: Order) -> list[Doc]:
    """What was asked for, as the fee table calls it (QUO-1)."""
    listed: list[Doc] = []
    for one in order.services:
        service = rules.fees.services.get(one["code"])
        known = (service.name, service.unit) if service else (one["code"], None)
        listed.append({"name": known[0], "unit": known[1], "quantity": one["quantity"]})
    return listed


def _last_at(entries: Iterable[Entry], event: str, zone: tzinfo) -> str | None:
    times = [entry.occurred_at for entry in entries if entry.event == event]
    return local_iso(times[-1], zone) if times else None


def _corrections(doc: Doc, entries: Iterable[Entry]) -> list[Doc]:
    """Each bill that was reversed, with what stands in its place, why and by whom (FEE-8, REC-3)."""
    bills = [*doc["reversed_bills"], *([doc["bill"]] if doc["bill"] else [])]
    late = [entry.late for entry in entries if entry.event == "rebill"]
    return [
        {
            "at": old["reversed_at"], "late": is_late, "by": old["reversed_by"], "reason": old["reason"],
            "old": old["total"], "new": new["total"],
        }
        for old, new, is_late in zip(bills, bills[1:], late, strict=False)
    ]  # fmt: skip


def _signed_for(doc: Doc, entries: Sequence[Entry]) -> str | None:
    """The sum of the bill that was signed, where another one took its place afterwards; else None.

    By the entries, not by their times: what is keyed in from paper has minutes only.
    """
    signed = max((entry.seq for entry in entries if entry.event == "sign"), default=None)
    if signed is None:
        return None
    before = sum(entry.event == "rebill" and entry.seq < signed for entry in entries)
    reversed_: list[Doc] = doc["reversed_bills"]
    total: str | None = reversed_[before]["total"] if before < len(reversed_) else None
    return total


_ENDS = ("decline", "infeasible", "cancel", "convert", "void")


def _ended(order: Order, entries: Sequence[Entry], zone: tzinfo) -> Doc | None:
    """How an order ended without its work being done: why, and by whom; of a declined one these are two (QUO-3)."""
    if order.state == "advised":
        entry = entries[0]
    elif order.state in ("declined", "cancelled", "converted"):
        entry = [one for one in entries if one.event in _ENDS][-1]
    else:
        return None
    second = entry.data.get("second")
    return {
        "at": local_iso(entry.occurred_at, zone), "late": entry.late, "reason": entry.data.get("reason"),
        "people": [entry.actor, *([second] if second else [])], "number": order.coordination,
    }  # fmt: skip


def _why_tracked(turn: Turn, order: Order) -> Doc | None:
    """Why the work order was converted, when and by whom (COO-1)."""
    found = [
        {"at": local_iso(entry.occurred_at, turn.rules.zone), "by": entry.actor, "reason": entry.data["reason"]}
        for entry in turn.ledger.entries(order.converted_from or "")
        if entry.event == "convert" and entry.data["coordination"] == order.number
    ]
    return found[-1] if found else None


def _closers(turn: Turn, order: Order, rules: Rules) -> list[str]:
    """The role of whoever checked the slip; before that, those that may (FIN-5)."""
    allowed = [role for role in rules.policies.may.get("close", ()) if role in words.ROLES]
    role = next((one["role"] for one in turn.ledger.staff() if one["id"] == order.closed_by), None)
    return [role] if role in allowed else allowed


def _checks_left(turn: Turn, order: Order, rules: Rules) -> list[str]:
    """The roles that have still to check it this month, each as often as it has (COO-4)."""
    if order.state != "tracking":
        return []
    month = month_of(turn.at, rules.zone)
    done = [one["role"] for one in order.checks if month_of(from_iso(one["at"]), rules.zone) == month]
    owed = {one.owner: one.times for one in rules.policies.obligations if one.rule == "COO-4" and one.each == "month"}
    return [role for role, times in owed.items() for _ in range(times - done.count(role))]


def _copies(turn: Turn, order: Order, form: str, wanted: Sequence[str]) -> list[Doc]:
    """For whom it is printed, each with its number among the copies of such a form; none where there is one paper."""
    if form not in (SLIP, RECEIPT):
        return []
    # How many are printed is no judgement on the order: today's policies say it.
    all_of_them = RECEIPT_COPIES if form == RECEIPT else turn.rules.policies.slips.of(order.kind)
    numbered = {name: n for n, name in enumerate(all_of_them, 1)}
    return [{"for": name, "n": numbered.get(name)} for name in dict.fromkeys(wanted or all_of_them)]


def _stamp(turn: Turn) -> Doc:
    """What every page carries besides its number."""
    return {
        "at": local_iso(turn.at, turn.rules.zone),
        "by": turn.actor.id,
        "name": turn.actor.name,
        "head": head_of(turn),
        "policies": turn.rules.policies.version,
        "fees": turn.rules.fees_version,
    }


def _late(turn: Turn, entries: Iterable[Entry]) -> dict[str, list[str]]:
    """When something happened that was written down late, by what the paper shows it as (REC-2)."""
    found: dict[str, list[str]] = {name: [] for name in (*effects.EVENTS, "reported", "visit")}
    shown = {"intake": "reported", "open": "reported", **dict.fromkeys(_MOVES, "visit")}
    for entry in entries:
        if entry.late:
            for name in {shown.get(entry.event, entry.event), entry.event}:
                found[name].append(local_iso(entry.occurred_at, turn.rules.zone))
    return found


def _taken(turn: Turn, order: Order, entries: Sequence[Entry]) -> list[Doc]:
    """What was taken away, by whom, and who brought it back when (VIS-6)."""
    zone = turn.rules.zone
    by_time = {(entry.event, entry.occurred_at): entry for entry in entries if entry.event in ("pause", "returned")}
    listed: list[Doc] = []
    lent: set[tuple[datetime, str | None]] = set()
    for one in order.taken:
        out = by_time.get(("pause", one.taken_at))
        back = by_time.get(("returned", one.returned_at)) if one.returned_at else None
        # One loaner stands for all that went at once: on a receipt it is one thing, not as many.
        loaner = None if (one.taken_at, one.loaner) in lent else one.loaner
        lent.add((one.taken_at, one.loaner))
        listed.append(
            {
                "item": one.item, "loaner": loaner,
                "taken_at": local_iso(one.taken_at, zone), "taken_by": out.actor if out else None,
                "taken_late": bool(out and out.late),
                "until": local_iso(from_iso(out.data["next"]), zone) if out else None,
                "returned_at": local_iso(one.returned_at, zone) if one.returned_at else None,
                "returned_by": back.actor if back else None, "returned_late": bool(back and back.late),
            }
        )  # fmt: skip
    return listed


# --- a shift's


def _is_of(order: Order, entries: Iterable[Entry], today: date, turn: Turn) -> bool:
    """Whether the slip of an order that is not finished is one of that day's."""
    days = [order.appointment_start, order.promised_at]
    if order.assignee is not None:
        days += [entry.occurred_at for entry in entries if entry.event == "assign"][-1:]
    return any(at is not None and at.astimezone(turn.rules.zone).date() == today for at in days)


def _turns(order: Order, today: date, turn: Turn) -> tuple[str, str, str]:
    """By technician, in the order in which they go: what was agreed for that day comes at its time."""
    agreed = [at for at in (order.appointment_start, order.promised_at) if at is not None]
    then = [at for at in agreed if at.astimezone(turn.rules.zone).date() == today]
    start = min(then or agreed or [order.reported_at])
    return order.assignee or "", start.isoformat(), order.number


# --- a household's


def _account(turn: Turn, posted: Mapping[str, Any], month: str, place: str) -> Doc:
    """An order of a statement: what finance has of it in that month, and what it was for.

    ``accounts`` are the postings, each with the lines of the bill that it is of, so that these come to it; those of a
    reversal are negative (FEE-8, FEE-10). ``received`` and ``open`` are the order's as of now, and stand where its last
    posting stands: elsewhere they are None, and ``corrected`` says where that is.
    """
    order = fetch(turn.ledger, posted["number"])
    doc = present(order, turn.rules_of(order), turn.at)
    kept = {name: doc[name] for name in ("reported_at", "fault", "result", "invoice", "signed_by")}
    caller = None if order.anonymous else order.caller
    last = order.postings[-1]
    is_last = (last.month, _place_of(turn, last)) == (month, place)
    return {
        **kept, **posted, "caller": caller,
        "accounts": [
            {**_posted_lines(one, bill, turn), "by": by}
            for one, bill, by in _with_bills(turn, posted["number"])
            if (one.month, _place_of(turn, one)) == (month, place)
        ],
        "received": posted["received"] if is_last else None, "open": doc["open_amount"] if is_last else None,
        "corrected": None if is_last else {"month": last.month, "place": last.place},
    }  # fmt: skip


def _place_of(turn: Turn, posting: Posting) -> str | None:
    """Where it was posted; of a purged order, what its stand-in still stands for (RET-3)."""
    return turn.ledger.place_of(posting.place) or posting.place


def _open(listed: Sequence[Doc]) -> str | None:
    """What is open of a statement's orders; None where all that were listed were corrected elsewhere."""
    from repairdesk.desk.statement import summed

    here = [one["open"] for one in listed if one["open"] is not None]
    return None if listed and not here else summed(here)


def _with_bills(turn: Turn, number: str) -> Iterator[tuple[Posting, Mapping[str, Any], str]]:
    """Every posting of an order with the bill that it is of, and who posted it."""
    order: Order | None = None
    for entry in turn.ledger.entries(number):
        before, order = order, effects.apply(order, entry)
        for posting in order.postings[len(before.postings) if before else 0 :]:
            # What is taken back is the bill that stood until then.
            bill = before.bill if before and posting.kind == REVERSAL else order.bill
            assert bill is not None
            yield posting, bill, entry.actor


def _posted_lines(posting: Posting, bill: Mapping[str, Any], turn: Turn) -> Doc:
    lines = list(bill["lines"])
    if posting.kind == REVERSAL:
        lines = [{**one, "quantity": f"-{one['quantity']}", "amount": -one["amount"]} for one in lines]
    return {
        "kind": posting.kind, "of": posting.of, "reason": posting.reason, "amount": yuan(posting.amount),
        "at": local_iso(posting.at, turn.rules.zone), "lines": bill_doc({**bill, "lines": lines})["lines"],
    }  # fmt: skip
