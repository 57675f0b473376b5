"""A disk that is full, a folder that cannot be written, and what else may lie where the ledger should: a clear word."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hands import COMMAND, desk, environment, typed, whole
from repairdesk.ledger import places
from tools_needed import needs, needs_root

pytestmark = pytest.mark.sqlite

INTAKE = ("intake", "--kind", "public_area", "--place", "东门", "--fault", "灯", "--new", "--as", "C0", "--json")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with a few orders; it is copied for each test."""
    home = desk(tmp_path_factory.mktemp("made"), 1)
    for _ in range(3):
        assert typed(home, *INTAKE).returncode == 0
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "desk")


def refusal(ran: subprocess.CompletedProcess[str], code: int) -> str:
    """The sentence of a refusal with this code, the only thing that was said."""
    assert ran.returncode == code, (ran.returncode, ran.stdout, ran.stderr)
    assert "Traceback" not in ran.stderr
    said = json.loads(ran.stderr)["error"]
    assert said["code"] == code
    return str(said["message"])


# --- full


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A disk of so many kilobytes, in memory."""
    needs_root("to mount a small disk")
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(folder)],
                             capture_output=True, text=True, check=False)  # fmt: skip
    if mounted.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.rule("REC-1")
def test_a_disk_that_fills_up_refuses_and_what_was_acknowledged_is_there(made: Path, tmp_path: Path) -> None:
    """Until the disk is full, and then with less and less to write."""
    size = sum(file.stat().st_size for file in made.iterdir()) // 1024
    with small_disk(tmp_path / "disk", size + 260) as disk:
        home = shutil.copytree(made, disk / "desk")
        before, acked, refused = whole(home)["entries"], 0, []
        lines = "".join(json.dumps({"do": "intake", "kind": "public_area", "place": f"大堂{n}", "fault": "灯" * 900,
                                    "new": True, "as": "C0"}) + "\n" for n in range(60))  # fmt: skip
        ran = subprocess.run([*COMMAND, "batch", "-"], input=lines, env=environment(home), capture_output=True,
                             text=True, check=False)  # fmt: skip
        answers = [json.loads(line) for line in ran.stdout.splitlines()]
        acked = sum(one["ok"] for one in answers)
        refused = [one["error"] for one in answers if not one["ok"]]
        assert (ran.returncode, len(refused), refused[0]["code"]) == (17, 1, 17)
        assert "full" in refused[0]["message"]
        assert acked > 0
        found = whole(home)
        assert (found["entries"], found["problems"]) == (before + acked, [])
        assert "full" in refusal(typed(home, *INTAKE[:6], "灯" * 9000, *INTAKE[7:]), 17)
        assert "full" in refusal(typed(home, "backup", str(disk / "away.tar"), "--json"), 17)
        assert sorted(path.name for path in disk.iterdir()) == ["desk"], "nothing half-written"
        assert typed(home, "list").returncode == 0


def test_a_limit_on_how_big_a_file_may_grow_refuses_and_changes_nothing(home: Path, tmp_path: Path) -> None:
    before = whole(home)
    least = (home / "ledger.db").stat().st_size

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, least))

    file = tmp_path / "rows.csv"
    file.write_text("kind,place,fault\n" + f"public_area,大堂,{'灯' * 500}\n" * 200, encoding="utf-8")
    for argv in (("import", str(file), "--as", "C0", "--json"), ("backup", str(tmp_path / "away.tar"), "--json")):
        ran = subprocess.run([*COMMAND, *argv], env=environment(home), capture_output=True, text=True, check=False,
                             preexec_fn=limited)  # fmt: skip
        assert ran.returncode == 17, ran.stderr
    assert whole(home) == before
    assert not (tmp_path / "away.tar").exists()


@pytest.mark.parametrize("out", ["/dev/full", "/dev/null"])
def test_a_refusal_keeps_its_code_where_nobody_can_be_told_as_the_disk_is_full(home: Path, out: str) -> None:
    with open(out, "w") as stdout, open("/dev/full", "w") as stderr:
        for argv, code in ((("show", "nope"), 11), (("show", "nope", "--json"), 11), (("list", "--limit", "x"), 2)):
            ran = subprocess.run([*COMMAND, *argv], env=environment(home), stdout=stdout, stderr=stderr, check=False)
            assert ran.returncode == code, argv


# --- not ours to write

NOBODY = 65_534


@pytest.fixture
def public(made: Path) -> Iterator[Path]:
    """A desk where anybody may go: pytest's own folders are closed to others, again and again."""
    needs_root("to become somebody else")
    needs("setpriv")
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="repairdesk-") as folder:
        Path(folder).chmod(0o755)
        home = shutil.copytree(made, Path(folder) / "desk")
        if by_nobody(home, "--help").returncode != 0:
            pytest.skip("the program itself lies where nobody else may read")
        yield home


def by_nobody(home: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """A command that is typed by somebody whom modes bind."""
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *COMMAND, *argv]
    env = environment(home, PYTHONDONTWRITEBYTECODE="1", HOME=str(home.parent))
    env.pop("PYTHONPYCACHEPREFIX")
    return subprocess.run(command, env=env, cwd="/", capture_output=True, text=True, check=False, timeout=120)


def test_a_folder_that_cannot_be_written_is_read_and_refuses_to_be_written(public: Path) -> None:
    before = whole(public)
    public.chmod(0o555)
    for file in public.iterdir():
        file.chmod(0o444)
    looked = by_nobody(public, "list", "--json")
    assert looked.returncode == 0, looked.stderr
    assert json.loads(looked.stdout)["total"] == 3
    assert by_nobody(public, "verify").returncode == 0
    assert "ledger.db" in refusal(by_nobody(public, *INTAKE), 17)
    refusal(by_nobody(public, "backup", str(public / "away.tar"), "--json"), 17)
    (public / "ledger.db").chmod(0o600)
    for argv in (("list", "--json"), INTAKE, ("verify", "--json")):
        assert "ledger.db" in refusal(by_nobody(public, *argv), 17)
    (public / "ledger.db").chmod(0o444)
    (public / "policies.yaml").chmod(0o600)
    assert "policies.yaml" in refusal(by_nobody(public, "list", "--json"), 17)
    assert whole(public) == before


def test_a_file_that_only_lacks_the_right_to_be_written_says_so(public: Path) -> None:
    """The folder is everybody's: SQLite opens such a file for reading, and finds out in the middle."""
    public.chmod(0o777)
    (public / "ledger.db").chmod(0o444)
    assert "ledger.db" in refusal(by_nobody(public, *INTAKE), 17)
    assert whole(public)["problems"] == []


# --- something else in its place


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2 // 4096 * 4096)


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


IN_ITS_PLACE: dict[str, tuple[Callable[[Path], object], int]] = {
    "nothing": (lambda path: path.unlink(), 11),
    "an empty file": (lambda path: path.write_bytes(b""), 16),
    "a text": (lambda path: path.write_text("a text\n" * 999), 16),
    "half of it": (cut, 16),
    "a folder": (directory, 17),
    "a pipe": (pipe, 17),
    "a device": (device, 17),
    "a link to itself": (loop, 17),
}


@pytest.mark.parametrize("kind", IN_ITS_PLACE)
def test_what_stands_in_the_ledgers_place_is_refused_by_every_command_and_none_waits_for_it(
    home: Path, kind: str
) -> None:
    put, code = IN_ITS_PLACE[kind]
    put(home / "ledger.db")
    for argv in (("list", "--json"), INTAKE, ("escalate", "--json"), ("backup", str(home.parent / "a.tar"), "--json")):
        said = refusal(typed(home, *argv), code)
        assert str(home / "ledger.db") in said, argv
    assert not (home.parent / "a.tar").exists()


# --- over a network


@pytest.fixture
def over_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path], None]:
    """This machine says of the file system of a folder that it is of another kind."""
    if os.major(Path("/dev/shm").stat().st_dev):
        pytest.skip("there is no file system here whose device has no number")

    def says(kind: str, folder: Path) -> None:
        device = folder.stat().st_dev
        line = f"36 35 {os.major(device)}:{os.minor(device)} / {folder} rw,noatime - {kind} server:/desk rw\n"
        (tmp_path / "mountinfo").write_text("20 1 254:0 / / rw - ext4 /dev/vda rw\n" + line)
        monkeypatch.setattr(places, "MOUNTS", tmp_path / "mountinfo")

    return says


@pytest.fixture
def in_memory(made: Path) -> Iterator[Path]:
    """A desk where the device has no number, as none has over a network."""
    folder = Path("/dev/shm") / f"repairdesk-{os.getpid()}"
    shutil.copytree(made, folder / "desk")
    yield folder / "desk"
    shutil.rmtree(folder)


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph"])
def test_a_ledger_on_a_network_file_system_is_refused_and_none_is_made_there(
    over_the_network: Callable[[str, Path], None], in_memory: Path, kind: str
) -> None:
    from repairdesk.errors import StorageError
    from repairdesk.ledger.journal import Ledger

    over_the_network(kind, in_memory)
    ledger = Ledger(in_memory / "ledger.db")
    for use in (ledger.read, ledger.write, lambda: Ledger.create(in_memory / "new.db")):
        with pytest.raises(StorageError, match=kind), use():  # type: ignore[attr-defined]
            pass
    assert not (in_memory / "new.db").exists()


@pytest.mark.parametrize("kind", ["tmpfs", "btrfs", "overlay", "fuse.ntfs-3g", "fuseblk", "zfs"])
def test_a_file_system_of_this_machine_is_none_over_a_network(
    over_the_network: Callable[[str, Path], None], in_memory: Path, kind: str
) -> None:
    from repairdesk.ledger.journal import Ledger

    over_the_network(kind, in_memory)
    with Ledger(in_memory / "ledger.db").write() as writer:
        assert writer.head()[0] > 0


def test_a_machine_that_does_not_say_what_is_mounted_refuses_nothing(
    in_memory: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from repairdesk.ledger.journal import Ledger

    monkeypatch.setattr(places, "MOUNTS", tmp_path / "none")
    with Ledger(in_memory / "ledger.db").read() as reader:
        assert reader.head()[0] > 0
