"""A machine with a desk in strong mode, made by the commands of the guide: accounts, program, rule of sudo.

Everything has a name of this run, lies in a temporary folder, and goes with it: accounts, group, the file in sudoers.d.
"""

from __future__ import annotations

import importlib.metadata as metadata
import os
import pwd
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide"
PEOPLE = ("li", "zhang", "zhou", "mo")
_SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_ROW = re.compile(r"\| `(.+)` \| (\S+) \| (\S+) \| (\S+) \|")
_NOT_COPIED = ("test", "idlelib", "tkinter", "turtledemo", "site-packages", "dist-packages", "__pycache__", "config-*")


def blocks(language: str) -> list[str]:
    """What the page types as root, in its order."""
    return _SHELL.findall((GUIDE / language / "strong.md").read_text(encoding="utf-8"))


def table(language: str) -> list[tuple[str, ...]]:
    """The rows of the page's table: what is typed, and what comes of it for the clerk, the technician, the stranger."""
    page = (GUIDE / language / "strong.md").read_text(encoding="utf-8")
    return [tuple(row) for row in _ROW.findall(page)]


class Machine:
    """The names of the page, and what they are called here."""

    def __init__(self, folder: Path, tag: str) -> None:
        self.folder = folder
        self.account, self.group = f"rd{tag}", f"rg{tag}"
        self.people = {name: f"r{name[0]}{name[-1]}{tag}" for name in PEOPLE}
        self.program, self.installed = folder / "bin" / "repairdesk", folder / "opt"
        self.desk, self.sudoers = folder / "lib" / "desk", Path("/etc/sudoers.d") / self.account
        self._names = {
            "/usr/local/bin": f"{folder}/bin",
            "/opt/repairdesk": str(self.installed),
            "/var/lib/repairs": f"{folder}/lib",
            "/var/lib/old": f"{folder}/old",
            "/etc/sudoers.d/repairs": str(self.sudoers),
            "repairs": self.account,
            "duty": self.group,
            **self.people,
        }
        longest = sorted(self._names, key=len, reverse=True)
        self._pattern = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, longest)) + r")(?![\w-])")

    def here(self, text: str) -> str:
        """A text of the page with the names of this machine."""
        return self._pattern.sub(lambda found: self._names[found[0]], text)

    def root(self, script: str) -> str:
        """What root types."""
        env = {
            "PATH": f"{self.folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": "/root",
            "REPAIRDESK_LANG": "en",
        }
        done = subprocess.run(
            ["sh", "-eu", "-c", script],
            env=env,
            cwd="/",
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{script}\n{done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def home(self, who: str) -> Path:
        """The folder in which somebody types."""
        return self.folder / "home" / who

    def command(self, who: str, *command: str) -> list[str]:
        """A command as somebody runs it, logged in: with their groups and nobody else's."""
        user = pwd.getpwnam(self.people[who])
        return ["/usr/bin/setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--init-groups", *command]

    def environment(self, **more: str) -> dict[str, str]:
        """What stands in somebody's environment after they logged in."""
        return {"PATH": f"{self.folder}/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "REPAIRDESK_LANG": "en", **more}

    def types(
        self, who: str, line: str, *, given: str = "", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """What somebody types into their shell, and what comes of it."""
        return subprocess.run(
            self.command(who, "sh", "-c", self.here(line)),
            cwd=self.home(who),
            input=given,
            text=True,
            capture_output=True,
            env=self.environment(**(env or {})),
            check=False,
        )

    def logged_in(self, who: str) -> Path:
        """The same as a folder that is theirs alone."""
        home, user = self.home(who), pwd.getpwnam(self.people[who])
        home.mkdir(parents=True)
        os.chown(home, user.pw_uid, user.pw_gid)
        home.chmod(0o700)
        return home


@contextmanager
def machine(folder: Path, tag: str, python: Path) -> Iterator[Machine]:
    """Root's part of the page, done; undone afterwards, whatever went wrong."""
    made = Machine(folder, tag)
    try:
        for name in made.people.values():
            made.root(f"useradd --no-create-home --user-group --shell /bin/sh {name}")
        (folder / "bin").mkdir()
        install(python, made.installed)
        for block in blocks("en"):
            if "doctor" not in block:
                made.root(made.here(block))
        for name in PEOPLE:
            made.logged_in(name)
        yield made
    finally:
        for file in (made.sudoers, made.sudoers.with_name(f"{made.sudoers.name}.new")):
            file.unlink(missing_ok=True)
        for name in (*made.people.values(), made.account):
            subprocess.run(["userdel", "--force", name], capture_output=True, check=False)
        for name in (made.group, *made.people.values()):
            subprocess.run(["groupdel", name], capture_output=True, check=False)


# --- the program, where root alone can change it


def interpreter(folder: Path) -> Path:
    """A Python of this version that every account may run: the system's, else a copy of this one."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for found in (Path("/usr/bin") / version, Path("/usr/local/bin") / version):
        if found.exists() and _runs_for_all(found):
            return found
    base, copy = Path(sys.base_prefix), folder / "python"
    library = Path(sysconfig.get_path("stdlib")).relative_to(base)
    shutil.copytree(base / library, copy / library, ignore=shutil.ignore_patterns(*_NOT_COPIED), symlinks=True)
    for shared in (base / "lib").glob("libpython3*"):
        shutil.copy2(shared, copy / "lib", follow_symlinks=True)
    (copy / "bin").mkdir()
    shutil.copy2(os.path.realpath(sys.executable), copy / "bin" / version)
    return copy / "bin" / version


def _runs_for_all(python: Path) -> bool:
    ran = subprocess.run(
        [python, "-I", "-c", "import ctypes, sqlite3, ssl, venv"],
        user="nobody",
        group="nogroup",
        extra_groups=[],
        capture_output=True,
        cwd="/",
        check=False,
    )
    return ran.returncode == 0


def install(python: Path, folder: Path) -> None:
    """This source and what it needs, from where the tests have it: no network, and nobody else's to change."""
    subprocess.run([python, "-I", "-m", "venv", "--without-pip", folder], check=True)
    (libraries,) = folder.glob("lib/python3*/site-packages")
    shutil.copytree(ROOT / "src" / "repairdesk", libraries / "repairdesk", ignore=shutil.ignore_patterns("__pycache__"))
    rules = libraries / "repairdesk" / "rules" / "presets"
    for name, source in (("standard", "policies"), ("fees", "fees"), ("calendar", "calendar")):
        if not (rules / f"{name}.yaml").exists():
            shutil.copy2(ROOT / f"{source}.yaml", rules / f"{name}.yaml")
    # Root alone can write there, so nothing is compiled later.
    subprocess.run([python, "-I", "-m", "compileall", "-q", libraries / "repairdesk"], check=True)
    for name in sorted(_needed("repairdesk", {"tui"})):
        _copy(name, libraries)
    (folder / "bin" / "repairdesk").write_text(
        f"#!{folder}/bin/python\nfrom repairdesk.cli.__main__ import run\nrun()\n", encoding="utf-8"
    )
    (folder / "bin" / "repairdesk").chmod(0o755)


def _needed(name: str, extras: set[str], known: set[str] | None = None) -> set[str]:
    """Everything that a distribution needs, by name."""
    found = set() if known is None else known
    for text in metadata.distribution(name).requires or ():
        wanted = Requirement(text)
        if any(wanted.marker is None or wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)) and (
            wanted.name.casefold() not in found
        ):
            with suppress(metadata.PackageNotFoundError):
                metadata.distribution(wanted.name)
                found.add(wanted.name.casefold())
                _needed(wanted.name, set(wanted.extras), found)
    return found


def _copy(name: str, libraries: Path) -> None:
    for file in metadata.distribution(name).files or ():
        source = Path(str(file.locate()))
        if ".." in file.parts or not source.is_file():
            continue
        target = libraries / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
        target.chmod(0o644)
