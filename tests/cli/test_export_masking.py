"""No phone number leaves the desk in a feed, wherever somebody wrote it."""

from __future__ import annotations

import itertools
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_cli import Clock, done

from repairdesk.batch import exporting as tables
from repairdesk.desk.leaving import without_phones
from repairdesk.domain.masking import in_text

_serial = itertools.count(1)


def phone() -> str:
    """A number that was not planted before."""
    return f"1391111{next(_serial):04}"


def planted() -> str:
    """Words around a number."""
    return f"打 {phone()} 问"


@pytest.fixture
def everywhere(desk: Path, clock: Clock) -> Path:
    """A desk with a number in every text that a command takes, in every way of writing one."""
    told = ("--caller", planted(), "--phone", phone(), "--fault", f"{planted()} 或 8888-6666 或 139 1111 0999")
    number = done("intake", "--kind", "in_home", "--place", planted(), *told, "--category", "plumbing", "--model",
                  planted(), "--affects", planted(), "--channel", "phone", "--as", "C1")["number"]  # fmt: skip
    done("intake", "--kind", "in_home", "--place", planted(), "--caller", planted(), "--phone", phone(), "--fault",
         planted(), "--join", number, "--as", "C1")  # fmt: skip
    done("correct", number, f"phone={phone()}", f"fault={planted()}", f"model={planted()}", "--reason", planted(),
         "--as", "C1")  # fmt: skip
    done("assign", number, "W1", "--as", "C1")
    done("reschedule", number, "--appointment", "2026-11-25T10:00/12:00", "--reason", planted(), "--as", "C1")
    done("arrive", number, "--found", planted(), "--as", "W1")
    done("start", number, "--as", "W1")
    done("pause", number, "--reason", "parts", "--next", "2026-11-25T10:00", "--note", planted(), "--as", "W1")
    done("start", number, "--as", "W1")
    done("support", number, "--reason", planted(), "--as", "W1")
    done("consent", number, "--fee", "100", "--as", "C1")
    done("finish", number, "--found", planted(), "--result", planted(), "--material", f"{planted()}:1:5.00", "--as",
         "W1")  # fmt: skip
    done("sign", number, "--by", planted(), "--rating", "dissatisfied", "--as", "W1")
    done("callback", "record", number, "--outcome", "dissatisfied", "--method", "phone", "--note", planted(),
         "--signed-by", planted(), "--next", "2026-11-25T10:00", "--as", "C1")  # fmt: skip
    gate = done("intake", "--kind", "public_area", "--place", "门", "--fault", "坏", "--as", "C1")["number"]
    tracked = done("convert", gate, "--tracker", "C2", "--reason", planted(), "--as", "L1")["coordination"]
    done("log", tracked, "--place", planted(), "--contact", planted(), "--phone", phone(), "--content", planted(),
         "--opinions", planted(), "--plan", planted(), "--as", "C2")  # fmt: skip
    away = done("intake", "--kind", "public_area", "--place", "楼", "--fault", "坏", "--as", "C1")["number"]
    done("cancel", away, "--reason", planted(), "--as", "C1")
    done("staff", "add", "X9", "--name", planted(), "--role", "clerk", "--as", "M1")
    clock.on(minutes=1)
    return desk


PLANTED = re.compile(r"1391111\d{4}|8888-6666|139 1111 0999")


def contents(path: Path) -> Iterator[str]:
    """Every text of a file; a workbook has several."""
    if path.suffix != ".xlsx":
        yield path.read_text(encoding="utf-8")
        return
    with zipfile.ZipFile(path) as book:
        yield from (book.read(name).decode() for name in book.namelist())


def test_no_number_that_was_written_anywhere_is_in_any_feed(everywhere: Path, tmp_path: Path) -> None:
    assert next(_serial) > 30, "planted"
    for what, form in itertools.product(tables.TABLES, tables.FORMATS):
        out = tmp_path / f"{what}.{form}"
        done("export", what, "--out", str(out))
        for text in contents(out):
            found = PLANTED.search(text)
            assert found is None, (what, form, text[max(found.start() - 80, 0) : found.end()])
    shown = done("export", "entries", "--reveal", "--reason", "查", "--as", "L1")
    assert len(set(PLANTED.findall(json.dumps(shown, ensure_ascii=False)))) > 30, "they are there for who may see them"


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from leaves(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, key)
    elif isinstance(value, str):
        yield key, value


def test_numbers_hashes_times_and_sums_stay_as_they_are(full_desk: Path) -> None:
    (full_desk / "scan.pdf").write_bytes(b"%PDF-1.7")
    done("attach", "P20261122-0001", str(full_desk / "scan.pdf"), "--as", "C1")
    for what in ("orders", "entries"):
        masked = done("export", what)[what]
        bare = done("export", what, "--reveal", "--reason", "查", "--as", "L1")[what][: len(masked)]
        assert len(masked) == len(bare)
        for one, other in zip(masked, bare, strict=True):
            for (key, hidden), (_, text) in zip(leaves(one), leaves(other), strict=True):
                assert hidden == text or key in ("phone", "phones", "old", "new"), (key, hidden, text)


def test_what_a_field_was_and_became_is_of_its_kind() -> None:
    number = {"external_id": {"old": "20261122000123", "new": "WX-7654321"}}
    assert without_phones(number) == number
    told = without_phones({"external_id": {"old": "20261122000123", "new": "ext-13911110002"}})
    assert told == {"external_id": {"old": "20261122000123", "new": "ext-****"}}
    model = {"model": {"old": "13911110001", "new": "x 13911110002"}}
    assert without_phones(model) == {"model": {"old": "****", "new": "x ****"}}
    places = {"postings": [{"place": "3-2-501", "reason": "退 13911110003", "amount": "1234567.00"}]}
    assert without_phones(places)["postings"] == [{"place": "3-2-501", "reason": "退 ****", "amount": "1234567.00"}]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("8888-6666", "****"),
        ("座机 021-8888 6666 转 2", "座机 **** 转 2"),
        ("打13911110001", "打****"),
        ("2026-11-22 13911110001", "2026-11-22 ****"),
        ("139-1111-0001", "****"),
        ("1999-11-12222", "****"),
        ("x" * 64 + "13911110001", "x" * 64 + "****"),
        ("2026-11-22 10:05 到 2026-11-23 08:00", "2026-11-22 10:05 到 2026-11-23 08:00"),
        ("同 P20261122-0007", "同 P20261122-0007"),
        ("0123456789abcdef" * 4, "0123456789abcdef" * 4),
        ("3-2-501 与 3-2-502", "3-2-501 与 3-2-502"),
    ],
)
def test_what_is_no_phone_number_stays_in_words(said: str, told: str) -> None:
    assert in_text(said) == told
