"""Purging: what was kept long enough goes from the desk, and nothing says any more whose it was (RET-1 to RET-3).

First everything that goes is written out to a file elsewhere; then, in one transaction, purge entries say what went and
what remains of it, and the bodies are taken; last, the files that hung on the orders. Killed before the transaction
ends, nothing is gone; after it, the next purge takes the files that were left.
"""

from __future__ import annotations

import stat
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Self

from repairdesk.desk import drafts, purge_file, purge_plan
from repairdesk.desk.base import Base
from repairdesk.desk.outbox import give_up
from repairdesk.desk.purge_plan import Old, Plan
from repairdesk.desk.turn import Answer, By, Turn, When, stamp
from repairdesk.domain import effects, lifecycle, message, retention
from repairdesk.domain.attachment import FOLDER
from repairdesk.domain.entry import Entry
from repairdesk.domain.retention import EVENT, StandIns
from repairdesk.domain.staff import Person
from repairdesk.domain.times import from_iso, local_iso
from repairdesk.errors import N_, DeskError, NotPermitted
from repairdesk.ledger import purging as ledger
from repairdesk.ledger.journal import Ledger

Doc = dict[str, Any]

_NOT_DELETED = N_("{file} could not be deleted: {why}")
AT_ONCE = 1000
"""So many orders go with one purge entry, so that no reader has to hold more of them."""
_BESIDE_AT_ONCE = 5000


class Purging(Base):
    """What the desk forgets."""

    def purge_plan(self, by: By, *, until: When = None) -> Answer:
        """What a purge would take now, by class and date, and what stays though its time is over, and why (RET-2)."""
        with self.look(by) as turn:
            ends = turn.since(until, end=True) if until is not None else None
            doc = purge_plan.told(turn, purge_plan.plan(turn, ends))
            return Answer({"dry_run": True, "at": local_iso(turn.at, turn.rules.zone), **doc}, turn.remarks)

    def purge(self, by: By, *, second: str, out: Path | None = None, until: When = None) -> Answer:
        """Write out what was kept long enough, and take it from the desk (RET-2, RET-3).

        Args:
            second: who agrees, a leader or above and nobody's own second.
            out: where it is written out to; by default beside the desk's folder.
            until: only what ended by then.

        Raises:
            NotPermitted: who is no manager, or the second is no leader or the same. UsageError: the file is in the
                desk. NotFound: nobody has the id, or there is no such folder. NotAllowed: the file is there already.
            StorageError: it cannot be written.
        """
        with _Written(self.ledger) as written, self.turn(by) as turn:
            person = turn.person(second)
            ends = turn.since(until, end=True) if until is not None else None
            target = out or _beside(self.home, turn)
            purge_file.check(self.home, self.ledger.store.files(), target)
            lifecycle.check_role("purge", None, turn.attempt("purge", {}))
            _agreed(turn, person)
            lifecycle.check_time(None, turn.attempt("purge", {}))
            purge_file.check_free(target)
            made = purge_plan.plan(turn, ends)
            doc = purge_plan.told(turn, made)
            exported = _taken(turn, made, person, target, self.home, written) if made.orders or made.beside else None
            gone = ledger.Purges(turn.ledger).orders_purged()
        # The ledger says that they are gone: now they can go.
        files = _without_files(self.home, gone, turn)
        drafts.sweep(self.home, turn.now)
        zone = turn.rules.zone
        return Answer(
            {"dry_run": False, "at": local_iso(turn.at, zone), **doc, "by": turn.actor.id, "with": person.id,
             "files": files, "export": exported},
            turn.remarks,
        )  # fmt: skip


def _agreed(turn: Turn, second: Person) -> None:
    """The second person is another one, and a leader or above.

    Where the policies ask for a PIN, they confirmed it by theirs.

    Raises:
        NotPermitted: the second is not, or did not.
    """
    if second.id == turn.actor.id:
        raise NotPermitted(N_("it takes a second person: {who} cannot be both"), rule="RET-2", who=second.id)
    if second.retired:
        raise NotPermitted(N_("{who} has left the desk"), who=second.id)
    if second.role not in retention.SECONDS:
        raise NotPermitted(N_("{who} cannot be the second person of a purge: it takes a leader or above"), rule="RET-2",
                           who=second.id)  # fmt: skip
    turn.agreed("purge", second)


def _beside(home: Path, turn: Turn) -> Path:
    real = home.resolve()
    return real.parent / f"{real.name}-purged-{turn.now.astimezone(turn.rules.zone):%Y%m%dT%H%M%S}.jsonl"


# --- taken


class _Written:
    """The files of an export: taken away again where nothing was purged, be it that the ledger's end was refused."""

    def __init__(self, of: Ledger) -> None:
        self._of, self._files = of, list[Path]()
        self.sha256 = ""

    def add(self, file: Path) -> None:
        """One more that is whole and has its name."""
        self._files.append(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None or self._is_needed():
            return
        for file in self._files:
            with suppress(OSError):  # Nothing was purged: nothing needs it.
                file.unlink()

    def _is_needed(self) -> bool:
        """Whether it was purged all the same: who lost the server at the end has to look, and so has who cannot."""
        if not self.sha256:
            return False
        try:
            with self._of.read() as reader:
                last = ledger.Purges(reader).last_purge()
        except DeskError:
            return True
        return last is not None and last.data["export"]["sha256"] == self.sha256


def _taken(turn: Turn, made: Plan, second: Person, target: Path, home: Path, written: _Written) -> Doc:
    """Write everything out, then take it; answers where it was written to."""
    files = purge_file.packed(target, home, made.orders)
    if files:
        written.add(purge_file.files_of(target))
    with purge_file.exported(target) as export:
        _write_out(turn, made, second, export)
        about = {"lines": export.lines, "sha256": export.sha256}
    written.add(target)
    kept = {"files": files["files"], "sha256": files["sha256"]} if files else None
    _Taking(turn, made, second, {**about, "attachments": kept}).all()
    written.sha256 = export.sha256
    turn.remark(N_("what was purged is in {file}: keep it where only those who may can read it, or delete it"),
                file=str(target))  # fmt: skip
    _name_the_backup(turn, home)
    return {"file": str(target), **about, "attachments": files}


def _name_the_backup(turn: Turn, home: Path) -> None:
    """What was purged lives on in what was put away before."""
    from repairdesk.desk import backing

    last = backing.last(home)
    if last is not None:
        said = N_("{file} of {at} and every backup before it still hold what was purged, and bring it back")
        turn.remark(said, file=last["file"], at=from_iso(last["at"]).astimezone(turn.rules.zone))


def _write_out(turn: Turn, made: Plan, second: Person, export: purge_file.Export) -> None:
    ask = ledger.Purges(turn.ledger)
    seq, head = ask.head()
    export.write({"purge": 1, "ledger": ask.first_hash(), "seq": seq, "head": head, "at": stamp(turn.at),
                  "by": turn.actor.id, "with": second.id})  # fmt: skip
    for number in made.orders:
        doc = ask.order_doc(number)
        assert doc is not None
        export.write({"number": number, "order": doc, "entries": ask.whole(number), "attachments": doc["attachments"]})
    beside = {entry.seq for entry in made.beside}
    for number in dict.fromkeys(entry.number for entry in made.beside):
        export.write({"number": number, "entries": [one for one in ask.whole(number) if one["seq"] in beside]})
    # Which of them nothing names any more is known once the orders are gone: what stands for which place is all told.
    for entry in ask.bodies_of([retention.PLACE_EVENT]):
        export.write({"number": entry.number, "entries": ask.whole(entry.number)})


class _Taking:
    """The purge entries of one purge."""

    def __init__(self, turn: Turn, made: Plan, second: Person, export: Doc) -> None:
        self._turn, self._made = turn, made
        self._ask = ledger.Purges(turn.writer)
        self._last = self._ask.last_purge()
        self._names = StandIns(self._ask.stand_ins(), self._last.data["places"] if self._last else 0)
        self._said = {"with": second.id, "export": export}
        self._gone = set(made.orders)
        # A spot of a month is counted with what came before it, so far back (RPT-4); a month has 31 days at most.
        self._near = timedelta(seconds=turn.rules.policies.repeat_within) + timedelta(days=62)

    def all(self) -> None:
        """Orders, then what goes beside them, and at last the stand-ins of places that nothing names any more."""
        for some in _chunks(self._made.orders.values(), AT_ONCE):
            self._orders(some)
        for number in self._made.unsent:
            give_up(self._turn, number)
        for entries in _chunks(self._made.beside, _BESIDE_AT_ONCE):
            self._entries(entries)
            for number in dict.fromkeys(entry.number for entry in entries if entry.event == "queue"):
                folded = message.fold(self._ask.entries(number))
                assert folded is not None
                self._turn.writer.store_message(folded)
        known = self._ask.bodies_of([retention.PLACE_EVENT])
        forgotten = [entry for entry in known if not self._counted_together(entry.data["place"])]
        for entries in _chunks(forgotten, _BESIDE_AT_ONCE):
            self._entries(entries)
            for entry in entries:
                ledger.drop_place(self._turn.writer, int(entry.number.removeprefix(retention.PLACES)))

    def _orders(self, some: Sequence[Old]) -> None:
        turn, by = self._turn, ledger.next_number(self._last)
        mark = {"at": stamp(turn.at), "by": turn.actor.id, "with": self._said["with"], "entry": by}
        remains: dict[str, Any] = {}
        for one in some:
            for entry in self._ask.entries(one.number):
                left = retention.remains(entry.event, entry.data, self._names)
                remains[str(entry.seq)] = {**left, "purged": mark} if entry.version == 1 else left
        classes: dict[str, int] = {}
        for one in some:
            classes[one.of] = classes.get(one.of, 0) + 1
        self._write(remains, {"orders": [one.number for one in some], "classes": classes})
        for one in some:
            order = effects.fold(self._ask.entries(one.number))
            assert order is not None
            turn.writer.store_order(order)

    def _entries(self, entries: Sequence[Entry]) -> None:
        remains = {str(one.seq): retention.remains(one.event, one.data, self._names) for one in entries}
        self._write(remains, {"orders": [], "classes": {}})

    def _write(self, remains: Mapping[str, Any], about: Mapping[str, Any]) -> None:
        turn = self._turn
        self._remember_places()
        data = {**self._said, **about, "places": self._names.last, "remains": remains}
        self._last = turn.append(ledger.next_number(self._last), EVENT, data, turn.at)
        ledger.take(turn.writer, self._last)

    def _remember_places(self) -> None:
        """What stands for a place is put on record only while what is kept is counted together with what goes."""
        known = self._ask.stand_ins()
        for place, stand_in in self._names.given().items():
            if place not in known and self._counted_together(place):
                number = int(stand_in[1:])
                self._turn.append(f"{retention.PLACES}{number}", retention.PLACE_EVENT, {"place": place}, self._turn.at)
                self._turn.writer.store_place((number, stand_in, place))

    def _counted_together(self, place: str) -> bool:
        """Whether reports have orders of this place that stay beside such that went: of one time, or near it."""
        here, stand_in = self._ask.spans_at(place), self._names.given().get(place)
        went = [one for one in here if one[0] in self._gone]
        went += self._ask.spans_at(stand_in) if stand_in else []
        stay = [one for one in here if one[0] not in self._gone]
        return any(
            one[1] - self._near <= other[2] and other[1] - self._near <= one[2] for one in went for other in stay
        )


def _chunks(things: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some


# --- files


def _without_files(home: Path, gone: Container[str], turn: Turn) -> int:
    """Take the folders of what was purged, now or before; how many files that were."""
    folder, count = home / FOLDER, 0
    # What is there is looked through, not what was ever purged: of most orders nothing was kept.
    for own in _listed(folder, turn) if folder.is_dir() else []:
        if own.name in gone and own.is_symlink():
            turn.remark(N_("{file} is no file that was attached: see what it is, and delete it"), file=str(own))
            continue
        if own.name in gone and own.is_dir():
            count += sum(_deleted(file, turn) for file in _listed(own, turn))
            with suppress(OSError):  # what is left in it was said
                own.rmdir()
    return count


def _listed(folder: Path, turn: Turn) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        turn.remark(_NOT_DELETED, file=str(folder), why=error.strerror or "")
        return []


def _deleted(file: Path, turn: Turn) -> bool:
    """Take one file; what is none was put there by somebody else, and is theirs to take away."""
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            turn.remark(N_("{file} is no file that was attached: see what it is, and delete it"), file=str(file))
            return False
        file.unlink()
    except OSError as error:
        turn.remark(_NOT_DELETED, file=str(file), why=error.strerror or "")
        return False
    return True
