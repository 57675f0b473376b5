"""The program's commands, found by name: only the chapter of the command that was typed is imported.

The help page lists them all, so it imports the chapters, but builds none of their options.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import typer
from typer import core, main
from typer._click import Command, Context

from repairdesk import __version__
from repairdesk.cli import typer_words
from repairdesk.errors import N_
from repairdesk.locale import tr

CHAPTERS = {
    "flow": "intake quote consent assign accept arrive start pause reschedule support returned finish sign close "
    "archive cancel correct",
    "finance": "rebill pay",
    "reports": "report",
    "coordination": "convert log check exempt",
    "callbacks": "callback hear settle explain recheck",
    "looking": "list show why board",
    "fullscreen": "desk",
    "paper": "print",
    "attachments": "attach",
    "shift": "slips handover",
    "nightly": "escalate doctor",
    "batch": "import",
    "exporting": "export",
    "lines": "batch",
    "purging": "purge",
    "households": "household",
    "days": "calendar",
    "admin": "init demo staff fees policies",
    "trust": "verify checkpoint backup restore",
    "ledgers": "ledger",
    "completion": "completion",
}
"""Which chapter of the manual has which command, in the order of the help page."""

_AS_TYPER = {"--show-completion": (), "--install-completion": ("--install",)}
"""What programs made with Typer have, and how it is said here."""

_HOME = {name: chapter for chapter, names in CHAPTERS.items() for name in names.split()}


VERSION = "--version"
VERSION_HELP = N_("Show which version this is.")


def _asking(args: list[str]) -> list[str]:
    """However somebody asks for help: ``-h``, ``help COMMAND``; the language of it may be said before or behind."""
    if args[-1:] == ["-h"]:
        args = [*args[:-1], "--help"]
    if args[:1] == ["help"]:
        args = [*args[1:], "--help"]
    rest = [word for n, word in enumerate(args) if word.partition("=")[0] != "--lang" and args[n - 1 : n] != ["--lang"]]
    return rest if rest == ["--help"] else args


class Commands(core.TyperGroup):
    """All commands, each built when it is asked for."""

    def list_commands(self, ctx: Context) -> list[str]:
        """The names, in the order of the chapters."""
        return list(_HOME)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """The command of that name; while the help page is made, a stand-in with its one line of help."""
        if cmd_name not in _HOME:
            return None
        info = _info(cmd_name)
        if ctx.resilient_parsing or ctx.meta.get("repairdesk.listing"):
            return _stand_in(cmd_name, info)
        built = _built(info)
        translate(built)
        return built

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Typer's own way to ask for completion is understood, too."""
        if args and (name := args[0].partition("=")[0]) in _AS_TYPER:
            shell = args[0].partition("=")[2]
            args = ["completion", *_AS_TYPER[name], *filter(None, [shell]), *args[1:]]
        if VERSION in args[:1]:
            print(f"repairdesk {__version__}")
            raise typer.Exit
        return super().parse_args(ctx, _asking(args))

    def format_help(self, ctx: Context, formatter: Any) -> None:
        """The help page, from the stand-ins."""
        from repairdesk.cli import panels

        panels.load()
        ctx.meta["repairdesk.listing"] = True
        self.params.append(core.TyperOption(param_decls=[VERSION], is_flag=True, help=tr(VERSION_HELP)))
        super().format_help(ctx, formatter)

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Near misses are proposed from all names, as none is built beforehand."""
        if args and args[0] not in _HOME and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], list(_HOME), 3)
            from repairdesk.errors import UsageError

            if near:
                raise UsageError(N_("there is no command “{name}”; did you mean {near}?"), name=args[0], near=near)
            raise UsageError(N_("there is no command “{name}” (--help lists them)"), name=args[0])
        return super().resolve_command(ctx, args)


def _info(name: str) -> Any:
    """What the chapter registered under that name: a command or a group of commands."""
    chapter = import_module(f"repairdesk.cli.{_HOME[name]}").chapter
    for info in (*chapter.registered_commands, *chapter.registered_groups):
        if info.name == name:
            return info
    raise LookupError(name)


def _built(info: Any) -> Command:
    if isinstance(info, typer.models.TyperInfo):
        return main.get_group_from_info(
            info, pretty_exceptions_short=False, suggest_commands=True, rich_markup_mode="rich"
        )
    return main.get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode="rich")


def _stand_in(name: str, info: Any) -> Command:
    group = isinstance(info, typer.models.TyperInfo)
    text = info.typer_instance.info.help if group else info.callback.__doc__
    panel = info.rich_help_panel
    return core.TyperCommand(name, help=tr(text.strip().partition("\n")[0]), rich_help_panel=tr(panel))


def translate(command: Command) -> None:
    """Put a command's help into the language that is spoken now; texts are declared in English."""
    typer_words.translate(command)
    command.help = tr(_folded(command.help))
    if isinstance(getattr(command, "rich_help_panel", None), str):
        command.rich_help_panel = tr(command.rich_help_panel)  # type: ignore[attr-defined]
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = tr(parameter.help)  # type: ignore[attr-defined]
        if getattr(parameter, "rich_help_panel", None):
            parameter.rich_help_panel = tr(parameter.rich_help_panel)  # type: ignore[attr-defined]
    for inner in getattr(command, "commands", {}).values():
        translate(inner)


def _folded(text: str | None) -> str:
    """A docstring's first paragraph as one line: the key of the catalogue."""
    return " ".join((text or "").partition("\n\n")[0].split())


def texts() -> Iterator[str]:
    """Every text of the help pages, for the catalogue."""
    for name in _HOME:
        yield from _texts_of(_built(_info(name)))


def _texts_of(command: Command) -> Iterator[str]:
    yield _folded(command.help)
    for parameter in command.params:
        yield from filter(None, (getattr(parameter, "help", None), getattr(parameter, "rich_help_panel", None)))
    panel = getattr(command, "rich_help_panel", None)
    if isinstance(panel, str):
        yield panel
    for inner in getattr(command, "commands", {}).values():
        yield from _texts_of(inner)


ABOUT = N_("repairdesk: the ledger and the clocks of a property company's repairs.")


def build() -> Commands:
    """The whole program."""
    typer_words.install()
    program = Commands(name="repairdesk", help=tr(ABOUT), no_args_is_help=True, rich_markup_mode="rich",
                       add_help_option=True)  # fmt: skip
    typer_words.translate(program)
    return program
