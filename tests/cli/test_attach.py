"""attach as a script and as a person see it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from desk_cli import IN_HOME, PUBLIC, done, nothing_written, refused, run

pytestmark = pytest.mark.rule("REC-1")

KEYS = "name what media_type bytes sha256 file at by note".split()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    file = tmp_path / "签单.pdf"
    file.write_bytes(b"%PDF-1.7\nsigned")
    return file


@pytest.fixture
def number(desk: Path) -> str:
    return str(done("intake", *IN_HOME, "--as", "C1")["number"])


def test_the_answer_is_the_order_with_what_is_attached_to_it(desk: Path, number: str, scan: Path) -> None:
    document = done("attach", number, str(scan), "--note", "住户联", "--as", "C1")
    assert document["number"] == number
    (one,) = document["attachments"]
    assert list(one) == KEYS
    assert (one["name"], one["what"], one["media_type"], one["bytes"]) == ("签单.pdf", "slip", "application/pdf", 15)
    assert (one["by"], one["note"], one["at"]) == ("C1", "住户联", "2026-11-24T09:00:00+08:00")
    assert (desk / one["file"]).read_bytes() == scan.read_bytes()
    assert document["warnings"] == []


def test_an_order_without_any_has_an_empty_list(number: str) -> None:
    assert done("show", number)["attachments"] == []


def test_show_lists_them_in_a_line_each(number: str, scan: Path) -> None:
    done("attach", number[-4:], str(scan), "--what", "photo", "--note", "住户联", "--as", "C1")
    (one,) = done("show", number)["attachments"]
    lines = run("show", number).splitlines()
    at = lines.index("attachments")
    assert lines[at + 1] == f"  2026-11-24 09:00  photo 签单.pdf (1 kB)  C1: 住户联  {one['file']}"
    assert "photo" in run("show", number, "--entries").splitlines()[-1]


def test_the_same_again_is_done_already_and_remarked(desk: Path, number: str, scan: Path) -> None:
    done("attach", number, str(scan), "--as", "C1")
    with nothing_written(desk / "ledger.db"):
        document = done("attach", number, str(scan), "--as", "C1")
    assert len(document["attachments"]) == 1
    (warning,) = document["warnings"]
    assert "already" in warning


def test_what_is_missing_is_named(number: str) -> None:
    assert refused(2, "attach", "--as", "C1")["missing"] == ["number", "file"]
    assert refused(2, "attach", number, "--as", "C1")["missing"] == ["file"]


def test_of_several_reasons_the_code_is_the_one_that_counts(desk: Path, number: str, scan: Path) -> None:
    with nothing_written(desk / "ledger.db"):
        refused(11, "attach", number, "nothing.jpg", "--as", "W1")
        refused(11, "attach", "9999", str(scan), "--as", "C1")
        refused(2, "attach", number, str(scan), "--what", "film", "--as", "W1")
        refused(2, "attach", number, str(desk), "--as", "C1")
        scan.write_bytes(b"plain text")
        assert refused(12, "attach", number, str(scan), "--as", "W1")["kind"] == "not-permitted"
        assert refused(10, "attach", number, str(scan), "--as", "C1")["rule"] == "REC-1"
        scan.write_bytes(b"")
        refused(14, "attach", number, str(scan), "--as", "C1")
    assert not (desk / "attachments").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="who may do everything is refused nothing")
def test_a_desk_that_cannot_be_written_is_a_matter_of_storage(desk: Path, number: str, scan: Path) -> None:
    desk.chmod(0o500)
    try:
        refused(17, "attach", number, str(scan), "--as", "C1")
    finally:
        desk.chmod(0o700)
    scan.chmod(0)
    refused(17, "attach", number, str(scan), "--as", "C1")


def test_it_does_not_happen_before_what_happened_last(number: str, scan: Path) -> None:
    assert refused(10, "attach", number, str(scan), "--at", "2026-11-20T09:00", "--as", "C1")["rule"] == "REC-2"


def test_verify_says_which_file_was_altered(desk: Path, scan: Path) -> None:
    number = str(done("intake", *PUBLIC, "--as", "C1")["number"])
    (one,) = done("attach", number, str(scan), "--as", "C1")["attachments"]
    assert done("verify")["ok"]
    (desk / one["file"]).write_bytes(b"%PDF-1.7\nforged")
    found = run("verify", "--json")
    assert found.exit_code == 16
    (problem,) = found.json["problems"]
    assert one["file"] in problem["what"]
    assert problem["seq"] == found.json["entries"]
    assert one["file"] in run("verify")


def test_doctor_names_a_file_that_belongs_to_no_order(desk: Path, number: str, scan: Path) -> None:
    done("attach", number, str(scan), "--as", "C1")
    assert "attachments" not in run("doctor")
    (desk / "attachments" / "left.jpg").write_bytes(b"")
    assert "attachments/left.jpg" in run("doctor")
