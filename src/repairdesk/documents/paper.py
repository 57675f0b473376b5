"""Papers as text for a printer, or as one file of HTML; ``papers`` are what the desk's verbs answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from repairdesk.documents import shifts, words
from repairdesk.documents.sandbox import Templates
from repairdesk.errors import N_
from repairdesk.locale import language, tr
from repairdesk.locale.width import folded

Doc = Mapping[str, Any]

WIDTHS = (64, 80)
"""Columns: what an 80 mm printer takes, and a sheet of A4 upright."""
LINES = 60
"""Of a page of text, where the pages are numbered (COO-6)."""
EDGE = 15
"""The most lines of its head, and of its foot, where the pages are numbered."""
BREAK = "\f"
"""Between two pages of text: what a printer takes for the next one."""
BLOCK = "\x1e"
"""Between what should not be torn apart; no value can hold it, as ``clean`` takes such characters out."""

TITLES = {
    "slip": N_("Work order"),
    "coordination": N_("Coordination order"),
    "callback": N_("Callback form"),
    "receipt": N_("Receipt for what was taken away"),
    "handover": N_("Shift handover"),
    "statement": N_("Statement of the month"),
}
"""What each form is called."""


def text(papers: Sequence[Doc], width: int = WIDTHS[0], templates: Templates | None = None) -> str:
    """The papers as text, a page break between two; no line is wider than ``width`` columns.

    Raises:
        BadRules: a template of the desk cannot be used.
    """
    used = templates or Templates()
    return BREAK.join(page for one in papers for page in _text_pages(one, width, used))


def html(papers: Sequence[Doc], templates: Templates | None = None) -> str:
    """The papers as one file of HTML that needs nothing else, each on a page of its own when it is printed.

    Raises:
        BadRules: a template of the desk cannot be used.
    """
    used = templates or Templates()
    filled = [
        # Filled in by a template that escapes.
        Markup(used.fill(f"{one['form']}.html.j2", values, _filters(one, 0)))
        for one in papers
        for values in _values(one, drawn=True)
    ]
    head = {
        "title": _title(papers), "lang": "zh-CN" if language() == "zh" else "en", "papers": filled,
        "continued": [one["form"] for one in papers] == ["coordination"], "counted": len(filled) == 1,
    }  # fmt: skip
    return used.fill("document.html.j2", head, words.FILTERS)


def names(papers: Sequence[Doc]) -> list[str]:
    """For whom the copies are, each once, in their order."""
    return list(dict.fromkeys(copy["for"] for one in papers for copy in one["copies"]))


def _title(papers: Sequence[Doc]) -> str:
    about = list(dict.fromkeys(_about(one) for one in papers))
    # Of one paper; a stack is called what most of it is.
    form = tr(_form_title(papers[0]) if len(about) == 1 else TITLES[papers[0]["form"]]) if papers else ""
    return f"{form} {about[0]}" if len(about) == 1 else f"{form} ({len(about)})"


def _form_title(one: Doc) -> str:
    """What a form is called; a complaint is not somebody's work order."""
    named = words.KIND_TITLES.get(one["order"]["kind"]) if one["form"] == "slip" else None
    return named or TITLES[one["form"]]


def _about(one: Doc) -> str:
    """The number of an order; else what stands in its place: the sheet's time, the household and its month."""
    if "order" in one:
        return str(one["order"]["number"])
    return words.moment(one["at"]) if one["form"] == "handover" else f"{one['place']} {one['month']}"


def _code(about: str) -> Markup:
    # A printer's text draws no code: it need not wait for the library.
    from repairdesk.documents.qr import svg

    return svg(about)


def _values(one: Doc, *, drawn: bool) -> Iterator[dict[str, Any]]:
    """What a template is given, for each copy; ``drawn``: with pictures, as a page of HTML has them."""
    paper = words.clean(one)
    about = words.clean(_about(one))
    shared = {**paper, "doc": paper, "about": about, "title": _form_title(one)}
    shared["code"] = _code(about) if drawn and "order" in paper else ""
    if one["form"] == "handover":
        shared["waiting"] = shifts.waiting(paper)
    if "order" in paper:
        shared["acceptor"] = words.ACCEPTED_BY.get(one["order"]["kind"], N_("resident's signature"))
    for copy in one["copies"] or (None,):
        parts = words.PARTS[copy["for"] if copy else "desk"]
        signatures = words.SIGNATURES[copy["for"] if copy else "desk"]
        yield {**shared, "copy": copy, "parts": parts, "signatures": signatures}


def _filters(one: Doc, width: int) -> dict[str, Any]:
    found = dict(words.FILTERS)
    if width:
        found["fold"] = words.fold_to(width)
    if one["form"] == "handover":
        found |= shifts.filters(words.clean(one))
    return found


# --- text


def _text_pages(one: Doc, width: int, templates: Templates) -> Iterator[str]:
    filters = _filters(one, width)
    for values in _values(one, drawn=False):
        values |= {"width": width, "block": BLOCK, "pen": "_" * 20}
        filled = templates.fill(f"{one['form']}.txt.j2", values, filters)
        foot = _lines(templates.fill("foot.txt.j2", values, filters), width)
        if one["form"] != "coordination":
            yield _page([*_lines(filled, width), *foot])
            continue
        foot = _cut(foot)
        blocks = [_lines(block.strip("\n"), width) for block in filled.split(BLOCK)]

        def head(n: int, values: dict[str, Any] = values) -> list[str]:
            return _cut(_lines(templates.fill("continuation.txt.j2", {**values, "n": n}, filters), width))

        pages = _packed([block for block in blocks if block], len(head(1)), len(foot))
        for n, lines in enumerate(pages):
            yield _page([*(head(n) if n else ()), *lines, *foot])


def _cut(lines: list[str]) -> list[str]:
    """A head or a foot that leaves room for what it belongs to; its last line stays, which is a rule."""
    return lines if len(lines) <= EDGE else [*lines[: EDGE - 2], "…", lines[-1]]


def _packed(blocks: Sequence[list[str]], head: int, foot: int) -> list[list[str]]:
    """The blocks on pages of so many lines; one that is longer than a page is torn, others are not.

    Head and foot leave room for a line at the least.
    """
    pages: list[list[str]] = [[]]
    whole = max(LINES - foot - head, 1)
    for block in blocks:
        lines = list(block)
        while lines:
            room = (whole if len(pages) > 1 else max(LINES - foot, 1)) - len(pages[-1])
            if len(lines) <= room:
                pages[-1] += lines
                break
            if len(lines) > whole:
                pages[-1] += lines[:room]
                lines = lines[room:]
            pages.append([])
    return pages


def _lines(filled: str, width: int) -> list[str]:
    # Whatever a template does, no line is wider than the paper.
    return folded(filled.rstrip("\n"), width, "  ").replace(BLOCK, "").split("\n")


def _page(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines) + "\n"
