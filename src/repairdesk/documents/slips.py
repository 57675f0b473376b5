"""The slip that a technician goes out with (派工单), and the pages of a coordination order, as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from repairdesk.locale import tr
from repairdesk.locale.width import folded

WIDTH = 64
"""Columns: what an 80 mm printer and a terminal both take."""


def slip(printed: Mapping[str, Any]) -> str:
    """The slip of an order; ``printed`` is what ``Desk.printed`` answers."""
    order = printed["order"]
    name = "coordination.txt.j2" if order["converted_from"] else "slip.txt.j2"
    return environment().get_template(name).render(**printed, width=WIDTH)


def environment(columns: int = WIDTH) -> Environment:
    """What fills the templates: text of at most so many columns."""
    environment = Environment(
        loader=PackageLoader("repairdesk.documents"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # text for a printer, not HTML
    )
    filters: dict[str, Callable[..., str]] = {
        "tr": lambda value: tr(value) if value else "", "moment": moment,
        "fold": lambda text: folded(text, columns, "  "),
        "bill_line": _bill_line, "reason": _reason,
    }  # fmt: skip
    environment.filters |= filters
    return environment


def _bill_line(line: Mapping[str, Any]) -> str:
    """A line of the bill; a fee that was reviewed for the work as a whole has no price of one unit."""
    name = tr("reduction") if line["type"] == "reduction" else line["name"]
    quantity = f"{line['quantity']} {line['unit'] or ''}".rstrip()
    times = "" if line["rule"] == "QUO-2" or line["type"] == "reduction" else f" x {line['unit_price']}"
    return f"{name}  {quantity}{times} = {line['amount']}"


def _reason(line: Mapping[str, Any]) -> str:
    """Why a line costs what it costs, where that is not simply its price (FEE-3: what stands at 0 says why)."""
    return "  " + tr(line["why"]["text"]).format(**line["why"]["values"])


def moment(text: str | None) -> str:
    """A time as people read it on paper: no offset, no seconds."""
    return text[:16].replace("T", " ") if text else ""
