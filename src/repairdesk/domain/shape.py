"""An order as a JSON document: the shape of the contract.

``to_doc`` depends on the entries alone, so it is what the projection stores and ``verify`` compares. ``shown`` adds
what depends on the moment and the reader: the state of each obligation, the desk's offset, masked phones.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from operator import attrgetter
from typing import Any

from repairdesk.domain import masking
from repairdesk.domain.entry import Entry
from repairdesk.domain.finance import Payment, Posting
from repairdesk.domain.money import yuan
from repairdesk.domain.obligations import Obligation, Stop
from repairdesk.domain.order import Order, Visit
from repairdesk.domain.times import from_iso, iso_utc, local_iso

Doc = dict[str, Any]

_PLAIN = (
    "number kind state version priority severity department category channel place place_said caller phone anonymous "
    "fault found result model purchased warranty_until unlisted follows found_on external_id assignee rating signed_by "
    "unsigned_reason invoice closed_by ended_reason exempt coordination converted_from clerk policies_version "
    "fees_version handling_seconds paid"
).split()
_PLAIN_OF = attrgetter(*_PLAIN)
_TIMES = "reported_at accepted_at arrived_at finished_at signed_at archived_at ended_at last_done_at".split()
_TIMES_OF = attrgetter(*_TIMES)


def _utc(moment: datetime | None) -> str | None:
    return iso_utc(moment) if moment else None


def _window(window: tuple[datetime, datetime] | None) -> Doc | None:
    return {"start": iso_utc(window[0]), "end": iso_utc(window[1])} if window else None


def _visit(visit: Visit) -> Doc:
    return {
        "technician": visit.technician,
        "arrived_at": iso_utc(visit.arrived_at),
        "started_at": _utc(visit.started_at),
        "ended_at": _utc(visit.ended_at),
        "late_seconds": visit.late_seconds,
        "late_apart": visit.late_apart,
        "checks": list(visit.checks),
        "agreed_by": visit.agreed_by,
    }


def owner(obligation: Obligation, order: Order) -> str:
    """Who owes it now: a staff id, or a role; a reassigned order takes its obligations to the new assignee."""
    if obligation.owner == "clerk":
        return order.clerk or "clerk"
    if obligation.owner == "assignee":
        return order.assignee or order.tracker or "technician"
    return (obligation.owner == "tracker" and order.tracker) or obligation.owner


def _obligation(obligation: Obligation, order: Order) -> Doc:
    return {
        "name": obligation.name,
        "cycle": obligation.cycle,
        "id": obligation.id,
        "rule": obligation.rule,
        "owner": owner(obligation, order),
        "starts_at": iso_utc(obligation.starts_at),
        "due_at": iso_utc(obligation.due_at),
        "met_at": _utc(obligation.met_at),
        "void_at": _utc(obligation.void_at),
        "stops": [{"reason": s.reason, "since": iso_utc(s.since), "until": _utc(s.until)} for s in obligation.stops]
        if obligation.stops
        else [],
        "level": obligation.level,
        "next_at": _utc(obligation.next_at),
        "provisional": obligation.provisional,
        "times": obligation.times,
        "done": obligation.done,
    }


def to_doc(order: Order) -> Doc:
    """The order as plain JSON, times in UTC, money as the contract writes it."""
    doc: Doc = dict(zip(_PLAIN, _PLAIN_OF(order), strict=True))
    for name, moment in zip(_TIMES, _TIMES_OF(order), strict=True):
        doc[name] = iso_utc(moment) if moment else None
    doc["class"] = order.help_class
    doc["appointment"] = _window(order.appointment)
    doc["follow_up"] = list(order.follow_up)
    doc["affects"] = list(order.affects)
    doc["assignees"] = list(order.assignees)
    doc["services"] = [dict(s) for s in order.services]
    doc["quote"] = None if order.quote is None else yuan(order.quote)
    doc["reviewed"] = order.reviewed is not None
    doc["consent"] = {"fee": yuan(order.consent.fee), "at": iso_utc(order.consent.at)} if order.consent else None
    doc["callers"] = [
        {"name": c.name, "phone": c.phone, "at": iso_utc(c.at), "external_id": c.external_id} for c in order.callers
    ]
    doc["visits"] = [_visit(v) for v in order.visits]
    doc["attempts"] = [iso_utc(at) for at in order.attempts]
    doc["pauses"] = [dict(p) for p in order.pauses]
    doc["taken"] = [
        {"item": t.item, "loaner": t.loaner, "taken_at": iso_utc(t.taken_at), "returned_at": _utc(t.returned_at)}
        for t in order.taken
    ]
    doc["damages"] = [{**d, "compensation": _money(d.get("compensation"))} for d in order.damages]
    doc["refusals"] = [dict(refusal) for refusal in order.refusals]
    doc["bill"] = bill_doc(order.bill) if order.bill else None
    doc["reversed_bills"] = [_reversed(bill) for bill in order.reversed_bills]
    doc["billed_in"] = order.postings[0].month if order.postings else None
    doc["postings"] = [_posting(p) for p in order.postings]
    doc["payments"] = [_payment(p) for p in order.payments]
    doc["received"] = yuan(order.received)
    doc["open_amount"] = yuan(order.open_amount)
    doc["callbacks"] = [dict(one) for one in order.callbacks]
    doc["heard"] = [dict(one) for one in order.heard]
    doc["settled"] = dict(order.settled) if order.settled else None
    doc["letter_only"] = order.letter_only
    doc["attachments"] = [dict(one) for one in order.attachments]
    doc["told"] = list(order.told)
    doc["explained"] = [dict(one) for one in order.explained]
    doc["rechecks"] = [dict(one) for one in order.rechecks]
    doc["remarks_settled"] = [dict(one) for one in order.remarks_settled]
    doc["voided"] = list(order.voided)
    doc["suspended"] = order.suspended
    doc["purged"] = dict(order.purged) if order.purged else None
    doc["imported"], doc["as_found"] = order.imported, order.as_found
    doc["obligations"] = [_obligation(o, order) for o in order.obligations]
    if order.old is not None:
        doc["old"] = dict(order.old)
    if order.is_coordination:
        doc["tracker"] = order.tracker
        doc["logs"] = [dict(entry) for entry in order.logs]
        doc["checks"] = [dict(check) for check in order.checks]
    return doc


def _money(amount: int | None) -> str | None:
    return None if amount is None else yuan(amount)


def bill_doc(bill: Mapping[str, Any]) -> Doc:
    """A frozen bill without what it was made of, which stays in its entry."""
    lines = [{**line, "unit_price": yuan(line["unit_price"]), "amount": yuan(line["amount"])} for line in bill["lines"]]
    return {"lines": lines, "total": yuan(bill["total"]), "frozen_at": bill["frozen_at"]}


def _reversed(bill: Mapping[str, Any]) -> Doc:
    said = {name: bill[name] for name in ("reversed_at", "reversed_by", "reason")}
    return {**bill_doc(bill), **said}


def _posting(posting: Posting) -> Doc:
    same = "month kind place chargeable of reason".split()
    kept = {name: getattr(posting, name) for name in same}
    return {**kept, "amount": yuan(posting.amount), "at": iso_utc(posting.at)}


def _payment(payment: Payment) -> Doc:
    kept = {name: getattr(payment, name) for name in "method receipt by reason".split()}
    return {**kept, "amount": yuan(payment.amount), "at": iso_utc(payment.at)}


_MOMENTS = frozenset(
    (
        *_TIMES,
        *"at start end next next_at expected since until from to started_at starts_at due_at met_at void_at".split(),
        *"taken_at returned_at frozen_at reversed_at occurred_at recorded_at".split(),
        *"assigned_at closed_at cancelled_at".split(),
    )
)
_HIDDEN = ("id", "next_at")


def shown(doc: Mapping[str, Any], now: datetime, zone: tzinfo, *, reveal: bool = False) -> Doc:
    """The document as it is answered: local times, the state of each obligation at ``now``, phones masked.

    Of a document that lacks some of its keys, as a table has no use for them, they are lacking in the answer, too.
    """
    out: Doc = _local(doc, zone, reveal)
    if "attempts" in out:
        out["attempts"] = [local_iso(from_iso(at), zone) for at in doc["attempts"]]
    if "obligations" in out:
        out["obligations"] = [
            _owed_then(one, raw, now) for one, raw in zip(out["obligations"], doc["obligations"], strict=True)
        ]
    return out


def _owed_then(shown_one: Doc, raw: Mapping[str, Any], now: datetime) -> Doc:
    """An obligation at ``now``: what was met later (registering, by being written down) was not met yet."""
    kept = {name: value for name, value in shown_one.items() if name not in _HIDDEN}
    if raw["met_at"] is not None and from_iso(raw["met_at"]) > now:
        raw, kept["met_at"] = {**raw, "met_at": None}, None
    return {**kept, "state": state_of(raw, now)}


def state_of(raw: Mapping[str, Any], now: datetime) -> str:
    """The state at ``now`` of an obligation that is still in its stored form."""
    return _revive(raw).state(now)


def _revive(raw: Mapping[str, Any]) -> Obligation:
    def at(text: str | None) -> datetime | None:
        return from_iso(text) if text else None

    stops = tuple(Stop(s["reason"], from_iso(s["since"]), at(s["until"])) for s in raw["stops"])
    starts, due = from_iso(raw["starts_at"]), from_iso(raw["due_at"])
    return Obligation(
        raw["id"], raw["name"], raw["cycle"], raw["rule"], raw["owner"], starts, due, at(raw["met_at"]),
        at(raw["void_at"]), stops, raw["level"], at(raw["next_at"]), raw["provisional"], raw["times"], raw["done"],
    )  # fmt: skip


def shown_staff(doc: Mapping[str, Any], zone: tzinfo) -> Doc:
    """A staff record as it is answered, in local times."""
    out: Doc = _local(doc, zone, reveal=True)
    return out


def shown_entry(entry: Entry, zone: tzinfo, *, reveal: bool = False) -> Doc:
    """An entry of the journal as it is answered (``show --entries``)."""
    return {
        "seq": entry.seq,
        "number": entry.number,
        "event": entry.event,
        "actor": entry.actor,
        "keyboard": entry.keyboard,
        "occurred_at": local_iso(entry.occurred_at, zone),
        "recorded_at": local_iso(entry.recorded_at, zone),
        "late": entry.late,
        "data": _told(entry, zone, reveal),
    }


def _told(entry: Entry, zone: tzinfo, reveal: bool) -> Doc:
    if entry.event == "pin-set":
        return {}  # What is kept of a PIN is for nobody to read: six digits are soon tried out.
    # Rules are no words of residents, and the days of a calendar would pass for phones.
    bare = reveal or entry.event == "adopt"
    told: Doc = _written(_local(entry.data, zone, bare), bare)
    return told


_FEN = frozenset("fee quote unit_price amount total compensation stock_cost card_price reviewed".split())


def _written(value: Any, reveal: bool, key: str = "") -> Any:
    """An entry's data as the contract writes it: money in yuan, and phones masked also where they were corrected."""
    if isinstance(value, dict):
        if key == "phone":
            return {name: masked(text) if text and not reveal else text for name, text in value.items()}
        return {
            name: one if one is None or type(one) is str else _written(one, reveal, name) for name, one in value.items()
        }
    if isinstance(value, list):
        return [_written(one, reveal, key) for one in value]
    return yuan(value) if key in _FEN and isinstance(value, int) else value


def masked(phone: str) -> str:
    """``13800138000`` as ``138****8000``; shorter numbers keep their last two digits only. What is masked stays so."""
    if masking.MASK in phone:
        return phone
    digits = "".join(filter(str.isdigit, phone))
    seen = (digits[:3], digits[-4:]) if len(digits) >= masking.MOBILE_DIGITS else ("", digits[-2:])
    return masking.MASK.join(seen)


WORDLESS = frozenset(
    (
        *(_MOMENTS - {"from", "to"}),
        *"seq number numbers order follows found_on coordination converted_from voids voided id".split(),
        *"event actor keyboard os_user assignee assignees tracker clerk closed_by reversed_by technician staff".split(),
        *"people second approver told owner role rule kind state priority severity class help_class".split(),
        *"department rating outcome method type code grade quantity unit_price amount bill_total total quote".split(),
        *"fee consent_fee received open_amount price cost stock_cost card_price exact own charged factor".split(),
        *"reviewed compensation month billed_in of day days purchased warranty_until version".split(),
        *"policies_version fees_version file sha256 media_type hash head receipt preset".split(),
    )
)
"""What nobody can write words into: numbers of things, people by their ids, codes, sums and times. Anything else may
hold a phone number."""
NAMED = frozenset(("external_id", "invoice"))
"""Numbers that others gave to things, and are free to write words into: what merely is as long as a phone number
stays."""
_LEAST = 7
"""Digits that a phone number has."""


PLACES = frozenset(("place", "place_said", "affects"))
"""Where rooms stand, and two of them (1203-1204) are no phone number."""


def in_words(text: str, key: str = "") -> str:
    """What somebody said under this key, without the phone numbers in it."""
    # Counted first: few words have so many digits, and the pattern for what has takes its time to be made.
    if len(text) < _LEAST or masking.digits(text) < _LEAST:
        return text
    if key in NAMED:
        return masking.in_name(text)
    return (masking.in_place(text) or text) if key in PLACES else masking.in_text(text)


_BARE = (bool, int)
_AS_IT_IS = WORDLESS - _MOMENTS
_CHANGE = ("old", "new")


@lru_cache(maxsize=1024)
def _in_zone(text: str, zone: tzinfo) -> str:
    """A stored time in the desk's zone; in one order the same few times stand again and again."""
    return local_iso(from_iso(text), zone)


def _local(value: Any, zone: tzinfo, reveal: bool, key: str = "") -> Any:
    # The documents are JSON, so these are the only containers; asking for a Mapping takes ten times as long.
    if isinstance(value, dict):
        # What no zone and no mask changes stays as it is: a call for each of them is most of the time.
        return {
            k: v
            if not v or type(v) in _BARE or (type(v) is str and (k in _AS_IT_IS or (len(v) < _LEAST and k != "phone")))
            # What a field was and became (correct) is of the kind of the field.
            else _local(v, zone, reveal, key if key and k in _CHANGE else k)
            for k, v in value.items()
        }
    if isinstance(value, list):
        return [_local(v, zone, reveal, key) for v in value] if value else []
    if key in _MOMENTS and isinstance(value, str) and "T" in value:  # a day is no moment
        return _in_zone(value, zone)
    if reveal or not value:
        return value
    if key == "phone":
        return masked(value)
    return in_words(value, key) if key not in WORDLESS and isinstance(value, str) else value
