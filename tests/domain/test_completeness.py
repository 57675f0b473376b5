"""What the record of finished work has to tell, by hand (RPT-2)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from repairdesk.domain.completeness import lacking
from repairdesk.domain.order import Order, Visit

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
WHOLE: dict[str, Any] = {
    "place": "3-2-501", "caller": "Li", "phone": "13800138000", "category": "plumbing", "found": "F", "result": "R",
    "visits": (Visit("W1", AT, AT, AT),), "signed_by": "Li", "rating": "fair", "finished_at": AT,
}  # fmt: skip


def order(kind: str = "in_home", **otherwise: Any) -> Order:
    return Order("P1", kind, "signed", 1, AT, AT, "C1", "p", "f", **{**WHOLE, **otherwise})


@pytest.mark.rule("RPT-2")
def test_what_has_everything_lacks_nothing_and_what_is_not_finished_is_not_asked() -> None:
    assert lacking(order()) == ()
    assert lacking(order(finished_at=None, found=None, result=None)) == ()


@pytest.mark.rule("RPT-2")
@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("place", ("place",)),
        ("caller", ("caller",)),
        ("phone", ("phone",)),
        ("category", ("category",)),
        ("found", ("found",)),
        ("result", ("result",)),
        ("signed_by", ("signature",)),
        ("rating", ("rating",)),
    ],
)
def test_each_thing_that_is_not_there_is_named(field: str, names: tuple[str, ...]) -> None:
    assert lacking(order(**{field: None})) == names


@pytest.mark.rule("RPT-2", "VIS-1")
@pytest.mark.parametrize("visits", [(), (Visit("W1", AT),), (Visit("W1", AT, AT, AT), Visit("W1", AT, None, AT))])
def test_a_visit_without_its_times_is_no_whole_record(visits: tuple[Visit, ...]) -> None:
    assert lacking(order(visits=visits)) == ("times",)


@pytest.mark.rule("RPT-2", "FIN-3")
def test_a_reason_stands_for_the_signature_and_for_the_rating() -> None:
    assert lacking(order(signed_by=None, rating=None, unsigned_reason="nobody home")) == ()
    assert lacking(order(signed_by=None, rating=None)) == ("signature", "rating")


@pytest.mark.rule("RPT-2", "INT-1")
def test_a_public_area_has_nobody_who_called_and_a_help_request_no_class_of_fault() -> None:
    assert lacking(order("public_area", caller=None, phone=None)) == ()
    assert lacking(order("help", category=None, caller=None, phone=None)) == ()


@pytest.mark.rule("RPT-2", "COO-5")
def test_a_coordination_order_has_its_visits_elsewhere() -> None:
    assert lacking(order(converted_from="P0", visits=(), found=None, phone=None)) == ()
    assert lacking(order(converted_from="P0", result=None)) == ("result",)
