"""Clerks and technicians at one desk, each a process of the program, and what each was told of every command.

A hand drives ``batch -``: one process, a transaction for each line, an answer for each. Now and then it types a command
of its own, in a fresh process: a file to import, a file of lines, a single report. What was acknowledged must be there
at the end; what was refused must not be; of what a kill took the answer of, nobody knows.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import repairdesk
from repairdesk.ledger.database import Store
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.verify import verify

SOURCE = str(Path(repairdesk.__file__).parents[1])
STAFF = {"C": "clerk", "W": "technician"}
COMMAND = [sys.executable, "-m", "repairdesk.cli"]
Doc = dict[str, Any]
Thing = tuple[str, str]
"""What a command leaves in the ledger: an order's number, or the id of a row, and the event."""
UNREACHABLE = 17


def environment(home: Path, **more: str) -> dict[str, str]:
    """Of every process of a test: nothing of the machine's own desk, and bytecode is kept."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REPAIRDESK_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PYTHONPATH": SOURCE, "REPAIRDESK_HOME": str(home), "REPAIRDESK_LANG": "en", **more}


def typed(home: Path, *argv: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    return subprocess.run(
        [*COMMAND, *argv], env=environment(home, **more), capture_output=True, text=True, check=False, timeout=300
    )


def desk(folder: Path, hands: int, **more: str) -> Path:
    """A new desk with a clerk and a technician for each hand, a leader, a manager; ``more``: where its ledger is."""
    home = folder / "desk"
    lines = [{"do": "staff add", "id": f"{letter}{n}", "name": f"甲{n}", "role": role, "trade": ["plumbing"]}
             for n in range(hands) for letter, role in STAFF.items()]  # fmt: skip
    lines += [{"do": "staff add", "id": "L1", "name": "丙", "role": "leader"},
              {"do": "staff add", "id": "M1", "name": "丁", "role": "manager"}]  # fmt: skip
    begun = typed(home, "init", **more)
    assert begun.returncode == 0, begun.stderr
    (folder / "staff.jsonl").write_text("\n".join(map(json.dumps, lines)))
    made = typed(home, "batch", str(folder / "staff.jsonl"), **more)
    assert made.returncode == 0, made.stderr
    return home


class Hand:
    """Somebody who works with orders of their own, and sometimes reaches for one of somebody else.

    Attributes:
        acked, unknown: what was acknowledged, and what a kill took the answer of.
        refused: how often with which exit code; ``said`` are the sentences, ``away`` those of a server that is away.
        worst: seconds that the slowest line took; ``worst_alone``: a process of its own, with its start.
    """

    def __init__(
        self, home: Path, n: int, seed: int = 0, others: int = 1, where: Mapping[str, str] | None = None
    ) -> None:
        self.home, self.n, self.where = home, n, where or {}
        self.acked: Counter[Thing] = Counter()
        self.unknown: Counter[Thing] = Counter()
        self.refused: Counter[int] = Counter()
        self.said: list[str] = []
        self.away: list[str] = []
        self.worst = self.worst_alone = 0.0
        self.commands = 0
        self.batch: subprocess.Popen[str] | None = None
        self._dice = random.Random(f"{seed}/{n}")
        self._others = others
        self._at: dict[str, str] = {}
        self._made = 0

    # --- what is said, and what it leaves

    def works(self, times: int, fresh: float = 0.04) -> None:
        """So many commands, so large a part of them in processes of their own."""
        while self.commands < times:
            self.once(fresh)
        self.ends()

    def once(self, fresh: float = 0.04) -> None:
        """One command."""
        self.commands += 1
        alone = self._dice.random() < fresh
        ready, begun = self.batch is not None, monotonic()
        if alone:
            self._dice.choice((self._imports, self._files, self._types))()
        else:
            self._says(*self._next())
        took = monotonic() - begun
        if alone:
            self.worst_alone = max(self.worst_alone, took)
        elif ready:
            self.worst = max(self.worst, took)

    def _next(self) -> tuple[Doc, str | None]:
        """The next line, and the event that it leaves; None: it only looks."""
        dice, clerk, technician = self._dice, f"C{self.n}", f"W{self.n}"
        if dice.random() < 0.2 and self._at:
            number = dice.choice(list(self._at))
            looks: list[Doc] = [
                {"do": "show", "number": number}, {"do": "why", "number": number}, {"do": "board"},
                {"do": "list", "limit": "5"}, {"do": "list", "find": f"灯 {self.n}"},
            ]  # fmt: skip
            return dice.choice(looks), None
        if dice.random() < 0.06 and self._at:
            # Out of turn, or somebody else's: mostly refused.
            number, stranger = dice.choice(list(self._at)), f"W{dice.randrange(self._others)}"
            return dice.choice([
                ({"do": "accept", "number": number, "as": stranger}, "accept"),
                ({"do": "archive", "number": number, "as": clerk}, "archive"),
                ({"do": "assign", "number": number, "staff": "nobody", "as": clerk}, "assign"),
            ])  # fmt: skip
        open_ = [number for number, state in self._at.items() if state != "signed"]
        if len(open_) < 3 or dice.random() < 0.15:
            self._made += 1
            return {"do": "intake", "kind": "public_area", "place": f"大堂{self.n}-{self._made}",
                    "fault": f"灯 {self.n} 不亮", "new": True, "as": clerk}, "intake"  # fmt: skip
        number = dice.choice(open_)
        steps: dict[str, tuple[Doc, str]] = {
            "reported": ({"do": "assign", "staff": technician, "as": clerk}, "assign"),
            "assigned": ({"do": "accept", "as": technician}, "accept"),
            "accepted": ({"do": "arrive", "as": technician}, "arrive"),
            "on_site": ({"do": "start", "as": technician}, "start"),
            "started": ({"do": "finish", "result": "换好", "found": "坏了", "as": technician}, "finish"),
            "finished": ({"do": "sign", "by": "工程部", "rating": "satisfied", "as": technician}, "sign"),
        }
        line, event = steps[self._at[number]]
        return {**line, "number": number}, event

    def _says(self, line: Doc, event: str | None) -> None:
        answer = self._answer(line)
        if answer is None:
            self._unheard(line, event)
        elif not answer["ok"]:
            self._refused(answer["error"])
            if answer["error"]["code"] == UNREACHABLE and "is not known" in answer["error"]["message"]:
                self._unheard(line, event)
        elif event is not None:
            self._kept(answer["answer"], event)

    def _unheard(self, line: Doc, event: str | None) -> None:
        if event is not None:
            # Of an intake nobody knows even the number.
            self.unknown[line.get("number", line.get("place", "")), event] += 1
            self._at.pop(line.get("number", ""), None)

    def _kept(self, doc: Doc, event: str) -> None:
        self.acked[doc["number"], event] += 1
        after = {"accept": "accepted", "start": "started"}
        self._at[doc["number"]] = after.get(event, doc["state"])

    def _refused(self, error: Doc) -> None:
        self.refused[error["code"]] += 1
        (self.away if error["code"] == UNREACHABLE else self.said).append(error["message"])

    # --- the process that stays

    def _answer(self, line: Doc) -> Doc | None:
        """What the desk says to a line; None: the process was killed before it said anything."""
        if self.batch is None:
            self.batch = subprocess.Popen(
                [*COMMAND, "batch", "-"], env=environment(self.home, **self.where), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
            )  # fmt: skip
        assert self.batch.stdin is not None
        assert self.batch.stdout is not None
        try:
            self.batch.stdin.write(json.dumps(line) + "\n")
            self.batch.stdin.flush()
            said = self.batch.stdout.readline()
        except BrokenPipeError:
            said = ""
        if not said.endswith("\n"):
            self.ends()
            return None
        answer: Doc = json.loads(said)
        return answer

    def ends(self) -> None:
        """No more lines."""
        if self.batch is not None:
            batch, self.batch = self.batch, None
            try:
                batch.communicate(timeout=120)
            except BrokenPipeError:
                batch.wait()

    # --- processes of their own

    def _rows(self) -> list[str]:
        self._made += 1
        return [f"R{self.n}-{self._made}-{row}" for row in range(3)]

    def _imports(self) -> None:
        ids = self._rows()
        file = self.home.parent / f"{ids[0]}.csv"
        lines = [f"public_area,车库{one},灯 {self.n} 不亮,{one}" for one in ids]
        file.write_text("\n".join(["kind,place,fault,external_id", *lines]) + "\n", encoding="utf-8")
        ran = typed(self.home, "import", str(file), "--as", f"C{self.n}", "--json", **self.where)
        self._ended(ran, [(one, "row") for one in ids])

    def _files(self) -> None:
        ids = self._rows()
        file = self.home.parent / f"{ids[0]}.jsonl"
        lines = [{"do": "intake", "kind": "public_area", "place": f"天台{one}", "fault": f"灯 {self.n}", "new": True,
                  "external_id": one, "as": f"C{self.n}"} for one in ids]  # fmt: skip
        file.write_text("\n".join(map(json.dumps, lines)))
        how = ["--atomic"] if self._dice.random() < 0.5 else []
        self._ended(typed(self.home, "batch", str(file), *how, **self.where), [(one, "row") for one in ids])

    def _types(self) -> None:
        (one, *_) = self._rows()
        said = ["--kind", "public_area", "--place", f"走廊{one}", "--fault", "灯", "--external-id", one]
        ran = typed(self.home, "intake", *said, "--new", "--as", f"C{self.n}", "--json", **self.where)
        self._ended(ran, [(one, "row")])

    def _ended(self, ran: subprocess.CompletedProcess[str], things: Sequence[Thing]) -> None:
        if ran.returncode == 0:
            self.acked.update(things)
        elif ran.returncode < 0:
            self.unknown.update(things)
        else:
            self.refused[ran.returncode] += 1
            if ran.returncode == UNREACHABLE:
                # Each row of a file is kept by itself.
                self.unknown.update(things)
                self.away.append(ran.stderr)
            else:
                self.said.append(ran.stderr)


def together(works: Sequence[Callable[[], None]]) -> None:
    """All of them at once; what one of them raises is raised."""
    failed: list[BaseException] = []

    def safely(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=safely, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in failed:
        raise error


def _ledger(of: Path | Store) -> Ledger:
    return Ledger(of / "ledger.db" if isinstance(of, Path) else of)


def in_the_ledger(home: Path | Store) -> Counter[Thing]:
    """What is there: of every order each event, and each row of a file or a script by its id."""
    found: Counter[Thing] = Counter()
    with _ledger(home).read() as reader:
        for entry in reader.journal():
            found[entry.number, entry.event] += 1
            if entry.event == "intake" and entry.data.get("external_id"):
                found[entry.data["external_id"], "row"] += 1
    return found


def lost(home: Path | Store, hands: Sequence[Hand]) -> Counter[Thing]:
    """What was acknowledged and is not there."""
    acked: Counter[Thing] = sum((hand.acked for hand in hands), Counter())
    return acked - in_the_ledger(home)


def surplus(home: Path | Store, hands: Sequence[Hand]) -> Iterator[Thing]:
    """What is there, of what hands write, and neither was acknowledged nor can be what a kill took the answer of."""
    known: Counter[Thing] = sum((hand.acked + hand.unknown for hand in hands), Counter())
    unheard = {thing[0] for hand in hands for thing in hand.unknown}
    with _ledger(home).read() as reader:
        intakes = {entry.number: entry.data for entry in reader.entries_named("intake")}
    for thing, count in (in_the_ledger(home) - known).items():
        number, event = thing
        said = intakes.get(number, {})
        if event == "intake" and (said.get("external_id") or said.get("place") in unheard):
            continue
        if event in ("intake", "assign", "accept", "arrive", "start", "finish", "sign", "archive", "row") and count:
            yield thing


def whole(home: Path | Store) -> Doc:
    """What ``verify`` finds."""
    return verify(_ledger(home).store)
