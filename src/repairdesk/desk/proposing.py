"""What the desk knows before anything is said, and whether what was said so far would do: for whoever asks for it.

A dialogue at the terminal and a form on a screen ask the same. Nothing here is kept: what would be refused is found by
doing it and undoing it, so that a question is answered by the very checks of the verb.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.households import household_of, name_key
from repairdesk.desk.reporting import overlaps, understood, with_phone
from repairdesk.desk.turn import Answer, By, Turn, resolve, stamp
from repairdesk.domain import intake, offering, windows, wording
from repairdesk.domain.effects import fold
from repairdesk.domain.fees import Price
from repairdesk.domain.intake import Report
from repairdesk.domain.money import yuan
from repairdesk.domain.policy import Policies
from repairdesk.domain.shape import Doc, masked, shown
from repairdesk.domain.spelling import LONGEST
from repairdesk.domain.staff import Person
from repairdesk.domain.times import from_iso
from repairdesk.errors import N_, NotFound, UsageError

RECENT = 5
"""So many orders that are over are told of a place."""
_LONGEST = 400
"""Orders that are looked at, at most, to find those that somebody can do something with."""
_STATES = {
    "assign": ("reported", "quoted"),
    "accept": ("assigned",),
    "start": ("assigned", "paused"),
    "finish": ("on_site", "paused", "tracking"),
    "sign": ("finished",),
}
"""In which states an order can be what a verb is about; ``offering`` says whether it is."""
_BEFORE_SIGNING = ("assign",)
"""What is done with anybody's order; the rest with one's own."""


class Proposing(Base):
    """What is known of a place, what words propose, and what would be refused."""

    def known_place(self, by: By, said: str, *, recent: int = RECENT) -> Doc:
        """What the desk knows of a place, however it is written.

        Returns:
            ``place`` in its one form; ``known``, whether a household or an order has it; ``meant``, the places that
            it could stand for where it is not known; ``near``, homes of the register that a slip of one sign makes of
            it; ``kind``, what work there most likely is; ``household``, phones
            masked; ``people``, ``[{name, phone, ref, source}]`` who could be calling, the phone masked and ``ref``
            what ``Report.phone`` takes for it; ``open`` and ``recent``, the orders there, newest first; ``since``, how
            far back ``recent`` looks.

        Raises:
            UsageError: it is no place that can be written down.
        """
        with self.look(by) as turn:
            place = intake.told_place(said, turn.rules.policies)
            since = turn.at - timedelta(seconds=turn.rules.policies.repeat_within)
            opened, _ = turn.ledger.orders({"place": place, "open": 1}, recent)
            lately, _ = turn.ledger.orders({"place": place, "since": stamp(since)}, recent + len(opened))
            over = [doc for doc in lately if doc["number"] not in {one["number"] for one in opened}][:recent]
            household = household_of(turn, place)
            known, unit = bool(household or opened or lately), _is_unit(said, turn.rules.policies)
            return {
                "place": place,
                "known": known,
                "meant": [] if known else _meant(turn, place),
                "near": [] if known or not unit else _near(turn, place),
                "kind": "in_home" if household or unit else "public_area",
                "household": household,
                "people": _people(turn, place, [*opened, *over]),
                "open": [shown(doc, turn.at, turn.rules.zone) for doc in opened],
                "recent": [shown(doc, turn.at, turn.rules.zone) for doc in over],
                "since": since.astimezone(turn.rules.zone).isoformat(),
            }

    def proposed(self, by: By, fault: str) -> Doc:
        """What the words of a fault propose (``policies.yaml``, ``proposals``).

        Returns:
            ``kind``, ``category``, ``priority``, each None where nothing speaks for any; ``services``,
            ``[{code, name, unit, price: {kind, low, high}}]`` with amounts as text, only those on the fee table;
            ``because``, the words that were heard.
        """
        with self.look(by) as turn:
            heard = wording.propose(turn.rules.policies.proposals, fault)
            # Whoever hears of none does not wait for the fee table.
            services = [] if not heard.services else [
                _service(turn.rules.fees.services[code]) for code in heard.services if code in turn.rules.fees.services
            ]  # fmt: skip
            plain = {name: getattr(heard, name) for name in ("kind", "category", "priority")}
            return {**plain, "services": services, "because": list(heard.because)}

    def window_meant(self, by: By, said: str) -> str:
        """A visit window as it is said (``明天 9-11``) in the form that ``intake --appointment`` takes.

        Raises:
            UsageError: it is none.
        """
        with self.look(by) as turn:
            text = windows.meant(said, turn.at.astimezone(turn.rules.zone))
            if "/" not in unicodedata.normalize("NFKC", text):
                raise UsageError(N_("“{text}” is no visit window: from when to when, such as 15-17, tomorrow 15-17, "
                                    "fri 9-11"), rule="INT-5", text=said)  # fmt: skip
            turn.window(text)
            return text

    def local(self, by: By, moment: datetime) -> datetime:
        """A time as the desk's clocks show it."""
        with self.look(by) as turn:
            return moment.astimezone(turn.rules.zone)

    def report_checked(self, by: By, report: Report, *, join: str | None = None) -> Doc:
        """Whether ``intake`` would take what was said so far, whatever is still missing: as what the ledger would keep.

        Raises:
            DeskError: what ``intake`` would raise of it; not that something is missing, nor that an order is open.
        """
        intake.check_values(report)
        with self.look(by) as turn:
            report = with_phone(turn, report)
            data = understood(turn, report, "join" if join else "intake")
            if join:
                data["join"] = resolve(turn.ledger, join)
            known = data["category"] is None or data["category"] in turn.rules.policies.categories
            return {**data, "category_known": known, "missing": intake.missing(report)}

    def tried(self, by: By, verb: str, /, *said: Any, **more: Any) -> Answer:
        """What a verb of the desk would answer now; nothing of it is kept.

        Raises:
            DeskError: what the verb would raise.
        """
        from repairdesk.ledger.unkept import Unkept

        desk = type(self)(self.home, self._now, Unkept(self.ledger.store, wait_seconds=self.ledger.wait_seconds))
        answer: Answer = getattr(desk, verb)(by, *said, **more)
        return answer

    def in_hand(self, by: By, verb: str, *, limit: int = 9) -> list[Doc]:
        """The orders that this person could do a verb with now (``assign``, ``accept``, ``start``, ``finish``,
        ``sign``): emergencies, then those that were reported first.
        """
        with self.look(by) as turn:
            mine = {} if verb in _BEFORE_SIGNING else {"staff": turn.actor.id}
            docs, _ = turn.ledger.orders({**mine, "states": list(_STATES[verb])}, _LONGEST)
            urgent_first = sorted(docs, key=_waits)
            found = (doc for doc in urgent_first if _can(turn, verb, doc))
            return [shown(doc, turn.at, turn.rules.zone) for doc in islice(found, limit)]

    def technicians(self, by: By, number: str) -> list[Doc]:
        """Who could be sent on an order, the likeliest first: who has the trade, is on duty, is free, has least to do.

        ``[{id, name, role, trades, fits, on_duty, clash, held}]``; ``clash`` are the numbers expected in that window.
        """
        with self.look(by) as turn:
            order = turn.load(number)
            category = turn.rules.policies.categories.get(order.category or "")
            trade = category.trade if category else None
            kept = turn.ledger.roster_is_kept()
            people = [
                _hand(turn, doc, trade, kept, order.number, order.appointment)
                for doc in turn.ledger.staff()
                if not doc["retired"] and doc["role"] in ("technician", "contractor") and doc["id"] != order.assignee
            ]
            return sorted(people, key=_unlikely)

    def materials(self, by: By) -> Doc:
        """The fee table as a form offers it: ``{services: {code: …}, materials: {code: …}}`` with names and prices."""
        with self.look(by) as turn:
            table = turn.rules.fees
            return {
                "services": {code: _service(one) for code, one in table.services.items()},
                "materials": {
                    code: {"code": code, "name": one.name, "unit": one.unit, "price": yuan(one.price)}
                    for code, one in table.materials.items()
                },
            }


def phone_meant(turn: Turn, place: str | None, said: str) -> str:
    """The phone that ``@1`` (the household's first) or ``@NUMBER`` (of that order) stands for, at this place.

    Raises:
        NotFound: the place has none.
    """
    ref = unicodedata.normalize("NFKC", said).strip()[1:].upper()
    where = intake.canonical_place(place or "", turn.rules.policies)
    phone: str | None = None
    if ref.isdigit() and len(ref) == 1:
        household = turn.ledger.household_at(where)
        phones = household["phones"] if household else []
        phone = phones[int(ref) - 1] if 0 < int(ref) <= len(phones) else None
    else:
        doc = turn.ledger.order_doc(ref)
        phone = doc["phone"] if doc and doc["place"] == where else None
    if not phone:
        raise NotFound(N_("no phone of {place} is known as {ref}"), rule="INT-1", place=place or "", ref=said)
    return str(phone)


def _people(turn: Turn, place: str, docs: list[Mapping[str, Any]]) -> list[Doc]:
    """Who lives there, then who called from there; of a name without a phone the one that was last called from."""
    household = turn.ledger.household_at(place)
    names, phones = (household["names"], household["phones"]) if household else ([], [])
    found: dict[str, Doc] = {}
    for n, name in enumerate(names):
        at = n if n < len(phones) and len(phones) >= len(names) else 0
        found[name_key(name)] = _person(name, phones[at] if phones else None, f"@{at + 1}", "household")
    if phones and not names:
        found[""] = _person(None, phones[0], "@1", "household")
    for doc in docs:
        known = found.get(name_key(doc["caller"] or ""))
        if doc["caller"] and (known is None or (known["phone"] is None and doc["phone"])):
            found[name_key(doc["caller"])] = _person(doc["caller"], doc["phone"], f"@{doc['number']}", doc["number"])
    return list(found.values())


def _person(name: str | None, phone: str | None, ref: str, source: str) -> Doc:
    return {"name": name, "phone": masked(phone) if phone else None, "ref": ref if phone else None, "source": source}


def _meant(turn: Turn, place: str) -> list[str]:
    """Places of the register that somebody may mean: without what people put between the parts, or the ending alone."""
    wanted = _signs(place)
    if len(wanted) < 2:
        return []
    same, ending = [], []
    for doc in turn.ledger.households():
        signs = _signs(doc["place"])
        if signs == wanted:
            same.append(doc["place"])
        elif signs.endswith(wanted) or doc["place"].endswith(place):
            ending.append(doc["place"])
    return (same or ending)[:9]


def _near(turn: Turn, place: str) -> list[str]:
    """Homes of the register that were perhaps meant: two signs that changed places, then one that is another."""
    wanted = _signs(place)
    swapped, other = [], []
    for doc in turn.ledger.households():
        signs = _signs(doc["place"])
        differ = [n for n, (one, two) in enumerate(zip(wanted, signs, strict=False)) if one != two]
        if len(signs) != len(wanted) or not 0 < len(differ) < 3:
            continue
        if len(differ) == 1:
            other.append(doc["place"])
        elif differ[1] - differ[0] == 1 and sorted(wanted) == sorted(signs):
            swapped.append(doc["place"])
    return [*swapped, *other][:3]


def _signs(place: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", place).upper() if sign.isalnum())


def _is_unit(said: str, policies: Policies) -> bool:
    """Whether a pattern of the policies knows this spelling: units have numbers, public areas have words."""
    text = " ".join(unicodedata.normalize("NFKC", said).split())
    short = len(text) <= LONGEST
    return short and any(re.fullmatch(one.pattern, text.upper()) for one in policies.places)


def _waits(doc: Doc) -> tuple[bool, str, str]:
    """Sorts emergencies first, then by when they were reported."""
    return doc["priority"] != "emergency", doc["reported_at"], doc["number"]


def _can(turn: Turn, verb: str, doc: Mapping[str, Any]) -> bool:
    order = fold(turn.ledger.entries(doc["number"]))
    if order is None:
        return False
    offers = offering.offers(order, turn.actor, turn.at, turn.rules.policies)
    return any(offer.verb == verb and offer.refusal is None for offer in offers)


def _hand(turn: Turn, doc: Doc, trade: str | None, kept: bool, number: str, window: Any) -> Doc:
    duty = tuple((from_iso(span["from"]), from_iso(span["to"])) for span in doc["duty"])
    person = Person(doc["id"], doc["name"], doc["role"], tuple(doc["trades"]), None, False, duty)
    return {
        **{name: doc[name] for name in ("id", "name", "role", "trades")},
        "fits": trade is None or trade in doc["trades"],
        "on_duty": not kept or person.on_duty(turn.at),
        "clash": overlaps(turn, person.id, window, number),
        "held": len(turn.ledger.held_by(person.id)),
    }


def _unlikely(one: Doc) -> tuple[bool, bool, bool, int]:
    """Sorts whoever is likeliest to be sent first."""
    return not one["fits"], not one["on_duty"], bool(one["clash"]), one["held"]


def _service(one: Any) -> Doc:
    return {"code": one.code, "name": one.name, "unit": one.unit, "category": one.category, "price": _price(one.price)}


def _price(price: Price) -> Doc:
    amounts = {end: None if fen is None else yuan(fen) for end, fen in (("low", price.low), ("high", price.high))}
    return {"kind": price.kind, **amounts}
