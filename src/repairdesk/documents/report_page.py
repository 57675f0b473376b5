"""A report as a page: one file of HTML without a script, a picture from outside or a font to load.

What stands in it comes laid out; here it is put between the lines of a page that a phone shows and a printer takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from repairdesk.documents.words import clean
from repairdesk.domain.record import NamedTuple
from repairdesk.locale import language, tr

_UPRIGHT = 10
"""So many columns stand on a sheet of A4, upright."""
_TAGS = {"zh": "zh-Hans", "en": "en"}


class Table(NamedTuple):
    """A table of a page.

    Attributes:
        name: its id in the page.
        numeric: of each column, whether numbers stand in it, which are set to the right.
        rows: the first cell of each says what the row is of.
    """

    name: str
    caption: str
    heads: Sequence[str]
    numeric: Sequence[bool]
    rows: Sequence[Sequence[str]]


class Laid(NamedTuple):
    """A report laid out: its head lines, its tables, and what is listed in sentences under a heading."""

    lines: Sequence[str]
    tables: Sequence[Table]
    listed_as: str = ""
    listed: Sequence[str] = ()


def page(title: str, as_of: str, laid: Laid, code: str = "") -> str:
    """A report that is a few lines and its tables; ``code`` is that of the ledger's head it was made from."""
    return render(
        "report_page.html.j2",
        title=title,
        as_of=as_of,
        laid=cleaned(laid),
        code=code,
        wide=any(len(table.heads) > _UPRIGHT for table in laid.tables),
    )


def cleaned(laid: Laid) -> Laid:
    """The same, and no text in it turns a line round or hides a character."""
    tables = [table._replace(rows=clean(table.rows)) for table in laid.tables]
    return laid._replace(lines=clean(laid.lines), tables=tables, listed=clean(laid.listed))


def render(template: str, **values: Any) -> str:
    """A template of this folder filled in; everything is escaped that is not markup already."""
    return _environment().get_template(template).render(**values, lang=_TAGS[language()])


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("repairdesk.documents"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    environment.filters["tr"] = tr
    return environment
