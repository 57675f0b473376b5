"""The wheelhouse: it proves what it holds, and installs without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tools_needed import needs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def maker() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        yield import_module("wheelhouse")


def unpacked(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    (home,) = folder.iterdir()
    return home


@pytest.fixture
def house(maker: ModuleType, tmp_path: Path) -> Path:
    """A wheelhouse with one file that is no wheel, unpacked."""
    wheels = tmp_path / "made" / "wheels"
    wheels.mkdir(parents=True)
    (wheels / "repairdesk-0.1.0-py3-none-any.whl").write_bytes(b"no wheel")
    return unpacked(maker.pack(wheels, "0.1.0", "notify", tmp_path / "out"), tmp_path / "there")


def installed(house: Path, folder: Path, *before: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*before, "sh", str(house / "install.sh"), str(folder)], capture_output=True, text=True,
                          env=os.environ | variables, check=False, stdin=subprocess.DEVNULL)  # fmt: skip


def test_the_zip_has_a_folder_that_names_version_system_and_python(house: Path, maker: ModuleType) -> None:
    assert house.name == maker.name_of("0.1.0")
    assert house.name.startswith("repairdesk-0.1.0-")
    assert house.name.endswith(f"-py{sys.version_info[0]}{sys.version_info[1]}")
    assert {path.name for path in house.iterdir()} == {"README.txt", "SHA256SUMS", "install.sh", "wheels"}
    assert "@" not in (house / "install.sh").read_text(encoding="utf-8").replace('"$@"', "")


def test_a_damaged_file_is_told_and_nothing_is_installed(house: Path, tmp_path: Path) -> None:
    needs("sha256sum")
    next((house / "wheels").iterdir()).write_bytes(b"no whee1")
    done = installed(house, tmp_path / "desk")
    assert done.returncode == 1
    assert "a file is damaged or missing, nothing was installed" in done.stderr
    assert not (tmp_path / "desk").exists()


def test_a_missing_file_is_told_and_nothing_is_installed(house: Path, tmp_path: Path) -> None:
    needs("sha256sum")
    next((house / "wheels").iterdir()).unlink()
    assert installed(house, tmp_path / "desk").returncode == 1
    assert not (tmp_path / "desk").exists()


def test_another_python_is_told_and_nothing_is_installed(house: Path, tmp_path: Path) -> None:
    needs("sha256sum")
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\nexit 1\n")
    other.chmod(0o755)
    done = installed(house, tmp_path / "desk", PYTHON=str(other))
    assert done.returncode == 1
    assert "it needs Python" in done.stderr
    assert not (tmp_path / "desk").exists()


def offline() -> list[str]:
    """How something is run with the network off."""
    needs("unshare")
    for way in (["unshare", "-n"], ["unshare", "-rn"]):
        if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
            return way
    pytest.skip("SKIPPED LOUDLY: unshare may not turn the network off here, so installing offline was not tried")


@pytest.mark.slow
def test_an_office_without_internet_installs_and_takes_a_report(tmp_path: Path) -> None:
    way = offline()
    made = subprocess.run([sys.executable, "tools/wheelhouse.py", "--out", str(tmp_path / "out")], cwd=ROOT,
                          capture_output=True, text=True, check=False)  # fmt: skip
    if made.returncode:
        pytest.skip(f"SKIPPED LOUDLY: no wheelhouse, so installing offline was not tried: {made.stderr.strip()[-200:]}")
    (archive,) = (tmp_path / "out").iterdir()
    house = unpacked(archive, tmp_path / "there")
    archive.unlink()
    dead = subprocess.run([*way, sys.executable, "-c", "import socket; socket.create_connection(('127.0.0.1', 9), 1)"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert "unreachable" in dead.stderr, "the network is not off"

    done = installed(house, tmp_path / "program", *way, HOME=str(tmp_path / "home"), PYTHON=sys.executable)
    assert done.returncode == 0, done.stderr
    program = str(tmp_path / "program" / "bin" / "repairdesk")
    shutil.rmtree(house)

    def typed(*argv: str) -> str:
        said = subprocess.run([*way, program, *argv, "--home", str(tmp_path / "desk")], cwd=tmp_path, text=True,
                              capture_output=True, check=False, stdin=subprocess.DEVNULL)  # fmt: skip
        assert said.returncode == 0, said.stderr
        return said.stdout

    typed("init", "--preset", "liyuan")
    typed("staff", "add", "C1", "--name", "李娜", "--role", "clerk")
    taken = typed("intake", "--kind", "in_home", "--place", "3-2-501", "--caller", "陈女士", "--phone", "13800001234",
                  "--fault", "水龙头滴水", "--service", "tap", "--as", "C1", "--lang", "zh")  # fmt: skip
    assert "已报事" in taken
    assert "台账" in typed("doctor", "--lang", "zh")
    assert typed("verify")
    # What a bare install forgets: the data of the package, and the extras.
    assert '"title": "repairdesk: fees.yaml"' in typed("policies", "schema", "fees")
    python = str(tmp_path / "program" / "bin" / "python")
    extras = "import apprise, cryptography, textual; from importlib.metadata import version; version('weasyprint')"
    assert subprocess.run([*way, python, "-c", extras], check=False).returncode == 0
