"""How the templates say things: times, bills, copies, and texts that can do no harm on paper or in a style sheet."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from string import Formatter
from typing import Any

from markupsafe import Markup

from repairdesk.domain.staff import SYSTEM
from repairdesk.errors import N_, Sentence
from repairdesk.locale import tr
from repairdesk.locale.width import folded

# What would steer a printer or turn the reading round is shown as a character that is nothing, or left out.
_CONTROLS: dict[int, str | None] = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if code != 10}
_CONTROLS |= {9: " ", **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0xFEFF))}
# Half a character, as a broken file name brings it, is none: no file could be written with it.
_CONTROLS |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")

COPIES = {
    "resident": N_("resident's copy"),
    "engineering": N_("engineering's copy"),
    "stores": N_("stores' copy"),
    "finance": N_("finance's copy"),
    "desk": N_("the desk's copy"),
}
"""What a copy is called on paper."""

_WHOLE = "caller phone fault taken-in work consent fee payment checklist rating calls".split()
PARTS: Mapping[str, Collection[str]] = {
    "resident": "caller phone fault taken-in work consent fee payment rating checklist".split(),
    "engineering": "caller phone fault taken-in work consent fee checklist rating".split(),
    "stores": "fault materials issue".split(),
    "finance": "caller fault consent fee payment".split(),
    "desk": _WHOLE,
}
"""What a copy shows. Ours: stores sees materials and who fetches them, and neither the resident nor a price; finance
what is owed, and no phone and no opinions; engineering not what was paid; the resident not the desk's callbacks.
``taken-in`` is who took the report, when it was assigned and accepted, and who else reported it."""

SIGNATURES: Mapping[str, Collection[str]] = {
    "resident": ("resident", "technician"),
    "engineering": ("resident", "technician", "closer"),
    "stores": ("issued", "fetched"),
    "finance": ("resident", "closer", "finance"),
    "desk": ("resident", "technician", "closer"),
}
"""Who signs on a copy (FIN-3, FIN-5, FEE-7); whoever checks the slip confirms what finance reckons by (LY 1·4.1.7)."""

ACCEPTED_BY = {"public_area": N_("Accepted by the department concerned")}
"""Who signs for the work, by kind, where it is not the resident (FIN-7)."""

KIND_TITLES = {"complaint": N_("Complaint sheet"), "help": N_("Help request sheet")}
"""What the slip of a matter is called that is no repair."""


def clean(value: Any) -> Any:
    """A document whose texts steer no printer and turn no line round."""
    if isinstance(value, str):
        return value.translate(_CONTROLS)
    if isinstance(value, Mapping):
        return {name: clean(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(one) for one in value]
    return value


def said(value: str | None, context: str = "") -> str:
    """A term of the field or a text of the template, in the language that is spoken now; no term has a line in it."""
    told = tr(value, context) if value else ""
    return told.replace("_", " ") if told == value else told


def moment(text: str | None) -> str:
    """A time as people read it on paper: no offset, no seconds."""
    return text[:16].replace("T", " ") if text else ""


def when(text: str | None, late: Collection[str] | bool = ()) -> str:
    """A time; ``late``: it was written down late, or the times that were (REC-2)."""
    is_late = late if isinstance(late, bool) else text in late
    return moment(text) + aside(tr("late")) if text and is_late else moment(text)


def aside(text: str) -> str:
    """What is said besides, in brackets."""
    return tr(N_(" ({text})")).format(text=text)


def span(start: str | None, end: str | None, late: Collection[str] | bool = (), dash: str = "–") -> str:
    """From when to when; the day of the end is said where it is another one."""
    until = when(end, late)
    same = start and end and start[:10] == end[:10]
    return f"{when(start, late)} {dash} {until[11:] if same else until}".rstrip()


def person(who: str | None, names: Mapping[str, str]) -> str:
    """A person of the desk by name; what the nightly run did, nobody did by hand."""
    return tr(N_("the nightly run")) if who == SYSTEM else names.get(who or "", who or "")


def because(text: str | None) -> str:
    """Why something ended: as somebody said it, or what the nightly run gives as its reason."""
    return tr(text, "reason") if text else ""


def copy_line(copy: Mapping[str, Any]) -> str:
    """``Copy 1: resident's copy``; one that the policies do not count has no number."""
    name = tr(COPIES[copy["for"]])
    return tr(N_("Copy {n}: {name}")).format(n=copy["n"], name=name) if copy["n"] else name


def stamp_line(stamp: Mapping[str, Any]) -> str:
    """What every page says of itself: who printed it and when, by which rules, from which state of the ledger."""
    template = N_("Printed {at} by {who}. Policies {policies}, fees {fees}. Ledger code {code}")
    who = stamp["by"] if stamp["by"].startswith("os:") else f"{stamp['by']} {stamp['name']}"
    return tr(template).format(at=moment(stamp["at"]), who=who, policies=stamp["policies"], fees=stamp["fees"],
                               code=stamp["head"]["code"])  # fmt: skip


def line_name(line: Mapping[str, Any]) -> str:
    """What a line of the bill is for."""
    return tr("reduction") if line["type"] == "reduction" else str(line["name"])


def quantity(line: Mapping[str, Any]) -> str:
    """How much of it."""
    return f"{line['quantity']} {line['unit'] or ''}".rstrip()


def unit_price(line: Mapping[str, Any]) -> str:
    """The price of one; a fee that was reviewed for the work as a whole has none."""
    return "" if line["rule"] == "QUO-2" or line["type"] == "reduction" else str(line["unit_price"])


def bill_line(line: Mapping[str, Any]) -> str:
    """A line of the bill as a line of text."""
    each = unit_price(line)
    return f"{line_name(line)}  {quantity(line)}{f' x {each}' if each else ''} = {line['amount']}"


def reason(line: Mapping[str, Any]) -> str:
    """Why a line costs what it costs, where that is not simply its price (FEE-3: what stands at 0 says why)."""
    return _FILLED.vformat(tr(str(line["why"]["text"])), (), line["why"]["values"])


class _Filled(Formatter):
    """Puts values into a sentence that a template may have made up: it names them, and gets at nothing inside them."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if not field_name.isidentifier():
            raise ValueError(Sentence(N_("“{name}” names no value"), {"name": field_name}))
        return kwargs[field_name], field_name

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion is not None:
            raise ValueError(Sentence(_PLAIN, {}))
        return value

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec:
            raise ValueError(Sentence(_PLAIN, {}))
        return str(value)


_PLAIN = N_("a value in a sentence has no format of its own")
_FILLED = _Filled()


def content(text: str) -> Markup:
    """A text as the ``content`` of a style sheet; ``{page}``, ``{pages}`` and ``{n}`` become counters."""
    counters = {"{page}": "counter(page)", "{pages}": "counter(pages)", "{n}": "counter(continuation)"}
    parts = re.split(r"(\{(?:page|pages|n)\})", text)
    return Markup(" ".join(counters.get(part) or f'"{_escaped(part)}"' for part in parts if part))


def _escaped(text: str) -> str:
    """A text inside quotes of a style sheet inside HTML: what could end either is written by its number."""
    # The space behind belongs to the number: without one the next space of the text would be taken for it.
    return "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text)


def fold_to(columns: int) -> Any:
    """A filter that breaks lines."""
    return lambda text: folded(text, columns, "  ")


FILTERS: Mapping[str, Any] = {
    "tr": said, "moment": moment, "when": when, "span": span, "person": person, "because": because,
    "copy_line": copy_line,
    "stamp_line": stamp_line, "reason": reason, "line_name": line_name, "quantity": quantity, "unit_price": unit_price,
    "bill_line": bill_line, "content": content,
}  # fmt: skip
"""What the templates call these."""
