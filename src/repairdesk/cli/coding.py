"""Codes and the words that stand for them on the screen: what is shown can be typed, and a refusal names both.

Scripts read and write codes alone. Nothing here is loaded where what was typed is one.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from repairdesk.errors import DeskError
from repairdesk.locale import catalogue, tr

MOST = 3
"""So many are proposed."""
_TABLE = Path(__file__).with_name("completion_table.json")
_CONTEXTS = {"what": "attached", "result": "recheck", **{name: name for name in ("reason", "report", "department")}}
"""Fields whose words are others than elsewhere."""


@cache
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return table


def codes(command: str, parameter: str, said: Any) -> Any:
    """What was said of a parameter that takes codes, words put into codes; what is none of them stays as it is.

    Said once, it is a text; of a parameter that can be said again, a list.
    """
    if not isinstance(said, str):
        return [codes(command, parameter, one) for one in said]
    context, known = _choices(command, parameter)
    return meant(said, known, context) or said


def _choices(command: str, parameter: str) -> tuple[str, list[str]]:
    """Which codes there are, and the context of their words, as completion offers them."""
    option = "--" + {"help_class": "class"}.get(parameter, parameter)
    for names, _, source, _ in _table()["commands"][command]["parameters"]:
        if source.startswith("choice:") and (option in names or not names):
            _, context, values = source.split(":", 2)
            return context, values.split("|")
    raise LookupError(f"{command} {parameter}")


def meant(said: str, known: Sequence[str], context: str = "") -> str | None:
    """The one code whose word that is, in either language; None: none is, or several are."""
    wanted = _plain(said)
    found = [code for code in known if wanted in (_plain(word) for word in _words(code, context))]
    return found[0] if len(found) == 1 else None


def field(said: str) -> str:
    """A field that can be corrected, by its code or its word."""
    return said if said.isascii() else meant(said, _table()["fields"]) or said


def field_value(name: str, said: str) -> str:
    """What it is corrected to, where that is a code."""
    if said.isascii() or name not in _FIELDS:
        return said
    return str(codes("intake", name, said))


_FIELDS = ("kind", "priority", "channel", "severity", "class", "help_class")


def _words(code: str, context: str) -> Iterator[str]:
    yield code
    chinese = catalogue("zh")
    yield chinese.pgettext(context, code) if context else chinese.gettext(code)
    if context:
        yield chinese.gettext(code)


def shown(code: str, field: str = "") -> str:
    """A code with its word, where that says more."""
    context = _CONTEXTS.get(field.lstrip("-"), "")
    word = tr(code, context)
    word = tr(code) if word == code else word
    return code if word == code else f"{code} {word}"


def named(refusal: DeskError, argv: Sequence[str] = ()) -> Mapping[str, Any]:
    """The values of a refusal that names what there is to choose from: each code with its word.

    What was typed as an option is called as it was typed.
    """
    known = refusal.values.get("known")
    if not isinstance(known, (list, tuple)):
        return refusal.values
    field = str(refusal.values.get("field", ""))
    option = "--" + {"help_class": "class"}.get(field, field)
    typed = any(word.partition("=")[0] == option for word in argv)
    called = {"field": option} if typed else {}
    return {**refusal.values, "known": [shown(str(one), field) for one in known], **called}


def near(refusal: DeskError) -> list[str]:
    """Of what there is to choose from, the codes that are nearest to what was typed."""
    known = refusal.values.get("known")
    if not isinstance(known, (list, tuple)) or "near" in refusal.values:
        return []
    said = next((refusal.values[name] for name in ("value", "names", "name") if name in refusal.values), ())
    field = str(refusal.values.get("field", ""))
    found = [
        code for one in (said if isinstance(said, (list, tuple)) else [said]) for code in _near(str(one), known, field)
    ]
    return list(dict.fromkeys(found))[:MOST]


def _near(said: str, known: Sequence[Any], field: str) -> list[str]:
    context = _CONTEXTS.get(field.lstrip("-"), "")
    words = {_joined(word): str(code) for code in known for word in _words(str(code), context)}
    wanted = _joined(said)
    exactly = [words[wanted]] if wanted in words else []
    begun = [code for word, code in words.items() if len(wanted) > 1 and word.startswith(wanted)]
    close = [words[word] for word in get_close_matches(wanted, words, MOST, 0.6)]
    return list(dict.fromkeys([*exactly, *close, *begun]))[:MOST]


def _joined(text: str) -> str:
    return "".join(c for c in _plain(text) if c.isalnum())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
