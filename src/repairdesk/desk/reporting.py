"""From the call to the assignment: intake, join, quote, consent, decline, assign, accept, correct, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.households import household_of, remark_stranger
from repairdesk.desk.turn import Answer, By, Turn, Window, resolve, stamp, told
from repairdesk.domain import finance, intake, lifecycle
from repairdesk.domain.intake import Report
from repairdesk.domain.money import fen
from repairdesk.domain.order import CORRECTABLE, Order
from repairdesk.domain.shape import Doc, shown, shown_entry
from repairdesk.domain.staff import Person
from repairdesk.domain.vocabulary import SEVERITIES
from repairdesk.errors import N_, NotAllowed, UsageError, Word


class Reporting(Base):
    """The clerk's half of an order."""

    def intake(self, by: By, report: Report, *, join: str | None = None, new: bool = False) -> Answer:
        """Take in a report (INT-*): a new order, or one more caller of an open one (REC-6)."""
        if join and new:
            raise UsageError(N_("--join and --new exclude each other"), rule="REC-6")
        intake.check(report)
        with self.turn(by) as turn:
            report = with_category(turn, with_phone(turn, report))
            if join:
                return self._join(turn, report, join)
            return take_in(turn, report, new=new)

    def _join(self, turn: Turn, report: Report, number: str) -> Answer:
        # Nothing of it is kept, as the order has its own; but what cannot be read is not passed over.
        turn.window(report.appointment)
        if report.department:
            from repairdesk.desk import routing

            routing.known_department(turn, report.department)
        if report.services:
            from repairdesk.desk import pricing

            pricing.understood(report.services, None, turn.rules.zone)
        order = turn.load(number, as_it_stands=True)
        turn.permit("join")
        if report.external_id and self._joined_before(turn, order, report):
            turn.remark(
                N_("{external_id} was taken in before, as {number}"), external_id=report.external_id,
                number=order.number,
            )  # fmt: skip
            return turn.answer()
        _remark_other_matter(turn, order, report)
        said = {"caller": report.caller, "phone": report.phone, "said": report.fault}
        turn.record("join", {**said, "external_id": report.external_id})
        if report.priority == "emergency" and order.priority != "emergency":
            turn.remark(N_("{number} stays {priority}: correct its priority if it is an emergency"),
                        number=order.number, priority=Word(order.priority or "regular"))  # fmt: skip
        if _graver(report.severity, order.severity):
            turn.remark(N_("{number} stays {severity}: correct its severity if it is {said}"), number=order.number,
                        severity=Word(order.severity or "general"), said=Word(report.severity or ""))  # fmt: skip
        return turn.answer()

    def _joined_before(self, turn: Turn, order: Order, report: Report) -> bool:
        """Whether this very report of another system is on the order already.

        Raises:
            NotAllowed: its id is, with another content or on another order.
        """
        mine = [caller for caller in order.callers if caller.external_id == report.external_id]
        same = any((caller.name, caller.phone) == (report.caller, report.phone) for caller in mine)
        known = turn.ledger.number_of_external(report.external_id or "")
        if known == order.number and not mine:
            return True
        if (mine and not same) or (known and known != order.number):
            raise NotAllowed(
                N_("{external_id} is {number} already, with another content"),
                external_id=report.external_id, number=known or order.number,
            )  # fmt: skip
        return bool(mine)

    def quote(
        self, by: By, number: str, *, fee: str | None = None, feasible: bool = True, reason: str | None = None
    ) -> Answer:
        """The supervisor's review of work that is not on the fee table: the fee, or why not (QUO-2, QUO-4)."""
        if not feasible:
            told(reason=reason)
        amount = fen(fee) if fee is not None else 0
        with self.turn(by) as turn:
            order = turn.load(number)
            if feasible:
                turn.permit("quote", fee=amount, bounds=_bounds(turn, order))
                turn.record("quote", {"fee": amount, "total": _with_listed(turn, order, amount)})
            else:
                turn.permit("infeasible")
                turn.record("infeasible", {"reason": reason})
            return turn.answer()

    def consent(self, by: By, number: str, *, fee: str | None = None) -> Answer:
        """The sum that the resident agrees to, materials included; by default the quote (QUO-1)."""
        amount = fen(fee) if fee is not None else None
        with self.turn(by) as turn:
            order = turn.load(number)
            agreed = order.quote if amount is None else amount
            turn.permit("consent", fee=agreed)
            turn.record("consent", {"fee": agreed})
            return turn.answer()

    def decline(self, by: By, number: str, *, reason: str, second: str) -> Answer:
        """The resident says no; two people record why (QUO-3)."""
        told(reason=reason)
        with self.turn(by) as turn:
            turn.load(number)
            person = turn.person(second)
            turn.permit("decline", second=person)
            turn.agreed("decline", person)
            turn.record("decline", {"reason": reason, "second": person.id})
            return turn.answer()

    def assign(self, by: By, number: str, staff: str, *, reason: str | None = None, force: bool = False) -> Answer:
        """Send a technician (ASG-3 … ASG-5); every earlier assignee stays on record."""
        reason = (reason or "").strip() or None
        with self.turn(by) as turn:
            order = turn.load(number)
            person = turn.person(staff)
            if order.is_coordination:
                turn.permit("retrack", tracker=person, reason=reason)
                turn.record("retrack", {"tracker": person.id, "reason": reason})
                return turn.answer()
            overlapping = overlaps(turn, person.id, order.appointment, order.number)
            turn.permit("assign", assignee=person, reason=reason, force=force, overlapping=overlapping)
            _remark_unfit(turn, person, order)
            said = {"coordinated": True} if _is_tracked(turn, order.follows) else {}
            turn.record("assign", {"assignee": person.id, "reason": reason, "forced": bool(overlapping), **said})
            return turn.answer()

    def accept(self, by: By, number: str) -> Answer:
        """The technician signs the register (ASG-1)."""
        with self.turn(by) as turn:
            turn.load(number)
            turn.permit("accept")
            turn.record("accept", {})
            return turn.answer()

    def reschedule(
        self, by: By, number: str, appointment: Window, *, reason: str, agreed_by: str | None = None,
        force: bool = False,
    ) -> Answer:  # fmt: skip
        """Agree another time with the resident, whose agreement is on record (ASG-3, VIS-4)."""
        told(reason=reason)
        with self.turn(by) as turn:
            window = turn.window(appointment)
            assert window is not None
            order = turn.load(number)
            clash = overlaps(turn, order.assignee, window, order.number) if order.assignee else []
            turn.permit("reschedule", appointment=window, overlapping=clash, force=force, reason=reason)
            said = {"reason": reason, "agreed_by": agreed_by or order.caller, "role": turn.actor.role}
            turn.record("reschedule", {"appointment": _span(window), **said})
            return turn.answer()

    def cancel(self, by: By, number: str, *, reason: str) -> Answer:
        """The order ends without work, with the reason on record."""
        told(reason=reason)
        with self.turn(by) as turn:
            turn.load(number)
            turn.permit("cancel")
            turn.record("cancel", {"reason": reason})
            return turn.answer()

    def correct(self, by: By, number: str, fields: Mapping[str, str], *, reason: str) -> Answer:
        """Correct a mistake: old value, new value, reason and person stay readable (REC-3)."""
        told(reason=reason)
        with self.turn(by) as turn:
            values = {name: _corrected(turn, name, value) for name, value in _named(fields).items()}
            order = turn.load(number)
            if "place" in values:
                values["place_said"] = fields["place"]
            changed = {
                name: {"old": getattr(order, name), "new": value}
                for name, value in values.items()
                if getattr(order, name) != value
            }
            _check_corrections(order, changed)
            turn.permit("correct", fields=changed)
            # Whom a bill is for is finance's, too: it is posted anew, in a month that is still open (FEE-7).
            more: dict[str, Any] = {}
            if "place" in changed and order.postings:
                more["month"] = correction_month(turn, order)
            tells = _tells_of(turn, order, changed)
            if tells:
                more["told"] = tells
            after = turn.record("correct", {"fields": changed, "reason": reason, **more})
            if tells:
                from repairdesk.desk import routing

                routing.tell(turn, tells)
            if "category" in changed:
                _remark_category(turn, after)
            if "priority" in changed and after.priority == "emergency" and after.state in lifecycle.OPEN:
                _remark_emergency(turn)
            answer = turn.answer()
            # As the entry tells it, phones masked.
            entry = next(one for one in reversed(turn.ledger.entries(after.number)) if one.event == "correct")
            answer.doc["corrected"] = shown_entry(entry, turn.rules.zone)["data"]["fields"]
            return answer


def with_phone(turn: Turn, report: Report) -> Report:
    """The report with the phone that it refers to (``intake.refers``), which nobody had to see.

    Raises:
        NotFound: the place has no such phone.
    """
    if not report.phone or not intake.refers(report.phone):
        return report
    from repairdesk.desk import proposing  # whoever names a phone has it in full

    return report._replace(phone=proposing.phone_meant(turn, report.place, report.phone))


def _with_listed(turn: Turn, order: Order, fee: int) -> int:
    """What the resident is told: the reviewed fee with the listed services beside it, as the bill would have them."""
    if not order.services:
        return fee
    from repairdesk.desk import billing

    return billing.quoted(turn.rules_of(order), order, fee)


def _bounds(turn: Turn, order: Order) -> tuple[int, int] | None:
    """What the fee lies between, in fen, where the fee table's ranges are all that is reviewed (QUO-2)."""
    if not order.services or order.beyond_table:
        return None
    from repairdesk.desk import pricing

    rules = turn.rules_of(order)
    return pricing.bounds(pricing.understood(pricing.of_order(order), None, rules.zone), rules.fees)


def take_in(turn: Turn, report: Report, *, new: bool) -> Answer:
    """A checked report becomes an order, or is offered the open one of the same problem (REC-6)."""
    data = understood(turn, report, "intake")
    known = turn.ledger.number_of_external(report.external_id) if report.external_id else None
    if known:
        return _already(turn, known, data)
    if not new:
        _offer_open(turn, data)
    tells = []
    if data["kind"] == "complaint":
        from repairdesk.desk import routing

        tells = routing.to_tell(turn, data["severity"], data["department"])
    order = enter(turn, data | {"told": tells} if tells else data)
    _remark_category(turn, order)
    if order.kind == "complaint":
        routing.remark(turn, data)
        routing.tell(turn, tells)
    if order.priority == "emergency":
        _remark_emergency(turn)
    household = household_of(turn, order.place)
    remark_stranger(turn, household, report)
    answer = turn.answer()
    answer.doc["household"] = household
    return answer


def understood(turn: Turn, report: Report, verb: str) -> dict[str, Any]:
    """What the entry of a checked report would keep; ``verb`` is that of “Who may”. Everything that can be refused is
    refused here, and nothing is written.
    """
    window = turn.window(report.appointment)
    priced = _priced(turn, report)
    department: dict[str, Any] = {}
    if report.kind == "complaint":
        from repairdesk.desk import routing  # most reports are none

        department = routing.routed(turn, report)
    if report.advised and priced["unlisted"]:
        raise UsageError(N_("{one} and {other} exclude each other"), rule="QUO-2", one="--advised", other="--unlisted")
    links: dict[str, Any] = {name: resolve(turn.ledger, value) for name, value in _links(report).items()}
    if _is_tracked(turn, links.get("follows")):
        links["coordinated"] = True
    lifecycle.check_role(verb, None, turn.attempt(verb, {}))
    lifecycle.check_time(None, turn.attempt(verb, {}))
    if window and window[0] < turn.at:
        raise NotAllowed(N_("An appointment lies ahead of the time at which it is made."), rule="INT-5")
    return _report_data(turn, report, window) | department | priced | links


def enter(turn: Turn, data: Mapping[str, Any]) -> Order:
    """Write the new order that ``understood`` made ready."""
    return turn.begin(next_number(turn, "order"), "intake", data)


def _links(report: Report) -> dict[str, str]:
    links = {"follows": report.follows, "found_on": report.found_on}
    return {name: value for name, value in links.items() if value}


def _is_tracked(turn: Turn, number: str | None) -> bool:
    """Whether this is a coordination order on which somebody still works: what follows it is coordinated (COO-1)."""
    doc = turn.ledger.order_doc(number) if number else None
    return doc is not None and doc["state"] == "tracking"


def _priced(turn: Turn, report: Report) -> dict[str, Any]:
    """The services asked for, and what the fee table says of them; what it does not say waits for the review."""
    priced: dict[str, Any] = {
        "services": [], "unlisted": report.unlisted, "beyond_table": report.unlisted, "quote": None,
    }  # fmt: skip
    if report.services:
        from repairdesk.desk import pricing

        asked = pricing.understood(report.services, None, turn.rules.zone)
        unlisted = pricing.needs_review(asked, turn.rules.fees) or report.unlisted
        priced = {
            "services": [{"code": one.code, "quantity": str(one.quantity)} for one in asked],
            "unlisted": unlisted,
            "beyond_table": report.unlisted,
            "quote": None if unlisted else pricing.quote(asked, turn.rules.fees, turn.at),
        }
    return priced


def _report_data(turn: Turn, report: Report, window: tuple[datetime, datetime] | None) -> dict[str, Any]:
    """What the intake entry keeps: what was said, in the desk's forms, and the versions it is judged by (REC-4)."""
    policies = turn.rules.policies
    data: dict[str, Any] = {
        "kind": report.kind,
        "place": intake.told_place(report.place, policies) if report.place else None,
        "place_said": report.place,
        "phone": intake.phone(report.phone) if report.phone else None,
        "priority": report.priority or "regular",
        "severity": report.severity or ("general" if report.kind == "complaint" else None),
        "help_class": report.help_class or ("other" if report.kind == "help" else None),
        "appointment": _span(window) if window else None,
        "affects": [intake.told_place(place, policies) for place in report.affects],
        "policies_version": policies.version,
        "fees_version": turn.rules.fees_version,
    }
    for name in ("purchased", "warranty_until"):
        said = getattr(report, name)
        data[name] = intake.day(said) if said is not None else None
    if report.letter_only:
        data["letter_only"] = True
    plain = "caller fault category channel model external_id advised anonymous".split()
    return data | {name: getattr(report, name) for name in plain}


def still_open(turn: Turn, data: Mapping[str, Any]) -> list[Doc]:
    """The open orders of the same place and category; no category matches nothing (REC-6)."""
    if not data["category"] or not data["place"]:
        return []
    docs = turn.ledger.open_at(data["place"], data["category"])
    return [doc for doc in docs if doc["number"] != data.get("follows")]


def numbers_still_open(turn: Turn, data: Mapping[str, Any]) -> list[str]:
    """The numbers alone of ``still_open``."""
    if not data["category"] or not data["place"]:
        return []
    found = turn.ledger.open_numbers_at(data["place"], data["category"])
    return [number for number in found if number != data.get("follows")]


def _offer_open(turn: Turn, data: Mapping[str, Any]) -> None:
    """The desk is offered the open order; a script says which it means."""
    found = still_open(turn, data)
    if not found:
        return
    candidates = [shown(doc, turn.now, turn.rules.zone) for doc in found]
    raise NotAllowed(
        N_("{place} has an open order of the same category ({numbers}); say --join NUMBER or --new"),
        rule="REC-6",
        extra={"candidates": candidates},
        place=data["place"],
        numbers=[doc["number"] for doc in found],
    )


def changed_since(turn: Turn, number: str, data: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What a report says otherwise than the one that made this order did: the old and the new value by field.

    What the order became by later corrections does not count, nor what the rules made of the same words. A time is
    compared only where one was said.
    """
    first = turn.ledger.entries(number)[0]
    if first.data.get("external_id") != data["external_id"]:
        return {}  # It joined this order: what it said then made no order of its own.
    if first.data.get("purged"):
        return {}  # It was here; what it said then nobody can know any more (RET-3).
    derived = {"policies_version", "fees_version", "quote", "place_said", "routed_by", "because"}
    if "routed_by" in data or data.get("department") is None:
        derived.add("department")  # Nobody said one: what is proposed is the policies' word, and may be another by now.
    changed = {
        name: (first.data.get(name), value)
        for name, value in data.items()
        if name not in derived and first.data.get(name) != value
    }
    if "phone" in changed and _digits(changed["phone"][0]) == _digits(changed["phone"][1]):
        del changed["phone"]
    if first.data.get("place_said") == data["place_said"]:
        changed.pop("place", None)
    if turn.by.at is not None and first.occurred_at != turn.at:
        changed["reported_at"] = (stamp(first.occurred_at), stamp(turn.at))
    return changed


def _digits(phone: str | None) -> str:
    """A phone without what people put between its digits."""
    return "".join(character for character in phone or "" if character not in " -()")


def _already(turn: Turn, number: str, data: Mapping[str, Any]) -> Answer:
    """The same report of another system, sent again, is the order that it made; a different one is refused."""
    if changed_since(turn, number, data):
        raise NotAllowed(
            N_("{external_id} is {number} already, with another content"),
            external_id=data["external_id"],
            number=number,
        )
    turn.load(number, purged=True)
    turn.remark(N_("{external_id} was taken in before, as {number}"), external_id=data["external_id"], number=number)
    return turn.answer()


def correction_month(turn: Turn, order: Order) -> str:
    """The month in which a correction of an archived order's bill stands: its own, or the first still open (FEE-7)."""
    return finance.open_month(order.postings[-1].month, turn.ledger.last_handed_over())


def next_number(turn: Turn, series: str) -> str:
    """The next number of the day on which it was reported, in the desk's zone: ``P20261122-0007``.

    That of one of several sites on a server has the site's name before it: ``EAST-P20261122-0007``.
    """
    day = turn.at.astimezone(turn.rules.zone).date()
    prefix = f"{turn.ledger.prefix}{turn.rules.policies.numbering[series]}{day.year:04}{day.month:02}{day.day:02}"
    return f"{prefix}-{turn.ledger.next_serial(prefix):04}"


def _span(window: tuple[datetime, datetime]) -> dict[str, str]:
    return {"start": stamp(window[0]), "end": stamp(window[1])}


def _remark_emergency(turn: Turn) -> None:
    """An emergency is told at once, and the desk sees to whom (INT-7)."""
    from repairdesk.desk.roster import alarm

    if people := alarm(turn):
        turn.remark(N_("an emergency: tell {people} now"), people=[Word(one) for one in people])


def _tells_of(turn: Turn, order: Order, changed: Mapping[str, Any]) -> list[str]:
    """Who hears at once that a complaint is graver than it was said to be, or another department's (LY 5·4.3)."""
    if order.kind != "complaint" or not {"severity", "department"} & set(changed):
        return []
    from repairdesk.desk import routing

    now = {name: changed[name]["new"] if name in changed else getattr(order, name) for name in _ROUTED}
    return routing.to_tell(turn, now["severity"], now["department"], order.told)


_ROUTED = ("severity", "department")


def _graver(said: str | None, known: str | None) -> bool:
    """Whether a further caller calls the matter graver than it stands there."""
    rank = SEVERITIES.index
    return said is not None and rank(said) > rank(known or SEVERITIES[0])


def _remark_other_matter(turn: Turn, order: Order, report: Report) -> None:
    """Told to several departments it stays one record, with the department that it has (REC-6)."""
    if report.department and report.department != order.department:
        turn.remark(
            N_("{number} stays with {department}: correct its department if it is another's"),
            number=order.number, department=order.department or Word("nobody"),
        )  # fmt: skip


def overlaps(turn: Turn, technician: str | None, window: tuple[datetime, datetime] | None, number: str) -> list[str]:
    """The other orders on which the technician is expected within the window; half-open (ASG-3)."""
    if technician is None or window is None:
        return []
    start, end = stamp(window[0]), stamp(window[1])
    expected = turn.ledger.expected(technician)
    return [other for other, begins, ends in expected if other != number and begins < end and start < ends]


def _check_corrections(order: Order, changed: Mapping[str, Any]) -> None:
    """A correction takes nothing that intake or signing would have refused.

    Raises:
        UsageError: the field belongs to another kind of order (INT-3). NotAllowed: nobody signed (FIN-3).
    """
    if "severity" in changed and order.kind != "complaint":
        raise UsageError(N_("a severity belongs to a complaint"), rule="INT-3")
    if "department" in changed and order.kind != "complaint":
        raise UsageError(N_("a department belongs to a complaint"), rule="INT-3")
    if "help_class" in changed and order.kind != "help":
        raise UsageError(N_("a class belongs to a help request"), rule="INT-3")
    if "signed_by" in changed and order.signed_by is None:
        raise NotAllowed(N_("{number} has no signature to correct"), rule="FIN-3", number=order.number)


def with_category(turn: Turn, report: Report) -> Report:
    """The report with the code of a category that was called by its name."""
    known = turn.rules.policies.categories
    if not report.category or report.category in known:
        return report
    from repairdesk.desk import near

    return report._replace(category=near.category(known, report.category))


def _remark_category(turn: Turn, order: Order) -> None:
    """A category that the policies do not have is taken as said: it asks for no trade, and may be a slip."""
    known, category = turn.rules.policies.categories, order.category
    if not category or category in known:
        return
    from repairdesk.desk import near

    meant = near.categories(known, category)
    said = {"category": category, "number": order.number}
    if meant:
        turn.remark(
            N_("the policies have no category {category}; did you mean {near}? "
               "correct {number} category={code} --reason R"),
            **said, near=[f"{code} {known[code].name}" for code in meant], code=meant[0],
        )  # fmt: skip
    else:
        names = [f"{code} {one.name}" for code, one in known.items()]
        turn.remark(N_("the policies have no category {category}; they have: {known}; "
                       "correct {number} category=CODE --reason R"), **said, known=names)  # fmt: skip


def _remark_unfit(turn: Turn, person: Person, order: Order) -> None:
    """The trade that the category asks for, and duty: the desk is warned, and may go on (ASG-5)."""
    category = turn.rules_of(order).policies.categories.get(order.category or "")
    if category and category.trade and category.trade not in person.trades:
        turn.remark(
            N_("{who} does not have the trade {trade} that {category} asks for"),
            who=person.id,
            trade=category.trade,
            category=category.name,
        )
    if turn.ledger.roster_is_kept() and not person.on_duty(turn.at):
        turn.remark(N_("{who} is not on duty at {at}"), who=person.id, at=turn.at)


_ALIASES = {"class": "help_class"}


def _named(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields by their inner names.

    Raises:
        UsageError: a field cannot be corrected.
    """
    if "bill" in fields:
        raise UsageError(N_("a bill is not edited: rebill reverses it and puts another in its place"), rule="FEE-8")
    named = {_ALIASES.get(name, name): value for name, value in fields.items()}
    strange = [name for name in named if name not in CORRECTABLE]
    if strange:
        known = ["class" if name == "help_class" else name for name in CORRECTABLE]
        raise UsageError(N_("{names} cannot be corrected; choose: {known}"), rule="REC-3", names=strange, known=known)
    return named


def _corrected(turn: Turn, name: str, value: str) -> str:
    """A corrected value, in the form that intake would have given it."""
    if not value.strip():
        raise UsageError(N_("{name} needs a value"), rule="REC-3", name=name)
    if name == "place":
        return intake.told_place(value, turn.rules.policies)
    if name == "phone":
        return intake.phone(value)
    if name in ("purchased", "warranty_until"):
        return intake.day(value)
    if name == "department":
        from repairdesk.desk import routing

        return routing.known_department(turn, value)
    if name in ("priority", "severity", "help_class", "channel"):
        return intake.choice(name, value)
    if name == "category":
        from repairdesk.desk import near

        return near.category(turn.rules.policies.categories, value)
    return value
