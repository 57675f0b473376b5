"""Draws charts as SVG that stands within a page; the only place that knows the library for it.

The library draws without a browser and without a network. Where it cannot be imported the pages come without pictures;
their tables say the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from repairdesk.errors import N_

_SVG = "http://www.w3.org/2000/svg"
_VERSION = "5.20"
"""Of Vega-Lite: the library has several, and draws the same for the same one."""
MISSING = N_("the charts are left out, the tables are all there: pip install vl-convert-python")
_SAID = re.compile(r"^(role|aria-.*|class)$")


def available() -> bool:
    """Whether charts can be drawn here."""
    try:
        import vl_convert  # noqa: F401
    except ImportError:
        return False
    return True


def draw(spec: Mapping[str, Any], name: str, title: str, words: str) -> str:
    """A chart as an ``svg`` element that takes the width it is given.

    Args:
        name: begins each id, so that the charts of a page do not answer for each other.
        title, words: its name and its text alternative.
    """
    import vl_convert

    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(vl_convert.vegalite_to_svg(dict(spec), vl_version=_VERSION))
    for element in root.iter():
        # Within an image nothing else has a role; what the library says there would be read out beside the words.
        for key in filter(_SAID.match, list(element.attrib)):
            del element.attrib[key]
        _rename(element, name)
    for key in ("version", "width", "height"):
        root.attrib.pop(key, None)
    root.attrib |= {"role": "img", "aria-labelledby": f"{name}-title {name}-words"}
    for tag, text in (("desc", words), ("title", title)):
        child = ElementTree.Element(f"{{{_SVG}}}{tag}", {"id": f"{name}-{'words' if tag == 'desc' else 'title'}"})
        child.text = text
        root.insert(0, child)
    return ElementTree.tostring(root, encoding="unicode")


def _rename(element: ElementTree.Element, name: str) -> None:
    """Ids, and what points to them, begin with the chart's name."""
    for key, value in element.attrib.items():
        if key == "id":
            element.set(key, f"{name}-{value}")
        elif "url(#" in value:
            element.set(key, value.replace("url(#", f"url(#{name}-"))
