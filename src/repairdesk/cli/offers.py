"""What completion offers in the place of a value: orders, people, codes, places, months, words of a closed list.

Each kind of value is a function of what was typed so far. They read the ledger in passing (``ledger/glance.py``), and
tell nothing that the program masks elsewhere: of what was said, no phone number.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from repairdesk import lent
from repairdesk.cli.whereabouts import is_site, ledger_path, nearest
from repairdesk.domain import masking
from repairdesk.domain.counting import counted
from repairdesk.domain.digests import sha256
from repairdesk.domain.record import NamedTuple
from repairdesk.ledger.glance import Glance, Seen, glancing, glancing_at_server
from repairdesk.locale import tr

MOST = 60
"""So many are offered; who wants another one types more of it."""

clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731
"""Which month it is; tests put their own here."""


class Offer(NamedTuple):
    """A candidate, and what it is."""

    value: str
    help: str = ""


class Offered(NamedTuple):
    """What is offered.

    Attributes:
        joined: more is typed behind it, without a blank.
        files: ``files`` or ``dirs``: the shell knows them better.
    """

    offers: Sequence[Offer] = ()
    joined: bool = False
    files: str = ""


class Asked(NamedTuple):
    """What is being typed.

    Attributes:
        command: its full name.
        typed: the unfinished value.
        said: the arguments before it.
        values: what was said under each option.
        table: what completion knows of the commands.
    """

    command: str
    typed: str
    said: Sequence[str]
    values: Mapping[str, Sequence[str]]
    table: Mapping[str, Any]

    def folder(self) -> Path:
        """The desk's folder."""
        if (only := lent.home()) is not None:
            return only
        home = self.last("--home") or os.environ.get("REPAIRDESK_HOME")
        return Path(home).expanduser() if home else nearest()

    def ledger(self) -> str | None:
        """Where the ledger was said to be; None: in the desk's folder."""
        return None if lent.home() is not None else self.last("--ledger") or os.environ.get("REPAIRDESK_LEDGER")

    def last(self, option: str) -> str | None:
        """What was said last under an option."""
        return next(reversed(self.values.get(option, ())), None)

    @contextmanager
    def look(self) -> Iterator[Glance]:
        """The ledger, for a look."""
        said = self.ledger()
        file = ledger_path(said) if said else self.folder() / "ledger.db"
        if file is not None:
            with glancing(file.expanduser()) as glance:
                yield glance
            return
        site = self.last("--site") or os.environ.get("REPAIRDESK_SITE") or None
        if site is not None and not is_site(site):
            raise LookupError(site)
        with glancing_at_server(said or "", site) as glance:
            yield glance

    def rules(self, glance: Glance, kind: str) -> Mapping[str, Any]:
        """The desk's rules of that kind, as they are adopted."""

        def digest() -> str | None:
            try:
                return sha256((self.folder() / f"{kind}.yaml").read_bytes()).hexdigest()
            except OSError:
                return None

        return glance.rules(kind, digest)


def of(source: str, asked: Asked) -> Offered:
    """What the table's word for a kind of value stands for."""
    if source.startswith("choice:"):
        _, context, values = source.split(":", 2)
        return _fitting(asked.typed, [Offer(one, _said(one, context)) for one in values.split("|")])
    known = _KNOWN.get(source)
    return known(asked) if known else Offered()


def _said(value: str, context: str = "") -> str:
    """A word of the program in the user's language, where that says more."""
    text = tr(value, context)
    return "" if text == value else text


def _fitting(typed: str, offers: Sequence[Offer], *, joined: bool = False) -> Offered:
    """Those that begin so; else those that have it in their name or in what they are."""
    low = typed.casefold()
    begin = [one for one in offers if one.value.casefold().startswith(low)]
    within = [one for one in offers if low in one.value.casefold() or low in one.help.casefold()] if low else []
    return Offered((begin or within)[:MOST], joined)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


# --- orders


def _orders(asked: Asked, first: Sequence[str] = (), besides: Sequence[str] = ()) -> Offered:
    """Orders in these states, or in any: those of the first first, then the open ones, then the newest."""
    states = asked.table["states"]
    typed = _folded(asked.typed).upper()
    with asked.look() as glance:
        wanted = [*first, *besides] or states["all"]
        seen = glance.orders(typed, wanted, asked.table["kinds"], states["ends"], MOST)
    said = set(asked.said)
    seen = [one for one in seen if one.number not in said]
    return Offered([Offer(one.number, _what(one)) for one in sorted(seen, key=lambda one: one.state not in first)])


def _number(asked: Asked) -> Offered:
    return _orders(asked, *asked.table["commands"][asked.command]["states"])


def _open(asked: Asked) -> Offered:
    return _orders(asked, asked.table["states"]["open"], ("advised",))


def _what(one: Seen) -> str:
    """An order in a few words: where, what, how it stands."""
    place = _masked(one.place, masking.in_place)
    return " ".join(filter(None, (place, _masked(one.fault), f"({tr(one.state)})")))


_LEAST = 7
"""Digits that a phone number has."""


def _masked(text: str | None, mask: Callable[[str], str | None] = masking.in_text) -> str:
    """What was said, without phone numbers. Counted first: to make the patterns takes longer than all the rest."""
    return text or "" if sum(map(str.isdigit, text or "")) < _LEAST else mask(text or "") or ""


def _owed(asked: Asked) -> Offered:
    """What an order owes, to be explained."""
    with asked.look() as glance:
        number = glance.ending(_folded(asked.said[0]).upper()) if asked.said else None
        names = glance.owed(number) if number else ()
    return _fitting(asked.typed, [Offer("bill", _said("bill")), *(Offer(name, _said(name)) for name in names)])


def _taken(asked: Asked) -> Offered:
    """What was taken along from a place and is not back."""
    with asked.look() as glance:
        number = glance.ending(_folded(asked.said[0]).upper()) if asked.said else None
        items = glance.taken(number) if number else []
    shown = [item for item in items if _masked(item) == item and item not in asked.said]
    return _fitting(asked.typed, [Offer(item) for item in shown])


# --- people


_GOES_OUT = ("technician", "contractor")
"""Whom ``assign`` offers first."""


def _staff(asked: Asked) -> Offered:
    """Who works here, by id or by name; those first whom the command is for."""
    first = _GOES_OUT if asked.command == "assign" else ()
    with asked.look() as glance:
        people = [one for one in glance.people() if not one["retired"]]
    people.sort(key=lambda one: (one["role"] not in first, counted(one["id"])))
    told = [Offer(one["id"], f"{_masked(one['name'])} {_role(one['role'])}".strip()) for one in people]
    return _fitting(asked.typed, told)


def _role(role: str | None) -> str:
    return tr(role) if role else ""


# --- what the rules name


def _price(price: Mapping[str, Any]) -> str:
    if price["kind"] == "free":
        return tr("free", "price")
    if price["low"] is None or price["high"] is None:
        return tr("on-quote")
    return _yuan(price["low"]) if price["low"] == price["high"] else f"{_yuan(price['low'])}–{_yuan(price['high'])}"


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def _fees(asked: Asked) -> Mapping[str, Any]:
    with asked.look() as glance:
        return asked.rules(glance, "fees")


def _services(fees: Mapping[str, Any]) -> list[Offer]:
    return [Offer(s["code"], f"{s['name']} {_price(s['price'])}/{s['unit']}") for s in fees["services"]]


def _materials(fees: Mapping[str, Any]) -> list[Offer]:
    return [Offer(m["code"], f"{m['name']} {_yuan(m['price'])}/{m['unit']}") for m in fees["materials"]]


def _service(asked: Asked) -> Offered:
    return _fitting(asked.typed, _services(_fees(asked)))


def _material(asked: Asked) -> Offered:
    return _fitting(asked.typed, _materials(_fees(asked)))


def _priced(asked: Asked) -> Offered:
    fees = _fees(asked)
    both = [Offer(f"{one.value}=", one.help) for one in (*_services(fees), *_materials(fees))]
    return _fitting(asked.typed, both, joined=True)


def _policies(asked: Asked) -> Mapping[str, Any]:
    with asked.look() as glance:
        return asked.rules(glance, "policies")


def _category(asked: Asked) -> Offered:
    kept = _policies(asked)["categories"]
    return _fitting(asked.typed, [Offer(code, category["name"]) for code, category in kept.items()])


def _trade(asked: Asked) -> Offered:
    kept = _policies(asked)["categories"].values()
    trades = dict.fromkeys(one["trade"] for one in kept if one["trade"])
    return _fitting(asked.typed, [Offer(trade) for trade in trades])


def _department(asked: Asked) -> Offered:
    return _fitting(asked.typed, [Offer(one["code"], one["name"]) for one in _policies(asked)["departments"]])


def _check(asked: Asked) -> Offered:
    lists = _policies(asked)["checklists"].values()
    items = {item["code"]: item["name"] for one in lists for item in one}
    said = asked.values.get("--check", ())
    return _fitting(asked.typed, [Offer(code, name) for code, name in items.items() if code not in said])


def _method(asked: Asked) -> Offered:
    return _fitting(asked.typed, [Offer(one, _said(one)) for one in _policies(asked)["finance"]["methods"]])


# --- places, months, fields, files


def _place(asked: Asked) -> Offered:
    """Places that begin so, however it was written, with who lives there."""
    with asked.look() as glance:
        typed = _folded(asked.typed)
        places = glance.places(typed, MOST)
        if typed and not places:
            begun = _begun(typed, asked.rules(glance, "policies"))
            places = glance.places(begun, MOST) if begun != typed else {}
    # What a mask would change is no place that could be typed, and what begins with a star stands for a purged one.
    shown = [place for place in places if _masked(place, masking.in_place) == place and not place.startswith("*")]
    return Offered([Offer(place, _masked(tr(", ").join(places[place]))) for place in shown])


def _begun(typed: str, policies: Mapping[str, Any]) -> str:
    """The beginning of a place as places are written: of 3栋2单元 what the rooms there begin with."""
    from repairdesk.domain.spelling import spelled

    forms = [(one["pattern"], one["canonical"]) for one in policies.get("places", ())]
    whole, room = spelled(typed, forms), spelled(f"{typed}1", forms)
    return room[:-1] if whole == typed and room.endswith("1") else whole


def _month(asked: Asked) -> Offered:
    """The months since the first report, the latest first."""
    with asked.look() as glance:
        first = glance.first_reported_at()
    now = clock()
    last = now.year * 12 + now.month - 1
    begun = int(first[:4]) * 12 + int(first[5:7]) - 1 if first else last
    months = [f"{at // 12}-{at % 12 + 1:02}" for at in range(last, max(begun, last - 35) - 1, -1)]
    return _fitting(asked.typed, [Offer(month) for month in months])


def _field(asked: Asked) -> Offered:
    """``FIELD=``, and the values of those that have closed lists."""
    name, equals, value = asked.typed.partition("=")
    if not equals:
        said = {word.partition("=")[0] for word in asked.said}
        fields = [one for one in asked.table["fields"] if one not in said]
        return _fitting(asked.typed, [Offer(f"{one}=", _said(one)) for one in fields], joined=True)
    option = f"--{'class' if name == 'help_class' else name}"
    taken_in = asked.table["commands"]["intake"]["parameters"]
    source = next((one[2] for one in taken_in if option in one[0]), "text")
    if source in ("place", "text"):
        return Offered()
    found = of(source, asked._replace(command="intake", typed=value, values={}))
    return found._replace(offers=[Offer(f"{name}={one.value}", one.help) for one in found.offers])


def _mapping(asked: Asked) -> Offered:
    names = sorted(path.stem for path in (asked.folder() / "mappings").glob("*.yaml"))
    return _fitting(asked.typed, [Offer(name) for name in names])


def _files(what: str, _: Asked) -> Offered:
    return Offered(files=what)


_KNOWN: Mapping[str, Callable[[Asked], Offered]] = {
    "number": _number, "any": _orders, "open": _open, "owed": _owed, "taken": _taken, "staff": _staff,
    "service": _service, "material": _material, "priced": _priced, "category": _category, "trade": _trade,
    "department": _department, "check": _check, "method": _method, "place": _place, "month": _month, "field": _field,
    "mapping": _mapping, "file": partial(_files, "files"), "dir": partial(_files, "dirs"),
}  # fmt: skip
"""By the words of the table."""
