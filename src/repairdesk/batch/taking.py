"""What the rows of a file become: one module for each kind of file, behind one loop (``importing``)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, Protocol

from repairdesk.batch.fields import Fields
from repairdesk.batch.outcome import Difference
from repairdesk.batch.values import Habits
from repairdesk.desk import Remark
from repairdesk.desk.turn import Turn
from repairdesk.errors import N_, UsageError

Became = Literal["accepted", "already_there"] | Difference


class Taker(Protocol):
    """Takes the rows of one file, each in the order of the file, all in one transaction.

    Whatever can be refused about a row is refused before anything of it is written: a row is never undone by itself.
    Refusals are ``CellError``, with the field to blame. ``said`` is the text of each field that is not blank.
    """

    def understood(self, said: Mapping[str, str]) -> Mapping[str, Any]:
        """What a row is read as, by field, to be looked at; nothing is asked of the ledger."""
        ...

    def foresee(self, several: Sequence[Mapping[str, str]]) -> None:
        """What the next rows say, to ask the ledger at once for what each of them will be held against.

        Whatever cannot be understood of it is told with the row itself.
        """
        ...

    def take(self, row: int, said: Mapping[str, str]) -> Became:
        """One row: taken, there already, or different from what is there."""
        ...

    def remarks(self) -> Iterable[Remark]:
        """What is worth saying once the file is read."""
        ...


@dataclass(frozen=True, slots=True)
class What:
    """A kind of file.

    Attributes:
        fields: what its columns can be.
        verb: that of “Who may” in the policies; None where anyone at the keyboard may.
        taker: a taker for one file, given the command's turn, how the office writes, and what was asked for.
        as_found: whether ``--as-found`` is something to ask for.
    """

    fields: Fields
    verb: str | None
    taker: Callable[[Turn, Habits, Wish], Taker]
    as_found: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for beside the rows.

    Attributes:
        as_found: what the rules refuse is kept as another system said it.
        unread: the columns that nothing is taken from.
        given: the fields that the file has columns of, or that were said for all rows: of others it says nothing.
    """

    as_found: bool = False
    unread: Collection[str] = ()
    given: Collection[str] = ()


KNOWN = {"reports": "reports", "histories": "histories", "staff": "staff_rows", "callbacks": "call_rows"}
"""The kinds of files, and the module of each; it is imported when such a file comes."""


def what(name: str) -> What:
    """The kind of file of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in KNOWN:
        raise UsageError(N_("“{value}” is no {field}; choose: {known}"), value=name, field="--what", known=list(KNOWN))
    kind = import_module(f"repairdesk.batch.{KNOWN[name]}").WHAT
    assert isinstance(kind, What)
    return kind
