"""What ``doctor`` says of a ledger on a server: who gets at it, more than is meant, or on the way; and of the rules."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import desk_cli
import pytest

from repairdesk.cli.render import say
from repairdesk.desk import reach
from repairdesk.ledger import postgres_grants
from repairdesk.ledger.database import Login, Reach
from repairdesk.ledger.files import File
from repairdesk.ledger.postgres import Server

psycopg = pytest.importorskip("psycopg")
SCHEMA = "repairdesk_quay"
LOGINS = ("ann", "ben", "cat", "dan", "eva")
Typed = Callable[..., Any]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site."""
    return tmp_path_factory.mktemp("quay")


@pytest.fixture(scope="module")
def url(database: Callable[..., str], home: Path) -> str:
    """A site ``quay`` with a clerk and a manager, made by its command; and some logins that are nothing to it yet."""
    found = database()
    for words in (("init",), ("staff", "add", "C1", "--name", "李", "--role", "clerk"),
                  ("staff", "add", "M1", "--name", "赵", "--role", "manager")):  # fmt: skip
        ran = desk_cli.run(*words, "--home", str(home), "--ledger", found, "--site", "quay")
        assert ran.exit_code == 0, ran.err
    with psycopg.connect(found, autocommit=True) as owner:
        for name in LOGINS:
            owner.execute(f"CREATE ROLE {name} LOGIN".encode())
    return found


@pytest.fixture
def quay(url: str, database: Callable[..., str]) -> Iterator[str]:
    """It again, for a test that changes something; what roles were given besides goes with the test."""
    found = database(url.partition("?")[0].rpartition("/")[2])
    for login, role, staff in (("ann", "worker", "C1"), ("ben", "reader", None), ("cat", "purger", "M1")):
        postgres_grants.admit(Server(found, "quay"), login, role, staff, others=False)
    yield found
    with psycopg.connect(found, autocommit=True) as owner:
        owner.execute("ALTER ROLE dan NOCREATEROLE NOBYPASSRLS NOSUPERUSER")
        owner.execute("REVOKE pg_read_all_data FROM dan")


@pytest.fixture
def doctor(quay: str, home: Path, tmp_path: Path) -> Typed:
    """What it says, by whom it is asked: each sentence of a name, with whether it is well."""
    here = shutil.copytree(home, tmp_path / "home")

    def told(name: str, login: str = "ann") -> list[tuple[bool, str]]:
        where = ("--home", str(here), "--ledger", by(quay, login), "--site", "quay")
        checks = desk_cli.run("doctor", *where, "--json", "--lang", "en").json["checks"]
        return [(one["ok"], one["what"]) for one in checks if one["name"] == name]

    return told


def by(url: str, login: str) -> str:
    return url.replace("postgres@", f"{login}@")


def owned(url: str, text: str) -> None:
    """What the owner types in psql; ``{worker}`` is the role of the site."""
    opened = Server(url, "quay").opened()
    try:
        opened.do(text.format_map(postgres_grants.roles(opened, SCHEMA)))
    finally:
        opened.close()


def test_it_says_who_can_read_and_write_and_who_could_alter_it(doctor: Typed) -> None:
    ((ok, said),) = doctor("logins")
    assert ok
    assert said.startswith("who writes: ann; who may purge, too: cat; who only reads: ben.")
    assert "postgres can, and whoever runs the server" in said
    assert "checkpoint" in said


def test_who_looks_as_the_owner_or_as_a_superuser_is_told_that_nothing_protects_from_that(
    doctor: Typed, quay: str
) -> None:
    ((ok, said),) = doctor("logins", "postgres")
    assert not ok
    assert "logged in as postgres" in said
    postgres_grants.admit(Server(quay, "quay"), "eva", "reader", None, others=False)
    assert doctor("logins", "eva")[0][0]
    owned(quay, "ALTER SCHEMA repairdesk_quay OWNER TO eva")
    ((ok, said),) = doctor("logins", "eva")
    assert not ok
    assert "logged in as eva" in said


@pytest.mark.parametrize("right", ["SUPERUSER", "BYPASSRLS", "CREATEROLE"])
def test_whoever_can_do_anything_is_named_as_such_by_whatever_right(doctor: Typed, quay: str, right: str) -> None:
    owned(quay, f"ALTER ROLE dan {right}")
    ((ok, said),) = doctor("logins")
    assert ok
    anything = said.partition("what is written; ")[2].partition(" can, and")[0]
    with psycopg.connect(quay) as owner:
        may_give_any = owner.info.server_version < 160_000
    assert anything == ("dan, postgres" if right != "CREATEROLE" or may_give_any else "postgres")


@pytest.mark.parametrize(
    "given",
    [
        "GRANT pg_read_all_data TO dan", "GRANT {worker} TO dan",
        "GRANT USAGE ON SCHEMA repairdesk_quay TO dan; GRANT SELECT ON orders TO dan",
        "GRANT USAGE ON SCHEMA repairdesk_quay TO PUBLIC; GRANT SELECT (body) ON bodies TO PUBLIC",
    ],
)  # fmt: skip
def test_logins_that_nobody_admitted_are_told_however_they_came_by_it(doctor: Typed, quay: str, given: str) -> None:
    assert len(doctor("logins")) == 1
    owned(quay, given)
    strange = [said for ok, said in doctor("logins") if not ok]
    assert len(strange) == 1
    assert "nobody admitted" in strange[0]
    assert "dan" in strange[0]


@pytest.mark.parametrize(
    "given",
    [
        "GRANT UPDATE ON entries TO ann", "GRANT DELETE ON bodies TO {worker}",
        "GRANT INSERT ON purged TO ann", "GRANT UPDATE ON logins TO ann",
        "GRANT CREATE ON SCHEMA repairdesk_quay TO ann",
    ],
)  # fmt: skip
def test_logins_that_may_more_than_a_role_gives_are_told(doctor: Typed, quay: str, given: str) -> None:
    owned(quay, given)
    more = [said for ok, said in doctor("logins") if not ok]
    assert len(more) == 1
    assert "more than they can be admitted to" in more[0]
    assert "ann" in more[0]


def test_a_right_to_tables_is_none_where_the_schema_is_closed(doctor: Typed, quay: str) -> None:
    owned(quay, "GRANT SELECT ON orders, bodies TO dan")
    assert [ok for ok, _ in doctor("logins")] == [True]


def test_a_login_of_who_left_is_told(doctor: Typed, quay: str, tmp_path: Path) -> None:
    where = ("--home", str(tmp_path / "home"), "--ledger", quay, "--site", "quay")
    assert desk_cli.run("staff", "retire", "C1", *where).exit_code == 0
    assert (False, "logins of people who left are still admitted: ann") in doctor("logins", "cat")
    postgres_grants.dismiss(Server(quay, "quay"), "ann")
    assert [ok for ok, _ in doctor("logins", "cat")] == [True]


def test_nothing_is_said_of_the_way_where_there_is_none(doctor: Typed) -> None:
    assert doctor("connection") == []


@pytest.mark.parametrize(
    ("encrypted", "proved", "ok", "words"),
    [
        (False, False, False, "can be read on the way"),
        (True, False, True, "sslmode=verify-full"),
        (True, True, True, "it is that server that answers"),
    ],
)
def test_who_could_listen_on_the_way_to_another_machine_is_told(
    encrypted: bool, proved: bool, ok: bool, words: str
) -> None:
    found = Reach("ann", [Login("ann", "write", "C1", True, False)], "db.example", encrypted, proved)
    (said,) = [one for one in reach.seen(found, ()) if one.name == "connection"]
    assert said.ok == ok
    text = say(said.said.message, said.said.values)
    assert words in text
    assert "db.example" in text


@pytest.mark.parametrize(
    ("host", "address", "here"),
    [("/var/run/postgresql", "", True), ("@sock", "", True), ("localhost", "127.0.0.1", True), ("::1", "::1", True),
     ("db.example", "192.0.2.7", False), ("db.example", "", False)],
)  # fmt: skip
def test_what_stays_on_this_machine_is_no_way(host: str, address: str, here: bool) -> None:
    from repairdesk.ledger import postgres_reach

    assert postgres_reach._is_here(host, address) == here


@pytest.mark.rule("REC-4")
def test_rules_that_are_not_those_of_the_site_are_told(doctor: Typed, quay: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert [ok for ok, _ in doctor("rules")] == [True]
    before = (home / "policies.yaml").read_text(encoding="utf-8")
    (home / "policies.yaml").write_text(before.replace("version: ", "version: own-", 1), encoding="utf-8")
    assert any(not ok and "a manager" in said for ok, said in doctor("rules"))
    where = ("--home", str(home), "--ledger", quay, "--site", "quay", "--as", "M1")
    assert desk_cli.run("staff", "add", "W1", "--name", "王", "--role", "technician", *where).exit_code == 0
    assert all("a manager" not in said for _, said in doctor("rules"))
    # Another machine still has the older ones.
    (home / "policies.yaml").write_text(before, encoding="utf-8")
    assert any(not ok and "took over own-" in said for ok, said in doctor("rules"))


def test_of_a_file_its_modes_say_it(tmp_path: Path) -> None:
    assert File(tmp_path / "ledger.db").reach() is None
