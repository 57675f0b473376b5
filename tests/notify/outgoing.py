"""A desk with messages to send, and a clock that the test turns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from repairdesk.cli import notices, render
from repairdesk.desk import By, Desk
from repairdesk.desk.founding import found
from repairdesk.desk.outbox import Send, queue, standing
from repairdesk.domain import message as messages
from repairdesk.domain.message import Message

T0 = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
BY = By(os_user="tester")
LINE: Mapping[str, Any] = {
    "number": "P20261122-0007", "obligation": "arrive", "rule": "SLA-1", "level": 2, "due_at": "2026-11-22T02:30:00Z",
    "place": "3-2-501", "fault": "水龙头漏水，回电 138 0013 8000", "owner": "W1", "role": "leader",
    "caller": "李女士", "phone": "13800138000",
}  # fmt: skip


class Outgoing:
    """A desk with a technician, a leader and whatever is queued."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.moment = T0
        self.remarks: list[str] = []
        self.desk = Desk(home, lambda: self.moment)

    @classmethod
    def make(cls, home: Path) -> Outgoing:
        """A new desk, founded a day ago, that sends to everybody."""
        eve = T0 - timedelta(days=1)
        found(home, "standard", BY, eve)
        policies = home / "policies.yaml"
        text = policies.read_text(encoding="utf-8").replace("version: standard-2026-11", "version: everybody")
        roles = "  roles: [technician, contractor, leader, supervisor, manager, finance, clerk]"
        policies.write_text(text.replace("  roles: []", roles), encoding="utf-8")
        made = cls(home)
        made.moment = eve
        for staff, role in (("W1", "technician"), ("L1", "leader")):
            made.desk.staff_add(BY, staff, name=staff, role=role)
        return made

    def wait(self, **spans: float) -> None:
        self.moment += timedelta(**spans)

    def addresses(self, *urls: tuple[str, str]) -> Path:
        """``notify.yaml``: pairs of a tag and a URL."""
        path = self.home / "notify.yaml"
        entries = "".join(f'  - "{url}":\n      - tag: {tag}\n' for tag, url in urls)
        path.write_text(f"version: 1\nurls:\n{entries}", encoding="utf-8")
        path.chmod(0o600)
        return path

    def queue(self, to: str = "L1", role: str = "leader", *lines: Mapping[str, Any]) -> int | None:
        with self.desk.turn(BY) as turn:
            return queue(turn, to, role, lines or (LINE,))

    def deliver(self, send: Send | None = None) -> dict[str, Any]:
        """Send by notify.yaml, as the nightly run does; or by another way."""
        if send is not None:
            return self.desk.deliver(BY, send)
        way, remarks = notices.ready(self.desk, BY)
        if way is None:
            done = self.desk.deliver(BY, None)
        else:
            done, failed = notices.send(self.desk, BY, way)
            remarks = [*remarks, *failed]
        self.remarks = [render.say(remark.message, remark.values) for remark in remarks]
        return done

    def message(self, number: int = 1) -> Message:
        with self.desk.ledger.read() as reader:
            found = messages.fold(reader.entries(f"message:{number}"))
        assert found is not None
        return found

    def events(self, number: int = 1) -> list[str]:
        with self.desk.ledger.read() as reader:
            return [entry.event for entry in reader.entries(f"message:{number}")]

    def standing(self) -> dict[str, Any]:
        with self.desk.look(BY) as turn:
            return standing(turn)
