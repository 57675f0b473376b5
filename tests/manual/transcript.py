"""The chapters of the manual are console transcripts that run, so that the manual cannot lie.

A chapter is Markdown. In its fenced ``console`` blocks a line that begins with ``$ `` is typed, and what stands below
it is what came out: stdout and stderr as a terminal shows them, and ``[exit 10]`` where the exit code was not 0. A line
that ends with ``\\`` goes on in the next one. ``repairdesk`` is done in this process, also where it begins a pipe, and
``cd`` too; everything else goes to ``sh``, which finds a ``repairdesk`` with the same clock.

Comments, which a reader does not see, set the stage::

    <!-- at 2026-11-22T09:00 -->             the clock stands there, in the desk's zone, from here on
    <!-- file orders.csv -->                 the fenced block that follows is the content of this file
    <!-- edit fees.yaml: OLD => NEW -->      someone edits a file: OLD, which occurs once, becomes NEW; \\n in them is
                                             the end of a line

The chapters of a language are one story: each begins on the desk that the one before it left. The pages of the guide
stand alone: each begins in an empty folder. The account at the
keyboard is always ``li``, to whom the files belong, too, and to the group ``desk``. Not all is shown as it came out:
what differs from one ledger to the next stands as ``<hash>``, ``<code>`` or ``<key>``, sizes, which differ from one
SQLite to the next, as ``<bytes>``, and the folder of all desks as ``/srv``; spaces at the ends of lines and empty lines
around an output are left out.
Between two commands of a block there is one empty line.
"""

from __future__ import annotations

import grp
import io
import os
import pwd
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from datetime import datetime
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

import on_server

import repairdesk
from repairdesk.cli import common, screen
from repairdesk.cli.__main__ import main

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "manual"
GUIDE = MANUAL.parent / "guide"
ZONE = ZoneInfo("Asia/Shanghai")
ACCOUNT = "li"
GROUP = "desk"

_DIRECTIVE = re.compile(r"<!-- (at|file|edit) (.*) -->")
_TOLD = {
    "<key>": re.compile(r"(?<=\+)[0-9a-f]{8}\+[0-9A-Za-z+/]{43,}=*"),
    "<hash>": re.compile(
        r"\b[0-9a-f]{12,64}\b|(?<=\brepairdesk[-/])[0-9a-f]{8,}\b|(?<![0-9A-Za-z+/])[0-9A-Za-z+/]{43}=(?![0-9A-Za-z=])"
    ),
    "<code>": re.compile(r"\b[0-9]+-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{6}\b"),
    "<bytes>": re.compile(r"\b[0-9]{4,}(?= (?:bytes|字节))"),
}
_PROGRAM = f"""#!{sys.executable}
import os
import sys
from datetime import datetime
from repairdesk.cli import common
from repairdesk.cli.__main__ import run
common.clock = lambda: datetime.fromisoformat(os.environ["TRANSCRIPT_NOW"])
common.os_user = lambda: {ACCOUNT!r}
if {on_server.LOBBY!r} in os.environ:
    sys.path.append({str(Path(__file__).parent)!r})
    import on_server
    sys.argv[1:] = on_server.choose(sys.argv[1:])
    on_server.lie_together().__enter__()
run()
"""


def languages() -> list[Path]:
    """The folders of the manual, one for each language."""
    return sorted(folder for folder in MANUAL.iterdir() if folder.is_dir())


def chapters(language: Path) -> list[Path]:
    """The chapters of one language, in their order."""
    return sorted(language.glob("[0-9][0-9]-*.md"))


def guides(language: Path) -> list[Path]:
    """The pages of the guide in the language of these chapters."""
    return sorted((GUIDE / language.name).glob("*.md"))


def played_alone(page: Path, folder: Path, lobby: str | None = None) -> str:
    """A page's text with what really comes out below each command; ``folder`` is empty and ours to use.

    Args:
        lobby: a database beside which the ledgers are made; without it each is a file in its desk's folder.
    """
    with Stage(folder, page.parent.name, lobby) as stage:
        return _play(page, stage)


def played(language: Path, folder: Path, lobby: str | None = None) -> dict[Path, str]:
    """Each chapter's text with what really comes out below each command, as ``played_alone``."""
    with Stage(folder, language.name, lobby) as stage:
        return {chapter: _play(chapter, stage) for chapter in chapters(language)}


def _play(chapter: Path, stage: Stage) -> str:
    lines = iter(chapter.read_text(encoding="utf-8").splitlines())
    out: list[str] = []
    for line in lines:
        directive = _DIRECTIVE.fullmatch(line)
        if directive and directive[1] == "file":
            out += _written(Path(directive[2]), line, lines)
            continue
        if directive:
            stage.set(directive[1], directive[2])
        out.append(line)
        if line == "```console":
            out += _block(stage, lines)
    return "\n".join(out) + "\n"


def _written(file: Path, directive: str, lines: Iterator[str]) -> list[str]:
    """A file's directive and the fenced block with its content."""
    shown, content = [directive], []
    for line in lines:
        shown.append(line)
        if line.startswith("```"):
            break
    for line in lines:
        shown.append(line)
        if line == "```":
            break
        content.append(line)
    file.write_text("\n".join(content) + "\n", encoding="utf-8")
    return shown


def _block(stage: Stage, lines: Iterator[str]) -> list[str]:
    """A console block from its first command to its end."""
    out: list[str] = []
    for line in lines:
        if line == "```":
            return [*out, line]
        if not line.startswith("$ "):
            continue
        typed = [line]
        while typed[-1].endswith("\\"):
            typed.append(next(lines))
        if out:
            out.append("")
        command = " ".join(part.removesuffix("\\").strip() for part in typed).removeprefix("$ ")
        out += [*typed, *stage.type(command)]
    raise AssertionError("a console block does not end")


class Pipe(io.StringIO):
    """What nobody looks at."""

    encoding = "utf-8"


class Terminal(Pipe):
    """What takes both streams, and says that somebody looks at it."""

    def isatty(self) -> bool:
        return True


class Stage:
    """A terminal in an empty folder, with a clock that stands still and an account that is the same everywhere."""

    def __init__(self, folder: Path, language: str, lobby: str | None = None) -> None:
        self._folder = folder
        self._lobby = lobby
        self._language = language
        self._now = datetime(2026, 11, 21, 16, 0, tzinfo=ZONE)
        self._undo = ExitStack()

    def __enter__(self) -> Stage:
        enter = self._undo.enter_context
        tools, desks = self._folder / "bin", self._folder / "home"
        tools.mkdir()
        desks.mkdir()
        program = tools / "repairdesk"
        program.write_text(_PROGRAM, encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        source = str(Path(repairdesk.__file__).parents[1])
        environment = {
            "REPAIRDESK_LANG": self._language,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": source,
            "PYTHONUTF8": "1",
            "COLUMNS": "110",
            "LINES": "50",
            "TERM": "dumb",
        }
        enter(patch.dict(os.environ, environment))
        for name in ("REPAIRDESK_AS", "REPAIRDESK_HOME", "REPAIRDESK_LEDGER", "FORCE_COLOR", "TERMINAL_WIDTH"):
            os.environ.pop(name, None)
        if self._lobby is not None:
            os.environ[on_server.LOBBY] = self._lobby
            enter(on_server.lie_together())
        for module in (common,):
            enter(patch.object(module, "clock", lambda: self._now))
        enter(patch.object(common, "os_user", lambda: ACCOUNT))
        # Where a line is folded depends on the folder that is played in, which stands for another one.
        enter(patch.object(screen, "fitting", lambda text: text))
        # Whoever plays it: the names and the modes of files are told by doctor.
        enter(patch.object(pwd, "getpwuid", lambda _: pwd.struct_passwd((ACCOUNT, "x", 0, 0, "", "/", ""))))
        enter(patch.object(grp, "getgrgid", lambda _: grp.struct_group((GROUP, "x", 0, []))))
        self._undo.callback(os.umask, os.umask(0o022))
        self._undo.callback(os.chdir, os.getcwd())
        os.chdir(desks)
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    def set(self, what: str, value: str) -> None:
        """Turn the clock, or edit a file."""
        if what == "at":
            self._now = datetime.fromisoformat(value).replace(tzinfo=ZONE)
            return
        name, _, change = value.partition(": ")
        old, arrow, new = change.replace(r"\n", "\n").partition(" => ")
        file = Path(name)
        text = file.read_text(encoding="utf-8")
        assert arrow, value
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def type(self, command: str) -> list[str]:
        """What a command puts on the terminal, with its exit code if that is not 0."""
        program, pipe, rest = command.partition(" | ")
        if program.startswith("repairdesk ") and " > " not in program:
            output, code = self._in_process(shlex.split(program)[1:], rest if pipe else None)
        elif program.startswith("cd "):
            os.chdir(program.removeprefix("cd "))
            output, code = "", 0
        elif on_server.instead(command):
            output, code = "", 0
        else:
            output, code = self._shell(command)
        lines = (line.rstrip() for line in output.strip("\n").split("\n"))
        shown = [self._told(line) for line in lines]
        while shown and not shown[0]:
            del shown[0]
        while shown and not shown[-1]:
            del shown[-1]
        return shown + ([f"[exit {code}]"] if code else [])

    def _told(self, line: str) -> str:
        """A line without what differs from one run, or one machine, to the next."""
        line = line.replace(str(self._folder.resolve() / "home"), "/srv").replace(str(self._folder / "home"), "/srv")
        for name, pattern in _TOLD.items():
            line = pattern.sub(name, line)
        return on_server.told(line)

    def _in_process(self, argv: list[str], rest: str | None) -> tuple[str, int]:
        """What comes out on the terminal; ``rest`` is what stdout is piped into."""
        terminal = Terminal()
        pipe = terminal if rest is None else Pipe()
        with redirect_stdout(pipe), redirect_stderr(terminal):
            code = int(main(on_server.choose(argv)))
        # A mistake of the program is nothing to show, and --update must not write it down.
        assert code != 1, f"repairdesk {argv}: {terminal.getvalue()}"
        if rest is None:
            return terminal.getvalue(), code
        output, code = self._shell(rest, pipe.getvalue())
        return terminal.getvalue() + output, code

    def _shell(self, command: str, typed: str = "") -> tuple[str, int]:
        environment = os.environ | {"TRANSCRIPT_NOW": self._now.isoformat()}
        done = subprocess.run(
            ["sh", "-c", command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            input=typed, encoding="utf-8", timeout=600, check=False,
        )  # fmt: skip
        return done.stdout, done.returncode


def commands(text: str) -> Iterator[list[str]]:
    """Every ``repairdesk`` command line that a text types, in words; those within a pipe or a script too."""
    joined = re.sub(r"\\\n\s*", "", text)
    for kind, block in re.findall(r"^```(console|sh)\n(.*?)^```", joined, re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            if kind == "console" and not line.startswith("$ "):
                continue  # what came out may name a command, too
            typed = line.removeprefix("$ ")
            if re.search(r"(^|[\s(])repairdesk ", typed):
                yield _words(typed[typed.index("repairdesk ") :])


def _words(typed: str) -> list[str]:
    words = shlex.shlex(typed, posix=True, punctuation_chars=True)
    words.whitespace_split, words.commenters = True, ""
    kept: list[str] = []
    for word in words:
        if word and set(word) <= set("|<>;&()"):
            break
        kept.append(word)
    return kept
