"""Whether the record of finished work is whole: what a slip has to tell before nothing is left to ask (RPT-2).

The sources ask for complete records and name no list (CR 标准 5; LY 标准). What other rules want written down is the
list here; what finishing refuses anyway (FIN-1) is looked at all the same, as an import or a correction may lack it.
"""

from __future__ import annotations

from repairdesk.domain.order import Order

REPAIRS = ("in_home", "public_area")
"""The kinds whose work is a repair."""


def lacking(order: Order) -> tuple[str, ...]:
    """What the record of finished work lacks, by name; nothing is asked of what is not finished.

    ``place``, ``caller`` and ``phone`` (INT-1), ``category`` (RPT-4), ``found``, ``result`` and ``times`` (FIN-1,
    VIS-1), ``signature``: the resident's, or why there is none (FIN-3), and the ``rating`` that goes with it. A
    coordination order has the visits on the order that it came from.
    """
    if order.finished_at is None:
        return ()
    in_home = order.kind == "in_home" and not order.is_coordination
    has = {
        "place": order.place,
        "caller": order.caller or not in_home,
        "phone": order.phone or not in_home,
        "category": order.category or order.kind not in REPAIRS,
        "found": order.found or order.is_coordination,
        "result": order.result,
        "times": order.is_coordination or (order.visits and all(v.started_at and v.ended_at for v in order.visits)),
        "signature": order.signed_by or order.unsigned_reason,
        "rating": order.rating or order.unsigned_reason,
    }
    return tuple(name for name, there in has.items() if not there)
