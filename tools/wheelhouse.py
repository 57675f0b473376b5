"""Pack all that an office without internet installs from: dist/repairdesk-VERSION-PLATFORM-PYTHON.zip.

tools/wheelhouse.py [--extras NAME,…] [--out FOLDER]

It is made for the system and the Python that run it. Inside are the program's wheel, a wheel of every package that it
needs, in the versions of constraints.txt, their checksums, and a script that proves and installs them.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = "notify,sign,pdf,tui"
SCRIPT = ROOT / "tools" / "install.sh"
READ_ME = """\
repairdesk {version}
{platform}, Python {python}

    sh install.sh [FOLDER]

proves every file, makes a virtual environment in FOLDER (~/repairdesk) and installs repairdesk into it, without a
network. Then

    FOLDER/bin/repairdesk init --home desk
    FOLDER/bin/repairdesk doctor --home desk

----

    sh install.sh [文件夹]

先核对每个文件，再在文件夹（默认 ~/repairdesk）里建虚拟环境，装上 repairdesk，不用网络。然后

    文件夹/bin/repairdesk init --home desk
    文件夹/bin/repairdesk doctor --home desk
"""


def run(*argv: str) -> None:
    """Do something with this Python.

    Raises:
        SystemExit: it failed.
    """
    call = [sys.executable, "-m", *argv]
    if subprocess.run(call, cwd=ROOT, check=False).returncode:
        sys.exit(f"wheelhouse: {' '.join(argv[:2])} failed; it needs a network")


def name_of(version: str) -> str:
    """What the zip is called: the version, the system, the machine, the Python."""
    python = f"py{sys.version_info[0]}{sys.version_info[1]}"
    return f"repairdesk-{version}-{platform.system().lower()}-{platform.machine().lower()}-{python}"


def gather(wheels: Path, extras: str) -> str:
    """Put every wheel into a folder; the version of the program."""
    run("build", "--wheel", "--no-isolation", "--outdir", str(wheels))
    program = next(wheels.glob("repairdesk-*.whl"))
    wanted = f"{program}[{extras}]" if extras else str(program)
    run("pip", "download", "-q", "--disable-pip-version-check", "--only-binary=:all:", "-c", "constraints.txt",
        "-d", str(wheels), wanted)  # fmt: skip
    return program.name.split("-")[1]


def sums(folder: Path) -> str:
    """The checksum of every file below a folder, as sha256sum writes and reads it."""
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n" for name, path in files.items())


def pack(wheels: Path, version: str, extras: str, out: Path) -> Path:
    """The zip, with a folder of its own name in it."""
    name = name_of(version)
    home = wheels.parent
    script = SCRIPT.read_text(encoding="utf-8")
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for mark, value in {"@PYTHON@": python, "@VERSION@": version, "@EXTRAS@": f"[{extras}]" if extras else ""}.items():
        script = script.replace(mark, value)
    (home / "install.sh").write_text(script, encoding="utf-8")
    about = READ_ME.format(version=version, platform=f"{platform.system()} {platform.machine()}", python=python)
    (home / "README.txt").write_text(about, encoding="utf-8")
    (home / "SHA256SUMS").write_text(sums(home), encoding="utf-8")
    out.mkdir(parents=True, exist_ok=True)
    packed = out / f"{name}.zip"
    # Wheels are packed already.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(path for path in home.rglob("*") if path.is_file()):
            archive.write(path, f"{name}/{path.relative_to(home).as_posix()}")
    return packed


def main(arguments: Sequence[str]) -> int:
    """Make it, and say where it is."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--extras", default=EXTRAS, help=f"separated by commas; {EXTRAS}")
    reader.add_argument("--out", type=Path, default=ROOT / "dist", help="dist")
    said = reader.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder) / "wheels"
        wheels.mkdir()
        version = gather(wheels, said.extras)
        packed = pack(wheels, version, said.extras, said.out)
    print(f"{packed}  {packed.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
