"""Is the desk well? What would go unnoticed if nobody said it: ``doctor``, and the lines below the board."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from repairdesk.desk import outbox
from repairdesk.desk.base import Base
from repairdesk.desk.escalating import nightly
from repairdesk.desk.reckoning import hand_over_due
from repairdesk.desk.rulefiles import running_out
from repairdesk.desk.turn import By, Remark, Turn
from repairdesk.errors import N_

Doc = dict[str, Any]


class Check(NamedTuple):
    """One thing that was looked at; ``said`` is what there is to say of it, good or bad."""

    name: str
    ok: bool
    said: Remark


class Health(Base):
    """What the desk says of itself."""

    def doctor(self, by: By) -> list[Check]:
        """Rules, ledger, nightly run, messages, holidays, staff: each well or not. Writes nothing."""
        with self.look(by) as turn:
            return list(_checks(turn))


def troubles(turn: Turn) -> list[Remark]:
    """What the board says below its lines: only what is not well, and what the people at the desk can see to."""
    seen = [_nightly(turn), _messages(turn)]
    if any(_public(turn, rule.calendar) for rule in turn.rules.policies.obligations):
        seen.append(_days(turn))
    return [check.said for check in seen if not check.ok]


def _public(turn: Turn, name: str) -> bool:
    calendar = turn.rules.policies.calendars.get(name)
    return calendar is not None and calendar.public


def _checks(turn: Turn) -> Iterator[Check]:
    rules = turn.rules
    versions = {"policies": rules.policies.version, "fees": rules.fees_version, "days": rules.days.version or "–"}
    yield Check("rules", True, Remark(N_("policies {policies}, fees {fees}, holidays {days}"), versions))
    seq, head = turn.ledger.head()
    yield Check("ledger", True, Remark(N_("{entries} entries, head {head}; verify proves them"),
                                       {"entries": seq, "head": head[:16]}))  # fmt: skip
    yield _nightly(turn)
    yield _messages(turn)
    yield _days(turn)
    yield _staff(turn)
    for month in hand_over_due(turn):
        said = Remark(N_("the bills of {month} are to be handed over by {due}"),
                      {"month": month["month"], "due": month["due_at"][:16].replace("T", " ")})  # fmt: skip
        yield Check("finance", month["state"] != "missed", said)


def _nightly(turn: Turn) -> Check:
    run = nightly(turn)
    if run["last"] is None:
        never = N_("the nightly run (escalate) has never come: put it into cron")
        return Check("nightly", not run["missing"], Remark(never))
    came = {"at": run["last"][:16].replace("T", " ")}
    if run["missing"]:
        said = N_("the nightly run (escalate) has not come since {at}: see to cron")
        return Check("nightly", False, Remark(said, came))
    return Check("nightly", True, Remark(N_("the nightly run came at {at}"), came))


def _messages(turn: Turn) -> Check:
    standing = outbox.standing(turn)
    if standing["given_up"]:
        said = N_("{given_up} messages were given up and {waiting} wait to be sent: see to notify.yaml")
        return Check("messages", False, Remark(said, standing))
    return Check("messages", True, Remark(N_("{waiting} messages wait to be sent"), standing))


def _days(turn: Turn) -> Check:
    days, zone = turn.rules.days, turn.rules.zone
    ending = running_out(days, turn.at, zone)
    if ending is not None:
        return Check("calendar", False, ending)
    last = days.until(turn.at.astimezone(zone).date())
    return Check("calendar", True, Remark(N_("public holidays are known until {day}"), {"day": str(last)}))


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
