"""Is the desk well? What would go unnoticed if nobody said it: ``doctor``, and the lines below the board."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from repairdesk.desk import opinions, outbox
from repairdesk.desk.base import Base
from repairdesk.desk.escalating import nightly
from repairdesk.desk.reckoning import hand_over_due
from repairdesk.desk.rulebooks import FILES, Adopted, Rulebooks, Rules
from repairdesk.desk.rulefiles import running_out, versions
from repairdesk.desk.turn import By, Remark, Turn
from repairdesk.domain.message import ADDRESSES
from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import from_iso
from repairdesk.errors import N_, BadRules, Busy, Damaged, DeskError, NotAllowed, NotFound, StorageError
from repairdesk.ledger.journal import Reader
from repairdesk.ledger.versions import CURRENT
from repairdesk.lent import is_declared

if TYPE_CHECKING:
    from repairdesk.ledger.database import Sizes, Store

Doc = dict[str, Any]


class Check(NamedTuple):
    """One thing that was looked at; ``said`` is what there is to say of it, good or bad.

    Attributes:
        is_to_come: nobody has set it up yet, on a desk that has only begun: neither well nor ill.
    """

    name: str
    ok: bool
    said: Remark
    is_to_come: bool = False


class Health(Base):
    """What the desk says of itself."""

    def doctor(self, by: By) -> list[Check]:
        """Rules, ledger, nightly run, messages, holidays, staff: each well or not. Writes nothing.

        Rules or a ledger that cannot be used are told like everything else, with whatever can be looked at all the
        same: by the rules that were adopted last, or without the ledger.

        Raises:
            NotFound: there is no desk at all, or nobody of the caller's id. UsageError: the time is none.
        """
        found: list[Check] = []
        try:
            with self.ledger.read() as reader:
                turn, ill = _turn(reader, self._books, Adopted(self.home), by, self.now())
                if ill is not None:
                    found.append(_ill("rules", _ADOPTED, ill))
                elif turn is not None:
                    found.append(_rules(turn.rules))
                found.append(_ledger(reader))
                found.append(_backup(reader, self.home, self.now(), turn.rules.zone if turn else UTC))
                if turn is not None:
                    found += _clock(turn)
                    found += _checks(turn, self.home)
                    found += _pins(turn)
                    found += _lately(turn)
                    _ = turn.actor
                accounts, by_pin = _people(turn)
                left = [doc["id"] for doc in reader.staff() if doc["retired"]]
                found += _site(turn)
            found += _logins(self.ledger.store, left)
            found += _access(self.home, self.ledger.store.files())
            found += _fences(self.home, self.ledger.store.files(), accounts, by_pin)
        except (Busy, Damaged, NotFound, StorageError) as ill:
            # Who looks is not known, or nothing is there at all: that is no illness of a desk.
            if isinstance(ill, NotFound) and (self.ledger.store.exists() or not (self.home / _POLICIES).exists()):
                raise
            well = [check for check in found if check.name != "ledger"] or [_files(self.home)]
            return [*well, _ill("ledger", N_("it cannot be used: {why}"), ill)]
        return found

    def vacuum(self, by: By) -> Sizes:
        """The ledger's file made anew, as small as what it holds (``doctor --vacuum``); writes no entry.

        Raises:
            Busy: somebody is at the ledger. StorageError: too little room. NotFound: nobody of the caller's id.
        """
        with self.look(by):
            pass
        return self.ledger.store.vacuum(self.ledger.wait_seconds)


_ADOPTED = N_("what follows goes by the rules that were adopted last: {why}")
_POLICIES = FILES["policies"]


def _turn(
    reader: Reader, books: Rulebooks, adopted: Rulebooks, by: By, now: datetime
) -> tuple[Turn | None, DeskError | None]:
    """A turn by the rules of the files, else by those adopted last, if any were; and what ails the files."""
    try:
        return Turn(reader, books, by, now), None
    except (BadRules, NotFound, StorageError) as ill:
        try:
            return Turn(reader, adopted, by, now), ill
        except NotFound:
            return None, ill


def _ill(name: str, message: str, why: DeskError) -> Check:
    return Check(name, False, Remark(message, {"why": why}))


def troubles(turn: Turn, home: Path) -> list[Remark]:
    """What the board says below its lines: only what is not well, and what the people at the desk can see to."""
    seen = [_nightly(turn), _messages(turn, home), _days(turn)]
    return [check.said for check in seen if not check.ok]


def _public(turn: Turn, name: str) -> bool:
    calendar = turn.rules.policies.calendars.get(name)
    return calendar is not None and calendar.public


_VERSIONS = N_("policies {policies}, fees {fees}, holidays {days}")


def _rules(rules: Rules) -> Check:
    versions = {"policies": rules.policies.version, "fees": rules.fees_version, "days": rules.days.version or "–"}
    return Check("rules", True, Remark(_VERSIONS, versions))


def _files(home: Path) -> Check:
    """The files alone, where no ledger can be asked which of them it knows."""
    try:
        found = versions(home)
    except DeskError as ill:
        return _ill("rules", N_("they cannot be used: {why}"), ill)
    return Check("rules", True, Remark(_VERSIONS, {**found, "days": found["calendar"]}))


def _ledger(reader: Reader) -> Check:
    seq, head = reader.head()
    said = N_("version {version}, {entries} entries, head {head}; verify proves them")
    return Check("ledger", True, Remark(said, {"version": CURRENT, "entries": seq, "head": head[:16]}))


def _clock(turn: Turn) -> Iterator[Check]:
    """Said only where the machine's clock does not go on where the record ends."""
    try:
        turn.check_clock()
    except NotAllowed as ill:
        local = {name: at.astimezone(turn.rules.zone) for name, at in ill.values.items()}
        yield Check("clock", False, Remark(ill.message, local))


_OLD = timedelta(days=7)
"""Ours: so old a backup is said to be old."""
_NEW = timedelta(days=1)
"""Ours: so long a desk without an order may be without what cron is to do for it."""


def _is_new(reader: Reader, now: datetime) -> bool:
    """Whether the desk has only begun, and holds nothing yet that could be lost or come too late."""
    born = reader.first_written()
    return born is None or (now - from_iso(born) <= _NEW and reader.first_reported_at() is None)


def _backup(reader: Reader, home: Path, now: datetime, zone: tzinfo) -> Check:
    """Whether a copy of the desk lies somewhere, by what the desk itself noted of it."""
    from repairdesk.desk import backing

    last = backing.last(home)
    if last is None:
        if _is_new(reader, now):
            return Check("backup", True, Remark(N_("no backups are set up yet: put backup into cron")), is_to_come=True)
        return Check("backup", False, Remark(N_("no backup was ever made: put backup into cron")))
    (seq, _), values = reader.head(), {**last, "at": from_iso(last["at"]).astimezone(zone)}
    values["since"] = seq - last["entries"]
    if reader.hash_at(last["entries"]) != last["head"]:
        said = N_("the ledger is not the one of which {file} was made on {at}: verify both")
        return Check("backup", False, Remark(said, values))
    file = Path(last["file"])
    # A disk that is not there now may hold it; a folder that is there would.
    if file.parent.is_dir() and not os.path.lexists(file):
        said = N_("the last backup, of {at}, is not there any more: {file}")
        return Check("backup", False, Remark(said, values))
    if now - values["at"] > _OLD and values["since"]:
        said = N_("the last backup was made on {at}, {since} entries ago: see to cron")
        return Check("backup", False, Remark(said, values))
    return Check("backup", True, Remark(N_("the last backup was made on {at}, {since} entries ago"), values))


def _checks(turn: Turn, home: Path) -> Iterator[Check]:
    yield _nightly(turn, needed=not _is_new(turn.ledger, turn.now))
    yield _messages(turn, home)
    yield _days(turn)
    yield _staff(turn)
    yield from _hands(turn)
    yield from _attachments(turn, home)
    for month in hand_over_due(turn):
        said = Remark(N_("the bills of {month} are to be handed over by {due}"),
                      {"month": month["month"], "due": month["due_at"][:16].replace("T", " ")})  # fmt: skip
        yield Check("finance", month["state"] != "missed", said)
    for month in opinions.due(turn):
        said = Remark(N_("the callbacks of {month} wait for the supervisor's opinion, by {due}"),
                      {"month": month["month"], "due": month["due_at"][:16].replace("T", " ")})  # fmt: skip
        yield Check("callbacks", month["state"] != "missed", said)


def _nightly(turn: Turn, *, needed: bool = False) -> Check:
    """Whether the nightly run comes; ``needed``: a desk at work is not well without one, missed or not."""
    run = nightly(turn)
    if run["last"] is None:
        if run["missing"] or needed:
            return Check("nightly", False, Remark(N_("the nightly run (escalate) has never come: put it into cron")))
        said = N_("the nightly run (escalate) is not set up yet: put it into cron")
        return Check("nightly", True, Remark(said), is_to_come=True)
    came = {"at": run["last"][:16].replace("T", " ")}
    if run["missing"]:
        said = N_("the nightly run (escalate) has not come since {at}: see to cron")
        return Check("nightly", False, Remark(said, came))
    return Check("nightly", True, Remark(N_("the nightly run came at {at}"), came))


_LONG = timedelta(hours=1)
"""Ours: a message that has waited so long goes nowhere by itself."""


def _messages(turn: Turn, home: Path) -> Check:
    standing = outbox.standing(turn)
    waits = bool(standing["waiting"] and turn.rules.policies.notify.roles)
    if waits and (lack := _lack(home)) is not None:
        return Check("messages", False, Remark(lack, {**standing, "file": ADDRESSES}))
    if standing["given_up"]:
        said = N_("{given_up} messages were given up and {waiting} wait to be sent: see to notify.yaml")
        return Check("messages", False, Remark(said, standing))
    oldest = turn.ledger.oldest_unsent() if waits else None
    if oldest is not None and turn.now - from_iso(oldest) > _LONG:
        said = N_("messages wait to be sent ({waiting}), the oldest since {since}: see to escalate and to {file}")
        since = from_iso(oldest).astimezone(turn.rules.zone)
        return Check("messages", False, Remark(said, {**standing, "since": since, "file": ADDRESSES}))
    return Check("messages", True, Remark(N_("{waiting} messages wait to be sent"), standing))


def _lack(home: Path) -> str | None:
    """What no message can be sent without, in a sentence; None where there is everything."""
    if not (home / ADDRESSES).exists():
        return N_("messages wait to be sent ({waiting}), and there is no {file}")
    from importlib.util import find_spec

    # Looked for and not imported: that takes longer than all the rest.
    if any(find_spec(library) is None for library in ("apprise", "requests")):
        return N_("messages wait to be sent ({waiting}) and cannot be: pip install 'repairdesk[notify]'")
    return None


def _days(turn: Turn) -> Check:
    if not any(_public(turn, rule.calendar) for rule in turn.rules.policies.obligations):
        return Check("calendar", True, Remark(N_("no clock counts by the public holidays")))
    days, zone = turn.rules.days, turn.rules.zone
    ending = running_out(days, turn.at, zone)
    if ending is not None:
        return Check("calendar", False, ending)
    last = days.until(turn.at.astimezone(zone).date())
    return Check("calendar", True, Remark(N_("public holidays are known until {day}"), {"day": str(last)}))


_NAMED = 5
"""So many files are named; how many there are in all is said besides."""


def _attachments(turn: Turn, home: Path) -> Iterator[Check]:
    """Files that no entry names: something was interrupted, or somebody put them there."""
    from repairdesk.desk.attaching import strays

    found = strays(turn, home)
    if found:
        said = N_("{count} files in the desk belong to no order: {files}")
        files = [*found[:_NAMED], "…"] if len(found) > _NAMED else found
        yield Check("attachments", False, Remark(said, {"count": len(found), "files": files}))


def _site(turn: Turn | None) -> Iterator[Check]:
    """Whether the folder has the rules of the site, where the ledger lies elsewhere and others have folders, too."""
    if turn is not None and turn.ledger.is_apart:
        from repairdesk.desk import reach

        yield from (Check(*one) for one in reach.rules(turn))


def _logins(store: Store, left: Sequence[str]) -> Iterator[Check]:
    """Whom the server lets in, where one keeps the ledger."""
    found = store.reach()
    if found is not None:
        from repairdesk.desk import reach

        yield from (Check(*one) for one in reach.seen(found, left))


def _access(home: Path, ledger: Sequence[Path]) -> Iterator[Check]:
    """Whom the files let in, and what lies beside them."""
    from repairdesk.desk import access

    with suppress(OSError):  # Gone since the ledger was read.
        yield from (Check(*one) for one in access.seen(home, *ledger[:1]))


def _people(turn: Turn | None) -> tuple[list[str], bool]:
    """The accounts of those who work here, and whether second persons are asked for a PIN."""
    if turn is None:
        return [], True
    accounts = [doc["os_user"] for doc in turn.ledger.staff() if doc["os_user"] and not doc["retired"]]
    return accounts, bool(turn.rules.policies.second_person.pin)


def _fences(home: Path, ledger: Sequence[Path], accounts: Sequence[str], by_pin: bool) -> Iterator[Check]:
    """What strong mode rests on, where the desk says that it is in it."""
    if not is_declared(home):
        return
    from repairdesk.desk import fences

    with suppress(OSError):  # Gone since the ledger was read.
        yield from (Check(*one) for one in fences.seen(home, accounts, *ledger[:1], by_pin=by_pin))


def _pins(turn: Turn) -> Iterator[Check]:
    """PINs that the policies ask for and nobody has, or that are locked."""
    from repairdesk.desk.seconding import standing

    wanted, found = turn.rules.policies.second_person.pin, standing(turn)
    if wanted and not any(role in ("leader", "supervisor", "manager") for _, role in found["held"]):
        said = N_("the policies ask for the PIN of a second person, and none of them has one: staff pin")
        yield Check("pins", False, Remark(said))
    for who, until, where in found["locked"]:
        said = N_("the PIN of {who} was typed wrongly too often, by {keyboards}: nobody can try before {until}")
        values = {"who": who, "until": until.astimezone(turn.rules.zone), "keyboards": where}
        yield Check("pins", False, Remark(said, values))


def _lately(turn: Turn) -> Iterator[Check]:
    """What changed of who may what, and was purged, by whom and where: nobody is kept from it, so it is told."""
    from repairdesk.desk import lately

    if changes := lately.pins(turn):
        yield Check("pins", True, Remark(N_("PINs that were set or taken back within a week: {changes}"),
                                         {"changes": changes}))  # fmt: skip
    if changes := lately.accounts(turn):
        said = N_("whose role or account was changed within a week, or who left: {changes}")
        yield Check("staff", True, Remark(said, {"changes": changes}))
    if changes := lately.signing(turn):
        said = N_("who came within a week with a role that agrees or approves: {changes}")
        yield Check("staff", True, Remark(said, {"changes": changes}))
    for remark in lately.purges(turn):
        yield Check("purges", True, remark)
    for ok, remark in lately.rules(turn):
        yield Check("rules", ok, remark)


def _hands(turn: Turn) -> Iterator[Check]:
    """Whether the work can begin: somebody takes reports, somebody can be sent; and who sits at the keyboard."""
    from repairdesk.errors import Word

    held = {doc["role"] for doc in turn.ledger.staff() if not doc["retired"]}
    wanted = {"clerk": turn.rules.policies.may.get("intake", ()), "technician": ("technician", "contractor")}
    lacking = [role for role, as_well in wanted.items() if held.isdisjoint(as_well)]
    if lacking:
        said = N_("no report can be taken in, or nobody can be sent: the desk has nobody as {roles}: staff add")
        yield Check("staff", False, Remark(said, {"roles": [Word(role) for role in lacking]}))
    if turn.keyboard.startswith("os:"):
        said = N_("the account at the keyboard, {user}, is nobody's here: who did it is said with --as, "
                  "or once and for all: staff add ID --name NAME --role ROLE --os-user {user}")  # fmt: skip
        yield Check("staff", True, Remark(said, {"user": turn.by.os_user}))


def _staff(turn: Turn) -> Check:
    """Somebody of each role that a ladder names: what is told to nobody is not told (SLA-4)."""
    policies = turn.rules.policies
    wanted = {step.tell for steps in policies.ladders.values() for step in steps} | set(policies.alarm)
    held = {doc["role"] for doc in turn.ledger.staff() if not doc["retired"]}
    lacking = sorted(wanted - held - {"assignee", "tracker", "clerk"})
    if lacking:
        from repairdesk.errors import Word

        said = N_("the desk has nobody as {roles}, whom the policies want told: staff add")
        return Check("staff", False, Remark(said, {"roles": [Word(role) for role in lacking]}))
    return Check("staff", True, Remark(N_("every role that the ladders name is held by somebody")))
