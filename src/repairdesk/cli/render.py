"""The only place that knows tables and JSON. What people read is laid out here, what scripts read passes through."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from repairdesk.cli import telling
from repairdesk.domain import masking
from repairdesk.errors import N_, DeskError, Word
from repairdesk.locale import is_read, tr
from repairdesk.locale.width import pad, width

if TYPE_CHECKING:
    from repairdesk.batch.importing import Imported
    from repairdesk.desk import Answer, Remark
    from repairdesk.domain.fees import FeeTable, Price
    from repairdesk.domain.policy import ObligationRule, Policies

Doc = Mapping[str, Any]


class Asking(Protocol):
    """What the form of an answer depends on: whether a script or a person asked."""

    @property
    def json_(self) -> bool: ...


# --- the two channels


def put(text: str, style: str = "") -> None:
    """A line of the answer, on stdout; on a terminal it fits the width and has the colour of what it means."""
    if not sys.stdout.isatty():
        write(text)
        return
    from repairdesk.cli import screen

    for line in plain(text).split("\n"):
        sys.stdout.write(screen.styled(screen.fitting(line), style) + "\n")


def write(text: str) -> None:
    """Text as it is laid out already, on stdout."""
    sys.stdout.write(plain(text) + "\n")


def clear() -> None:
    """An empty screen; where nothing can be taken away, a line between."""
    from repairdesk.cli import screen

    sys.stdout.write("\n" if screen.dumb() else "\x1b[2J\x1b[H")


_CONTROLS = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
"""What a terminal obeys: escapes, and what turns the direction in which the rest of the line is read."""


def plain(text: str) -> str:
    """A text without what would steer a terminal: what residents say is shown, never obeyed."""
    return re.sub(_CONTROLS, "\ufffd", text)


_kept: list[Any] | None = None


@contextmanager
def kept() -> Iterator[list[Any]]:
    """The documents that are answered inside, instead of writing them: one process answers many commands."""
    global _kept
    before, _kept = _kept, []
    try:
        yield _kept
    finally:
        _kept = before


def _json(document: Any) -> None:
    if _kept is not None:
        _kept.append(document)
        return
    write(_dumped(document))


def _dumped(document: Any) -> str:
    # Where the terminal cannot take Chinese, JSON has escapes of its own.
    plain = "utf" not in (sys.stdout.encoding or "ascii").lower()
    return _escaped(json.dumps(document, ensure_ascii=plain, indent=2))


def _escaped(document: str) -> str:
    """JSON whose texts steer no terminal and are the same to whoever reads it: its escapes stand for what would."""
    return re.sub(_CONTROLS, lambda found: f"\\u{ord(found[0]):04x}", document)


def line(document: Any) -> str:
    """A document as one line of JSON Lines, without its end."""
    return _escaped(json.dumps(document, ensure_ascii="utf" not in (sys.stdout.encoding or "ascii").lower()))


def as_json(said: Answer) -> str:
    """An answer as one JSON document, its remarks among the warnings."""
    return _dumped(_answered(said))


def _answered(said: Answer) -> dict[str, Any]:
    doc = dict(said.doc)
    if "orders" in doc and isinstance(doc["orders"], list):
        doc["orders"] = [spoken(order) for order in doc["orders"]]
    return {**doc, "warnings": [say(remark.message, remark.values) for remark in said.remarks]}


def document(call: Asking, said: Answer) -> None:
    """An answer that only scripts see whole."""
    _json(_answered(said))


def note(text: str) -> None:
    """Progress and remarks, on stderr."""
    line = plain(text) + "\n"
    if sys.stderr is not None and sys.stderr.isatty():
        from repairdesk.cli import screen

        line = screen.fitting(plain(text)) + "\n"
    if sys.stdout is not None and sys.stdout.isatty():
        from repairdesk.cli import screen

        if screen.said_later(line):
            return
    sys.stderr.write(line)


def say(message: str, values: Mapping[str, Any], zone: ZoneInfo | None = None) -> str:
    """A message in the user's language, with its values as people write them."""
    return tr(message).format(**{name: _value(value, zone, name) for name, value in values.items()})


def _value(value: Any, zone: ZoneInfo | None, name: str = "") -> str:
    if isinstance(value, DeskError):
        return error_text(value, zone)
    if isinstance(value, Word):
        return tr(str(value))
    if isinstance(value, datetime):
        return f"{value.astimezone(zone) if zone else value:%Y-%m-%d %H:%M}"
    if isinstance(value, (list, tuple)):
        return tr(N_(", ")).join(_value(one, zone, name) for one in value)
    if not isinstance(value, str):
        return str(value)
    return _sentence(value) if getattr(value, "template", None) else _unphoned(value, name)


_PHONE_LEAST = 7
"""Digits that a phone number has."""
_AS_TYPED = frozenset("file files folder path target out home url table commands problems".split())
"""Values that are no words of anybody: where files are, and what was put together of masked values."""
_OF_THINGS = frozenset("id ids who by user keyboard staff code version head hash external_id invoice ref seq".split())
"""Values that may be as long as a phone number and are none."""


def _unphoned(text: str, name: str) -> str:
    """What a sentence repeats of a report or of what was typed, without phone numbers (PRI-1)."""
    if len(text) < _PHONE_LEAST or name in _AS_TYPED or masking.digits(text) < _PHONE_LEAST:
        return text
    if name in _OF_THINGS:
        return masking.in_name(text)
    return (masking.in_place(text) or text) if name == "place" else masking.in_typed(text)


def error(refusal: DeskError, *, as_json: bool, argv: Sequence[str] = ()) -> None:
    """A refusal: for people a sentence, its rule and what is possible; for scripts the contract's document."""
    if as_json:
        body = refusal_doc(refusal, argv)
        ascii_ = "utf" not in (sys.stderr.encoding or "").lower()
        sys.stderr.write(_escaped(json.dumps({"error": body}, ensure_ascii=ascii_)) + "\n")
        return
    for row in refusal_lines(refusal, argv):
        note(row)


def refusal_lines(refusal: DeskError, argv: Sequence[str] = ()) -> Iterator[str]:
    """A refusal for people: the sentence with its rule, what is possible, and what else helps."""
    rule = f" [{refusal.rule}]" if refusal.rule else ""
    yield f"{_refused(refusal, named=True, argv=argv)}{rule}"
    for candidate in refusal.extra.get("candidates", ()):
        if isinstance(candidate, Mapping):
            yield "  " + one_line(candidate)
    if refusal.possible:
        yield tr(N_("Possible now: {commands}")).format(commands=", ".join(refusal.possible))
    if helps := _remedy(refusal, argv):
        yield f"→ {helps}"


def _remedy(refusal: DeskError, argv: Sequence[str]) -> str | None:
    """What to do now, where the sentence does not say it."""
    from repairdesk.cli import remedies

    found = remedies.remedy(refusal, argv)
    if found is None:
        return _near(refusal)
    helps = say(*found, refusal.zone if isinstance(refusal.zone, ZoneInfo) else None)
    return remedies.with_number(helps, argv)


def _near(refusal: DeskError) -> str | None:
    """What was perhaps meant of what there is to choose from."""
    if "known" not in refusal.values:
        return None
    from repairdesk.cli import coding

    field = str(refusal.values.get("field", ""))
    near = [coding.shown(one, field) for one in coding.near(refusal)]
    return say(N_("did you mean {near}?"), {"near": near}) if near else None


def refusal_doc(refusal: DeskError, argv: Sequence[str] = ()) -> dict[str, Any]:
    """A refusal as the contract's document has it under ``error``."""
    body: dict[str, Any] = {"code": int(refusal.exit), "kind": refusal.kind, "rule": refusal.rule}
    body["message"] = _refused(refusal)
    body |= {"possible": list(refusal.possible), "remedy": _remedy(refusal, argv)}
    if "known" in refusal.values:
        from repairdesk.cli import coding

        if near := coding.near(refusal):
            body["near"] = near
    body |= {name: one if name == "problems" else _left(one, name) for name, one in refusal.extra.items()}
    if "candidates" in body:
        body["candidates"] = [spoken(c) if isinstance(c, Mapping) else c for c in body["candidates"]]
    if "problems" in body:
        body["problems"] = [{**problem, "message": _sentence(problem["message"])} for problem in body["problems"]]
    return body


def _left(value: Any, name: str) -> Any:
    """What a refusal names besides its sentence, as it may leave the desk."""
    if isinstance(value, str):
        return _unphoned(value, name)
    if isinstance(value, (list, tuple)):
        return [_left(one, name) for one in value]
    if not isinstance(value, dict):
        return value
    from repairdesk.desk.leaving import without_phones

    return without_phones(value)


def _refused(refusal: DeskError, *, named: bool = False, argv: Sequence[str] = ()) -> str:
    """The sentence; ``named``: whoever chooses from codes reads what each is called, too."""
    zone = refusal.zone if isinstance(refusal.zone, ZoneInfo) else None
    if not named:
        return error_text(refusal, zone)
    values = dict(refusal.values)
    if "known" in values:
        from repairdesk.cli import coding

        values |= coding.named(refusal, argv)
    if "candidates" in refusal.extra and refusal.message.endswith("{numbers}"):
        # Orders, each in a line of its own: nobody finds one of five among words.
        values["numbers"] = "".join(f"\n  {_value(one, zone)}" for one in values["numbers"])
    return error_text(refusal, zone, values)


_ARGUMENTS = ("number", "staff", "id", "field", "item", "file", "code", "report")


def _option(name: str) -> str:
    """A missing value, as it is typed."""
    if name in _ARGUMENTS:
        return name.upper()
    return "--" + {"help_class": "class"}.get(name, name).replace("_", "-")


def problem_line(problem: Doc) -> str:
    """A mistake in a rule file: place, key, sentence."""
    place = f"{problem['file']}:{problem['line']}:{problem['column']}: "
    return place + (f"{problem['key']}: " if problem["key"] else "") + _sentence(problem["message"])


def _sentence(said: str) -> str:
    """A sentence in the user's language, from the template that it carries."""
    template = getattr(said, "template", None)
    return say(template, getattr(said, "values", {})) if template else said


def spoken(doc: Doc) -> dict[str, Any]:
    """An order's document with the sentences of its bills in the user's language."""
    if not doc.get("bill"):
        return dict(doc)
    before = [_spoken_bill(bill) for bill in doc.get("reversed_bills", ())]
    return {**doc, "bill": _spoken_bill(doc["bill"]), "reversed_bills": before}


def _spoken_bill(bill: Doc) -> dict[str, Any]:
    return {**bill, "lines": [{**line, "name": line_name(line), "why": line_why(line)} for line in bill["lines"]]}


def line_name(line: Doc) -> str:
    """What a line of a bill is called; a reduction has no name of its own."""
    return word("reduction") if line["type"] == "reduction" else str(line["name"])


def line_why(line: Doc) -> str:
    """The sentence that explains a line of a bill."""
    return say(line["why"]["text"], line["why"]["values"])


def remarks(call: Asking, said: Sequence[Remark]) -> list[str]:
    """Remarks go to stderr for people; with --json they become the document's ``warnings``."""
    texts = [say(remark.message, remark.values) for remark in said]
    if not call.json_:
        for text in texts:
            note(tr(N_("Note: {text}")).format(text=text))
    return texts


# --- how far it is

Tell = Callable[[int, int | None], None]
"""Told how much is done, and how much there is; None: nobody knows."""


@contextmanager
def progress(what: str) -> Iterator[Tell | None]:
    """On a terminal's stderr: how far it is, how fast, and how long it still takes; elsewhere nobody is told."""
    if not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(what)
    try:
        yield bar.tell
    finally:
        bar.stop()


class _Bar:
    """A line that is drawn anew; it begins with the first that is told, and leaves nothing behind."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._drawn = 0.0
        self._bar: Any = None

    def tell(self, done: int, of: int | None) -> None:
        """So much is done."""
        now = monotonic()
        if self._bar is None:
            self._begin(of)
        elif now - self._drawn < _DRAWN_EVERY and done != of:
            return
        self._drawn = now
        self._bar.update(self._task, completed=done, total=of, refresh=True)

    def stop(self) -> None:
        """Take it away."""
        if self._bar is not None:
            self._bar.stop()

    def _begin(self, of: int | None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
        from rich.text import Text

        class Rate(ProgressColumn):
            """So many a second."""

            def render(self, task: Task) -> Text:
                return Text(f"{task.finished_speed or task.speed or 0:,.0f}/s")

        # No thread of its own: verify makes a copy of the process.
        self._bar = Progress(
            TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.completed:,}"), Rate(),
            TimeRemainingColumn(), console=Console(stderr=True), transient=True, auto_refresh=False,
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip
        self._task = self._bar.add_task(plain(self._what), total=of)
        self._bar.start()


_DRAWN_EVERY = 0.1
"""Seconds."""


# --- tables


Marks = Sequence[Mapping[str, str]]
"""Of each row the columns that have a colour, by their heads, and what it means (``screen.STYLES``)."""


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], marks: Marks = ()) -> None:
    """Rows for people: a table on a terminal, tab-separated in a pipe, where columns are not to be guessed."""
    cells = [["" if cell is None else " ".join(plain(str(cell)).split()) for cell in row] for row in rows]
    spoken = [_head(head) for head in heads]
    if not sys.stdout.isatty():
        for line in [spoken, *cells]:
            write("\t".join(line))
        return
    from repairdesk.cli import screen

    room = screen.columns()
    heads, spoken, cells = _spared(heads, spoken, cells, room)
    if len(cells) > _MANY or screen.dumb():
        _plain(heads, spoken, cells, room)
    else:
        _drawn(heads, spoken, cells, marks)


def _head(name: str) -> str:
    """What stands above a column; before a colon, of what it is said (``staff:name``)."""
    context, _, said = name.rpartition(":")
    return tr(said, context)


_MANY = 200
"""Rows of a table that Rich does not draw, as it takes half a millisecond for each."""


def _spared(
    heads: Sequence[str], spoken: Sequence[str], cells: list[list[str]], room: int
) -> tuple[list[str], list[str], list[list[str]]]:
    """A narrow terminal goes without what can be spared, so that the rest can be read."""
    spared = (*(_SPARED if room < _ROOMY else ()), *(_SPARED_TOO if room < 72 else ()))
    shown = [i for i in range(len(heads)) if heads[i] not in spared]
    if room < _ROOMY:
        cells = [[text[5:] if heads[i].endswith("_at") else text for i, text in enumerate(line)] for line in cells]
    return [heads[i] for i in shown], [spoken[i] for i in shown], [[line[i] for i in shown] for line in cells]


def _drawn(heads: Sequence[str], spoken: Sequence[str], cells: list[list[str]], marks: Marks) -> None:
    """A table for a terminal."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from repairdesk.cli import panels, screen

    panels.part_chinese()
    console = Console(width=screen.columns(), no_color=not screen.coloured(), highlight=False)
    gap, widths = _widths(heads, spoken, cells, console.width)
    drawn = Table(box=SIMPLE, show_edge=False, pad_edge=False, padding=(0, gap - 1, 0, 0))
    for said, (least, whole) in zip(spoken, widths, strict=True):
        drawn.add_column(said, overflow="fold", no_wrap=whole, min_width=least)
    for n, line in enumerate(cells):
        styles = marks[n] if marks and screen.coloured() else {}
        drawn.add_row(*(Text(text, _RICH[styles[head]]) if head in styles else text
                        for head, text in zip(heads, line, strict=True)))  # fmt: skip
    console.print(drawn, markup=False)


_RICH = {"bad": "bold red", "late": "red", "waits": "yellow", "good": "green", "dim": "dim"}
"""``screen.STYLES``, as Rich calls them."""
_FOLDED = ("place", "fault", "name", "staff:name", "duty:name", "source", "within", "trades")
"""Columns of free text, which may take several lines."""
_LEAST = 9
"""Columns that free text has at least: a place, a short word."""
_FEWEST = 6
"""And where there is no room for that."""
_SPARED_TOO = ("assignee", "reported_at")
"""What a terminal narrower than 72 goes without besides."""
_SPARED = ("kind", "priority")
_ROOMY = 100
"""Columns that a terminal narrower than this goes without, as it does without the year of a time."""


def _widths(
    heads: Sequence[str], spoken: Sequence[str], cells: Sequence[Sequence[str]], room: int
) -> tuple[int, list[tuple[int, bool]]]:
    """How far columns stand apart, how wide each is at least, and whether its cells stay whole.

    Free text folds: half a number or half a time would be none. Only where that does not make room, everything does.
    """
    most = [max(width(text) for text in (said, *(line[i] for line in cells))) for i, said in enumerate(spoken)]
    free = [head in _FOLDED for head in heads]
    for gap, few in ((2, _LEAST), (1, _LEAST), (1, _FEWEST)):
        least = [min(few, one) if folds else one for folds, one in zip(free, most, strict=True)]
        if sum(least) + gap * (len(least) - 1) <= room:
            return gap, [(one, not folds) for folds, one in zip(free, least, strict=True)]
    return 1, [(min(one, 2), False) for one in most]


def _plain(heads: Sequence[str], spoken: Sequence[str], cells: Sequence[Sequence[str]], room: int) -> None:
    """A table without lines and without Rich; what is too long for the terminal is cut, and said to be."""
    widths = [max(width(line[i]) for line in [spoken, *cells]) for i in range(len(spoken))]
    over = sum(widths) + 2 * (len(widths) - 1) - room
    for i in sorted(range(len(widths)), key=lambda i: (heads[i] not in _FOLDED, -widths[i])):
        give = min(max(over, 0), max(widths[i] - _LEAST, 0))
        widths[i] -= give
        over -= give
    for line in [spoken, *cells]:
        row = (pad(_cut(cell, columns), columns) for cell, columns in zip(line, widths, strict=True))
        write("  ".join(row).rstrip())


def _cut(text: str, columns: int) -> str:
    """A text in so many columns."""
    if width(text) <= columns:
        return text
    while width(text) > columns - 1:
        text = text[:-1]
    return f"{text}…"


# --- orders


def word(value: str | None, context: str = "") -> str:
    """A term of the field, in the user's language."""
    return tr(value, context) if value else "–"


def named(name: str, value: Any) -> str:
    """A name and its value."""
    return pair(word(name), value)


def pair(label: str, value: Any) -> str:
    """What something is called in the user's language, and its value."""
    return tr(N_("{name}: {value}")).format(name=label, value=value)


def moment(text: str | None) -> str:
    """A time of a document as people read it: no offset, no seconds."""
    return text[:16].replace("T", " ") if text else "–"


def one_line(doc: Doc) -> str:
    """An order in a line."""
    what = " ".join((doc["fault"] or "").split())
    return f"{doc['number']}  {standing(doc)}  {doc['place'] or ''}  {what}".rstrip()


def standing(doc: Doc) -> str:
    """The state of an order; one that was kept as another system had it says so."""
    state = word(doc["state"])
    return tr(N_("{state} (as found)")).format(state=state) if doc["as_found"] else state


def answer(call: Asking, said: Answer) -> None:
    """What a verb made of an order: a line, who has it, and what is owed next."""
    texts = remarks(call, said.remarks)
    if call.json_:
        _json({**spoken(said.doc), "warnings": texts})
        return
    doc = said.doc
    put(one_line(doc))
    for name, change in doc.get("corrected", {}).items():
        if name == "place_said":
            continue  # how somebody once wrote it: the place itself stands above
        was, now = (_in_a_line(_old_value(name, change[one])) for one in ("old", "new"))
        put("  " + named(name, f"{was} → {now}"))
    if doc.get("tracker"):
        put("  " + named("tracker", doc["tracker"]))
    elif doc["assignee"] and doc["state"] in ("assigned", "on_site", "paused"):
        put("  " + named("assignee", doc["assignee"]))
    if doc["state"] == "converted" and doc.get("coordination"):
        put("  " + named("coordination", doc["coordination"]))
    if doc["bill"]:
        put("  " + named("bill", f"{doc['bill']['total']} {tr(N_('yuan'))}"))
    if doc["payments"]:
        put("  " + named("received", paid_line(doc)))
    if doc.get("household"):
        put("  " + named("household", household_line(doc["household"])))
    for owed in _next_owed(doc):
        put(f"  {owed_line(owed)}", "late" if _late(owed) else "")


def _late(owed: Doc) -> bool:
    return owed["state"] == "missed" and owed["met_at"] is None and owed["void_at"] is None


def _next_owed(doc: Doc) -> list[Doc]:
    running = [
        owed
        for owed in doc["obligations"]
        if owed["met_at"] is None and owed["void_at"] is None and owed["state"] in ("open", "missed")
    ]
    return sorted(running, key=lambda owed: owed["due_at"])[:3]


def owed_line(owed: Doc) -> str:
    """An obligation in a line."""
    template = N_("{name}: {owner}, by {due} ({state})")
    if owed.get("provisional"):
        template = N_("{name}: {owner}, by {due} provisionally ({state}; calendar.yaml ends before)")
    return tr(template).format(
        name=word(owed["name"]), owner=word(owed["owner"]), due=moment(owed["due_at"]), state=word(owed["state"])
    )


def orders(call: Asking, answers: Sequence[Answer]) -> None:
    """Several orders that a verb changed."""
    said = [text for one in answers for text in remarks(call, one.remarks)]
    docs = [one.doc for one in answers if one.doc]
    if call.json_:
        _json({"orders": [spoken(doc) for doc in docs], "warnings": said})
        return
    for doc in docs:
        put(one_line(doc))


_LIST = ("number", "kind", "state", "priority", "place", "fault", "assignee", "reported_at")


def order_list(call: Asking, docs: Sequence[Doc], total: int, near: Sequence[str] = (), *, asked: bool = False) -> None:
    """``list``; ``near`` are places that were perhaps meant, where nothing was found; ``asked``: not for all."""
    hint = [say(N_("nothing was reported there; did you mean {near}?"), {"near": list(near)})] if near else []
    if call.json_:
        _json({"orders": [spoken(doc) for doc in docs], "total": total, "warnings": hint})
        return
    for text in hint:
        note(text)
    if not docs:
        if asked and not near:
            note(tr(N_("nothing found")))
        return
    narrow = _is_narrow()
    rows = [[_cell(doc, name) for name in _LIST] for doc in docs]
    for row, doc in zip(rows, docs, strict=True):
        if narrow and doc["priority"] == "emergency" and doc["state"] not in _OVER:
            row[_LIST.index("fault")] = tr(N_("URGENT {fault}")).format(fault=doc["fault"] or "")
    table(_LIST, rows, [_mark(doc) for doc in docs])
    if total > len(docs):
        note(tr(N_("{shown} of {total}; --limit shows more")).format(shown=len(docs), total=total))


def _is_narrow() -> bool:
    """Whether this is a terminal that goes without the column of priorities."""
    if not sys.stdout.isatty():
        return False
    from repairdesk.cli import screen

    return screen.columns() < _ROOMY


def _mark(doc: Doc) -> dict[str, str]:
    """What has a colour in a line of ``list``: what is urgent, overdue, stands still or is over."""
    state, over = doc["state"], doc["state"] in _OVER
    late = not over and any(owed["state"] == "missed" and owed["met_at"] is None for owed in doc["obligations"])
    style = "dim" if over else "late" if late else "waits" if state in ("paused", "quoted") else ""
    marks = {"state": style} if style else {}
    return marks | ({"priority": "bad"} if doc["priority"] == "emergency" and not over else {})


_OVER = ("archived", "declined", "cancelled", "advised", "converted")
"""``lifecycle.ENDS``, which a list need not load."""


def _cell(doc: Doc, name: str) -> str:
    if name == "state":
        return standing(doc)
    if name in ("kind", "priority"):
        return word(doc[name])
    if name == "reported_at":
        return moment(doc[name])
    return str(doc[name] or "")


def show(call: Asking, said: Answer, names: telling.Names = telling.NONE) -> None:
    """``show``: the whole order, as a slip would tell it. ``names``: what the rules call the codes of its entries."""
    texts = remarks(call, said.remarks)
    doc = said.doc
    if call.json_:
        # A name goes by today's rules and is no part of the order: what has the shape of one has codes alone.
        _json({**spoken({name: one for name, one in doc.items() if name != "category_name"}), "warnings": texts})
        return
    if "entries" in doc:
        for entry in doc["entries"]:
            put(entry_line(entry, names))
        return
    late = {f"  {owed_line(owed)}" for owed in doc["obligations"] if _late(owed)}
    urgent = "bad" if doc["priority"] == "emergency" and doc["state"] not in _OVER else ""
    for n, row in enumerate(show_lines(doc)):
        put(row, urgent if n == 0 else "late" if row in late else "")


def show_lines(doc: Doc) -> Iterator[str]:
    """The whole order, line by line."""
    yield f"{doc['number']}  {word(doc['kind'])} · {standing(doc)} · {word(doc['priority'])}"
    for name, value in _facts(doc):
        yield f"  {pad(tr(name), 16)}{value}"
    for name, rows in _sections(doc):
        if rows:
            yield tr(name)
            yield from (f"  {row}" for row in rows)


def _facts(doc: Doc) -> Iterable[tuple[str, str]]:
    """What an order says of itself, without what is unknown."""
    phone = f"  {doc['phone']}" if doc["phone"] else ""
    window = doc["appointment"]
    agreed = doc["consent"]
    facts = (
        ("place", doc["place"]),
        ("caller", (doc["caller"] or word("anonymous" if doc["anonymous"] else None)) + phone),
        ("household", household_line(doc.get("household"))),
        ("reported_at", f"{moment(doc['reported_at'])}  {word(doc['channel']) if doc['channel'] else ''}".rstrip()),
        ("fault", doc["fault"]),
        ("category", name if (name := doc.get("category_name")) and is_read(name) else doc["category"]),
        ("severity", doc["severity"] and word(doc["severity"])),
        ("department", doc["department"] and word(doc["department"], "department")),
        ("told", tr(N_(", ")).join(word(one) for one in doc["told"])),
        ("appointment", window and f"{moment(window['start'])} – {moment(window['end'])[11:]}"),
        ("quote", doc["quote"]),
        ("consent", agreed and f"{agreed['fee']}  {moment(agreed['at'])}"),
        ("assignee", doc["assignee"]),
        ("tracker", doc.get("tracker")),
        ("found", doc["found"]),
        ("result", doc["result"]),
        ("handling", doc["handling_seconds"] and duration(doc["handling_seconds"])),
        ("rating", doc["rating"] and f"{word(doc['rating'])}  {doc['signed_by'] or ''}"),
        ("received", doc["payments"] and paid_line(doc)),
        ("invoice", doc["invoice"]),
        (N_("why it ends"), doc["settled"] and f"{doc['settled']['reason']}  {doc['settled']['by']}"),
        ("follows", doc["follows"]),
        ("coordination", doc["coordination"]),
        ("converted_from", doc["converted_from"]),
        ("voided", tr(N_(", ")).join(doc["voided"])),
        ("ended_reason", doc["ended_reason"] and tr(doc["ended_reason"], "reason")),
        (N_("imported"), doc["imported"] and word("yes")),
        (N_("purged"), doc["purged"] and purged_line(doc["purged"])),
    )
    return ((name, str(value)) for name, value in facts if value)


def _old_line(name: str, text: str) -> str:
    return named(name, moment(text) if name.endswith("_at") else _old_value(name, text))


def _old_value(name: str, value: Any) -> Any:
    return word(value) if value and name in _WORDS_OF_OLD else value


_WORDS_OF_OLD = ("kind", "priority", "channel", "severity", "class", "help_class", "rating", "status")


def purged_line(purged: Doc) -> str:
    """When and by whom what was personal was taken (RET-3)."""
    return say(N_("{at} by {by} and {second}: what is left says nothing of a person"),
               {"at": moment(purged["at"]), "by": purged["by"], "second": purged["with"]})  # fmt: skip


def paid_line(doc: Doc) -> str:
    """What was received, under which receipts, and what is still open."""
    receipts = tr(", ").join(payment["receipt"] for payment in doc["payments"])
    still = "" if doc["open_amount"] == "0.00" else f"  {word('open', 'money')} {doc['open_amount']}"
    return f"{doc['received']}  {receipts}{still}"


def household_line(household: Doc | None) -> str:
    """Who lives there, as the register has it."""
    if household is None:
        return ""
    told = [tr(", ").join(household["names"]), tr(", ").join(household["phones"])]
    return "  ".join([*told, tr(N_("since {day}")).format(day=household["since"])] if household["since"] else told)


def duration(seconds: int) -> str:
    """Whole seconds as hours, minutes and seconds; never rounded (VIS-1)."""
    hours, rest = divmod(seconds, 3600)
    template = N_("{hours} h {minutes} min {seconds} s") if hours else N_("{minutes} min {seconds} s")
    return tr(template).format(hours=hours, minutes=rest // 60, seconds=rest % 60)


def _sections(doc: Doc) -> Iterable[tuple[str, list[str]]]:
    yield (
        "visits",
        [
            f"{visit['technician']}  {moment(visit['started_at'])} – {moment(visit['ended_at'])[11:]}"
            for visit in doc["visits"]
        ],
    )
    yield "bill", bill_lines(doc["bill"]) if doc["bill"] else []
    yield N_("reversed bills"), [reversed_line(bill) for bill in doc["reversed_bills"]]
    yield "refusals", [f"{one['refused']}: {one['explained']}; {one['made_safe']}" for one in doc["refusals"]]
    yield "logs", [f"{moment(log['at'])}  {log['contact']}: {log['content']}" for log in doc.get("logs", ())]
    yield "checks", [f"{moment(check['at'])}  {check['by']}: {check['support']}" for check in doc.get("checks", ())]
    yield N_("attachments"), [attached_line(one) for one in doc["attachments"]]
    yield N_("callbacks made"), [_call_line(one) for one in doc["callbacks"]]
    yield N_("heard about the rating"), [_heard_line(one) for one in doc["heard"]]
    yield N_("explained"), [_explained_line(one) for one in doc["explained"]]
    yield N_("looked at again"), [_recheck_line(one) for one in doc["rechecks"]]
    yield N_("remarks settled"), [f"{moment(one['at'])}  {one['by']}: {one['note']}" for one in doc["remarks_settled"]]
    yield N_("in the other system"), [_old_line(name, text) for name, text in doc.get("old", {}).items()]
    yield "obligations", [owed_line(owed) for owed in doc["obligations"]]


def attached_line(one: Doc) -> str:
    """A file that the desk keeps for an order: when, what, its name and size, by whom, and where it lies."""
    note = f": {one['note']}" if one["note"] else ""
    kilobytes = tr(N_("{count} kB")).format(count=-(-one["bytes"] // 1000))
    named = f"{word(one['what'], 'attached')} {one['name']} ({kilobytes})"
    # Of a file that was purged only this line is left.
    lies = f"  {one['file']}" if one["file"] else ""
    return f"{moment(one['at'])}  {named}  {one['by']}{note}{lies}"


def _call_line(one: Doc) -> str:
    """A callback in a line; a letter that answers many names itself."""
    said = word(one["outcome"]) if one["outcome"] else tr(N_("letter {id}")).format(id=one["letter"])
    again = tr(N_("again {at}")).format(at=moment(one["next"])) if one["next"] else ""
    words = (moment(one["at"]), one["by"], word(one["method"]), said, one["text"] or "", one["note"] or "", again)
    return "  ".join(filter(None, words))


def _heard_line(one: Doc) -> str:
    """What the technician said about a low rating, and who heard it (FIN-4)."""
    return f"{moment(one['at'])}  {one['by']} ({word(one['role'])}): {one['said']}"


def _explained_line(one: Doc) -> str:
    """What the resident was told of the delay."""
    said = {"by": one["by"], "to": one["to"] or "–", "reason": one["reason"]}
    template = N_("{at}  {by} to {to}: {reason}, expected {expected}")
    return tr(template).format(at=moment(one["at"]), expected=moment(one["expected"]), **said)


def _recheck_line(one: Doc) -> str:
    """How finished work looked on the day after."""
    return f"{moment(one['at'])}  {one['by']}  {word(one['outcome'], 'recheck')}  {one['note'] or ''}".rstrip()


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
        _json({**_spoken_bill(bill), "warnings": []})
        return
    for line in bill_lines(bill):
        put(line)


def checked_fees(call: Asking, doc: Doc) -> None:
    """``fees check``: and which open quotes this table would make otherwise."""
    quotes = [{**one, "why": error_text(one["why"]) if one["why"] else None} for one in doc["quotes"]]
    if call.json_:
        _json({**doc, "quotes": quotes, "warnings": []})
        return
    fields(call, {name: value for name, value in doc.items() if name != "quotes"})
    for one in quotes:
        template = N_("{number} {place}: quoted {quote}, this table says {now}; it keeps version {version}")
        said = {"now": one["would_be"] or one["why"], "version": one["fees_version"]}
        put(tr(template).format(number=one["number"], place=one["place"], quote=one["quote"], **said))


def error_text(refusal: DeskError, zone: ZoneInfo | None = None, said: Mapping[str, Any] | None = None) -> str:
    """A refusal as a sentence; the mistakes of a rules file in a line each. ``said`` are its values, put otherwise."""
    values = dict(refusal.values if said is None else said)
    if "problems" in values:
        values["problems"] = "\n".join("  " + problem_line(problem) for problem in refusal.extra["problems"])
    if "missing" in refusal.extra:
        values["fields"] = [_option(name) for name in refusal.extra["missing"]]
    return say(refusal.message, values, zone)


def entry_line(entry: Doc, names: telling.Names = telling.NONE) -> str:
    """An entry of the ledger in a line; a late one is marked (REC-2)."""
    late = f" ({tr(N_('late'))})" if entry["late"] else ""
    by = entry["actor"] if entry["actor"] == entry["keyboard"] else f"{entry['actor']} ⌨ {entry['keyboard']}"
    data = telling.told(entry["data"], names)
    event = word(entry["event"], "event")
    return f"{entry['seq']:>5}  {moment(entry['occurred_at'])}{late}  {event}  {by}  {data}".rstrip()


_OWED = {"missed": "late", "paused": "waits"}
"""The colours of what is owed, by how it stands."""
_DUE = ("due_at", "state", "name", "owner", "number", "kind", "place", "assignee")


def board(call: Asking, doc: Doc) -> None:
    """``board``."""
    troubles = [say(trouble.message, trouble.values) for trouble in doc["troubles"]]
    if call.json_:
        _json({**doc, "troubles": troubles, "warnings": []})
        return
    put(tr(N_("Open: {states}")).format(states="  ".join(f"{word(s)} {n}" for s, n in doc["open"].items()) or "0"))
    rows = [[_due_cell(row, name) for name in _DUE] for row in doc["due"]]
    if rows:
        marks = [{"due_at": style, "state": style} if (style := _OWED.get(row["state"])) else {} for row in doc["due"]]
        table(["duty:name" if name == "name" else name for name in _DUE], rows, marks)
    for month in doc["months"]:
        template = N_("The bills of {month} are to be handed over by {due} ({state})")
        if month["rule"] == "CAL-7":
            template = N_("The callbacks of {month} wait for the supervisor's opinion, by {due} ({state})")
        put(tr(template).format(month=month["month"], due=moment(month["due_at"]), state=word(month["state"])))
    for trouble in troubles:
        put(tr(N_("Attention: {text}")).format(text=trouble), "late")


def _due_cell(row: Doc, name: str) -> str:
    if name == "due_at":
        due = moment(row[name])
        return tr(N_("{due} (provisional)")).format(due=due) if row["provisional"] else due
    return word(row[name]) if name in ("state", "name", "owner", "kind") else str(row[name] or "")


def text(call: Asking, said: str) -> None:
    """A document that is text already."""
    if call.json_:
        _json({"text": said, "warnings": []})
    else:
        write(said.rstrip("\n"))


# --- people, rules, ledger


def person(call: Asking, said: Answer) -> None:
    """A staff record."""
    texts = remarks(call, said.remarks)
    if call.json_:
        _json({**said.doc, "warnings": texts})
    else:
        put(f"{said.doc['id']}  {said.doc['name']}  {word(said.doc['role'])}  {' '.join(said.doc['trades'])}".rstrip())


def people(call: Asking, docs: Sequence[Doc], trades: Mapping[str, str]) -> None:
    """``staff list``; ``trades`` is what the rules call them."""
    if call.json_:
        _json({"staff": list(docs), "warnings": []})
        return
    heads = ("id", "staff:name", "role", "trades", "retired")
    rows = [
        [d["id"], d["name"], word(d["role"]), tr(N_(", ")).join(trades.get(one, one) for one in d["trades"]),
         word("yes") if d["retired"] else ""] for d in docs
    ]  # fmt: skip
    if rows:
        table(heads, rows)


def fields(call: Asking, doc: Doc) -> None:
    """A small document: a name and a value in each line."""
    if call.json_:
        _json({**doc, "warnings": []})
        return
    for name, value in doc.items():
        put(named(name, word("yes") if value is True else value))


def _price(price: Price) -> str:
    from repairdesk.domain.money import yuan

    if price.low is None or price.high is None:
        return word("on-quote")
    if price.kind == "free":
        return word("free", "price")
    return yuan(price.low) if price.low == price.high else f"{yuan(price.low)}–{yuan(price.high)}"


def fee_table(call: Asking, fees: FeeTable) -> None:
    """``fees list``."""
    from repairdesk.domain.money import yuan

    services = [
        {"code": s.code, "name": s.name, "category": s.category, "unit": s.unit, "price": _price_doc(s.price),
         "standard": s.standard} for s in fees.services.values()
    ]  # fmt: skip
    materials = [
        {"code": m.code, "name": m.name, "unit": m.unit, "price": yuan(m.price)} for m in fees.materials.values()
    ]
    if call.json_:
        _json({"version": fees.version, "currency": fees.currency, "services": services, "materials": materials,
               "warnings": []})  # fmt: skip
        return
    rows = [[s.code, s.name, s.category, s.unit, _price(s.price)] for s in fees.services.values()]
    rows += [[m.code, m.name, word("material"), m.unit, yuan(m.price)] for m in fees.materials.values()]
    table(("code", "name", "category", "unit", "price"), rows)


def _price_doc(price: Price) -> Any:
    from repairdesk.domain.money import yuan

    if price.kind == "range" and price.low is not None and price.high is not None:
        return {"from": yuan(price.low), "to": yuan(price.high)}
    return price.kind if price.low is None or price.kind == "free" else yuan(price.low)


def policies(call: Asking, rules: Policies) -> None:
    """``policies show``."""
    owed = [
        {"id": o.id, "name": o.name, "rule": o.rule, "owner": o.owner, "starts": list(o.starts), "meets": list(o.meets),
         "within": dict(o.within), "source": o.source} for o in rules.obligations
    ]  # fmt: skip
    if call.json_:
        may = {verb: list(roles) for verb, roles in rules.may.items()}
        _json({"version": rules.version, "preset": rules.preset, "zone": rules.zone, "may": may, "obligations": owed,
               "categories": {c.code: c.name for c in rules.categories.values()}, "warnings": []})  # fmt: skip
        return
    put(f"{rules.version}  {rules.preset}  {rules.zone}")
    rows = [[o.id, word(o.name), o.rule, word(o.owner), _within(o), o.source] for o in rules.obligations]
    table(("id", "name", "rule", "owner", "within", "source"), rows)


def _within(rule: ObligationRule) -> str:
    """When an obligation is due: within so long, by a time of day, ahead of the appointment, in each period …"""
    if rule.each is not None:
        return tr(N_("{times} × each {period}")).format(times=rule.times, period=word(rule.each, "period"))
    if rule.by_day is not None:
        return tr(N_("by the {day}. of the next month")).format(day=rule.by_day)
    if rule.anchor in ("next", "call"):
        return tr(N_("at the time that was named"))
    if rule.by is not None:
        hour = f"{rule.by // 3600:02}:{rule.by % 3600 // 60:02}"
        if rule.days_after:
            return tr(N_("by {hour}, {days} d later")).format(hour=hour, days=rule.days_after)
        return tr(N_("by {hour}")).format(hour=hour)
    if rule.lead:
        return tr(N_("{minutes} min before the appointment")).format(minutes=rule.lead // 60)
    return " / ".join(_long(seconds) for seconds in rule.within.values())


def _long(seconds: int) -> str:
    """A time allowed, in the unit in which the policies would say it."""
    units = ((86_400, N_("{count} d")), (3_600, N_("{count} h")), (60, N_("{count} min")))
    size, template = next((one for one in units if seconds >= one[0] and seconds % one[0] == 0), (1, N_("{count} s")))
    return tr(template).format(count=seconds // size)


def verified(call: Asking, doc: Doc, said: Sequence[Remark] = ()) -> None:
    """``verify``: clean, or every problem."""
    from repairdesk.errors import Damaged

    texts = remarks(call, said)
    if not doc["ok"]:
        if call.json_:
            _json({**doc, "warnings": texts})
        else:
            for problem in doc["problems"]:
                put(f"{problem['seq'] or '–'}  {_sentence(problem['what'])}")
        raise Damaged(N_("the record was altered; problems: {count}"), rule="REC-1", count=len(doc["problems"]))
    if call.json_:
        _json({**doc, "warnings": texts})
    else:
        put(tr(N_("{entries} entries, unaltered; head {head}")).format(entries=doc["entries"], head=doc["head"][:16]))


def imported(call: Asking, result: Imported) -> None:
    """``import``: the report is on stdout, whatever the outcome."""
    from repairdesk.errors import BadInput, Exit, Partial

    texts = remarks(call, result.remarks)
    doc = result.doc(say, streamed=_kept is None)
    if call.json_:
        _streamed({**doc, "sample": result.sample.doc(say) if result.sample else None, "warnings": texts})
    else:
        kept = ("rows", "accepted", "already_there", "rejected", "committed")
        put(
            "  ".join(
                named(name, word("yes" if doc[name] else "no") if name == "committed" else doc[name]) for name in kept
            )
        )
        for reject in doc["rejects"]:
            rule = f" [{reject['rule']}]" if reject.get("rule") else ""
            put(f"{reject['row']}\t{reject['column'] or ''}\t{reject['value'] or ''}\t{reject['why']}{rule}")
        for difference in doc["differences"]:
            put(_differing(difference))
    counts = {"rejected": doc["rejected"], "rows": doc["rows"]}
    if result.exit == Exit.BAD_INPUT:
        message = (N_("{rejected} of {rows} rows are rejected; nothing would be taken") if result.dry_run
                   else N_("{rejected} of {rows} rows are rejected; nothing was taken"))  # fmt: skip
        raise BadInput(message, **counts)
    if result.exit == Exit.PARTIAL:
        message = (N_("{rejected} of {rows} rows are rejected; the others would be taken") if result.dry_run
                   else N_("{rejected} of {rows} rows are rejected; the others were taken"))  # fmt: skip
        raise Partial(message, **counts)


def not_imported() -> None:
    """``import`` of a file that cannot be read, with ``--json``: there is a document, whatever the outcome."""
    counts = {"rows": 0, "accepted": 0, "already_there": 0, "rejected": 0}
    _json({**counts, "rejects": [], "differences": [], "committed": False, "sample": None, "warnings": []})


def _differing(difference: Doc) -> str:
    """A row that says something else than what is there, by field."""
    own = difference.get("external_id") or difference.get("staff") or ""
    told = (named(name, f"{_in_a_line(old)} → {_in_a_line(new)}") for name, (old, new) in difference["fields"].items())
    return f"{difference['row']}\t{own}\t{difference['number'] or ''}\t" + "  ".join(told)


def _in_a_line(value: Any) -> str:
    if isinstance(value, dict):
        value = "/".join(map(str, value.values()))
    elif isinstance(value, list):
        value = ", ".join(map(str, value))
    return "–" if value is None or value == "" else " ".join(str(value).split())


_CHUNK = 1_000


def _streamed(document: Doc) -> None:
    """A document that may be long, written while it is made."""
    if _kept is not None:
        _kept.append(document)
        return
    ascii_ = "utf" not in (sys.stdout.encoding or "ascii").lower()
    parts = json.JSONEncoder(ensure_ascii=ascii_, indent=2).iterencode(document)
    while some := "".join(islice(parts, _CHUNK)):
        sys.stdout.write(_escaped(some))
    sys.stdout.write("\n")
