"""``report … --site all``: each site that the caller may look into, by its own ledger's rules, and all together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from repairdesk.cli import figures, render, report_tables
from repairdesk.cli.common import Call
from repairdesk.cli.render import tables
from repairdesk.cli.sites import server
from repairdesk.desk import all_sites
from repairdesk.desk.turn import Answer, Remark
from repairdesk.domain.rates import percent
from repairdesk.errors import N_, Damaged, NotAllowed, NotFound, NotPermitted, Partial, Sentence, UsageError
from repairdesk.locale import tr

Doc = Mapping[str, Any]
FINANCE = "finance"
_AWAY = (Damaged, NotAllowed, NotFound, NotPermitted)
"""What one site may be that is no matter of the others: of another version, altered, without whoever asks."""
_MONTH = "site orders finished on_time_rate satisfaction_rate first_time_fix_rate complete_rate".split()


def report(call: Call, name: str, shape: figures.Shape, month: str | None) -> None:
    """A report of each site, and of the month and of finance what all have together.

    Raises:
        NotFound: there is no site that the login may look into. Partial: some could not be counted, and are said.
    """
    if shape.format == "html":
        raise UsageError(N_("--site all makes no page: name one site, or ask for a table, --json, csv or xlsx"))
    shape.check(as_json=call.json_)
    docs, remarks, away = _asked(call, name, month)
    said = Answer(all_sites.together(name, docs), remarks)
    if shape.format == "table" and shape.out is None and name == "month" and not call.json_:
        render.remarks(call, remarks)
        tables.table(_MONTH, _month_rows(said.doc))
    else:
        figures.put_report(
            call, said, shape, _sheet(name, said.doc), lambda doc, tabs: _lines(name, doc, tabs), _no_page
        )
    if away:
        raise Partial(N_("{away} of {sites} sites could not be counted: {named}; the others are"), away=len(away),
                      sites=len(away) + len(docs), named=away)  # fmt: skip


def _asked(call: Call, name: str, month: str | None) -> tuple[dict[str, Doc], list[Remark], list[str]]:
    """The report of each site, what is to be said of them, and those that could not be counted."""
    found = server(call._replace(site=None)).sites()
    docs: dict[str, Doc] = {}
    remarks: list[Remark] = []
    away: dict[str, NotAllowed | Damaged | NotFound | NotPermitted] = {}
    for one in found:
        named, site = call._replace(site=one.site), one.site or "–"
        # Its own: the folder at hand is that of one of them, or of none.
        desk = named.desk.by_adopted_rules()
        try:
            said = desk.finance_month(named.by, month) if name == FINANCE else desk.report(named.by, name, month)
        except _AWAY as ill:
            away[site] = ill
            remarks.append(Remark(_OF_SITE, {"site": site, "text": ill}))
            continue
        docs[site] = said.doc
        remarks += [_of_site(site, remark) for remark in said.remarks]
    if not found:
        raise NotFound(N_("there is no site that this login may look into"))
    if not docs:
        raise next(iter(away.values()))
    return docs, remarks, list(away)


_OF_SITE = N_("site {site}: {text}")


def _of_site(site: str, remark: Remark) -> Remark:
    return Remark(_OF_SITE, {"site": site, "text": Sentence(remark.message, dict(remark.values))})


def _sheet(name: str, doc: Doc) -> figures.Sheet:
    """The rows of all sites under each other, each with its site."""
    sheets = {site: _of_one(name, one) for site, one in doc["sites"].items()}
    first = next(iter(sheets.values()))
    rows = ((site, *row) for site, sheet in sheets.items() for row in sheet.rows)
    return figures.Sheet(first.name, ["site", *first.heads], rows)


def _of_one(name: str, doc: Doc) -> figures.Sheet:
    return figures.month_sheet(doc) if name == FINANCE else report_tables.sheet(name, doc)


def _lines(name: str, doc: Doc, tabs: bool) -> Iterator[str]:
    """What people read: one site after the other."""
    if name == "month":
        yield from ("\t".join(map(str, row)) for row in ([tr(head) for head in _MONTH], *_month_rows(doc)))
        return
    for site, one in doc["sites"].items():
        yield f"# {site}"
        yield from figures.month_lines(one, tabs) if name == FINANCE else report_tables.lines(name, one, tabs)
    if name == FINANCE:
        yield f"# {tr(all_sites.TOGETHER)}"
        yield tr(N_("Orders: {orders}, {total} yuan; filed free besides: {free}")).format(**doc[all_sites.ALL])


def _month_rows(doc: Doc) -> Iterable[list[Any]]:
    for site, orders, finished, *rates in all_sites.rows(doc):
        shown = tr(all_sites.TOGETHER) if site == all_sites.ALL else site
        yield [shown, orders, finished, *(percent(*rate) for rate in rates)]


def _no_page(doc: Doc) -> str:
    raise AssertionError("refused above")
