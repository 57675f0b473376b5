"""What every chapter of the desk stands on: where its files are, and how a turn begins and ends."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from repairdesk.desk.rulebooks import FILES, Adopted, Rulebooks
from repairdesk.desk.turn import By, Turn
from repairdesk.domain.attachment import FOLDER
from repairdesk.domain.message import ADDRESSES
from repairdesk.errors import N_, DeskError, NotAllowed, NotPermitted, UsageError
from repairdesk.ledger.journal import Ledger

TEMPLATES = "templates"
"""Where a desk keeps the templates of paper that it changed, in its folder."""
MAPPINGS = "mappings"
"""Where it keeps how the files of other offices are read."""

Now = Callable[[], datetime]


class Base:
    """A desk: a folder with its rules, a ledger, and a clock that is an argument.

    Args:
        home: the folder with ``policies.yaml``, ``fees.yaml`` and, if it has one, ``calendar.yaml``.
        ledger: the ledger; by default ``ledger.db`` in the folder.
        now: answers the present moment, aware; nothing in the desk asks the machine.
    """

    def __init__(self, home: Path, now: Now, ledger: Ledger | None = None) -> None:
        self.home = home
        self.ledger = ledger or Ledger(home / "ledger.db")
        self._now = now
        self._books = Rulebooks(home)

    def by_adopted_rules(self) -> Self:
        """The same desk by the rules that its ledger took over last, whatever the folder says: to look at it."""
        other = type(self)(self.home, self._now, self.ledger)
        other._books = Adopted(self.home)
        return other

    def now(self) -> datetime:
        """The present moment in UTC, to the whole second."""
        return self._now().astimezone(UTC).replace(microsecond=0)

    def spare(self, target: Path) -> None:
        """Refuse to write an answer over what the desk lives from: ledger, rules, attachments, its own ways (REC-1).

        Raises:
            UsageError: the target is one of them, by whatever name.
        """
        own = [*self.ledger.store.files(), *(self.home / name for name in (*FILES.values(), ADDRESSES))]
        folders = (os.path.realpath(self.home / name) + os.sep for name in (FOLDER, TEMPLATES, MAPPINGS))
        inside = os.path.realpath(target).startswith(tuple(folders))
        if inside or any(_same(target, path) for path in own):
            raise UsageError(N_("{file} is a file of the desk itself: give another name"), rule="REC-1",
                             file=str(target))  # fmt: skip

    @contextmanager
    def turn(self, by: By) -> Iterator[Turn]:
        """A turn that writes: all of it or, when anything is refused, nothing.

        Raises:
            NotAllowed: the ledger lies with rules of its own, and these are others.
        """
        self._check_rules_are_its_own()
        with self.ledger.write() as writer:
            # Read the clock once the ledger is ours: a wait for other writers must not date an entry back.
            turn = Turn(writer, self._books, by, self.now())
            with _zoned(turn):
                yield turn

    def _check_rules_are_its_own(self) -> None:
        """Who brings a folder with other rules would do what those of the desk do not let them (Who may)."""
        for file in self.ledger.store.files():
            self._check_lies_with_rules(file)

    def _check_lies_with_rules(self, file: Path) -> None:
        lies_in = os.path.dirname(os.path.realpath(file))
        own = os.path.join(lies_in, FILES["policies"])
        if os.path.exists(own) and not _same(Path(own), self.home / FILES["policies"]):
            raise NotAllowed(N_("{ledger} goes by the rules that it lies with: leave --home out, or name {folder}"),
                             rule="REC-4", ledger=str(self.ledger.store), folder=lies_in)  # fmt: skip

    @contextmanager
    def look(self, by: By) -> Iterator[Turn]:
        """A turn that only reads, from one consistent view of the ledger."""
        with self.ledger.read() as reader:
            turn = Turn(reader, self._books, by, self.now())
            with _zoned(turn):
                yield turn
                if by.actor:
                    _ = turn.actor  # Nothing depends on who looks, but whoever is named has to be there.


def _same(one: Path, other: Path) -> bool:
    """Whether both are one file, by whatever name; or would be, where there is none yet."""
    try:
        return one.samefile(other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)


@contextmanager
def _zoned(turn: Turn) -> Iterator[None]:
    """A refusal learns the desk's zone, in which its times are to be read."""
    try:
        yield
    except DeskError as refusal:
        refusal.zone = turn.rules.zone
        if isinstance(refusal, NotPermitted) and "roles" in refusal.values:
            turn.tell_able(refusal)
        raise
