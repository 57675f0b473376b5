"""A clerk of the repair desk at her terminal: takes calls, sends technicians, takes slips back, and counts her keys."""

from __future__ import annotations

import io
import os
import pwd
import re
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from shell import CTRL_C, ENTER, ESC, UP, Shell

from repairdesk.cli.__main__ import main

TECHNICIANS = {
    "W1": ("王军", "plumbing"), "W2": ("赵强", "plumbing"), "W3": ("孙磊", "plumbing"), "W4": ("周斌", "electrical"),
    "W5": ("吴刚", "electrical"), "W6": ("郑海", "electrical"), "W7": ("冯勇", "carpentry"), "W8": ("蒋明", "masonry"),
    "W9": ("沈亮", "locks"), "W10": ("韩东", "appliance"), "W11": ("杨帆", "appliance"), "W12": ("朱平", ""),
}  # fmt: skip
OFFICE = {"C1": ("李娜", "clerk"), "C2": ("陈静", "clerk"), "L1": ("刘波", "leader"), "S1": ("何敏", "supervisor")}
_FAMILY, _GIVEN = "张李王刘陈杨黄吴周徐孙马", "伟芳敏静丽强磊军洋艳勇杰"


def households() -> str:
    """The register: six houses of two stairs, six floors and two doors each; who lives there, and their number."""
    rows = ["房号,姓名,电话"]
    places = [f"{b}-{u}-{f}0{r}" for b in range(1, 7) for u in (1, 2) for f in range(1, 7) for r in (1, 2)]
    for n, place in enumerate(places):
        name = _FAMILY[n % 12] + _GIVEN[(n // 12 + 5 * n) % 12]
        rows.append(f"{place},{name},138{n * 7919 % 10**8:08}")
    rows.append("1-1-701,林晓、林海,13911110001、13911110002")
    return "\n".join(rows) + "\n"


def furnished(home: Path) -> None:
    """A desk as `init` gives it, its people and its households."""

    def done(*argv: str) -> None:
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            code = main([*argv, "--home", str(home)])
        assert code == 0, (argv, said.getvalue())

    done("init")
    account = pwd.getpwuid(os.getuid()).pw_name
    people = ["工号,姓名,岗位,工种,账号"]
    people += [f"{one},{name},{role},,{account if one == 'C1' else ''}" for one, (name, role) in OFFICE.items()]
    people += [f"{one},{name},technician,{trade}," for one, (name, trade) in TECHNICIANS.items()]
    lists = {"staff": ("import", "--what", "staff"), "households": ("household", "import", "--as", "C1")}
    texts = {"staff": "\n".join(people) + "\n", "households": households()}
    for name, command in lists.items():
        there = home / f"{name}.csv"
        there.write_text(texts[name], encoding="utf-8")
        done(*command, str(there))
        there.unlink()


class Cost(NamedTuple):
    """What something took: keys after the command was begun, and how many of them were words that nobody can spare."""

    what: str
    keys: int
    words: int

    @property
    def besides(self) -> int:
        """Without the words."""
        return self.keys - self.words


class Clerk:
    """Sits at a shell."""

    def __init__(self, shell: Shell, keep: Callable[[str, Shell], None] = lambda *_: None) -> None:
        self.shell = shell
        self.keep = keep
        self.costs: list[Cost] = []
        self.calls = 0
        self.fees: set[str] = set()
        """The orders with a fee that the resident has to agree to."""

    # --- talking

    def talk(self, what: str, command: str, *said: tuple[str, str], words: int = 0, code: int = 0) -> str:
        """A dialogue: at each prompt an answer, which Enter ends; what stood on the screen meanwhile.

        A prompt is known by its first words; an answer that is Esc or Ctrl-C leaves.
        """
        before = self.shell.line
        self.shell.type(f"repairdesk {command}{ENTER}")
        began = self.shell.keys
        asked = ""
        for prompt, answer in said:
            # Where the same is asked again, it was refused, in a line between; what was asked first may move a line.
            self.shell.next(prompt, 2 if prompt == asked else 1)
            asked = prompt
            self.shell.type(answer if answer.endswith((ESC, CTRL_C, UP)) else answer + ENTER)
        ended = self.shell.end()
        seen = self.shell.since(before)
        assert ended == code, seen
        self.fees.update(re.findall(r"repairdesk consent P\d{8}-(\d{4})", seen))
        if not code:
            self.cost(what, self.shell.keys - began, words)
        return seen

    def do(self, command: str, code: int = 0) -> str:
        """A command that asks nothing."""
        before = self.shell.line
        ended = self.shell.run(f"repairdesk {command}")
        seen = self.shell.since(before)
        assert ended == code, seen
        return seen

    def shows(self, text: str) -> bool:
        """Whether it stands on the screen."""
        return any(text in line for line in self.shell.display)

    def cost(self, what: str, keys: int, words: int = 0) -> None:
        """Something took so many keys."""
        self.costs.append(Cost(what, keys, words))

    # --- calls

    def call(self, place: str, fault: str, *said: tuple[str, str], what: str = "intake", words: int = 0) -> str:
        """A call from a place that is known: place, fault, and Enter for what is proposed; the number's ending."""
        answers = said or (("报事人", ""), ("预约", ""))
        seen = self.talk(what, "intake", ("地点", place), ("报修内容", fault), *answers, ("Esc", ""),
                         words=len(fault) + words)  # fmt: skip
        self.calls += 1
        return number(seen)

    def assign(self, staff: str = "", order: str = "") -> tuple[str, str]:
        """Who goes: the first that is proposed, or somebody else; the order's ending, and who has it."""
        what = "assign, another" if staff else "assign"
        seen = self.talk(what, "assign", ("单号", order), ("人员", staff), ("Esc", ""))
        return number(seen), re.findall(r"经办人：(W\d+)", seen)[-1]

    def begin(self, order: str, staff: str) -> None:
        """The resident agreed, the technician takes it and begins."""
        if order in self.fees:
            self.do(f"consent {order}")
        self.do(f"accept {order} --as {staff}")
        self.do(f"start {order} --as {staff}")

    def finish(self, order: str, staff: str, result: str, *said: tuple[str, str]) -> str:
        """The slip comes back: what was done, and what is charged."""
        answers = said or (("服务项目", ""), ("材料", ""), ("检查清单", "全"))
        return self.talk("finish", f"finish {order} --as {staff}", ("实际故障", ""), ("处理结果", result), *answers,
                         ("Esc", ""), words=len(result))  # fmt: skip

    def sign(self, order: str, staff: str, rating: str = "1") -> None:
        """And what the resident says of it."""
        self.talk("sign", f"sign {order} --as {staff}", ("签字人", ""), ("评价", rating), ("Esc", ""))


def number(seen: str) -> str:
    """The ending of the order that was written down last."""
    return re.findall(r"^[PX]\d{8}-(\d{4})  ", seen, re.MULTILINE)[-1]
