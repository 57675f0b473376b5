"""Roles belong to the whole server, and who was given one at a site of a database was given nothing at any other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from repairdesk.errors import NotAllowed, NotPermitted
from repairdesk.ledger import postgres_grants
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.postgres import Server

psycopg = pytest.importorskip("psycopg")
Made = Callable[..., str]
PEOPLE = ("role_ann", "role_ben", "role_cat")


@pytest.fixture(autouse=True)
def people(database: Made) -> None:
    """Logins of the server, which may make no roles; what they were given goes with the databases."""
    with psycopg.connect(database(), autocommit=True) as owner:
        known = {name for (name,) in owner.execute("SELECT rolname FROM pg_roles").fetchall()}
        for name in (*PEOPLE, "role_owner"):
            if name not in known:
                owner.execute(f"CREATE ROLE {name} LOGIN".encode())
        owner.execute("ALTER ROLE role_owner NOCREATEROLE")


def made(url: str, *admitted: tuple[str, str]) -> Server:
    site = Server(url, "east")
    site.create()
    admit(site, *admitted)
    return site


def admit(site: Server, *admitted: tuple[str, str]) -> None:
    for login, role in admitted:
        postgres_grants.admit(site, login, role, None, others=False)


def gets_in(site: Server, login: str) -> bool:
    """Whether a login sees into the site: by the program, and by psql."""
    try:
        with Ledger(Server(as_(site.url, login), "east")).read() as reader:
            reader.head()
    except NotPermitted:
        with psycopg.connect(as_(site.url, login)) as typed, pytest.raises(psycopg.errors.InsufficientPrivilege):
            typed.execute("SELECT count(*) FROM repairdesk_east.bodies")
        return False
    return True


def as_(url: str, login: str) -> str:
    return url.replace("postgres@", f"{login}@")


def may_purge(site: Server, login: str) -> bool:
    with psycopg.connect(site.url) as owner:
        asked = "SELECT has_function_privilege(%s, 'repairdesk_east.take_bodies(integer)', 'EXECUTE')"
        return bool(owner.execute(asked, (login,)).fetchone()[0])


def named(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def test_a_site_of_another_database_is_another_site(database: Made) -> None:
    practice = made(database(), ("role_ann", "purger"), ("role_ben", "worker"))
    real = made(database(), ("role_ben", "worker"), ("role_cat", "reader"))
    assert [gets_in(practice, who) for who in PEOPLE] == [True, True, False]
    assert [gets_in(real, who) for who in PEOPLE] == [False, True, True]
    assert [may_purge(practice, who) for who in PEOPLE] == [True, False, False]
    assert not any(may_purge(real, who) for who in PEOPLE)
    postgres_grants.dismiss(practice, "role_ben")
    assert not gets_in(practice, "role_ben")
    assert gets_in(real, "role_ben")


def test_a_copy_of_a_database_is_another_one_once_somebody_is_admitted_there(database: Made) -> None:
    real = made(database(), ("role_ann", "purger"))
    copied = Server(database(named(real.url)), "east")
    assert gets_in(copied, "role_ann"), "a copy of the server's has what the first one has"
    admit(copied, ("role_ben", "worker"))
    assert [gets_in(copied, who) for who in PEOPLE] == [False, True, False]
    assert [gets_in(real, who) for who in PEOPLE] == [True, False, False]
    assert may_purge(real, "role_ann")
    postgres_grants.dismiss(Server(database(named(real.url)), "east"), "role_ann")
    assert gets_in(real, "role_ann")


def test_a_database_that_came_with_its_roles_keeps_them(database: Made) -> None:
    """As one restored on a new server, where it has another number: nobody is admitted anew for that."""
    first = made(database(), ("role_ann", "worker"))
    moved = Server(database(named(first.url)), "east")
    with psycopg.connect(moved.url, autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {named(first.url)} WITH (FORCE)".encode())
    admit(moved, ("role_ben", "reader"))
    assert [gets_in(moved, who) for who in PEOPLE] == [True, True, False]


def test_a_role_that_is_left_of_a_site_that_is_gone_is_not_taken_over(database: Made) -> None:
    gone = made(database(), ("role_ann", "purger"))
    with psycopg.connect(gone.url, autocommit=True) as owner:
        owner.execute("DROP SCHEMA repairdesk_east CASCADE")
    again = made(gone.url, ("role_ben", "reader"))
    assert [gets_in(again, who) for who in PEOPLE] == [False, True, False]


def test_what_was_just_made_is_taken_back_with_its_roles(database: Made) -> None:
    site = made(database())
    opened = site.opened()
    names = list(postgres_grants.roles(opened, site.schema).values())
    opened.close()
    assert len(names) == 3
    site.unmake()
    with psycopg.connect(site.url) as owner:
        assert owner.execute("SELECT 1 FROM pg_roles WHERE rolname = ANY (%s)", (names,)).fetchall() == []


def test_the_longest_name_of_a_site_fits(database: Made) -> None:
    site = Server(database(), "a" * 30)
    site.create()
    postgres_grants.admit(site, "role_ann", "purger", None, others=False)
    opened = site.opened()
    names = postgres_grants.roles(opened, site.schema)
    opened.close()
    assert all(len(name) <= 63 for name in names.values())
    assert len(set(names.values())) == 3


def test_two_who_make_one_site_at_once_make_it_once(database: Made) -> None:
    url = database()

    def make(_: int) -> bool:
        try:
            Server(url, "east").create()
        except NotAllowed:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(make, range(4))) == [False, False, False, True]


def test_who_may_make_no_roles_is_told_what_to_do(database: Made) -> None:
    url = database()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"GRANT CREATE ON DATABASE {named(url)} TO role_owner".encode())
    with pytest.raises(NotPermitted, match="CREATEROLE"):
        Server(as_(url, "role_owner"), "east").create()
    with psycopg.connect(url) as owner:
        assert owner.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'repairdesk_east'").fetchone() is None
