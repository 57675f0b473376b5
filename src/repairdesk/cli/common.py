"""What every command shares: who, when, which desk, how to answer."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from repairdesk import lent
from repairdesk.cli.whereabouts import desk_folder
from repairdesk.cli.whereabouts import ledger_path as ledger_path
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, StorageError, UsageError
from repairdesk.locale import LANGUAGES

if TYPE_CHECKING:
    from repairdesk.desk import Answer, By, Desk
    from repairdesk.ledger.database import Store
    from repairdesk.ledger.postgres import Server

clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731
"""The one place where the machine's clock is read; tests and transcripts put their own here."""

opened: Callable[[], None] = lambda: None  # noqa: E731
"""Called when a command has its desk; whoever measures its phases puts their own here."""

COMMON: dict[str, Any] = {
    "as_": Annotated[
        str | None,
        typer.Option("--as", metavar="STAFF", envvar="REPAIRDESK_AS", help=N_("Who did it (staff id)."),
                     rich_help_panel=N_("Common"), show_envvar=False),
    ],
    "at": Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help=N_("When it happened: 2026-11-22T14:05, in the desk's zone; now."),
                     rich_help_panel=N_("Common")),
    ],
    "json_": Annotated[
        bool, typer.Option("--json", help=N_("Answer with one JSON document."), rich_help_panel=N_("Common"))
    ],
    "home": Annotated[
        Path | None,
        typer.Option("--home", metavar="DIR", envvar="REPAIRDESK_HOME", help=N_("The desk's folder."), readable=False,
                     rich_help_panel=N_("Common"), show_envvar=False),
    ],
    "ledger": Annotated[
        str | None,
        typer.Option("--ledger", metavar="URL", envvar="REPAIRDESK_LEDGER",
                     help=N_("A ledger elsewhere: a path, or postgresql+psycopg://USER@HOST/DB."),
                     rich_help_panel=N_("Common"), show_envvar=False),
    ],
    "site": Annotated[
        str | None,
        typer.Option("--site", metavar="NAME", envvar="REPAIRDESK_SITE", help=N_("Which site of a ledger on a server."),
                     rich_help_panel=N_("Common"), show_envvar=False),
    ],
    "lang": Annotated[
        str | None,
        typer.Option("--lang", metavar="zh|en", help=N_("Language of the answer."), rich_help_panel=N_("Common")),
    ],
}  # fmt: skip


NO_PAGER = Annotated[
    bool, typer.Option("--no-pager", help=N_("Write a long answer out at once (PAGER shows it, else less)."))
]


def traced() -> bool:
    """Whether a mistake of the program shows its traceback: ``time`` asks for something else."""
    return os.environ.get("REPAIRDESK_DEBUG", "time") not in ("", "time")


class Call(NamedTuple):
    """The common options of one command, and what is made of them."""

    as_: str | None = None
    at: str | None = None
    json_: bool = False
    home: Path | None = None
    ledger: str | None = None
    lang: str | None = None
    site: str | None = None

    @property
    def by(self) -> By:
        """Who did it, who sits at the keyboard, when; a server knows by itself who logged in."""
        from repairdesk.desk.turn import By

        user, bound = self.whom()
        return By(self.as_, user, self.at, clock_is_right=clock_is_right(), bound=bound)

    def whom(self) -> tuple[str, bool]:
        """The account at the keyboard, and whether it acts for nobody else: by the kernel, or by the server's login."""
        return (os_user(), lent.is_lent()) if self.file() is not None else self._server().whom()

    def second(self, what: str, staff_id: str | None, pin_file: Path | None) -> By:
        """The same, with the word of a second person where the policies ask for a PIN; ``what`` it is for."""
        from repairdesk.cli.second import confirmed

        return confirmed(self, what, staff_id, pin_file)

    def moment(self) -> str | datetime:
        """When it happens, where no desk is opened that would say: ``--at`` as typed, or now."""
        return self.at if self.at is not None else clock()

    def check(self) -> None:
        """Whether the common options can be understood, also where the command makes nothing of them.

        Raises:
            UsageError: ``--lang`` or ``--at`` cannot be.
        """
        if self.lang is not None and self.lang not in LANGUAGES:
            raise UsageError(
                N_("“{value}” is no {field}; choose: {known}"), value=self.lang, field="--lang", known=list(LANGUAGES)
            )
        if self.at is not None:
            from repairdesk.domain.times import parse_at

            # Its form only: what it means in the desk's own zone is asked when the desk is open.
            parse_at(self.at, UTC)

    @property
    def talks(self) -> bool:
        """Whether what is missing can be asked for: somebody types at a terminal and reads there, too."""
        return not self.json_ and all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))

    @property
    def desk(self) -> Desk:
        """The desk that the options, the environment or the folder name."""
        from repairdesk.desk import Desk
        from repairdesk.ledger.journal import Ledger

        opened()
        return Desk(self.folder(), lambda: clock(), Ledger(self.store(), wait_seconds=self.patience))

    @property
    def patience(self) -> float:
        """How long to wait for others who hold the ledger; from here on, whoever types is told when that takes long.

        Raises:
            UsageError: as ``wait_seconds``.
        """
        from repairdesk.ledger import database

        database.waiting = _told_once(self)
        return wait_seconds()

    def file(self) -> Path | None:
        """The file of the ledger: ``--ledger``, else the one in the desk's folder. None: it is on a server."""
        if self.ledger and lent.home() is None:
            return ledger_path(self.ledger)
        return self.folder() / "ledger.db"

    def path(self) -> Path:
        """The file of the ledger.

        Raises:
            UsageError: it is in none.
        """
        found = self.file()
        if found is None:
            raise UsageError(N_("this is for a ledger in a file; that one is on a server"))
        return found

    def store(self) -> Store:
        """Where the ledger is kept.

        Raises:
            UsageError: a site was named where there is but one.
        """
        found = self.file()
        if found is None:
            return self._server()
        if self.site:
            raise UsageError(N_("--site chooses a site on a server; a ledger in a file is that of one site: --home"))
        from repairdesk.ledger.files import File

        return File(found)

    def _server(self) -> Server:
        from repairdesk.cli.whereabouts import on_server

        return on_server(self.ledger or "", self.site)

    def folder(self) -> Path:
        """``--home``, else the nearest desk from here upwards, else the user's data folder.

        Raises:
            NotPermitted: the desk is in strong mode, and this is not how it is reached.
        """
        return desk_folder(self.home, self.ledger)

    def answer(self, answer: Answer) -> None:
        """Put out an order, or what a verb answers."""
        from repairdesk.cli.render import orders

        orders.answer(self, answer)

    def tell(self, desk: Desk, by: By, done: Answer) -> None:
        """What is told at once goes out now, once the answer is out: an emergency (INT-7), a complaint, what waits."""
        if not done.queued:
            return
        from repairdesk.cli import notices

        with suppress(OSError):  # Said when the program ends; it is no reason not to send.
            sys.stdout.flush()
        notices.at_once(desk, by, done.queued)


def _told_once(call: Call) -> Callable[[Callable[[], Sequence[object]], float], None]:
    """Says what is waited for, on stderr and once; a script that asks for documents reads that there is nothing else.

    A copy of this process that looks at a part of the ledger says nothing: its parent waits for the same.
    """
    mine, told = os.getpid(), False

    def tell(who: Callable[[], Sequence[object]], seconds: float) -> None:
        nonlocal told
        if told or os.getpid() != mine or (call.json_ and not sys.stderr.isatty()):
            return
        told = True
        from repairdesk.cli import waiting

        with suppress(OSError):  # Nobody hears it: that is no reason to give up.
            waiting.tell(who, seconds)

    return tell


def clock_is_right() -> bool:
    """Whether somebody says by REPAIRDESK_CLOCK=right that the machine's clock is, though the record ends later."""
    return os.environ.get("REPAIRDESK_CLOCK", "").strip() == "right"


def wait_seconds() -> float:
    """How long to wait for others who hold the ledger: REPAIRDESK_WAIT in seconds, up to a day; else 30.

    Raises:
        UsageError: it is no such number.
    """
    from repairdesk.ledger.database import WAIT_SECONDS

    said = os.environ.get("REPAIRDESK_WAIT", "").strip()
    if not said:
        return WAIT_SECONDS
    try:
        seconds = float(said)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise UsageError(N_("REPAIRDESK_WAIT is a number of seconds, 0 to 86400; it is “{text}”"), text=said)
    return seconds


def write_whole(path: Path, text: str, *, mine: bool = False, over: str | None = None) -> None:
    """Write a file that is whole or not there; one that was there is replaced.

    What is no file (a device, a pipe, /dev/stdout) is written to; of a link the target is replaced. ``mine``: nobody
    but its owner reads it. ``over``: what it may replace of what is else never replaced (``ledger.keepsakes``).

    Raises:
        UsageError: what is there can take no text. NotAllowed: what is there is not to be replaced.
        StorageError: it cannot be written.
    """
    from repairdesk.batch import whole

    try:
        with whole.writing(path, mine=mine, over=over) as out:
            out.half.write_text(text, encoding="utf-8", newline="\n")
            out.place()
    except BrokenPipeError:
        raise  # a reader that goes away is no failure
    except OSError as error:
        raise StorageError(N_("{file} cannot be written: {why}"), file=str(path), why=error.strerror or "") from None


def os_user() -> str:
    """The account at the keyboard, by the kernel and not by a variable that anyone can set."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def required(**values: Any) -> None:
    """Everything that a command cannot do without; what is missing is named, all of it at once.

    Raises:
        UsageError: something is missing.
    """
    gaps = [name.rstrip("_") for name, value in values.items() if _blank(value)]
    if gaps:
        raise UsageError(N_("missing: {fields}"), fields=gaps, extra={"missing": gaps})


def _blank(value: Any) -> bool:
    """Nothing at all, or only spaces; of several values, all of them."""
    if isinstance(value, (list, tuple)):
        return all(_blank(one) for one in value)
    return value is None or (isinstance(value, str) and not value.strip())


def pairs(texts: Sequence[str], shape: str) -> dict[str, str]:
    """``COLUMN=FIELD`` and the like; the last equals sign parts.

    Raises:
        UsageError: one has no such form.
    """
    found: dict[str, str] = {}
    for text in texts:
        left, equals, right = text.rpartition("=")
        if not equals or not left.strip() or not right.strip():
            raise UsageError(N_("“{text}” is not {shape}"), text=text, shape=shape)
        found[left.strip()] = right.strip()
    return found


class Typed:
    """A function ``(call, …)`` as Typer sees it: with the common options, which arrive as one ``Call``.

    Its options are read when the command is built, not when its chapter is imported: the help page lists every
    command and builds none.
    """

    def __init__(self, function: Callable[..., None], *, pages: bool = False, words: Sequence[str] = ()) -> None:
        self._function = function
        self._pages = pages
        self._words = words
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self.__annotations__: dict[str, Any] = {}

    @cached_property
    def __signature__(self) -> inspect.Signature:
        own = list(inspect.signature(self._function, eval_str=True).parameters.values())[1:]
        keyword = inspect.Parameter.KEYWORD_ONLY
        common = [
            inspect.Parameter(key, keyword, default=False if key == "json_" else None, annotation=annotation)
            for key, annotation in COMMON.items()
        ]
        if self._pages:
            own.append(inspect.Parameter("no_pager", keyword, default=False, annotation=NO_PAGER))
        return inspect.Signature([parameter.replace(kind=keyword) for parameter in own] + common)

    def __call__(self, **values: Any) -> None:
        self.run(Call(**{key: values.pop(key) for key in COMMON}), **values)

    def run(self, call: Call, **values: Any) -> None:
        """The command, with its common options made out already; what is not said has its default."""
        call.check()
        if lent.is_lent():
            from repairdesk.cli import lending

            lending.check(self.__name__, values)
        for name in self._words:
            if not _plain(said := values.get(name)):
                from repairdesk.cli import coding

                values[name] = coding.codes(self.__name__.rstrip("_").replace("_", " "), name, said)
        off = values.pop("no_pager", False) or call.json_
        if not self._pages or off or not sys.stdout.isatty():
            self._function(call, **values)
            return
        from repairdesk.cli import screen

        with screen.paged():
            self._function(call, **values)


def _plain(said: Any) -> bool:
    """Whether that is nothing, or codes: they are ASCII, and what stands for them on a Chinese screen is not."""
    return all(one.isascii() for one in ([said] if isinstance(said, str) else said or ()))


def command(
    chapter: typer.Typer, name: str, panel: str, *, pages: bool = False, words: Sequence[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function ``(call, …)`` as a command.

    ``pages``: its answer may be longer than a terminal is high. ``words``: parameters that take codes; the words that
    are shown for them are taken, too.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        chapter.command(name, rich_help_panel=panel)(Typed(function, pages=pages, words=words))
        return function

    return register


Id = Annotated[str | None, typer.Argument(metavar="ID", help=N_("Staff id, such as W1."))]
PinFile = Annotated[
    Path | None,
    typer.Option("--pin-file", metavar="FILE", readable=False,
                 help=N_("The second person's PIN is the first line of this file.")),
]  # fmt: skip
Number = Annotated[str | None, typer.Argument(metavar="NUMBER", help=N_("The order, or an ending of its number."))]
Reason = Annotated[str | None, typer.Option("--reason", metavar="R", help=N_("Why; it goes on record."))]
Checks = Annotated[list[str] | None, typer.Option("--check", metavar="ITEM", help=N_("A point of the checklist."))]
