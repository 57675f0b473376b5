"""Every command of the program, called as people call it: what must hold for all of them is tried on these.

They run one after the other on the desk with an order in every state; some change it, some are refused, and both count.
``{tmp}`` is a folder beside the desk.
"""

from __future__ import annotations

import typer

from repairdesk.cli import app

WORKED, PUBLIC, COMPLAINT, ADVISED, QUOTED, DECLINED, _, CONVERTED, _, SENT, ON_SITE, PAUSED, _, RATED = (
    f"P20261122-{n:04}" for n in range(1, 15)
)
TRACKED = "X20261122-0001"
HOME = ("--kind", "in_home", "--place", "3-2-501", "--caller", "李兰", "--phone", "13800138000", "--fault", "漏水")

LOOKS: tuple[tuple[str, ...], ...] = (
    *(("show", number) for number in (WORKED, ADVISED, DECLINED, CONVERTED, TRACKED)),
    *(("show", number, "--entries") for number in (WORKED, DECLINED, CONVERTED, TRACKED)),
    ("show", WORKED, "--as-of", "2026-11-22T08:30"),
    *(("why", number) for number in (WORKED, TRACKED)),
    ("why", WORKED, "bill"),
    ("why", WORKED, "resolve"),
    ("list",),
    ("list", "--find", "李兰"),
    ("list", "--find", "13800138000"),
    ("list", "--overdue", "--kind", "in_home"),
    ("board",),
    ("callback", "due"),
    ("callback", "plan", "--month", "2026-11"),
    ("callback", "audit", "--month", "2026-11"),
    ("recheck", "--due"),
    ("slips",),
    *(("print", number, "--as", "C1") for number in (WORKED, DECLINED, TRACKED, ADVISED)),
    *(("print", WORKED, "--copy", copy, "--as", "C1") for copy in ("resident", "engineering", "stores", "desk")),
    ("print", WORKED, "--form", "callback", "--as", "C1"),
    ("print", WORKED, "--format", "html", "--out", "{tmp}/slip.html", "--as", "C1"),
    ("print", "--today", "--out", "{tmp}/slips.txt", "--as", "C1"),
    ("print", "--form", "statement", "--place", "3-2-501", "--month", "2026-11", "--as", "C1"),
    ("print", "--form", "handover", "--as", "C1"),
    ("handover",),
    ("handover", "--format", "html", "--out", "{tmp}/handover.html"),
    *(
        ("report", what, "--month", "2026-11", "--format", form, "--out", f"{{tmp}}/{what}.{form}")
        for what in "month finance staff faults callbacks complaints help clocks".split()
        for form in ("csv", "json", "xlsx")
    ),
    *(("report", what, "--month", "2026-11") for what in "month finance staff faults callbacks help clocks".split()),
    ("report", "month", "--month", "2026-11", "--format", "html", "--out", "{tmp}/month.html"),
    ("report", "finance", "--arrears"),
    *(
        ("export", what, "--format", form, "--out", f"{{tmp}}/out-{what}.{form}")
        for what in "orders entries obligations bills".split()
        for form in ("csv", "jsonl", "xlsx")
    ),
    ("export", "orders"),
    ("household", "list"),
    ("household", "list", "--find", "13766665555"),
    ("staff", "list"),
    ("fees", "list"),
    ("fees", "check"),
    ("fees", "price", "tap:2"),
    ("policies", "show"),
    ("policies", "check"),
    ("policies", "rehearse", "policies.yaml", "--since", "2026-11-01"),
    ("calendar", "show"),
    ("calendar", "check"),
    ("verify",),
    ("verify", "--order", WORKED),
    ("doctor",),
    ("completion", "bash"),
    ("policies", "schema"),
    ("escalate", "--dry-run"),
    ("purge", "--dry-run", "--at", "2030-01-01T09:00"),
    ("checkpoint", "--out", "{tmp}/note"),
)
"""What only looks."""

DOES: tuple[tuple[str, ...], ...] = (
    ("intake", *HOME, "--as", "C1"),  # refused: one is open there
    ("intake", *HOME, "--category", "plumbing", "--as", "C1"),
    ("intake", *HOME, "--join", QUOTED, "--as", "C1"),
    ("intake", *HOME, "--new", "--priority", "emergency", "--as", "C1"),
    ("intake", "--kind", "in_home", "--phone", "13800138000", "--as", "C1"),  # refused: things are missing
    ("intake", *HOME, "--new", "--as", "W1"),  # refused: the role
    ("quote", QUOTED, "--fee", "90", "--as", "S1"),
    ("consent", QUOTED, "--as", "C1"),
    ("correct", QUOTED, "phone=13788889999", "--reason", "打错", "--as", "C1"),
    ("correct", QUOTED, "caller=王敏", "--reason", "打错", "--as", "C1"),
    ("assign", QUOTED, "W1", "--as", "C1"),
    ("accept", QUOTED, "--as", "W1"),
    ("reschedule", QUOTED, "--appointment", "2026-11-25T09:00/2026-11-25T10:00", "--reason", "住户", "--agreed-by",
     "李兰", "--as", "C1"),
    ("support", QUOTED, "--reason", "人手", "--as", "W1"),
    ("arrive", QUOTED, "--as", "W1"),
    ("start", QUOTED, "--as", "W1", "--found", "水管裂"),
    ("attach", QUOTED, "{tmp}/photo.png", "--as", "W1"),
    ("pause", QUOTED, "--reason", "parts", "--next", "2026-11-25T09:00", "--as", "W1"),
    ("explain", QUOTED, "--reason", "缺件", "--expected", "2026-11-25T09:00", "--to", "李兰", "--as", "S1"),
    ("returned", QUOTED, "水泵", "--as", "W1"),  # refused: nothing is out
    ("finish", ON_SITE, "--result", "好了", "--as", "W1"),
    ("sign", ON_SITE, "--by", "工程部", "--rating", "satisfied", "--as", "W1"),
    ("close", ON_SITE, "--as", "L1"),
    ("archive", "--all", "--as", "C1"),
    ("rebill", WORKED, "--without", "materials", "--reason", "算错", "--as", "C1"),
    ("pay", WORKED, "--as", "F1"),
    ("exempt", PUBLIC, "--reason", "待料", "--as", "L1"),
    ("convert", SENT, "--tracker", "C2", "--reason", "缺件", "--as", "L1"),
    ("log", TRACKED, "--place", "电话", "--contact", "李兰", "--phone", "13900002222", "--content", "到货",
     "--opinions", "理解", "--plan", "周五", "--as", "C2"),
    ("log", TRACKED, "--phone", "13900002222", "--as", "C1"),  # refused
    ("check", TRACKED, "--support", "催", "--as", "L1"),
    ("callback", "record", ADVISED, "--outcome", "satisfied", "--method", "phone", "--as", "C1"),
    ("callback", "letter", COMPLAINT, "--text", "已处理", "--as", "C1"),
    ("callback", "settle", RATED, "--note", "已谈", "--as", "S1"),
    ("callback", "opinion", "--month", "2026-10", "--text", "尚可", "--as", "S1"),
    ("hear", RATED, "--said", "住户不在", "--as", "S1"),
    ("settle", RATED, "--reason", "无法", "--as", "M1"),
    ("recheck", WORKED, "--result", "ok", "--as", "L1"),
    ("cancel", PAUSED, "--reason", "重复", "--as", "C1"),
    ("household", "import", "{tmp}/households.csv", "--as", "C1"),
    ("import", "{tmp}/reports.csv", "--dry-run", "--as", "C1"),
    ("import", "{tmp}/reports.csv", "--partial", "--as", "C1"),
    ("import", "{tmp}/reports.csv", "--as", "C1"),
    ("import", "{tmp}/callbacks.csv", "--what", "callbacks", "--as", "C1"),
    ("import", "{tmp}/staff.csv", "--what", "staff", "--as", "C1"),
    ("batch", "{tmp}/lines.jsonl", "--as", "C1"),
    ("fees", "import", "{tmp}/prices.csv", "--out", "{tmp}/fees.yaml"),
    ("staff", "add", "Z1", "--name", "赵一", "--role", "clerk"),
    ("staff", "duty", "Z1", "--from", "2026-11-24T08:00", "--to", "2026-11-24T20:00"),
    ("staff", "retire", "Z1"),
    ("staff", "pin", "L1", "--pin-file", "{tmp}/pin"),
    ("handover", "--to", "C2", "--note", "无", "--as", "C1"),
    ("escalate",),
    ("report", "finance", "--month", "2026-11", "--hand-over", "--as", "F1"),
    ("backup", "{tmp}/desk.tar"),
    ("ledger", "copy", "--to", "{tmp}/copied.db"),
    ("ledger", "upgrade"),
    ("restore", "{tmp}/desk.tar", "--home", "{tmp}/again"),
    ("purge", "--yes", "--with", "L1", "--as", "M1"),
    ("init", "--home", "{tmp}/new"),
    ("demo", "--orders", "1", "--seed", "2"),
)  # fmt: skip
"""What writes, or would."""


def commands() -> set[str]:
    """Every command that there is: of a group, each inner one."""
    found = set()
    for name in app._HOME:
        info = app._info(name)
        inner = info.typer_instance.registered_commands if isinstance(info, typer.models.TyperInfo) else ()
        found |= {f"{name} {one.name}" for one in inner} or {name}
    return found


def called(argv: tuple[str, ...]) -> str:
    """The command of a call."""
    return " ".join(argv[:2]) if " ".join(argv[:2]) in commands() else argv[0]


ON_SERVERS = frozenset(("ledger create", "ledger admit", "ledger dismiss", "ledger sites"))
"""What is for a ledger on a server alone (tests/postgres)."""
