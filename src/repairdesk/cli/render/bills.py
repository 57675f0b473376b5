"""Bills: what each line costs, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from repairdesk.cli.render.channels import Asking, put, put_json
from repairdesk.cli.render.sentences import say
from repairdesk.cli.render.words import moment, word
from repairdesk.errors import N_
from repairdesk.locale import tr
from repairdesk.locale.width import pad

Doc = Mapping[str, Any]


def spoken_bill(bill: Doc) -> dict[str, Any]:
    """A bill's document with its sentences in the user's language."""
    return {**bill, "lines": [{**line, "name": line_name(line), "why": line_why(line)} for line in bill["lines"]]}


def line_name(line: Doc) -> str:
    """What a line of a bill is called; a reduction has no name of its own."""
    return word("reduction") if line["type"] == "reduction" else str(line["name"])


def line_why(line: Doc) -> str:
    """The sentence that explains a line of a bill."""
    return say(line["why"]["text"], line["why"]["values"])


def bill_lines(bill: Doc) -> list[str]:
    """A bill: each line with the sentence that explains it, and the total."""
    lines = []
    for line in bill["lines"]:
        name, quantity = pad(line_name(line), 20), f"{line['quantity']} {line['unit'] or ''}".rstrip()
        # A reviewed fee is for the work as a whole, and a reduction for the bill: neither is a price of one unit.
        whole = line["rule"] == "QUO-2" or line["type"] == "reduction"
        times = "" if whole else f"× {line['unit_price']:>9}"
        lines.append(f"{name} {pad(quantity, 10)} {times:<11} = {line['amount']:>10}")
        lines.append(f"  {line_why(line)} [{line['rule']}]")
    return [*lines, f"{pad(word('total'), 20)} {'':>10} {'':>11}   {bill['total']:>10}"]


def reversed_line(bill: Doc) -> str:
    """A bill that stood before the one in force, and why it does no more (FEE-8)."""
    template = N_("reversed on {at} by {by}, {total} yuan: {reason}")
    return tr(template).format(
        at=moment(bill["reversed_at"]), by=bill["reversed_by"], total=bill["total"], reason=bill["reason"]
    )


def priced(call: Asking, bill: Doc) -> None:
    """``fees price``: a bill without an order."""
    if call.json_:
        put_json({**spoken_bill(bill), "warnings": []})
        return
    for line in bill_lines(bill):
        put(line)
