"""The entry point: language, errors, exit codes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from repairdesk import lent, locale
from repairdesk.errors import N_, DeskError, Exit, NotPermitted, StorageError, UsageError

if TYPE_CHECKING:
    from repairdesk.cli.phases import Phases

DEBUG = "REPAIRDESK_DEBUG"
"""Asks for more: ``1`` for the tracebacks of the program's own mistakes, ``time`` for what takes how long."""


_GARBAGE = 100_000
"""So many more objects than were let go, and the collector looks for circles: a command for one order makes a third."""


def run() -> NoReturn:
    """The console script."""
    # While modules are loaded nothing becomes garbage; looking for it took a twentieth of the time.
    gc.set_threshold(_GARBAGE)
    if "_REPAIRDESK_COMPLETE" in os.environ and (lent.home() is not None or not lent.is_lent()):
        from repairdesk.cli import completing

        completing.run()
    watched = os.environ.get(DEBUG) == "time" and _watch()
    for name in ("stdout", "stderr"):
        # Whoever closed it does not want it.
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show Chinese gets escapes, never a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = main(sys.argv[1:])
    except Exception as error:
        code = _traceback(error)
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # A reader that went away has what it wanted; a disk that is full has half an answer, which was told or not.
        if not isinstance(error, BrokenPipeError) and code != Exit.STORAGE:
            code = _refuse(_unwritten(error), sys.argv[1:])
    if watched:
        watched.tell()
    # What is left goes with the process: the interpreter need not look through it once more for garbage.
    gc.freeze()
    sys.exit(code)


def _traceback(error: Exception) -> int:
    """Where a mistake of the program was made."""
    from repairdesk.cli import traces

    traces.show(error)
    return Exit.BUG


def _watch() -> Phases:
    from repairdesk.cli import phases

    return phases.watch()


def main(argv: Sequence[str]) -> int:
    """Run one command and answer with its exit code; no traceback ever reaches a user."""
    try:
        locale.use(locale.choose(argv))
        if lent.is_lent() and lent.home() is None:
            raise NotPermitted(N_("somebody else's rights are lent to this program: run it by what starts the desk"))
        _readable((*argv, *(value for name, value in os.environ.items() if name.startswith("REPAIRDESK_"))))
        return _dispatch(list(argv))
    except DeskError as error:
        return _refuse(error, argv)
    except BrokenPipeError:
        return Exit.DONE
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        # A name too long, a folder gone: whatever the machine says, in its own words.
        if error.filename is None:
            return _refuse(_unwritten(error), argv)
        return _refuse(StorageError("{file} cannot be read or written: {why}", file=error.filename,
                                    why=error.strerror or type(error).__name__), argv)  # fmt: skip
    except Exception as error:
        from repairdesk.cli.common import traced

        if traced():
            raise
        return _refuse(DeskError("this is a mistake of the program: {what} (REPAIRDESK_DEBUG=1 shows where)",
                                 what=f"{type(error).__name__}: {error}"), argv)  # fmt: skip


def _unwritten(error: OSError) -> StorageError:
    return StorageError("the answer cannot be written out: {why}; look with show and list what is done",
                        why=error.strerror or type(error).__name__)  # fmt: skip


def _readable(argv: Sequence[str]) -> None:
    """Refuse arguments with bytes that are no characters: the ledger keeps text alone."""
    for text in argv:
        if any("\ud800" <= c <= "\udfff" for c in text) or "\0" in text:
            raise UsageError("an argument holds bytes that are no characters: {text}", text=ascii(text[:40]))


def _dispatch(argv: list[str]) -> int:
    import typer
    from typer._click import exceptions

    from repairdesk.cli import app, typer_words

    try:
        # Outside its standalone mode Typer answers with the code of a typer.Exit instead of raising it.
        code = app.build().main(argv, prog_name="repairdesk", standalone_mode=False)
    except exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
        return Exit.DONE  # who types no command asks what there is
    except exceptions.ClickException as error:
        raise typer_words.refusal(error) from None
    except typer.Abort:
        return 130
    except SystemExit as stop:
        # Typer makes a failure of a reader that goes away; what was asked for is done all the same.
        if isinstance(stop.__context__, BrokenPipeError):
            return Exit.DONE
        raise
    return code if isinstance(code, int) else Exit.DONE


def _refuse(error: DeskError, argv: Sequence[str]) -> int:
    from repairdesk.cli.render import refusals

    try:
        refusals.error(error, as_json="--json" in argv, argv=argv)
    except OSError:
        # Nobody hears it, or the disk that it goes to is full, too: the code says it all the same.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    return int(error.exit)


if __name__ == "__main__":
    run()
