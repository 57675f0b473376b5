"""One verb, one transaction: load the order, ask the domain, append what it answers, keep the projection in step.

Everything that a verb of ``Desk`` needs from the ledger goes through a ``Turn``. The order of its steps is the order of
the exit codes: values are understood first (2), then things are found (11), then the person is looked at (12), then the
rules (10); only then is anything written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any

from repairdesk.desk.rulebooks import Rulebooks, Rules
from repairdesk.domain import effects, keeping, ladder, lifecycle, obligations
from repairdesk.domain.attempt import Attempt
from repairdesk.domain.entry import Entry
from repairdesk.domain.judging import judged as judged
from repairdesk.domain.lifecycle import Row
from repairdesk.domain.order import Order
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.shape import Doc, shown
from repairdesk.domain.staff import SYSTEM, Person
from repairdesk.domain.times import fold, from_iso, iso_utc, parse_at, parse_since, parse_window
from repairdesk.domain.vocabulary import ORDER_ROLES
from repairdesk.errors import N_, NotAllowed, NotFound, NotPermitted, UsageError, Word
from repairdesk.ledger.journal import Reader, Writer

When = str | datetime | None
Window = str | tuple[datetime, datetime] | None


class By(NamedTuple):
    """Who did it, who sat at the keyboard, and when it happened.

    Attributes:
        actor: staff id given with ``--as``; None takes the staff record of the OS user, else ``os:<user>``.
        os_user: the account at the keyboard, which every entry keeps (REC-2).
        at: when it happened, as typed or as a time; None means now.
        confirmed: what a second person confirmed with a PIN just now: for what, who, and the entry that says so.
        clock_is_right: somebody looked, and the machine's clock is right though the record ends later.
        bound: nobody acts for another, as the kernel says who is at the keyboard (strong mode).
    """

    actor: str | None = None
    os_user: str = "unknown"
    at: When = None
    confirmed: tuple[str, str, int] | None = None
    clock_is_right: bool = False
    bound: bool = False


class Remark(NamedTuple):
    """Something worth saying beside the answer; a template and its values, as in an error."""

    message: str
    values: Mapping[str, Any] = MappingProxyType({})


class Answer:
    """What a verb answers: the document of the contract, remarks, and the numbers of the messages that it queued."""

    # Written out: a dataclass takes a millisecond to make, at every start.
    __slots__ = ("doc", "queued", "remarks")

    def __init__(self, doc: Doc, remarks: list[Remark] | None = None, queued: Sequence[int] = ()) -> None:
        self.doc = doc
        self.remarks: list[Remark] = [] if remarks is None else remarks
        self.queued = tuple(queued)


BACK = timedelta(minutes=5)
"""Ours: so far a clock may step back when it is set by the network; a desk does not stop for that."""


class Turn:
    """One attempt of one person, inside one transaction."""

    def __init__(self, ledger: Reader, books: Rulebooks, by: By, now: datetime) -> None:
        self.ledger = ledger
        self.books = books
        self.rules: Rules = books.current(ledger)
        self.now = now
        self.by = by
        self.at = self.time(by.at) or now
        self.remarks: list[Remark] = []
        self.queued: list[int] = []
        self._order: Order | None = None
        self._stored: tuple[Order | None, Doc | None] = None, None
        self._converted: Order | None = None
        self._in_order = False

    def again(self, at: datetime | None, actor: Person | None = None) -> Turn:
        """A further turn in the same transaction, by the same rules and at the same keyboard: a row of a file.

        ``at`` is when that happened; None means with this turn. ``actor`` is who did it; None means the same person.
        Remarks and the order are the new turn's own.
        """
        # Looked up here, so that every further turn has them: a row should not cost two queries of its own.
        _ = self.actor, self.keyboard
        further = Turn.__new__(Turn)
        further.__dict__.update(self.__dict__)
        further.by = self.by._replace(at=at)
        further.at = at or self.at
        if actor is not None:
            if self.by.bound:
                self._check_own(actor.id)
            further.actor = actor
            further.by = further.by._replace(actor=actor.id)
        further.remarks = []
        further._order = None
        further._converted = None
        return further

    # --- what was said, understood (2)

    def time(self, said: When) -> datetime | None:
        """A time as typed, in the desk's zone."""
        return parse_at(said, self.rules.zone) if isinstance(said, str) else said

    def since(self, said: str | datetime, *, end: bool = False) -> datetime:
        """A time as typed, or a day: its beginning, or with ``end`` its last second."""
        return parse_since(said, self.rules.zone, end=end) if isinstance(said, str) else said

    def window(self, said: Window) -> tuple[datetime, datetime] | None:
        """An appointment as typed, in the desk's zone."""
        return parse_window(said, self.rules.zone) if isinstance(said, str) else said

    # --- what there is (11)

    @cached_property
    def actor(self) -> Person:
        """Who does it: ``--as``, else the OS user's staff record, else ``os:<user>``, who has no role."""
        if self.by.bound and self.by.actor:
            self._check_own(self.by.actor)
        if self.by.actor == f"os:{self.by.os_user}":
            return Person(self.by.actor, self.by.os_user, None)
        if self.by.actor:
            return self.person(self.by.actor)
        doc = self.ledger.person_by_os_user(self.by.os_user)
        return _person(doc) if doc else Person(f"os:{self.by.os_user}", self.by.os_user, None)

    def tell_able(self, refusal: NotPermitted) -> None:
        """Add to a refusal who may do it, and whether somebody else can be named here."""
        from repairdesk.desk import near

        roles = [str(role) for role in refusal.values["roles"]]
        order = self._order
        given = [getattr(order, role) for role in roles if order is not None and role in ORDER_ROLES]
        refusal.values["able"] = near.able(self.ledger.staff(), roles, given)
        refusal.values |= {"user": self.by.os_user, "bound": self.by.bound, "wanted": roles}

    def _check_own(self, actor: str) -> None:
        """Whether who did it is who sits at the keyboard, where nobody acts for another.

        Raises:
            NotPermitted: it is somebody else.
        """
        if actor != self.keyboard:
            raise NotPermitted(N_("{user} is {id} here, and nobody acts for another (strong mode): leave out --as"),
                               user=self.by.os_user, id=self.keyboard)  # fmt: skip

    @cached_property
    def keyboard(self) -> str:
        """Who typed it, for the record (REC-2)."""
        doc = self.ledger.person_by_os_user(self.by.os_user)
        return str(doc["id"]) if doc else f"os:{self.by.os_user}"

    def person(self, staff_id: str) -> Person:
        """A staff record.

        Raises:
            NotFound: nobody has that id.
        """
        doc = self.ledger.person_doc(staff_id)
        if doc is None:
            raise nobody(self.ledger, staff_id)
        return _person(doc)

    def load(self, ending: str, *, as_it_stands: bool = False, purged: bool = False) -> Order:
        """The order that a number, or an unambiguous ending of one, names; the turn is about it from here on.

        What happened before the nightly run converted it finds it unconverted (REC-2), unless it is wanted as it stands
        now: a further caller tells nothing of the work.

        Raises:
            NotFound: none ends so. UsageError: several do. NotAllowed: it was purged, and the caller does not take it
                so (``purged``): nothing is left of it to do anything with (RET-3).
        """
        self._order = fetch(self.ledger, ending)
        if not purged:
            refuse_purged(self._order)
        self._converted = None
        if not as_it_stands and self._order.before is not None and self._is_from_before(self._order):
            self._converted = self._order
            clocks = self._order.before.obligations
            self._order = effects.unconverted(self._order)._replace(obligations=clocks)
        return self._order

    def resume(self, order: Order) -> None:
        """Go on with an order that a turn before left in this transaction: nothing of it has to be read again."""
        self._order, self._converted = order, None

    def _is_from_before(self, order: Order) -> bool:
        """Whether this turn tells of a time before the conversion, and the coordination order is still tracked."""
        if order.ended_at is None or self.at >= order.ended_at or order.coordination is None:
            return False
        doc = self.ledger.order_doc(order.coordination)
        return doc is not None and doc["state"] == "tracking"

    @property
    def tells_of_before(self) -> bool:
        """Whether this turn is about an order that the nightly run converted later than the turn's own time (REC-2)."""
        return self._converted is not None

    @property
    def order(self) -> Order:
        """The order that this turn is about, as the entries written so far leave it."""
        assert self._order is not None, "load or begin comes first"
        return self._order

    @property
    def is_prompt(self) -> bool:
        """Whether it is written down soon enough not to count as late (REC-2)."""
        return self.now - self.at <= timedelta(seconds=self.rules.policies.late_after)

    def rules_of(self, order: Order) -> Rules:
        """The rules that the order was judged by when it was taken in (REC-4)."""
        return self.books.of(self.ledger, order.policies_version, order.fees_version)

    # --- whether it may be (12, 10)

    def attempt(self, event: str, args: Mapping[str, Any]) -> Attempt:
        """This attempt, as the domain looks at it; who may do what is today's policy."""
        return Attempt(event, self.actor, self.at, self.now, self.rules.policies, args)

    def permit(self, event: str, **args: Any) -> Row:
        """Ask the table (see ``lifecycle.permit``)."""
        return lifecycle.permit(self.order, self.attempt(event, args))

    def agreed(self, what: str, second: Person) -> None:
        """Whether the second person confirmed this (``vocabulary.SECONDED``), where the policies ask for a PIN.

        Raises:
            NotPermitted: they did not.
        """
        if what in self.rules.policies.second_person.pin:
            from repairdesk.desk.seconding import confirmed

            confirmed(self, what, second)

    # --- what is written

    def check_clock(self) -> None:
        """Whether the machine's clock goes on where the record ends: what is written later says a later time (REC-2).

        Raises:
            NotAllowed: it was set back, and nobody said that it is right now.
        """
        if self._in_order or self.by.clock_is_right:
            return
        last = self.ledger.last_written()
        if last is not None and from_iso(last) > self.now + BACK:
            message = N_(
                "the clock of this machine says {now}, and the last entry was written at {last}: set the clock right; "
                "if it was ahead then and is right now, say so once with REPAIRDESK_CLOCK=right"
            )
            raise NotAllowed(message, rule="REC-2", now=self.now, last=from_iso(last))
        self._in_order = True

    @property
    def writer(self) -> Writer:
        """The ledger, to write in."""
        assert isinstance(self.ledger, Writer), "a reading turn does not write"
        return self.ledger

    def begin(self, number: str, event: str, data: Mapping[str, Any], *, system: bool = False) -> Order:
        """Write the first entry of a new order; the turn is about it from here on."""
        self._order = self._converted = None
        return self.record(event, data, number=number, system=system)

    def record(
        self,
        event: str,
        data: Mapping[str, Any],
        *,
        owing: Sequence[obligations.Change] | None = None,
        system: bool = False,
        number: str | None = None,
    ) -> Order:
        """Append an entry to the order, with what it does to the obligations, and store the order that results.

        Args:
            event: name of the entry.
            data: what it keeps, as plain JSON.
            owing: what it does to the obligations, where that is known already; else it is computed.
            system: the program itself did it.
            number: the number of a new order.
        """
        self.check_clock()
        self._adopt()
        if self._converted is not None:
            self._take_back(event)
        before = self._order
        provisional = self._entry(number or self.order.number, before, event, data, system)
        taken_in = before is None and event == "intake" and owing is None
        if owing is None:
            after = effects.apply(before, provisional)
            owing = judged(before, after, provisional, self.rules_of(after))
        kept = {**data, "obligations": list(owing)} if owing else dict(data)
        void = self._no_longer_due(before, provisional._replace(data=kept))
        if taken_in:
            self._order = self._taken_in(provisional, after, kept)
        else:
            entry = self._append(provisional, {**kept, "voids": void} if void else kept)
            self._order = effects.apply(before, entry)
        self._stored = self._order, self.writer.store_order(self._order)
        if void:
            self._void(void)
        return self._order

    def _no_longer_due(self, before: Order | None, entry: Entry) -> str | None:
        """The coordination order that waited for what else is keyed in, once this entry shows it was not needed."""
        if before is None or before.suspended is None or entry.event == "convert":
            return None
        opened = self.ledger.order_doc(before.suspended)
        after = effects.apply(before, entry)
        policies = self.rules_of(after).policies
        if opened is None or ladder.conversion_due(after, from_iso(opened["reported_at"]), policies) is not None:
            return None
        return before.suspended

    def _void(self, number: str) -> None:
        """A coordination order that was opened too early ends; whoever called because of it is the order's caller."""
        opened, mine = fetch(self.ledger, number), self.order
        back = self.again(opened.reported_at)
        back.record_on(opened, "void", {"reason": "late-slip", "order": mine.number}, system=True)
        for caller in opened.callers:
            # The id of another system stays where it was taken in: there the same report is known again.
            said = {"caller": caller.name, "phone": caller.phone, "said": None, "external_id": None}
            self._order = self.record("join", said, system=True)

    def _take_back(self, event: str) -> None:
        """A conversion that came after what is keyed in now is void, both on record (REC-2).

        What can be done on a converted order, too, leaves it as it is.
        """
        converted, self._converted = self._converted, None
        assert converted is not None
        assert converted.coordination is not None
        self._order = converted
        if lifecycle.leads_on(event, converted.state):
            return
        assert converted.before is not None
        rules = self.rules_of(converted)
        # From its own moment on there was no conversion: no look back (--as-of) finds one without the other.
        back = self.again(converted.ended_at)
        back._order = converted
        owing = keeping.restored(converted, converted.before.obligations, back.at, rules.policies, rules.clocks)
        self._order = back.record("revert", {"coordination": converted.coordination}, owing=owing, system=True)

    def _adopt(self) -> None:
        """Put rules on record that the ledger does not know yet (REC-4).

        Raises:
            NotPermitted: the ledger does not lie with its rules, and it is no manager who brings them.
            NotAllowed: nor do these follow those that it took over last.
        """
        if self.ledger.is_apart:
            self._check_rules_of_the_site()
        self.books.adopt(self.writer, self.actor.id, self.keyboard, self.now)

    def _check_rules_of_the_site(self) -> None:
        """A server's ledger has a folder on each machine: a folder that was left behind judges nothing any more."""
        if self.books.has_new and self.actor.role != "manager" and self.ledger.staff():
            raise NotPermitted(N_("the rules of this folder are others than the ledger knows: they count from the next "
                                  "entry of a manager on"), rule="REC-4")  # fmt: skip
        if behind := self.books.behind(self.ledger):
            kind, version, other = behind
            raise NotAllowed(
                N_("this folder has {kind} {version}, and the site took over {other} since: bring that file up to "
                   "date, or give it a new version, which counts from the next entry of a manager on"),
                rule="REC-4", kind=Word(kind), version=version, other=other,
            )  # fmt: skip

    def append(
        self, stream: str, event: str, data: Mapping[str, Any], at: datetime | None = None, *, system: bool = False
    ) -> Entry:
        """Append to a stream of the desk that is no order's, such as ``staff:W1``; ``at`` by default now."""
        self.check_clock()
        self._adopt()
        happened = at or self.now
        return self.writer.append(
            stream,
            event,
            actor=SYSTEM if system else self.actor.id,
            keyboard=self.keyboard,
            occurred_at=happened,
            recorded_at=self.now,
            late=self.now - happened > timedelta(seconds=self.rules.policies.late_after),
            data=data,
        )

    def record_on(self, order: Order, event: str, data: Mapping[str, Any], *, system: bool = False) -> Order:
        """Append to another order than the one the turn is about, which stays the same."""
        mine, self._order = self._order, order
        try:
            return self.record(event, data, system=system)
        finally:
            self._order = mine

    def _entry(self, number: str, before: Order | None, event: str, data: Mapping[str, Any], system: bool) -> Entry:
        rules = self.rules_of(before) if before else self.rules
        late = self.now - self.at > timedelta(seconds=rules.policies.late_after)
        actor = SYSTEM if system else self.actor.id
        version = before.version + 1 if before else 1
        return Entry(0, number, version, event, actor, self.keyboard, self.at, self.now, late, data)

    def _taken_in(self, entry: Entry, order: Order, kept: Mapping[str, Any]) -> Order:
        """Append the first entry of an order: what its number was just made for, and nothing has to be looked up.

        ``order`` is what the entry made already, but for what is owed. A long file is full of such entries, and to read
        each of them again to say the same took a tenth of it; ``verify`` folds what was written.
        """
        self.writer.write(
            entry.number, entry.event, actor=entry.actor, keyboard=entry.keyboard, occurred_at=entry.occurred_at,
            recorded_at=entry.recorded_at, late=entry.late, data=kept, version=entry.version,
        )  # fmt: skip
        return order._replace(obligations=obligations.apply((), kept.get("obligations", ())))

    def _append(self, entry: Entry, data: Mapping[str, Any]) -> Entry:
        return self.writer.append(
            entry.number,
            entry.event,
            actor=entry.actor,
            keyboard=entry.keyboard,
            occurred_at=entry.occurred_at,
            recorded_at=entry.recorded_at,
            late=entry.late,
            data=data,
        )

    # --- what is answered

    def remark(self, message: str, **values: Any) -> None:
        """Say something beside the answer; its times are the desk's."""
        local = {k: v.astimezone(self.rules.zone) if isinstance(v, datetime) else v for k, v in values.items()}
        self.remarks.append(Remark(message, local))

    def answer(self) -> Answer:
        """The order as it is now, in the shape of the contract."""
        order, doc = self._stored
        if order is self._order and doc is not None:
            return Answer(shown(doc, self.now, self.rules.zone), self.remarks, self.queued)
        return Answer(present(self.order, self.rules, self.now), self.remarks, self.queued)


def _person(doc: Mapping[str, Any]) -> Person:
    duty = tuple((from_iso(span["from"]), from_iso(span["to"])) for span in doc["duty"])
    trades = tuple(doc["trades"])
    return Person(doc["id"], doc["name"], doc["role"], trades, doc["os_user"], doc["retired"], duty)


def resolve(ledger: Reader, ending: str) -> str:
    """The number that an unambiguous ending names.

    Raises:
        NotFound: no order's number ends so. UsageError: several do; the error names some.
    """
    numbers = ledger.numbers_ending(fold(ending).upper())
    if not numbers:
        raise _no_order(ledger, ending)
    if len(numbers) > 1:
        from repairdesk.desk import near

        candidates, told = near.several(ledger, fold(ending).upper())
        raise UsageError(
            N_("{number} could be any of: {numbers}"), number=ending, numbers=told, extra={"candidates": candidates}
        )
    return numbers[0]


def _no_order(ledger: Reader, typed: str) -> NotFound:
    """There is none; with those that were perhaps meant."""
    from repairdesk.desk import near

    meant = near.orders(ledger, typed)
    if not meant:
        return NotFound(N_("there is no order {number}"), number=typed)
    told = [near.seen(ledger, number) for number in meant]
    return NotFound(N_("there is no order {number}; did you mean {near}?"), number=typed, near=told,
                    extra={"near": meant})  # fmt: skip


def nobody(ledger: Reader, typed: str) -> NotFound:
    """Nobody is; with those who were perhaps meant."""
    from repairdesk.desk import near

    meant = near.people(ledger.staff(), typed)
    if not meant:
        return NotFound(N_("nobody at this desk has the id {id} (staff list)"), id=typed)
    return NotFound(N_("nobody at this desk has the id {id}; did you mean {near}?"), id=typed, near=meant,
                    extra={"near": [one.partition(" ")[0] for one in meant]})  # fmt: skip


def fetch(ledger: Reader, ending: str, until: datetime | None = None) -> Order:
    """An order, folded from its entries; ``until`` gives it as it stood then.

    Raises:
        NotFound: there is none, or there was none yet. UsageError: the ending names several. NotAllowed: it was kept
            as it was found in another system later than that, and no entry tells of anything before.
    """
    number = resolve(ledger, ending)
    order = effects.fold(ledger.entries(number), until)
    if order is None:
        raise NotFound(N_("there was no order {number} yet"), number=number)
    if until is not None and order.as_found and order.ended_at is not None and until < order.ended_at:
        message = N_("{number} is kept as another system had it at {at}: how it stood before, nothing tells")
        raise NotAllowed(message, rule="REC-5", number=number, at=order.ended_at)
    return order


def refuse_purged(order: Order) -> None:
    """Whether there is still something in it.

    Raises:
        NotAllowed: it was purged.
    """
    if order.purged is not None:
        raise NotAllowed(N_("{number} was purged at {at}: what is left of it, show tells"), rule="RET-3",
                         number=order.number, at=from_iso(order.purged["at"]))  # fmt: skip


def present(order: Order, rules: Rules, now: datetime, *, reveal: bool = False) -> Doc:
    """An order in the shape of the contract, as it stands at ``now``."""
    from repairdesk.domain.shape import to_doc

    return shown(to_doc(order), now, rules.zone, reveal=reveal)


def told(**values: str | None) -> None:
    """Whether what goes on record says something; blanks are no reason and no name.

    Raises:
        UsageError: one does not; names each.
    """
    gaps = [name for name, value in values.items() if not (value or "").strip()]
    if gaps:
        raise UsageError(N_("missing: {fields}"), fields=gaps, extra={"missing": gaps})


def stamp(moment: datetime) -> str:
    """A time as entries keep it."""
    return iso_utc(moment)
