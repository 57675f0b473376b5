"""What fills the templates of the paper: the desk's own where it has them, else the packaged ones, all in a sandbox.

A template is data that somebody at the desk wrote. It reads what it is given and nothing else: no attribute that leads
into the program, no file outside the two folders of templates, no work without end.
"""

from __future__ import annotations

import signal
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from repairdesk.desk.base import TEMPLATES as FOLDER
from repairdesk.errors import N_, BadRules, NotAllowed, NotFound, Sentence, StorageError

PACKAGED = Path(__file__).parent / "templates"
SECONDS = 20
"""How long one paper may take: a thousand times what the packaged templates need."""
_LARGEST = 1_000_000
"""Characters of a template, and the largest number or text that a template may multiply to."""


class _Endless(Exception):
    """A template did not come to its end."""


class _Loader(BaseLoader):
    """The desk's template of a name, else the packaged one.

    Attributes:
        used: the desk's own that were asked for, in their order.
    """

    def __init__(self, own: Path | None) -> None:
        self._own = own
        self.used: list[str] = []

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        if not _is_name(template):
            raise TemplateNotFound(template)
        text = self._own_text(template)
        folder = PACKAGED if text is None else self._own
        assert folder is not None
        if text is None:
            path = PACKAGED / template
            if not path.is_file():
                raise TemplateNotFound(template)
            text = path.read_text(encoding="utf-8")
        return text, str(folder / template), lambda: True

    def _own_text(self, name: str) -> str | None:
        """The desk's template; None where it has none.

        Raises:
            BadRules: it has one that cannot be read as it should be. What somebody put there is meant to be used: it
            would be no good if the packaged one was printed without a word.
        """
        if self._own is None:
            return None
        path = self._own / name
        try:
            path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _broken(str(path), 1, _said(_UNREADABLE, why=error.strerror or "")) from None
        self.used.append(str(path))
        try:
            return _read(self._own, path)
        except UnicodeDecodeError:
            raise _broken(str(path), 1, _said(N_("it is no UTF-8 text"))) from None
        except OSError as error:
            raise _broken(str(path), 1, _said(_UNREADABLE, why=error.strerror or "")) from None

    def is_own(self, file: str) -> bool:
        return self._own is not None and Path(file).parent == self._own


def _is_name(name: str) -> bool:
    """Whether it names a template: no step into another folder."""
    return name.endswith(".j2") and not any(sign in name for sign in "/\\\0")


def _read(folder: Path, path: Path) -> str:
    """The text of a desk's template: a file of the folder itself, and no link to anywhere else.

    Raises:
        BadRules: it is none. OSError, UnicodeDecodeError: it cannot be read.
    """
    found = path.stat()
    if path.resolve().parent != folder.resolve():
        raise _broken(str(path), 1, _said(N_("it is a link to a file elsewhere")))
    if not stat.S_ISREG(found.st_mode):
        raise _broken(str(path), 1, _said(N_("it is no file")))
    if found.st_size > _LARGEST:
        raise _broken(str(path), 1, _said(N_("it is larger than {most} bytes"), most=_LARGEST))
    return path.read_text(encoding="utf-8")


_UNREADABLE = N_("it cannot be read: {why}")


def _said(template: str, **values: Any) -> Sentence:
    return Sentence(template, values)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox; besides, nothing is multiplied to a size that would hold the machine up."""

    intercepted_binops = frozenset(["*", "**", "%"])

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator != "%" and not (_small(left) and _small(right)):
            raise SecurityError(_said(N_("only small numbers are multiplied here")))
        if operator == "**":
            raise SecurityError(_said(N_("“**” is not for templates")))
        if operator == "*" and max(_length(left) * _size(right), _length(right) * _size(left)) > _LARGEST:
            raise SecurityError(_said(N_("a text cannot be repeated so often")))
        if operator == "%" and not isinstance(left, (int, float)):
            raise SecurityError(_said(N_("“%” is for numbers alone")))
        return super().call_binop(context, operator, left, right)


def _small(value: Any) -> bool:
    return not isinstance(value, (int, float)) or abs(value) <= _LARGEST


def _size(value: Any) -> int:
    return abs(int(value)) if isinstance(value, (int, float)) else 1


def _length(value: Any) -> int:
    return len(value) if hasattr(value, "__len__") else 0


class Templates:
    """The templates of a desk.

    Args:
        home: the desk's folder; None takes the packaged templates alone.

    Attributes:
        own: the files of the desk's that were used so far.
    """

    def __init__(self, home: Path | None = None) -> None:
        self._loader = _Loader(home / FOLDER if home else None)
        self.own: list[str] = []

    def fill(self, name: str, values: Mapping[str, Any], filters: Mapping[str, Callable[..., Any]]) -> str:
        """A template filled in; HTML is escaped, text is not.

        Raises:
            BadRules: a template of the desk cannot be used; says which, where and why (13).
        """
        environment = _Sandbox(
            loader=self._loader,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=name.endswith(".html.j2"),
        )
        environment.globals.pop("lipsum", None)
        environment.filters |= filters
        self._loader.used.clear()
        try:
            with self._understood(), _in_time():
                return environment.get_template(name).render(values)
        finally:
            self.own += self._loader.used

    @contextmanager
    def _understood(self) -> Iterator[None]:
        """A mistake where a template of the desk is used is the desk's, one of the packaged alone is ours."""
        try:
            yield
        except BadRules:
            raise
        except TemplateSyntaxError as error:
            # An included template is the one with the mistake.
            if not self._loader.is_own(error.filename or ""):
                raise
            raise _broken(error.filename or "", error.lineno, error.message or "") from None
        except Exception as error:
            place = self._place(error.__traceback__)
            if place is None:
                raise
            raise _broken(*place, _reason(error)) from None

    def _place(self, trace: TracebackType | None) -> tuple[str, int] | None:
        """File and line of the innermost template of the desk that was being filled in, else of the one that was read
        last: what is nested too deeply fails before it has lines. None where only packaged ones are used."""
        place = (self._loader.used[-1], 1) if self._loader.used else None
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if self._loader.is_own(file):
                place = (file, trace.tb_lineno)
            trace = trace.tb_next
        return place


def _reason(error: Exception) -> str:
    """Why a template failed, in a line."""
    if error.args and isinstance(error.args[0], Sentence):
        return error.args[0]
    if isinstance(error, TemplateNotFound):
        return _said(N_("there is no template “{name}”"), name=error.name or "")
    if isinstance(error, RecursionError):
        return _said(_TOO_DEEP)
    if isinstance(error, SyntaxError):
        return error.msg  # its line is one of the program that the template was made into
    told = str(error).partition("\n")[0]
    # A key alone tells nothing.
    return told if told and not isinstance(error, KeyError) else f"{type(error).__name__}: {told}".rstrip(": ")


_TOO_DEEP = N_("it is nested too deeply")


def too_deep(templates: Templates) -> BadRules | None:
    """What is to be said where a page cannot be laid out for its depth; None where no template of the desk made it."""
    return _broken(templates.own[-1], 1, _said(_TOO_DEEP)) if templates.own else None


def _broken(file: str, line: int, why: str) -> BadRules:
    said = N_("this template cannot be used: {why}")
    name = f"{FOLDER}/{Path(file).name}"
    problem = {"file": name, "line": line, "column": 1, "key": "", "message": Sentence(said, {"why": why})}
    return BadRules(N_("{file}, line {line}: this template cannot be used: {why}"), extra={"problems": [problem]},
                    file=name, line=line, why=why)  # fmt: skip


@contextmanager
def _in_time() -> Iterator[None]:
    """Stop a template that does not come to its end; where signals can be had, which is the program itself."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise _Endless(_said(N_("it did not come to its end within {seconds} seconds"), seconds=SECONDS))

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# --- making them one's own


def names() -> list[str]:
    """The packaged templates that a desk can change: those of the paper, not those of the reports."""
    return sorted(path.name for path in PACKAGED.glob("*.j2") if not path.name.startswith("report"))


def init(home: Path, wanted: tuple[str, ...] = ()) -> list[str]:
    """Copy packaged templates into the desk, all or those named; answers with the files.

    Raises:
        NotFound: there is no such template. NotAllowed: the desk has one of them. StorageError: it cannot be written.
    """
    known = names()
    chosen = [name if name.endswith(".j2") else f"{name}.j2" for name in wanted] or known
    for name in chosen:
        if name not in known:
            raise NotFound(N_("there is no template “{name}”; there are: {known}"), name=name, known=known)
    folder = home / FOLDER
    there = [f"{FOLDER}/{name}" for name in chosen if (folder / name).exists()]
    if there:
        raise NotAllowed(N_("the desk has these templates already: {files}"), files=there)
    made: list[Path] = []
    try:
        folder.mkdir(exist_ok=True)
        for name in dict.fromkeys(chosen):
            with (folder / name).open("x", encoding="utf-8", newline="\n") as stream:
                made.append(folder / name)
                stream.write((PACKAGED / name).read_text(encoding="utf-8"))
    except OSError as error:
        for path in made:
            path.unlink(missing_ok=True)
        raise StorageError(N_("{file} cannot be written: {why}"), file=str(folder), why=error.strerror or "") from None
    return [str(path) for path in made]
