"""What the journal asks of a database, whichever it is, and of the place where it is kept.

A connection knows the words of its own database (``sql``), so that whoever has one needs not ask which it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from repairdesk.domain.record import NamedTuple
from repairdesk.errors import Sentence

WAIT_SECONDS = 30.0
TELL_SECONDS = 2.0
"""After so long whoever waits is told what for."""

waiting: Callable[[Callable[[], Sequence[object]], float], None] = lambda who, seconds: None  # noqa: E731
"""Told of a wait that has lasted ``TELL_SECONDS``: who has the ledger, when that is asked, and how long it may last.
The edge puts its own here."""


class Rows(Protocol):
    """What a statement found."""

    @property
    def description(self) -> Any:
        """A tuple for each column, its name first."""

    def fetchone(self) -> Any:
        """The next row; None: there is no more."""

    def fetchall(self) -> list[Any]:
        """All the rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """The rows, one at a time."""


class Finding(Protocol):
    """How a database finds orders by words (docs/decisions/0022-finding.md)."""

    def ids(self, db: Any, text: str) -> set[int] | None:
        """The orders that have every word of a text somewhere; None: there is no word in it, so that all have."""

    def Kept(self, db: Any) -> Any:  # noqa: N802 - a class of each
        """Keeps what it finds by as the orders are, in the transaction that changes them."""

    def clear(self, db: Any) -> None:
        """Forget all of it, before every order is stored anew."""

    def amiss(self, db: Any) -> Iterator[Sentence]:
        """What it finds by and should not, or should and does not."""


class Database(Protocol):
    """A connection; what it may raise is ``DatabaseError``, which each has under that name."""

    @property
    def sql(self) -> ModuleType:
        """The statements in its words: ``sqlite_sql`` or ``postgres_sql``, which have the same names."""

    @property
    def is_apart(self) -> bool:
        """Whether it lies elsewhere than the rules that it goes by."""

    @property
    def is_far(self) -> bool:
        """Whether every question is a journey, so that it is worth the while to ask for many things at once."""

    @property
    def site(self) -> str | None:
        """Which of several sites it is of."""

    @property
    def finding(self) -> Finding:
        """How it finds by words."""

    @property
    def DatabaseError(self) -> type[Exception]:  # noqa: N802 - the name that drivers agreed on
        """What it raises when it cannot do what it was asked for."""

    @property
    def in_transaction(self) -> bool:
        """Whether something is begun that is neither kept nor undone."""

    def execute(self, text: str, values: Any = (), /) -> Rows:
        """Do one statement."""

    def each(self, text: str, values: Any = (), /) -> Rows:
        """The rows of a statement that may have more of them than fit into memory, one at a time."""

    def later(self, text: str, row: Any, /) -> Any:
        """Insert a row of which nothing is asked: before the next statement is done, and before anything is kept.

        What is wrong with it may be said as late as that.
        """

    def executemany(self, text: str, rows: Iterable[Any], /) -> Any:
        """Insert rows, each of them as ``later``."""

    def aside(self, text: str, values: Any = (), /) -> Rows:
        """Do a statement that has nothing to do with rows that were inserted ``later``."""

    def expect_much(self) -> None:
        """A long transaction comes, or a look at everything: it may take more memory than a command does."""

    def forgive_text(self) -> None:
        """Bytes that are no text go through, to make a comparison fail, and do not stop the reading."""

    def amiss(self) -> Iterator[Sentence]:
        """What is wrong with tables, indexes and triggers themselves, whatever they hold."""


class Sizes(NamedTuple):
    """How big a ledger was and is, in bytes."""

    before: int
    after: int


class Login(NamedTuple):
    """Somebody who can log in to a server, and gets at a ledger there.

    Attributes:
        may: ``read``, ``write`` or ``purge``, each with what is before it; ``anything``: owns the ledger or the server.
        staff: whose hand it was admitted as.
        admitted: whether it was at all.
        beyond: it may more than it can be admitted to.
    """

    name: str
    may: str
    staff: str | None
    admitted: bool
    beyond: bool


class Reach(NamedTuple):
    """Who gets at a ledger by the server that keeps it, and how the caller did.

    Attributes:
        login: the caller's.
        host: as it is reached; nothing: on this machine.
        encrypted: whether nobody on the way can listen.
        proved: whether somebody on the way who says to be the server would be found out.
    """

    login: str
    logins: Sequence[Login]
    host: str
    encrypted: bool
    proved: bool


class Store(ABC):
    """Where a ledger is kept; ``str`` of it is what people are told."""

    @abstractmethod
    def create(self) -> None:
        """Make an empty ledger: whole, or not at all.

        Raises:
            NotAllowed: there is one already.
        """

    @abstractmethod
    def unmake(self) -> None:
        """Take back what ``create`` just made, as what was to be its first entry could not be written."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is anything, ledger or not."""

    @abstractmethod
    def reading(self, wait_seconds: float) -> AbstractContextManager[Database]:
        """A connection that sees the ledger as it is at one moment and cannot change it."""

    @abstractmethod
    def writing(self, wait_seconds: float) -> AbstractContextManager[Database]:
        """A connection that has the ledger for itself: kept on success, undone on any exception."""

    @abstractmethod
    def lasting(self, wait_seconds: float) -> Lasting:
        """Connections for many transactions; whoever asks for them closes them."""

    @abstractmethod
    def give_way(self) -> None:
        """Leave the ledger alone until everybody who waits for it had the chance to have it."""

    @abstractmethod
    def copy(self, target: Path, wait_seconds: float) -> None:
        """The ledger as it is at one moment, as a file of SQLite; ``target`` lies where nobody else looks.

        Raises:
            OSError: it cannot be written.
        """

    @abstractmethod
    def vacuum(self, wait_seconds: float) -> Sizes:
        """The ledger without the room that was given up in it."""

    def files(self) -> Sequence[Path]:
        """The files that it lies in; none where that is the affair of a server."""
        return ()

    def reach(self) -> Reach | None:
        """Who gets at it; None: that is said by the modes of its files."""
        return None


class Lasting(ABC):
    """Connections that stay open, for many transactions one after the other."""

    openings = 0
    """How often the ledger was opened."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Database]:
        """As ``Store.reading``."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Database]:
        """As ``Store.writing``."""

    @abstractmethod
    def edition(self) -> tuple[int, ...]:
        """What is another as soon as somebody else wrote to the ledger, or put another in its place."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it; asked again, it is opened again."""
