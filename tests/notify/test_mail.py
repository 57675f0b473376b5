"""Messages by mail, to a server on the loopback interface."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from outgoing import LINE, Outgoing
from receivers import Letterbox, everything, subject

from repairdesk.locale import use


@pytest.fixture
def _in_chinese() -> Iterator[None]:
    use("zh")
    yield
    use("en")


def mail_url(box: Letterbox, to: str = "chief@example.com") -> str:
    return f"mailto://127.0.0.1:{box.port}?from=desk@example.com&to={to}&mode=insecure"


def test_a_letter_carries_the_key_and_what_is_overdue(desk: Outgoing, box: Letterbox) -> None:
    desk.addresses(("leader", mail_url(box)))
    desk.queue()
    assert desk.deliver()["sent"] == 1
    ((receivers, _),) = box.letters
    (letter,) = box.read()
    key = desk.message().key
    assert receivers == ["chief@example.com"]
    assert subject(letter) == f"[Repairs] 1 overdue [{key}]"
    assert letter["X-Repairdesk-Message"] == key
    assert "P20261122-0007 3-2-501: arrive, due 11-22 10:30 (W1; SLA-1)" in everything(letter)


PHONES = [
    "138-0013-8000",
    "１３８－００１３　８０００",
    "(010) 8888 6666",
    "95588",
]


@pytest.mark.parametrize("phone", PHONES)
def test_no_phone_number_is_anywhere_in_the_bytes(desk: Outgoing, box: Letterbox, phone: str) -> None:
    desk.addresses(("leader", mail_url(box)))
    desk.queue("L1", "leader", {**LINE, "fault": f"漏水，请回电{phone}，谢谢", "phone": phone, "place": "3-2-501"})
    assert desk.deliver()["sent"] == 1
    ((_, raw),) = box.letters
    (letter,) = box.read()
    said = everything(letter)
    assert "漏水，请回电" in said
    assert phone not in said
    assert phone.encode() not in raw
    assert phone not in str(desk.message()), "and none is kept with the message"
    digits = [character for character in said.partition("漏水")[2].partition("谢谢")[0] if character.isdigit()]
    assert len(digits) <= 2, f"{digits} are left of {phone}"


def test_mark_up_in_a_report_is_text_in_the_letter(desk: Outgoing, box: Letterbox) -> None:
    desk.addresses(("leader", mail_url(box)))
    desk.queue("L1", "leader", {**LINE, "fault": "<img src=x> **leak**\nSubject: forged"})
    desk.deliver()
    (letter,) = box.read()
    assert "<img" not in everything(letter) or letter.get_content_type() == "text/plain"
    assert letter.get_all("Subject") == [letter["Subject"]]
    assert "forged" not in subject(letter)


def test_a_letter_that_one_of_two_servers_does_not_take_is_sent_again_to_that_one_alone(
    desk: Outgoing, box: Letterbox
) -> None:
    desk.addresses(("leader", mail_url(box)), ("leader", "mailto://127.0.0.1:1?from=a@b.cn&to=c@d.cn&mode=insecure"))
    desk.queue()
    assert desk.deliver()["failed"][0]["why"] == [{"service": "E-Mail", "reason": "not-taken"}]
    desk.wait(minutes=1)
    desk.deliver()
    assert len(box.letters) == 1


@pytest.mark.usefixtures("_in_chinese")
def test_a_message_is_in_the_language_of_the_run(desk: Outgoing, box: Letterbox) -> None:
    desk.addresses(("leader", mail_url(box)))
    desk.queue()
    desk.deliver()
    (letter,) = box.read()
    assert subject(letter) == f"【报修】1 项逾期 [{desk.message().key}]"
    assert "P20261122-0007 3-2-501 到场 应于 11-22 10:30（W1，SLA-1）" in everything(letter)
