"""Who lives where: kept by whoever the policies let, looked up by intake, with phones masked like everywhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from repairdesk.desk.base import Base
from repairdesk.desk.turn import By, Turn, told
from repairdesk.domain import household as households
from repairdesk.domain import lifecycle
from repairdesk.domain.household import STREAM, Household
from repairdesk.domain.intake import canonical_place
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.shape import Doc, masked
from repairdesk.errors import N_, NotAllowed

NEW, CHANGED, SAME = "new", "changed", "same"
"""What ``household_store`` did with what it was told."""


class Told(NamedTuple):
    """What somebody says of a household, in the desk's forms.

    Attributes:
        place: the canonical one; ``place_said`` as it was written.
        names, phones: in the order in which they were told.
        since: the day (``YYYY-MM-DD``) from which they live there.
        unsaid: which of ``names``, ``phones``, ``since`` the teller knows nothing of: the file has no such column.
    """

    place: str
    place_said: str
    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    since: str | None = None
    unsaid: frozenset[str] = frozenset()


class Caller(Protocol):
    """Who calls: what a report and its entry have in common."""

    @property
    def caller(self) -> str | None: ...

    @property
    def phone(self) -> str | None: ...


class Households(Base):
    """The register of households."""

    def household_list(self, by: By, *, find: str | None = None, limit: int | None = 50) -> tuple[list[Doc], int]:
        """Households by place, and how many there are in all; ``find`` is part of a place, a name or a phone."""
        with self.look(by) as turn:
            docs, total = _found(turn, find, limit)
            return [household_shown(doc) for doc in docs], total

    def household_reveal(
        self, by: By, *, reason: str, find: str | None = None, limit: int | None = 50
    ) -> tuple[list[Doc], int]:
        """The same with the phone numbers, which needs a role and a reason and is itself an entry."""
        told(reason=reason)
        with self.turn(by) as turn:
            lifecycle.check_reveal(None, turn.attempt("reveal", {}))
            docs, total = _found(turn, find, limit)
            turn.append("desk", "reveal", {"households": [doc["id"] for doc in docs], "find": find, "reason": reason})
            return [household_shown(doc, reveal=True) for doc in docs], total


def _found(turn: Turn, find: str | None, limit: int | None) -> tuple[list[Doc], int]:
    """The households that a text finds; a place may be typed in any spelling that the policies know."""
    text = (find or "").strip()
    total = turn.ledger.household_count(text)
    if text and not total:
        text = canonical_place(text, turn.rules.policies)
        total = turn.ledger.household_count(text)
    return turn.ledger.households(text, limit), total


# --- keeping


def household_store(turn: Turn, said: Told) -> str:
    """Write down a household, where that adds something; ``NEW``, ``CHANGED`` or ``SAME``.

    A place has one household. What is told replaces what was known; what is ``unsaid`` stays as it was while the same
    people live there, and nothing of people who left is handed on to those who came.

    Raises:
        NotAllowed: the turn is dated before the last entry on that household (REC-2).
    """
    doc = turn.ledger.household_at(said.place)
    if doc is None:
        serial = turn.ledger.next_household()
        _write(turn, Household(f"{serial:06}", said.place, said.names, said.phones, said.since), said)
        return NEW
    known = _household(doc)
    meant = _meant(known, said)
    if _alike(known, meant):
        return SAME
    last = turn.ledger.entries(STREAM + known.id)[-1]
    if turn.at < last.occurred_at:
        raise NotAllowed(
            N_("{at} is before the last entry on {number}, which happened at {last}"),
            rule="REC-2", at=turn.at, number=last.number, last=last.occurred_at,
        )  # fmt: skip
    _write(turn, meant, said)
    return CHANGED


def _meant(known: Household, said: Told) -> Household:
    """The household that would be known afterwards."""
    kept = said.unsaid if _same_people(known, said) else frozenset()
    values = {name: getattr(known if name in kept else said, name) for name in ("names", "phones", "since")}
    return Household(known.id, known.place, **values)


def _same_people(known: Household, said: Told) -> bool:
    """Whether these are the people who were known there: they share a name or, where one side has none, a phone."""
    if "names" in said.unsaid:
        return True
    if known.names and said.names:
        return bool(_keys(known.names) & _keys(said.names))
    return bool(_numbers(known.phones) & _numbers(said.phones))


def _alike(one: Household, other: Household) -> bool:
    """Whether both say the same; another order, or another way to write a number, says nothing new."""
    return (
        _keys(one.names) == _keys(other.names)
        and _numbers(one.phones) == _numbers(other.phones)
        and one.since == other.since
    )


def _write(turn: Turn, household: Household, said: Told) -> None:
    """An entry of the household's own stream: its head holds a count and no place or name, its body can be purged."""
    data = {**households.to_doc(household), "place_said": said.place_said}
    turn.append(STREAM + household.id, "household", data, turn.at)
    turn.writer.store_household(household)


def _household(doc: Mapping[str, Any]) -> Household:
    return Household(doc["id"], doc["place"], tuple(doc["names"]), tuple(doc["phones"]), doc["since"])


# --- looking


def household_of(turn: Turn, place: str | None, *, reveal: bool = False) -> Doc | None:
    """The household of a canonical place as it is answered, phones masked; None where nobody is known."""
    doc = turn.ledger.household_at(place) if place else None
    return household_shown(doc, reveal=reveal) if doc else None


def household_shown(doc: Mapping[str, Any], *, reveal: bool = False) -> Doc:
    """A household of the ledger as it is answered: ``{id, place, names, phones, since}``."""
    phones = [phone if reveal else masked(phone) for phone in doc["phones"]]
    return {"id": doc["id"], "place": doc["place"], "names": list(doc["names"]), "phones": phones,
            "since": doc["since"]}  # fmt: skip


def remark_stranger(turn: Turn, household: Mapping[str, Any] | None, report: Caller) -> None:
    """Remark on a caller who is not of the household by name nor by phone; that is no reason to refuse anybody.

    ``household`` is what ``household_of`` answered. A form of address is enough of a name: 李女士 may be 李兰.
    """
    doc = turn.ledger.household_at(household["place"]) if household else None
    if doc is None or not (report.caller or report.phone):
        return
    by_phone = report.phone and bool(_numbers([report.phone]) & _numbers(doc["phones"]))
    by_name = report.caller and any(_may_be(report.caller, name) for name in doc["names"])
    compared = (report.caller and doc["names"]) or (report.phone and doc["phones"])
    if compared and not by_phone and not by_name:
        names = list(doc["names"]) or [masked(phone) for phone in doc["phones"]]
        turn.remark(N_("the caller is not of the household at {place}: {names}"), place=doc["place"], names=names)


_ADDRESS = r"(女士|先生|小姐|太太|夫人|老师|师傅|阿姨|叔叔|大爷|大妈|大姐|大哥|奶奶|爷爷)$"


def _may_be(caller: str, name: str) -> bool:
    """Whether the name that a caller gave can be this one."""
    one, other = name_key(caller), name_key(name)
    if one == other:
        return True
    short, full = (re.sub(_ADDRESS, "", text) for text in (one, other))
    addressed = short != one or full != other
    return addressed and bool(short and full) and (full.startswith(short) or short.startswith(full))


def name_key(name: str) -> str:
    """What is compared of a name: capitals, spaces and full-width forms make no other person."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _keys(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(name_key, names))


def phone_key(phone: str) -> str:
    """What is compared of a phone: not what people put between its digits."""
    return re.sub(r"[ \-()]", "", unicodedata.normalize("NFKC", phone))


def _numbers(phones: Iterable[str]) -> frozenset[str]:
    return frozenset(map(phone_key, phones))
