"""What changed within a week of who may what: PINs, roles and accounts, the rules themselves; and what was purged.

Anyone at the keyboard may keep the records of the staff, and whoever can write the ledger's file can have it judged by
rules of their own. Nothing keeps them from it; so it is told, for as long as somebody can be asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from repairdesk.desk.turn import Remark, Turn
from repairdesk.domain import pin
from repairdesk.domain.entry import Entry
from repairdesk.domain.times import from_iso
from repairdesk.errors import N_, Word
from repairdesk.ledger.purging import Purges

WEEK, DAY = timedelta(days=7), timedelta(days=1)
_SIGNING = ("leader", "supervisor", "manager", "finance")


def pins(turn: Turn) -> list[str]:
    """Whose PIN was set or taken back, by whom and at which keyboard; of those who left, too."""
    return [_told(doc["id"], entry) for doc in turn.ledger.staff()
            for entry in turn.ledger.entries(pin.STREAM + doc["id"])
            if entry.event in (pin.SET, pin.RESET) and _late(turn, entry)]  # fmt: skip


def accounts(turn: Turn) -> list[str]:
    """Whose role or account was changed, or who left, by whom and at which keyboard; a new person is not told."""
    return [_told(doc["id"], entry) for doc in turn.ledger.staff()
            for before, entry in pairwise(turn.ledger.entries(f"staff:{doc['id']}"))
            if _late(turn, entry) and _changed(before, entry)]  # fmt: skip


def signing(turn: Turn) -> list[str]:
    """Who came with a role that agrees and approves, by whom and at which keyboard; not with whom a desk began."""
    began = turn.ledger.first_written()
    first = from_iso(began) + DAY if began else turn.now
    found = [turn.ledger.entries(f"staff:{doc['id']}")[0] for doc in turn.ledger.staff()]
    return [_told(entry.data["id"], entry) for entry in found
            if entry.data["role"] in _SIGNING and _late(turn, entry) and entry.recorded_at > first]  # fmt: skip


def purges(turn: Turn) -> Iterator[Remark]:
    """What was purged, by whom, with whom and at which keyboard; each run as one."""
    for entry, orders in Purges(turn.ledger).runs_since(turn.now - WEEK):
        said = N_("{orders} orders were purged at {at}, and the bodies of what goes with them: {actor} with {second}, "
                  "at the keyboard {keyboard}")  # fmt: skip
        yield Remark(said, {"orders": orders, "at": entry.recorded_at.astimezone(turn.rules.zone), "actor": entry.actor,
                            "second": str(entry.data.get("with")), "keyboard": entry.keyboard})  # fmt: skip


def rules(turn: Turn) -> Iterator[tuple[bool, Remark]]:
    """The rules that the ledger took over, by whom and where; not well where it did so after this folder's."""
    have = {"policies": turn.rules.policies.version, "fees": turn.rules.fees_version}
    for kind, version in have.items():
        adopted = turn.ledger.adopted(kind)
        # Where this folder's have judged nothing yet, they are the newest.
        known = any(other == version for _, other in adopted)
        for _, other in adopted[:-1]:  # The first of all came with the desk.
            entry = turn.ledger.entries(f"{kind}:{other}")[-1]
            if not _late(turn, entry):
                break
            known = known and other != version
            values = {"kind": Word(kind), "version": other, "at": entry.recorded_at.astimezone(turn.rules.zone),
                      "actor": entry.actor, "keyboard": entry.keyboard}  # fmt: skip
            said = N_("{kind} {version} were taken over at {at}: {actor}, at the keyboard {keyboard}")
            if known:
                said = N_("what was done since {at} can have been judged by {kind} {version}, which are not those of "
                          "this folder: {actor}, at the keyboard {keyboard}")  # fmt: skip
            yield not known, Remark(said, values)


def _late(turn: Turn, entry: Entry) -> bool:
    return turn.now - entry.recorded_at < WEEK


def _changed(before: Entry, entry: Entry) -> bool:
    if entry.event == "staff-retire":
        return True
    return entry.event == "staff-add" and any(
        before.data.get(name) != entry.data.get(name) for name in ("role", "os_user")
    )


def _told(staff_id: str, entry: Entry) -> str:
    return f"{staff_id} ({entry.actor}, {entry.keyboard})"
