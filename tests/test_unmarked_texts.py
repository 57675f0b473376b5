"""No text goes to a user unmarked: what is put out is looked through for words that the catalogue never hears of."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import catalog  # noqa: E402  (a tool of the repository, not of the package)

SINKS = frozenset(
    "put note print echo secho remark Remark Check Seen table pair named fields text progress prompt confirm ask "
    "Sentence Static Label Button Header notify add_column add_columns update write_line".split()
)
"""What shows its arguments to somebody, on the terminal or in the full screen."""
MARKED = catalog.MARKS | {"say", "sentence", "pgettext", "gettext"}
WORDS = re.compile(r"[A-Za-z]{3,}[,:;]? +[A-Za-z]{2,}")
"""Two words of English."""
ROOMS = ("cli", "desk", "domain", "documents", "notify", "batch", "rules", "tui", "demo", "ledger")

CODE = re.compile(
    r"SELECT |INSERT |UPDATE |DELETE |CREATE |PRAGMA |VALUES|WHERE |BEGIN|EXPLAIN|ATTACH |IS NOT NULL|ORDER BY "
    r"|RAISE |WHEN NOT |GRANT |REVOKE |ALTER |SET LOCAL |SET lock_timeout |DROP |VACUUM |DO \\$\\$"
    r"|extract\(|repairdesk |--form |export [A-Z]"
    r"|[a-z-]+: *[^;]+; *[a-z-]+:|\\\\|<[a-z]+ "
)
"""SQL, commands as they are typed, styles and markup."""
READ = {
    "cli/phases.py": "what a maintainer asks for with REPAIRDESK_DEBUG=time",
    "ledger/backup.py": "the first line of the list inside a backup",
    "ledger/compile.py": "for who changes the tables",
    "ledger/postgres_triggers.py": "SQL",
    "ledger/schema.py": "SQL",
}
"""Files whose words nobody at a desk reads, and why."""


def named(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def loose(node: ast.AST) -> Iterator[ast.Constant]:
    """The texts below a node that no mark stands over; what picks from a container is a key and no text."""
    if isinstance(node, ast.Call) and (named(node) in MARKED or named(node) in ("get", "getattr", "split", "strftime")):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    for field, value in ast.iter_fields(node):
        if isinstance(node, ast.Subscript) and field == "slice":
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from loose(child)


OURS = ("ValueError", "TypeError", "AssertionError", "OSError", "LookupError")
"""What says that the program itself is wrong: no user sees more of it than its kind."""


def unmarked(tree: ast.AST) -> Iterator[str]:
    """What is put out as it stands there, and the sentences that are put together of pieces."""
    raised = [n.exc for n in ast.walk(tree) if isinstance(n, ast.Raise) and isinstance(n.exc, ast.Call)]
    inner = {part for one in raised if named(one) in OURS for part in ast.walk(one)}
    for node in ast.walk(tree):
        if node in inner:
            continue
        if isinstance(node, ast.Call) and named(node) in SINKS - MARKED:
            parts = [*node.args, *(keyword.value for keyword in node.keywords)]
            yield from (one.value for part in parts for one in loose(part) if WORDS.search(one.value))
        elif isinstance(node, ast.JoinedStr):
            said = " ".join(one.value for one in node.values if isinstance(one, ast.Constant))
            yield from ([said] if WORDS.search(said) else [])


def files() -> list[Path]:
    found = (path for room in ROOMS for path in sorted((catalog.SOURCE / room).rglob("*.py")))
    return [path for path in found if not path.name.endswith("_sql.py")]


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_put_out_is_marked_for_translation(room: str) -> None:
    lost = [
        f"{path.relative_to(catalog.SOURCE)}: {text!r}"
        for path in files()
        if path.is_relative_to(catalog.SOURCE / room) and str(path.relative_to(catalog.SOURCE)) not in READ
        for text in unmarked(ast.parse(path.read_text(encoding="utf-8")))
        if not CODE.search(text)
    ]
    assert lost == []


def test_the_search_finds_what_is_not_marked() -> None:
    code = """
put("the tap leaks")
put(tr(N_("the tap drips")))
note(f"{number} is not here")
table(("number", "place"), rows)
raise NotFound(N_("there is no {x}"), x=f"{a} lies there")
"""
    assert sorted(unmarked(ast.parse(code))) == [" is not here", " is not here", " lies there", "the tap leaks"]


def helps() -> Iterator[tuple[str, str]]:
    """The help texts that the commands declare without a mark, and where."""
    for path in sorted((catalog.SOURCE / "cli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and named(node) in ("Option", "Argument", "Typer"):
                for keyword in node.keywords:
                    if keyword.arg in ("help", "rich_help_panel", "epilog", "short_help"):
                        yield from ((path.name, one.value) for one in loose(keyword.value))


def test_help_without_a_mark_is_a_list_of_codes() -> None:
    """Those the catalogue gets from the built commands; a sentence says itself that it wants translating."""
    codes = re.compile(r"[a-z_-]+(, [a-z_-]+)*\.?")
    assert [(name, text) for name, text in helps() if not codes.fullmatch(text)] == []
