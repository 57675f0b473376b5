"""The two channels: what is answered on stdout, for people or as JSON, and what is remarked on stderr."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from repairdesk.cli.render.sentences import say
from repairdesk.cli.render.words import named, word
from repairdesk.errors import N_
from repairdesk.locale import tr

if TYPE_CHECKING:
    from repairdesk.desk import Answer, Remark

Doc = Mapping[str, Any]


class Asking(Protocol):
    """What the form of an answer depends on: whether a script or a person asked."""

    @property
    def json_(self) -> bool: ...


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


def is_kept() -> bool:
    """Whether documents are kept instead of written."""
    return _kept is not None


def put_json(document: Any) -> None:
    """A document for scripts, on stdout."""
    if _kept is not None:
        _kept.append(document)
        return
    write(_dumped(document))


def _dumped(document: Any) -> str:
    # Where the terminal cannot take Chinese, JSON has escapes of its own.
    plain = "utf" not in (sys.stdout.encoding or "ascii").lower()
    return escaped(json.dumps(document, ensure_ascii=plain, indent=2))


def escaped(document: str) -> str:
    """JSON whose texts steer no terminal and are the same to whoever reads it: its escapes stand for what would."""
    return re.sub(_CONTROLS, lambda found: f"\\u{ord(found[0]):04x}", document)


def line(document: Any) -> str:
    """A document as one line of JSON Lines, without its end."""
    return escaped(json.dumps(document, ensure_ascii="utf" not in (sys.stdout.encoding or "ascii").lower()))


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
    put_json(_answered(said))


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


def spoken(doc: Doc) -> dict[str, Any]:
    """An order's document with the sentences of its bills in the user's language."""
    if not doc.get("bill"):
        return dict(doc)
    from repairdesk.cli.render.bills import spoken_bill

    before = [spoken_bill(bill) for bill in doc.get("reversed_bills", ())]
    return {**doc, "bill": spoken_bill(doc["bill"]), "reversed_bills": before}


def remarks(call: Asking, said: Sequence[Remark]) -> list[str]:
    """Remarks go to stderr for people; with --json they become the document's ``warnings``."""
    texts = [say(remark.message, remark.values) for remark in said]
    if not call.json_:
        for text in texts:
            note(tr(N_("Note: {text}")).format(text=text))
    return texts


def text(call: Asking, said: str) -> None:
    """A document that is text already."""
    if call.json_:
        put_json({"text": said, "warnings": []})
    else:
        write(said.rstrip("\n"))


def fields(call: Asking, doc: Doc) -> None:
    """A small document: a name and a value in each line."""
    if call.json_:
        put_json({**doc, "warnings": []})
        return
    for name, value in doc.items():
        put(named(name, word("yes") if value is True else value))


_CHUNK = 1_000


def put_streamed(document: Doc) -> None:
    """A document that may be long, written while it is made."""
    if _kept is not None:
        _kept.append(document)
        return
    ascii_ = "utf" not in (sys.stdout.encoding or "ascii").lower()
    parts = json.JSONEncoder(ensure_ascii=ascii_, indent=2).iterencode(document)
    while some := "".join(islice(parts, _CHUNK)):
        sys.stdout.write(escaped(some))
    sys.stdout.write("\n")
