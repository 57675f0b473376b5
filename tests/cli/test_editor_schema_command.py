"""``policies schema``: what an editor is given, on any terminal and without a desk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from desk_cli import run

from repairdesk.rules import schemas


@pytest.mark.parametrize("kind", schemas.KINDS)
def test_the_schema_of_each_file_is_put_out_without_a_desk(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = run("policies", "schema", kind)
    assert found.exit_code == 0
    assert found.json["title"] == f"repairdesk: {kind}.yaml"
    assert found.err == ""


def test_policies_are_meant_where_no_file_is_named() -> None:
    assert run("policies", "schema") == run("policies", "schema", "policies")


def test_a_file_without_a_schema_is_refused_with_those_that_have_one() -> None:
    refused = run("policies", "schema", "notify", "--json")
    assert refused.exit_code == 2
    assert "policies, fees, calendar" in refused.error["message"] or "policies、fees" in refused.error["message"]


def test_a_terminal_without_chinese_gets_the_same_document(tmp_path: Path) -> None:
    call = [sys.executable, "-m", "repairdesk.cli", "policies", "schema", "fees"]
    told = subprocess.run(call, env=os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
                          cwd=tmp_path, capture_output=True, check=True)  # fmt: skip
    (tmp_path / "fees.json").write_bytes(told.stdout)
    assert told.stdout.isascii()
    assert run("policies", "schema", "fees").json == json.loads(told.stdout)
