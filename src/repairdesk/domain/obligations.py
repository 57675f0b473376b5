"""Who owes what by when: an obligation, its state at a moment, and how what an entry did to it folds back.

An entry keeps what it did to the obligations of its order as plain data (``keeping``). So a deadline is on record from
the moment it was set, and no later edit of the policies moves it (REC-4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from repairdesk.domain.record import NamedTuple
from repairdesk.domain.times import from_iso

Change = dict[str, Any]
"""What an entry did to one obligation: ``op``, ``name``, ``cycle``, and what the op needs."""


class Stop(NamedTuple):
    """A stretch in which a clock stood still, and why (SLA-3); ``until`` is None while it still does."""

    reason: str
    since: datetime
    until: datetime | None


class Obligation(NamedTuple):
    """Somebody owes something on an order by a time.

    ``cycle`` counts how often the same thing has been owed on the order (arrive again after a reassignment).
    ``id`` names the declaration in the policies that the order is judged by. ``level`` is the highest step of the
    ladder that has been reached (SLA-4), and at ``next_at`` the nightly run has something to do again; None: nothing.
    Of ``times`` that it is owed in its period so many are ``done`` (COO-4). ``provisional``: it is due on a day that
    the table of public holidays does not reach yet (SLA-2).
    """

    id: str
    name: str
    cycle: int
    rule: str
    owner: str
    starts_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    void_at: datetime | None = None
    stops: tuple[Stop, ...] = ()
    level: int = 0
    next_at: datetime | None = None
    provisional: bool = False
    times: int = 1
    done: int = 0

    @property
    def running(self) -> bool:
        """Still owed: neither met nor void, be it in time or not."""
        return self.met_at is None and self.void_at is None

    def stopped_at(self, now: datetime) -> bool:
        """Whether the clock stands still at ``now``."""
        return bool(self.stops) and self.stops[-1].since <= now and _ahead(self.stops[-1].until, now)

    def state(self, now: datetime) -> str:
        """``open``, ``paused``, ``met``, ``missed`` or ``void`` at ``now``. What was missed stays missed (SLA-3)."""
        if self.met_at is not None:
            return "met" if self.met_at <= self.due_at else "missed"
        if self.void_at is not None:
            return "void" if self.void_at <= self.due_at else "missed"
        if self.stopped_at(now) and self.stops[-1].since <= self.due_at:
            return "paused"
        return "open" if now <= self.due_at else "missed"


def _ahead(until: datetime | None, now: datetime) -> bool:
    return until is None or now < until


def apply(held: tuple[Obligation, ...], entry_changes: Iterable[Change]) -> tuple[Obligation, ...]:
    """The obligations of an order after an entry's changes."""
    by_key = {(o.name, o.cycle): o for o in held}
    for change in entry_changes:
        key = (change["name"], change["cycle"])
        if key not in by_key and change["op"] != "open":
            continue  # A look back (--as-of) has not seen it opened: what ends it is older than the run that opened it.
        by_key[key] = applied(by_key.get(key), change)
    return tuple(by_key.values())


def _open(c: Change) -> Obligation:
    starts, due, then = from_iso(c["starts_at"]), from_iso(c["due_at"]), c.get("next_at")
    next_at, provisional, times = from_iso(then) if then else None, c.get("provisional", False), c.get("times", 1)
    return Obligation(
        c["id"], c["name"], c["cycle"], c["rule"], c["owner"], starts, due, None, None, (), 0, next_at, provisional,
        times,
    )  # fmt: skip


def _stop(o: Obligation, c: Change) -> Obligation:
    until = from_iso(c["until"]) if c.get("until") else None
    due = from_iso(c["due_at"]) if c.get("due_at") else o.due_at
    return o._replace(stops=(*o.stops, Stop(c["reason"], from_iso(c["at"]), until)), due_at=due)


def resume(o: Obligation, c: Change) -> Obligation:
    """The clock goes on."""
    last = o.stops[-1]._replace(until=from_iso(c["at"]))
    return o._replace(stops=(*o.stops[:-1], last), due_at=from_iso(c["due_at"]))


def _move(o: Obligation, c: Change) -> Obligation:
    return o._replace(due_at=from_iso(c["due_at"]), id=c.get("id", o.id), owner=c.get("owner", o.owner))


def _restore(o: Obligation, c: Change) -> Obligation:
    stops = tuple(
        Stop(s["reason"], from_iso(s["since"]), from_iso(s["until"]) if s["until"] else None) for s in c["stops"]
    )
    return o._replace(due_at=from_iso(c["due_at"]), stops=stops, void_at=None)


_APPLY: Mapping[str, Callable[[Obligation, Change], Obligation]] = {
    "meet": lambda o, c: o._replace(met_at=from_iso(c["at"]), next_at=None),
    "void": lambda o, c: o._replace(void_at=from_iso(c["at"]), next_at=None),
    "count": lambda o, c: o._replace(done=o.done + 1),
    "climb": lambda o, c: o._replace(level=c["level"]),
    "pass": lambda o, c: o,
    "stop": _stop,
    "resume": resume,
    "move": _move,
    "restore": _restore,
}


def applied(held: Obligation | None, change: Change) -> Obligation:
    """An obligation after one change; None is one that the change opens."""
    if held is None or change["op"] == "open":
        return _open(change)
    made = _APPLY[change["op"]](held, change)
    if "provisional" in change:
        made = made._replace(provisional=change["provisional"])
    if "next_at" in change:
        made = made._replace(next_at=from_iso(change["next_at"]) if change["next_at"] else None)
    return made
