"""Every refusal says what can be done now: in its own sentence, by what is possible, or by a remedy of its own."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from repairdesk.cli import remedies
from repairdesk.errors import NotAllowed, UsageError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import catalog  # noqa: E402  (a tool of the repository, not of the package)

SAYS = re.compile(
    r"""--[a-z] | did\ you\ mean | perhaps\ | choose: | there\ are: | has: | \b(?:say|write|give|run|wait|mend|keep
      | restore|rename|delete|sort|save|try\ again|choose|install|format|leave|type|take|put|hand|assign|look|chmod
      | name|set|use|export|let)\b | do\ without | init\ makes | staff\ (?:list|pin) | is\ for:
      | \((?:consent|start|returned)\) | make\ room
      | set\ the\ clock | stays\ due | usual\ are | it\ looks\ like | above\ 0 | 0\ or\ more | at\ most
      | rebill\ | reviews\ its\ fee | show\ tells | one\ of: | there\ is\ nothing\ to | \d+\ to\ \d+ | \{least\}\ to
      | digits,\ (?:hyphens|point) | goes\ with\ a\ folder | are\ printed\ by | its\ stock\ cost | stand\ for\ one
      | four\ digits | own\ name | such\ as | Enter\ takes""",
    re.VERBOSE,
)
"""How a sentence names a way out. It is a rough look; what it lets pass, somebody has read."""

PROGRAM = {
    "“{id}” is no staff id: entries of the program itself are by that name": "any other id will do",
}
"""What needs no more, and why."""


def texts(node: ast.expr, names: dict[str, list[ast.expr]]) -> Iterator[str]:
    """The templates that an argument can be: written there, marked, chosen between, or kept under a name before."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Call) and node.args:
        yield from texts(node.args[0], names)
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body, names)
        yield from texts(node.orelse, names)
    elif isinstance(node, ast.Name):
        for value in names.get(node.id, ()):
            yield from texts(value, {})


TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(catalog.SOURCE.rglob("*.py"))}


def raised() -> Iterator[tuple[Path, str, str, bool]]:
    """Of every error in the code: the file, its class, a template, and whether it says what is possible."""
    for path, tree in TREES.items():
        names: dict[str, list[ast.expr]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                names.setdefault(node.targets[0].id, []).append(node.value)
        for node in ast.walk(tree):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and name in catalog.ERRORS and node.args:
                possible = any(keyword.arg == "possible" for keyword in node.keywords)
                yield from ((path, name, text, possible) for text in texts(node.args[0], names))


RAISED = list(raised())


def test_the_walk_finds_the_errors_of_every_room() -> None:
    assert len({text for _, _, text, _ in RAISED}) > 280
    assert {path.parent.name for path, *_ in RAISED} >= {"cli", "batch", "desk", "domain", "ledger", "rules"}


def of_a_row(path: Path, name: str) -> bool:
    """Told of a row of a file, with its column and value: there it is mended."""
    room = path.parent.name
    return (room == "batch" and name in ("BadInput", "UsageError", "NotAllowed")) or path.name == "histories.py"


def test_every_refusal_says_what_can_be_done_now() -> None:
    silent = {
        f"{path.name}: {name}({text!r})"
        for path, name, text, possible in RAISED
        if not possible and not of_a_row(path, name)
        and text not in PROGRAM and not SAYS.search(text) and not remedies.told(text)
    }  # fmt: skip
    assert silent == set(), "say what to do in the sentence itself, or in cli/remedies.py"


def test_a_sentence_without_a_way_out_would_be_found() -> None:
    assert not SAYS.search("there is no order {number}")
    assert SAYS.search("there is no order {number}; did you mean {near}?")


def test_no_remedy_is_kept_for_a_refusal_that_is_gone() -> None:
    said = {text for one in _of_guards() for text in (*one, " ".join(one))}
    known = {text for _, _, text, _ in RAISED} | said | set(_elsewhere())
    assert sorted(remedies.everything() - known) == []


def _of_guards() -> Iterator[tuple[str, str]]:
    from repairdesk.domain import guards

    return (guards.sentences(guard) for guard in guards._RULES)


def _elsewhere() -> Iterator[str]:
    """Templates that come to an error by another way: in tables of the code, all of them marked."""
    for tree in TREES.values():
        yield from catalog.marked(tree)


def test_a_remedy_has_only_places_that_its_refusals_fill() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    strange = [
        (text, against)
        for text, all_of_them in remedies._REMEDIES.items()
        for against in all_of_them
        if not places(text) <= places(against)
    ]
    assert strange == []


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (["list", "--stte", "x"], "repairdesk list"),
        (["staff", "add", "--nme"], "repairdesk staff add"),
        (["nonsense"], "repairdesk"),
        ([], "repairdesk"),
    ],
)
def test_a_slip_of_typing_is_shown_the_page_of_its_command(argv: list[str], command: str) -> None:
    found = remedies.remedy(UsageError("{name} needs a value", name="--fee"), argv)
    assert found == (remedies.HELP, {"command": command})


def test_a_refusal_that_says_it_itself_has_no_remedy_besides() -> None:
    assert remedies.remedy(NotAllowed("the first; did you mean {near}?", near=["x"]), []) is None


def _ill() -> Iterator[str]:
    """The sentences with which ``doctor`` finds something ill."""
    for name in ("health", "access", "reach", "rulefiles"):
        for function in ast.walk(TREES[catalog.SOURCE / "desk" / f"{name}.py"]):
            if not isinstance(function, ast.FunctionDef):
                continue
            assigned = [n for n in ast.walk(function) if isinstance(n, ast.Assign)]
            for node in ast.walk(function):
                if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Check", "Seen")):
                    continue
                if not any(isinstance(one, ast.Constant) and one.value is False for one in node.args):
                    continue
                remark = node.args[-1]
                first = remark.args[0] if isinstance(remark, ast.Call) else remark
                # A name says what it was given last before.
                names = {n.targets[0].id: [n.value] for n in sorted(assigned, key=lambda n: n.lineno)
                         if isinstance(n.targets[0], ast.Name) and n.lineno < node.lineno}  # fmt: skip
                yield from texts(first, names)


def test_every_finding_of_doctor_names_the_command_that_mends_it() -> None:
    found = set(_ill())
    assert len(found) > 15
    # A locked PIN opens by itself, at the time that is named.
    own = re.compile(r"chmod|nobody can try before|set the clock")
    assert sorted(text for text in found if not own.search(text) and remedies.mend(text) is None) == []
