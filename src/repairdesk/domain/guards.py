"""The conditions of the life of an order, one small named function each.

A guard looks at the order and the attempt and answers None when it agrees, or a dictionary that fills the second
paragraph of its docstring when it does not; ``also`` in it are commands that would help. The first line of the
docstring is the sentence that users read. The rule it rests on stands at the end of the definition, in ``@on("RULE")``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from repairdesk.domain.attempt import Attempt
from repairdesk.domain.keeping import EXPLAINERS
from repairdesk.domain.money import yuan
from repairdesk.domain.order import Order
from repairdesk.domain.vocabulary import LOW_RATINGS
from repairdesk.errors import Word

Verdict = dict[str, Any] | None
F = TypeVar("F", bound=Callable[..., Verdict])
_RULES: dict[Any, str] = {}


def on(rule: str) -> Callable[[F], F]:
    """Say which rule of the rulebook a guard rests on."""

    def mark(guard: F) -> F:
        _RULES[guard] = rule
        return guard

    return mark


def rule_of(guard: Callable[..., Verdict]) -> str | None:
    """The rule that a guard rests on."""
    return _RULES.get(guard)


def sentences(guard: Callable[..., Verdict]) -> tuple[str, str]:
    """A guard's sentence, and the template of its figures (empty when it has none)."""
    head, _, detail = inspect.cleandoc(guard.__doc__ or "").partition("\n\n")
    return " ".join(head.split()), " ".join(detail.split())


def chosen(verb: str, attempt: Attempt) -> bool:
    """Signing and not signing are one event with two rows; what was said chooses between them."""
    if attempt.event != "sign":
        return True
    return (verb == "sign-unsigned") == bool(attempt.args.get("unsigned"))


@on("QUO-2")
def fee_is_given(order: Order, attempt: Attempt) -> Verdict:
    """A quote is an amount above zero."""
    return None if attempt.args["fee"] > 0 else {}


@on("QUO-2")
def fee_is_in_range(order: Order, attempt: Attempt) -> Verdict:
    """Where the fee table gives a range, the quote lies within it.

    For what was asked for that is {low} to {high}.
    """
    bounds, fee = attempt.args.get("bounds"), attempt.args["fee"]
    if bounds is None or bounds[0] <= fee <= bounds[1]:
        return None
    return {"low": yuan(bounds[0]), "high": yuan(bounds[1])}


@on("QUO-1")
def fee_is_known(order: Order, attempt: Attempt) -> Verdict:
    """Nothing was quoted yet: say which sum is agreed to, with --fee."""
    return None if attempt.args.get("fee") is not None else {}


@on("QUO-2")
def fee_covers_the_quote(order: Order, attempt: Attempt) -> Verdict:
    """The resident agrees to the fee that was quoted; less is a new quote, or a no (consent --declined).

    {quote} was quoted.
    """
    fee = attempt.args.get("fee")
    # On site what is found may be less than what was reported (QUO-4); a reviewed fee only the supervisor changes.
    floor = order.reviewed if order.visits else order.quote
    return {"quote": yuan(floor)} if fee is not None and floor is not None and fee < floor else None


@on("QUO-2")
def review_is_done(order: Order, attempt: Attempt) -> Verdict:
    """Work that is not on the fee table waits for the supervisor's review."""
    return {} if order.unlisted and order.reviewed is None else None


@on("QUO-2")
def unlisted_is_agreed(order: Order, attempt: Attempt) -> Verdict:
    """Work that is not on the fee table is assigned once the resident agrees to the reviewed fee."""
    if not order.unlisted or order.reviewed is None:
        return None
    return None if order.consent is not None and order.consent.fee >= order.reviewed else {}


@on("QUO-3")
def technician_says_so(order: Order, attempt: Attempt) -> Verdict:
    """Once a technician is assigned, it is the technician who records a resident's no."""
    return {} if order.assignee is not None and attempt.actor.id != order.assignee else None


@on("QUO-3")
def two_people_decline(order: Order, attempt: Attempt) -> Verdict:
    """A resident's no is recorded by two people: the technician (before assignment the clerk) and the supervisor."""
    second = attempt.args["second"]
    return None if second.id != attempt.actor.id and second.role == "supervisor" and not second.retired else {}


@on("ASG-1")
def assignee_goes_out(order: Order, attempt: Attempt) -> Verdict:
    """Only a technician or a contractor of the desk can be sent.

    {who} is not one.
    """
    person = attempt.args["assignee"]
    return None if person.goes_out else {"who": person.id}


@on("ASG-4")
def reassigning_has_a_reason(order: Order, attempt: Attempt) -> Verdict:
    """Reassigning an order needs a reason.

    It is with {who} now.
    """
    if order.assignee is None or order.state == "advised" or attempt.args.get("reason"):
        return None
    return {"who": order.assignee}


@on("ASG-3")
def visits_do_not_overlap(order: Order, attempt: Attempt) -> Verdict:
    """Two visits of one technician do not overlap, unless forced with --force and a reason.

    {who} is expected on {numbers} in that time.
    """
    overlapping = attempt.args.get("overlapping") or []
    if not overlapping or (attempt.args.get("force") and attempt.args.get("reason")):
        return None
    person = attempt.args.get("assignee")
    return {"who": person.id if person else order.assignee, "numbers": overlapping}


@on("ASG-1")
def not_accepted(order: Order, attempt: Attempt) -> Verdict:
    """The order was accepted already."""
    return None if order.accepted_at is None else {}


@on("VIS-1")
def not_started(order: Order, attempt: Attempt) -> Verdict:
    """The service was started already."""
    visit = order.running_visit
    return {} if visit is not None and visit.started_at is not None else None


@on("VIS-1")
def started(order: Order, attempt: Attempt) -> Verdict:
    """The service has not been started: its time runs from the start (start)."""
    visit = order.running_visit
    return None if visit is not None and visit.started_at is not None else {}


@on("QUO-1")
def paid_work_is_agreed(order: Order, attempt: Attempt) -> Verdict:
    """Paid work starts after the resident's consent; an emergency may start first, with a reason.

    {fee} was quoted and is not agreed to.
    """
    if not order.quote or (order.consent is not None and order.consent.fee >= order.quote):
        return None
    if order.priority == "emergency" and attempt.args.get("reason"):
        return None
    return {"fee": yuan(order.quote)}


@on("VIS-9")
def disturbance_is_agreed(order: Order, attempt: Attempt) -> Verdict:
    """Noise, or cutting power or water, needs the resident's agreement on record (--agreed-by), or another time.

    This work brings: {disturbs}.
    """
    disturbs = attempt.args.get("disturbs") or []
    return None if not disturbs or attempt.args.get("agreed_by") else {"disturbs": [Word(one) for one in disturbs]}


@on("VIS-5")
def next_time_is_ahead(order: Order, attempt: Attempt) -> Verdict:
    """The next time lies after the time at which the work was left."""
    return None if attempt.args["next"] > attempt.at else {}


@on("ASG-3")
def window_is_ahead(order: Order, attempt: Attempt) -> Verdict:
    """An appointment lies ahead of the time at which it is made."""
    return None if attempt.args["appointment"][0] >= attempt.at else {}


@on("VIS-6")
def something_is_out(order: Order, attempt: Attempt) -> Verdict:
    """Nothing that was taken away is still out."""
    return None if order.out else {}


@on("VIS-6")
def nothing_is_out(order: Order, attempt: Attempt) -> Verdict:
    """What was taken away has to come back first (returned).

    Still out: {items}.
    """
    return {"items": list(order.out)} if order.out else None


@on("VIS-6")
def nothing_of_the_order_is_out(order: Order, attempt: Attempt) -> Verdict:
    """What was taken away on the order it came from has to come back first (returned).

    Still out: {items}.
    """
    out = attempt.args.get("out")
    return {"items": list(out)} if out else None


@on("VIS-6")
def items_were_taken(order: Order, attempt: Attempt) -> Verdict:
    """Only what was taken away can come back.

    Not out: {items}. Out: {out}.
    """
    strange = [item for item in attempt.args["items"] if item not in order.out]
    return {"items": strange, "out": list(order.out)} if strange else None


@on("FEE-6")
def approver_may_reduce(order: Order, attempt: Attempt) -> Verdict:
    """A reduction is approved by a supervisor or manager, up to the sum of the role, and never by who did the work.

    {who} ({role}) approves up to: {most}.
    """
    approver, reduction = attempt.args.get("approver"), attempt.args.get("reduction")
    if approver is None or reduction is None:
        return None
    policies = attempt.policies
    told = {"who": approver.id, "role": Word(approver.role or "no role")}
    hands = order.hands | {attempt.actor.id} if attempt.event == "finish" else order.hands
    allowed = approver.role in policies.may["reduce"] and not approver.retired and approver.id not in hands
    limit = policies.reductions.get(approver.role or "", 0) if allowed else 0
    if allowed and (limit is None or reduction <= limit):
        return None
    return {**told, "most": yuan(limit) if limit else Word("nothing")}


@on("FEE-8")
def bill_changes(order: Order, attempt: Attempt) -> Verdict:
    """A corrected bill differs from the one that it takes the place of."""
    return {} if attempt.args.get("same") else None


@on("QUO-4")
def consent_covers_the_bill(order: Order, attempt: Attempt) -> Verdict:
    """What the resident agrees to after the work is done is not less than the bill.

    The bill is {total}.
    """
    fee, total = attempt.args.get("fee"), order.bill["total"] if order.bill else 0
    return {"total": yuan(total)} if fee is not None and fee < total else None


@on("FEE-7")
def something_is_owed(order: Order, attempt: Attempt) -> Verdict:
    """Nothing of this order's bill is left to be paid.

    Order: {number}.
    """
    return None if order.open_amount > 0 else {"number": order.number}


@on("FEE-7")
def amount_is_open(order: Order, attempt: Attempt) -> Verdict:
    """A payment is above zero, and not above what is open.

    Open on {number}: {open}.
    """
    amount = attempt.args["amount"]
    return None if 0 < amount <= order.open_amount else {"open": yuan(order.open_amount), "number": order.number}


@on("FEE-7")
def something_was_received(order: Order, attempt: Attempt) -> Verdict:
    """Nothing was received for this order that could be paid back."""
    return None if order.received > 0 else {}


@on("FEE-7")
def amount_was_received(order: Order, attempt: Attempt) -> Verdict:
    """What is paid back is above zero, and not above what was received.

    Received: {received}.
    """
    amount = attempt.args["amount"]
    return None if 0 < amount <= order.received else {"received": yuan(order.received)}


@on("QUO-4")
def bill_is_agreed(order: Order, attempt: Attempt) -> Verdict:
    """A bill never exceeds the resident's last consent; above it a new consent is needed (consent --fee).

    The bill would be {total}, {over} above the {agreed} agreed to.
    """
    bill = attempt.args.get("bill")
    agreed = order.consent.fee if order.consent else 0
    if bill is None or bill.total <= agreed:
        return None
    over = bill.total - agreed
    return {"total": yuan(bill.total), "over": yuan(over), "agreed": yuan(agreed), "also": ("consent",)}


@on("FIN-3")
def signed_by_resident(order: Order, attempt: Attempt) -> Verdict:
    """The resident signs and rates."""
    return None if attempt.args.get("by") and attempt.args.get("rating") else {}


@on("FIN-3")
def unsigned(order: Order, attempt: Attempt) -> Verdict:
    """Without a signature the leader verifies the work and records why."""
    return None if attempt.args.get("reason") else {}


@on("FIN-5")
def checker_did_not_do_the_work(order: Order, attempt: Attempt) -> Verdict:
    """The one who checks the slip is not one who did the work."""
    return {} if attempt.actor.id in order.workers else None


@on("CAL-3")
def caller_did_not_do_the_work(order: Order, attempt: Attempt) -> Verdict:
    """The one who calls back is not one who did the work."""
    return {} if attempt.actor.id in order.hands else None


@on("CAL-3")
def caller_fits(order: Order, attempt: Attempt) -> Verdict:
    """Who calls back depends on how grave the matter is.

    Here it is for: {roles}.
    """
    roles = attempt.policies.callbacks.callers[order.severity or "general"]
    return None if attempt.actor.role in roles else {"roles": [Word(role) for role in roles]}


@on("CAL-6")
def may_be_called(order: Order, attempt: Attempt) -> Verdict:
    """Who complained without a name, or asked for a letter alone, is not called; the letter goes on record."""
    return {} if (order.anonymous or order.letter_only) and attempt.args.get("method") != "letter" else None


@on("CAL-4")
def major_is_visited(order: Order, attempt: Attempt) -> Verdict:
    """After a major complaint the callback is a visit."""
    if order.severity != "major" or attempt.args.get("method") == "visit":
        return None
    return None if order.anonymous or order.letter_only else {}


@on("CAL-6")
def letter_is_for_complaints(order: Order, attempt: Attempt) -> Verdict:
    """A letter answers complaints; whoever reported work is called or visited."""
    written = attempt.args.get("letter") or attempt.args.get("method") == "letter"
    return {} if written and order.kind != "complaint" else None


@on("CAL-7")
def something_was_remarked(order: Order, attempt: Attempt) -> Verdict:
    """No remark of a callback is left to be settled."""
    return None if order.open_remarks else {}


@on("CAL-8")
def a_repair(order: Order, attempt: Attempt) -> Verdict:
    """What is looked at again is a repair."""
    return None if order.kind in ("in_home", "public_area") else {}


@on("CAL-8")
def looker_did_not_do_the_work(order: Order, attempt: Attempt) -> Verdict:
    """The one who looks at a repair again is not one who did the work."""
    return {} if attempt.actor.id in order.workers else None


@on("VIS-10")
def explainer_fits(order: Order, attempt: Attempt) -> Verdict:
    """Why work waits is explained by the supervisor or the manager; why a complaint takes long also by the clerk."""
    return None if order.kind == "complaint" or attempt.actor.role in EXPLAINERS else {}


@on("VIS-10")
def expected_is_ahead(order: Order, attempt: Attempt) -> Verdict:
    """The expected time lies ahead."""
    return None if attempt.args["expected"] > attempt.at else {}


@on("FIN-4")
def something_to_hear(order: Order, attempt: Attempt) -> Verdict:
    """Supervisor and manager hear about work that was rated below satisfied."""
    return None if order.rating in LOW_RATINGS else {}


@on("FIN-4")
def something_to_settle(order: Order, attempt: Attempt) -> Verdict:
    """Only what left a resident dissatisfied has to be settled, and only once."""
    return None if order.rating == "dissatisfied" and order.settled is None else {}


@on("COO-4")
def checker_is_not_the_tracker(order: Order, attempt: Attempt) -> Verdict:
    """A coordination order is not checked by its own tracker, nor by an earlier one."""
    return {} if attempt.actor.id in order.trackers else None


@on("FIN-4")
def resident_is_settled(order: Order, attempt: Attempt) -> Verdict:
    """A dissatisfied resident's order is filed once rework that follows it satisfied them (intake --follows), or the
    manager called and they were, or records why it ends (settle)."""
    if order.rating != "dissatisfied" or attempt.args.get("settled"):
        return None
    return {"also": ("callback",)}


@on("REC-1")
def file_is_of_a_kind_that_is_kept(order: Order, attempt: Attempt) -> Verdict:
    """The desk keeps pictures and documents of the kinds that the policies name, whatever a file's name says.

    They are: {kinds}; see attachments.types.
    """
    kinds = attempt.policies.attachments.types
    return None if attempt.args["media"] in kinds else {"kinds": list(kinds)}


@on("REC-1")
def file_is_not_too_large(order: Order, attempt: Attempt) -> Verdict:
    """The desk keeps files up to the size that the policies name.

    This one has {bytes} bytes, and {most} is the most; see attachments.most.
    """
    size, most = attempt.args["bytes"], attempt.policies.attachments.most
    return {"bytes": size, "most": most} if size > most else None


@on("REC-3")
def something_changes(order: Order, attempt: Attempt) -> Verdict:
    """A correction names a new value that differs from the old one."""
    return None if attempt.args["fields"] else {}


@on("COO-1")
def can_be_coordinated(order: Order, attempt: Attempt) -> Verdict:
    """What was taken in as in-home or public-area work can become a coordination order."""
    return None if order.kind in ("in_home", "public_area") else {}


@on("COO-1")
def handing_over_has_a_reason(order: Order, attempt: Attempt) -> Verdict:
    """Giving a coordination order to another tracker needs a reason."""
    return None if attempt.args.get("reason") else {}


@on("COO-1")
def tracker_is_another(order: Order, attempt: Attempt) -> Verdict:
    """The coordination order is this person's already."""
    return {} if attempt.args["tracker"].id == order.tracker else None


@on("COO-1")
def tracker_serves(order: Order, attempt: Attempt) -> Verdict:
    """The tracker is one person of the desk who has not left.

    {who} has.
    """
    tracker = attempt.args["tracker"]
    return {"who": tracker.id} if tracker.retired else None
