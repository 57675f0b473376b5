"""An entry of the ledger in words: what it keeps, without what only machines need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from repairdesk.cli.render.words import aside, duration
from repairdesk.errors import N_
from repairdesk.locale import is_read, tr

_MACHINES = frozenset(
    (
        *("obligations", "policies_version", "fees_version", "place_said", "checks", "affects", "at", "card"),
        *("unlisted", "beyond_table", "late_apart", "role", "forced"),
    )
)
"""What an entry keeps for the clocks and for the proof, or for reports; people read it elsewhere."""
_TERMS = ("kind", "priority", "severity", "help_class", "channel", "rating", "reason", "follow_up", "class", "method",
          "outcome", "routed_by", "disturbs")  # fmt: skip


Names = Mapping[str, Mapping[str, str]]
"""What the rules call the codes of some fields."""
NONE: Names = {}


def readable(names: Names) -> Names:
    """Those names that are read in the language that is spoken; the others are told by their codes."""
    return {field: {code: name for code, name in of.items() if is_read(name)} for field, of in names.items()}


def told(data: Mapping[str, Any], names: Names = NONE) -> str:
    """The kept values of an entry as ``name: value``, one after the other; unknown and empty ones are left out."""
    said = _called(data, names)
    return "  ".join(tr(N_("{name}: {value}")).format(name=tr(name), value=text) for name, text in _told(said))


def _called(data: Mapping[str, Any], names: Names) -> Mapping[str, Any]:
    """The values with names in place of codes, as far as the rules have one."""
    said = dict(data)
    categories, services = names.get("category", {}), names.get("services", {})
    if isinstance(said.get("category"), str):
        said["category"] = categories.get(said["category"], said["category"])
    if isinstance(said.get("services"), list):
        said["services"] = [{**one, "code": services.get(one["code"], one["code"])} for one in said["services"]]
    if isinstance(change := (said.get("fields") or {}).get("category"), Mapping):
        named = {which: categories.get(code, code) for which, code in change.items()}
        said["fields"] = {**said["fields"], "category": named}
    return said


def _told(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if name in _MACHINES or value in (None, "", [], {}, False):
            continue
        yield name, _SAID.get(name, _plain)(name, value)


def _plain(name: str, value: Any) -> str:
    if value is True:
        return tr("yes")
    if isinstance(value, list):
        return tr(", ").join(_plain(name, one) for one in value)
    if isinstance(value, Mapping):
        return " ".join(_plain(key, one) for key, one in value.items() if one not in (None, ""))
    return tr(str(value), "reason" if name == "reason" else "") if name in _TERMS else str(value)


def _window(_: str, value: Mapping[str, str]) -> str:
    start, end = (value[key][:16].replace("T", " ") for key in ("start", "end"))
    return f"{start} – {end[11:] if end[:10] == start[:10] else end}"


def _moment(_: str, value: str) -> str:
    return value[:16].replace("T", " ")


def _services(_: str, value: list[Mapping[str, str]]) -> str:
    return tr(", ").join(
        one["code"] if one["quantity"] == "1" else f"{one['code']} × {one['quantity']}" for one in value
    )


def _bill(_: str, value: Mapping[str, Any]) -> str:
    names = [tr("reduction") if line["type"] == "reduction" else line["name"] for line in value["lines"]]
    lines = [f"{name} {line['amount']}" for name, line in zip(names, value["lines"], strict=True)]
    return f"{value['total']}{aside(tr(', ').join(lines))}" if lines else str(value["total"])


def _refusals(_: str, value: list[Mapping[str, str]]) -> str:
    return tr(", ").join("; ".join(one[key] for key in ("refused", "explained", "made_safe")) for one in value)


def _corrected(_: str, value: Mapping[str, Mapping[str, str | None]]) -> str:
    changes = (
        f"{tr(name)} {_term(name, change['old'])} → {_term(name, change['new'])}"
        for name, change in value.items()
        if name not in _MACHINES
    )
    return tr(", ").join(changes)


def _term(name: str, value: str | None) -> str:
    return (tr(value) if name in _TERMS else value) if value else "–"


def _missed(_: str, value: list[Mapping[str, Any]]) -> str:
    """What the night found, and who was told."""
    template = N_("{what} missed, step {level} to {who}")
    return tr(", ").join(
        tr(template).format(
            what=tr(one["name"]), level=one["told"]["level"], who=one["told"]["staff"] or tr(one["told"]["role"])
        )
        for one in value
    )


def _seconds(_: str, value: int) -> str:
    return duration(value)


_SAID: Mapping[str, Callable[[str, Any], str]] = {
    "appointment": _window,
    "next": _moment,
    "expected": _moment,
    "department": lambda _, value: tr(value, "department"),
    "services": _services,
    "bill": _bill,
    "fields": _corrected,
    "refusals": _refusals,
    "late_seconds": _seconds,
    "missed": _missed,
    "what": lambda _, value: tr(value, "attached"),
}
