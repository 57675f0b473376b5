"""Every event in every state by every role, against a table that was written by hand from the rulebook.

``matrix.csv`` says from which states an event is possible, where it leads (= where the state stays) and who may do it
(the rulebook's Life of an order, Who may). It is not made from ``lifecycle.TABLE``: a test that is cannot find a wrong
table. What a person may not do is 12 even where the state refuses it too; everything else that is not there is 10.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from repairdesk.cli.app import CHAPTERS
from repairdesk.domain import effects, guards, lifecycle, vocabulary
from repairdesk.domain.attempt import Attempt
from repairdesk.domain.entry import Entry
from repairdesk.domain.finance import Payment
from repairdesk.domain.lifecycle import COORDINATION, ENDS, ORDER, STATES, TABLE
from repairdesk.domain.order import Order, Taken
from repairdesk.domain.policy import Policies
from repairdesk.domain.staff import Person
from repairdesk.errors import DeskError
from repairdesk.rules.hydrate import build_policies
from repairdesk.rules.load import read_policies
from repairdesk.rules.preset import preset_text

START = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
NOW = START + timedelta(days=1)

# --- who

PEOPLE = {role: Person(role, role, role) for role in vocabulary.ROLES}
PEOPLE["assignee"] = Person("W1", "assignee", "technician")
PEOPLE["tracker"] = Person("C9", "tracker", "clerk")
PEOPLE["nobody"] = Person("os:guest", "guest", None)

# --- which order

INTAKE = {"kind": "in_home", "place": "3-2-501", "policies_version": "p", "fees_version": "f"}
OPEN = INTAKE | {"converted_from": "P20261122-0001", "tracker": "C9"}
APPOINTMENT = {"start": "2026-11-24T01:00:00Z", "end": "2026-11-24T02:00:00Z"}
# What the entry of each event keeps, as far as the state depends on it.
DATA: Mapping[str, Mapping[str, Any]] = {
    "join": {"caller": "Li", "phone": None},
    "quote": {"fee": 5000},
    "infeasible": {"reason": "R"},
    "consent": {"fee": 5000},
    "decline": {"reason": "R"},
    "assign": {"assignee": "W1"},
    "retrack": {"tracker": "C9"},
    "pause": {"at": "2026-11-22T02:00:00Z", "reason": "parts", "next": "2026-11-24T02:00:00Z"},
    "reschedule": {"appointment": APPOINTMENT},
    "returned": {"items": ["pump"]},
    "finish": {"found": "F", "result": "R", "bill": {"lines": [], "total": 5000, "paid": True}},
    "rebill": {"bill": {"lines": [], "total": 4000, "paid": True}, "reason": "R"},
    "pay": {"amount": 5000, "method": "cash", "receipt": "R20261122-0001"},
    "refund": {"amount": 100, "method": "cash", "receipt": "R20261122-0002", "reason": "R"},
    "sign": {"by": "Li", "rating": "satisfied"},
    "sign-unsigned": {"unsigned_reason": "R"},
    "cancel": {"reason": "R"},
    "correct": {"fields": {"fault": {"old": "F", "new": "G"}}},
    "exempt": {"reason": "R"},
    "convert": {"coordination": "X20261122-0001"},
    "callback": {"at": ".", "outcome": "satisfied", "method": "phone", "signed_by": None, "note": None, "next": None},
    "hear": {"at": "2026-11-22T02:00:00Z", "role": "manager", "said": "S"},
    "settle": {"at": "2026-11-22T02:00:00Z", "reason": "R"},
    "explain": {"at": ".", "reason": "R", "expected": ".", "to": None, "role": "supervisor"},
    "recheck": {"at": ".", "outcome": "ok", "note": None},
    "settle-remark": {"at": ".", "note": "N"},
    "log": dict.fromkeys(("at", "place", "contact", "phone", "content", "opinions", "plan"), "."),
    "check": {"at": "2026-11-22T02:00:00Z", "role": "leader", "support": "S"},
    "attach": dict.fromkeys(("name", "what", "media_type", "bytes", "sha256", "file", "at", "note"), "."),
}
# What happened so far, from the first entry to the state.
HISTORIES = {
    ORDER: {
        "reported": "intake",
        "advised": "intake",
        "quoted": "intake quote",
        "assigned": "intake assign",
        "on_site": "intake assign arrive start",
        "paused": "intake assign arrive start pause",
        "finished": "intake assign arrive start finish",
        "signed": "intake assign arrive start finish sign",
        "closed": "intake assign arrive start finish sign close",
        "archived": "intake assign arrive start finish sign close archive",
        "declined": "intake assign decline",
        "cancelled": "intake assign cancel",
        "converted": "intake assign convert",
    },
    COORDINATION: {
        "tracking": "open",
        "finished": "open finish",
        "signed": "open finish sign",
        "closed": "open finish sign close",
        "archived": "open finish sign close archive",
    },
}
# Who did it, where the order remembers that.
DOERS = {"arrive": "W1", "start": "W1", "log": "C9"}


def after(order: Order | None, event: str, number: str) -> Order:
    """The order after one more entry of that event."""
    version = order.version + 1 if order else 1
    data = {"intake": INTAKE, "open": OPEN}.get(event) or DATA.get(event, {})
    actor, at = DOERS.get(event, "somebody"), START + timedelta(minutes=version)
    written = event.removesuffix("-unsigned")
    return effects.apply(order, Entry(version, number, version, written, actor, "os:x", at, at, False, data))


def in_state(on: str, state: str, event: str) -> Order:
    """An order in that state, and such that nothing but the state could speak against the event."""
    history = HISTORIES[on][state].split()
    if event == "start" and state == "on_site":
        history.remove("start")
    order: Order | None = None
    for step in history:
        order = after(order, step, "P20261122-0001" if on == ORDER else "X20261122-0001")
    assert order is not None
    if state == "advised":
        order = order._replace(state="advised")
    if event in ("hear", "settle"):
        order = order._replace(rating="dissatisfied")
    if event == "settle-remark":
        remark = {"outcome": "dissatisfied", "method": "phone", "next": None, "seq": 1}
        order = order._replace(callbacks=(remark,))
    if event == "returned":
        order = order._replace(taken=(Taken("pump", None, START),))
    if event == "refund":
        order = order._replace(payments=(Payment(5000, "cash", "R20261122-0001", START, "F1"),))
    if event == "close":
        # The leader's check needs somebody else to have worked; that it was the assignee is in the visits.
        assert on == COORDINATION or "arrive" not in history or order.workers == {"W1"}
    assert order.state == state
    return order


# --- what is tried: everything that the guards could ask for is there

SAID: Mapping[str, Mapping[str, Any]] = {
    "quote": {"fee": 5000},
    "consent": {"fee": 5000},
    "decline": {"second": Person("S1", "second", "supervisor")},
    "assign": {"assignee": Person("W2", "other", "technician"), "reason": "R"},
    "retrack": {"tracker": Person("C8", "another", "clerk"), "reason": "R"},
    "pause": {"next": NOW + timedelta(days=1)},
    "reschedule": {"appointment": (NOW, NOW + timedelta(hours=1))},
    "returned": {"items": ["pump"]},
    "sign": {"by": "Li", "rating": "satisfied"},
    "sign-unsigned": {"unsigned": True, "reason": "R"},
    "pay": {"amount": 5000},
    "refund": {"amount": 100},
    "explain": {"expected": NOW + timedelta(days=1)},
    "correct": {"fields": {"fault": {"old": "F", "new": "G"}}},
    "convert": {"tracker": PEOPLE["tracker"]},
    "attach": {"media": "jpeg", "bytes": 1000},
}


def outcome(on: str, event: str, state: str, role: str, policies: Policies) -> str:
    """``allowed``, or the exit code of the refusal."""
    attempt = Attempt(event.removesuffix("-unsigned"), PEOPLE[role], NOW, NOW, policies, SAID.get(event, {}))
    try:
        row = lifecycle.permit(in_state(on, state, event), attempt)
    except DeskError as refusal:
        return str(int(refusal.exit))
    assert row.on == on
    return "allowed"


# --- the hand-written table


@dataclass(frozen=True)
class Line:
    """A line of ``matrix.csv``."""

    on: str
    event: str
    source: tuple[str, ...]
    target: str
    roles: tuple[str, ...]
    rule: str


def lines() -> Iterator[Line]:
    with (Path(__file__).parent / "matrix.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield Line(row["on"], row["event"], tuple(row["from"].split()), row["to"], tuple(row["roles"].split()),
                       row["rule"])  # fmt: skip


LINES = tuple(lines())
# Every event of either kind of order, with the rules that its lines rest on.
EVENTS = {
    (line.on, line.event): {other.rule for other in LINES if (other.on, other.event) == (line.on, line.event)}
    for line in LINES
}
# In these states of a work order nobody has it yet: its assignee-to-be is one technician among others.
NOBODY_HAS_IT = ("reported", "quoted", "advised")


def role_counts(line: Line, role: str, state: str) -> bool:
    """Whether a line's roles take in this person: order roles only where the order gives them."""
    if role == "assignee":
        return "assignee" in line.roles and line.on == ORDER and state not in NOBODY_HAS_IT
    if f"!{role}" in line.roles:
        return False
    if role == "tracker":
        return ("tracker" in line.roles and line.on == COORDINATION) or "clerk" in line.roles
    return role in line.roles


def expected(on: str, event: str, state: str, role: str) -> str:
    """What the hand-written table says."""
    mine = [line for line in LINES if (line.on, line.event) == (on, event)]
    here = [line for line in mine if state in line.source]
    # Where the state has no line, whoever may do it in a like state is refused by the state, everyone else as a person:
    # who may decline depends on whether a technician has the order (QUO-3).
    alike = [line for line in mine if any((s in NOBODY_HAS_IT) == (state in NOBODY_HAS_IT) for s in line.source)]
    if not any(role_counts(line, role, state) for line in here or alike or mine):
        return "12"
    return "allowed" if here else "10"


@pytest.fixture(scope="module")
def policies() -> Policies:
    """The standard preset's."""
    return build_policies(read_policies(preset_text("standard")[0], "policies.yaml").data)


def differences(on: str, event: str, policies: Policies) -> list[str]:
    cells = [(state, role) for state in HISTORIES[on] for role in PEOPLE]
    return [
        f"{event} in {state} by {role}: {found}, the rulebook says {wanted}"
        for state, role in cells
        if (found := outcome(on, event, state, role, policies)) != (wanted := expected(on, event, state, role))
    ]


@pytest.mark.parametrize(
    ("on", "event"),
    [
        pytest.param(on, event, id=f"{on}-{event}", marks=[pytest.mark.rule(rule) for rule in sorted(rules)])
        for (on, event), rules in EVENTS.items()
    ],
)
def test_an_event_is_allowed_just_where_and_to_whom_the_rulebook_allows_it(
    on: str, event: str, policies: Policies
) -> None:
    assert not differences(on, event, policies)


def test_what_is_no_verb_of_this_kind_of_order_is_refused_to_the_person_first(policies: Policies) -> None:
    strange = [(o, e) for e, o in {(e, o) for _, e in EVENTS for o in HISTORIES} if (o, e) not in EVENTS]
    wrong = []
    for on, event in sorted(strange):
        elsewhere = [line for line in LINES if line.event == event]
        for role in PEOPLE:
            # Nobody is the assignee of a coordination order, nor the tracker of a work order.
            may = any(role_counts(replace(line, on=on), role, "reported") for line in elsewhere)
            found = outcome(on, event, next(iter(HISTORIES[on])), role, policies)
            if found != ("10" if may else "12"):
                wrong.append(f"{event} of a {on} by {role}: {found}")
    assert not wrong


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.on}-{line.event}-{line.source[0]}")
def test_an_entry_leads_to_the_state_that_the_rulebook_names(line: Line, policies: Policies) -> None:
    for state in line.source:
        before = in_state(line.on, state, line.event)
        assert after(before, line.event, before.number).state == (state if line.target == "=" else line.target)


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.on}-{line.event}")
def test_the_table_says_the_same_target_and_verb_as_the_rulebook(line: Line) -> None:
    event, unsigned = line.event.removesuffix("-unsigned"), line.event.endswith("-unsigned")
    targets = {
        row.target or "="
        for row in TABLE
        if (row.on, row.event) == (line.on, event) and set(line.source) & set(row.source)
        and (event != "sign" or unsigned == (row.verb == "sign-unsigned"))
    }  # fmt: skip
    assert targets == {line.target}


# --- exceptions that no cross of states and roles shows


@pytest.mark.rule("FIN-5")
def test_a_leader_who_did_the_work_may_not_close_it(policies: Policies) -> None:
    order = in_state(ORDER, "signed", "close")
    promoted = Person("W1", "once a technician", "leader")
    assert refusal_of(order, Attempt("close", promoted, NOW, NOW, policies)) == (12, "FIN-5")


@pytest.mark.rule("COO-4")
def test_a_leader_who_tracks_a_coordination_order_may_not_check_it(policies: Policies) -> None:
    order = in_state(COORDINATION, "tracking", "check")
    assert refusal_of(order, Attempt("check", Person("C9", "", "leader"), NOW, NOW, policies)) == (12, "COO-4")


@pytest.mark.rule("FIN-5")
def test_a_leader_who_tracked_a_coordination_order_may_not_close_it(policies: Policies) -> None:
    order = in_state(COORDINATION, "signed", "close")
    assert refusal_of(order, Attempt("close", Person("C9", "", "leader"), NOW, NOW, policies)) == (12, "FIN-5")


@pytest.mark.rule("QUO-2")
def test_unlisted_work_is_neither_agreed_to_nor_assigned_before_its_review(policies: Policies) -> None:
    order = in_state(ORDER, "reported", "assign")._replace(unlisted=True)
    assert refusal_of(order, Attempt("consent", PEOPLE["clerk"], NOW, NOW, policies, {"fee": 1})) == (10, "QUO-2")
    assert refusal_of(order, Attempt("assign", PEOPLE["clerk"], NOW, NOW, policies, SAID["assign"])) == (10, "QUO-2")


@pytest.mark.rule("VIS-6")
@pytest.mark.parametrize(("event", "state"), [("close", "signed"), ("cancel", "paused")])
def test_nothing_ends_while_something_is_out(event: str, state: str, policies: Policies) -> None:
    order = in_state(ORDER, state, event)._replace(taken=(Taken("pump", None, START),))
    assert refusal_of(order, Attempt(event, PEOPLE["leader"], NOW, NOW, policies)) == (10, "VIS-6")


@pytest.mark.rule("COO-1")
@pytest.mark.parametrize("kind", ["complaint", "help"])
def test_complaints_and_help_requests_are_not_coordinated(kind: str, policies: Policies) -> None:
    order = in_state(ORDER, "reported", "convert")._replace(kind=kind)
    assert refusal_of(order, Attempt("convert", PEOPLE["leader"], NOW, NOW, policies, SAID["convert"])) == (10, "COO-1")


def test_who_has_left_does_nothing_any_more(policies: Policies) -> None:
    order = in_state(ORDER, "reported", "cancel")
    assert refusal_of(order, Attempt("cancel", Person("C1", "", "clerk", retired=True), NOW, NOW, policies)) == (
        12,
        None,
    )


def refusal_of(order: Order, attempt: Attempt) -> tuple[int, str | None]:
    with pytest.raises(DeskError) as caught:
        lifecycle.permit(order, attempt)
    return int(caught.value.exit), caught.value.rule


# --- the table in itself, and with its neighbours

COMMANDS = {name for chapter in ("flow", "coordination") for name in CHAPTERS[chapter].split()}
ALL = {name for names in CHAPTERS.values() for name in names.split()}


def test_every_row_is_typed_with_a_command_of_the_program() -> None:
    assert not {row.typed for row in TABLE} - ALL


def test_every_command_of_an_order_has_a_row() -> None:
    assert not COMMANDS - {row.typed for row in TABLE}


def test_every_state_can_be_reached() -> None:
    # An order that was solved on the phone begins there (INT-6).
    reached = {row.target for row in TABLE} | {"advised"}
    assert set(STATES) - reached == set()


@pytest.mark.parametrize("state", sorted(set(STATES) - set(ENDS)))
def test_every_state_that_is_no_end_can_be_left(state: str) -> None:
    assert [row for row in TABLE if state in row.source and row.target not in (None, state)]


@pytest.mark.parametrize("state", sorted(set(ENDS) - {"advised"}))
def test_an_end_is_never_left(state: str) -> None:
    assert not [row for row in TABLE if state in row.source and row.target not in (None, state)]


def test_every_state_named_in_the_table_is_a_state() -> None:
    assert not {state for row in TABLE for state in (*row.source, row.target or "archived")} - set(STATES)


GUARDS = sorted({g for row in TABLE for g in (*row.persons, *row.standing, *row.guards)}, key=lambda g: g.__name__)


@pytest.mark.parametrize("guard", GUARDS, ids=lambda g: g.__name__)
def test_a_guard_has_a_sentence_and_a_rule(guard: lifecycle.Guard) -> None:
    sentence, _ = guards.sentences(guard)
    assert sentence.endswith(".")
    assert sentence[0].isupper()
    assert guards.rule_of(guard)


def test_every_guard_that_is_written_is_used() -> None:
    written = {f for name, f in vars(guards).items() if callable(f) and guards.rule_of(f)}
    assert written == set(GUARDS)


def test_every_event_of_an_order_has_a_row_or_is_the_systems_own() -> None:
    assert set(effects.EVENTS) - {row.event for row in TABLE} == {
        "settled", "escalate", "revert", "void", "taken-over",
    }  # fmt: skip
    assert not {row.event for row in TABLE} - set(effects.EVENTS)


def test_the_policies_can_name_every_event() -> None:
    # A work that is not feasible is told to the obligations as its review and its end; what the night does to them
    # its entries say themselves; on what another system left nothing is owed, or what the take-over says.
    itself = {"infeasible", "escalate", "revert", "as-found", "taken-over"}
    assert set(effects.EVENTS) - itself <= set(vocabulary.EVENTS)
    # The month of finance is handed over, and an opinion is of a month; no order is.
    assert set(vocabulary.ENTRIES) - set(effects.EVENTS) == {"hand-over", "opinion"}


def test_every_row_asks_for_a_verb_that_the_policies_grant(policies: Policies) -> None:
    assert {row.verb for row in TABLE} <= set(vocabulary.VERBS)
    assert {row.verb for row in TABLE} <= set(policies.may)
    assert set(policies.may) <= set(vocabulary.VERBS)


def test_what_a_refusal_calls_possible_is_what_the_table_has_for_the_state(policies: Policies) -> None:
    told = lifecycle.possible(in_state(ORDER, "signed", "close"), policies)
    assert told == ["close"]
    told = lifecycle.possible(in_state(ORDER, "on_site", "finish"), policies)
    assert told == ["quote", "consent", "pause", "support", "finish", "exempt", "convert"]
    told = lifecycle.possible(in_state(ORDER, "on_site", "start"), policies)
    assert told == ["quote", "consent", "start", "pause", "support", "exempt", "convert"]
    told = lifecycle.possible(in_state(COORDINATION, "tracking", "log"), policies)
    assert told == ["assign", "log", "check", "exempt", "finish"]


def test_a_matrix_that_says_otherwise_is_found(monkeypatch: pytest.MonkeyPatch, policies: Policies) -> None:
    wrong = Line(ORDER, "pause", ("on_site", "finished"), "paused", ("assignee", "manager"), "VIS-5")
    monkeypatch.setitem(globals(), "LINES", (*LINES, wrong))
    found = differences(ORDER, "pause", policies)
    assert "pause in on_site by manager: 12, the rulebook says allowed" in found
    assert "pause in finished by assignee: 10, the rulebook says allowed" in found
