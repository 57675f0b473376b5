"""Completion of a ledger on a server: the same as of a file, without the driver, and never for long."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from repairdesk import locale
from repairdesk.cli import completing
from repairdesk.ledger import libpq

# Each asks a file and a server.
pytestmark = pytest.mark.sqlite
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import sys; from repairdesk.cli.__main__ import run; run()"
LINES = (
    ("assign", ""), ("show", ""), ("show", "0011"), ("show", "P2026"), ("show", "x"), ("finish", "1122-001"),
    ("assign", "0001", ""), ("assign", "0001", "N"), ("start", "0011", "--check", ""), ("intake", "--service", ""),
    ("intake", "--place", ""), ("intake", "--place", "1"), ("intake", "--category", ""), ("returned", "0012", ""),
    ("report", "month", "--month", ""), ("explain", "0011", ""), ("intake", "--place", "3'; DROP TABLE orders --"),
    ("show", "%(number)s"), ("show", "$1"), ("show", "\\"), ("intake", "--place", "大\u3000"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def english() -> None:
    locale.use("en")


@pytest.fixture(scope="module")
def url(_templates: tuple[Path, Path], database: Callable[[], str]) -> str:
    """The full desk's ledger as that of a site, and a login that only reads it."""
    import psycopg

    from repairdesk.ledger import postgres_grants
    from repairdesk.ledger.copying import copy
    from repairdesk.ledger.files import File
    from repairdesk.ledger.postgres import Server

    found = database()
    copy(File(_templates[1] / "ledger.db"), Server(found, "elm"))
    with psycopg.connect(found, autocommit=True) as owner:
        owner.execute("CREATE ROLE tab LOGIN")
    postgres_grants.admit(Server(found, "elm"), "tab", "reader", None, others=False)
    return found.replace("postgresql://postgres@", "postgresql+psycopg://tab@")


def answered(*words: str) -> str:
    return completing.answer("fish", words, ["100"])


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_the_same_is_offered_as_of_a_file(
    words: tuple[str, ...], url: str, full_desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quietly() -> str:
        try:
            return answered(*words)
        except LookupError as nothing:
            return repr(nothing)

    of_file = quietly()
    (full_desk / "ledger.db").unlink()
    monkeypatch.setenv("REPAIRDESK_LEDGER", url)
    monkeypatch.setenv("REPAIRDESK_SITE", "elm")
    assert quietly() == of_file


def test_a_ledger_and_its_site_can_be_typed(url: str, full_desk: Path) -> None:
    assert "P20261122-0010" in answered("assign", "--ledger", url, "--site", "elm", "")


@pytest.mark.parametrize("site", ["none", "Elm", 'elm"', "all", "public"])
def test_a_site_that_is_none_or_whose_name_is_none_is_answered_with_nothing(
    url: str, full_desk: Path, site: str
) -> None:
    with pytest.raises((OSError, LookupError)):
        answered("assign", "--ledger", url, "--site", site, "")


def test_it_only_looks(url: str) -> None:
    with libpq.connected(url.replace("+psycopg", "").replace("tab@", "postgres@")) as ask:
        from repairdesk.ledger.glance import _LOOKING

        ask(_LOOKING.format(schema="repairdesk_elm"), {})
        assert ask("SELECT number FROM orders WHERE number = %(number)s", {"number": "P20261122-0001"})[1]
        with pytest.raises(OSError, match="does not do it"):
            ask("UPDATE orders SET place = %(place)s", {"place": "x"})


def test_values_come_back_as_what_they_are(url: str) -> None:
    with libpq.connected(url.replace("+psycopg", "")) as ask:
        names, rows = ask("SELECT 1 AS a, NULL AS b, 'ü' || %(x)s || %(x)s AS c", {"x": "漏"})
    assert (list(names), rows) == (["a", "b", "c"], [(1, None, "ü漏漏")])


# --- as a shell asks


def process(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A press of a key; it would wait for as long as a test may."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("REPAIRDESK_", "PG"))}
    plain |= {"PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1", completing.VARIABLE: "zsh 100", **env}
    return subprocess.run([sys.executable, "-c", PROGRAM, *words], env=plain, capture_output=True, text=True,
                          encoding="utf-8", check=False)  # fmt: skip


def test_it_is_answered_without_the_driver(url: str, full_desk: Path) -> None:
    program = (
        "import sys\nfrom repairdesk.cli import completing\n"
        "print(completing.answer('zsh', ['assign', ''], ['80']))\nprint('LOADED', *sys.modules)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "REPAIRDESK_LEDGER": url, "REPAIRDESK_SITE": "elm"}
    said = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True).stdout
    assert "P20261122-0010" in said
    loaded = set(said.rsplit("LOADED ", 1)[1].split())
    assert loaded & {"psycopg", "psycopg_binary", "asyncio", "sqlite3", "repairdesk.ledger.postgres"} == set()


@pytest.fixture
def swallowing() -> Iterator[int]:
    """The port of something that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def test_a_server_that_does_not_answer_hangs_no_shell(swallowing: int, full_desk: Path) -> None:
    heard = process("assign", "", REPAIRDESK_LEDGER=f"postgresql+psycopg://a@127.0.0.1:{swallowing}/b")
    assert (heard.returncode, heard.stdout, heard.stderr) == (0, "", "")


@pytest.mark.parametrize("where", ["a@127.0.0.1:1/b", "/none?host=/nowhere", "a@host.invalid/b", "%%%", ""])
def test_where_there_is_no_server_it_is_silent(where: str, full_desk: Path) -> None:
    heard = process("assign", "", REPAIRDESK_LEDGER=f"postgresql://{where}")
    assert (heard.returncode, heard.stdout, heard.stderr) == (0, "", "")


def test_without_a_libpq_it_is_silent(url: str, full_desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libpq, "_BROUGHT", ())
    monkeypatch.setattr(libpq, "_NAMES", ("libnone.so.5",))
    with pytest.raises(OSError, match="no libpq"), libpq.connected(url):
        pass
