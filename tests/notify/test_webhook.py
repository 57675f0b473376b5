"""Messages to a webhook: tried again until it takes them, told once, never lost (SLA-4)."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from time import sleep
from typing import Any

import pytest
from outgoing import BY, LINE, Outgoing
from receivers import Webhook, webhook

from repairdesk.cli import notices
from repairdesk.notify import sender

WAITS = (60, 300, 1800, 7200, 43200)


def json_url(hook: Webhook, path: str = "hook") -> str:
    return f"json://127.0.0.1:{hook.port}/{path}"


@pytest.mark.rule("SLA-4")
def test_a_receiver_that_fails_twice_and_then_accepts_is_told_once(desk: Outgoing, hook: Webhook) -> None:
    desk.addresses(("L1", json_url(hook)))
    hook.answers = [500, 503]
    desk.queue()

    first = desk.deliver()
    assert first["failed"] == [
        {"id": 1, "to": "L1", "role": "leader", "why": [{"service": "JSON", "reason": "http-500"}],
         "next_at": "2026-11-22T12:01:00+08:00"},
    ]  # fmt: skip
    assert (first["sent"], first["waiting"], first["given_up"]) == (0, 1, 0)
    assert desk.remarks == ["message 1 to L1 did not arrive (JSON http-500); it is tried again"]

    desk.wait(seconds=59)
    assert desk.deliver()["failed"] == []
    desk.wait(seconds=1)
    assert desk.deliver()["failed"][0]["next_at"] == "2026-11-22T12:06:00+08:00"
    desk.wait(seconds=300)
    assert desk.deliver() == {"sent": 1, "waiting": 0, "given_up": 0, "failed": []}
    desk.wait(days=2)
    assert desk.deliver() == {"sent": 0, "waiting": 0, "given_up": 0, "failed": []}

    assert len(hook.got) == 3
    assert desk.events() == ["queue", "try", "failed", "try", "failed", "try", "sent"]
    assert set(hook.keys) == {desk.message().key}
    assert all(desk.message().key in one["title"] for one in hook.got)


def test_a_message_says_what_is_overdue_and_holds_no_phone_number(desk: Outgoing, hook: Webhook) -> None:
    desk.addresses(("L1", json_url(hook)))
    desk.queue()
    desk.deliver()
    (got,) = hook.got
    assert got["title"] == f"[Repairs] 1 overdue [{desk.message().key}]"
    assert got["message"] == (
        "P20261122-0007 3-2-501: arrive, due 11-22 10:30 (W1; SLA-1) 水龙头漏水，回电 ****"
    )  # fmt: skip
    assert "李女士" not in str(hook.got)


def test_after_the_last_try_a_message_is_given_up_and_the_board_says_so_for_a_week(
    desk: Outgoing, hook: Webhook
) -> None:
    desk.addresses(("L1", json_url(hook)))
    hook.answers = [500] * 10
    desk.queue()
    for wait in WAITS:
        assert desk.deliver()["given_up"] == 0
        desk.wait(seconds=wait)
    done = desk.deliver()
    assert (done["given_up"], done["waiting"], done["failed"][0]["next_at"]) == (1, 0, None)
    assert desk.remarks == ["message 1 to L1 is given up: JSON http-500"]
    assert len(hook.got) == 1 + len(WAITS)
    assert desk.standing() == {"waiting": 0, "given_up": 1}
    desk.wait(days=8)
    assert desk.deliver() == {"sent": 0, "waiting": 0, "given_up": 0, "failed": []}
    assert desk.standing() == {"waiting": 0, "given_up": 0}


def test_of_two_services_only_the_one_that_failed_is_tried_again(desk: Outgoing, hook: Webhook) -> None:
    with webhook() as other:
        desk.addresses(("L1", json_url(hook)), ("L1", json_url(other)))
        other.answers = [500]
        desk.queue()
        assert desk.deliver()["sent"] == 0
        assert len(desk.message().accepted) == 1
        desk.wait(minutes=1)
        assert desk.deliver()["sent"] == 1
        assert (len(hook.got), len(other.got)) == (1, 2)
        assert len(desk.message().accepted) == 2


def test_a_service_is_kept_by_a_digest_that_no_other_message_shares(desk: Outgoing, hook: Webhook) -> None:
    desk.addresses(("L1", json_url(hook)))
    desk.queue()
    desk.queue()
    assert desk.deliver()["sent"] == 2
    assert set(desk.message(1).accepted).isdisjoint(desk.message(2).accepted)


KILLED = """
import os, sys
from pathlib import Path
from datetime import datetime, UTC
from repairdesk.cli import notices
from repairdesk.desk import By, Desk
from repairdesk.notify.sender import Sender
plain = Sender.send
def send(*said):
    assert not plain(*said).failed
    os.kill(os.getpid(), 9)
Sender.send = send
desk, by = Desk(Path(sys.argv[1]), lambda: datetime(2026, 11, 22, 4, 0, tzinfo=UTC)), By(os_user="tester")
notices.send(desk, by, notices.ready(desk, by)[0])
"""


def test_who_is_killed_after_the_receiver_accepted_leaves_a_message_that_goes_out_again_under_its_key(
    desk: Outgoing, hook: Webhook
) -> None:
    desk.addresses(("L1", json_url(hook)))
    desk.queue()
    ran = subprocess.run([sys.executable, "-c", KILLED, str(desk.home)], capture_output=True, text=True, check=False)
    assert ran.returncode == -9, ran.stderr
    assert len(hook.got) == 1

    desk.wait(minutes=9, seconds=59)
    assert desk.deliver() == {"sent": 0, "waiting": 1, "given_up": 0, "failed": []}
    desk.wait(seconds=1)
    assert desk.deliver()["sent"] == 1
    assert desk.events() == ["queue", "try", "try", "sent"]
    assert hook.keys == [desk.message().key] * 2


def test_the_address_of_a_role_is_for_whom_has_none_of_his_own(desk: Outgoing, hook: Webhook) -> None:
    with webhook() as mine:
        desk.addresses(("leader", json_url(hook)), ("l1", json_url(mine)))
        desk.queue("L1")
        desk.queue("leader", "leader")
        assert desk.deliver()["sent"] == 2
        assert (len(hook.got), len(mine.got)) == (1, 1)


def test_a_recipient_without_an_address_is_a_failure_that_is_told(desk: Outgoing, hook: Webhook) -> None:
    desk.addresses(("S1", json_url(hook)))
    desk.queue("W1", "technician")
    desk.deliver()
    assert desk.remarks == [
        "message 1 to W1 did not arrive (notify.yaml has no address with this tag); it is tried again"
    ]
    assert hook.got == []


def test_a_redirection_is_no_acceptance(desk: Outgoing, hook: Webhook) -> None:
    desk.addresses(("L1", json_url(hook)))
    hook.answers = [302]
    desk.queue()
    assert desk.deliver()["failed"][0]["why"] == [{"service": "JSON", "reason": "http-302"}]
    assert len(hook.got) == 1


def test_a_server_that_is_not_there_and_one_that_hangs_are_told_apart_and_hold_nobody_up(
    desk: Outgoing, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "_SERVICE", 0.3)
    with webhook() as gone:
        port = gone.port
    desk.addresses(("L1", f"json://127.0.0.1:{port}/"), ("W1", json_url(hook) + "?rto=600&retry=5"))
    hook.hang.clear()
    for to, role in (("L1", "leader"), ("W1", "technician"), ("W1", "technician")):
        desk.queue(to, role)
    reasons = {one["id"]: one["why"][0]["reason"] for one in desk.deliver()["failed"]}
    assert reasons == {1: "unreachable", 2: "no-answer", 3: "no-answer"}
    assert len(hook.got) == 1, "a service that used up its time is not begun again in the same run"


def test_an_address_that_is_marked_as_optional_can_fail_all_the_same(desk: Outgoing, hook: Webhook) -> None:
    desk.addresses(("L1", json_url(hook) + "?optional=yes&retry=3&wait=0"))
    hook.answers = [500]
    desk.queue()
    assert desk.deliver()["sent"] == 0
    assert len(hook.got) == 1, "the tries are counted in the ledger, not in the library"


def test_nothing_of_an_address_enters_the_ledger(desk: Outgoing, hook: Webhook) -> None:
    secrets = ("s3cret", "chief", "mail-of-l1", "tok3n", "127.0.0.1")
    desk.addresses(
        ("L1", f"json://chief:s3cret@127.0.0.1:{hook.port}/tok3n"),
        ("L1", "mailto://chief:s3cret@127.0.0.1:9?from=a@example.com&to=mail-of-l1@example.com&mode=insecure"),
    )
    hook.answers = [401]
    desk.queue()
    done = desk.deliver()
    assert len(done["failed"][0]["why"]) == 2
    hook.answers = [200]
    desk.wait(minutes=1)
    desk.deliver()
    assert len(desk.message().accepted) == 1
    kept = (desk.home / "ledger.db").read_bytes()
    assert [one for one in secrets if one.encode() in kept] == []
    assert [one for one in secrets if one in str((done, desk.remarks))] == []


# -- what is wrong with notify.yaml


def test_without_notify_yaml_messages_wait_and_go_out_once_it_is_there(desk: Outgoing, hook: Webhook) -> None:
    desk.queue()
    assert desk.deliver() == {"sent": 0, "waiting": 1, "given_up": 0, "failed": []}
    assert desk.remarks == ["messages wait to be sent: there is no notify.yaml"]
    assert desk.events() == ["queue"]
    desk.wait(days=3)
    desk.addresses(("L1", json_url(hook)))
    assert desk.deliver()["sent"] == 1


def test_without_the_library_messages_wait(desk: Outgoing, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.addresses(("L1", json_url(hook)))
    desk.queue()
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert desk.deliver()["waiting"] == 1
    assert desk.remarks == [
        "messages wait to be sent: the extra “notify” is not installed: pip install 'repairdesk[notify]'"
    ]
    assert desk.events() == ["queue"]


@pytest.mark.parametrize("text", ["", "urls: [", "version: 1\nurls:\n  - nonsense://x:\n      - tag: L1\n", "\xff\xfe"])
def test_a_notify_yaml_that_cannot_be_used_makes_messages_wait(desk: Outgoing, text: str) -> None:
    desk.queue()
    (desk.home / "notify.yaml").write_bytes(text.encode("latin-1"))
    assert desk.deliver() == {"sent": 0, "waiting": 1, "given_up": 0, "failed": []}
    (said,) = desk.remarks
    assert said.startswith("messages wait to be sent: ")
    assert "notify.yaml" in said


def test_a_mistake_in_one_address_does_not_keep_the_others_from_being_used(desk: Outgoing, hook: Webhook) -> None:
    path = desk.addresses(("L1", json_url(hook)), ("S1", "nonsense://x"))
    path.write_text(path.read_text(encoding="utf-8") + '  - "json://127.0.0.1/nobody"\n', encoding="utf-8")
    path.chmod(0o640)
    desk.queue()
    assert desk.deliver()["sent"] == 1
    assert desk.remarks == [
        "notify.yaml: an entry cannot be used (of no known kind)",
        "notify.yaml: an address has no tag and is nobody's",
        "notify.yaml holds passwords and others can read it: chmod 600",
    ]


SECRETS = [
    ("wecombot", "wecombot://s3cret!key"),
    ("tgram", "tgram://s3cretkey/12345"),
    ("dingtalk", "dingtalk://s3cret!key/1"),
    ("feishu", "feishu://s3cret key"),
    ("lark", "lark://s3cret key"),
    ("twilio", "twilio://AC735c307c62944b5a:s3cretkey@1/2"),
    ("of no known kind", "s3cretkey://x"),
    ("of no known kind", "s3cretkey"),
]


@pytest.mark.parametrize(("kind", "url"), SECRETS)
def test_of_an_address_that_cannot_be_used_only_its_kind_is_told(
    desk: Outgoing, hook: Webhook, kind: str, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.queue()
    desk.addresses(("leader", url))
    desk.deliver()
    assert desk.remarks == [f"messages wait to be sent: no address in notify.yaml can be used ({kind})"]

    desk.addresses(("leader", url), ("leader", url), ("leader", json_url(hook)))
    assert desk.deliver()["sent"] == 1
    assert desk.remarks == [f"notify.yaml: 2 entries cannot be used ({kind})"]
    assert "s3cret" not in "".join(capfd.readouterr())


def test_a_setting_that_the_library_does_not_know_is_told_without_its_value(desk: Outgoing, hook: Webhook) -> None:
    desk.queue()
    path = desk.addresses(("leader", json_url(hook)))
    path.write_text(path.read_text(encoding="utf-8") + '        "?? s3cret": s3cret\n', encoding="utf-8")
    assert desk.deliver()["sent"] == 1
    assert desk.remarks == ["notify.yaml: an entry has settings that are not understood (json)"]


UNUSABLE = [
    ("urls:\n  - json://127.0.0.1/s3cret\n# \u0007\n", "notify.yaml cannot be read as YAML: see line 3"),
    ("urls:\n  - [json://s3cret\n", "notify.yaml cannot be read as YAML: see line 3"),
    ("when: 2026-13-45\nurls: [json://s3cret]\n", "notify.yaml cannot be read as YAML"),
    ("urls: " + "[" * 2000 + "]" * 2000, "notify.yaml cannot be read as YAML"),
    ("s3cret", "notify.yaml has no addresses: they are a list under “urls”"),
    ("urls: {json://s3cret: x}", "notify.yaml has no addresses: they are a list under “urls”"),
    ("version: 2\nurls: [json://s3cret]\n", "notify.yaml: the version of its form can only be 1"),
]


@pytest.mark.parametrize(("text", "says"), UNUSABLE)
def test_a_file_that_is_no_configuration_is_told_in_our_words(desk: Outgoing, text: str, says: str) -> None:
    desk.queue()
    (desk.home / "notify.yaml").write_text(text, encoding="utf-8")
    assert desk.deliver()["waiting"] == 1
    assert desk.remarks == [f"messages wait to be sent: {says}"]


def test_whatever_the_library_raises_while_it_reads_makes_messages_wait(
    desk: Outgoing, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    import apprise

    def breaks(*_: object, **__: object) -> None:
        raise AttributeError("s3cret")

    desk.addresses(("leader", json_url(hook)))
    desk.queue()
    monkeypatch.setattr(apprise.AppriseConfig, "services", breaks)
    assert desk.deliver()["waiting"] == 1
    assert desk.remarks == ["messages wait to be sent: notify.yaml cannot be understood"]


@pytest.mark.parametrize("what", ["url", "notify"])
def test_whatever_a_service_raises_is_a_try_that_failed(
    desk: Outgoing, hook: Webhook, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    from apprise.plugins.custom_json import NotifyJSON
    from apprise.plugins.wecombot import NotifyWeComBot

    def breaks(*_: object, privacy: bool = False, **__: object) -> str:
        if privacy:
            return "json://"
        raise RecursionError

    with webhook() as other:
        monkeypatch.setattr(NotifyWeComBot, "notify_url", f"http://127.0.0.1:{other.port}/send")
        desk.addresses(("leader", json_url(hook)), ("leader", "wecombot://robot-key"))
        desk.queue()
        monkeypatch.setattr(NotifyJSON, what, breaks)
        assert desk.deliver()["failed"][0]["why"] == [{"service": "JSON", "reason": "broken"}]
    assert len(desk.message().accepted) == 1


def test_an_answer_that_no_reader_survives_is_no_crash(
    desk: Outgoing, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    def breaks(*_: object, **__: object) -> None:
        raise RecursionError

    from apprise.plugins.wecombot import NotifyWeComBot

    monkeypatch.setattr(NotifyWeComBot, "notify_url", f"http://127.0.0.1:{hook.port}/send")
    monkeypatch.setattr(requests.Response, "json", breaks)
    desk.addresses(("leader", "wecombot://robot-key"))
    desk.queue()
    assert desk.deliver()["failed"][0]["why"][0]["reason"] == "broken"


# -- what is dead is left alone


def test_a_connection_that_timed_out_is_not_begun_again_in_the_same_run(
    desk: Outgoing, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    tries: list[str] = []
    plain = requests.Session.send

    def send(session: Any, request: Any, **options: Any) -> Any:
        tries.append(request.url)
        if request.url.endswith("/dead"):
            raise requests.ConnectTimeout
        return plain(session, request, **options)

    monkeypatch.setattr(requests.Session, "send", send)
    desk.addresses(("L1", json_url(hook, "dead")), ("W1", json_url(hook, "well")))
    for to, role in (("L1", "leader"), ("L1", "leader"), ("W1", "technician"), ("L1", "leader")):
        desk.queue(to, role)
    done = desk.deliver()
    assert (done["sent"], [one["why"][0]["reason"] for one in done["failed"]]) == (1, ["no-answer"] * 3)
    assert [url.rpartition("/")[2] for url in tries] == ["dead", "well"]
    desk.wait(minutes=1)
    desk.deliver()
    assert len(tries) == 3, "another run tries it again"


def test_a_mail_server_that_does_not_answer_in_time_is_not_begun_again_in_the_same_run(
    desk: Outgoing, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apprise.plugins.email import NotifyEmail

    tries: list[int] = []

    def slow(*_: object, **__: object) -> bool:
        tries.append(1)
        sleep(0.06)
        return False

    monkeypatch.setattr(NotifyEmail, "send", slow)
    monkeypatch.setattr(sender, "CONNECT", 0.05)
    desk.addresses(("L1", "mailto://127.0.0.1:9?from=a@b.cn&to=c@d.cn&mode=insecure"))
    for _ in range(3):
        desk.queue()
    assert {one["why"][0]["reason"] for one in desk.deliver()["failed"]} == {"no-answer"}
    assert len(tries) == 1


# -- at once


def test_an_emergency_sends_what_it_queued_and_nothing_that_waited_before(desk: Outgoing, hook: Webhook) -> None:
    desk.addresses(("L1", json_url(hook)), ("W1", json_url(hook)))
    for _ in range(3):
        desk.queue()
    mine = [desk.queue("W1", "technician"), desk.queue()]
    notices.at_once(desk.desk, BY, [number for number in mine if number])
    assert [desk.message(number).state for number in range(1, 6)] == ["waiting"] * 3 + ["sent"] * 2
    notices.at_once(desk.desk, BY, [4, 5])
    assert len(hook.got) == 2, "what another run has sent meanwhile is not sent again"


def test_an_emergency_that_takes_too_long_leaves_the_rest_to_the_night(
    desk: Outgoing, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "_AT_ONCE", 0.5)
    hook.hang.clear()
    desk.addresses(("L1", json_url(hook)), ("W1", json_url(hook, "other")))
    mine = [desk.queue(), desk.queue("W1", "technician")]
    notices.at_once(desk.desk, BY, [number for number in mine if number])
    assert desk.message(1).why[0]["reason"] == "no-answer"
    assert desk.events(2) == ["queue"]


def test_an_emergency_is_taken_in_whatever_is_wrong_with_the_addresses(desk: Outgoing) -> None:
    number = desk.queue()
    assert number is not None
    (desk.home / "notify.yaml").write_text("# \u0007\n", encoding="utf-8")
    notices.at_once(desk.desk, BY, [number])
    assert desk.events() == ["queue"]


def test_nothing_is_imported_and_nothing_remarked_while_nothing_is_due(
    desk: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "repairdesk.notify.sender", None)
    assert desk.deliver() == {"sent": 0, "waiting": 0, "given_up": 0, "failed": []}
    assert desk.remarks == []


# -- robots


ROBOTS: list[tuple[str, str, dict[str, Any]]] = [
    ("wecombot", "wecombot://robot-key", {"errcode": 93000, "errmsg": "invalid webhook url"}),
    ("dingtalk", "dingtalk://0123456789", {"errcode": 310000, "errmsg": "sign not match"}),
    ("feishu", "feishu://abcdefgh", {"code": 19024, "msg": "Key Words Not Found"}),
]


@pytest.mark.parametrize(("name", "url", "refusal"), ROBOTS, ids=[one[0] for one in ROBOTS])
def test_a_robot_that_refuses_with_a_success_has_not_been_told(
    desk: Outgoing, hook: Webhook, monkeypatch: pytest.MonkeyPatch, name: str, url: str, refusal: dict[str, Any]
) -> None:
    module = import_module(f"apprise.plugins.{name}")
    (service,) = (one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__)
    monkeypatch.setattr(service, "notify_url", f"http://127.0.0.1:{hook.port}/send")
    monkeypatch.setattr(service, "request_rate_per_sec", 0)
    desk.addresses(("leader", url))
    desk.queue()
    hook.document = refusal
    (failed,) = desk.deliver()["failed"]
    assert failed["why"][0]["reason"] == f"code-{refusal.get('errcode') or refusal['code']}"

    desk.wait(minutes=1)
    hook.document = {next(iter(refusal)): 0}
    assert desk.deliver()["sent"] == 1
    assert desk.message().key in str(hook.got[1])
    assert "P20261122-0007 3-2-501" in str(hook.got[1])


@pytest.mark.parametrize("count", [1, 60])
def test_a_message_fits_into_what_a_robot_takes(desk: Outgoing, hook: Webhook, count: int) -> None:
    lines = [{**LINE, "number": f"P20261122-{n:04}", "fault": "漏" * 500} for n in range(count)]
    desk.addresses(("L1", json_url(hook)))
    desk.queue("L1", "leader", *lines)
    desk.deliver()
    (got,) = hook.got
    assert len(f"{got['title']}\r\n{got['message']}".encode()) <= 2048
    shown = got["message"].count("P20261122-")
    assert shown >= 1
    assert got["message"].endswith(f"and {count - shown} more: repairdesk board") is (count > 1)


def test_what_is_told_at_once_is_counted_apart_from_what_is_overdue(desk: Outgoing, hook: Webhook) -> None:
    alarm = {**LINE, "level": 0, "obligation": "emergency", "owner": "leader"}
    desk.addresses(("L1", json_url(hook)))
    desk.queue("L1", "leader", alarm, LINE, LINE)
    desk.queue("L1", "leader", alarm)
    desk.queue("L1", "leader", {**alarm, "due_at": None})
    desk.deliver()
    assert [one["title"].partition(" [rd-")[0] for one in hook.got] == [
        "[Repairs] 1 to see to at once, 2 overdue",
        *["[Repairs] 1 to see to at once"] * 2,
    ]
    since, timeless = (one["message"] for one in hook.got[1:])
    assert since.startswith("P20261122-0007 3-2-501: emergency, since 11-22 10:30 (leader; SLA-1) ")
    assert timeless.startswith("P20261122-0007 3-2-501: emergency (leader; SLA-1) ")
