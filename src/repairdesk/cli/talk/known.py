"""Lines about what the desk knows: orders, people, items of the fee table, as a dialogue shows them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from repairdesk.cli.render import orders, refusals
from repairdesk.cli.talk.questions import PART_WILL_DO, Choice, Offered, Question, Said, chosen
from repairdesk.desk import By, Desk
from repairdesk.domain.shape import Doc
from repairdesk.errors import N_, DeskError, NotFound, UsageError
from repairdesk.locale import tr

OTHER = N_("angle valve:1:12.50")
"""A material that no table has, as it is typed."""
UNLISTED = N_("“{text}” is none of these; part of a name will do, and what is not on the table is NAME:QTY:COST")


def order_line(doc: Doc) -> str:
    """An order in a line, with who has it and when."""
    parts = [orders.one_line(doc), doc["assignee"] or "", window(doc["appointment"])]
    return "  ".join(part for part in parts if part)


def past_line(doc: Doc) -> str:
    """An order that is over, or was lately: its day first."""
    return f"{doc['reported_at'][:10]}  {orders.one_line(doc)}"


def window(said: Mapping[str, str] | None) -> str:
    """A visit window as people read it."""
    if not said:
        return ""
    start, end = said["start"][:16].replace("T", " "), said["end"][:16].replace("T", " ")
    return f"{start}–{end[11:] if end[:10] == start[:10] else end}"


def price(one: Mapping[str, Any]) -> str:
    """What a service costs, in a word."""
    terms = one["price"]
    if terms["kind"] == "fixed":
        return f"{terms['low']} {tr('yuan')}/{one['unit']}"
    if terms["kind"] == "range":
        return f"{terms['low']}–{terms['high']} {tr('yuan')}/{one['unit']}"
    return tr(terms["kind"])


class Table:
    """The fee table, to be named by its codes or by words."""

    def __init__(self, desk: Desk, by: By) -> None:
        self._desk, self._by = desk, by
        self._doc: Doc | None = None

    @property
    def doc(self) -> Doc:
        """Read when it is first wanted."""
        if self._doc is None:
            self._doc = self._desk.materials(self._by)
        return self._doc

    def service(self, text: str) -> str:
        """A service as it was typed, with its name and price."""
        code, colon, quantity = text.partition(":")
        one = self.doc["services"].get(code)
        return f"{one['name']}{' ×' + quantity if colon else ''} ({price(one)})" if one else text

    def material(self, text: str) -> str:
        """A material as it was typed, with its name."""
        code, colon, rest = text.partition(":")
        one = self.doc["materials"].get(code)
        return (
            f"{one['name']}{' ×' + rest if colon else ''} ({one['price']} {tr('yuan')}/{one['unit']})" if one else text
        )

    def services(self, text: str) -> list[str]:
        """``CODE[:QTY]`` or words for it, several of them apart by commas or blanks.

        Raises:
            UsageError: one is none; with the nearest.
        """
        known = [Choice(code, one["name"]) for code, one in self.doc["services"].items()]
        return list(dict.fromkeys(_item(part, known) for part in _parts(text, known)))

    def materials(self, text: str) -> list[str]:
        """The same of materials; what is not on the table is ``NAME:QTY:COST``."""
        known = [Choice(code, one["name"]) for code, one in self.doc["materials"].items()]
        parts = [part.strip() for part in re.split(r"[,;、，；]", text) if part.strip()]
        return [part if _folded(part).count(":") == 2 else _item(part, known, UNLISTED) for part in parts]

    def how(self, kind: str) -> Iterator[str]:
        """How services or materials are typed, those that no table has among them (FEE-2)."""
        for code in list(self.doc[kind])[:1]:
            yield "  " + tr(N_("code or name, apart by commas; so many: {example}")).format(example=f"{code}:2")
        if kind == "materials":
            yield "  " + tr(N_("not on the table: name, how many, cost, as {example}")).format(example=tr(OTHER))

    def completions(self, kind: str, text: str) -> list[Choice]:
        """What the last item of a half-typed answer could become."""
        before, last = re.fullmatch(r"(.*[,;、，；\s])?(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
        wanted = _folded(last)
        return [
            Choice((before or "") + code, one["name"])
            for code, one in self.doc[kind].items()
            if wanted and (code.startswith(wanted) or wanted in _folded(one["name"]))
        ]


def _parts(text: str, known: Sequence[Choice]) -> list[str]:
    parts = [part.strip() for part in re.split(r"[,;、，；]", text) if part.strip()]
    if len(parts) == 1 and " " in parts[0]:
        try:
            _item(parts[0], known)
        except UsageError:
            return parts[0].split()
    return parts


def _item(text: str, known: Sequence[Choice], otherwise: str = PART_WILL_DO) -> str:
    code, colon, quantity = _folded(text).partition(":")
    return chosen(code.strip(), known, otherwise=otherwise) + colon + quantity


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


class Which:
    """The question which order is meant: those with which the verb can be done now come with numbers."""

    def __init__(self, desk: Desk, by: By, verb: str) -> None:
        self._desk, self._by, self._verb = desk, by, verb
        self._docs: list[Doc] | None = None
        self._named: dict[str, Doc] = {}

    @property
    def docs(self) -> list[Doc]:
        """The orders that are offered."""
        if self._docs is None:
            self._docs = self._desk.in_hand(self._by, self._verb)
        return self._docs

    def order(self, said: Said) -> Doc:
        """The order that was named."""
        number = said["number"]
        if number not in self._named:
            self._named[number] = self._desk.show(self._by, number).doc
        return self._named[number]

    def question(self) -> Question:
        """As it is asked."""

        def propose(said: Said) -> Offered | None:
            return Offered(self.docs[0]["number"], self.docs[0]["number"]) if self.docs else None

        return Question(
            "number", N_("number"), read=self._read, propose=propose, tell=self._tell, complete=self._complete
        )

    def _tell(self, said: Said) -> Iterator[str]:
        for n, doc in enumerate(self.docs, 1):
            yield f"  {n} {order_line(doc)}"
        if not self.docs:
            yield "  " + tr(N_("no order waits for this from you; any number can be typed"))

    def _complete(self, said: Said, text: str) -> list[Choice]:
        return [
            Choice(doc["number"], f"{doc['place'] or ''} {doc['fault'] or ''}") for doc in self.docs
            if doc["number"].endswith(text.upper()) or text in (doc["place"] or "") + (doc["fault"] or "")
        ]  # fmt: skip

    def _read(self, said: Said, text: str) -> str:
        plain = _folded(text)
        if plain.isdigit() and 0 < int(plain) <= len(self.docs) and len(plain) < 3:
            return str(self.docs[int(plain) - 1]["number"])
        try:
            doc = self._desk.show(self._by, text).doc
        except NotFound:
            found = [doc for doc in self.docs if plain in _folded(f"{doc['place'] or ''} {doc['fault'] or ''}")]
            if len(found) != 1:
                raise
            return str(found[0]["number"])
        self._named[doc["number"]] = doc
        return str(doc["number"])


def refused(error: DeskError) -> str:
    """A refusal in a line."""
    return next(iter(refusals.refusal_lines(error)))
