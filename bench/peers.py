"""Peers: the same three commands by others who keep such lists without a server, on as many items, in one run.

Each peer is installed into a folder of its own (roundup, django-helpdesk and sqlite-utils by pip into an environment,
taskwarrior by unpacking the package of the distribution), given its items in its own bulk way, once, and kept; then
one item is created, one shown and the open ones listed, each by a fresh process, as its own users would on a command
line, in turn with ours on a ledger of as many orders. Only 200 of the items are open, as in ours; taskwarrior is also
asked with all of them open, since it files away what is done and does not look at it again.

A peer that cannot be had here is left out, and that is said.

    python bench/peers.py [--items N] [--rounds N] [--only NAME,...] [--cache DIR] [--run FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

import ledgers
import page
import sizes
from pairs import Cost, Doc, process, row, turns

OPEN = ledgers.OPEN
MADE = "1"
"""Which items the kept peers have: another number for other ones."""
WHAT = "create show list".split()


class Missing(Exception):
    """The peer cannot be had here."""


class Peer(ABC):
    """One of the others: where it is, and its commands."""

    name: str
    package: str
    aim: float
    """How many times faster than it we mean to be."""

    def __init__(self, folder: Path, items: int) -> None:
        self.tool = folder / "tools" / self.package
        self.data = folder / f"{self.name.replace(' ', '-')}-{items}-{MADE}"
        self.items = items
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "DJANGO", "TASK", "TRACKER"))}
        self.env["PYTHONUTF8"] = "1"

    def ready(self) -> None:
        """Installed and filled; both once.

        Raises:
            Missing: it cannot be had.
        """
        if not self.tool.exists():
            half = self.tool.with_name(f"half-{self.package}")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
            self.install(self.tool)
            half.rmdir()
        if not self.data.exists():
            print(f"{self.name}: making {self.items:,} items ...", file=sys.stderr, flush=True)
            self.data.mkdir(parents=True)
            try:
                self.fill()
            except BaseException:
                shutil.rmtree(self.data)
                raise

    def install(self, to: Path) -> None:
        """From the package index, by pip, into an environment of its own."""
        try:
            self._call([sys.executable, "-m", "venv", str(to)])
            self._call([str(to / "bin" / "pip"), "-q", "--disable-pip-version-check", "install", self.package])
        except Missing:
            shutil.rmtree(to, ignore_errors=True)
            raise

    @abstractmethod
    def fill(self) -> None:
        """Make the items, in its own bulk way."""

    @abstractmethod
    def create(self) -> Sequence[str | Path]:
        """The command that creates one."""

    @abstractmethod
    def show(self) -> Sequence[str | Path]:
        """The command that shows one that is done with."""

    @abstractmethod
    def list(self) -> Sequence[str | Path]:
        """The command that lists the open ones, or their first page."""

    def given(self, what: str) -> str:
        """What a command reads from its input."""
        return ""

    @property
    def done(self) -> int:
        """Which item is shown."""
        return self.items // 2 + OPEN

    def run(self, what: str) -> Cost:
        """One run of a command."""
        command = {"create": self.create, "show": self.show, "list": self.list}[what]()
        return process(command, env=self.env, cwd=self.data, given=self.given(what))

    def _call(self, command: Sequence[str | Path], cwd: Path | None = None, given: str | None = None) -> str:
        ran = subprocess.run(command, env=self.env, cwd=cwd, input=given, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise Missing(f"{self.name}: {' '.join(map(str, command))[:200]}: {(ran.stderr or ran.stdout)[-400:]}")
        return ran.stdout


def texts(n: int) -> tuple[str, str]:
    """What item ``n`` says, and where."""
    return ("水龙头滴水", "走廊灯不亮")[n % 2], f"{n % 1000 + 1}-{n % 4 + 1}-{n % 20 + 1}01"


class Roundup(Peer):
    """Its tracker ``classic`` on SQLite, by ``roundup-admin``; it keeps a journal of changes, without a chain."""

    name, package, aim = "roundup", "roundup", 2.0

    def fill(self) -> None:
        admin = self.tool / "bin" / "roundup-admin"
        named = "mail_domain=desk.example,mail_host=localhost,tracker_web=http://localhost/"
        self._call([admin, "-i", self.data / "tracker", "install", "classic", "sqlite", named])
        self._call([admin, "-i", self.data / "tracker", "initialise", "secret"])
        self._call([self.tool / "bin" / "python", "-c", _ROUNDUP, self.data / "tracker", str(self.items), str(OPEN)])

    def create(self) -> Sequence[str | Path]:
        return [*self._admin(), "create", "issue", "title=漏水 3-2-501", "status=1", "priority=3"]

    def show(self) -> Sequence[str | Path]:
        return [*self._admin(), "display", f"issue{self.done}"]

    def list(self) -> Sequence[str | Path]:
        return [*self._admin(), "filter", "issue", "status=1"]

    def _admin(self) -> Sequence[str | Path]:
        return [self.tool / "bin" / "roundup-admin", "-i", self.data / "tracker"]


_ROUNDUP = """
import sys, roundup.instance
db = roundup.instance.open(sys.argv[1]).open("admin")
for n in range(int(sys.argv[2])):
    title = ("水龙头滴水", "走廊灯不亮")[n % 2] + f" {n % 1000 + 1}-{n % 4 + 1}-{n % 20 + 1}01"
    db.issue.create(title=title, status="1" if n < int(sys.argv[3]) else "8", priority="3")
    if n % 1000 == 999:
        db.commit()
db.commit()
"""


class Helpdesk(Peer):
    """Its tickets by ``manage.py shell``: it has no command of its own that creates or shows one."""

    name, package, aim = "django-helpdesk", "django-helpdesk", 5.0

    def fill(self) -> None:
        for file, text in _DJANGO.items():
            (self.data / file).write_text(text, encoding="utf-8")
        self._call([*self._manage(), "migrate", "-v", "0"], self.data)
        self._call([*self._shell(), _FILL.format(items=self.items, open=OPEN)], self.data)

    def create(self) -> Sequence[str | Path]:
        return [*self._shell(), "from helpdesk.models import Queue, Ticket\n"
                "made = Ticket(queue=Queue.objects.get(slug='repairs'), title='漏水', description='3-2-501')\n"
                "made.save()\nprint(made.id)"]  # fmt: skip

    def show(self) -> Sequence[str | Path]:
        return [*self._shell(), "from helpdesk.models import Ticket\n"
                f"one = Ticket.objects.select_related('queue').get(id={self.done})\n"
                "print(one.queue, one.id, one.title, one.description, one.status, one.created)\n"
                "for said in one.followup_set.all(): print(said.date, said.title)"]  # fmt: skip

    def list(self) -> Sequence[str | Path]:
        return [*self._shell(), "from helpdesk.models import Ticket\n"
                "for one in Ticket.objects.filter(status=1).order_by('-created')[:50]: print(one.id, one.title)\n"
                "print(Ticket.objects.filter(status=1).count())"]  # fmt: skip

    def _manage(self) -> Sequence[str | Path]:
        return [self.tool / "bin" / "python", "manage.py"]

    def _shell(self) -> Sequence[str | Path]:
        return [*self._manage(), "shell", "-c"]


_FILL = """
from helpdesk.models import Queue, Ticket
queue, _ = Queue.objects.get_or_create(title="repairs", slug="repairs")
words = ("水龙头滴水", "走廊灯不亮")
Ticket.objects.bulk_create(
    (Ticket(queue=queue, title=words[n % 2], description=f"{{n % 1000 + 1}}-{{n % 4 + 1}}-{{n % 20 + 1}}01",
            status=1 if n < {open} else 4) for n in range({items})), batch_size=500)
"""
_DJANGO = {
    "settings.py": """
SECRET_KEY = "nobody comes in"
INSTALLED_APPS = [*(f"django.contrib.{name}" for name in (
    "auth", "contenttypes", "sessions", "sites", "messages", "humanize", "admin")), "rest_framework", "helpdesk"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "desk.db"}}
SITE_ID = 1
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
ROOT_URLCONF = "urls"
STATIC_URL = "/static/"
HELPDESK_TEAMS_MODE_ENABLED = False
HELPDESK_KB_ENABLED = False
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {
    "context_processors": ["django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages", "django.template.context_processors.request"]}}]
""",
    "urls.py": "urlpatterns = []\n",
    "manage.py": """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
""",
}


class Tasks(Peer):
    """A program in C++ over text files; what is done is filed away in a file of its own, and not read again."""

    name, package, aim = "taskwarrior", "taskwarrior", 8.0
    all_open = False

    def install(self, to: Path) -> None:
        """The package of the distribution, unpacked: installing it would need root."""
        to.mkdir(parents=True)
        try:
            self._call(["apt-get", "-qq", "download", self.package], to)
            (package,) = to.glob("*.deb")
            self._call(["dpkg", "-x", package, to])
            self._call([to / "usr" / "bin" / "task", "--version"])
        except (Missing, OSError, ValueError) as error:
            shutil.rmtree(to)
            raise Missing(str(error)) from None

    def fill(self) -> None:
        settings = f"data.location={self.data}\nconfirmation=off\nnews.version=2.6.0\nverbose=new-id\n"
        (self.data / "rc").write_text(settings, encoding="utf-8")
        self.env["TASKRC"] = str(self.data / "rc")
        file = self.data / "items.json"
        dice = Random(1)
        with file.open("w", encoding="utf-8") as out:
            for n in range(self.items):
                fault, place = texts(n)
                one = {"uuid": self._uuid(dice), "description": fault, "project": place, "entry": "20260301T010000Z"}
                done = n >= OPEN and not self.all_open
                one |= {"status": "completed", "end": "20260301T020000Z"} if done else {"status": "pending"}
                out.write(json.dumps(one, ensure_ascii=False) + "\n")
        self._call([self._task(), "import", file])
        # What is done is filed away by the next report; that is no part of a clerk's command.
        self._call([self._task(), "list", "limit:1"])

    def create(self) -> Sequence[str | Path]:
        return [self._task(), "add", "漏水", "project:3-2-501"]

    def show(self) -> Sequence[str | Path]:
        dice = Random(1)
        for _ in range(self.done):
            shown = self._uuid(dice)
        return [self._task(), shown, "info"]

    def list(self) -> Sequence[str | Path]:
        return [self._task(), "list", "limit:50"]

    def run(self, what: str) -> Cost:
        self.env["TASKRC"] = str(self.data / "rc")
        return super().run(what)

    def _task(self) -> Path:
        return self.tool / "usr" / "bin" / "task"

    def _uuid(self, dice: Random) -> str:
        return str(uuid.UUID(int=dice.getrandbits(128), version=4))


class OpenTasks(Tasks):
    """The same with every task open."""

    name, all_open = "taskwarrior, all open", True


class Tables(Peer):
    """A table with two indexes and no history, by sqlite-utils: what remains if one wants nothing else of a desk."""

    name, package, aim = "sqlite-utils", "sqlite-utils", 1.5

    def fill(self) -> None:
        file = self.data / "items.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            out = csv.writer(stream)
            out.writerow("id place fault state reported_at".split())
            for n in range(self.items):
                fault, place = texts(n)
                out.writerow([n + 1, place, fault, "open" if n < OPEN else "done", f"2026-02-{n % 28 + 1:02}T01:00Z"])
        self._call([self._tool(), "insert", "desk.db", "orders", file, "--csv", "--pk", "id"], self.data)
        self._call([self._tool(), "create-index", "desk.db", "orders", "state", "reported_at"], self.data)
        self._call([self._tool(), "create-index", "desk.db", "orders", "place"], self.data)

    def create(self) -> Sequence[str | Path]:
        return [self._tool(), "insert", "desk.db", "orders", "-"]

    def given(self, what: str) -> str:
        one = {"place": "3-2-501", "fault": "漏水", "state": "open", "reported_at": "2026-03-01T01:00Z"}
        return json.dumps(one) if what == "create" else ""

    def show(self) -> Sequence[str | Path]:
        return [self._tool(), "rows", "desk.db", "orders", "--where", f"id = {self.done}"]

    def list(self) -> Sequence[str | Path]:
        return [self._tool(), "rows", "desk.db", "orders", "--where", "state = 'open'", "--order", "reported_at desc",
                "--limit", "50"]  # fmt: skip

    def _tool(self) -> Path:
        return self.tool / "bin" / "sqlite-utils"


PEERS: tuple[type[Peer], ...] = (Tasks, OpenTasks, Helpdesk, Roundup, Tables)
OURS: Mapping[str, sizes.Command] = {
    "create": sizes.Command("create", sizes.taken),
    "show": sizes.Command("show", sizes.looked_at("show")),
    "list": sizes.Command("list", sizes.plain("list", "--json")),
}


def measure(program: sizes.Program, home: Path, peers: Sequence[Peer], rounds: int) -> list[Doc]:
    """Each command of each peer, in turn with ours."""
    rows = []
    for what in WHAT:
        runs: dict[str, Callable[[], Cost]] = {"ours": lambda what=what: sizes.ours(program, home, OURS[what])}  # type: ignore[misc]
        for peer in peers:
            runs[peer.name] = lambda peer=peer, what=what: peer.run(what)  # type: ignore[misc]
        print(f"{what} ...", file=sys.stderr, flush=True)
        costs = turns(runs, rounds)
        rows += [row(f"{what}: {one.name}", costs["ours"], costs[one.name], one.aim, faster=True) for one in peers]
    return rows


def ready(cache: Path, items: int, only: Sequence[str] = ()) -> tuple[list[Peer], list[str]]:
    """The peers that can be had, and why the others cannot."""
    found, left_out = [], []
    for kind in PEERS:
        peer = kind(cache, items)
        if only and peer.package not in only:
            continue
        try:
            peer.ready()
            found.append(peer)
        except Missing as why:
            left_out.append(f"{peer.name} is left out: {why}")
            print(f"*** {left_out[-1]}", file=sys.stderr, flush=True)
    return found, left_out


def measured(
    program: sizes.Program, items: int, rounds: int, cache: Path, only: Sequence[str] = ()
) -> tuple[list[Doc], list[str]]:
    """The figures, and which peers are left out, with the reason."""
    folder = cache / "peers"
    folder.mkdir(parents=True, exist_ok=True)
    peers, left_out = ready(folder, items, only)
    with tempfile.TemporaryDirectory(prefix="repairdesk-bench-", dir=cache) as scratch:
        homes = sizes.copies([items], cache, Path(scratch))
        sizes.rested(program, homes)
        return measure(program, homes[items], peers, rounds), left_out


def main() -> int:
    """Install what is missing, measure, keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="packages, with commas between")
    parser.add_argument("--cache", type=Path, metavar="DIR", default=ledgers.default_cache())
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="where the figures are kept as JSON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="repairdesk-bench-", dir=asked.cache) as scratch:
        rows, left_out = measured(sizes.installed(Path(scratch)), asked.items, asked.rounds, asked.cache,
                                  [name for name in asked.only.split(",") if name])  # fmt: skip
    if asked.run:
        page.write(asked.run, "peers", rows, faster=True, against="peer", notes=left_out)
    print(page.table({"machine": page.machine(), "rows": rows, "faster": True, "against": "peer"}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
