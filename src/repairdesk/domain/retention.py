"""How long what is written is kept, and what stays of it afterwards (RET-1 to RET-3). Pure.

What is purged leaves its *remains*: the body of each entry without anything that tells of a person. The entries fold to
an order as before, so counts, times and sums of every past month stay what they were. ``TAKEN`` says, event by event
and key by key, what stays; a key that is not named there does not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from repairdesk.domain.entry import Entry
from repairdesk.domain.fees import UNLISTED
from repairdesk.domain.lifecycle import ENDS
from repairdesk.domain.times import from_iso

Json = Mapping[str, Any]

STREAM = "purge:"
"""What the number of a purge's entry begins with: ``purge:000001``."""
EVENT = "purge"
PLACES = "place:"
"""What the number of a stand-in begins with: ``place:17``."""
PLACE_EVENT = "place"

ORDERS = ("paid", "free", "coordination", "converted")
"""The classes of orders (RET-1)."""
BESIDE: Mapping[str, str] = {"queue": "messages", "household": "households"} | dict.fromkeys(
    ("handover", "reveal", "letter", "opinion"), "notes"
)
"""The class of what can go beside the orders, by event."""
SECONDS = ("leader", "supervisor", "manager")
"""Who may be the second person (Who may: leader or above)."""

GONE = "***"
"""Stands where words stood: that something was said is no secret, and counts (RPT-2)."""
_STAND_IN = re.compile(r"\*[0-9]+")
_KEY = re.compile("[a-z][a-z0-9_]*")
"""As keys of entries are written: one that is told nowhere is dropped, and its name stays."""


# --- which order may go


def class_of(doc: Json) -> str:
    """The class of an order, by its document (RET-1, FEE-9)."""
    if doc["converted_from"] is not None:
        return "coordination"
    if doc["coordination"] is not None:
        return "converted"
    return "paid" if doc["paid"] else "free"


def counted_from(doc: Json) -> datetime | None:
    """From when its time counts: filing, or the end of what was never filed; None while it is not over (RET-1)."""
    # What came from another system can have ended there in a state that is none here.
    at = doc["archived_at"] or (doc["ended_at"] if doc["state"] in ENDS or doc["imported"] else None)
    return from_iso(at) if at else None


def linked(doc: Json) -> tuple[str, ...]:
    """The other orders that an order names: it goes with them, or stays with them (RET-2)."""
    named = (doc["follows"], doc["found_on"], doc["coordination"], doc["converted_from"], doc["suspended"])
    return tuple(dict.fromkeys([one for one in (*named, *doc["voided"]) if one]))


# --- who is named

_APART = re.compile(r"(?<=[0-9])(?:[\s.\-–—]+|(?:[^\w*]|_){1,3})(?=[0-9])")
"""What people put between digits, as masking knows it: what is masked as a phone is forgotten as one."""
_DASHES = re.compile("[‐-―−]")
_FEW = 2  # characters of a name; of one in letters, and of a phone, more
_SOME = 5
_DIGITS = 7  # at least, of a phone
_WHO = ("caller", "phone", "signed_by", "agreed_by", "contact", "invoice")
_WITHIN = {"callers": ("name", "phone"), "visits": _WHO, "callbacks": _WHO, "logs": _WHO}
_NOBODY = frozenset(
    "本人 业主 住户 租户 租客 房东 家属 家人 邻居 保姆 老人 客户 客人 物业 保安 前台 管家 中介 业委会 "
    "owner tenant resident family neighbour neighbor security reception himself herself".split()
)
"""What stands where a name should, and names nobody."""


def people_in(entry: Entry) -> Iterator[str]:
    """Names, phones and invoices of those that an entry of an order tells of, also those that were corrected."""
    data = entry.data
    said = data["fields"] if entry.event == "correct" else data
    for key in (*_WHO, "by") if entry.event == "sign" else _WHO:
        yield from _strings(said.get(key))


def places_in(entry: Entry) -> Iterator[tuple[str, str]]:
    """The places in an entry of an order: as it was said, or is counted, and as it is counted."""
    data = entry.data
    said = data["fields"] if entry.event == "correct" else data
    counted, typed = list(_strings(said.get("place"))), list(_strings(said.get("place_said")))
    for place in (*counted, *_strings(said.get("affects"))):
        yield place, place
    # A correction has two of each, the old one first.
    yield from zip(typed, counted, strict=False)


def people_of(doc: Json) -> Iterator[str]:
    """Names, phones and invoices of those that an order tells of, by its document."""
    for key in _WHO:
        yield from _strings(doc.get(key))
    for name, keys in _WITHIN.items():
        for one in doc.get(name) or ():
            for key in keys:
                yield from _strings(one.get(key))


def places_of(doc: Json) -> Iterator[str]:
    """The places of an order, as they are counted, by its document."""
    yield from _strings(doc["place"])
    yield from _strings(doc.get("affects"))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, Mapping):
        yield from _strings(value.get("old"))
        yield from _strings(value.get("new"))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _strings(one)


def plain(text: str) -> str:
    """A text as names and phones are looked for in it: plain characters, numbers in one piece."""
    return _APART.sub("", spaced(text))


def spaced(text: str) -> str:
    """A text as places are looked for in it: plain characters, each dash the same."""
    return _DASHES.sub("-", " ".join(unicodedata.normalize("NFKC", text).casefold().split()))


class Words:
    """Names and phones, and places, to be found in what people wrote.

    Args:
        said: names and phones.
        places: a place as it may have been written, and as it is counted: in the form of the latter it is found.
    """

    def __init__(self, said: Iterable[str | None], places: Iterable[tuple[str, str]] = ()) -> None:
        people = {plain(one) for one in said if one} - _NOBODY
        self._people = _by_length(people)
        self._counted = {spaced(place): spaced(counted) for place, counted in places}
        # What has no number in it is everybody's: the hall, the garden.
        self._places = _by_length(place for place in self._counted if any(map(str.isdigit, place)))

    def in_(self, value: Any) -> frozenset[str]:
        """Those that are in any text of a JSON value."""
        if isinstance(value, str):
            return frozenset(self._found(spaced(value)))
        inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
        return frozenset().union(*map(self.in_, inner))

    def _found(self, text: str) -> Iterator[str]:
        joined, apart = _joined(text)
        for at, word in _candidates(joined, self._people):
            end = at + len(word)
            runs_on = end not in apart and _runs_on(joined, end)
            # A phone may follow on other digits: those of the country, or of a room.
            is_phone = word[0].isdigit() and len(word) >= _DIGITS
            if not runs_on and (is_phone or at in apart or not _runs_on(joined, at)):
                yield word
        for at, word in _candidates(text, self._places):
            if not _runs_on(text, at) and not _runs_on(text, at + len(word)):
                yield self._counted[word]


def _by_length(words: Iterable[str]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for word in words:
        if len(word) >= (_SOME if word.isascii() else _FEW) and word.strip("*"):
            found.setdefault(len(word), set()).add(word)
    return found


def _candidates(text: str, by_length: Mapping[int, set[str]]) -> Iterator[tuple[int, str]]:
    for length, words in by_length.items():
        for at in range(len(text) - length + 1):
            if (word := text[at : at + length]) in words:
                yield at, word


def _joined(text: str) -> tuple[str, set[int]]:
    """The text with numbers in one piece, and where in it something stood between two digits."""
    pieces = _APART.split(text)
    apart, at = set[int](), 0
    for piece in pieces[:-1]:
        at += len(piece)
        apart.add(at)
    return "".join(pieces), apart


def _runs_on(text: str, at: int) -> bool:
    """Whether a word of plain letters or a number goes on across this place."""
    return 0 < at < len(text) and all(one.isascii() and one.isalnum() for one in text[at - 1 : at + 1])


# --- what stays


class _Rule(str):
    """What happens to a value."""


KEEP = _Rule("keep")  # says nothing of a person
WORDS = _Rule("words")  # somebody's words, or a name: that there were some stays
PLACE = _Rule("place")  # stands-in: one place is still one place
DROP = _Rule("drop")

Taken = _Rule | Mapping[str, Any] | list[Any]


def _said(keep: str = "", words: str = "", place: str = "", drop: str = "", **more: Taken) -> dict[str, Taken]:
    kinds = ((KEEP, keep), (WORDS, words), (PLACE, place), (DROP, drop))
    return {name: rule for rule, names in kinds for name in names.split()} | more


_ANY = "*"  # every other key
_WINDOW = _said("start end")
_FIGURES = "price quantity version minutes own charged cost exact factor fee day end amount months rate percent"
_LINE = _said(
    "type code unit quantity unit_price amount rule", "name", why=_said("text", values=_said(_FIGURES, **{_ANY: WORDS}))
)
# What the bill was made of is asked for by corrections alone, and there are none any more.
_BILL = _said("total paid imported", drop="basis", lines=[_LINE])
_DAMAGES: Taken = [_said("compensation", "what")]
_CORRECTED = "priority severity department help_class category channel"
_CORRECTED_WORDS = "caller phone fault found result model signed_by invoice"


def _changes(keep: str, words: str, place: str, drop: str) -> dict[str, Taken]:
    kinds = ((KEEP, keep), (WORDS, words), (PLACE, place), (DROP, drop))
    return {name: {"old": rule, "new": rule} for rule, names in kinds for name in names.split()}


_INTAKE = _said(
    "kind priority severity department help_class category channel external_id policies_version fees_version "
    "anonymous letter_only told unlisted beyond_table follows found_on quote advised coordinated routed_by services "
    "purged",
    "caller phone fault model because", "place place_said", "purchased warranty_until",
    appointment=_WINDOW, affects=[PLACE], old={_ANY: WORDS},
)  # fmt: skip

TAKEN: Mapping[str, Mapping[str, Taken]] = {
    # From the report to the assignment.
    "intake": _INTAKE,
    # From another system, as it was found there.
    "as-found": _INTAKE | _said("state times rating refused", "found result signed_by ended_reason", bill=_BILL),
    "taken-over": _said(),
    "join": _said("external_id", "caller phone said"),
    "quote": _said("fee total"),
    "consent": _said("fee"),
    "decline": _said("second", "reason"),
    "infeasible": _said("", "reason"),
    "cancel": _said("", "reason"),
    "assign": _said("assignee forced coordinated", "reason"),
    "retrack": _said("tracker", "reason"),
    "accept": _said(),
    # On site.
    "arrive": _said("late_seconds late_apart", "found"),
    "absent": _said("card"),
    "start": _said("late_seconds late_apart checks disturbs", "found reason agreed_by"),
    "pause": _said(
        "at reason next major told checks", "note", damages=_DAMAGES, taken=[_said("", "item loaner")]
    ),
    "reschedule": _said("role", "reason agreed_by", appointment=_WINDOW),
    "support": _said("", "reason"),
    "returned": {"items": [WORDS]},
    # Done, paid, filed.
    "finish": _said(
        "checks follow_up", "found result", bill=_BILL, damages=_DAMAGES,
        refusals=[_said("", "refused explained made_safe")],
    ),
    "rebill": _said("month", "reason", bill=_BILL),
    "pay": _said("amount method receipt", "invoice reason"),
    "refund": _said("amount method receipt", "invoice reason"),
    "sign": _said("rating", "by invoice unsigned_reason"),
    "close": _said(),
    "archive": _said("month"),
    "correct": _said(
        "month told", "reason",
        fields=_changes(_CORRECTED, _CORRECTED_WORDS, "place place_said", "purchased warranty_until"),
    ),
    "attach": _said("at what media_type bytes", "name note", drop="sha256 file"),
    # Coordinated; what the program did.
    "open": _said(
        "kind priority severity category converted_from tracker policies_version fees_version",
        "caller phone fault reason", "place place_said",
    ),
    "exempt": _said("", "reason"),
    "convert": _said("coordination tracker due_at", "reason"),
    "settled": _said("coordination"),
    "escalate": _said("missed name due_at steps told"),
    "revert": _said("coordination"),
    "void": _said("reason order"),
    "log": _said("at", "contact phone content opinions plan", "place"),
    "check": _said("at role", "support"),
    # Called back.
    "callback": _said("at outcome method next role letter imported", "signed_by note text"),
    "hear": _said("at role", "said"),
    "settle": _said("at", "reason"),
    "settle-remark": _said("at", "note"),
    "explain": _said("at expected role", "reason to"),
    "recheck": _said("at outcome", "note"),
    # Beside the orders.
    "queue": _said(
        "to role at key", lines=[_said("number obligation rule level due_at owner role", "place fault")]
    ),
    "household": _said("id since", "place place_said", names=[WORDS], phones=[WORDS]),
    "handover": _said("from to at head counts", "note"),
    "reveal": _said("number households export since until", "find reason"),
    "letter": _said("id numbers", "text"),
    "opinion": _said("month calls outcomes remarks", "text"),
    PLACE_EVENT: _said(drop="place"),
}  # fmt: skip
"""What stays of each entry that can be purged, by its event: every key of it is told."""

COMMON = _said("obligations voids imported ends")
"""What any entry of an order can have besides."""

STAY: Mapping[str, str] = {
    "adopt": "rules, by which orders are judged for good (REC-4)",
    "init": "how the desk began: digests of files",
    "run": "how much a nightly run told",
    "hand-over": "what finance signed for: sums",
    "staff-add": "who works or worked here, and signed (REC-2); no resident",
    "staff-retire": "as staff-add",
    "staff-duty": "as staff-add",
    "pin-set": "salt and hash of a second person's PIN; no resident",
    "pin-reset": "that a PIN was taken back, and why",
    "pin-right": "that a second person agreed, and to what",
    "pin-wrong": "that a PIN was typed wrongly",
    "try": "that a message was tried",
    "sent": "that a message arrived",
    "failed": "that a message did not arrive, and why",
    "given-up": "as failed",
    EVENT: "what was purged, and what stays of it",
}
"""The entries that are never purged, and what is in them."""


def remains(event: str, data: Json, stand_in: Callable[[str], str]) -> dict[str, Any]:
    """What stays of an entry: nothing that tells of a person (RET-3).

    ``stand_in`` answers what stands for a place from now on.
    """
    taken = {**COMMON, **TAKEN.get(event, {})}
    return {name: _left(value, taken.get(name, DROP), stand_in) for name, value in data.items()}


def is_left(event: str, data: Json, places: Callable[[str], str]) -> bool:
    """Whether a purge can leave this of an entry: nothing more can be taken from it, and no key tells of anybody.

    ``places`` is asked for each stand-in, and raises ValueError of what is none (``Given``).
    """
    try:
        taken = {**COMMON, **TAKEN[event]}
        return remains(event, data, places) == data and all(name in taken or _KEY.fullmatch(name) for name in data)
    except (LookupError, TypeError, ValueError, AttributeError):
        return False  # not even of the shape of such an entry


def _left(value: Any, rule: Taken, stand_in: Callable[[str], str]) -> Any:
    if value is None or rule is KEEP:
        return value
    if isinstance(rule, _Rule):
        return _without(value, rule, stand_in)
    if isinstance(rule, list):
        return [_left(one, rule[0], stand_in) for one in value]
    left = {name: _left(one, rule.get(name, rule.get(_ANY, DROP)), stand_in) for name, one in value.items()}
    # What has a code of the fee table has its name from there; any other name was typed.
    listed = rule is _LINE and value.get("code") not in (None, UNLISTED)
    return left | {"name": value["name"]} if listed else left


def _without(value: Any, rule: _Rule, stand_in: Callable[[str], str]) -> Any:
    if rule is DROP:
        return None
    if isinstance(value, (list, tuple)):
        return [_without(one, rule, stand_in) for one in value]
    said = str(value).strip()
    if not said:
        return ""
    return stand_in(str(value)) if rule is PLACE else GONE


def is_stand_in(place: str) -> bool:
    """Whether this stands for a place that was purged."""
    return _STAND_IN.fullmatch(place) is not None


class StandIns:
    """What stands for the places that go: ``*17``, the same for one place, and nothing that could be traced back.

    ``known`` are those that still stand for a place which something kept names; ``last`` is the highest number that was
    ever given.
    """

    def __init__(self, known: Mapping[str, str], last: int) -> None:
        self._known, self.last = dict(known), last

    def __call__(self, place: str) -> str:
        """What stands for this place."""
        if is_stand_in(place):
            return place
        if place not in self._known:
            self.last += 1
            self._known[place] = f"*{self.last}"
        return self._known[place]

    def given(self) -> Mapping[str, str]:
        """By place."""
        return self._known


class Given:
    """Takes stand-ins alone, and knows the highest that it saw."""

    def __init__(self) -> None:
        self.last = 0

    def __call__(self, place: str) -> str:
        """The stand-in.

        Raises:
            ValueError: it is none.
        """
        if not is_stand_in(place):
            raise ValueError("a place")
        self.last = max(self.last, int(place[1:]))
        return place


def place_of(entries: Iterable[Entry]) -> tuple[int, str, str] | None:
    """Number, stand-in and the place that it stands for, as long as anything that is kept names that place.

    Raises:
        ValueError: the number of its stream is none.
    """
    found: tuple[int, str, str] | None = None
    for entry in entries:
        place, number = entry.data["place"], int(entry.number.removeprefix(PLACES))
        found = (number, f"*{number}", place) if place else None
    return found
