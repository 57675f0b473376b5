"""Writing a fee table as the text of a ``fees.yaml``, in the style of the repository's own file.

The text is read back before it is answered: what comes out can be used, or nothing comes out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from repairdesk.domain.fees import Price
from repairdesk.domain.money import yuan
from repairdesk.rules.load import RuleSet, decode, read_fees

_FILE = "fees.yaml"
_PLAIN = re.compile(r"[^\W\d_](?:[\w ./×%°²³（）()，、。；：《》“”+-]*[\w）)”》])?")
# Other programs read these as something else than text.
_READ_OTHERWISE = frozenset("y n yes no on off true false null nan inf free".split())


@dataclass(frozen=True, slots=True)
class Service:
    """A line of the table; ``heading`` is the comment over the lines of one class, ``comment`` the one behind it."""

    code: str
    name: str
    category: str
    unit: str
    price: Price
    standard: str | None = None
    heading: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What a fee table holds beside its services, normalized as ``load.parse_fees`` answers it: money in fen."""

    currency: str = "CNY"
    markup_rate: str = "0.3"
    markup_step: int = 10
    grouping_seconds: int = 1800
    materials: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Frame:
        """That of a table that was read."""
        keys = ("currency", "markup_rate", "markup_step", "grouping_seconds", "materials")
        return cls(**{key: data[key] for key in keys})


def fee_table(
    version: str, services: Sequence[Service], frame: Frame, categories: Collection[str] | None = None
) -> tuple[str, RuleSet]:
    """The text of a ``fees.yaml``, and what it reads as.

    Args:
        categories: those of the policies, where they are at hand.

    Raises:
        BadRules: a value cannot stand in the file, or it grows too large (13).
    """
    step = format((Decimal(frame.markup_step) / 100).normalize(), "f")
    rate = Decimal(frame.markup_rate)
    said_rate = f"{rate:.2f}" if rate == round(rate, 2) else format(rate, "f")
    lines = [
        *_HEAD,
        "",
        f"version: {json.dumps(version, ensure_ascii=False)}",
        f"currency: {frame.currency}",
        "",
        "# A material that is not listed is sold at stock cost and this on top (FEE-2).",
        f'markup: {{rate: "{said_rate}", round_to: "{step}"}}',
        "# Different standards asked for within this time are charged once, at the highest; 0 switches it off (FEE-3).",
        f"grouping: {{minutes: {frame.grouping_seconds // 60}}}",
        "",
        "services:" if services else "services: []",
        *_services(services),
        "",
        "materials:" if frame.materials else "materials: []",
        *(_material(material) for material in frame.materials),
    ]
    text = "\n".join(lines) + "\n"
    # By way of the bytes, as the desk reads it: a file may be too large for it.
    return text, read_fees(decode(text.encode(), _FILE), _FILE, categories)


_HEAD = (
    "# fees.yaml: the fee table of the desk, made from a price list.",
    "#",
    "# Prices are yuan with at most two decimals, in quotes. A service costs a price, is free, has a range (the quote",
    "# says which, QUO-2) or is priced on quote (QUO-2). After an edit give `version` a new name (REC-4).",
)


def _services(services: Sequence[Service]) -> Iterable[str]:
    for heading, group in groupby(services, key=lambda service: service.heading):
        if heading:
            yield f"  # {_comment(heading)}"
        yield from map(_service, group)


def _service(service: Service) -> str:
    pairs = {
        "code": quoted(service.code),
        "name": quoted(service.name),
        "category": quoted(service.category),
        "unit": quoted(service.unit),
        "price": _price(service.price),
    }
    if service.standard:
        pairs["standard"] = quoted(service.standard)
    behind = f"  # {_comment(service.comment)}" if service.comment else ""
    return f"  - {_flow(pairs)}{behind}"


def _material(material: Mapping[str, Any]) -> str:
    pairs = {key: quoted(material[key]) for key in ("code", "name", "unit")}
    return f"  - {_flow({**pairs, 'price': _amount(material['price'])})}"


def _flow(pairs: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"


def _price(price: Price) -> str:
    if price.low is None or price.high is None:
        return "on-quote"
    if price.kind == "range":
        return _flow({"from": _amount(price.low), "to": _amount(price.high)})
    return "free" if price.kind == "free" else _amount(price.low)


def _amount(fen: int) -> str:
    return f'"{yuan(fen)}"'


def quoted(text: str) -> str:
    """A text as a value within braces: as it is where every program reads it so, else in quotes."""
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _READ_OTHERWISE
    # What JSON writes, YAML reads.
    return text if plain else json.dumps(text, ensure_ascii=False)


def _comment(text: str) -> str:
    """A text that cannot leave its line, whatever it holds."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
