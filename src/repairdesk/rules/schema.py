"""The shape of the two YAML files, key by key, and the normalized data that each becomes.

The values come in as text (``marks``); ``units`` reads each. What several keys must agree on is checked in ``agree``.
Every model forbids keys it does not know. ``normal()`` answers JSON-able data: seconds, fen, decimal text, lists where
the order matters.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationError

from repairdesk.domain import vocabulary as words
from repairdesk.domain.policy import ANY
from repairdesk.errors import N_
from repairdesk.rules import units
from repairdesk.rules.problems import Mistake, Path

Data = dict[str, Any]


def _unique(values: list[str]) -> list[str]:
    seen = set[str]()
    for value in values:
        if value in seen:
            raise Mistake(N_("“{text}” is listed twice"), text=value)
        seen.add(value)
    return values


def _some(values: list[Any]) -> list[Any]:
    if not values:
        raise Mistake(N_("is an empty list; name at least one"))
    return values


def _apart(windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    windows = sorted(windows)
    for earlier, later in pairwise(windows):
        if later[0] < earlier[1]:
            raise Mistake(N_("two windows of one day overlap"))
    return windows


def _every_priority(value: object) -> object:
    return {ANY: value} if isinstance(value, str) else value


Line = Annotated[str, BeforeValidator(units.line)]
Code = Annotated[str, BeforeValidator(units.code)]
Version = Annotated[str, BeforeValidator(units.version)]
Prefix = Annotated[str, BeforeValidator(units.prefix)]
Duration = Annotated[int, BeforeValidator(units.duration)]
Size = Annotated[int, BeforeValidator(units.size)]
Period = Annotated[dict[str, int] | None, BeforeValidator(units.period)]
ClockTime = Annotated[int, BeforeValidator(units.clock_time)]
Window = Annotated[tuple[int, int], BeforeValidator(units.window)]
Day = Annotated[str, BeforeValidator(units.day)]
Amount = Annotated[int, BeforeValidator(units.amount)]
Truth = Annotated[bool, BeforeValidator(units.yes_or_no)]


def _word(names: tuple[str, ...], expected: str) -> BeforeValidator:
    return BeforeValidator(units.one_of(names, expected))


Kind = Annotated[str, _word(words.KINDS, N_("“{text}” is not a kind; there are: {names}"))]
Priority = Annotated[str, _word((*words.PRIORITIES, ANY), N_("“{text}” is not a priority; there are: {names}"))]
Channel = Annotated[str, _word(words.CHANNELS, N_("“{text}” is not a channel; there are: {names}"))]
Severity = Annotated[str, _word(words.SEVERITIES, N_("“{text}” is not a severity; there are: {names}"))]
Disturbance = Annotated[str, _word(words.DISTURBANCES, N_("“{text}” is nothing that is disturbed; there are: {names}"))]
Reason = Annotated[str, _word(words.PAUSE_REASONS, N_("“{text}” is not a reason to pause; there are: {names}"))]
Stop = Annotated[str, _word(words.STOP_REASONS, N_("“{text}” is not a reason to stop a clock; there are: {names}"))]
Event = Annotated[str, _word(words.EVENTS, N_("“{text}” is not an event; there are: {names}"))]
Verb = Annotated[str, _word(words.VERBS, N_("“{text}” is not a verb; there are: {names}"))]
PeriodName = Annotated[str, _word(words.PERIODS, N_("“{text}” is no period; there are: {names}"))]
Delay = Annotated[
    str, _word(words.OUTCOMES_OF_DELAY, N_("“{text}” is nothing that a night can do; there are: {names}"))
]  # fmt: skip
Anchor = Annotated[str, _word(words.ANCHORS, N_("“{text}” is not an anchor; there are: {names}"))]
Role = Annotated[
    str, _word((*words.ROLES, *words.ORDER_ROLES), N_("“{text}” is not a role; there are: {names}"))
]  # fmt: skip
Series = Annotated[str, _word(words.SERIES, N_("“{text}” is not a series of numbers; there are: {names}"))]
StratumName = Annotated[str, _word(words.STRATA, N_("“{text}” is nothing that is drawn from; there are: {names}"))]
CopyName = Annotated[str, _word(words.COPIES, N_("“{text}” has no copy of a slip; there are: {names}"))]
MediaName = Annotated[str, _word(words.MEDIA, N_("“{text}” is no kind of file that can be kept; there are: {names}"))]
Seconded = Annotated[str, _word(words.SECONDED, N_("“{text}” takes no second person; there are: {names}"))]
StaffRole = Annotated[str, _word(words.ROLES, N_("“{text}” is not a role; there are: {names}"))]
Part = Annotated[str, _word(words.BILL_PARTS, N_("“{text}” is no part of a bill; there are: {names}"))]
Collection = Annotated[str, _word(words.COLLECTIONS, N_("“{text}” is nobody who collects; there are: {names}"))]
Outcome = Annotated[str, _word(("free", "charged"), N_("“{text}” is neither of: {names}"))]
Share = Annotated[str, BeforeValidator(units.share)]
Months = Annotated[int, BeforeValidator(units.months)]
DayOfMonth = Annotated[int, BeforeValidator(units.day_of_month)]
Count = Annotated[int, BeforeValidator(units.count)]
Unique = AfterValidator(_unique)
Some = AfterValidator(_some)


class Strict(BaseModel):
    """What every part of the files shares: no key that is not declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PlaceForm(Strict):
    """A spelling of a place and the form it is written in; ``{1}`` is what the first group matched."""

    pattern: Annotated[str, BeforeValidator(units.pattern)]
    canonical: Line


class CategoryForm(Strict):
    """A class of fault (ASG-5, VIS-9)."""

    name: Line
    trade: Code | None = None
    disturbs: Annotated[list[Disturbance], Unique] = []


class DepartmentForm(Strict):
    """A department that complaints go to (LY 5·4.2)."""

    name: Line
    categories: Annotated[list[Code], Unique] = []
    words: Annotated[list[Line], Unique] = []
    tell: Annotated[list[Code], Unique] = []


class ProposalForm(Strict):
    """What certain words of a caller propose (INT-3)."""

    words: Annotated[list[Line], Some, Unique]
    kind: Kind | None = None
    category: Code | None = None
    priority: Annotated[str, _word(words.PRIORITIES, N_("“{text}” is not a priority; there are: {names}"))] | None = (
        None
    )
    services: Annotated[list[Code], Unique] = []


class HeldUpForm(Strict):
    """Who is told at once of what waits for parts or a supplier (VIS-10)."""

    told: Annotated[list[StaffRole], Unique]
    major: Annotated[list[StaffRole], Unique]


class CheckForm(Strict):
    """A point of the on-site checklist (VIS-3)."""

    name: Line
    group: Line


class CalendarForm(Strict):
    """Working hours (SLA-2)."""

    week: dict[Annotated[str, BeforeValidator(units.weekdays)], Annotated[list[Window], AfterValidator(_apart)]]
    holidays: Annotated[list[Day], Unique] = []
    workdays: Annotated[list[Day], Unique] = []
    public: Truth = True

    def normal(self) -> Data:
        """Seven days of windows, and the days that differ."""
        week: list[list[list[int]]] = [[] for _ in units.WEEKDAYS]
        for days, windows in self.week.items():
            for weekday in units.spread(days):
                week[weekday] = [list(window) for window in windows]
        own = {"holidays": sorted(self.holidays), "workdays": sorted(self.workdays)}
        return {"week": week, **own, "public": self.public}


class StepForm(Strict):
    """A step of a ladder: who is told how long after the deadline (SLA-4)."""

    after: Duration
    tell: Role


class ObligationForm(Strict):
    """A debt and its clock: the keys of ``domain.policy.ObligationRule``."""

    name: Code | None = None
    rule: Annotated[str, BeforeValidator(units.rule)]
    source: Line
    starts: Annotated[list[Event], Some, Unique]
    meets: Annotated[list[Event], Some, Unique]
    voids: Annotated[list[Event], Unique] = []
    skips: Annotated[list[Event], Unique] = []
    within: Annotated[dict[Priority, Duration], BeforeValidator(_every_priority)] = {}
    by: ClockTime | None = None
    by_day: DayOfMonth | None = None
    days_after: Count = 0
    each: PeriodName | None = None
    times: Count = 1
    days_left: Count | None = None
    anchor: Anchor = "event"
    lead: Duration = 0
    owner: Role
    kinds: Annotated[list[Kind], Unique] = []
    priorities: Annotated[list[Priority], Unique] = []
    channels: Annotated[list[Channel], Unique] = []
    categories: Annotated[list[Code], Unique] = []
    severities: Annotated[list[Severity], Unique] = []
    departments: Annotated[list[Code], Unique] = []
    reasons: Annotated[list[Reason], Unique] = []
    appointment: Truth | None = None
    unlisted: Truth | None = None
    pauses: Annotated[list[Stop], Unique] = []
    calendar: Code = "always"
    ladder: Code | None = None
    overdue: Delay | None = None

    def normal(self, key: str) -> Data:
        """The declaration with every field said; ``within`` is 0 where nothing else says the time."""
        said = self.by is not None or self.by_day is not None or self.each is not None
        within = self.within or ({} if said else {ANY: 0})
        return {**self.model_dump(), "id": key, "name": self.name or key, "within": within}


class SoftwareForm(Strict):
    """Software goes by the age of the thing alone (FEE-5)."""

    categories: Annotated[list[Code], Unique]
    free_months: Months
    charged_after_months: Months
    between: Outcome


class WarrantyForm(Strict):
    """What is free under warranty (FEE-5)."""

    free: Annotated[list[Part], Unique]
    months: Months | None = None
    software: SoftwareForm

    def normal(self) -> Data:
        """The keys of ``domain.policy.WarrantyTerms``."""
        return {
            "free": self.free,
            "months": self.months,
            "software": self.software.categories,
            "software_free": self.software.free_months,
            "software_charged_after": self.software.charged_after_months,
            "software_between": self.software.between,
        }


class FinanceForm(Strict):
    """How money comes in (FEE-7)."""

    collection: Collection
    methods: Annotated[list[Code], Some, Unique]


class TargetsForm(Strict):
    """What the reports hold their rates against (RPT-2)."""

    on_time: Share | None = None
    satisfaction: Share | None = None
    first_time_fix: Share | None = None
    complete: Share | None = None
    remarks: Share | None = None


class NotifyForm(Strict):
    """Who is sent messages, and how hard that is tried (SLA-4)."""

    roles: Annotated[list[StaffRole], Unique]
    retry: list[Duration]
    missing_after: Duration


class StratumForm(Strict):
    """What callbacks are drawn from (CAL-1)."""

    kinds: Annotated[list[Kind], Some, Unique]
    rate: Share
    within: Duration


class CallbacksForm(Strict):
    """Who is called back, how many, and by whom (CAL-1, CAL-3, CAL-5)."""

    strata: dict[StratumName, StratumForm]
    tries: Count
    missed: Duration
    callers: dict[Severity, Annotated[list[StaffRole], Some, Unique]]


class AttachmentsForm(Strict):
    """Which files can be attached to an order (REC-1)."""

    most: Size
    types: Annotated[list[MediaName], Some, Unique]


class RetentionForm(Strict):
    """How long what is kept (RET-1); every key is one of ``vocabulary.RETAINED``."""

    paid: Period
    free: Period
    coordination: Period
    converted: Period
    messages: Period
    households: Period
    notes: Period


class SecondForm(Strict):
    """What takes the PIN of a second person (RET-2, FEE-6, QUO-3)."""

    pin: Annotated[list[Seconded], Unique]
    tries: Count
    locked: Duration


class SlipsForm(Strict):
    """In which copies slips are printed."""

    copies: dict[Kind, Annotated[list[CopyName], Some, Unique]]


class Form(Strict):
    """A whole file."""

    def normal(self) -> Data:
        """The file as JSON-able data."""
        raise NotImplementedError


class PoliciesForm(Form):
    """``policies.yaml``."""

    version: Version
    preset: Code
    zone: Annotated[str, BeforeValidator(units.zone)]
    late_after: Duration
    late_visit: Duration
    numbering: dict[Series, Prefix]
    # Each pattern is held against each place that is said.
    places: Annotated[list[PlaceForm], Field(max_length=units.MOST_PATTERNS)]
    categories: dict[Code, CategoryForm]
    checklists: dict[Kind, dict[Code, CheckForm]]
    may: dict[Verb, Annotated[list[Role], Unique]]
    calendars: dict[Code, CalendarForm] = {}
    ladders: dict[Code, Annotated[list[StepForm], Some]] = {}
    alarm: Annotated[list[StaffRole], Unique]
    complaint_alarm: dict[Severity, Annotated[list[StaffRole], Unique]]
    departments: dict[Code, DepartmentForm] = {}
    held_up: HeldUpForm
    tracker: Code
    obligations: dict[Code, ObligationForm]
    warranty: WarrantyForm
    reductions: dict[StaffRole, Annotated[int | None, BeforeValidator(units.limit)]]
    finance: FinanceForm
    targets: TargetsForm
    repeat_within: Duration
    notify: NotifyForm
    callbacks: CallbacksForm
    slips: SlipsForm
    attachments: AttachmentsForm
    retention: RetentionForm
    second_person: SecondForm
    proposals: dict[Code, ProposalForm] = {}

    def normal(self) -> Data:
        """The policies as JSON-able data."""
        # Without any the data is what it was before there were any: so is its digest (REC-4).
        proposals = [{"code": code, **one.model_dump()} for code, one in self.proposals.items()]
        apart = {"checklists", "calendars", "departments", "obligations", "warranty", "proposals"}
        return {
            **self.model_dump(exclude=apart),
            **({"proposals": proposals} if proposals else {}),
            "checklists": {
                kind: [{"code": code, **item.model_dump()} for code, item in items.items()]
                for kind, items in self.checklists.items()
            },
            "departments": [{"code": code, **one.model_dump()} for code, one in self.departments.items()],
            "calendars": {name: calendar.normal() for name, calendar in self.calendars.items()},
            "obligations": [form.normal(key) for key, form in self.obligations.items()],
            "warranty": self.warranty.normal(),
        }


class RangeForm(Strict):
    """A price that the quote settles between two ends (QUO-2)."""

    low: Amount = Field(alias="from")
    high: Amount = Field(alias="to")


def _price(value: object) -> Data | RangeForm:
    """The normalized price of ``free``, ``on-quote`` or an amount."""
    text = units.line(value)
    if text == "on-quote":
        return {"kind": text, "low": None, "high": None}
    try:
        fen = 0 if text == "free" else units.amount(text)
    except Mistake as mistake:
        if any(character.isdigit() for character in text):
            raise
        raise Mistake(
            N_("“{text}” is not a price: an amount such as 12.50, free, on-quote, or a range from … to …"), text=text
        ) from mistake
    return {"kind": "free" if text == "free" else "fixed", "low": fen, "high": fen}


# The tags stand in angle brackets: they are no keys of the file, and are taken out of the paths that users read.
PriceForm = Annotated[
    Annotated[RangeForm, Tag("<range>")] | Annotated[Data, BeforeValidator(_price), Tag("<price>")],
    Discriminator(lambda value: "<range>" if isinstance(value, dict) else "<price>"),
]


class ServiceForm(Strict):
    """A service of the fee table (FEE-1, FEE-3)."""

    code: Code
    name: Line
    category: Code
    unit: Line
    price: PriceForm
    standard: Code | None = None

    def normal(self) -> Data:
        """The service; without a standard of its own, its code is its standard."""
        price = self.price
        if isinstance(price, RangeForm):
            price = {"kind": "range", "low": price.low, "high": price.high}
        return {**self.model_dump(exclude={"price"}), "price": price, "standard": self.standard or self.code}


class MaterialForm(Strict):
    """A material of the fee table."""

    code: Code
    name: Line
    unit: Line
    price: Amount


class MarkupForm(Strict):
    """What is added to the stock cost of a material that is not on the table (FEE-2)."""

    rate: Annotated[str, BeforeValidator(units.rate)]
    round_to: Annotated[int, BeforeValidator(units.step)]


class GroupingForm(Strict):
    """The time within which different standards are charged once (FEE-3); 0 switches it off."""

    minutes: Annotated[int, BeforeValidator(units.minutes)]


class FeesForm(Form):
    """``fees.yaml``."""

    version: Version
    currency: Annotated[str, BeforeValidator(units.currency)]
    markup: MarkupForm
    grouping: GroupingForm
    services: list[ServiceForm]
    materials: list[MaterialForm]

    def normal(self) -> Data:
        """The fee table as JSON-able data."""
        return {
            "version": self.version,
            "currency": self.currency,
            "markup_rate": self.markup.rate,
            "markup_step": self.markup.round_to,
            "grouping_seconds": self.grouping.minutes,
            "services": [service.normal() for service in self.services],
            "materials": [material.model_dump() for material in self.materials],
        }


def validate(form: type[Form], data: Data) -> Data | list[tuple[Path, str, Mistake | None]]:
    """The normalized data, or every mistake as (path, pydantic's name of it, the sentence if it is one of ours)."""
    try:
        return form.model_validate(data).normal()
    except ValidationError as error:
        found: list[tuple[Path, str, Mistake | None]] = []
        for detail in error.errors(include_url=False, include_input=False):
            cause = detail.get("ctx", {}).get("error")
            found.append((detail["loc"], detail["type"], cause if isinstance(cause, Mistake) else None))
        return found


def keys_at(form: object, path: Path) -> list[str]:
    """The keys that a mapping at ``path`` of the file may have; empty where it takes any."""
    if get_origin(form) is Annotated:
        return keys_at(get_args(form)[0], path)
    if isinstance(form, type) and issubclass(form, BaseModel):
        fields = {field.alias or name: field.annotation for name, field in form.model_fields.items()}
        return keys_at(fields.get(str(path[0])), path[1:]) if path else list(fields)
    if get_origin(form) in (list, dict):
        return keys_at(get_args(form)[-1], path[1:])
    return next((keys for inner in get_args(form) if (keys := keys_at(inner, path))), [])
