"""The clocks of one set of policies: when what is owed starts, when it is due, and what a stop does to that (SLA-2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from repairdesk.domain import periods
from repairdesk.domain.clock import Calendar, next_time_of_day
from repairdesk.domain.policy import ANY, ObligationRule, Policies, PublicDays
from repairdesk.domain.subject import Subject
from repairdesk.domain.times import at_local

_SECOND = timedelta(seconds=1)


class Declared:
    """What the policies declare to be owed, in their order: by id, and by the entry that opens it."""

    __slots__ = ("by_id", "by_start", "rules")

    def __init__(self, rules: tuple[ObligationRule, ...]) -> None:
        self.rules = rules
        self.by_id = {rule.id: rule for rule in rules}
        self.by_start: dict[str, list[ObligationRule]] = {}
        for rule in rules:
            for event in dict.fromkeys(rule.starts):
                self.by_start.setdefault(event, []).append(rule)


class Clocks:
    """The calendars of one set of policies, by name, and the sums that obligations need of them."""

    def __init__(self, policies: Policies, zone: Any, days: PublicDays) -> None:
        self._policies = policies
        self._zone = zone
        self._days = days
        self._calendars: dict[str, Calendar] = {}
        self._declared: Declared | None = None

    def declared(self, rules: tuple[ObligationRule, ...]) -> Declared:
        """These declarations in order: put so once, and not for every entry that is judged by them."""
        if self._declared is None or self._declared.rules is not rules:
            self._declared = Declared(rules)
        return self._declared

    def calendar(self, name: str) -> Calendar:
        """The calendar of that name; ``always`` runs day and night (SLA-2)."""
        if name not in self._calendars:
            rule = self._policies.calendars.get(name)
            zone = self._zone
            self._calendars[name] = Calendar.of(rule, zone, self._days) if rule else Calendar.always(zone)
        return self._calendars[name]

    def covers(self, rule: ObligationRule, a: datetime, b: datetime) -> bool:
        """Whether the public days are known of every year from ``a`` to ``b``; else a deadline there is provisional.

        Half-open: what ends with the year has no need of the next one's table. A clock that looks at no public day
        is always sure (SLA-2).
        """
        calendar = self._policies.calendars.get(rule.calendar)
        if calendar is None or not calendar.public:
            return True
        first, last = (t.astimezone(self._zone).date() for t in (a, max(a, b - _SECOND)))
        return self._days.covers(first, last)

    @property
    def zone(self) -> Any:
        """The desk's zone."""
        return self._zone

    def due(self, rule: ObligationRule, order: Subject, at: datetime) -> tuple[datetime, datetime]:
        """When the clock of an obligation starts and when it is due, opened by an entry at ``at``."""
        if rule.each is not None:
            return periods.counted_from(rule.each, at, rule.days_left, self._zone)
        anchor = _anchor(rule, order, at)
        if rule.anchor in ("next", "call"):
            return at, anchor
        if rule.by is not None and rule.anchor == "day":
            day = anchor.astimezone(self._zone).date() + timedelta(days=rule.days_after)
            return at, at_local(day, rule.by, self._zone)
        if rule.by is not None:
            # Strictly ahead: what is finished at 17:00 sharp is not owed in the same second.
            first = next_time_of_day(anchor + _SECOND, rule.by, self._zone)
            return at, _days_on(first, rule.days_after, self._zone)
        seconds = rule.within.get(order.priority or ANY, rule.within.get(ANY, 0))
        if rule.lead:
            # Owed ahead of the anchor (ASG-2): to be there five minutes before the agreed time.
            return at, datetime.fromtimestamp(anchor.timestamp() + seconds - rule.lead, anchor.tzinfo)
        return anchor, self.calendar(rule.calendar).add_work(anchor, seconds)

    def step(self, rule: ObligationRule, due: datetime, seconds: int) -> datetime:
        """When a step of the ladder is reached: so long after the deadline, by the same calendar (SLA-4)."""
        return self.calendar(rule.calendar).add_work(due, seconds)

    def moved(self, rule: ObligationRule, due: datetime, since: datetime, until: datetime) -> datetime:
        """``due`` after a stop: what was left to work at ``since`` is left at ``until``. A missed one stays put."""
        if due < since:
            return due
        calendar = self.calendar(rule.calendar)
        after = calendar.add_work(until, calendar.work_between(since, due))
        # A day that became a holiday meanwhile leaves less to work than was left: a stop shortens nothing (SLA-3).
        return max(due, after) if until >= since else after


def _days_on(at: datetime, days: int, zone: Any) -> datetime:
    """The same time of day so many days later, however long these are."""
    return (at.astimezone(zone) + timedelta(days=days)).astimezone(at.tzinfo) if days else at


def _anchor(rule: ObligationRule, order: Subject, at: datetime) -> datetime:
    """What the time is counted from; of what the order does not have, the entry's own time."""
    if rule.anchor == "reported":
        return order.reported_at
    if rule.anchor == "appointment":
        return order.appointment_start or at
    if rule.anchor == "day":
        return max(at, order.appointment_start or at)
    if rule.anchor == "next":
        return order.promised_at or at
    return (order.call_again_at or at) if rule.anchor == "call" else at
