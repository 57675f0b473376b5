"""Commands as JSON Lines: what a line may be, and a run over many of them.

What a command is, and what it may be told, is not known here: that is asked of whoever runs it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any, BinaryIO

from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, BadInput, DeskError, Exit, NotFound

Doc = dict[str, Any]

LONGEST = 1_000_000
"""Bytes of a line, its end not counted."""
REMEMBERED = 100_000
"""So many lines that took in an order can be referred to: the latest."""
WORK_SECONDS = 5.0
"""After so much work others who wait for the ledger get their turn."""

_REFERENCE = re.compile(r"@([1-9][0-9]{0,17})")
FATAL = (Exit.BUG, Exit.BAD_RULES, Exit.BUSY, Exit.DAMAGED, Exit.STORAGE)
"""Where the next line would end the same way."""


class Unreadable(BadInput):
    """A line that is no command: whoever wrote it has to look at it."""


class NoLedger(NotFound):
    """There is none: no line could be done."""


class Line(NamedTuple):
    """A line: its place in the file, counted from 1, and what it says, or why it says nothing."""

    n: int
    said: Doc | None
    refusal: Unreadable | None


def read(stream: BinaryIO) -> Iterator[Line]:
    """The lines of a stream, one at a time, as they come; blank ones are passed over, and counted."""
    n = 0
    while raw := stream.readline(LONGEST + 2):
        n += 1
        body = raw.rstrip(b"\r\n")
        if len(body) > LONGEST:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(LONGEST)
            yield Line(n, None, Unreadable(N_("the line is longer than {most} bytes"), most=LONGEST))
            continue
        if n == 1:
            body = body.removeprefix(b"\xef\xbb\xbf")
        if body.strip():
            yield _line(n, body)


def _line(n: int, body: bytes) -> Line:
    try:
        return Line(n, _understood(body), None)
    except Unreadable as refusal:
        return Line(n, None, refusal)


def _understood(body: bytes) -> Doc:
    """What a line says. A number is taken as it is written: ``23.40`` is no float.

    Raises:
        Unreadable: it is no JSON, no object, or holds what no command could be told.
    """
    try:
        said = json.loads(body.decode(), object_pairs_hook=_once, parse_int=str, parse_float=str, parse_constant=_none)
    except Unreadable:
        raise
    except UnicodeDecodeError as error:
        raise Unreadable(N_("the line is no UTF-8, from byte {byte} on"), byte=error.start + 1) from None
    except RecursionError:
        raise Unreadable(N_("the line is nested too deeply")) from None
    except json.JSONDecodeError as error:
        raise Unreadable(
            N_("the line is no JSON, from character {column} on: {what}"), column=error.colno, what=error.msg,
            extra={"column": error.colno},
        ) from None  # fmt: skip
    if not isinstance(said, dict):
        raise Unreadable(N_("the line is no JSON object"))
    for key, value in said.items():
        if not all(map(_is_text, (key, *_texts(value)))):
            raise Unreadable(N_("{key} holds bytes that are no characters"), key=ascii(key), extra={"key": ascii(key)})
    return said


def _once(pairs: list[tuple[str, Any]]) -> Doc:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        key = next(key for key in keys if keys.count(key) > 1)
        raise Unreadable(N_("{key} stands twice in the line"), key=key, extra={"key": key})
    return found


def _none(constant: str) -> Any:
    raise Unreadable(N_("{value} is no value that a command could be told"), value=constant)


def _texts(value: Any) -> Iterator[str]:
    """The texts in a value of a line; what is nested deeper than any command takes is refused by its key later."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            if isinstance(inner, str):
                yield inner
    elif isinstance(value, list):
        yield from (inner for inner in value if isinstance(inner, str))


def _is_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


class Made:
    """The orders that lines of this run took in: a later line names them by ``@`` and the line."""

    def __init__(self) -> None:
        self._numbers: dict[int, str] = {}

    def note(self, n: int, number: str) -> None:
        """Line ``n`` took in this order."""
        self._numbers[n] = number
        if len(self._numbers) > REMEMBERED:
            del self._numbers[next(iter(self._numbers))]

    def meant(self, value: str) -> str:
        """An order as a line names it: ``@3`` is the one that line 3 took in; anything else is taken as it stands.

        Raises:
            NotFound: that line took in none.
        """
        found = _REFERENCE.fullmatch(value)
        if found is None:
            return value
        number = self._numbers.get(int(found[1]))
        if number is None:
            raise NotFound(N_("line {line} of this run took in no order"), line=found[1])
        return number


class Tally(NamedTuple):
    """How a run went.

    Attributes:
        lines: those that were answered; of them ``done`` and ``refused``, of these ``unread`` were no command at all.
        end: what ended the run before its end, if anything did.
        unheard: whether the reader of the answers went away before the last line.
    """

    lines: int = 0
    done: int = 0
    refused: int = 0
    unread: int = 0
    end: DeskError | None = None
    unheard: bool = False


Do = Callable[[int, Mapping[str, Any]], Doc]
Put = Callable[[int, Doc | DeskError], None]


def run(
    lines: Iterator[Line], do: Do, put: Put, give_way: Callable[[], None], *, stop: bool = False,
    more: Callable[[], bool] = lambda: True,
) -> Tally:  # fmt: skip
    """Have each line done and answered, in order; a refusal is an answer, too.

    Args:
        do: does what a line says and answers with the document; raises ``DeskError``.
        put: gives the answer out.
        give_way: lets others write who wait; asked for after each ``WORK_SECONDS``.
        stop: end with the first refusal.
        more: whether anything follows the line that was read last; asked when nobody hears the answers any more.
    """
    tally = Tally()
    since = monotonic()
    for line in lines:
        refusal: DeskError | None = line.refusal
        answer: Doc = {}
        if line.said is not None:
            try:
                answer = do(line.n, line.said)
            except DeskError as refused:
                refusal = refused
        tally = _counted(tally, refusal)
        try:
            put(line.n, answer if refusal is None else refusal)
        except BrokenPipeError:
            # Nobody hears what comes of the lines that follow: they are not done, and whoever asks is told.
            return tally._replace(unheard=more())
        if refusal is not None and (stop or fatal(refusal)):
            return tally._replace(end=refusal)
        if monotonic() - since > WORK_SECONDS:
            give_way()
            since = monotonic()
    return tally


def fatal(refusal: DeskError) -> bool:
    """Whether it is no fault of the line: the next one would end the same way."""
    return refusal.exit in FATAL or isinstance(refusal, NoLedger)


def _counted(tally: Tally, refusal: DeskError | None) -> Tally:
    bad = refusal is not None
    unread = isinstance(refusal, Unreadable)
    return Tally(tally.lines + 1, tally.done + (not bad), tally.refused + bad, tally.unread + unread)
