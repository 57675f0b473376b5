"""Files as nobody would write them: what is right with something wrong in it, and what the contract says of each.

Everything is drawn from a seed, so that what was found once is found again.
"""

from __future__ import annotations

import hashlib
import json
import random
import resource
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from desk_cli import CODES, Result, run

CPU_SECONDS = 30
"""Of one input, in the processor's own time: a hundred times what the slowest takes."""
MEMORY = 300_000
"""Kilobytes that one input may add to what the process ever held."""
WRITES = (0, 18)
"""Whatever ends otherwise has written nothing, where nothing else is said."""

TOKENS = [
    "", " ", "%", "'", '"', "\\", "-", "- ", "?", "? ", ":", ": ", "|", ">", "&a", "*a", "!x", "<<: *a", "--- ", "...",
    "!!python/object:os.system", "%YAML 9.9", "\\uD800", "\\U00110000", "#", "@", "`", "{", "}", "[", "]", "[]", "{}",
    "{0}", "{1}{2}{9}", "%s", "~", "null", "no", "yes", "true", "010", "8:30", "1e9", "NaN", ".inf", "-1", "0", "9" * 9,
    "0.005", "2026-11-92", "２０", "\t", "\r", "\n", "\n\n", "\r\n", "\x00", "\x1b[31m", "\u202e", "\u2028", "\ufeff",
    "\ud7ff", "漏水", "🚰", "x" * 3000, "(a+)+b", "(.*)*", "(?=x)", "((((", "0" * 200 + "-1", "9999999.99", "=1+1",
    "1.38001E+10", "13800138000", ",", ";", ",,", '""',
]  # fmt: skip
"""What has a meaning somewhere: in YAML, in JSON, in a table, on a screen."""


class TooLong(BaseException):
    """An input that the program did not come to an end with; no Exception, so that nothing answers for it."""


@contextmanager
def bounded(what: object) -> Iterator[None]:
    """One input: of the processor and of memory it takes no more than it may."""

    def over(number: int, frame: FrameType | None) -> None:
        raise TooLong(what)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, kept)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MEMORY, f"{grown} kB more for {what!r}"


class Kept:
    """A desk as it stands: whether something was written, and the way back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = self._read()

    def _read(self) -> dict[str, bytes]:
        found = sorted(self._folder.rglob("*"))
        return {str(one.relative_to(self._folder)): one.read_bytes() for one in found if one.is_file()}

    def differs(self) -> list[str]:
        """The files that are not as they were; of a ledger any byte counts."""
        now = self._read()
        return sorted(name for name in self._files.keys() | now.keys() if self._files.get(name) != now.get(name))

    def put(self, name: str, raw: bytes) -> None:
        """Another content of a file, as somebody outside the program writes it."""
        self._files[name] = raw
        (self._folder / name).write_bytes(raw)

    def restore(self) -> None:
        """Everything as it was."""
        for name in self.differs():
            path = self._folder / name
            if name in self._files:
                path.write_bytes(self._files[name])
            else:
                path.unlink()


def held(kept: Kept, *argv: str, what: object, writes: Sequence[int] = WRITES) -> Result:
    """One command about one input, and what the contract says of every one."""
    with bounded(what):
        result = run(*argv)
    said = (argv, result.exit_code, result.err[-1500:], what)
    assert result.exit_code in CODES, said
    assert "Traceback" not in result + result.err, said
    assert "mistake of the program" not in result + result.err, said
    assert '"code": 1,' not in result, said
    if "--json" in argv:
        told = result if result.exit_code in (0, 14, 18) and result else result.err
        assert isinstance(json.loads(told), dict), said
    if result.exit_code not in writes or "--dry-run" in argv:
        assert not kept.differs(), said
    return result


class Mangler:
    """Makes of something right something that is wrong here and there."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def lines(self, text: str, others: Sequence[str]) -> str:
        """A text of lines: whole lines go, come twice, change places, come from another, or change within."""
        rows = text.split("\n")
        for _ in range(self.random.choice((1, 1, 1, 2, 2, 3, 6))):
            at = self.random.randrange(len(rows))
            way = self.random.randrange(9)
            if way == 0:
                del rows[at : at + self.random.choice((1, 1, 2, 10))]
            elif way == 1:
                rows[at:at] = rows[at : at + self.random.choice((1, 1, 5))]
            elif way == 2:
                other = self.random.randrange(len(rows))
                rows[at], rows[other] = rows[other], rows[at]
            elif way == 3:
                rows.insert(at, self.random.choice(self.random.choice(others).split("\n")))
            elif way == 4:
                rows[at] = " " * self.random.choice((0, 1, 2, 4, 7)) + rows[at].lstrip(" ")
            else:
                rows[at] = self.line(rows[at], others)
            rows = rows or [""]
        return "\n".join(rows)

    def likely(self, text: str, others: Sequence[str]) -> str:
        """A text in which a value is that of the same key elsewhere, or another number: most of it is still right."""
        rows = text.split("\n")
        for _ in range(self.random.choice((1, 1, 2))):
            at = self.random.choice([n for n, row in enumerate(rows) if ":" in row] or [0])
            head = rows[at].partition(":")[0]
            same = [row for row in self.random.choice(others).split("\n") if row.partition(":")[0] == head]
            digits = [n for n, sign in enumerate(rows[at]) if sign.isdigit()]
            if digits and (not same or self.random.random() < 0.5):
                spot = self.random.choice(digits)
                rows[at] = rows[at][:spot] + str(self.random.randrange(10)) + rows[at][spot + 1 :]
            elif same:
                rows[at] = self.random.choice(same)
        return "\n".join(rows)

    def line(self, row: str, others: Sequence[str]) -> str:
        """A line with a piece that is another, of another line, or of what means something."""
        start = self.random.randrange(len(row) + 1)
        end = min(len(row), start + self.random.choice((0, 0, 1, 3, 12, 100)))
        head, colon, value = row.partition(":")
        if colon and self.random.random() < 0.4:
            # The value alone: what is well formed gets farther.
            return f"{head}: {self._value(others)}"
        return row[:start] + self._piece(others) + row[end:] if value or row else self._piece(others)

    def _piece(self, others: Sequence[str]) -> str:
        if self.random.random() < 0.6:
            return self.random.choice(TOKENS)
        return self.random.choice(self.random.choice(others).split())[:60]

    def _value(self, others: Sequence[str]) -> str:
        if self.random.random() < 0.4:
            return self.random.choice(TOKENS)
        row = self.random.choice(self.random.choice(others).split("\n"))
        return row.partition(":")[2].strip() or row.strip()

    def bytes(self, raw: bytes) -> bytes:
        """Bytes that are others, are gone, come twice, or end too early."""
        made = bytearray(raw)
        for _ in range(self.random.choice((1, 1, 2, 5))):
            at = self.random.randrange(len(made) + 1)
            way = self.random.randrange(5)
            if way == 0 and at < len(made):
                made[at] ^= 1 << self.random.randrange(8)
            elif way == 1:
                del made[at : at + self.random.choice((1, 2, 50))]
            elif way == 2:
                made[at:at] = made[max(0, at - 40) : at]
            elif way == 3:
                made[at:at] = self.random.randbytes(self.random.choice((1, 2, 9)))
            elif self.random.random() < 0.3:
                del made[at:]
        return bytes(made)


def short(raw: bytes) -> str:
    """A name for an input, by which it is found among thousands."""
    return f"{len(raw)} bytes, {hashlib.blake2b(raw, digest_size=6).hexdigest()}"


def some(counts: Mapping[int, int], *, done: float, refused: float) -> None:
    """Whether enough of both kinds were tried: a mangler whose work is all refused at the door finds nothing."""
    total = sum(counts.values())
    assert counts.get(0, 0) >= done * total, counts
    assert sum(n for code, n in counts.items() if code) >= refused * total, counts
