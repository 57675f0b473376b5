"""Typer's own words in the user's language: the frame of its help pages, and what it says of a mistyped command.

Typer words most of this in plain English, past gettext. A help page is translated when it is made and a mistake when it
is caught, so that the start of every command pays for neither.
"""

from __future__ import annotations

import re
from typing import Any

from typer._click import Command, Context, Parameter, exceptions, formatting, types
from typer.models import TyperPath

from repairdesk.errors import N_, Sentence, UsageError
from repairdesk.locale import tr

USAGE = N_("Usage: ")
HELP = N_("Show this message and exit.")
METAVARS = {
    "[OPTIONS]": N_("[OPTIONS]"),
    "COMMAND [ARGS]...": N_("COMMAND [ARGS]..."),
}
PANELS = {
    "ARGUMENTS_PANEL_TITLE": N_("Arguments"),
    "OPTIONS_PANEL_TITLE": N_("Options"),
    "COMMANDS_PANEL_TITLE": N_("Commands"),
    "DEFAULT_STRING": N_("[default: {}]"),
    "REQUIRED_LONG_STRING": N_("[required]"),
}
"""Names in ``typer.rich_utils`` and what they say in English."""


class Formatter(formatting.HelpFormatter):
    """What lays a usage line or a help page out; made only when one is wanted."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        from repairdesk.cli import panels

        panels.load()
        from typer import rich_utils

        for name, text in PANELS.items():
            setattr(rich_utils, name, tr(text))
        # What a value is, its name and its help say; that it is a text or a path is no news.
        for plain in (types.StringParamType, TyperPath):
            plain.get_metavar = _nothing  # type: ignore[method-assign]
        types.IntRange._describe_range = _described  # type: ignore[method-assign, assignment]

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage line, in the user's language."""
        super().write_usage(prog, args, prefix if prefix is not None else tr(USAGE))


def _nothing(*_: Any, **__: Any) -> str:
    return ""


def install() -> None:
    """Let every usage line and help page be laid out by ``Formatter``, and no path be a blank."""
    Context.formatter_class = Formatter
    TyperPath.convert = _path  # type: ignore[method-assign]


_CONVERT = TyperPath.convert


def _path(self: TyperPath, value: Any, param: Parameter | None, ctx: Any) -> Any:
    """A path as typed. A blank, such as a variable of a script that nobody set, would mean the folder one is in.

    Raises:
        UsageError: it is blank.
    """
    if param is not None and isinstance(value, str) and not value.strip():
        name = str(param.name).rstrip("_")
        raise UsageError(N_("missing: {fields}"), fields=[name], extra={"missing": [name]})
    return _CONVERT(self, value, param, ctx)


def translate(command: Command) -> None:
    """The words that Typer adds to a command: its ``--help`` and what stands for options in its usage line."""
    for name in ("options_metavar", "subcommand_metavar"):
        text = getattr(command, name, None)
        if text in METAVARS:
            setattr(command, name, tr(METAVARS[text]))
    option = command.get_help_option(Context(command))
    if option is not None:
        option.help = tr(HELP)


_MESSAGES = (
    (r"No such command '(.*)'\..*", N_("there is no command “{name}” (--help lists them)")),
    (r"Got unexpected extra argument\(s\) \((.*)\)", N_("too much was said: {name}")),
)
"""What Typer tells in words only, without a type of its own."""


def _near(error: exceptions.ClickException, name: str) -> list[str]:
    """The commands of a group that are near to one that it does not have."""
    from difflib import get_close_matches

    context = getattr(error, "ctx", None)
    known = getattr(context.command, "commands", {}) if context is not None else {}
    return get_close_matches(name, list(known), 3)


def _range(number: Any) -> Sentence:
    """What a number lies between, as people say it."""
    least, most = {"least": number.min}, {"least": number.min, "most": number.max}
    return Sentence(N_("{least} or more"), least) if number.max is None else Sentence(N_("{least} to {most}"), most)


def _described(number: Any) -> str:
    said = _range(number)
    return tr(said.template).format(**said.values)


def refusal(error: exceptions.ClickException) -> UsageError:
    """What Typer could not understand, as an error of ours; what is not known here keeps Typer's sentence."""
    if isinstance(error, exceptions.NoSuchOption):
        if error.possibilities:
            near = list(error.possibilities)  # the nearest first
            return UsageError(N_("there is no option {name}; did you mean {near}?"), name=error.option_name, near=near)
        return UsageError(N_("there is no option {name} (--help lists them)"), name=error.option_name)
    if isinstance(error, exceptions.BadOptionUsage):
        if "does not take a value" in error.message:
            return UsageError(N_("{name} takes no value"), name=error.option_name)
        return UsageError(N_("{name} needs a value"), name=error.option_name)
    if isinstance(error, exceptions.BadParameter) and error.param is not None and error.ctx is not None:
        name = error.param.get_error_hint(error.ctx).strip("'")
        if isinstance(error.param.type, types.IntRange):
            return UsageError(N_("{name} is a whole number, {range}"), name=name, range=_range(error.param.type))
        if isinstance(error.param.type, types.IntParamType):
            return UsageError(N_("{name} is a whole number"), name=name)
        return UsageError(N_("{name} cannot be understood: {what}"), name=name, what=error.message)
    for pattern, template in _MESSAGES:
        found = re.fullmatch(pattern, error.format_message(), re.DOTALL)
        if found:
            near = _near(error, found[1])
            if near:
                return UsageError(N_("there is no command “{name}”; did you mean {near}?"), name=found[1], near=near)
            return UsageError(template, name=found[1])
    return UsageError("{what}", what=error.format_message())
