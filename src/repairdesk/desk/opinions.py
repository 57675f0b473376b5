"""What the supervisor writes of a month's callbacks, and the months of which nobody did (CAL-7)."""

from __future__ import annotations

from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, Turn, stamp, told
from repairdesk.domain import finance, lifecycle, opinions
from repairdesk.domain.opinions import STREAM, Opinion
from repairdesk.domain.policy import ObligationRule
from repairdesk.domain.shape import Doc
from repairdesk.domain.times import from_iso, local_iso
from repairdesk.errors import N_, NotAllowed

_OPENS = "called-month"


class Opinions(Base):
    """The supervisor's half of the callbacks."""

    def callback_opinion(self, by: By, text: str, month: str | None = None) -> Answer:
        """The supervisor's opinion on a month's callbacks, by default on the first that lacks one.

        Answers with the month's ``calls`` and ``remarks`` as they stood then, which the entry keeps, and ``opinions``.

        Raises:
            NotPermitted: who is no supervisor. NotAllowed: the month is not over, nobody was called in it, or no month
            lacks an opinion.
        """
        from repairdesk.desk import report_docs
        from repairdesk.desk.reports import asked_of

        told(text=text)
        said = finance.parse_month(month, "CAL-7") if month else None
        with self.turn(by) as turn:
            attempt = turn.attempt("opinion", {})
            lifecycle.check_role("opinion", None, attempt)
            lifecycle.check_time(None, attempt)
            named = said or _first_due(turn)
            zone = turn.rules.zone
            if turn.at < finance.begins(finance.following(named), zone):
                raise NotAllowed(N_("{month} is not over yet: people are still called back in it"), rule="CAL-7",
                                 month=named)  # fmt: skip
            counted = report_docs.callbacks(turn, asked_of(turn, named))
            if not counted["calls"]:
                raise NotAllowed(N_("nobody was called back in {month}"), rule="CAL-7", month=named)
            kept = {name: counted[name] for name in ("calls", "outcomes", "remarks")}
            turn.append(f"{STREAM}{named}", "opinion", {"month": named, "text": text.strip(), **kept}, turn.at)
            return Answer({"month": named, **kept, "opinions": written(turn, named)}, turn.remarks)


def written(turn: Turn, month: str) -> list[Doc]:
    """What supervisors wrote of a month by the turn's time, the first one first."""
    zone, names = turn.rules.zone, {doc["id"]: doc["name"] for doc in turn.ledger.staff()}
    return [
        {"at": local_iso(one.at, zone), "by": one.by, "name": names.get(one.by), "text": one.text, "late": one.late}
        for one in _of(turn, month)
        if one.at <= turn.at
    ]


def rule_of(turn: Turn) -> ObligationRule | None:
    """The declaration of the month's opinion; None: these policies ask for none."""
    return next((rule for rule in turn.rules.policies.obligations if _OPENS in rule.starts), None)


def due(turn: Turn) -> list[Doc]:
    """The months that are over, in which somebody was called back, and of which nobody wrote yet, with their time."""
    rule, zone = rule_of(turn), turn.rules.zone
    if rule is None or rule.by_day is None:
        return []
    owed, this = [], finance.month_of(turn.at, zone)
    first = turn.ledger.called_since("")
    while first is not None and (month := finance.month_of(from_iso(first), zone)) < this:
        if not any(one.at <= turn.at for one in _of(turn, month)):
            by = opinions.due(month, rule.by_day, zone)
            owed.append({"month": month, "name": rule.name, "rule": rule.rule, "owner": rule.owner,
                         "due_at": local_iso(by, zone), "state": "open" if turn.at <= by else "missed"})  # fmt: skip
        first = turn.ledger.called_since(stamp(finance.begins(finance.following(month), zone)))
    return owed


def _of(turn: Turn, month: str) -> tuple[Opinion, ...]:
    return opinions.fold(turn.ledger.entries(f"{STREAM}{month}"))


def _first_due(turn: Turn) -> str:
    owed = due(turn)
    if not owed:
        raise NotAllowed(N_("no month waits for an opinion"), rule="CAL-7")
    return str(owed[0]["month"])
