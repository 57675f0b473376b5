"""``batch``: commands as JSON Lines, in one process.

Which keys a line may have, and of which kind their values are, is asked of the very commands: there is no second list
of options. A line runs the function that its command runs, with the options of the run for those it does not name.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, BinaryIO, TextIO, cast

import typer
from typer._click import Command, Context, exceptions
from typer._click import core as click

from repairdesk import lent
from repairdesk.batch import lines
from repairdesk.batch.lines import Doc, Tally, Unreadable
from repairdesk.cli import common, render
from repairdesk.cli.common import Call, command, required
from repairdesk.cli.render import refusals
from repairdesk.errors import N_, BadInput, DeskError, NotFound, Partial, UsageError, unreadable

chapter = typer.Typer()
FILES = N_("Files")

COMMANDS = (
    *"intake quote consent assign accept arrive start pause reschedule support returned finish sign close".split(),
    *"archive cancel correct rebill pay convert log check exempt attach hear settle explain recheck".split(),
    *"list show why board handover report".split(),
    *(f"callback {name}" for name in "due record letter opinion settle".split()),
    *(f"staff {name}" for name in "add list retire duty".split()),
)
"""What a line may ``do``: whatever changes or shows orders, and who works here."""

_MAKES = ("intake",)
"""What can be referred to by its line."""
_GARBAGE = 50_000
"""So many more things than before are made until it is looked what of them is left over."""
_OWN = ("as_", "at")
"""The common options that a line may have for itself."""
Asked = bool | str | int | Path | list[str]


class Verb:
    """A command as a line calls it: its keys and its function."""

    def __init__(self, name: str, function: common.Typed, built: Command) -> None:
        self.name = name
        self._function = function
        self._context = Context(built, info_name=name)
        self.keys: dict[str, click.Parameter] = {}
        """Every key that a line of this command may have; hyphens are underscores here."""
        for parameter in built.params:
            if parameter.name in common.COMMON and parameter.name not in _OWN:
                continue
            for key in _keys(parameter):
                self.keys[key] = parameter

    def run(self, call: Call, said: Mapping[str, Any], made: lines.Made) -> list[Any]:
        """Do what a line says; answers with the documents that the command gave out.

        Raises:
            Unreadable: a key is unknown, or its value of another kind. DeskError: the command refuses it.
        """
        values = self._values(said, made)
        own = {name: values.pop(name) for name in _OWN if name in values}
        # Not _replace, which would make a plain Call of it.
        mine = call.of(**own) if isinstance(call, LineCall) else call._replace(**own)
        with render.kept() as documents:
            self._function.run(mine, **values)
        return documents

    def _values(self, said: Mapping[str, Any], made: lines.Made) -> dict[str, Any]:
        values: dict[str, Any] = {}
        keys: dict[str, str] = {}
        for key, value in said.items():
            parameter = self.keys.get(key.replace("-", "_"))
            if parameter is None:
                raise self._unknown(key)
            name = cast(str, parameter.name)
            if name in keys:
                raise _bad(N_("{key} and {other} are one option"), key, other=keys[name])
            keys[name] = key
            if value is not None:
                values[name] = _meant(key, self._value(key, parameter, value), made)
        return values

    def _value(self, key: str, parameter: click.Parameter, value: Any) -> Asked:
        """A value as the command line would have it."""
        if getattr(parameter, "is_flag", False):
            if not isinstance(value, bool):
                raise _bad(N_("{key} is true or false"), key)
            return value
        if getattr(parameter, "multiple", False) or parameter.nargs == -1:
            return _several(key, value)
        if not isinstance(value, str):
            raise _bad(N_("{key} is one text"), key)
        if parameter.type.name == "path":
            return Path(value)
        try:
            return cast(Asked, parameter.type.convert(value, parameter, self._context))
        except exceptions.BadParameter as error:
            from repairdesk.cli import typer_words

            error.ctx, error.param = self._context, parameter
            raise typer_words.refusal(error) from None

    def _unknown(self, key: str) -> Unreadable:
        from difflib import get_close_matches

        near = get_close_matches(key.replace("-", "_"), sorted(self.keys), 3)
        if near:
            message = N_("{do} knows no “{key}”; did you mean {near}?")
            return Unreadable(message, do=self.name, key=key, near=near, extra={"key": key})
        return _bad(N_("{do} knows no “{key}”"), key, do=self.name)


def _keys(parameter: click.Parameter) -> set[str]:
    """How a line may name a parameter: an option by its long names, an argument by its own and by what the help says.

    What there can be several of is named by one, too.
    """
    if parameter.param_type_name == "argument":
        name = cast(str, parameter.name)
        shown = (parameter.metavar or "").rstrip("…").lower()
        return {
            name,
            name.removesuffix("s") if parameter.nargs == -1 else name,
            shown if shown.isidentifier() else name,
        }
    return {opt[2:].replace("-", "_") for opt in parameter.opts if opt.startswith("--")}


def _several(key: str, value: Any) -> list[str]:
    """Several values: a list of texts, one text, or for NAME=VALUE an object."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        if any("=" in name or not isinstance(inner, str) for name, inner in value.items()):
            raise _bad(N_("{key} has a name with “=”, or a value that is no text"), key)
        return [f"{name}={inner}" for name, inner in value.items()]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _bad(N_("{key} is a list of texts"), key)
    return list(value)


def _meant(key: str, value: Asked, made: lines.Made) -> Asked:
    """Orders that are named by the line that took them in."""
    if key.replace("-", "_") not in ("number", "numbers", "follows", "found_on", "join"):
        return value
    if isinstance(value, list):
        return [made.meant(one) for one in value]
    return made.meant(value) if isinstance(value, str) else value


def _bad(message: str, key: str, **values: Any) -> Unreadable:
    return Unreadable(message, key=key, extra={"key": key}, **values)


class Verbs:
    """The commands by what a line calls them, each built when it is first called."""

    def __init__(self) -> None:
        self._built: dict[str, Verb] = {}

    def of(self, said: Any) -> Verb:
        """The command of a line.

        Raises:
            Unreadable: there is none of that name, or it is none for a file.
        """
        if not isinstance(said, str):
            raise _bad(N_("the line does not say what to do: {key}"), "do")
        found = self._built.get(said)
        if found is None:
            found = self._built[said] = verb(" ".join(said.replace("_", " ").replace("-", " ").split()))
        return found


def verb(name: str) -> Verb:
    """A command by the name that is typed for it.

    Raises:
        Unreadable: there is none of that name, or it is none for a file.
    """
    from difflib import get_close_matches

    from repairdesk.cli import app

    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, 3)
        if near:
            raise _bad(N_("no line can do “{name}”; did you mean {near}?"), "do", name=name, near=near)
        raise _bad(N_("no line can do “{name}”"), "do", name=name)
    group, _, inner = name.partition(" ")
    info = app._info(group)
    if inner:
        info = next(one for one in info.typer_instance.registered_commands if one.name == inner)
    return Verb(name, info.callback, typer.main.get_command_from_info(
        info, pretty_exceptions_short=False, rich_markup_mode=None
    ))  # fmt: skip


class LineCall(Call):
    """A line's command: at the desk of the run, which stays open; what it tells at once is told when that holds."""

    run: Run

    @property
    def desk(self) -> Any:
        """The desk of the run."""
        return self.run.desk

    @property
    def by(self) -> Any:
        """Who did it, at the keyboard of the run."""
        from repairdesk.desk.turn import By

        user, bound = self.run.whom
        return By(self.as_, user, self.at, clock_is_right=self.run.clock_is_right, bound=bound)

    def second(self, what: str, staff_id: str | None, pin_file: Path | None) -> Any:
        """Nobody types a PIN here, and of a run that is undone the tries would be, too."""
        if pin_file is not None:
            raise UsageError(N_("lines carry no PIN: type that command by itself"))
        return self.by

    def of(self, **own: Any) -> LineCall:
        """The same with what a line says for itself."""
        mine = LineCall(**{**self._asdict(), **own})
        mine.run = self.run
        return mine

    def tell(self, desk: Any, by: Any, done: Any) -> None:
        """Told once the line's answer is out and holds."""
        if done.queued:
            self.run.untold.append((by, tuple(done.queued)))


class Run:
    """One run over a file: the open desk, what was made, and where answers go."""

    def __init__(self, call: Call, out: TextIO, *, document: bool) -> None:
        from repairdesk.desk import Desk
        from repairdesk.ledger.session import Session

        self.session = Session(call.store(), wait_seconds=call.patience)
        self.desk = Desk(call.folder(), lambda: common.clock(), self.session)
        self.whom = call.whom()
        self.clock_is_right = common.clock_is_right()
        self.untold: list[tuple[Any, tuple[int, ...]]] = []
        self._call = LineCall(*call._replace(json_=True))
        self._call.run = self
        self._verbs, self._made = Verbs(), lines.Made()
        self.out = out
        self._document = document
        self._first = True

    def do(self, n: int, said: Mapping[str, Any]) -> Doc:
        """What a line says.

        Raises:
            DeskError: it cannot be done; what cannot be read or is missing is bad input (14), as in any file.
        """
        try:
            asked = dict(said)
            found = self._verbs.of(asked.pop("do", None))
            documents = found.run(self._call, asked, self._made)
        except UsageError as refusal:
            raise _in_a_file(refusal) from None
        except NotFound as refusal:
            if self._call.store().exists():
                raise
            raise lines.NoLedger(refusal.message, **refusal.values) from None
        except (BrokenPipeError, KeyboardInterrupt, DeskError):
            raise
        except Exception as error:
            if common.traced():
                raise
            raise DeskError(N_("this is a mistake of the program: {what} (REPAIRDESK_DEBUG=1 shows where)"),
                            what=f"{type(error).__name__}: {error}") from error  # fmt: skip
        (answer,) = documents
        if found.name in _MAKES:
            self._made.note(n, answer["number"])
        return cast(Doc, answer)

    def put(self, n: int, said: Doc | DeskError) -> None:
        """A line's answer, at once."""
        if isinstance(said, DeskError):
            doc = {"line": n, "ok": False, "error": refusals.refusal_doc(said)}
        else:
            doc = {"line": n, "ok": True, "answer": said}
        self.write(render.line(doc))

    def write(self, text: str) -> None:
        """A line of the answer; in one document they are a list."""
        if self._document:
            text = ("\n" if self._first else ",\n") + text
            self._first = False
        else:
            text += "\n"
        self.out.write(text)
        self.out.flush()

    def tell(self) -> None:
        """What the lines so far queued to be told at once."""
        from repairdesk.cli import notices

        told, self.untold = self.untold, []
        for by, queued in told:
            notices.at_once(self.desk, by, queued)


def _in_a_file(refusal: UsageError) -> BadInput:
    """What would be a usage error on the command line."""
    kept = BadInput(
        refusal.message, rule=refusal.rule, possible=refusal.possible, extra=refusal.extra, **refusal.values
    )
    kept.zone = refusal.zone
    return kept


@command(chapter, "batch", FILES)
def batch(
    call: Call,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", readable=False, allow_dash=True, help=N_("JSON Lines; - is stdin.")),
    ] = None,
    atomic: Annotated[bool, typer.Option("--atomic", help=N_("All lines or none."))] = False,
    stop: Annotated[bool, typer.Option("--stop", help=N_("End with the first refusal; what is done stays."))] = False,
) -> None:
    """Run commands that a file holds, one JSON object a line, each answered by one."""
    required(file=file)
    assert file is not None
    if atomic and stop:
        raise UsageError(N_("{one} and {other} exclude each other"), one="--atomic", other="--stop")
    ill: DeskError | None = None
    with _opened(file) as stream:
        work = _atomic if atomic else _each
        out = sys.stdout
        if call.json_:
            out.write('{"lines": [')
        try:
            tally = work(call, stream, out, stop)
        except DeskError as refusal:
            tally, ill = Tally(), refusal
        if call.json_:
            counts = {"done": tally.done, "refused": tally.refused, "committed": tally.done > 0, "warnings": []}
            out.write(f"], {json.dumps(counts)[1:]}\n")
    if ill is not None:
        raise ill
    _end(tally, atomic=atomic)


def _each(call: Call, stream: BinaryIO, out: TextIO, stop: bool) -> Tally:
    """Each line a transaction of its own."""
    run = Run(call, out, document=call.json_)

    def put(n: int, said: Doc | DeskError) -> None:
        try:
            run.put(n, said)
        finally:
            # What a line did holds, whether anybody hears its answer or not.
            run.tell()

    # Hardly anything that a line makes points back at itself: looking for it each time took a tenth of the run.
    gc.set_threshold(_GARBAGE)
    try:
        return lines.run(lines.read(stream), run.do, put, run.session.give_way, stop=stop, more=lambda: _more(stream))
    finally:
        run.session.close()


def _more(stream: BinaryIO) -> bool:
    """Whether there are lines that were not read; of what is no file nobody knows without waiting for it."""
    try:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            return True
    except (OSError, ValueError):
        return True
    return any(raw.strip() for raw in stream)


class _Undone(Exception):
    """Leaves the one transaction of all lines; the refusal was seen already."""


def _atomic(call: Call, stream: BinaryIO, out: TextIO, stop: bool) -> Tally:
    """All lines one transaction; what they answer is given out once it holds, else the refusal alone."""
    import tempfile

    with tempfile.TemporaryFile() as whole, tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as kept:
        # A file may come down a slow pipe: nobody should wait for that with the ledger held.
        shutil.copyfileobj(stream, whole)
        whole.seek(0)
        run = Run(call, cast(TextIO, kept), document=call.json_)
        last: list[tuple[int, DeskError]] = []

        def put(n: int, said: Doc | DeskError) -> None:
            if isinstance(said, DeskError):
                last.append((n, said))
            else:
                run.put(n, said)

        tally = Tally()
        try:
            with suppress(_Undone), run.session.whole():
                tally = lines.run(lines.read(cast(BinaryIO, whole)), run.do, put, lambda: None, stop=True)
                if last:
                    raise _Undone
            if last:
                alone = Run(call, out, document=call.json_)
                alone.put(*last[0])
                return tally._replace(done=0)
            kept.seek(0)
            try:
                shutil.copyfileobj(kept, out)
                out.flush()
            except BrokenPipeError:
                pass  # all of it is done, whether anybody hears it or not
            finally:
                run.tell()
        finally:
            run.session.close()
        return tally


def _end(tally: Tally, *, atomic: bool) -> None:
    """The exit code, with its reason on stderr.

    Raises:
        BadInput: a line was no command, or none could be done. Partial: some were refused, or nobody heard the answers
            any more. DeskError: what ended the run.
    """
    if tally.unheard:
        message = N_(
            "nobody reads the answers any more: {done} of {lines} lines are done, and what follows was not read"
        )
        raise Partial(message, done=tally.done, lines=tally.lines)
    if not tally.refused:
        return
    if atomic:
        refusal = cast(DeskError, tally.end)
        raise type(refusal)(N_("a line was refused: nothing of the {lines} up to it was kept"), rule=refusal.rule,
                            possible=refusal.possible, lines=tally.lines)  # fmt: skip
    if tally.end is not None and lines.fatal(tally.end):
        raise tally.end
    if tally.end is not None:
        ended = BadInput if tally.unread or not tally.done else Partial
        raise ended(N_("a line was refused: {done} before it are done, and what comes after it was not read"),
                    done=tally.done)  # fmt: skip
    if tally.unread:
        raise BadInput(N_("{unread} of {lines} lines are no command; the others were tried"), unread=tally.unread,
                       lines=tally.lines)  # fmt: skip
    if not tally.done:
        raise BadInput(N_("none of the {lines} lines could be done"), lines=tally.lines)
    raise Partial(N_("{refused} of {lines} lines were refused; the others are done"), refused=tally.refused,
                  lines=tally.lines)  # fmt: skip


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """The file of a run; ``-`` is stdin.

    Raises:
        NotFound: there is none. StorageError: it cannot be read.
    """
    if str(file) == "-":
        if sys.stdin is None:
            raise UsageError(N_("stdin is closed: there are no lines to read"))
        yield cast(BinaryIO, getattr(sys.stdin, "buffer", sys.stdin))
        return
    try:
        stream = open(file, "rb", opener=lent.opened)  # noqa: SIM115 - closed below
    except (OSError, ValueError) as error:
        raise unreadable(file, error) from None
    with stream:
        yield stream
