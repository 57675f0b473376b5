"""What a command loads when it is typed: each module costs whoever waits, so none comes in unseen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
YARDSTICK = "import typer, sqlite3, decimal, zoneinfo, sys; print(*sys.modules)"
TYPED = """
import sys
from repairdesk.cli.__main__ import run
sys.argv[0] = "repairdesk"
try:
    run()
finally:
    print("LOADED", *sys.modules, file=sys.stderr)
"""

NOT_OURS = frozenset(
    "__future__ _json gc json json.decoder json.encoder json.scanner pwd typer._click.decorators unicodedata "
    "_sha256 _sha2".split()
)
"""Beyond the yardstick. No OpenSSL (hashlib, secrets), which takes longer to load than all of ours."""
EVERY = frozenset(
    "cli cli.__main__ cli.app cli.common cli.render cli.render.channels cli.render.sentences cli.render.words "
    "cli.typer_words cli.whereabouts desk desk.base desk.leaving desk.rulebooks desk.turn domain domain.attachment "
    "domain.attempt domain.clock domain.clocks domain.completeness domain.counting domain.digests domain.draw "
    "domain.effects domain.entry domain.finance domain.guards domain.household domain.judging domain.keeping "
    "domain.ladder domain.lifecycle domain.masking domain.message domain.money domain.obligations domain.order "
    "domain.periods domain.policy domain.record domain.shape domain.staff domain.subject domain.times "
    "domain.vocabulary errors ledger ledger.chain ledger.connection ledger.database ledger.files ledger.journal "
    "ledger.listing ledger.projection ledger.sqlite_sql ledger.versions lent locale rules rules.hydrate".split()
)
"""What every command loads of ours."""
OWN = {
    "intake": "cli.flow cli.render.orders desk.households desk.reporting domain.intake domain.spelling ledger.finding",
    "assign": "cli.flow cli.render.orders desk.households desk.reporting domain.intake domain.spelling ledger.finding",
    "show": "cli.looking cli.render.bills cli.render.orders cli.render.whole cli.telling desk.households "
    "desk.looking domain.intake domain.spelling locale.width",
    "list": "cli.looking cli.render.listing cli.render.orders desk.households desk.looking domain.intake "
    "domain.spelling",
    "why": "cli.accounts cli.looking cli.render.bills cli.render.orders desk.explaining domain.account "
    "locale.width",
    "board": "cli.looking cli.render.board desk.coordinating desk.escalating desk.heads desk.health desk.households "
    "desk.looking desk.opinions desk.outbox desk.reckoning desk.reporting desk.roster desk.rulefiles desk.statement "
    "domain.intake domain.opinions domain.spelling ledger.codes",
}  # fmt: skip
"""And what these load besides."""

INTAKE = [
    "intake", "--kind", "in_home", "--place", "3-2-501", "--caller", "张三", "--phone", "13800138000",
    "--fault", "漏水", "--new", "--as", "C1",
]  # fmt: skip


class Typist:
    """Types commands, each into a fresh interpreter."""

    def __init__(self, home: Path) -> None:
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("REPAIRDESK_", "PYTHON"))}
        self.env |= {"PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1", "REPAIRDESK_HOME": str(home)}

    def python(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, *arguments]
        ran = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran

    def answer(self, *arguments: str) -> Any:
        return json.loads(self.python(TYPED, *arguments, "--json").stdout)

    def loaded(self, *arguments: str) -> set[str]:
        return set(self.python(TYPED, *arguments).stderr.rsplit("LOADED ", 1)[1].split())


@pytest.fixture(scope="module")
def typist(tmp_path_factory: pytest.TempPathFactory) -> Typist:
    """A desk whose rules were read once, with a clerk and a technician."""
    home = tmp_path_factory.mktemp("cold") / "desk"
    typist = Typist(home)
    typist.python(TYPED, "init", "--home", str(home))
    typist.python(TYPED, "staff", "add", "C1", "--name", "李客服", "--role", "clerk")
    typist.python(TYPED, "staff", "add", "W1", "--name", "赵师傅", "--role", "technician", "--trade", "plumbing")
    typist.python(TYPED, *INTAKE)
    return typist


@pytest.mark.parametrize("command", OWN)
def test_a_command_loads_what_it_needs_and_nothing_else(typist: Typist, command: str) -> None:
    bare = set(typist.python(YARDSTICK).stdout.split())
    number = typist.answer(*INTAKE)["number"]
    arguments = {
        "intake": INTAKE, "assign": ["assign", number, "W1", "--as", "C1"], "show": ["show", number],
        "list": ["list"], "why": ["why", number], "board": ["board"],
    }  # fmt: skip
    loaded = typist.loaded(*arguments[command], "--json") - bare
    ours = {name.removeprefix("repairdesk.") for name in loaded if name.startswith("repairdesk.")}
    assert ours - EVERY == set(OWN[command].split())
    assert ours >= EVERY
    assert {name for name in loaded if not name.startswith("repairdesk")} <= NOT_OURS


def test_value_types_of_ours_are_not_made_by_typing() -> None:
    """A class of ``typing.NamedTuple`` takes ten times as long to make, and a command makes a hundred."""
    files = (path for path in (SOURCE / "repairdesk").rglob("*.py") if path.stem not in ("record", "compile"))
    said = "from typing import"
    assert [
        path.name
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith(said) and "NamedTuple" in line
    ] == []
