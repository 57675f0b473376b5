"""A PostgreSQL of the tests' own: made in a temporary folder, reached by a socket in it, gone with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PLACES = (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/local/pgsql/bin"))
_OWN = "postgres"
"""PostgreSQL refuses to run as root, so root runs it as the user that Debian makes for it."""


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; None: there is none."""
    found = shutil.which("pg_ctl")
    for folder in ((Path(found).resolve().parent,) if found else ()) + _PLACES:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


class Server:
    """A server that runs; ``folder`` is where its socket is, too."""

    def __init__(self, folder: Path, programs: Path, *, synced: bool = True) -> None:
        self.folder, self._programs, self._synced = folder, programs, synced

    def url(self, user: str = _OWN, database: str = "postgres") -> str:
        """What libpq connects to."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def run(self, program: str, *arguments: str) -> None:
        """One of its programs, as the user that it runs as; what it says goes into a file, as the server keeps it."""
        command = [str(self._programs / program), "-D", str(self.folder / "data"), *arguments]
        as_own = {"user": _OWN, "group": _OWN, "extra_groups": []} if os.geteuid() == 0 else {}
        with (self.folder / "said").open("ab") as said:
            done = subprocess.run(
                command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd=self.folder, check=False, **as_own
            )
        if done.returncode:
            raise RuntimeError((self.folder / "said").read_text(errors="replace"))

    def start(self) -> None:
        """Start, and wait until it answers."""
        # Nothing of the tests outlives the power, so that no disk is waited for where nobody asks how long it takes.
        options = f"-k {self.folder} -c listen_addresses= -c max_connections=40"
        options += "" if self._synced else " -c fsync=off"
        self.run("pg_ctl", "-w", "-t", "60", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop: ``immediate`` is as if it was killed."""
        self.run("pg_ctl", "-w", "-m", mode, "stop")


@contextmanager
def running(folder: Path, programs: Path, *, synced: bool = False) -> Iterator[Server]:
    """A new server in an empty folder; ``synced``: what it begins with is on the disk, as what it writes will be."""
    if os.geteuid() == 0:
        shutil.chown(folder, _OWN, _OWN)
    server = Server(folder, programs, synced=synced)
    made = ("-U", _OWN, "--auth=trust", "--encoding=UTF8", "--locale=C", *(() if synced else ("--no-sync",)))
    # Sorted as Chinese is, by sound, where the build can: what is to be in the order of its bytes must say so itself.
    try:
        server.run("initdb", *made, "--locale-provider=icu", "--icu-locale=zh")
    except RuntimeError:
        shutil.rmtree(folder / "data", ignore_errors=True)
        server.run("initdb", *made)
    server.start()
    try:
        yield server
    finally:
        server.stop("immediate")
