"""The square code of a number, which a telephone reads from the paper."""

from __future__ import annotations

import segno
from markupsafe import Markup


def svg(text: str) -> Markup:
    """The code as an SVG that stands in a page of HTML; how large is for the style sheet.

    It has the border of four modules without which some readers find nothing.
    """
    drawn = segno.make(text, error="m", micro=False, boost_error=False)
    # The colour is said: a dark screen must not turn it round.
    return Markup(drawn.svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr", title=text))
