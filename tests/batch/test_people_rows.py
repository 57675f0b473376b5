"""``import --what staff``: people out of a list, as ``staff add`` enters them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from repairdesk.batch.importing import Imported, Plan, run
from repairdesk.batch.outcome import plain
from repairdesk.cli import common
from repairdesk.cli.__main__ import main
from repairdesk.desk import By, Desk
from repairdesk.domain.vocabulary import ROLES
from repairdesk.errors import Exit, UsageError

Write = Callable[[str | bytes], Path]
STAFF = Plan(what="staff")
KEYBOARD = By(None, "pc")
LIST = "工号,姓名,岗位,工种,账号\nW7,赵师傅,维修工,水电、木工,zhao\nC7,林小姐,客服,,\n"


def people(desk: Desk) -> dict[str, dict[str, Any]]:
    return {doc["id"]: dict(doc) for doc in desk.staff_list(KEYBOARD)}


def rejects(result: Imported) -> list[tuple[int, str | None, str | None, str]]:
    return [(one["row"], one["column"], one["value"], one["why"]) for one in result.doc(plain)["rejects"]]


def counts(result: Imported) -> tuple[int, int, int, int]:
    return result.accepted, result.already_there, len(result.differences), len(result.rejects)


def texts(result: Imported) -> str:
    return "\n".join(plain(remark.message, remark.values) for remark in result.remarks)


@pytest.fixture
def command(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """The program at the desk: exit code, stdout and stderr."""
    monkeypatch.setattr(common, "clock", desk.now)
    monkeypatch.setenv("REPAIRDESK_LANG", "en")

    def run_(*words: str | Path) -> tuple[int, str, str]:
        code = main([*map(str, words), "--home", str(desk.home)])
        return code, *capsys.readouterr()

    return run_


def test_people_of_a_list_in_chinese_can_do_what_the_list_says(desk: Desk, write: Write) -> None:
    result = run(desk, KEYBOARD, write(LIST), STAFF)
    assert counts(result) == (2, 0, 0, 0)
    assert result.committed
    there = people(desk)
    assert there["W7"] == {
        "id": "W7", "name": "赵师傅", "role": "technician", "trades": ["plumbing", "electrical", "carpentry"],
        "os_user": "zhao", "retired": False, "duty": [], "pin": False,
    }  # fmt: skip
    assert (there["C7"]["role"], there["C7"]["trades"], there["C7"]["os_user"]) == ("clerk", [], None)
    # The account is known from now on: whoever sits at it needs no --as.
    desk.staff_add(By(None, "zhao"), "W9", name="Qian", role="technician")
    with desk.ledger.read() as reader:
        assert reader.entries("staff:W9")[0].actor == "W7"


def test_a_person_of_a_list_is_the_entry_that_staff_add_writes(desk: Desk, write: Write) -> None:
    run(desk, KEYBOARD, write("id,name,role,trades,os_user\nW8,Qian,technician,locks,qian\n"), STAFF)
    desk.staff_add(KEYBOARD, "W9", name="Qian", role="technician", trades=["locks"], os_user="sun")
    with desk.ledger.read() as reader:
        (listed,), (typed,) = reader.entries("staff:W8"), reader.entries("staff:W9")
    assert dict(listed.data) == {**typed.data, "id": "W8", "os_user": "qian"}
    assert (listed.event, listed.actor, listed.keyboard, listed.occurred_at, listed.late) == (
        typed.event, typed.actor, typed.keyboard, typed.occurred_at, typed.late)  # fmt: skip
    assert desk.verify()["problems"] == []


@pytest.mark.parametrize(
    ("head", "role"),
    [
        ("工号,姓名,岗位", "维修员"),
        ("员工编号,员工姓名,职务", "工程维修员"),
        ("编号,姓名,职位", "技术员"),
        ("ID,Name,Role", "Technician"),
        ("Employee ID,Full name,Job title", "Maintenance worker"),
        ("Staff-No.,Name,Position", "TECHNICIAN"),
    ],
)
def test_columns_and_roles_are_known_under_the_names_of_offices(desk: Desk, write: Write, head: str, role: str) -> None:
    assert counts(run(desk, KEYBOARD, write(f"{head}\nW7,Zhao,{role}\n"), STAFF)) == (1, 0, 0, 0)
    assert people(desk)["W7"]["role"] == "technician"


@pytest.mark.parametrize("role", ROLES)
def test_every_role_of_the_desk_is_a_word_of_a_list_and_so_is_its_name_in_chinese(
    desk: Desk, write: Write, role: str
) -> None:
    names = dict(zip(ROLES, "前台客服 维修员 外协 班长 主管 经理 财务".split(), strict=True))
    path = write(f"id,name,role\nX1,One,{role}\nX2,Two,{names[role]}\n")
    assert counts(run(desk, KEYBOARD, path, STAFF)) == (2, 0, 0, 0)
    there = people(desk)
    assert (there["X1"]["role"], there["X2"]["role"]) == (role, role)


@pytest.mark.parametrize(
    ("cell", "trades"),
    [
        ("locks", ["locks"]),
        ("plumbing; locks", ["plumbing", "locks"]),
        ("水暖工／电工；锁匠", ["plumbing", "electrical", "locks"]),
        ("电工、电气、Electrical", ["electrical"]),
        ("水电工", ["plumbing", "electrical"]),
        ("高空作业", ["高空作业"]),
        ("、", []),
    ],
)
@pytest.mark.rule("ASG-5")
def test_a_cell_may_hold_several_trades_each_under_any_of_its_names(
    desk: Desk, write: Write, cell: str, trades: list[str]
) -> None:
    run(desk, KEYBOARD, write(f'id,name,role,trades\nW7,Zhao,technician,"{cell}"\n'), STAFF)
    assert people(desk)["W7"]["trades"] == trades


@pytest.mark.rule("ASG-5")
def test_trades_that_no_category_asks_for_are_remarked_on(desk: Desk, write: Write) -> None:
    path = write("id,name,role,trades\nW7,Zhao,technician,高空作业、电工\nW8,Qian,technician,高空作业\n")
    assert texts(run(desk, KEYBOARD, path, STAFF)) == "no category of the policies asks for these trades: 高空作业"


def test_words_of_an_office_are_mapped_and_hold_with_the_mapping(desk: Desk, write: Write) -> None:
    content = "Nr,Who,Job,Skills\nW7,Zhao,Handyman,all round\n"
    plan = Plan({"Nr": "id", "Who": "name", "Job": "role"}, what="staff", save="their-staff",
                words={"role": {"handyman": "technician"}, "trades": {"all round": "plumbing,locks"}})  # fmt: skip
    assert counts(run(desk, KEYBOARD, write(content), plan)) == (1, 0, 0, 0)
    assert people(desk)["W7"]["trades"] == ["plumbing", "locks"]
    # What kind of file it is stands in the mapping, too.
    again = run(desk, KEYBOARD, write(content + "W8,Qian,Handyman,\n"), Plan(named="their-staff"))
    assert counts(again) == (1, 1, 0, 0)


def test_a_word_that_is_no_role_of_the_desk_is_refused_before_the_file_is_read(desk: Desk, write: Write) -> None:
    with pytest.raises(UsageError, match="no role"):
        run(desk, KEYBOARD, write(LIST), Plan(what="staff", words={"role": {"x": "plumber"}}))


# --- a second time


def test_the_same_people_again_add_nothing(desk: Desk, write: Write) -> None:
    run(desk, KEYBOARD, write(LIST), STAFF)
    with desk.ledger.read() as reader:
        head = reader.head()
    assert counts(run(desk, KEYBOARD, write(LIST), STAFF)) == (0, 2, 0, 0)
    with desk.ledger.read() as reader:
        assert reader.head() == head


def test_a_changed_row_is_a_difference_and_the_record_stays(desk: Desk, write: Write) -> None:
    run(desk, KEYBOARD, write(LIST), STAFF)
    before = people(desk)
    result = run(desk, KEYBOARD, write(LIST.replace("维修工", "班长").replace("赵师傅", "赵工")), STAFF)
    assert counts(result) == (0, 1, 1, 0)
    assert result.doc(plain)["differences"] == [
        {"row": 2, "external_id": None, "number": None, "staff": "W7",
         "fields": {"name": ["赵师傅", "赵工"], "role": ["technician", "leader"]}}
    ]  # fmt: skip
    assert people(desk) == before
    assert result.exit == Exit.DONE
    assert "say something else" in texts(result)


@pytest.mark.parametrize("row", ["W7,赵师傅,维修工,木工；水电,zhao", "W7,赵师傅,维修工,,", "Ｗ７,赵师傅,维修工,,zhao"])
def test_the_order_of_trades_and_blank_cells_are_no_difference(desk: Desk, write: Write, row: str) -> None:
    run(desk, KEYBOARD, write(LIST), STAFF)
    path = write(f"工号,姓名,岗位,工种,账号\n{row}\n")
    assert counts(run(desk, KEYBOARD, path, STAFF)) == (0, 1, 0, 0)


def test_somebody_who_left_is_a_difference_and_does_not_come_back(desk: Desk, write: Write) -> None:
    desk.staff_retire(KEYBOARD, "W1")
    result = run(desk, KEYBOARD, write("id,name,role\nW1,Zhao,technician\n"), STAFF)
    assert result.doc(plain)["differences"][0]["fields"] == {"retired": [True, False]}
    assert people(desk)["W1"]["retired"]


# --- what is rejected


@pytest.mark.parametrize(
    ("row", "column", "value", "why"),
    [
        ("W 7,Zhao,technician,", "id", "W 7", "no staff id"),
        (f"{'W' * 41},Zhao,technician,", "id", "W" * 41, "no staff id"),
        (",Zhao,technician,", "id", None, "missing: id"),
        ("W7,,technician,", "name", None, "missing: name"),
        ("W7,Zhao,,", "role", None, "missing: role"),
        ("W7,Zhao,水电工,", "role", "水电工", "no role"),
        ("W7,Zhao,technician,lin", "os_user", "lin", "the OS user lin is C9 already"),
        ("W7,Zhao,technician,,x", None, "x", "5 cells"),
    ],
)
def test_a_bad_row_is_rejected_with_its_column_and_nothing_of_the_file_is_kept(
    desk: Desk, write: Write, row: str, column: str | None, value: str | None, why: str
) -> None:
    desk.staff_add(KEYBOARD, "C9", name="Lin", role="clerk", os_user="lin")
    before = people(desk)
    result = run(desk, KEYBOARD, write(f"id,name,role,os_user\nW6,Sun,technician,\n{row}\n"), STAFF)
    ((at, *named, said),) = rejects(result)
    assert (at, *named) == (3, column, value)
    assert why in said
    assert (result.exit, result.committed, people(desk)) == (Exit.BAD_INPUT, False, before)


def test_one_account_is_one_persons_within_a_file_too(desk: Desk, write: Write) -> None:
    path = write("id,name,role,os_user\nW7,Zhao,technician,pc2\nW8,Qian,technician,pc2\n")
    assert rejects(run(desk, KEYBOARD, path, STAFF)) == [(3, "os_user", "pc2", "the OS user pc2 is W7 already")]


def test_one_id_is_one_person_of_a_file(desk: Desk, write: Write) -> None:
    path = write("id,name,role\nW7,Zhao,technician\nW7,Zhao,technician\nW7,Qian,technician\n")
    result = run(desk, KEYBOARD, path, STAFF)
    assert counts(result) == (1, 1, 0, 1)
    assert rejects(result) == [(4, "id", "W7", "row 2 has the same id with another content")]


def test_rejected_people_are_mended_and_fed_in_again(desk: Desk, write: Write, tmp_path: Path) -> None:
    out = tmp_path / "rejects.csv"
    path = write("工号,姓名,岗位\nW7,赵师傅,水电工\nC7,林小姐,客服\n")
    first = run(desk, KEYBOARD, path, Plan(what="staff", partial=True, rejects=out))
    assert (counts(first), first.exit) == ((1, 0, 0, 1), Exit.PARTIAL)
    assert "W7" not in people(desk)
    with out.open(encoding="utf-8-sig", newline="") as stream:
        rows: Sequence[list[str]] = list(csv.reader(stream))
    assert rows[0] == ["工号", "姓名", "岗位", "repairdesk: why"]
    rows[1][2] = "维修工"
    with out.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    assert counts(run(desk, KEYBOARD, out, STAFF)) == (1, 0, 0, 0)
    assert set(people(desk)) == {"C1", "W1", "W7", "C7"}


def test_a_dry_run_says_the_same_and_keeps_nothing(desk: Desk, write: Write) -> None:
    dry = run(desk, KEYBOARD, write(LIST), Plan(what="staff", dry_run=True))
    assert set(people(desk)) == {"C1", "W1"}
    real = run(desk, KEYBOARD, write(LIST), STAFF)
    assert {**dry.doc(plain), "committed": True} == real.doc(plain)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_list_in_any_encoding_is_read(desk: Desk, write: Write, encoding: str) -> None:
    run(desk, KEYBOARD, write(LIST.replace(",", "\t").encode(encoding)), STAFF)
    assert people(desk)["W7"]["name"] == "赵师傅"


def test_columns_that_say_nothing_of_people_are_named(desk: Desk, write: Write) -> None:
    result = run(
        desk, KEYBOARD, write("工号,姓名,岗位,电话,入职日期\nW7,赵师傅,维修工,13800001234,2020-01-01\n"), STAFF
    )
    assert texts(result) == "columns that are not read: 电话, 入职日期"


def test_a_list_of_people_is_no_list_of_reports(desk: Desk, clerk: By, write: Write) -> None:
    with pytest.raises(UsageError, match=r"nothing in the file is .'kind', 'place', 'fault'"):
        run(desk, clerk, write(LIST), Plan())


def test_what_a_list_lacks_is_named(desk: Desk, write: Write) -> None:
    with pytest.raises(UsageError, match=r"nothing in the file is .'id', 'role'"):
        run(desk, KEYBOARD, write("姓名,电话\n赵,1\n"), STAFF)


def test_the_first_people_of_a_desk_come_by_file(command: Callable[..., Any], desk: Desk, write: Write) -> None:
    """Whoever has no staff record yet may not import reports, but may say who works here, as by ``staff add``."""
    code, out, _ = command("import", write(LIST), "--what", "staff", "--json")
    document = json.loads(out)
    assert (code, document["accepted"], document["committed"]) == (0, 2, True)
    assert set(people(desk)) == {"C1", "W1", "W7", "C7"}


def test_a_person_sees_how_the_list_was_understood(command: Callable[..., Any], write: Write) -> None:
    code, out, told = command("import", write(LIST), "--what", "staff", "--dry-run")
    assert code == 0
    assert "工种 → trades" in told
    assert "trades: plumbing, electrical, carpentry" in told
    assert "accepted: 2" in out


def test_a_kind_of_report_is_nothing_that_staff_have(command: Callable[..., Any], write: Write) -> None:
    code, _, told = command("import", write(LIST), "--what", "staff", "--kind", "in_home")
    assert (code, "--kind says nothing of staff" in told) == (2, True)
