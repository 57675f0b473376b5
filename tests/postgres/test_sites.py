"""Several sites on one server: copied there and back, each a chain of its own, numbered apart, counted together."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import desk_cli
import pytest

from repairdesk.errors import NotAllowed
from repairdesk.ledger.copying import copy
from repairdesk.ledger.files import File
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.postgres import Server
from repairdesk.ledger.verify import verify

REPORT = "--place 3-2-501 --phone 13800138000 --fault 漏水 --caller 王 --category plumbing --kind in_home".split()
Run = Callable[..., Any]


@pytest.fixture
def url(database: Callable[[], str]) -> str:
    """A database with nothing in it, as SQLAlchemy names it."""
    return database().replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def run(tmp_path: Path, url: str) -> Run:
    """Types a command at a site: the answer of one that is done, else its exit code and document."""

    def typed(site: str | None, *words: str, code: int = 0, home: Path | None = None) -> Any:
        where = ("--home", str(home or tmp_path / (site or "desk")))
        named = ("--ledger", url, *(() if "--site" in words else ("--site", site))) if site else ()
        done = desk_cli.run(*words, *where, *named, "--json", "--lang", "en")
        assert done.exit_code == code, done + done.err
        return done.json if code == 0 else done.error

    return typed


def opened(run: Run, site: str) -> None:
    """A site with a clerk and a technician."""
    run(site, "init")
    run(site, "staff", "add", "C1", "--name", "李", "--role", "clerk")
    run(site, "staff", "add", "W1", "--name", "王", "--role", "technician", "--trade", "plumbing")


def test_each_site_has_numbers_of_its_own_that_carry_it(run: Run) -> None:
    found = []
    for site in ("east", "west"):
        opened(run, site)
        found.append(run(site, "intake", *REPORT, "--as", "C1")["number"])
    assert [number.partition("-")[0] for number in found] == ["EAST", "WEST"]
    assert found[0].partition("-")[2] == found[1].partition("-")[2], "the same day, and each site's first"
    run("east", "assign", found[0][-4:], "W1", "--as", "C1")
    assert [run(site, "list")["orders"][0]["state"] for site in ("east", "west")] == ["assigned", "reported"]


def test_reports_of_all_sites_stand_side_by_side_and_are_summed(run: Run) -> None:
    for site, orders in (("east", 1), ("west", 2)):
        opened(run, site)
        for n in range(orders):
            run(site, "intake", *REPORT, "--place", f"1-1-10{n}", "--as", "C1")
    doc = run("east", "report", "month", "--site", "all")
    assert {site: one["orders"] for site, one in doc["sites"].items()} == {"east": 1, "west": 2}
    assert doc["all"]["orders"] == 3
    assert doc["all"]["on_time"]["open"] == sum(one["on_time"]["open"] for one in doc["sites"].values())


def test_nothing_but_reports_is_asked_of_all_sites(run: Run) -> None:
    opened(run, "east")
    run("east", "list", "--site", "all", code=2)
    for words in (("month", "--orders", "on_time.missed"), ("finance", "--hand-over"), ("month", "--format", "html")):
        run("east", "report", *words, "--site", "all", code=2)


@pytest.mark.rule("RPT-6")
def test_finance_and_what_spreadsheets_read_have_all_sites_too(run: Run, tmp_path: Path) -> None:
    for site in ("east", "west"):
        opened(run, site)
    doc = run("east", "report", "finance", "--site", "all")
    assert sorted(doc["sites"]) == ["east", "west"]
    assert doc["all"] == {"orders": 0, "free": 0, "total": "0.00"}
    run("east", "report", "month", "--site", "all", "--format", "csv", "--out", str(tmp_path / "all.csv"))
    heads, *rows = (tmp_path / "all.csv").read_text(encoding="utf-8-sig").splitlines()
    assert heads.startswith("site,month,")
    assert [row.partition(",")[0] for row in rows] == ["east", "west"]


@pytest.mark.rule("REC-4")
def test_each_site_is_counted_by_its_own_rules_and_one_that_cannot_be_is_named(
    run: Run, tmp_path: Path, url: str
) -> None:
    # The same name with another content: of the folder at hand the other site is none of its business.
    for site, target in (("east", "0.7"), ("west", "0.9")):
        opened(run, site)
        run(site, "staff", "add", "M1", "--name", "赵", "--role", "manager")
        policies = tmp_path / site / "policies.yaml"
        text = policies.read_text(encoding="utf-8").replace("version: ", "version: own-", 1)
        policies.write_text(re.sub(r"(first_time_fix: )\"[0-9.]+\"", rf'\g<1>"{target}"', text), encoding="utf-8")
        run(site, "staff", "add", "W2", "--name", "周", "--role", "technician", "--as", "M1")
    own = {site: run(site, "report", "month")["targets"] for site in ("east", "west")}
    assert own["east"] != own["west"]
    for home in ("east", "west"):
        doc = run(home, "report", "month", "--site", "all", home=tmp_path / home)
        assert {site: one["targets"] for site, one in doc["sites"].items()} == own
    Server(url, "hole").create()
    where = ("--home", str(tmp_path / "east"), "--ledger", url, "--site", "all", "--lang", "en")
    said = desk_cli.run("report", "month", *where, "--json")
    assert said.exit_code == 18
    assert sorted(said.json["sites"]) == ["east", "west"]
    assert ["hole" in one for one in said.json["warnings"]] == [True]


def test_a_desk_goes_to_a_server_and_back_with_every_entry_as_it_was(
    tmp_path: Path, run: Run, sample: Path, url: str
) -> None:
    before = verify(sample)
    target, back = Server(url, "moved"), File(tmp_path / "back.db")
    copy(File(sample), target)
    copy(target, back)
    assert verify(target) == verify(back.path) == before
    assert entries_of(File(sample)) == entries_of(target) == entries_of(back)


def test_a_copy_that_was_cut_off_is_run_again_and_goes_on(
    sample: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from repairdesk.ledger import copying

    target = Server(url)
    monkeypatch.setattr(copying, "STRETCH", 3)
    with pytest.raises(KeyboardInterrupt):
        copy(File(sample), target, progress=cut_off)
    with Ledger(target).read() as reader:
        begun = reader.head()[0]
    assert begun == 3
    done = copy(File(sample), target)
    assert done["new"] == done["entries"] - begun
    assert verify(target) == verify(sample)


def cut_off(done: int, of: int) -> None:
    """Whoever copies goes away after the first stretch."""
    raise KeyboardInterrupt


def test_a_copy_that_was_cut_off_before_the_projections_were_made_makes_them(
    sample: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from repairdesk.ledger import copying

    with monkeypatch.context() as patched:
        patched.setattr(copying.verify, "rebuild", lambda *_, **__: cut_off(0, 0))
        with pytest.raises(KeyboardInterrupt):
            copy(File(sample), Server(url))
    assert not verify(Server(url))["ok"]
    assert copy(File(sample), Server(url))["new"] == 0
    assert verify(Server(url)) == verify(sample)


def test_a_copy_holds_though_somebody_writes_between_proof_and_copy(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from repairdesk.ledger import copying

    run(None, "init")
    whole = copying.copy

    def late(source: File, *more: Any) -> dict[str, Any]:
        run(None, "staff", "add", "C1", "--name", "李", "--role", "clerk")
        return whole(source, *more)

    monkeypatch.setattr(copying, "copy", late)
    done = run(None, "ledger", "copy", "--to", url, "--to-site", "moved")
    assert done["head"] == verify(Server(url, "moved"))["head"]
    assert done["entries"] == verify(Server(url, "moved"))["entries"]


def test_nothing_is_copied_into_another_ledger(run: Run, sample: Path, url: str) -> None:
    opened(run, "east")
    before = entries_of(Server(url, "east"))
    with pytest.raises(NotAllowed, match="another ledger"):
        copy(File(sample), Server(url, "east"))
    assert entries_of(Server(url, "east")) == before


def test_a_backup_of_a_site_is_a_desk_in_a_file(tmp_path: Path, run: Run) -> None:
    opened(run, "east")
    number = run("east", "intake", *REPORT, "--as", "C1")["number"]
    run("east", "backup", str(tmp_path / "east.tar"))
    again = tmp_path / "again"
    run(None, "restore", str(tmp_path / "east.tar"), home=again)
    assert run(None, "show", number, home=again)["number"] == number
    assert run(None, "verify", home=again)["ok"]


def test_room_that_was_given_up_is_given_back_on_a_server_too(run: Run) -> None:
    opened(run, "east")
    assert run("east", "doctor", "--vacuum")["vacuum"]["before"] > 0
    assert run("east", "verify")["ok"]


@pytest.mark.rule("REC-4")
def test_rules_that_the_ledger_does_not_know_count_from_an_entry_of_a_manager_on(tmp_path: Path, run: Run) -> None:
    opened(run, "east")
    run("east", "staff", "add", "M1", "--name", "赵", "--role", "manager")
    brought = tmp_path / "east" / "policies.yaml"
    text = brought.read_text(encoding="utf-8")
    brought.write_text(text.replace("version: ", "version: own-", 1), encoding="utf-8")
    assert "a manager" in run("east", "intake", *REPORT, "--as", "C1", code=12)["message"]
    run("east", "intake", *REPORT, "--as", "M1")
    run("east", "intake", *REPORT, "--new", "--as", "C1")


@pytest.mark.rule("REC-4")
def test_a_folder_whose_rules_the_site_went_on_from_judges_nothing_any_more(tmp_path: Path, run: Run) -> None:
    opened(run, "east")
    run("east", "staff", "add", "M1", "--name", "赵", "--role", "manager")
    policies = tmp_path / "east" / "policies.yaml"
    before = policies.read_text(encoding="utf-8")
    policies.write_text(before.replace("version: ", "version: own-", 1), encoding="utf-8")
    run("east", "intake", *REPORT, "--as", "M1")
    policies.write_text(before, encoding="utf-8")
    for who in ("C1", "M1"):
        refused = run("east", "intake", *REPORT, "--new", "--as", who, code=10)
        assert refused["rule"] == "REC-4"
        assert "took over own-" in refused["message"]
    assert run("east", "list")["total"] == 1, "to look is free"
    policies.write_text(before.replace("version: ", "version: back-", 1), encoding="utf-8")
    run("east", "intake", *REPORT, "--new", "--as", "M1")
    run("east", "intake", *REPORT, "--new", "--as", "C1")


def test_a_desk_is_copied_from_the_folder_that_was_typed_or_it_is_asked_which(
    tmp_path: Path, run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, there = tmp_path / "own", ("--to", url, "--to-site", "maple", "--json", "--lang", "en")
    assert desk_cli.run("init", "--home", str(home)).exit_code == 0
    run("maple", "ledger", "create")
    monkeypatch.setenv("REPAIRDESK_LEDGER", url.replace("@", ":secret@") if "@" in url else url)
    monkeypatch.setenv("REPAIRDESK_SITE", "maple")
    refused = desk_cli.run("ledger", "copy", "--home", str(home), *there)
    assert refused.exit_code == 2
    assert "secret" not in refused.err
    done = desk_cli.run("ledger", "copy", "--ledger", str(home / "ledger.db"), *there)
    assert done.exit_code == 0, done.err
    assert done.json["new"] > 0


def test_a_login_is_admitted_as_who_has_that_account(run: Run, url: str, login: str) -> None:
    opened(run, "east")
    assert run("east", "ledger", "admit", login, code=11)["message"].startswith("no staff record has the account")
    assert "C9" in run("east", "ledger", "admit", login, "--staff", "C9", code=11)["message"]
    assert login in run("east", "ledger", "admit", login, "--staff", "C1", code=2)["message"]
    run("east", "ledger", "admit", login, "--for-others")
    run("east", "staff", "add", "C2", "--name", "孙", "--role", "clerk", "--os-user", login)
    assert run("east", "ledger", "admit", login)["staff"] == "C2"


def test_lines_are_written_by_who_logged_in_as_commands_are(tmp_path: Path, run: Run, url: str, login: str) -> None:
    opened(run, "east")
    run("east", "staff", "add", "C2", "--name", "孙", "--role", "clerk", "--os-user", login)
    run("east", "ledger", "admit", login)
    names = "kind place fault caller phone category"
    line = {"do": "intake", **{name: REPORT[REPORT.index(f"--{name}") + 1] for name in names.split()}}
    (tmp_path / "lines.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    own = url.replace("//postgres@", f"//{login}@")
    where = ("--home", str(tmp_path / "east"), "--ledger", own, "--site", "east")
    said = desk_cli.run("batch", str(tmp_path / "lines.jsonl"), *where)
    assert said.exit_code == 0, said + said.err
    number = json.loads(said)["answer"]["number"]
    assert run("east", "show", number, "--entries")["entries"][0]["actor"] == "C2"


@pytest.fixture
def login(url: str) -> Iterator[str]:
    """A login of the server that nobody admitted to anything."""
    import psycopg

    name = f"login_{secrets.token_hex(4)}"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN".encode())
    yield name
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(f"REASSIGN OWNED BY {name} TO postgres; DROP OWNED BY {name}; DROP ROLE {name}".encode())


def test_a_long_text_is_kept_and_a_place_that_no_index_can_hold_is_refused(run: Run, url: str) -> None:
    opened(run, "east")
    told, place = "".join(map(chr, range(0x4E00, 0x9E00))), "".join(map(chr, range(0x4E00, 0x4E00 + 800)))
    report = ("intake", "--kind", "public_area", "--as", "C1")
    number = run("east", *report, "--place", place, "--fault", told)["number"]
    doc = run("east", "show", number)
    assert (doc["place"], doc["fault"]) == (place, told)
    before = entries_of(Server(url, "east"))
    assert "longer than" in run("east", *report, "--place", told, "--fault", "灯", code=14)["message"]
    assert entries_of(Server(url, "east")) == before


def entries_of(where: File | Server) -> list[Any]:
    """Every entry, as it is read."""
    with Ledger(where).read() as reader:
        return list(reader.journal())
