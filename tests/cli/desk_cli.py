"""The program as a script sees it: arguments in, an exit code and two streams out, all in this process.

``run`` answers with a ``Result``, which is the text of stdout and has beside it the exit code, stderr, the one JSON
document and the refusal. What is asked of stdin fails: a script has nobody to answer prompts.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from repairdesk.cli.__main__ import main

ZONE = ZoneInfo("Asia/Shanghai")
CODES = frozenset((0, 2, *range(10, 19)))
"""What a script may ever see; 1 is a bug of ours."""

IN_HOME = ("--kind", "in_home", "--place", "3-2-501", "--caller", "李兰", "--phone", "13800138000", "--fault", "漏水")
PUBLIC = ("--kind", "public_area", "--place", "东门", "--fault", "门灯不亮")
STAFF = {
    "C1": "clerk", "C2": "clerk", "W1": "technician", "W2": "technician", "K1": "contractor", "L1": "leader",
    "L2": "leader", "S1": "supervisor", "M1": "manager", "F1": "finance",
}  # fmt: skip


class Result(str):
    """Stdout, with everything else that a script can look at."""

    exit_code: int
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout; anything beside it is an error."""
        return json.loads(self)

    @property
    def error(self) -> dict[str, Any]:
        """The refusal: the one document on stderr."""
        document = json.loads(self.err)
        assert list(document) == ["error"]
        refusal: dict[str, Any] = document["error"]
        return refusal


class _NobodyThere(io.StringIO):
    """A stdin that is no terminal and that nobody may read."""

    def read(self, *_: Any) -> str:
        raise AssertionError("a command read stdin")

    readline = read  # type: ignore[assignment]

    def isatty(self) -> bool:
        return False


def run(*argv: str) -> Result:
    """One command."""
    out, err, stdin = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = _NobodyThere()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main(argv)
    finally:
        sys.stdin = stdin
    result = Result(out.getvalue())
    result.exit_code, result.err = int(code), err.getvalue()
    return result


def done(*argv: str) -> Any:
    """The document of a command that has to succeed."""
    result = run(*argv, "--json")
    assert result.exit_code == 0, (argv, result.err)
    assert result.err == "", "with --json nothing is said beside the document"
    return result.json


def refused(code: int, *argv: str) -> dict[str, Any]:
    """The refusal of a command that has to end with this code; it says nothing on stdout."""
    result = run(*argv, "--json")
    assert result.exit_code == code, (argv, result.exit_code, result.err, str(result))
    assert result == ""
    assert result.error["code"] == code
    return result.error


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, text: str) -> None:
        self.now = datetime.fromisoformat(text).replace(tzinfo=ZONE)

    def __call__(self) -> datetime:
        return self.now

    def on(self, **span: float) -> str:
        """Later by this; answers with the new time as ``--at`` takes it."""
        self.now += timedelta(**span)
        return self.now.strftime("%Y-%m-%dT%H:%M:%S")


def entries(ledger: Path) -> int:
    """How many entries the ledger has."""
    from repairdesk.ledger.journal import Ledger

    with Ledger(ledger).read() as reader:
        return reader.head()[0]


@contextmanager
def nothing_written(ledger: Path) -> Iterator[None]:
    """Whatever happens inside leaves the journal as long as it was."""
    before = entries(ledger)
    yield
    assert entries(ledger) == before
