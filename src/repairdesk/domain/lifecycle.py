"""THE table: what can happen to an order, from which state to which, who may do it, and on what condition.

Read ``TABLE`` and you know the desk. Everything else about states is made from it: refusals with what is possible now,
the diagram and the state table in the docs, the matrix test. A guard is a function that a reader can jump to; the first
line of its docstring is its sentence in every refusal and in the docs, and a second paragraph, if there is one,
is filled with the figures of the case.
"""

from __future__ import annotations

from collections.abc import Callable

from repairdesk.domain import guards as g
from repairdesk.domain.attempt import Attempt
from repairdesk.domain.order import Order
from repairdesk.domain.policy import Policies
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.staff import Person
from repairdesk.errors import N_, NotAllowed, NotPermitted, Word

ORDER = "order"
COORDINATION = "coordination"


Guard = Callable[[Order, Attempt], g.Verdict]


class Row(NamedTuple):
    """One line of the table.

    Attributes:
        event: the entry that it writes.
        on: a work order or a coordination order.
        source: the states from which it is possible; empty for the first entry.
        target: the state it leads to; None when the state stays.
        records: what the entry keeps, in a phrase.
        rule: the rulebook's id.
        may: the verb of “Who may” in the policies; by default the event's own name.
        persons: guards about who does it; they refuse with “not permitted”.
        standing: guards about the order alone: while one refuses, the event is not offered as possible.
        guards: guards about this attempt.
        command: the command that does it, where its name is another.
        offered: whether a refusal names it among what is possible; a correction is always at hand and leads nowhere.
    """

    event: str
    on: str
    source: tuple[str, ...]
    target: str | None
    records: str
    rule: str
    may: str = ""
    persons: tuple[Guard, ...] = ()
    standing: tuple[Guard, ...] = ()
    guards: tuple[Guard, ...] = ()
    command: str = ""
    offered: bool = True

    @property
    def verb(self) -> str:
        """The verb of “Who may” that this row asks for."""
        return self.may or self.event

    @property
    def typed(self) -> str:
        """The command that a user types for it."""
        return self.command or self.event


STATES = (
    "reported quoted assigned on_site paused finished signed closed archived "
    "declined cancelled advised converted tracking"
).split()
ENDS = ("archived", "declined", "cancelled", "advised", "converted")
"""States in which the order itself asks for nothing more."""
OPEN = ("reported", "quoted", "assigned", "on_site", "paused", "tracking")
"""States in which the problem is still there: what a further caller is joined to (REC-6)."""

_EARLY = ("reported", "quoted")
_FIELD = ("assigned", "on_site", "paused")
_UNFINISHED = (*_EARLY, *_FIELD)
_OWING_BACK = (*_FIELD, "finished", "signed", "declined", "converted")
_BILLED = ("finished", "signed", "closed", "archived")
_RATED = ("signed", "closed", "archived")
_ANY = tuple(s for s in STATES if s != "tracking")

TABLE: tuple[Row, ...] = (
    Row("intake", ORDER, (), "reported", N_("who reported what, where and by which channel"), "INT-1"),
    Row("as-found", ORDER, (), None, N_("what another system said of an order that the rules refuse"), "REC-5",
        may="import", command="import"),
    Row("join", ORDER, (*_UNFINISHED, "advised"), None, N_("a further caller"), "REC-6", command="intake",
        offered=False),
    Row("quote", ORDER, _EARLY, "quoted", N_("the fee that the review found"), "QUO-2",
        guards=(g.fee_is_given, g.fee_is_in_range)),
    Row("quote", ORDER, _FIELD, None, N_("the fee of what was found on site"), "QUO-4", guards=(g.fee_is_given,)),
    Row("infeasible", ORDER, _EARLY, "cancelled", N_("why it cannot be done"), "QUO-2", may="quote", command="quote"),
    Row("consent", ORDER, ("quoted",), "reported", N_("the sum agreed to"), "QUO-2",
        guards=(g.fee_is_known, g.fee_covers_the_quote)),
    Row(
        "consent", ORDER, ("reported", *_FIELD), None, N_("the sum agreed to"), "QUO-1",
        standing=(g.review_is_done,), guards=(g.fee_is_known, g.fee_covers_the_quote),
    ),
    Row("consent", ORDER, _BILLED, None, N_("the sum agreed to, for a corrected bill"), "QUO-4",
        guards=(g.fee_is_known, g.consent_covers_the_bill), offered=False),
    Row(
        "decline", ORDER, _UNFINISHED, "declined", N_("why the resident declined, and the two who say so"), "QUO-3",
        persons=(g.technician_says_so, g.two_people_decline), command="consent",
    ),
    Row(
        "assign", ORDER, ("reported", "advised", "assigned", "paused"), "assigned", N_("who goes, and why if again"),
        "ASG-4", standing=(g.review_is_done, g.unlisted_is_agreed),
        guards=(g.assignee_goes_out, g.reassigning_has_a_reason, g.visits_do_not_overlap),
    ),
    Row("accept", ORDER, ("assigned",), None, N_("the technician's signature"), "ASG-1", standing=(g.not_accepted,)),
    Row("arrive", ORDER, ("assigned", "paused"), "on_site", N_("when the technician came, and how late"), "ASG-2"),
    Row("absent", ORDER, ("assigned", "paused"), None, N_("the attempt and the card left"), "VIS-4",
        may="arrive", command="arrive"),
    Row(
        "start", ORDER, _FIELD, "on_site", N_("the start of service and the checklist"), "VIS-1",
        standing=(g.not_started,), guards=(g.paid_work_is_agreed, g.disturbance_is_agreed),
    ),
    Row(
        "pause", ORDER, ("on_site",), "paused", N_("why it is left unfinished, and the next time"), "VIS-5",
        guards=(g.next_time_is_ahead,),
    ),
    Row("explain", ORDER, ("paused",), None, N_("why it waits and until when, as the resident was told"), "VIS-10",
        persons=(g.explainer_fits,), guards=(g.expected_is_ahead,)),
    Row("explain", ORDER, (*_EARLY, "assigned", "on_site"), None,
        N_("why it waits and until when, as the resident was told"), "VIS-10",
        persons=(g.explainer_fits,), guards=(g.expected_is_ahead,), offered=False),
    Row("reschedule", ORDER, (*_EARLY, "assigned", "paused"), None, N_("the new appointment, agreed by whom"), "ASG-3",
        guards=(g.window_is_ahead, g.visits_do_not_overlap)),
    Row("support", ORDER, _FIELD, None, N_("what support is asked for; the leader is told"), "ASG-4"),
    Row("returned", ORDER, _OWING_BACK, None, N_("what came back"), "VIS-6",
        standing=(g.something_is_out,), guards=(g.items_were_taken,)),
    Row(
        "finish", ORDER, ("on_site",), "finished", N_("fault found, result, what was used, the frozen bill"), "FIN-1",
        persons=(g.approver_may_reduce,), standing=(g.started,), guards=(g.bill_is_agreed,),
    ),
    Row(
        "rebill", ORDER, _BILLED, None, N_("the bill reversed, the one in its place, and why"), "FEE-8",
        persons=(g.approver_may_reduce,), guards=(g.bill_changes, g.bill_is_agreed), offered=False,
    ),
    Row("pay", ORDER, ("archived",), None, N_("what was received, how, and the receipt"), "FEE-7",
        standing=(g.something_is_owed,), guards=(g.amount_is_open,)),
    Row("pay", ORDER, ("finished", "signed", "closed"), None, N_("what was received before it is filed"), "FEE-7",
        standing=(g.something_is_owed,), guards=(g.amount_is_open,), offered=False),
    Row("refund", ORDER, _BILLED, None, N_("what was paid back, and why"), "FEE-7", command="pay",
        standing=(g.something_was_received,), guards=(g.amount_was_received,), offered=False),
    Row("sign", ORDER, ("finished",), "signed", N_("rating and signature"), "FIN-3", guards=(g.signed_by_resident,)),
    Row("sign", ORDER, ("finished",), "signed", N_("why it is unsigned, verified by the leader"), "FIN-3",
        may="sign-unsigned", guards=(g.unsigned,)),
    Row("close", ORDER, ("signed",), "closed", N_("the slip is back and right"), "FIN-5",
        persons=(g.checker_did_not_do_the_work,), standing=(g.nothing_is_out,)),
    Row("archive", ORDER, ("closed",), "archived", N_("filed"), "FIN-5", guards=(g.resident_is_settled,)),
    Row("callback", ORDER, ("advised",), None, N_("what the resident said when called back"), "INT-6",
        persons=(g.caller_fits,), guards=(g.may_be_called, g.letter_is_for_complaints)),
    Row("callback", ORDER, _BILLED, None, N_("what the resident said when called back"), "FIN-2",
        persons=(g.caller_did_not_do_the_work, g.caller_fits),
        guards=(g.may_be_called, g.letter_is_for_complaints, g.major_is_visited), offered=False),
    Row("settle-remark", ORDER, ("advised", *_BILLED), None, N_("how a remark of a callback was settled"), "CAL-7",
        persons=(g.caller_did_not_do_the_work, g.caller_fits), standing=(g.something_was_remarked,),
        command="callback"),
    Row("recheck", ORDER, _BILLED, None, N_("how a finished repair looks on the day after"), "CAL-8",
        persons=(g.looker_did_not_do_the_work,), standing=(g.a_repair,), offered=False),
    Row("hear", ORDER, _RATED, None, N_("what the technician says about the rating"), "FIN-4",
        standing=(g.something_to_hear,)),
    Row("settle", ORDER, ("signed", "closed"), None, N_("why it ends though the resident is dissatisfied"), "FIN-4",
        standing=(g.something_to_settle,)),
    Row("cancel", ORDER, (*_EARLY, "assigned", "paused"), "cancelled", N_("why"), "INT-1",
        standing=(g.nothing_is_out,)),
    Row("correct", ORDER, _ANY, None, N_("old value, new value, reason"), "REC-3", guards=(g.something_changes,),
        offered=False),
    Row("exempt", ORDER, _UNFINISHED, None, N_("why it is not converted"), "COO-1", standing=(g.can_be_coordinated,)),
    Row(
        "convert", ORDER, _UNFINISHED, "converted", N_("the coordination order and its tracker"), "COO-1",
        standing=(g.can_be_coordinated,), guards=(g.tracker_serves,),
    ),
    Row("attach", ORDER, _ANY, None, N_("a photo or the signed slip: its name, size and digest"), "REC-1",
        guards=(g.file_is_of_a_kind_that_is_kept, g.file_is_not_too_large), offered=False),
    Row("open", COORDINATION, (), "tracking", N_("what the order knew, and who tracks it"), "COO-1",
        may="convert", command="convert"),
    Row("join", COORDINATION, ("tracking",), None, N_("a further caller"), "REC-6", command="intake", offered=False),
    Row("retrack", COORDINATION, ("tracking", "finished"), None, N_("who tracks it from now on, and why"), "COO-1",
        may="convert", command="assign", guards=(g.tracker_is_another, g.handing_over_has_a_reason, g.tracker_serves)),
    Row("log", COORDINATION, ("tracking",), None, N_("contact, what was said, opinions, plan"), "COO-2"),
    Row("check", COORDINATION, ("tracking",), None, N_("a signed inspection and the support given"), "COO-4",
        persons=(g.checker_is_not_the_tracker,)),
    Row("explain", COORDINATION, ("tracking",), None, N_("why it waits and until when, as the resident was told"),
        "VIS-10", persons=(g.explainer_fits,), guards=(g.expected_is_ahead,), offered=False),
    Row("exempt", COORDINATION, ("tracking",), None, N_("why a week may go without an entry"), "COO-3"),
    Row("finish", COORDINATION, ("tracking",), "finished", N_("the result, signed by the tracker"), "COO-5"),
    Row("sign", COORDINATION, ("finished",), "signed", N_("rating and signature"), "COO-5",
        guards=(g.signed_by_resident,)),
    Row("sign", COORDINATION, ("finished",), "signed", N_("why it is unsigned, verified by the leader"), "FIN-3",
        may="sign-unsigned", guards=(g.unsigned,)),
    Row("close", COORDINATION, ("signed",), "closed", N_("the slip is back and right"), "COO-5",
        persons=(g.checker_did_not_do_the_work,), guards=(g.nothing_of_the_order_is_out,)),
    Row("archive", COORDINATION, ("closed",), "archived", N_("filed"), "COO-5", may="archive-coordination",
        guards=(g.resident_is_settled,)),
    Row("callback", COORDINATION, _BILLED, None, N_("what the resident said when called back"), "CAL-1",
        persons=(g.caller_did_not_do_the_work, g.caller_fits), guards=(g.letter_is_for_complaints,), offered=False),
    Row("settle-remark", COORDINATION, _BILLED, None, N_("how a remark of a callback was settled"), "CAL-7",
        persons=(g.caller_did_not_do_the_work, g.caller_fits), standing=(g.something_was_remarked,),
        command="callback"),
    Row("recheck", COORDINATION, _BILLED, None, N_("how a finished repair looks on the day after"), "CAL-8",
        persons=(g.looker_did_not_do_the_work,), standing=(g.a_repair,), offered=False),
    Row("hear", COORDINATION, _RATED, None, N_("what the tracker says about the rating"), "FIN-4",
        standing=(g.something_to_hear,)),
    Row("settle", COORDINATION, ("signed", "closed"), None, N_("why it ends though the resident is dissatisfied"),
        "FIN-4", standing=(g.something_to_settle,)),
    Row("correct", COORDINATION, ("tracking", "finished", "signed", "closed", "archived"), None,
        N_("old value, new value, reason"), "REC-3", guards=(g.something_changes,), offered=False),
    Row("attach", COORDINATION, ("tracking", "finished", "signed", "closed", "archived"), None,
        N_("a photo or the signed slip: its name, size and digest"), "REC-1",
        guards=(g.file_is_of_a_kind_that_is_kept, g.file_is_not_too_large), offered=False),
)  # fmt: skip


OF_WHAT_WAS_FOUND = ("correct", "attach")
"""What can still happen to an order that was kept as another system had it."""


def rows_of(order: Order) -> tuple[Row, ...]:
    """The rows that can ever apply to this order; one that was kept as it was found can only be corrected."""
    on = COORDINATION if order.is_coordination else ORDER
    return tuple(
        row for row in TABLE if row.on == on and row.source and (not order.as_found or row.event in OF_WHAT_WAS_FOUND)
    )


def leads_on(event: str, state: str) -> bool:
    """Whether the table has this event for orders in that state, whatever its guards say."""
    return any(row.event == event and state in row.source for row in TABLE)


def possible(order: Order, policies: Policies) -> list[str]:
    """The commands that the state and the order itself would accept now, in the table's order.

    What is always possible and leads nowhere (a correction, one more caller) is not worth saying.
    """
    probe = Attempt("", _NOBODY, order.last_done_at, order.last_done_at, policies)
    names = [
        row.typed
        for row in rows_of(order)
        if order.state in row.source and row.offered and all(guard(order, probe) is None for guard in row.standing)
    ]
    return list(dict.fromkeys(names))


_NOBODY = Person("", "", None)


def permit(order: Order, attempt: Attempt) -> Row:
    """The row under which this attempt is allowed.

    Raises:
        NotPermitted: the role, or the person, may not do it; looked at before the state (contract: 12 before 10).
        NotAllowed: the state, the order of time or a guard refuses; says what is possible now.
    """
    named = [row for row in TABLE if row.event == attempt.event and g.chosen(row.verb, attempt)]
    rows = [row for row in named if row in rows_of(order)]
    allowed = possible(order, attempt.policies)
    if not rows:
        check_role(named[0].verb, order, attempt)
        if order.as_found:
            message = N_("{number} is kept as another system had it; what is left to do of it is a report of its own")
            raise NotAllowed(message, rule="REC-5", number=order.number, possible=allowed)
        raise NotAllowed(
            N_("{number} is a different kind of order; this does not apply to it"),
            number=order.number, possible=allowed,
        )  # fmt: skip
    check_person(rows[0], order, attempt)
    row = next((row for row in rows if order.state in row.source), None)
    if row is None:
        raise NotAllowed(
            N_("{number} is {state}; that cannot be done now"),
            rule=rows[0].rule,
            number=order.number,
            state=Word(order.state),
            possible=allowed,
        )
    check_time(order, attempt)
    for guard in (*row.standing, *row.guards):
        _ask(guard, row, order, attempt, NotAllowed)
    return row


def check_person(row: Row, order: Order | None, attempt: Attempt) -> None:
    """Whether this person may do it: the role first, then the person (separation of duties).

    Raises:
        NotPermitted: they may not.
    """
    check_role(row.verb, order, attempt)
    if order is not None:
        for guard in row.persons:
            _ask(guard, row, order, attempt, NotPermitted)


def check_role(verb: str, order: Order | None, attempt: Attempt) -> None:
    """Whether the policies let this person do this verb; ``assignee`` and ``tracker`` are roles the order gives.

    Raises:
        NotPermitted: they do not, or the person is retired.
    """
    actor, roles = attempt.actor, attempt.policies.may.get(verb, ())
    by_order = order is not None and (
        ("assignee" in roles and actor.id == order.assignee and not order.is_coordination)
        or ("tracker" in roles and actor.id == order.tracker)
    )
    if actor.retired:
        raise NotPermitted(N_("{who} has left the desk"), who=actor.id)
    if by_order or actor.role in roles:
        return
    raise NotPermitted(
        N_("{who} ({role}) may not do this; it is for: {roles}"),
        who=actor.id,
        role=Word(actor.role or "no role"),
        roles=[Word(role) for role in roles],
    )


def check_reveal(order: Order | None, attempt: Attempt) -> None:
    """Whether this person may see phone numbers whole, at a time that has come.

    Raises:
        NotPermitted: as ``check_role``. NotAllowed: the time is in the future.
    """
    check_role("reveal", order, attempt)
    check_time(None, attempt)


def check_time(order: Order | None, attempt: Attempt) -> None:
    """Nothing happens in the future, nor before the last thing that a person did on the order (REC-2); a file that is
    attached only not before the report.

    Raises:
        NotAllowed: it would.
    """
    if attempt.at > attempt.now:
        raise NotAllowed(N_("{at} is in the future; now it is {now}"), rule="REC-2", at=attempt.at, now=attempt.now)
    if order is None:
        return
    last = order.reported_at if attempt.event == "attach" else order.last_done_at
    if attempt.at < last:
        raise NotAllowed(
            N_("{at} is before the last entry on {number}, which happened at {last}"),
            rule="REC-2",
            at=attempt.at,
            number=order.number,
            last=last,
        )


def _ask(
    guard: Guard, row: Row, order: Order, attempt: Attempt, refusal: type[NotAllowed] | type[NotPermitted]
) -> None:
    verdict = guard(order, attempt)
    if verdict is None:
        return
    sentence, detail = g.sentences(guard)
    rule = verdict.pop("rule", None) or g.rule_of(guard) or row.rule
    helps = (*possible(order, attempt.policies), *verdict.pop("also", ()))
    raise refusal(
        f"{sentence} {detail}".strip() if verdict else sentence,
        rule=rule,
        possible=list(dict.fromkeys(helps)),
        **verdict,
    )
