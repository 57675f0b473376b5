"""Keep a ledger of this version for ever: `python tools/keep_ledger.py [--source FOLDER]`, once with each release.

A small desk is worked with until every event of the lifecycle that matters for a table has happened, and put away by
its own `backup` into tests/migrations/ledgers/VERSION/: `desk.tar.xz`, and in `said.json.xz` what the program of that
day said of it. The tests bring each of them to today's version and ask again (docs/decisions/0031-migrations.md).

What is kept is never made anew once its version is released: it stands for the desks out there. `--source` takes the
program from the src/ of another checkout, to keep what an earlier one made.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import lzma
import os
import shlex
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
KEPT = HERE / "tests" / "migrations" / "ledgers"
STORY = """
2022-03-01T08:00  init
2022-03-01T08:01  staff add M1 --name 周敏 --role manager
2022-03-01T08:02  staff add S1 --name 王芳 --role supervisor --as M1
2022-03-01T08:02  staff add L1 --name 陈刚 --role leader --as M1
2022-03-01T08:03  staff add C1 --name 李娜 --role clerk --as M1
2022-03-01T08:04  staff add C2 --name 吴倩 --role clerk --as M1
2022-03-01T08:05  staff add W1 --name 赵强 --role technician --trade plumbing --trade electrical --as M1
2022-03-01T08:05  staff add W2 --name 孙伟 --role technician --trade electrical --as M1
2022-03-01T08:06  staff add F1 --name 钱静 --role finance --as M1
2022-03-01T09:00  intake --kind public_area --place 东门 --fault 门灯不亮 --new --as C1
2022-03-01T09:10  assign P20220301-0001 W2 --as C1
2022-03-01T09:12  accept P20220301-0001 --as W2
2022-03-01T09:30  start P20220301-0001 --as W2
2022-03-01T09:50  finish P20220301-0001 --found 灯管坏 --result 已换 --as W2
2022-03-01T09:55  sign P20220301-0001 --by 保安队 --rating fair --as W2
2022-03-01T10:30  close P20220301-0001 --as L1
2022-03-01T10:40  archive P20220301-0001 --as C1
2022-03-02T09:00  intake --kind public_area --place 西门 --fault 门禁失灵 --new --as C1
2022-03-02T09:05  cancel P20220302-0001 --reason 误报 --as C1
2022-04-02T09:00  report finance --month 2022-03 --hand-over --as F1
2026-10-08T09:00  purge --yes --as M1 --with L1 --export {work}/gone.jsonl
2026-10-12T08:00  household import {work}/households.csv --as C1
2026-10-12T08:30  staff duty W1 --from 2026-10-12T08:00 --to 2026-10-12T20:00 --as M1
2026-10-12T09:00  intake --kind in_home --place 3栋2单元501 --caller 张三 --phone 13800138000 \
    --fault 厨房水龙头漏水 --category plumbing --priority regular --service tap \
    --appointment 2026-10-12T10:00/2026-10-12T12:00 --new --as C1
2026-10-12T09:02  consent P20261012-0001 --as C1
2026-10-12T09:05  assign P20261012-0001 W1 --as C1
2026-10-12T09:06  accept P20261012-0001 --as W1
2026-10-12T10:10  start P20261012-0001 --found 阀芯磨损 --check badge --check shoe-covers --check mat \
    --check cloth --check whole-unit-check --as W1
2026-10-12T10:50  finish P20261012-0001 --found 阀芯磨损 --result 已更换，试水正常 --service tap@10:10 --as W1
2026-10-12T10:55  sign P20261012-0001 --by 张三 --rating very-satisfied --as W1
2026-10-12T14:00  close P20261012-0001 --as L1
2026-10-12T16:00  attach P20261012-0001 {work}/slip.png --as C1
2026-10-12T17:00  archive P20261012-0001 --as C1
2026-10-13T09:00  intake --kind in_home --place 5-1-1302 --caller 周伟 --phone 13900005678 --fault 卫生间堵塞 \
    --category plumbing --service toilet --new --as C2
2026-10-13T09:01  consent P20261013-0001 --as C2
2026-10-13T09:02  assign P20261013-0001 W1 --as C2
2026-10-13T09:05  accept P20261013-0001 --as W1
2026-10-13T10:00  start P20261013-0001 --found 异物 --check badge --check shoe-covers --check mat \
    --check cloth --check whole-unit-check --as W1
2026-10-13T10:40  finish P20261013-0001 --found 异物 --result 已疏通 --service toilet@10:00 --as W1
2026-10-13T10:45  sign P20261013-0001 --by 周伟 --rating dissatisfied --as W1
2026-10-13T15:00  close P20261013-0001 --as L1
2026-10-14T09:00  intake --kind in_home --place 2-1-104 --caller 魏女士 --phone 13500004444 --fault 阳台门变形 \
    --new --as C1
2026-10-14T09:30  assign P20261014-0001 W2 --as C1
2026-10-14T09:40  accept P20261014-0001 --as W2
2026-10-14T11:00  start P20261014-0001 --check badge --check shoe-covers --check mat --check cloth \
    --check whole-unit-check --as W2
2026-10-14T11:20  pause P20261014-0001 --reason supplier --next 2026-10-20T09:00 --note 等厂家 --as W2
2026-10-15T09:00  convert P20261014-0001 --tracker C1 --reason 厂家下月到货 --as L1
2026-10-15T10:00  log X20261015-0001 --place 前台 --contact 唐先生 --phone 13700001111 --content 已报价 \
    --opinions 同意 --plan 两周内安装 --as C1
2026-10-16T10:00  check X20261015-0001 --support 联系厂家经理 --as L1
2026-10-16T11:00  intake --kind complaint --place 6栋 --caller 陆女士 --phone 13500001212 --fault 夜间施工噪音 \
    --severity important --new --as C1
2026-10-16T11:05  intake --kind help --place 1-1-101 --caller 于女士 --phone 13500001313 --class medical \
    --fault 老人摔倒 --new --as C1
2026-10-20T09:00  intake --kind public_area --place 地库B2 --fault 照明不亮 --category electrical --new --as C1
2026-10-20T09:05  intake --kind public_area --place 地库B2 --caller 物业巡检 --fault 照明不亮 \
    --category electrical --join P20261020-0001 --as C2
2026-10-20T09:10  assign P20261020-0001 W2 --as C1
2026-10-20T09:30  correct P20261020-0001 priority=emergency --reason 车库通道 --as C1
2026-10-21T08:00  import {work}/histories.csv --what histories --as C1
2026-10-22T01:00  escalate
2026-11-02T09:00  pay P20261012-0001 --amount 10 --method cash --as F1
2026-11-03T09:00  intake --kind in_home --place 3-2-501 --caller 张三 --phone 13800138000 --fault 水龙头又漏水 \
    --follows P20261012-0001 --new --as C1
2026-11-04T09:00  report finance --month 2026-10 --hand-over --as F1
2026-11-04T09:20  consent P20261012-0001 --fee 49.10 --as C1
2026-11-04T09:30  rebill P20261012-0001 --service tap@10:10 --material 角阀:1:18.50 --reason 漏记材料 --as S1
2026-11-04T10:00  callback record P20261013-0001 --outcome dissatisfied --method phone --note 仍有异味 \
    --next 2026-11-06T10:00 --as C1
2026-11-05T01:00  escalate
2026-11-05T08:00  staff retire C2 --reason 离职 --as M1
"""
"""What is typed, and when: by the clock of the desk."""
FILES = {
    "households.csv": "place,names,phones,since\n3栋2单元501,张三、张小三,13800138000,2019-05-01\n"
    "5栋1单元1302,周伟,13900005678,2021-09-15\n",
    "histories.csv": "place,fault,reported_at,external_id,status,kind\n"
    "东区泵房,旧系统漏水,2026-09-01T09:00,OLD-1,reported,public_area\n",
    "slip.png": "\x89PNG\r\n\x1a\n" + "\0" * 64,
}
LAST = "2026-11-05T09:00"
MONTH = "2026-10"
REPORTS = "month finance staff faults callbacks complaints help clocks".split()
ASKED = (
    *(f"report {name} --month {MONTH}" for name in REPORTS), "report finance --arrears", "list --limit 100",
    "list --find 漏水", "list --find 13800138000", "list --overdue", "board", "callback due", "household list",
    "staff list", "verify",
)  # fmt: skip
"""What the program is asked about the desk; and every order is shown."""
HOME = "/srv/desk"
"""Stands for the folder of the desk in what is kept."""


class Desk:
    """A desk in a folder, by a program that is typed in this process."""

    def __init__(self, home: Path) -> None:
        from repairdesk.cli import common

        self.home, self._common = home, common

    def type(self, at: str, line: str) -> str:
        """What a command answers; it must be done."""
        from repairdesk.cli.__main__ import main

        moment = datetime.fromisoformat(f"{at}:00+08:00")
        self._common.clock = lambda: moment
        self._common.os_user = lambda: "keyboard"
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([*shlex.split(line), "--home", str(self.home), "--lang", "en"])
        if code:
            raise SystemExit(f"{at}  {line}\nends with {code}: {err.getvalue()}{out.getvalue()}")
        return out.getvalue()

    def answer(self, line: str, at: str = LAST) -> Any:
        """The document that a command answers with, wherever the desk lies."""
        return json.loads(self.type(at, f"{line} --json").replace(str(self.home), HOME))

    def said(self) -> dict[str, Any]:
        """All that is asked, with its answers."""
        said = {line: self.answer(line) for line in ASKED}
        numbers = sorted(order["number"] for order in said["list --limit 100"]["orders"])
        return {**said, **{f"show {number}": self.answer(f"show {number}") for number in numbers}}


def made(work: Path) -> Desk:
    """The desk of the story."""
    for name, text in FILES.items():
        (work / name).write_bytes(text.encode("utf-8" if name.endswith("csv") else "latin-1"))
    desk = Desk(work / "desk")
    for line in filter(None, STORY.splitlines()):
        at, _, typed = line.partition("  ")
        desk.type(at, typed.format(work=work))
    return desk


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--source", type=Path, default=HERE, help="another checkout, whose program makes the ledger")
    source = parser.parse_args().source
    sys.path.insert(0, str(source.resolve() / "src"))
    for name in [name for name in os.environ if name.startswith("REPAIRDESK_")]:
        del os.environ[name]
    from repairdesk.ledger.connection import SCHEMA_VERSION

    folder = KEPT / str(SCHEMA_VERSION)
    with tempfile.TemporaryDirectory() as scratch:
        desk = made(Path(scratch))
        desk.type(LAST, f"backup {scratch}/desk.tar")
        said = {"version": SCHEMA_VERSION, "at": LAST, "month": MONTH, "said": desk.said()}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "desk.tar.xz").write_bytes(lzma.compress((Path(scratch) / "desk.tar").read_bytes(), preset=9))
        text = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / "said.json.xz").write_bytes(lzma.compress(text.encode(), preset=9))
    print(folder, *(f"{path.name} {path.stat().st_size}" for path in sorted(folder.iterdir())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
