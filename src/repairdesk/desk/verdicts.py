"""Whether a dissatisfied resident is one no more (FIN-4): what was said last, on the order and on what reworked it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from repairdesk.desk.turn import Turn
from repairdesk.domain.order import Order
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.shape import Doc, to_doc
from repairdesk.domain.vocabulary import SATISFIED

_REPAIRS = ("in_home", "public_area")
_CALLED_OFF = ("cancelled", "declined")


class Verdict(NamedTuple):
    """What a resident said of the work, and when (UTC); of two in one second the later entry is the last word."""

    at: str
    seq: int
    satisfied: bool


def is_settled(turn: Turn, order: Order) -> bool:
    """Whether the order may be filed though its rating is dissatisfied.

    The manager has recorded why it ends; or the last word is that of a satisfied resident: to the manager who called
    after the rating, or about rework, at its signature or when that was called back.
    """
    if order.settled is not None:
        return True
    doc = to_doc(order)
    own = [call for call in doc["callbacks"][order.called_before :] if call["role"] == "manager"]
    last = max([*_spoken(doc, own), *_reworked(turn, doc, doc["signed_at"])], default=None)
    return last is not None and last.satisfied


def _spoken(doc: Mapping[str, Any], calls: Sequence[Mapping[str, Any]]) -> Iterator[Verdict]:
    """The answers to calls and visits; a letter asks nobody, but where it is all that may be sent (CAL-6)."""
    by_letter = doc["anonymous"] or doc["letter_only"]
    for call in calls:
        if call["outcome"] != "unreached" and (by_letter or call["method"] != "letter"):
            yield Verdict(call["at"], call["seq"], call["outcome"] == "satisfied")


def _reworked(turn: Turn, doc: Doc, since: str) -> Iterator[Verdict]:
    """What was said of the orders that follow this one, or what became of it, and of those that follow them."""
    for number in filter(None, (doc["number"], doc["coordination"], doc["converted_from"])):
        for after in turn.ledger.followers(number):
            if after["kind"] in (*_REPAIRS, doc["kind"]) and after["reported_at"] >= since:
                yield from _said_of(turn, after)
                yield from _reworked(turn, after, since)


def _said_of(turn: Turn, doc: Doc) -> Iterator[Verdict]:
    """The rating of rework, or of what became of it, and the answers to the calls about it; of advice nothing."""
    if doc["coordination"]:
        doc = turn.ledger.order_doc(doc["coordination"]) or doc
    if doc["state"] in _CALLED_OFF or doc["finished_at"] is None:
        return
    if doc["rating"] is not None:
        yield Verdict(doc["signed_at"], 0, doc["rating"] in SATISFIED)
    yield from _spoken(doc, [call for call in doc["callbacks"] if call["at"] >= doc["finished_at"]])
