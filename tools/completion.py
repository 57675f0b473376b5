"""What completion knows of the commands: write ``cli/completion_table.json`` from how the commands are declared.

Completion answers at every press of a key, so it may import neither Typer nor a chapter. The texts stay English here;
they are keys of the catalogue.

    python tools/completion.py [--check]
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from repairdesk.cli import app, common, completing, reports
from repairdesk.domain import lifecycle, order
from repairdesk.domain import vocabulary as words
from repairdesk.rules import preset

TARGET = Path(completing.__file__).with_name("completion_table.json")

CHOICES: dict[str, tuple[tuple[str, ...], str]] = {
    "kind": (words.KINDS, ""),
    "priority": (words.PRIORITIES, ""),
    "channel": (words.CHANNELS, ""),
    "severity": (words.SEVERITIES, ""),
    "help_class": (words.HELP_CLASSES, ""),
    "rating": (words.RATINGS, ""),
    "role": (words.ROLES, ""),
    "disturbs": (words.DISTURBANCES, ""),
    "outcome": (words.CALL_OUTCOMES, ""),
    "state": (tuple(lifecycle.STATES), ""),
    "pause reason": (words.PAUSE_REASONS, "reason"),
    "callback record method": (words.CALL_METHODS, ""),
    "attach what": (words.ATTACHED, "attached"),
    "recheck result": (words.RECHECKS, "recheck"),
    "report name": (reports.NAMES, "report"),
    "init preset": (tuple(preset.preset_names()), ""),
    "print width": (("64", "80"), ""),
}
"""Closed lists, by the name of the parameter or of command and parameter, and the context of their translation."""
KINDS = {
    "category": "category", "department": "department", "check": "check", "trade": "trade", "pay method": "method",
    "place": "place", "affects": "place", "why what": "owed", "intake join": "open", "mapping": "mapping",
    "fees import category": "text", "log place": "text", "returned items": "taken", "staff os_user": "text",
}  # fmt: skip
"""Where the values of a parameter come from, by the same names."""
METAVARS = {
    "STAFF": "staff", "ID": "staff", "YYYY-MM": "month", "FILE": "file", "FILE|DIR": "file", "DIR": "dir",
    "FIELD=VALUE…": "field", "CODE=PRICE": "priced", "URL": "file",
}  # fmt: skip
EVENTS = {"callback record": "callback", "callback letter": "callback", "callback settle": "settle-remark"}
_LIST = r"(?:^|: )([a-z][a-z_-]*(?:, [a-z][a-z_-]*)+)(?:[.;])"


def source(command: str, parameter: Any) -> str:
    """Where the values of a parameter come from: a word that ``cli/offers.py`` knows; ``text`` is anybody's words."""
    name, metavar = parameter.name, str(parameter.metavar or "")
    keys = (f"{command} {name}", f"{command.partition(' ')[0]} {name}", name)
    for key in keys:
        if key in CHOICES:
            values, context = CHOICES[key]
            return f"choice:{context}:{'|'.join(values)}"
        if key in KINDS:
            return KINDS[key]
    if metavar.startswith("NUMBER"):
        return "number" if parameter.param_type_name == "argument" else "any"
    if metavar.startswith("CODE["):
        return "material" if "COST" in metavar else "service"
    if metavar in METAVARS:
        return METAVARS[metavar]
    if re.fullmatch(r"[a-z]+(\|[a-z]+)+", metavar):
        return f"choice::{metavar}"
    listed = re.search(_LIST, str(parameter.help or ""))
    if listed and "=" not in metavar and ":" not in metavar:
        return f"choice::{listed[1].replace(', ', '|')}"
    return "text"


def parameter_of(command: str, parameter: Any) -> list[Any]:
    """Names (of an option), help, where values come from (nothing: a switch), and whether it can be said again."""
    is_option = parameter.param_type_name == "option"
    switch = bool(is_option and (parameter.is_flag or parameter.count))
    again = bool(getattr(parameter, "multiple", False)) or parameter.nargs == -1
    names = list(parameter.opts) if is_option else []
    return [names, parameter.help or "", "" if switch else source(command, parameter), again]


def states_of(command: str) -> list[list[str]]:
    """In which states of an order a command is possible: where it leads on, and where it can be typed besides."""
    event = EVENTS.get(command)
    rows = [row for row in lifecycle.TABLE if row.source and (row.event == event if event else row.typed == command)]
    led = [state for row in rows if row.offered for state in row.source]
    besides = [state for row in rows if not row.offered for state in row.source if state not in led]
    return [list(dict.fromkeys(led)), list(dict.fromkeys(besides))]


def table() -> dict[str, Any]:
    """Everything that is written down."""
    commands: dict[str, Any] = {}

    def put(name: str, command: Any) -> None:
        inner = getattr(command, "commands", None)
        own = [p for p in command.params if p.name not in common.COMMON]
        commands[name] = {
            "help": app._folded(command.help),
            "inner": list(inner) if inner else None,
            "parameters": [parameter_of(name, p) for p in own],
            "states": states_of(name),
            "common": len(own) < len(command.params),
        }
        for below, one in (inner or {}).items():
            put(f"{name} {below}", one)

    for name in app._HOME:
        put(name, app._built(app._info(name)))
    shared = app._built(app._info("show"))
    return {
        "commands": commands,
        "common": [parameter_of("", p) for p in shared.params if p.name in common.COMMON],
        "states": {"all": lifecycle.STATES, "open": list(lifecycle.OPEN), "ends": list(lifecycle.ENDS)},
        "kinds": list(words.KINDS),
        "fields": list(order.CORRECTABLE),
    }


def text() -> str:
    """The file as it has to be."""
    made = table()
    # A command in each line, so that a change of one is seen as that.
    lines = [f"{json.dumps(name)}: {_dumped(one)}" for name, one in made.pop("commands").items()]
    rest = [f"{json.dumps(name)}: {_dumped(one)}" for name, one in made.items()]
    commands = ",\n".join(lines)
    return "{\n" + ",\n".join([f'"commands": {{\n{commands}\n}}', *rest]) + "\n}\n"


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def main(arguments: list[str]) -> int:
    """Write the file; with ``--check`` only say whether it is stale (1)."""
    made = text()
    if "--check" in arguments:
        fresh = TARGET.exists() and TARGET.read_text(encoding="utf-8") == made
        if not fresh:
            print(f"{TARGET.name} is stale: make completion", file=sys.stderr)
        return 0 if fresh else 1
    TARGET.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
