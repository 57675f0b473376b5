"""What comes from others: bounded, named to the version, and none of it pulled in unseen."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
UNBOUNDED = {"tzdata": "versions are dates and data only: the newest is always the right one"}
"""What runs with the program and has no upper bound, and why."""
OF_THE_MAKERS = "dev"


def asked_for() -> Iterator[tuple[str, Requirement]]:
    """What the program and each of its extras ask for."""
    project = PROJECT["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    for group, wanted in groups.items():
        yield from ((group, Requirement(text)) for text in wanted)


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if line.strip() and not line.startswith("#")]
    assert not [line for line in found if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.!+]*", line)]
    assert len({canonicalize_name(line.partition("==")[0]) for line in found}) == len(found)
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in found)}


@pytest.mark.parametrize("wanted", [one for group, one in asked_for() if group != OF_THE_MAKERS], ids=str)
def test_what_runs_with_the_program_is_bounded_from_both_sides(wanted: Requirement) -> None:
    operators = {one.operator for one in wanted.specifier}
    assert operators & {">=", "==", "~="}, "an older one may lack what is used"
    assert wanted.url is None
    assert operators & {"<", "==", "~="} or wanted.name in UNBOUNDED


def test_what_builds_the_program_is_bounded() -> None:
    assert all("<" in str(Requirement(text).specifier) for text in PROJECT["build-system"]["requires"])


def test_every_constraint_is_a_name_and_one_version_that_the_ranges_allow() -> None:
    versions = pinned()
    for _, wanted in asked_for():
        assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), wanted


def test_the_constraints_name_everything_that_comes_along() -> None:
    """From what is asked for to what that asks for, as far as it is installed here."""
    missing, seen, todo = set[str](), set[str](), [wanted for _, wanted in asked_for()]
    while todo:
        wanted = todo.pop()
        name = canonicalize_name(wanted.name)
        if name in seen or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        seen.add(name)
        if name not in pinned():
            missing.add(name)
        try:
            further = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        todo += [Requirement(text) for text in further]
    assert len(seen) > 40
    assert not missing


# --- make audit


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return import_module("audit")


ANSWERS = {
    "well": ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', 0, 0),
    "a hole": (
        '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "X-1", "fix_versions": ["2"]}]}]}', 1, 1
    ),
    "none is known": ('{"dependencies": [{"name": "a", "skip_reason": "not found"}]}', 0, 1),
    "nothing": ('{"dependencies": []}', 0, 1),
    "one is unknown": (
        '{"dependencies": [{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "none"}]}', 0, 1
    ),
    "no network": ("", 0, 1),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "code", "strict"), ANSWERS.values(), ids=ANSWERS)
def test_an_audit_says_what_it_found_and_what_it_did_not_look_at(
    answer: str, code: int, strict: int, audit: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stub = tmp_path / "pip-audit"
    stub.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n")
    stub.chmod(0o755)
    audit.program = lambda: [str(stub)]
    assert audit.main([]) == code
    assert audit.main(["--strict"]) == strict
    said = capsys.readouterr()
    assert ("NOT looked at" in said.err or "SKIPPED" in said.err) == (strict > code)
    assert ("X-1" in said.out) == (code == 1)
    assert ("packages looked at" in said.out) != ("SKIPPED" in said.err), (
        "of a run that saw nothing no figures are given"
    )


def test_without_the_tool_an_audit_says_so_loudly(audit: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    audit.program = lambda: None
    assert (audit.main([]), audit.main(["--strict"])) == (0, 1)
    assert capsys.readouterr().err.count("SKIPPED") == 2
