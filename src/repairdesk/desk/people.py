"""The staff of the desk: add, list, retire, duty (ASG-5, INT-8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.turn import Answer, By, Turn, When, stamp, told
from repairdesk.domain import pin, staff
from repairdesk.domain.lifecycle import check_time
from repairdesk.domain.masking import in_name
from repairdesk.domain.shape import Doc, shown_staff
from repairdesk.domain.vocabulary import ROLES
from repairdesk.errors import N_, NotAllowed, NotPermitted, UsageError

_ID = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


class People(Base):
    """Who works here. Anyone at the keyboard may keep these records; the ledger says who did (Who may)."""

    def staff_add(
        self, by: By, staff_id: str, *, name: str, role: str, trades: Sequence[str] = (), os_user: str | None = None
    ) -> Answer:
        """A new person, or a changed record of one; the earlier one stays readable."""
        doc = record_of(staff_id, name=name, role=role, trades=trades, os_user=os_user)
        with self.turn(by) as turn:
            called = {one.name: one.trade for one in turn.rules.policies.categories.values() if one.trade}
            return enrol(turn, doc | {"trades": [called.get(trade, trade) for trade in trades]})

    def staff_retire(self, by: By, staff_id: str, *, reason: str | None = None) -> Answer:
        """Someone leaves. Whoever still holds open orders cannot leave unseen: that takes a reason."""
        with self.turn(by) as turn:
            person = turn.person(staff_id)
            _check_keeps(turn)
            if person.retired:
                raise NotAllowed(N_("{who} has left the desk"), who=person.id)
            held = turn.ledger.held_by(person.id)
            if held and not reason:
                raise NotAllowed(
                    N_("{who} still holds {numbers}: assign them to others, or say --reason"),
                    rule="ASG-4", who=person.id, numbers=held, extra={"orders": held},
                )  # fmt: skip
            if held:
                turn.remark(N_("{who} left with open orders: {numbers}"), who=person.id, numbers=held)
            return _write(turn, person.id, "staff-retire", {"reason": reason, "held": held})

    def staff_duty(self, by: By, staff_id: str, *, start: When, end: When) -> Answer:
        """A span of the duty roster (INT-8)."""
        with self.turn(by) as turn:
            begins, ends = turn.time(start), turn.time(end)
            assert begins is not None
            assert ends is not None
            if ends <= begins:
                raise UsageError(N_("duty ends after it begins"), rule="INT-8")
            turn.person(staff_id)
            return _write(turn, staff_id, "staff-duty", {"from": stamp(begins), "to": stamp(ends)})

    def staff_list(self, by: By) -> list[Mapping[str, Any]]:
        """Everyone, those who left included."""
        with self.look(by) as turn:
            docs = list(turn.ledger.staff())
            held = {one: bool(pin.fold(turn.ledger.entries(pin.STREAM + one)).key) for one in (d["id"] for d in docs)}
            return [{**shown_staff(doc, turn.rules.zone), "pin": held[doc["id"]]} for doc in docs]


def record_of(
    staff_id: str, *, name: str, role: str, trades: Sequence[str] = (), os_user: str | None = None
) -> Doc:  # fmt: skip
    """What the record of a person keeps.

    Raises:
        UsageError: a name is blank, there is no such role, or the id has characters that no id has or is the program's.
    """
    told(name=name)
    if role not in ROLES:
        raise UsageError(N_("“{value}” is no {field}; choose: {known}"), value=role, field="role", known=list(ROLES))
    if not staff_id or not set(staff_id) <= _ID or len(staff_id) > 40:
        raise UsageError(N_("“{id}” is no staff id: letters, digits, point, hyphen, underscore"), id=staff_id)
    if in_name(staff_id) != staff_id:
        raise UsageError(N_("a phone number is no staff id: ids stand in every answer and on every slip"))
    if _is_the_programs(staff_id):
        raise UsageError(N_("“{id}” is no staff id: entries of the program itself are by that name"), id=staff_id)
    return {"id": staff_id, "name": name, "role": role, "trades": list(trades), "os_user": os_user}


def _is_the_programs(staff_id: str) -> bool:
    """Whether an entry by this id would read as one by the program, or by an account with no record at the desk."""
    plain = staff_id.casefold()
    return plain == staff.SYSTEM or plain.startswith("os:")


def check_free(turn: Turn, doc: Doc) -> None:
    """Whether the account at the keyboard is nobody else's.

    Raises:
        NotAllowed: it is; names whose.
    """
    os_user = doc["os_user"]
    same = turn.ledger.person_by_os_user(os_user) if os_user else None
    if same and same["id"] != doc["id"]:
        raise NotAllowed(N_("the OS user {user} is {id} already"), user=os_user, id=same["id"])


def enrol(turn: Turn, doc: Doc) -> Answer:
    """Write the record of a person, in this turn.

    Raises:
        NotAllowed: the account is another person's, or the time lies ahead.
    """
    check_free(turn, doc)
    _check_keeps(turn)
    _check_account(turn, doc)
    return _write(turn, doc["id"], "staff-add", doc)


def _check_keeps(turn: Turn) -> None:
    """In strong mode a manager keeps these records, besides the desk's own account: they decide who may what.

    Raises:
        NotPermitted: this is neither.
    """
    if turn.by.bound and (turn.actor.role != "manager" or turn.actor.retired):
        raise NotPermitted(N_("let a manager do that, or the desk's own account (strong mode)"))


def _check_account(turn: Turn, doc: Doc) -> None:
    """Where PINs are asked for, a role and an account that somebody has are changed there, or at a manager's account.

    Else whoever is at any keyboard would take an account off a record and set the PIN that was to be safe by it.

    Raises:
        NotPermitted: this is another one.
    """
    before = turn.ledger.person_doc(doc["id"])
    if not turn.rules.policies.second_person.pin or before is None or before["os_user"] is None:
        return
    if all(before[name] == doc[name] for name in ("role", "os_user")) or turn.by.os_user == before["os_user"]:
        return
    at = turn.ledger.person_by_os_user(turn.by.os_user)
    if at is None or at["role"] != "manager" or at["retired"]:
        raise NotPermitted(N_("{who} has an account, {user}: role and account are changed there, or at a manager's"),
                           who=doc["id"], user=before["os_user"])  # fmt: skip


def _write(turn: Turn, staff_id: str, event: str, data: Mapping[str, Any]) -> Answer:
    check_time(None, turn.attempt(event, {}))
    stream = f"staff:{staff_id}"
    turn.append(stream, event, data, turn.at)
    person = staff.fold(turn.writer.entries(stream))
    assert person is not None
    turn.writer.store_person(person)
    return Answer(shown_staff(staff.to_doc(person), turn.rules.zone), turn.remarks)
