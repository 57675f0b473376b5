"""Completion: what can be typed next, for bash, zsh and fish. It imports neither Typer nor a chapter.

The shell's function (``completion.py``) runs the program with ``_REPAIRDESK_COMPLETE`` in its environment and the line
so far as its arguments. Whatever goes wrong (no desk, a broken one, somebody writing) is no answer: a press of a key is
no place for a refusal.
"""

from __future__ import annotations

import json
import os
import sys
from _thread import start_new_thread
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import sleep
from typing import Any, NoReturn

from repairdesk import locale
from repairdesk.cli import offers
from repairdesk.cli.offers import Asked, Offer, Offered
from repairdesk.domain.record import NamedTuple
from repairdesk.locale import tr
from repairdesk.locale.width import pad, width

VARIABLE = "_REPAIRDESK_COMPLETE"
HELP = "Show this message and exit."
_TABLE = Path(__file__).with_name("completion_table.json")
PATIENCE_SECONDS = 1.0
_MENU = ("37", "42")
"""Ways of bash's completion that put every candidate on the line as it is: ``COMP_TYPE``."""


class Parameter(NamedTuple):
    """As the table has it; ``source`` is empty for a switch, ``names`` for an argument."""

    names: tuple[str, ...]
    help: str
    source: str
    again: bool


def run(environ: Mapping[str, str] = os.environ) -> NoReturn:
    """Answer the shell and end, always well."""
    # A server may be far away, or behind something that swallows what is sent to it: no key is pressed that hangs.
    start_new_thread(_give_up, ())
    try:
        asked = environ[VARIABLE].split()
        text = answer(asked[0], sys.argv[1:], asked[1:])
        # In UTF-8 whatever the terminal is: what cannot be shown must not be inserted as something else.
        sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
        sys.stdout.flush()
    except BaseException as error:
        if environ.get("REPAIRDESK_DEBUG", "time") not in ("", "time"):
            from repairdesk.cli import traces

            traces.show(error)
            sys.stderr.flush()
            os._exit(1)
    os._exit(0)  # Nothing is left to do, and looking through everything once more takes a tenth of the time.


def _give_up() -> NoReturn:
    """Be silent, if there is no answer yet when nobody waits for one any more."""
    sleep(PATIENCE_SECONDS)
    os._exit(0)


def answer(shell: str, words: Sequence[str], how: Sequence[str] = ()) -> str:
    """The lines that the shell's function reads: first how they are to be taken, then a candidate in each.

    Args:
        words: everything before the cursor, the last one unfinished; of bash the line itself.
        how: of bash ``COMP_TYPE``, the columns of the terminal and which of ``=:@`` break words; of the others only
            the columns.
    """
    quote, typed = "", list(words)
    if shell == "bash":
        typed, quote = split(words[0] if words else "")
        typed = typed[1:]
    if not typed:
        return ""
    locale.use(locale.choose(typed))
    prefix, offered = offer(typed)
    if offered.files:
        return f"{offered.files}\n"
    if not offered.offers:
        return ""
    if shell == "bash":
        return _for_bash(typed[-1], prefix, offered, quote, how)
    return _for_others(shell, prefix, offered, int(how[0]) if how and how[0].isdigit() else 80, typed[-1])


# --- what was typed


def split(line: str) -> tuple[list[str], str]:
    """The words of a line as a shell understands them, the last one unfinished; and the quote that is still open."""
    words, word, quote, begun, at = [], "", "", False, 0
    while at < len(line):
        c = line[at]
        if quote:
            if c == quote:
                quote = ""
            elif c == "\\" and quote == '"' and line[at + 1 : at + 2] in ("\\", '"', "$", "`"):
                at += 1
                word += line[at]
            else:
                word += c
        elif c in "'\"":
            quote, begun = c, True
        elif c == "\\":
            at += 1
            word, begun = word + line[at : at + 1], True
        elif c.isspace():
            if begun or word:
                words.append(word)
            word, begun = "", False
        else:
            word += c
        at += 1
    return [*words, word], quote


def offer(typed: Sequence[str]) -> tuple[str, Offered]:
    """What fits the unfinished word, and what of that word stays as it is (``--option=``)."""
    table = json.loads(_TABLE.read_bytes())
    commands, *before, current = table["commands"], *typed
    name, rest = _command(commands, before)
    if name is None or commands[name]["inner"]:
        return "", _commands(commands, name, current)
    own = commands[name]
    parameters = [Parameter(tuple(p[0]), *p[1:]) for p in own["parameters"]]
    shared = [Parameter(tuple(p[0]), *p[1:]) for p in table["common"]] if own["common"] else []
    line = Line(rest, [*parameters, *shared])
    asked = Asked(name, current, line.said, line.values, table)
    if line.open is not None:
        return "", offers.of(line.open.source, asked)
    if current.startswith("-") and not line.ended:
        option, equals, value = current.partition("=")
        wanted = line.named(option)
        if equals:
            good = wanted is not None and wanted.source
            asked = asked._replace(typed=value)
            return f"{option}=", offers.of(wanted.source, asked) if wanted and good else Offered()
        return "", _options(line, current)
    argument = line.argument
    if argument is not None:
        return "", offers.of(argument.source, asked)
    return "", _options(line, current) if not current and not line.ended else Offered()


def _command(commands: Mapping[str, Any], before: Sequence[str]) -> tuple[str | None, list[str]]:
    """The command that was typed, and the words behind it; nothing: none was, or not to its end."""
    if not before:
        return None, []
    name, rest = before[0], list(before[1:])
    if name not in commands:
        raise LookupError(name)
    while commands[name]["inner"] and rest:
        name = f"{name} {rest.pop(0)}"
        if name not in commands:
            raise LookupError(name)
    return name, rest


def _commands(commands: Mapping[str, Any], name: str | None, current: str) -> Offered:
    below = commands[name]["inner"] if name else [one for one in commands if " " not in one]
    found = [Offer(one, tr(commands[f"{name} {one}" if name else one]["help"])) for one in below]
    if current.startswith("-"):
        found = [Offer("--help", tr(HELP))]
    return Offered([one for one in found if one.value.startswith(current)])


def _options(line: Line, current: str) -> Offered:
    found = [
        Offer(name, tr(p.help))
        for p in line.parameters
        for name in p.names
        if name.startswith("--") and (p.again or p.names[0] not in line.values)
    ]
    return Offered([one for one in [*found, Offer("--help", tr(HELP))] if one.value.startswith(current)])


class Line:
    """The words behind a command, read as Typer would read them.

    Attributes:
        said: the arguments, in their order.
        values: what was said under each option's first name.
        open: the option whose value comes next.
        ended: after ``--`` nothing is an option any more.
    """

    def __init__(self, words: Sequence[str], parameters: Sequence[Parameter]) -> None:
        self.parameters = parameters
        self.said: list[str] = []
        self.values: dict[str, list[str]] = {}
        self.open: Parameter | None = None
        self.ended = False
        for word in words:
            self._read(word)

    def _read(self, word: str) -> None:
        if self.open is not None:
            self.values[self.open.names[0]].append(word)
            self.open = None
        elif self.ended or not word.startswith("-") or word == "-":
            self.said.append(word)
        elif word == "--":
            self.ended = True
        else:
            name, equals, value = word.partition("=")
            option = self.named(name)
            if option is None:
                return
            said = self.values.setdefault(option.names[0], [])
            if equals:
                said.append(value)
            elif option.source:
                self.open = option

    def named(self, name: str) -> Parameter | None:
        """The option of that name."""
        return next((p for p in self.parameters if name in p.names), None)

    @property
    def argument(self) -> Parameter | None:
        """The argument that comes next; the last one may take many."""
        arguments = [p for p in self.parameters if not p.names]
        if len(self.said) < len(arguments):
            return arguments[len(self.said)]
        return arguments[-1] if arguments and arguments[-1].again else None


# --- how the shells want it


def _for_others(shell: str, prefix: str, offered: Offered, columns: int, typed: str) -> str:
    """zsh: value, then how it is listed. fish: value and description. Both quote what they insert."""
    values = [(prefix + one.value, one.help) for one in offered.offers if _clean(one.value)]
    loose = any(not value.startswith(typed) for value, _ in values)
    how = " ".join(filter(None, ("loose" if loose else "", "nospace" if offered.joined else "")))
    if shell == "fish":
        lines = [f"{value}\t{_short(text, columns)}" for value, text in values]
    else:
        wide = max((width(value) for value, _ in values), default=0)
        lines = [f"{value}\t{_listed(value, text, wide, columns)}" for value, text in values]
    return "\n".join([how or "plain", *lines, ""])


def _for_bash(typed: str, prefix: str, offered: Offered, quote: str, how: Sequence[str]) -> str:
    """What bash puts in the place of the word, which begins behind the last of its word breaks (``=`` and ``:``)."""
    columns = int(how[1]) if len(how) > 1 and how[1].isdigit() else 80
    breaks = how[2] if len(how) > 2 else _BREAKS
    found = [(_quoted(prefix + one.value, quote), one.help) for one in offered.offers if _clean(one.value)]
    found = [(value, text) for value, text in found if value is not None]
    stays = _quoted(typed, quote) or ""
    cut = max((stays.rfind(c) for c in breaks if c in _BREAKS), default=-1) + 1
    if cut and not quote:
        found = [(value[cut:], text) for value, text in found if value and value.startswith(stays[:cut])]
        stays = stays[cut:]
    values = [value or "" for value, _ in found]
    lines = list(values)
    if len(values) > 1 and (not how or how[0] not in _MENU):
        wide = max(map(width, values))
        lines = [_listed(value or "", text, wide, columns) for value, text in found]
        if not all(line.startswith(stays) for line in lines):
            # Bash would put what they have in common in the place of what was typed; with this it is nothing.
            lines.append(" ")
    return "\n".join(["nospace" if offered.joined else "plain", *lines, ""])


def _clean(value: str) -> bool:
    return bool(value) and value.isprintable()


_BREAKS = "=:@"
"""What breaks words in bash besides blanks and quotes, unless somebody took it out of ``COMP_WORDBREAKS``."""
_PLAIN = frozenset("-_./:@%+,=")


def _quoted(value: str, quote: str) -> str | None:
    """As it is typed in bash: within the open quote, or with a backslash before what would be understood otherwise."""
    if quote:
        return None if quote in value or (quote == '"' and set(value) & set("$`\\!")) else value
    return "".join(c if c.isalnum() or c in _PLAIN or (ord(c) > 0x2E80 and c.isprintable() and not c.isspace())
                   else f"\\{c}" for c in value)  # fmt: skip


def _listed(value: str, text: str, wide: int, columns: int) -> str:
    """A candidate and what it is, in a line of the terminal."""
    room = columns - wide - 4
    return f"{pad(value, wide)}  {_short(text, room)}" if text and room > 8 else value


def _short(text: str, columns: int) -> str:
    """In one line, in so many columns."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if width(text) <= columns:
        return text
    while text and width(text) > columns - 1:
        text = text[:-1]
    return f"{text}…"
