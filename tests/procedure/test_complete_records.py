"""How many records of finished repairs tell everything, beside the target (RPT-2)."""

from __future__ import annotations

import pytest
from practice import LAMP, TAP, Practice

from repairdesk.desk import By

ANY = By(os_user="tester")


@pytest.mark.rule("RPT-2")
def test_five_repairs_by_hand_of_which_two_records_are_whole(desk: Practice) -> None:
    whole = desk.done(TAP, category="plumbing")
    desk.signed(whole)
    verified = desk.done(LAMP, who="W2", category="electrical")
    desk.do("sign_unsigned", "L1", verified, reason="nobody of the department is here")
    no_class = desk.done(TAP, place="3-2-502")
    desk.signed(no_class)
    unsigned = desk.done(TAP, place="3-2-503", category="plumbing")
    tracked = desk.at_work(TAP, place="3-2-504", category="plumbing")
    coordination = desk.converted(tracked)
    desk.finished(coordination, "C1")
    desk.reported(TAP, place="3-2-505")
    desk.done({"kind": "help", "place": "3-2-501", "fault": "carry a sofa"}, new=True)

    doc = desk.desk.report(ANY, "month").doc
    assert doc["complete"] == {"whole": 2, "lacking": 3}
    assert (doc["complete_rate"], doc["targets"]["complete_rate"]) == (0.4, 1.0)

    def behind(figure: str) -> list[str]:
        numbers: list[str] = desk.desk.report(ANY, "month", figure=figure).doc["orders_behind"]
        return numbers

    assert behind("complete.whole") == [whole, verified]
    assert behind("complete.lacking") == [no_class, unsigned, tracked]

    desk.corrected(no_class, category="plumbing")
    desk.signed(unsigned)
    desk.signed(coordination, who="C1")
    assert desk.desk.report(ANY, "month").doc["complete_rate"] == 1.0


@pytest.mark.rule("RPT-2")
def test_without_a_finished_repair_there_is_no_rate(desk: Practice) -> None:
    desk.reported(TAP)
    doc = desk.desk.report(ANY, "month").doc
    assert (doc["complete"], doc["complete_rate"]) == ({"whole": 0, "lacking": 0}, None)
