"""Completion in the shells themselves: keys go in, and what the line became is what the program was started with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from shells import Shell, shell

from repairdesk.cli.completion import SCRIPTS
from tools_needed import needs


@pytest.fixture(params=sorted(SCRIPTS))
def typist(request: pytest.FixtureRequest, tmp_path: Path, full_desk: Path) -> Iterator[Shell]:
    """Somebody at a shell."""
    needs(request.param)
    folder = tmp_path / "somebody"
    folder.mkdir()
    with shell(request.param, folder, full_desk, SCRIPTS[request.param]) as there:
        yield there


LINES = {
    "repairdesk assi\t10 W1": ["assign", "10", "W1"],
    "repairdesk assign 0010\tW1": ["assign", "P20261122-0010", "W1"],
    "repairdesk assign 0010 NW2\t": ["assign", "0010", "W2"],
    "repairdesk show 1 --ent\t": ["show", "1", "--entries"],
    "repairdesk intake --kind=pub\tx": ["intake", "--kind=public_area", "x"],
    "repairdesk correct 1 prio\tlow": ["correct", "1", "priority=low"],
    "repairdesk intake --place 东\t": ["intake", "--place", "东门"],
    'repairdesk intake --place "东\t': ["intake", "--place", "东门"],
    "repairdesk show 1\tx": ["show", "1x"],
}
"""What is typed, with Tab, and the arguments that it comes to."""


@pytest.mark.sqlite
def test_the_line_becomes_what_was_meant(typist: Shell) -> None:
    for keys, arguments in LINES.items():
        if typist.name != "bash" and keys == "repairdesk show 1\tx":
            continue  # they go through the list, which is shown below
        assert typist.typed(keys)[0] == arguments, keys


def test_several_are_listed_with_what_they_are(typist: Shell) -> None:
    # Enter takes what fish and zsh point at; one more runs it.
    _, screen = typist.typed("repairdesk sign 1 --rating \t\t" + ("\r" if typist.name == "fish" else ""))
    for word in ("very-satisfied", "非常满意", "dissatisfied", "不满意"):
        assert word in screen
