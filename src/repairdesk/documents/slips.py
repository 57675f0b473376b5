"""The slip that a technician goes out with (派工单), and the pages of a coordination order, as text."""

from __future__ import annotations

from collections.abc import Mapping
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
    return _environment().get_template(name).render(**printed, width=WIDTH)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("repairdesk.documents"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # text for a printer, not HTML
    )
    environment.filters |= {"tr": lambda value: tr(value) if value else "", "moment": _moment, "fold": _fold}
    return environment


def _fold(text: str) -> str:
    return folded(text, WIDTH, "  ")


def _moment(text: str | None) -> str:
    return text[:16].replace("T", " ") if text else ""
