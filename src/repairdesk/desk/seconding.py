"""The second person says so for themselves: a PIN, set by its owner, asked for where the policies want it.

A try is counted before it is answered, in a transaction of its own: whoever is refused afterwards, or ends the program,
has had that try. The hash is made while nobody waits for the ledger.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from repairdesk.desk.base import Base
from repairdesk.desk.turn import By, Turn, told
from repairdesk.domain import lifecycle, pin
from repairdesk.domain.pin import State
from repairdesk.domain.staff import Person
from repairdesk.domain.times import local_iso
from repairdesk.errors import N_, NotAllowed, NotPermitted
from repairdesk.ledger.journal import Reader

Doc = dict[str, Any]

_OWN, _RESET = "pin", "pin-reset"
"""What a right PIN can be for, besides what takes a second person: another one of one's own, and taking back one."""


class Seconding(Base):
    """PINs."""

    def pin_asked(self, by: By, what: str, staff_id: str) -> bool:
        """Whether somebody's PIN is to be typed for this; what else speaks against it the verb itself says.

        Raises:
            NotPermitted: that PIN is locked, or it is a purge and who does it may not.
        """
        with self.look(by) as turn:
            if what not in turn.rules.policies.second_person.pin or turn.ledger.person_doc(staff_id) is None:
                return False
            if what == "purge":  # Who may not purge has no use for a PIN but to guess it.
                lifecycle.check_role(what, None, turn.attempt(what, {}))
            state = _state(turn.ledger, staff_id)
            _check_open(turn, staff_id, state)
            return bool(state.key)

    def pin_resetter(self, by: By, staff_id: str) -> str:
        """Who may take back somebody's PIN, and is to type their own for it.

        Raises:
            NotFound: nobody has that id. NotPermitted: the role does not let them, or it is their own.
        """
        with self.look(by) as turn:
            return _resetter(turn, turn.person(staff_id))

    def pin_is_set(self, by: By, staff_id: str) -> bool:
        """Whether somebody has a PIN.

        Raises:
            NotPermitted: it is locked.
        """
        with self.look(by) as turn:
            state = _state(turn.ledger, staff_id)
            _check_open(turn, staff_id, state)
            return bool(state.key)

    def pin_confirmed(self, by: By, what: str, staff_id: str, text: str) -> By:
        """Try a PIN; answers with who does what that person confirmed by it.

        The try goes on record before anything is answered.

        Raises:
            UsageError: it is no PIN at all, which is no try. NotPermitted: it is wrong, or locked, or there is none.
        """
        typed = pin.read(text)
        from hmac import compare_digest

        with self.look(by) as turn:
            seen = _state(turn.ledger, staff_id)
        key = pin.derived(typed, bytes.fromhex(seen.salt)) if seen.key else ""
        with self.turn(by) as turn:
            state, wrong = _state(turn.ledger, staff_id), None
            _check_open(turn, staff_id, state)
            if not state.key or state.seq != seen.seq:
                raise _none(staff_id)
            right = compare_digest(key, state.key)
            entry = turn.append(pin.STREAM + staff_id, pin.RIGHT if right else pin.WRONG, {"for": what})
            if not right:
                wrong = _wrong(turn, staff_id, _state(turn.ledger, staff_id))
                wrong.zone = turn.rules.zone
        if wrong is not None:
            raise wrong
        return by._replace(confirmed=(what, staff_id, entry.seq))

    def pin_set(self, by: By, staff_id: str, *, new: str, old: str | None = None) -> Doc:
        """A person sets a PIN, or another one with the one before.

        Who has an account of their own does so there; else it is anyone's word whose PIN that is, and the entry says at
        which keyboard it was set.

        Raises:
            UsageError: the new one is no PIN, or too simple. NotFound: nobody has that id. NotPermitted: somebody else
                sets it, or elsewhere than at the person's own account, or the old one is wrong.
        """
        chosen = pin.checked(new)
        by = by if by.actor else by._replace(actor=staff_id)
        if old is not None:
            by = self.pin_confirmed(by, _OWN, staff_id, old)
        salt = self.ledger.salt(pin.SALT)
        kept = {"salt": salt.hex(), "key": pin.derived(chosen, salt)}
        with self.turn(by) as turn:
            person = turn.person(staff_id)
            _check_own(turn, person)
            state = _state(turn.ledger, staff_id)
            if state.key and not _holds(turn, _OWN, person.id, state):
                raise NotPermitted(N_("{who} has a PIN: to set another takes it"), who=person.id)
            entry = turn.append(pin.STREAM + person.id, pin.SET, kept)
            return {"id": person.id, "pin": True, "at": local_iso(entry.recorded_at, turn.rules.zone)}

    def pin_reset(self, by: By, staff_id: str, *, reason: str) -> Doc:
        """Somebody's forgotten PIN is taken back, by another whom the policies let, with their own PIN.

        Raises:
            NotFound: nobody has that id. NotPermitted: whose role does not let them, who confirmed with no PIN of their
                own, or would take back their own. NotAllowed: there is none.
        """
        told(reason=reason)
        with self.turn(by) as turn:
            person = turn.person(staff_id)
            _resetter(turn, person)
            confirmed(turn, _RESET, turn.actor)
            if not _state(turn.ledger, person.id).key:
                raise NotAllowed(N_("{who} has no PIN"), who=person.id)
            entry = turn.append(pin.STREAM + person.id, pin.RESET, {"reason": reason})
            return {"id": person.id, "pin": False, "at": local_iso(entry.recorded_at, turn.rules.zone)}


def confirmed(turn: Turn, what: str, second: Person) -> None:
    """Whether somebody confirmed just this by their PIN; asked inside the transaction.

    Raises:
        NotPermitted: they did not, or have no PIN; or they sit at the keyboard themselves, in another's name.
    """
    if second.os_user and turn.by.os_user == second.os_user and turn.actor.id != second.id:
        raise NotPermitted(N_("this is {second}'s own account, and it takes two: let {actor} do it at another one"),
                           second=second.id, actor=turn.actor.id)  # fmt: skip
    state = _state(turn.ledger, second.id)
    if not state.key:
        raise _none(second.id)
    if not _holds(turn, what, second.id, state):
        raise NotPermitted(N_("this takes the PIN of {who}: at a terminal it is asked for, a script names a file with "
                              "--pin-file"), who=second.id)  # fmt: skip


def _holds(turn: Turn, what: str, staff_id: str, state: State) -> bool:
    """Whether the turn has that person's word for just this, by the PIN that still is theirs."""
    said = turn.by.confirmed
    return said is not None and said[:2] == (what, staff_id) and (said[2], what) in state.right


def _state(reader: Reader, staff_id: str) -> State:
    return pin.fold(reader.entries(pin.STREAM + staff_id))


def _none(staff_id: str) -> NotPermitted:
    return NotPermitted(N_("{who} has no PIN yet: staff pin {who}"), who=staff_id)


def _resetter(turn: Turn, person: Person) -> str:
    lifecycle.check_role(_RESET, None, turn.attempt(_RESET, {}))
    own = turn.actor.os_user
    if own and turn.by.os_user != own:
        raise NotPermitted(N_("{who} takes back a PIN at their own account, {user}"), who=turn.actor.id, user=own)
    if turn.actor.id == person.id:
        raise NotPermitted(N_("a forgotten PIN is taken back by another: {who} cannot do it alone"), who=person.id)
    return turn.actor.id


def _check_own(turn: Turn, person: Person) -> None:
    if person.retired:
        raise NotPermitted(N_("{who} has left the desk"), who=person.id)
    if turn.actor.id != person.id:
        raise NotPermitted(N_("the PIN of {who} is set by {who} alone"), who=person.id)
    if person.os_user and turn.by.os_user != person.os_user:
        raise NotPermitted(N_("the PIN of {who} is set at {who}'s own account, {user}"), who=person.id,
                           user=person.os_user)  # fmt: skip


def _check_open(turn: Turn, staff_id: str, state: State) -> None:
    until = _locked(turn, state)
    if until is not None:
        raise NotPermitted(N_("the PIN of {who} was typed wrongly {tries} times: nobody can try before {until}"),
                           who=staff_id, tries=turn.rules.policies.second_person.tries, until=until)  # fmt: skip


def _locked(turn: Turn, state: State) -> datetime | None:
    terms = turn.rules.policies.second_person
    return state.locked_until(turn.now, terms.tries, terms.locked)


def _wrong(turn: Turn, staff_id: str, state: State) -> NotPermitted:
    terms = turn.rules.policies.second_person
    left = state.left(turn.now, terms.tries, terms.locked)
    until = _locked(turn, state)
    if until is not None:
        return NotPermitted(N_("that is not the PIN of {who}; nobody can try again before {until}"), who=staff_id,
                            until=until)  # fmt: skip
    return NotPermitted(N_("that is not the PIN of {who}; tries left: {left}"), who=staff_id, left=left)


def standing(turn: Turn) -> Doc:
    """How it stands with the PINs: who has one, and whose are locked, from where."""
    found: Doc = {"held": [], "locked": []}
    for doc in turn.ledger.staff():
        if doc["retired"]:
            continue
        state = _state(turn.ledger, doc["id"])
        if state.key:
            found["held"].append((doc["id"], doc["role"]))
        if until := _locked(turn, state):
            found["locked"].append((doc["id"], until, sorted({where for _, where in state.wrong})))
    return found
