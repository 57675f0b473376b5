"""Write docs/lifecycle.md: the life of an order as a diagram and as tables, from the table that the program runs on.

``--check`` writes nothing and fails when the page is not what the table says now.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from repairdesk.domain import guards
from repairdesk.domain.lifecycle import COORDINATION, ENDS, ORDER, TABLE, Row
from repairdesk.domain.policy import Policies
from repairdesk.rules.hydrate import build_policies
from repairdesk.rules.load import read_policies
from repairdesk.rules.preset import STANDARD, preset_text

PAGE = Path(__file__).resolve().parent.parent / "docs" / "lifecycle.md"

HEAD = """\
# The life of an order

<!-- Made by tools/lifecycle_page.py from src/repairdesk/domain/lifecycle.py and the standard policies; `make lifecycle`
writes it again. -->

Everything that can happen to an order is a row of one table in the program. This page is that table: what is typed,
from which state to which, who may do it by the standard preset, what a refusal says when a condition does not hold,
what the entry in the ledger keeps, and the rule of the procedures behind it. What a person may not do is refused with
exit code 12, everything else that the table does not allow with 10.

A refusal is decided in this order: the role of the person, the conditions on the person (marked †), the state, the
order of time, the other conditions.
"""

TITLES = {
    ORDER: "Work orders",
    COORDINATION: "Coordination orders",
}
INTRODUCTIONS = {
    ORDER: "An order begins as `reported`; solved on the phone it begins as `advised` (INT-6). What happens to it\n"
    "while its state stays is in the table only.",
    COORDINATION: "What becomes of an order that cannot be finished in time. It keeps the link to its order, which\n"
    "ends as `converted`, and carries no bill.",
}
# The table has one first state; that advice given on the phone begins elsewhere is decided by the intake (INT-6).
FURTHER_BEGINNINGS = {ORDER: ["    [*] --> advised: intake"], COORDINATION: []}
COLUMNS = ("Command", "From", "To", "Who may", "Conditions, as a refusal says them", "The entry keeps", "Rule")


def page() -> str:
    """The whole page as it should be."""
    policies = build_policies(read_policies(preset_text(STANDARD)[0], "policies.yaml").data)
    parts = [HEAD]
    for on, title in TITLES.items():
        rows = [row for row in TABLE if row.on == on]
        parts += [f"\n## {title}\n\n{INTRODUCTIONS[on]}\n\n", diagram(on, rows), "\n", table(rows, policies)]
    return "".join(parts)


def diagram(on: str, rows: Sequence[Row]) -> str:
    """The rows that lead from one state to another, as a Mermaid diagram."""
    edges: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for source in row.source or ("[*]",):
            if row.target and row.target != source:
                commands = edges.setdefault((source, row.target), [])
                if row.typed not in commands:
                    commands.append(row.typed)
    lines = [f"    {source} --> {target}: {' / '.join(commands)}" for (source, target), commands in edges.items()]
    drawn = {state for edge in edges for state in edge}
    ends = [f"    {state} --> [*]" for state in ENDS if state in drawn]
    return "\n".join(["```mermaid", "stateDiagram-v2", *FURTHER_BEGINNINGS[on], *lines, *ends, "```", ""])


def table(rows: Sequence[Row], policies: Policies) -> str:
    """The rows, one line each."""
    lines = [COLUMNS, ("---",) * len(COLUMNS), *(cells(row, policies) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cells(row: Row, policies: Policies) -> tuple[str, ...]:
    """What one row says in each column."""
    event = "" if row.typed == row.event else f" ({row.event})"
    source = " ".join(f"`{state}`" for state in row.source) or "–"
    target = f"`{row.target}`" if row.target else "stays"
    who = ", ".join(policies.may.get(row.verb, ()))
    told = (f"`{row.typed}`{event}", source, target, who, " ".join(conditions(row)), row.records, row.rule)
    return tuple(text.replace("|", "\\|") for text in told)


def conditions(row: Row) -> Iterator[str]:
    """The sentence of every guard, with its rule; a dagger marks those that are about the person."""
    for guard in (*row.persons, *row.standing, *row.guards):
        mark = " †" if guard in row.persons else ""
        sentence, _ = guards.sentences(guard)
        yield f"{sentence}{mark} ({guards.rule_of(guard)})"


def main(arguments: Sequence[str]) -> int:
    """Write the page, or with ``--check`` only say whether it is stale."""
    wanted = page()
    if list(arguments) == ["--check"]:
        there = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        if there != wanted:
            print(f"{PAGE.name} is not what the table says now: make lifecycle", file=sys.stderr)
        return int(there != wanted)
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
