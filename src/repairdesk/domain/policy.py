"""The policies as the domain sees them: every number that a property manager may change, frozen.

``rules`` reads and validates ``policies.yaml`` into these; durations are whole seconds, times of day are seconds
after midnight. The rulebook says what each number means; the YAML says where each comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal

from repairdesk.domain.record import NamedTuple

ANY = "*"
"""Key of a duration that holds for every priority."""


class PlacePattern(NamedTuple):
    """A spelling of a place (regular expression, matched whole after NFKC) and the canonical form it is written in."""

    pattern: str
    canonical: str


class Category(NamedTuple):
    """A class of fault: the trade it asks for (ASG-5) and what the work disturbs (VIS-9: noise, power, water)."""

    code: str
    name: str
    trade: str | None
    disturbs: tuple[str, ...]


class Department(NamedTuple):
    """A department that complaints go to (LY 5·4.2).

    Attributes:
        name: as the desk calls it.
        categories: the classes of fault that are its matter.
        words: what complaints about its matter say.
        tell: the roles and staff ids who are told of every complaint that goes there.
    """

    code: str
    name: str
    categories: tuple[str, ...]
    words: tuple[str, ...]
    tell: tuple[str, ...]


class WordRule(NamedTuple):
    """What certain words of a caller propose to the clerk (INT-3); nothing of it decides.

    Attributes:
        code: its key in the YAML, unique.
        words: any of which is heard; those in letters are whole words.
        kind, category, priority: what it proposes of each, None: nothing.
        services: codes of the fee table, in the order of proposing.
    """

    code: str
    words: tuple[str, ...]
    kind: str | None
    category: str | None
    priority: str | None
    services: tuple[str, ...]


class HeldUp(NamedTuple):
    """Who is told at once that work waits for parts or a supplier, and who where it is a major matter (VIS-10)."""

    told: tuple[str, ...]
    major: tuple[str, ...]


class CheckItem(NamedTuple):
    """A point of the on-site checklist (VIS-3); ``group`` is the slogan it belongs to (五个一 …)."""

    code: str
    name: str
    group: str


class CalendarRule(NamedTuple):
    """Working hours by weekday (0 = Monday): half-open intervals of seconds after midnight, up to 86,400.

    ``holidays`` and ``workdays`` (ISO dates) are its own; ``public``: the ``PublicDays`` count besides.
    """

    name: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    holidays: frozenset[str]
    workdays: frozenset[str]
    public: bool = True


class PublicDays(NamedTuple):
    """The published public holidays and make-up workdays, by ISO date (SLA-2).

    Attributes:
        version: of ``calendar.yaml``; empty where a desk has none.
        years: the years whose table is known, each from its first day to its last.
        holidays: the name of each day off.
        workdays: the days of rest that are worked instead.
        warn: seconds before the end of the table from which a desk is told so.
    """

    version: str
    years: frozenset[int]
    holidays: Mapping[str, str]
    workdays: frozenset[str]
    warn: int = 0

    def covers(self, first: date, last: date) -> bool:
        """Whether the table of every year from ``first`` to ``last`` is known."""
        return all(year in self.years for year in range(first.year, last.year + 1))

    def until(self, today: date) -> date | None:
        """The last day up to which nothing is missing from ``today`` on; None: this year's table is."""
        year = today.year
        while year in self.years:
            year += 1
        return date(year - 1, 12, 31) if year > today.year else None


NO_DAYS = PublicDays("", frozenset(), {}, frozenset())
"""What a desk without ``calendar.yaml`` knows of public days."""


class ObligationRule(NamedTuple):
    """Somebody owes something on an order by a time: how such a debt is opened, met, and for whom.

    Several rules may share a ``name`` (arrive: with and without an appointment); the first that fits the order holds.

    Attributes:
        id: key in the YAML, unique.
        name: what is owed: ``register``, ``tell``, ``respond``, ``arrive``, ``resolve`` …
        rule, source: the rulebook's id and the clause it comes from.
        starts: the entries that open it.
        meets, voids: the entries that meet it, and those after which nobody owes it any more.
        skips: the entries that excuse one period of it.
        within: seconds by priority, or under ``ANY``; empty when ``by`` says when.
        by: seconds after midnight of the day it opens (of the next day when that is past); of the anchored day itself
            where the anchor is ``day``.
        days_after: so many days after that one.
        by_day: the day of the next month by whose end it is due (FEE-7).
        each: ``week`` or ``month``: it is owed anew in every one, by its end (COO-3, COO-4).
        times: how often in such a period.
        days_left: how many days of the period in which it opens must be left for that one to count; None: it never
            does.
        anchor: ``event`` (the entry's time), ``reported`` (the report's), ``appointment`` (the window's start),
            ``day`` (that of the report, or of the appointment if later), ``next`` (the time that a pause names) or
            ``call`` (the time that a callback names).
        lead: seconds before the anchor that it falls due (ASG-2).
        owner: a role, or ``assignee``, ``tracker``, ``clerk`` (who took the report).
        kinds, priorities, channels, categories, severities, departments, reasons: which orders it is for; empty
            means all.
            ``reasons`` looks at the reason of the entry that opens it (VIS-10).
        appointment, unlisted: True or False when it is only for orders with or without; None when for both.
        pauses: the reasons that stop it (SLA-3).
        calendar: name of the calendar it is measured in; ``always`` runs day and night.
        ladder: name of the ladder it climbs when missed (SLA-4), or None.
        overdue: ``convert`` or ``propose``: what the nightly run does with the order when it is missed (COO-1).
    """

    id: str
    name: str
    rule: str
    source: str
    starts: tuple[str, ...]
    meets: tuple[str, ...]
    voids: tuple[str, ...]
    skips: tuple[str, ...]
    within: Mapping[str, int]
    by: int | None
    days_after: int
    by_day: int | None
    each: str | None
    times: int
    days_left: int | None
    anchor: str
    lead: int
    owner: str
    kinds: tuple[str, ...]
    priorities: tuple[str, ...]
    channels: tuple[str, ...]
    categories: tuple[str, ...]
    severities: tuple[str, ...]
    departments: tuple[str, ...]
    reasons: tuple[str, ...]
    appointment: bool | None
    unlisted: bool | None
    pauses: tuple[str, ...]
    calendar: str
    ladder: str | None
    overdue: str | None


class Step(NamedTuple):
    """A step of a ladder: so many seconds after the deadline this role is told (SLA-4).

    ``tell`` is a role, or ``assignee``, ``tracker``, ``clerk`` (who took the report).
    """

    after: int
    tell: str


class WarrantyTerms(NamedTuple):
    """What costs nothing under warranty (FEE-5).

    Attributes:
        free: what is free inside it, unless the user did the damage: ``labour``, ``parts``.
        months: how many calendar months from the purchase it lasts; None: as long as the order's own warranty says.
        software: the categories of services that are software and go by the age of the thing alone.
        software_free, software_charged_after: months from the purchase.
        software_between: ``free`` or ``charged``, in the time between the two.
    """

    free: tuple[str, ...]
    months: int | None
    software: tuple[str, ...]
    software_free: int
    software_charged_after: int
    software_between: str


class FinanceTerms(NamedTuple):
    """How money comes in (FEE-7).

    Attributes:
        collection: ``finance``: nobody else takes money; ``technician``: the assignee may, for the company.
        methods: how can be paid; the first where nothing is said.
        hand_over_day: the day of the next month by whose end a month is handed over.
    """

    collection: str
    methods: tuple[str, ...]
    hand_over_day: int


class Targets(NamedTuple):
    """What the reports hold their rates against, decimal text from 0 to 1; None: nothing (RPT-2)."""

    on_time: str | None
    satisfaction: str | None
    first_time_fix: str | None
    complete: str | None
    remarks: str | None


class NotifyTerms(NamedTuple):
    """Who is sent messages, and how hard that is tried (SLA-4).

    Attributes:
        roles: whom a message is sent at all; empty: nobody.
        retry: seconds between one try and the next; after the last the message is given up.
        missing_after: seconds without a nightly run after which board and doctor say so.
    """

    roles: tuple[str, ...]
    retry: tuple[int, ...]
    missing_after: int


class Stratum(NamedTuple):
    """What callbacks are drawn from: the share of the orders archived in a month, and by when (CAL-1).

    Attributes:
        name: ``repairs``, ``complaints`` or ``events``.
        kinds: the kinds of orders in it.
        rate: the share that is called, 0 to 1.
        within: seconds from the draw to the call.
    """

    name: str
    kinds: tuple[str, ...]
    rate: Decimal
    within: int


class CallbackTerms(NamedTuple):
    """Who is called back, and by whom.

    Attributes:
        strata: by name; a kind is in one of them at most.
        tries: after so many calls that reached nobody another order is drawn (CAL-5).
        missed: seconds for which an order that was drawn and not called in time is still to be called (CAL-5).
        callers: the roles that call, by severity, whoever it is for first; ``general`` where there is none (CAL-3).
    """

    strata: Mapping[str, Stratum]
    tries: int
    missed: int
    callers: Mapping[str, tuple[str, ...]]

    def stratum_of(self, kind: str) -> Stratum | None:
        """The stratum of a kind of orders."""
        return next((one for one in self.strata.values() if kind in one.kinds), None)


class SlipTerms(NamedTuple):
    """In which copies the slips of a kind are printed, the first one first."""

    copies: Mapping[str, tuple[str, ...]]

    def of(self, kind: str) -> tuple[str, ...]:
        """The copies of a kind; rules that were adopted before copies were declared know the desk's only."""
        return self.copies.get(kind) or ("desk",)


class AttachmentTerms(NamedTuple):
    """Which files can be attached to an order.

    Attributes:
        most: bytes of the largest one.
        types: the kinds, out of ``vocabulary.MEDIA``.
    """

    most: int
    types: tuple[str, ...]


class SecondTerms(NamedTuple):
    """What takes the PIN of its second person, and how often it can be typed wrongly.

    Attributes:
        pin: out of ``vocabulary.SECONDED``; of anything else the second person is only named.
        tries: after so many wrong ones within ``locked`` seconds nobody can try for as long.
    """

    pin: tuple[str, ...]
    tries: int
    locked: int


class Period(NamedTuple):
    """How long something is kept, in years and days of the calendar (RET-1)."""

    years: int
    days: int

    def ends(self, start: datetime, zone: tzinfo) -> datetime:
        """From when on it may go: the same time of day as it began, in the desk's zone."""
        local = start.astimezone(zone)
        try:
            day = local.date().replace(year=local.year + self.years)
        except ValueError:
            # Of 29 February: kept a day longer rather than a day less.
            day = date(local.year + self.years, 3, 1)
        ends = date.fromordinal(day.toordinal() + self.days)
        return datetime.combine(ends, time(local.hour, local.minute, local.second), zone)


class Policies(NamedTuple):
    """One version of the policies.

    ``may`` maps a verb to the roles that may do it (the rulebook's table “Who may”; ``assignee`` and ``tracker`` are
    roles that an order gives). ``numbering`` maps a series (order, coordination) to its prefix. ``checklists`` maps a
    kind to its points. ``ladders`` maps a name to its steps, the first one first. ``alarm`` are the roles that an
    emergency is told to at once (INT-7), ``complaint_alarm`` those that hear of a complaint by its severity,
    ``departments`` whose matter a complaint can be, by code. ``tracker`` is a staff id, or ``clerk``: who took the
    report, of what the nightly run converts (COO-1). ``reductions`` maps a role to the fen that it may take off a bill,
    None any sum (FEE-6). ``late_after`` (REC-2), ``late_visit`` (VIS-2: from here on a late arrival counts apart) and
    ``repeat_within`` (RPT-4: so far back an earlier fault of one place is counted) are in seconds. ``retention`` says
    how long what is kept, by ``vocabulary.RETAINED``; what is not there, or None, is kept for good (RET-1).
    ``proposals`` are what the words of a caller propose to the clerk, in the order of the file.
    """

    version: str
    preset: str
    zone: str
    late_after: int
    late_visit: int
    numbering: Mapping[str, str]
    places: tuple[PlacePattern, ...]
    categories: Mapping[str, Category]
    checklists: Mapping[str, tuple[CheckItem, ...]]
    may: Mapping[str, tuple[str, ...]]
    calendars: Mapping[str, CalendarRule]
    obligations: tuple[ObligationRule, ...]
    ladders: Mapping[str, tuple[Step, ...]]
    alarm: tuple[str, ...]
    complaint_alarm: Mapping[str, tuple[str, ...]]
    departments: Mapping[str, Department]
    held_up: HeldUp
    tracker: str
    warranty: WarrantyTerms
    reductions: Mapping[str, int | None]
    finance: FinanceTerms
    targets: Targets
    repeat_within: int
    notify: NotifyTerms
    callbacks: CallbackTerms
    slips: SlipTerms
    attachments: AttachmentTerms
    retention: Mapping[str, Period | None]
    second_person: SecondTerms
    proposals: tuple[WordRule, ...] = ()
