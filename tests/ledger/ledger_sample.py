"""A small ledger, written through the domain, in which every column of every table holds something somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from repairdesk.domain import effects, household, retention, staff
from repairdesk.domain import message as messages
from repairdesk.domain import order as orders
from repairdesk.domain.entry import Entry
from repairdesk.domain.times import iso_utc
from repairdesk.ledger import purging
from repairdesk.ledger.journal import Ledger, Writer

T0 = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
FIRST, SECOND, THIRD, TRACKED = "P20261122-0001", "P20261122-0002", "P20261122-0003", "X20261122-0001"
FORGOTTEN = "P20251122-0001"


def at(minutes: int) -> datetime:
    """So many minutes after the sample begins."""
    return T0 + timedelta(minutes=minutes)


LATER = 600_000
"""Minutes: more than the year that free orders are kept."""


def add(writer: Writer, number: str, event: str, minutes: int, who: str = "W1", **data: Any) -> Entry:
    """One more entry, written down when it happened."""
    return writer.append(
        number,
        event,
        actor=who,
        keyboard="os:desk",
        occurred_at=at(minutes),
        recorded_at=at(minutes + 20 * (event == "accept")),
        late=event == "accept",
        data=data,
    )


def tell(writer: Writer, number: str, *told: tuple[str, int, Mapping[str, Any]]) -> orders.Order:
    """Append entries of an order, and store what they make of it each time as commands do."""
    order = effects.fold(writer.entries(number))
    for event, minutes, data in told:
        order = effects.apply(order, add(writer, number, event, minutes, **data))
        writer.store_order(order)
    assert order is not None
    return order


def opens(name: str, starts: int, due: int, owner: str = "clerk") -> dict[str, Any]:
    """The change that opens an obligation."""
    return {
        "op": "open", "id": f"{name}-1", "name": name, "cycle": 1, "rule": "SLA-1", "owner": owner,
        "starts_at": iso_utc(at(starts)), "due_at": iso_utc(at(due)), "next_at": iso_utc(at(due)), "provisional": True,
    }  # fmt: skip


def intake(place: str = "3-2-501", **more: Any) -> dict[str, Any]:
    """What an intake keeps."""
    return {
        "kind": "in_home", "policies_version": "2026-11", "fees_version": "2026-11", "place": place,
        "place_said": "3栋2单元501", "caller": "王女士", "phone": "13800138000", "fault": "水龙头漏水",
        "category": "plumbing", "priority": "regular", "channel": "phone", **more,
    }  # fmt: skip


KEPT = {"free": {"years": 1, "days": 0}, "paid": {"years": 2, "days": 0}, "notes": {"years": 1, "days": 0}}
"""How long what is kept (RET-1)."""


def adopt(writer: Writer, kind: str, version: str, file_digest: str) -> None:
    """Adopt a rules file as the desk does."""
    data = {
        "kind": kind, "version": version, "digest": f"d-{file_digest}", "file_digest": file_digest,
        "text": f"version: '{version}'", "rules": {"version": version, "zone": "Asia/Shanghai", "retention": KEPT},
    }  # fmt: skip
    writer.store_rules(add(writer, f"{kind}:{version}", "adopt", 0, **data))


def person(
    writer: Writer, staff_id: str, *, os_user: str | None = None, duty: bool = False, role: str = "technician"
) -> None:
    """A staff record, perhaps on duty."""
    number = f"staff:{staff_id}"
    add(writer, number, "staff-add", 0, id=staff_id, name="张师傅", role=role, trades=[], os_user=os_user)
    if duty:
        add(writer, number, "staff-duty", 0, **{"from": iso_utc(at(0)), "to": iso_utc(at(600))})
    found = staff.fold(writer.entries(number))
    assert found is not None
    writer.store_person(found)


def lives(writer: Writer, number: str, minutes: int, place: str, *names: str, **more: Any) -> None:
    """A household, or what became of it."""
    stream = f"{household.STREAM}{number}"
    data = {"id": number, "place": place, "place_said": place, "names": names, "phones": [], "since": None, **more}
    add(writer, stream, "household", minutes, **data)
    found = household.fold(writer.entries(stream))
    assert found is not None
    writer.store_household(found)


def tells(writer: Writer, number: int, to: str, *told: tuple[str, int, Mapping[str, Any]]) -> None:
    """A message to somebody, and what became of it."""
    stream = f"{messages.STREAM}{number}"
    line = {"number": FIRST, "obligation": "arrive", "level": 1, "due_at": iso_utc(at(60))}
    queued = {"to": to, "role": "leader", "at": iso_utc(at(200)), "key": f"rd-{number}", "lines": [line]}
    for event, minutes, data in (("queue", 200, queued), *told):
        add(writer, stream, event, minutes, **data)
    found = messages.fold(writer.entries(stream))
    assert found is not None
    writer.store_message(found)


def hand_over(writer: Writer, month: str, minutes: int, orders: int, total: int) -> None:
    """A month that finance signs for."""
    data = {"month": month, "due_at": iso_utc(at(minutes + 60)), "orders": orders, "total": total}
    add(writer, f"month:{month}", "hand-over", minutes, **data)


def billed(total: int, **more: Any) -> dict[str, Any]:
    """A bill of one line, in fen."""
    line = {
        "type": "service", "code": "tap", "name": "换龙头", "unit": None, "quantity": "1", "unit_price": total,
        "amount": total, "rule": "FEE-1", "why": {"text": "on the table", "values": {}},
    }  # fmt: skip
    return {"lines": [line], "total": total, "paid": True, **more}


def paid(amount: int, receipt: str, **more: Any) -> dict[str, Any]:
    """What a payment or a refund keeps."""
    return {"amount": amount, "method": "cash", "receipt": receipt, "invoice": None, "reason": None, **more}


def fill(writer: Writer) -> None:
    """The whole sample."""
    adopt(writer, "policies", "2026-11", "aa11")
    adopt(writer, "fees", "2026-11", "bb22")
    person(writer, "W1", os_user="wang", duty=True)
    person(writer, "W2")
    add(writer, "staff:W2", "staff-retire", 1)
    retired = staff.fold(writer.entries("staff:W2"))
    assert retired is not None
    writer.store_person(retired)
    add(writer, "desk", "reveal", 1, reason="called back")
    window = {"start": iso_utc(at(60)), "end": iso_utc(at(180))}
    tell(
        writer,
        FIRST,
        ("intake", 0, intake(appointment=window, external_id="OLD-7", obligations=[opens("respond", 0, 60)])),
        ("assign", 5, {"assignee": "W1", "obligations": [
            {"op": "meet", "name": "respond", "cycle": 1, "at": iso_utc(at(5))},
            opens("arrive", 5, 60, "assignee"),
        ]}),
        ("accept", 6, {}),
        ("start", 61, {"found": "垫圈坏", "obligations": [
            {"op": "void", "name": "arrive", "cycle": 1, "at": iso_utc(at(61))},
            opens("resolve", 61, 600),
        ]}),
        ("finish", 90, {"found": "垫圈坏", "result": "已换", "bill": billed(2500), "follow_up": ["untested"],
                        "obligations": [
            {**opens("resolve", 61, 600), "cycle": 2},
            {"op": "meet", "name": "resolve", "cycle": 2, "at": iso_utc(at(90))},
        ]}),
        ("sign", 95, {"rating": "satisfied", "by": "王女士"}),
        ("close", 100, {}),
        ("archive", 110, {"month": "2026-11"}),
        ("callback", 111, {"at": iso_utc(at(111)), "outcome": "satisfied", "method": "phone", "signed_by": None,
                           "note": None, "next": None, "role": "clerk"}),
        ("recheck", 112, {"at": iso_utc(at(112)), "outcome": "ok", "note": None}),
    )  # fmt: skip
    tell(
        writer,
        SECOND,
        (
            "intake",
            120,
            intake("3-2-502", follows=FIRST, external_id="OLD-8", obligations=[opens("respond", 120, 180)]),
        ),
        ("assign", 121, {"assignee": "W1", "obligations": [opens("resolve", 121, 400)]}),
        (
            "convert",
            130,
            {
                "coordination": TRACKED,
                "obligations": [
                    {**opens("resolve", 121, 400), "cycle": 2},
                    {"op": "void", "name": "resolve", "cycle": 2, "at": iso_utc(at(130))},
                ],
            },
        ),
    )
    tell(
        writer,
        TRACKED,
        ("open", 130, {**intake("3-2-502"), "converted_from": SECOND, "tracker": "W1"}),
    )
    tell(
        writer,
        THIRD,
        ("intake", 140, intake("1-1-101", severity="major", department="security", help_class="medical", obligations=[
            opens("respond", 140, 200), opens("resolve", 140, 900),
        ])),
        ("quote", 141, {"fee": 5000, "obligations": [
            {"op": "stop", "name": "resolve", "cycle": 1, "reason": "consent", "at": iso_utc(at(141))},
        ]}),
    )  # fmt: skip
    settle(writer)


def settle(writer: Writer) -> None:
    """What finance did in the weeks after, and who lives where."""
    tell(writer, FIRST, ("pay", 150, paid(2500, "R20261122-0001", invoice="FP-77")))
    hand_over(writer, "2026-11", 14000, 1, 2500)
    tell(
        writer,
        FIRST,
        ("rebill", 15000, {"bill": billed(2000), "reason": "wrong line", "month": "2026-12"}),
        ("refund", 15010, paid(300, "R20261202-0001", method="transfer", reason="wrong line")),
    )
    lives(writer, "000001", 0, "3-2-501", "王女士")
    lives(writer, "000002", 0, "1-1-101", "Li Lei", "韩梅", phones=["13900139000"], since="2020-05-01")
    lives(writer, "000001", 160, "3-2-501", "王女士", "赵先生", phones=["13800138000"], since="2019-08-15")
    no = {"n": 1, "why": [{"service": "JSON", "reason": "http-500"}], "accepted": ["a1"]}
    begun = ("try", 201, {"n": 1, "until": iso_utc(at(211))})
    tells(writer, 1, "W1", begun, ("sent", 202, {"services": ["a1"]}))
    tells(writer, 2, "leader", begun, ("failed", 202, {**no, "next_at": iso_utc(at(260))}))
    tells(writer, 3, "W2", begun, ("given-up", 202, no))
    tells(writer, 4, "W1")


def forget(writer: Writer) -> None:
    """Beside the sample: an order of another year, called off and purged; its place is still named (RET-3)."""
    for who, role in (("M1", "manager"), ("L1", "leader")):
        person(writer, who, role=role)
    tell(writer, FORGOTTEN, ("intake", 0, intake("3-2-502")), ("cancel", 3, {"reason": "called off by Ms Wang"}))
    stand_in = (1, "*1", "3-2-502")
    add(writer, f"{retention.PLACES}1", retention.PLACE_EVENT, LATER, place=stand_in[2])
    writer.store_place(stand_in)
    remains = {str(e.seq): retention.remains(e.event, e.data, {"3-2-502": "*1", "3栋2单元501": "*2"}.__getitem__)
               for e in writer.entries(FORGOTTEN)}  # fmt: skip
    by = f"{retention.STREAM}000001"
    remains[min(remains, key=int)]["purged"] = {"at": iso_utc(at(LATER)), "by": "M1", "with": "L1", "entry": by}
    data = {"with": "L1", "export": EXPORT, "orders": [FORGOTTEN], "classes": {"free": 1}, "places": 2,
            "remains": remains}  # fmt: skip
    purging.take(writer, add(writer, by, retention.EVENT, LATER, "M1", **data))
    purged = effects.fold(writer.entries(FORGOTTEN))
    assert purged is not None
    writer.store_order(purged)


EXPORT = {"lines": 2, "sha256": "ab" * 32, "attachments": None}
"""What an export says of itself."""


def build(path: Path) -> Ledger:
    """The sample as a file."""
    ledger = Ledger.create(path)
    with ledger.write() as writer:
        fill(writer)
    return ledger
