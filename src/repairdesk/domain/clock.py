"""Calendars: when a clock runs, and how far (SLA-2). Times are aware, durations whole seconds of elapsed time.

Working hours are wall-clock times of the desk's zone. What is measured is the time that really passes: an interval
00:00-24:00 is 23 or 25 hours long on the day the clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo

from repairdesk.domain.policy import NO_DAYS, CalendarRule, PublicDays
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import at_local

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_MIDNIGHT = 86_400

Hours = tuple[tuple[int, int], ...]


class Why(NamedTuple):
    """Why a day has not the hours of its weekday, or has none.

    ``kind`` is ``holiday`` (``name`` says which, if it is a public one), ``workday`` (a make-up one) or ``closed`` (a
    weekday without hours).
    """

    kind: str
    name: str | None = None


class DayHours(NamedTuple):
    """The working hours of a date, in seconds after midnight; ``why`` is None on a usual working day."""

    hours: Hours
    why: Why | None


def _stamp(t: datetime) -> int:
    """Whole seconds since 1970, exactly (``timestamp()`` would go through a float)."""
    return (t - _EPOCH) // _SECOND


def _time(stamp: int) -> datetime:
    return _EPOCH + timedelta(seconds=stamp)


class Calendar:
    """Day and night (``always``), or the working hours of a policy (``of``).

    ``add_work`` and ``work_between`` are inverses: ``work_between(a, add_work(a, d)) == d``.
    """

    __slots__ = ("_days", "_public", "_rule", "_usual", "_zone")

    def __init__(self, zone: tzinfo, rule: CalendarRule | None = None, public: PublicDays = NO_DAYS) -> None:
        self._zone = zone
        self._rule = rule
        self._public = public if rule and rule.public else NO_DAYS
        self._usual = _usual_hours(rule) if rule else ()
        self._days: dict[date, Hours] = {}  # instants of the days asked about: zone look-ups are what costs here

    @classmethod
    def always(cls, zone: tzinfo) -> Calendar:
        """The calendar that never stops; it answers at once, however long the time."""
        return cls(zone)

    @classmethod
    def of(cls, rule: CalendarRule, zone: tzinfo, days: PublicDays = NO_DAYS) -> Calendar:
        """The working hours of ``rule``, read in ``zone``.

        No work on a holiday. On a make-up workday the hours of its own weekday hold if there are any, else those of
        Monday (of the first weekday that has hours); a date named as both is a workday. The public ``days`` count too,
        unless the rule is not ``public``; what the rule itself says of a date comes first.

        Raises:
            ValueError: no weekday has hours, or hours that overlap, are unordered or leave the day.
        """
        return cls(zone, rule, days)

    def add_work(self, start: datetime, seconds: int) -> datetime:
        """When ``seconds`` of working time have passed after ``start``: the end of an interval, not the next start.

        Raises:
            ValueError: ``seconds`` is negative.
        """
        if seconds < 0:
            raise ValueError("working time cannot be negative")
        if self._rule is None and start.tzinfo is UTC and not start.microsecond:
            return start + timedelta(seconds=seconds)
        begin, left = _stamp(start), seconds
        if self._rule is None or not left:
            return _time(begin + left)
        for opens, closes in self._from(begin):
            if left <= closes - opens:
                return _time(opens + left)
            left -= closes - opens
        raise AssertionError("working hours never end")

    def work_between(self, a: datetime, b: datetime) -> int:
        """Seconds of working time from ``a`` to ``b``.

        Raises:
            ValueError: ``b`` is before ``a``.
        """
        return sum(_stamp(closes) - _stamp(opens) for opens, closes in self.spans(a, b))

    def spans(self, a: datetime, b: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working intervals from ``a`` to ``b``, cut to them, half-open, in UTC: what a deadline rests on (SLA-6).

        Raises:
            ValueError: ``b`` is before ``a``.
        """
        begin, end = _stamp(a), _stamp(b)
        if end < begin:
            raise ValueError("the end is before the start")
        for opens, closes in self._from(begin) if self._rule else iter([(begin, end)]):
            if opens >= end:
                return
            yield _time(opens), _time(min(closes, end))

    def day(self, day: date) -> DayHours:
        """The working hours of a date, and why they are others than usual or none (SLA-6)."""
        if self._rule is None:
            return DayHours(((0, _MIDNIGHT),), None)
        usual = self._rule.week[day.weekday()]
        why = self._exception(day.isoformat())
        if why is None:
            return DayHours(usual, None if usual else Why("closed"))
        return DayHours((usual or self._usual) if why.kind == "workday" else (), why)

    def _exception(self, name: str) -> Why | None:
        """What the calendar, or else the public table, says of one date."""
        assert self._rule is not None
        if name in self._rule.workdays:
            return Why("workday")
        if name in self._rule.holidays:
            return Why("holiday", self._public.holidays.get(name))
        if name in self._public.workdays:
            return Why("workday")
        public = self._public.holidays.get(name)
        return Why("holiday", public) if public is not None else None

    def _from(self, begin: int) -> Iterator[tuple[int, int]]:
        """All working intervals after ``begin``, without end; the one under way is cut."""
        # No end is looked for by its date: where clocks are put back past midnight, the evening shown again lies
        # after the first midnight of the following day.
        day = _time(begin).astimezone(self._zone).date()
        while True:
            for opens, closes in self._instants(day):
                if closes > max(begin, opens):
                    yield max(begin, opens), closes
            day += _DAY

    def _instants(self, day: date) -> Hours:
        known = self._days.get(day)
        if known is None:
            zone = self._zone
            hours = self.day(day).hours
            known = tuple((_stamp(at_local(day, a, zone)), _stamp(at_local(day, b, zone))) for a, b in hours)
            self._days[day] = known
        return known


def _usual_hours(rule: CalendarRule) -> Hours:
    """The hours of the first weekday that has any, once all are known to be in order."""
    for hours in rule.week:
        borders = [border for interval in hours for border in interval]
        touching_only_between = all(a < b for a, b in hours) and borders == sorted(borders)
        if not touching_only_between or (borders and not 0 <= borders[0] < borders[-1] <= _MIDNIGHT):
            raise ValueError(f"the hours of calendar {rule.name} overlap, are out of order or leave the day")
    usual = next((hours for hours in rule.week if hours), ())
    if len(rule.week) != 7 or not usual:
        raise ValueError(f"calendar {rule.name} has no working hours, or not seven days")
    return usual


def end_of_day(t: datetime, zone: tzinfo) -> datetime:
    """The midnight that ends the local day of ``t`` (COO-1): the first instant that is no longer that day."""
    return at_local(t.astimezone(zone).date(), _MIDNIGHT, zone)


def next_time_of_day(t: datetime, seconds_after_midnight: int, zone: tzinfo) -> datetime:
    """That time of the local day of ``t``, if it is not past (``t`` itself counts), else of the next day (FIN-5)."""
    day = t.astimezone(zone).date()
    today = at_local(day, seconds_after_midnight, zone)
    return today if today >= t else at_local(day + _DAY, seconds_after_midnight, zone)
