"""Explaining: where a deadline or a bill comes from (SLA-6). Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from repairdesk.desk.base import Base
from repairdesk.desk.turn import By, Turn, present, refuse_purged, resolve
from repairdesk.domain import effects
from repairdesk.domain.order import Order
from repairdesk.domain.shape import Doc
from repairdesk.domain.times import local_iso
from repairdesk.errors import N_, NotFound

if TYPE_CHECKING:
    from repairdesk.desk.rulebooks import Rules
    from repairdesk.domain.account import Account, Happening
    from repairdesk.domain.clocks import Clocks
    from repairdesk.domain.entry import Entry
    from repairdesk.domain.policy import ObligationRule

BILL = "bill"


class Explaining(Base):
    """What anyone at the keyboard may ask about a deadline or a bill, as it stands or as it stood (``By.at``)."""

    def why(self, by: By, number: str, what: str | None = None) -> Doc:
        """Where a deadline or a bill comes from (SLA-6): ``bill``, the name of an obligation, or everything.

        Raises:
            NotFound: there is no such order, or was none yet, or the policies know no such obligation.
        """
        with self.look(by) as turn:
            entries = _by_then(turn, resolve(turn.ledger, number))
            order = _looked_at(effects.fold(entries), turn.at)
            refuse_purged(order)
            rules = turn.rules_of(order)
            doc = present(order, rules, turn.at)
            known = list(dict.fromkeys((BILL, *(rule.name for rule in rules.policies.obligations))))
            if what is not None and what not in known:
                message = N_("there is no obligation {name} in the policies; choose: {known}")
                raise NotFound(message, rule="SLA-6", name=what, known=known)
            billed = what in (None, BILL)
            return {
                "number": order.number,
                "at": local_iso(turn.at, rules.zone),
                "bill": doc["bill"] if billed else None,
                "reversed_bills": doc["reversed_bills"] if billed else [],
                "consent": doc["consent"] if billed else None,
                "quote": doc["quote"] if billed else None,
                "obligations": [] if what == BILL else list(_owed(turn, order, entries, doc, what)),
                "policies_version": order.policies_version,
                "fees_version": order.fees_version,
            }


def _by_then(turn: Turn, number: str) -> list[Entry]:
    """The entries of an order; of an earlier time those of what had happened by then, as ``show --as-of`` has them."""
    until = turn.at if turn.by.at is not None else None
    entries = [one for one in turn.ledger.entries(number) if until is None or one.occurred_at <= until]
    if not entries:
        raise NotFound(N_("there was no order {number} yet"), number=number)
    return entries


def _looked_at(order: Order | None, at: datetime) -> Order:
    """The order at that moment: what is met by being written down (INT-4) was owed until then."""
    assert order is not None, "the entries of an order make one"
    held = (o._replace(met_at=None) if o.met_at is not None and o.met_at > at else o for o in order.obligations)
    return order._replace(obligations=tuple(held))


def _owed(turn: Turn, order: Order, entries: list[Entry], doc: Doc, what: str | None) -> list[Doc]:
    from repairdesk.domain import account as accounts

    rules = turn.rules_of(order)
    declared = {rule.id: rule for rule in rules.policies.obligations}
    histories = accounts.histories(entries)
    owed = []
    for one, obligation in zip(doc["obligations"], order.obligations, strict=True):
        if what not in (None, obligation.name):
            continue
        rule, key = declared.get(obligation.id), (obligation.name, obligation.cycle)
        past = histories.get(key, ())
        counted = partial(accounts.account, obligation, past, accounts.told(entries, key), declared, now=turn.at)
        account, days = _accounted(turn, rules, rule, past, counted)
        owed.append(
            {
                **one,
                "source": rule.source if rule else None,
                "declared": obligation.id,
                "calendar": rule.calendar if rule else None,
                "account": {**_shown(account, rules.zone), "days": days} if account else None,
            }
        )
    return owed


def _accounted(
    turn: Turn,
    rules: Rules,
    rule: ObligationRule | None,
    happenings: Sequence[Happening],
    counted: Callable[[Clocks], Account | None],
) -> tuple[Account | None, Doc | None]:
    """The account by the public days that held when the deadline was set, and which those were.

    None of them where the clock looks at no public day. ``same``: today's give the very rows.
    """
    from repairdesk.domain.account import set_by
    from repairdesk.domain.clocks import Clocks

    calendar = rules.policies.calendars.get(rule.calendar) if rule else None
    if calendar is None or not calendar.public or not happenings:
        return counted(rules.clocks), None
    today = counted(rules.clocks)
    found: list[tuple[Account | None, Doc]] = []
    for days in turn.books.held(turn.ledger, rules, set_by(happenings)):
        then = counted(Clocks(rules.policies, rules.zone, days))
        same = then is None or today is None or then.rows == today.rows
        found.append((then, {"version": days.version or None, "now": rules.days.version or None, "same": same}))
        if then is None or then.agrees:
            return found[-1]
    # None of them alone: the likeliest, which says so.
    return found[0]


def _shown(account: Account, zone: Any) -> Doc:
    """An account as it is answered, in local times."""

    def local(moment: datetime | None) -> str | None:
        return local_iso(moment, zone) if moment else None

    anchor = account.anchor
    return {
        "kind": account.kind,
        "anchor": {"what": anchor.what, "at": local(anchor.at), "seq": anchor.seq, "event": anchor.event},
        "allowed_seconds": account.allowed,
        "priority": account.priority,
        "by_seconds": account.by,
        "lead_seconds": account.lead,
        "rows": [
            {"kind": row.kind, "from": local(row.since), "to": local(row.until), "seconds": row.seconds,
             "total_seconds": row.total, "why": row.why, "name": row.name, "note": row.note}
            for row in account.rows
        ],
        "left_seconds": account.left,
        "agrees": account.agrees,
        "provisional": account.provisional,
        "changed": [
            {"seq": one.seq, "event": one.event, "op": one.op, "at": local(one.at), "by": one.by,
             "was": local(one.was), "now": local(one.now), "fields": {name: dict(f) for name, f in one.fields.items()}}
            for one in account.changed
        ],
        "done": [
            {"op": one.op, "at": local(one.at), "seq": one.seq, "event": one.event, "by": one.by,
             "early_seconds": one.early}
            for one in account.done
        ],
        "told": [
            {"level": one.level, "role": one.role, "at": local(one.at), "seq": one.seq,
             "told_at": local(one.told_at), "people": list(one.people)}
            for one in account.told
        ],
        "overdue_seconds": account.overdue,
    }  # fmt: skip
