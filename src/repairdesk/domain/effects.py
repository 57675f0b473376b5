"""What each entry makes of an order.

``fold`` is the only way to an order: every command folds the entries before it decides, and ``verify`` folds them again
to prove that what is stored is what they say (REC-5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from repairdesk.domain import finance
from repairdesk.domain import obligations as owed
from repairdesk.domain.entry import Entry
from repairdesk.domain.finance import Payment, Posting
from repairdesk.domain.order import Before, Caller, Consent, Json, Order, Taken, Visit
from repairdesk.domain.staff import SYSTEM
from repairdesk.domain.times import from_iso, iso_utc
from repairdesk.domain.vocabulary import LOW_RATINGS
from repairdesk.errors import N_, Damaged


def fold(entries: Iterable[Entry], until: datetime | None = None) -> Order | None:
    """The order that the entries tell; ``until`` takes only what had happened by then (``show --as-of``).

    Raises:
        Damaged: an entry does not say what its event does; whoever goes around the program can write such a one.
    """
    order: Order | None = None
    for entry in entries:
        if until is None or entry.occurred_at <= until:
            try:
                order = apply(order, entry)
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                raise Damaged(N_("entry {seq} of {number} cannot be read"), seq=entry.seq,
                              number=entry.number) from error  # fmt: skip
    return order


def apply(order: Order | None, entry: Entry) -> Order:
    """The order after one more entry."""
    if order is None:
        fresh = _FIRST[entry.event](entry)
        if entry.data.get("purged"):
            fresh = fresh._replace(purged=entry.data["purged"])
    else:
        fresh = _EFFECTS[entry.event](order, entry)
    last = max(fresh.last_done_at, entry.occurred_at) if _binds(entry) else fresh.last_done_at
    if entry.data.get("voids"):
        fresh = fresh._replace(voided=(*fresh.voided, entry.data["voids"]), suspended=None)
    if entry.data.get("ends"):
        # Of what was never filed there the last that is known is the end, and from then on it is kept so long (RET-1).
        ended = fresh.ended_at or (None if fresh.archived_at else entry.occurred_at)
        fresh = fresh._replace(ended_there=True, ended_at=ended)
    held = owed.apply(fresh.obligations, entry.data.get("obligations", ()))
    return fresh._replace(version=entry.version, last_done_at=last, obligations=held)


def _binds(entry: Entry) -> bool:
    """Whether nothing may happen before it from now on (REC-2): not what the program itself did, and not a scan, which
    tells nothing of the work (the slip comes back before the clerk has typed what it says)."""
    return entry.actor != SYSTEM and entry.event != "attach"


def _window(data: Json) -> tuple[datetime, datetime] | None:
    window = data.get("appointment")
    return (from_iso(window["start"]), from_iso(window["end"])) if window else None


_INTAKE_FIELDS = (
    "priority severity department help_class category channel place place_said caller phone fault model purchased "
    "warranty_until follows found_on external_id quote"
).split()


_INHERITED = "priority severity category place place_said caller phone fault".split()


def _plain(data: Json, names: Iterable[str]) -> dict[str, Any]:
    return {name: data.get(name) for name in names}


def _intake(entry: Entry) -> Order:
    data = entry.data
    return Order(
        number=entry.number,
        kind=data["kind"],
        state="advised" if data.get("advised") else "reported",
        version=entry.version,
        reported_at=entry.occurred_at,
        last_done_at=entry.occurred_at,
        clerk=entry.actor,
        policies_version=data["policies_version"],
        fees_version=data["fees_version"],
        anonymous=bool(data.get("anonymous")),
        letter_only=bool(data.get("letter_only")),
        told=tuple(data.get("told", ())),
        unlisted=bool(data.get("unlisted")),
        beyond_table=bool(data.get("beyond_table")),
        appointment=_window(data),
        affects=tuple(data.get("affects", ())),
        services=tuple(data.get("services", ())),
        ended_at=entry.occurred_at if data.get("advised") else None,
        imported=bool(data.get("imported")),
        **_plain(data, _INTAKE_FIELDS),
    )


def _as_found(entry: Entry) -> Order:
    """What another system said of an order, so that the rules refuse it: it stands as it stood there."""
    data = entry.data
    times: dict[str, Any] = {name: from_iso(text) for name, text in data["times"].items()}
    bill = _frozen(data["bill"], entry) if data["bill"] else None
    return _intake(entry)._replace(
        as_found=True,
        ended_there=True,
        state=data["state"],
        old=data["old"],
        bill=bill,
        **times,
        **_plain(data, ("found", "result", "rating", "signed_by", "ended_reason")),
    )


def _open(entry: Entry) -> Order:
    """The first entry of a coordination order: it takes over what its order knew (COO-1)."""
    data = entry.data
    return Order(
        number=entry.number,
        kind=data["kind"],
        state="tracking",
        version=entry.version,
        reported_at=entry.occurred_at,
        last_done_at=entry.occurred_at,
        clerk=entry.actor,
        policies_version=data["policies_version"],
        fees_version=data["fees_version"],
        converted_from=data["converted_from"],
        tracker=data["tracker"],
        trackers=(data["tracker"],),
        **_plain(data, _INHERITED),
    )


def _join(order: Order, entry: Entry) -> Order:
    data = entry.data
    caller = Caller(data.get("caller"), data.get("phone"), entry.occurred_at, data.get("external_id"))
    return order._replace(callers=(*order.callers, caller), external_id=order.external_id or data.get("external_id"))


def _quote(order: Order, entry: Entry) -> Order:
    # On site a quote is a fact of the order; before assignment the fee has a state of its own to wait in.
    state = "quoted" if order.state == "reported" else order.state
    fee = entry.data["fee"]
    # Listed services stand beside the reviewed work: the resident is told what all of it comes to (QUO-1).
    return order._replace(state=state, quote=entry.data.get("total", fee), reviewed=fee)


def _consent(order: Order, entry: Entry) -> Order:
    state = "reported" if order.state == "quoted" else order.state
    fee = entry.data["fee"]
    if order.bill is not None:
        # The work is done: what is agreed to now only makes room for a corrected bill (FEE-8).
        return order._replace(consent=Consent(fee, entry.occurred_at))
    # Work that was reviewed is billed at the fee that was agreed to, whatever is quoted afterwards.
    covered = order.reviewed if order.reviewed is not None and fee >= order.reviewed else order.agreed_review
    # On site the sum that is named is the new price of what was found (QUO-4); before, the quote stands as it was.
    quote = fee if order.visits and order.quote is not None else order.quote
    return order._replace(state=state, quote=quote, consent=Consent(fee, entry.occurred_at), agreed_review=covered)


def _ending(state: str) -> Callable[[Order, Entry], Order]:
    def effect(order: Order, entry: Entry) -> Order:
        ended = _visit_over(order, entry)
        return ended._replace(state=state, ended_reason=entry.data["reason"], ended_at=entry.occurred_at)

    return effect


def _assign(order: Order, entry: Entry) -> Order:
    technician = entry.data["assignee"]
    return order._replace(
        state="assigned",
        assignee=technician,
        assignees=(*order.assignees, technician),
        accepted_at=None,
        ended_at=None,
    )


def _retrack(order: Order, entry: Entry) -> Order:
    tracker = entry.data["tracker"]
    return order._replace(tracker=tracker, trackers=(*order.trackers, tracker))


def _accept(order: Order, entry: Entry) -> Order:
    return order._replace(accepted_at=entry.occurred_at)


def _arrive(order: Order, entry: Entry) -> Order:
    late = entry.data.get("late_seconds")
    visit = Visit(entry.actor, entry.occurred_at, None, None, late, bool(entry.data.get("late_apart")))
    return order._replace(
        state="on_site",
        arrived_at=order.arrived_at or entry.occurred_at,
        found=entry.data.get("found") or order.found,
        visits=(*order.visits, visit),
    )


def _absent(order: Order, entry: Entry) -> Order:
    return order._replace(attempts=(*order.attempts, entry.occurred_at))


def _start(order: Order, entry: Entry) -> Order:
    if order.running_visit is None:
        order = _arrive(order, entry)
    begun = order.visits[-1]._replace(
        started_at=entry.occurred_at,
        checks=tuple(entry.data.get("checks", ())),
        agreed_by=entry.data.get("agreed_by"),
    )
    return order._replace(
        state="on_site", found=entry.data.get("found") or order.found, visits=(*order.visits[:-1], begun)
    )


def _visit_over(order: Order, entry: Entry) -> Order:
    """Whatever ends the stay ends the visit; the checklist points ticked then count for it (VIS-3)."""
    visit = order.running_visit
    if visit is None:
        return order
    checks = dict.fromkeys((*visit.checks, *entry.data.get("checks", ())))
    over = visit._replace(ended_at=entry.occurred_at, checks=tuple(checks))
    return order._replace(visits=(*order.visits[:-1], over))


def _pause(order: Order, entry: Entry) -> Order:
    data = entry.data
    things = tuple(Taken(t["item"], t.get("loaner"), entry.occurred_at) for t in data.get("taken", ()))
    note = {
        "at": data["at"],
        "reason": data["reason"],
        "next": data["next"],
        "note": data.get("note"),
        "by": entry.actor,
        "major": bool(data.get("major")),
        "told": list(data.get("told", ())),
    }
    over = _visit_over(order, entry)
    return over._replace(
        state="paused",
        pauses=(*order.pauses, note),
        taken=(*order.taken, *things),
        damages=(*order.damages, *data.get("damages", ())),
    )


def _reschedule(order: Order, entry: Entry) -> Order:
    return order._replace(appointment=_window(entry.data))


def _unchanged(order: Order, entry: Entry) -> Order:
    """The entry itself is the record: asked-for support, a settled coordination."""
    return order


def _returned(order: Order, entry: Entry) -> Order:
    items = set(entry.data["items"])
    back = tuple(
        t._replace(returned_at=entry.occurred_at) if t.item in items and t.returned_at is None else t
        for t in order.taken
    )
    return order._replace(taken=back)


def _finish(order: Order, entry: Entry) -> Order:
    data = entry.data
    over = _visit_over(order, entry)
    return over._replace(
        state="finished",
        found=data.get("found") or order.found,
        result=data["result"],
        bill=_frozen(data["bill"], entry) if data.get("bill") else None,
        refusals=tuple(data.get("refusals", ())),
        follow_up=tuple(data.get("follow_up") or ()),
        called_before=len(order.callbacks),
        damages=(*order.damages, *data.get("damages", ())),
        finished_at=entry.occurred_at,
        finished_there=bool(data.get("imported")),
    )


def _frozen(bill: Json, entry: Entry) -> Json:
    return {**bill, "frozen_at": iso_utc(entry.occurred_at)}


def _rebill(order: Order, entry: Entry) -> Order:
    """The bill is reversed, and another takes its place; both stay on record (FEE-8)."""
    data = entry.data
    assert order.bill is not None
    at, why = iso_utc(entry.occurred_at), data["reason"]
    before = {**order.bill, "reversed_at": at, "reversed_by": entry.actor, "reason": why}
    after = order._replace(bill=_frozen(data["bill"], entry), reversed_bills=(*order.reversed_bills, before))
    return _posted_anew(after, entry)


def _posted_anew(order: Order, entry: Entry) -> Order:
    """What finance has of an archived order is reversed and posted as it is now."""
    if not order.postings or order.bill is None:
        return order
    data, bill = entry.data, order.bill
    postings = finance.replaced(
        order.postings, data["month"], order.place, bill["total"], bill["paid"], entry.occurred_at, data["reason"]
    )
    return order._replace(postings=postings)


def _pay(order: Order, entry: Entry) -> Order:
    data = entry.data
    sign = -1 if entry.event == "refund" else 1
    payment = Payment(
        sign * data["amount"], data["method"], data["receipt"], entry.occurred_at, entry.actor, data.get("reason")
    )
    return order._replace(payments=(*order.payments, payment), invoice=data.get("invoice") or order.invoice)


def _sign(order: Order, entry: Entry) -> Order:
    data = entry.data
    return order._replace(
        state="signed",
        signed_at=entry.occurred_at,
        invoice=data.get("invoice") or order.invoice,
        rating=data.get("rating"),
        # A good rating leaves a call about uncertain work what it was; a low one asks for another (CAL-2).
        called_before=len(order.callbacks) if data.get("rating") in LOW_RATINGS else order.called_before,
        signed_by=data.get("by"),
        unsigned_reason=data.get("unsigned_reason"),
    )


def _close(order: Order, entry: Entry) -> Order:
    return order._replace(state="closed", closed_by=entry.actor)


def _archive(order: Order, entry: Entry) -> Order:
    month, bill = entry.data.get("month"), order.bill
    postings: tuple[Posting, ...] = ()
    if month and bill:
        at = entry.occurred_at
        postings = (Posting(month, finance.BILL, order.place, bill["total"], bill["paid"], at, month),)
    # What another system filed was called back there, or not; here it is not drawn (CAL-2).
    seq = None if entry.data.get("imported") else entry.seq
    return order._replace(state="archived", archived_at=entry.occurred_at, archived_seq=seq, postings=postings)


def _correct(order: Order, entry: Entry) -> Order:
    values = {name: change["new"] for name, change in entry.data["fields"].items()}
    corrected = order._replace(**values, told=(*order.told, *entry.data.get("told", ())))
    # Whoever was billed for somebody else's work gets it back, and the right household is billed (FEE-7).
    return _posted_anew(corrected, entry) if "month" in entry.data else corrected


def _exempt(order: Order, entry: Entry) -> Order:
    return order._replace(exempt=entry.data["reason"])


def _convert(order: Order, entry: Entry) -> Order:
    over = _visit_over(order, entry)
    by_night = entry.actor == SYSTEM
    before = Before(order.state, order.visits, order.ended_at, order.obligations) if by_night else None
    return over._replace(
        state="converted",
        coordination=entry.data["coordination"],
        ended_at=entry.occurred_at,
        before=before,
        suspended=None,
    )


def unconverted(order: Order) -> Order:
    """The order as it would stand if the nightly run had not converted it; its obligations are as they are (REC-2)."""
    assert order.before is not None
    assert order.coordination is not None
    before = order.before
    return order._replace(
        state=before.state,
        visits=before.visits,
        ended_at=before.ended_at,
        coordination=None,
        before=None,
        suspended=order.coordination,
    )


def _revert(order: Order, entry: Entry) -> Order:
    return unconverted(order)


def _void(order: Order, entry: Entry) -> Order:
    """A coordination order that was opened before it was known what had happened; it stays on record (REC-2)."""
    return order._replace(state="cancelled", ended_reason=entry.data["reason"], ended_at=entry.occurred_at)


def _callback(order: Order, entry: Entry) -> Order:
    data = entry.data
    kept = {name: data[name] for name in ("outcome", "method", "signed_by", "note", "next")}
    call = {"at": data["at"], "by": entry.actor, "role": data.get("role"), **kept}
    call |= {"letter": data.get("letter"), "text": data.get("text"), "seq": entry.seq}
    return order._replace(callbacks=(*order.callbacks, call))


def _hear(order: Order, entry: Entry) -> Order:
    said = {"at": entry.data["at"], "by": entry.actor, "role": entry.data["role"], "said": entry.data["said"]}
    return order._replace(heard=(*order.heard, said))


def _settle(order: Order, entry: Entry) -> Order:
    data = entry.data
    return order._replace(settled={"at": data["at"], "by": entry.actor, "reason": data["reason"], "seq": entry.seq})


def _explain(order: Order, entry: Entry) -> Order:
    data = entry.data
    kept = {name: data[name] for name in ("at", "reason", "expected", "to")}
    return order._replace(explained=(*order.explained, {**kept, "by": entry.actor, "role": data["role"]}))


def _recheck(order: Order, entry: Entry) -> Order:
    data = entry.data
    kept = {name: data[name] for name in ("at", "outcome", "note")}
    return order._replace(rechecks=(*order.rechecks, {**kept, "by": entry.actor}))


def _settle_remark(order: Order, entry: Entry) -> Order:
    data = entry.data
    done = {"at": data["at"], "by": entry.actor, "note": data["note"], "seq": entry.seq}
    return order._replace(remarks_settled=(*order.remarks_settled, done))


def _log(order: Order, entry: Entry) -> Order:
    data = entry.data
    kept = {name: data[name] for name in ("place", "contact", "phone", "content", "opinions", "plan")}
    return order._replace(logs=(*order.logs, {"at": data["at"], "tracker": entry.actor, **kept}))


def _check(order: Order, entry: Entry) -> Order:
    data = entry.data
    check = {"at": data["at"], "by": entry.actor, "role": data["role"], "support": data["support"]}
    return order._replace(checks=(*order.checks, check))


def _attach(order: Order, entry: Entry) -> Order:
    data = entry.data
    kept = {name: data[name] for name in ("name", "what", "media_type", "bytes", "sha256", "file", "at")}
    attached = {**kept, "by": entry.actor, "note": data["note"]}
    return order._replace(attachments=(*order.attachments, attached))


_EFFECTS: Mapping[str, Callable[[Order, Entry], Order]] = {
    "join": _join,
    "quote": _quote,
    "consent": _consent,
    "decline": _ending("declined"),
    "infeasible": _ending("cancelled"),
    "cancel": _ending("cancelled"),
    "assign": _assign,
    "retrack": _retrack,
    "accept": _accept,
    "arrive": _arrive,
    "absent": _absent,
    "start": _start,
    "pause": _pause,
    "reschedule": _reschedule,
    "support": _unchanged,
    "returned": _returned,
    "finish": _finish,
    "rebill": _rebill,
    "pay": _pay,
    "refund": _pay,
    "sign": _sign,
    "close": _close,
    "archive": _archive,
    "correct": _correct,
    "exempt": _exempt,
    "convert": _convert,
    "settled": _unchanged,
    "escalate": _unchanged,
    "revert": _revert,
    "void": _void,
    "callback": _callback,
    "hear": _hear,
    "settle": _settle,
    "explain": _explain,
    "recheck": _recheck,
    "settle-remark": _settle_remark,
    "log": _log,
    "check": _check,
    "attach": _attach,
    "taken-over": _unchanged,
}
_FIRST: Mapping[str, Callable[[Entry], Order]] = {"intake": _intake, "open": _open, "as-found": _as_found}
EVENTS = (*_FIRST, *_EFFECTS)
"""Every entry that an order can have."""
