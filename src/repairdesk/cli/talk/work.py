"""Assigning, finishing and signing: which order, and what its verb has to know."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from repairdesk.cli import render, telling
from repairdesk.cli.talk import known
from repairdesk.cli.talk.questions import Choice, Offered, Question, Row, Said, listed, several
from repairdesk.desk import By, Desk
from repairdesk.desk.visiting import Work
from repairdesk.domain.masking import MASK
from repairdesk.domain.shape import Doc
from repairdesk.domain.vocabulary import RATINGS
from repairdesk.errors import N_, DeskError
from repairdesk.locale import tr

UNSAID = "…"
"""Stands for words that are still to be said, where the desk is asked whether the rest would do."""


class _OnOrder:
    """What every verb on an order shares."""

    verb = ""

    def __init__(self, desk: Desk, by: By, common: Sequence[str] = ()) -> None:
        self.desk = desk
        self.by = by
        self.which = known.Which(desk, by, self.verb)
        self._common = list(common)

    def _about(self, said: Said) -> Row:
        return Row("number", N_("number"), known.order_line(self.which.order(said)))

    def questions(self) -> Sequence[Question]:
        """In the order in which they are asked."""
        raise NotImplementedError

    def summary(self, said: Said) -> Sequence[Row]:
        """What would be written."""
        raise NotImplementedError

    def typed(self, said: Said) -> list[str]:
        """The command line that would do the same."""
        raise NotImplementedError

    def remarks(self, said: Said) -> list[str]:
        """What the verb would refuse after all."""
        try:
            self.check(said)
        except DeskError as refusal:
            return [known.refused(refusal)]
        return []

    def check(self, said: Said) -> None:
        """Whether the verb would take it so far."""
        raise NotImplementedError


class AssignTalk(_OnOrder):
    """Who goes: the likeliest first."""

    verb = "assign"

    def questions(self) -> Sequence[Question]:
        """Which order, who, and why where somebody is expected elsewhere then."""
        return (
            self.which.question(),
            Question("staff", N_("staff"), tell=self._people, choices=self._choices, propose=self._first),
            Question("reason", N_("reason"), wanted=lambda said: self.clashes(said) or self._taken_from(said)),
        )

    @cached_property
    def _trades(self) -> Mapping[str, str]:
        """What the rules call the trades, where that can be read."""
        return telling.readable(self.desk.names(self.by))["trades"]

    def _hands(self, said: Said) -> list[Doc]:
        return self.desk.technicians(self.by, said["number"])

    def _choices(self, said: Said) -> list[Choice]:
        return [Choice(one["id"], one["name"]) for one in self._hands(said)]

    def _people(self, said: Said) -> Iterator[str]:
        for n, one in enumerate(self._hands(said)[:9], 1):
            named = [self._trades.get(trade) or tr(trade) for trade in one["trades"]]
            told = [tr(", ").join(named), tr(N_("{n} in hand")).format(n=one["held"])]
            told += [] if one["fits"] else [tr(N_("another trade"))]
            told += [] if one["on_duty"] else [tr(N_("off duty"))]
            told += [tr(N_("expected on {numbers}")).format(numbers=" ".join(one["clash"]))] if one["clash"] else []
            yield f"  {n} {one['id']} {one['name']}  {'  '.join(filter(None, told))}"

    def _first(self, said: Said) -> Offered | None:
        hands = self._hands(said)
        return Offered(hands[0]["id"], f"{hands[0]['id']} {hands[0]['name']}") if hands else None

    def _taken_from(self, said: Said) -> bool:
        """Whether it goes from one to another, who is told why."""
        return self.which.order(said)["assignee"] is not None

    def clashes(self, said: Said) -> bool:
        """Whether that person is expected elsewhere then."""
        return any(one["clash"] for one in self._hands(said) if one["id"] == said.get("staff"))

    def check(self, said: Said) -> None:
        """Whether that person can be sent, or anybody."""
        if "number" not in said:
            return
        staff = said.get("staff") or next((one["id"] for one in self._hands(said)), None)
        if staff is not None:
            # With what is still to be said, only what that cannot mend counts.
            unsaid = "staff" not in said or self.clashes(said) or self._taken_from(said)
            reason = said.get("reason") or (UNSAID if unsaid else None)
            self.desk.tried(self.by, "assign", said["number"], staff, reason=reason, force=self.forced(said))

    def forced(self, said: Said) -> bool:
        """Whether it is meant though visits overlap: a reason is asked for then; before anybody is named, it can be."""
        return "staff" not in said or self.clashes(said)

    def summary(self, said: Said) -> list[Row]:
        """Who goes where."""
        named = {one.value: one.shown for one in self._choices(said)}
        rows = [self._about(said), Row("staff", N_("staff"), str(named.get(said["staff"], said["staff"])))]
        return [*rows, Row("reason", N_("reason"), str(said["reason"]))] if said.get("reason") else rows

    def typed(self, said: Said) -> list[str]:
        """The command line that would do the same."""
        why = ["--force"] if self.clashes(said) else []
        why += ["--reason", said["reason"]] if said.get("reason") else []
        return ["repairdesk", "assign", said["number"], said["staff"], *why, *self._common]


class FinishTalk(_OnOrder):
    """What was found, what was done, and what of it is charged."""

    verb = "finish"

    def __init__(self, desk: Desk, by: By, common: Sequence[str] = ()) -> None:
        super().__init__(desk, by, common)
        self._table = known.Table(desk, by)

    def questions(self) -> Sequence[Question]:
        """In the order in which a technician tells it."""
        optional = lambda said: False  # noqa: E731
        return (
            self.which.question(),
            Question("found", N_("found"), propose=self._fault),
            Question("result", N_("result")),
            Question("services", N_("services"), wanted=self._bills, needed=optional, propose=self._asked_for,
                     tell=self._hints, read=self._services,
                     complete=lambda said, text: self._table.completions("services", text)),
            Question("materials", N_("materials"), wanted=self._bills, needed=optional,
                     tell=lambda said: self._table.how("materials"),
                     read=lambda said, text: self._table.materials(text),
                     complete=lambda said, text: self._table.completions("materials", text)),
            Question("checks", N_("checklist"), wanted=lambda said: bool(self._points(said)), needed=optional,
                     tell=self._points_listed, read=self._ticked),
        )  # fmt: skip

    def _bills(self, said: Said) -> bool:
        return bool(self.which.order(said)["state"] != "tracking")

    def _fault(self, said: Said) -> Offered | None:
        doc = self.which.order(said)
        if doc["found"]:
            return Offered(None, doc["found"])  # it is on record, and stays as it is there
        # What was masked on its way here is nobody's words any more.
        whole = doc["fault"] and MASK not in doc["fault"]
        return Offered(doc["fault"], doc["fault"]) if whole else None

    def _asked_for(self, said: Said) -> Offered | None:
        """What intake named stays on the bill where nothing else is said."""
        codes = [f"{one['code']}:{one['quantity']}" for one in self.which.order(said).get("services", ())]
        return Offered([], tr(", ").join(map(self._table.service, codes))) if codes else None

    def _heard(self, said: Said) -> list[str]:
        text = f"{said.get('found') or ''} {said.get('result') or ''}"
        return [one["code"] for one in self.desk.proposed(self.by, text)["services"]]

    def _hints(self, said: Said) -> Iterator[str]:
        yield from self._table.how("services")
        yield from (f"  {n} {code} {self._table.service(code)}" for n, code in enumerate(self._heard(said), 1))

    def _services(self, said: Said, text: str) -> list[str]:
        heard = self._heard(said)
        number = unicodedata.normalize("NFKC", text)
        if number.isdigit() and 0 < int(number) <= len(heard):
            return [heard[int(number) - 1]]
        return self._table.services(text)

    def _points(self, said: Said) -> list[Choice]:
        """The points of the checklist that no visit ticked yet."""
        glance = self.desk.glance(self.by, said["number"])
        ticked = {code for visit in glance.answer.doc["visits"] for code in visit.get("checks", ())}
        return [Choice(code, name) for code, name in glance.checklist.items() if code not in ticked]

    def _points_listed(self, said: Said) -> Iterator[str]:
        yield from (f"  {n} {one.label}" for n, one in enumerate(self._points(said), 1))
        yield "  " + tr(N_("numbers of what was done, such as 1 3 or 1-4, or “all”"))

    def _ticked(self, said: Said, text: str) -> list[str]:
        points = self._points(said)
        if text.casefold() in ("all", "a", "全部", "全", "都"):
            return [one.value for one in points]
        return several(text, points)

    def work(self, said: Said) -> Work:
        """As ``finish`` takes it."""
        return Work(
            said.get("result") or UNSAID, said.get("found"), checks=tuple(said.get("checks") or ()),
            services=tuple(said.get("services") or ()), materials=tuple(said.get("materials") or ()),
        )  # fmt: skip

    def check(self, said: Said) -> None:
        """Whether the work can be finished so."""
        if "number" not in said:
            return
        work = self.work(said)
        if "found" not in said:
            from dataclasses import replace

            work = replace(work, found=UNSAID)
        self.desk.tried(self.by, "finish", said["number"], work)

    def summary(self, said: Said) -> list[Row]:
        """What was done, and the bill as it will be frozen."""
        labels = {question.name: question.label for question in self.questions()}
        found = said.get("found") or self.which.order(said)["found"]
        rows = [self._about(said), Row("found", labels["found"], found or "–")]
        rows.append(Row("result", labels["result"], str(said["result"])))
        if self._bills(said):
            lists = {"services": self._table.service, "materials": self._table.material}
            for name, shown in lists.items():
                text = tr(", ").join(map(shown, said.get(name) or ()))
                rows.append(Row(name, labels[name], text or self._kept(said, name)))
            rows.append(Row(None, N_("bill"), self._total(said)))
        if points := self._points(said):
            ticked = [one.label for one in points if one.value in (said.get("checks") or ())]
            text = f"{len(ticked)}/{len(points)}"
            if 0 < len(ticked) < len(points):
                text += f"  {tr(', ').join(ticked)}"
            rows.append(Row("checks", labels["checks"], text))
        return rows

    def _kept(self, said: Said, name: str) -> str:
        offered = self._asked_for(said) if name == "services" else None
        return offered.shown if offered else "–"

    def _total(self, said: Said) -> str:
        try:
            bill = self.desk.tried(self.by, "finish", said["number"], self.work(said)).doc["bill"]
        except DeskError:
            return "–"
        return f"{bill['total']} {tr('yuan')}" if bill else "–"

    def remarks(self, said: Said) -> list[str]:
        """What ``finish`` would remark on."""
        try:
            answer = self.desk.tried(self.by, "finish", said["number"], self.work(said))
        except DeskError as refusal:
            return [known.refused(refusal)]
        return [render.say(one.message, one.values) for one in answer.remarks]

    def typed(self, said: Said) -> list[str]:
        """The command line that would do the same."""
        words = ["repairdesk", "finish", said["number"]]
        for name in ("found", "result"):
            words += [f"--{name}", said[name]] if said.get(name) else []
        for name, option in (("services", "--service"), ("materials", "--material"), ("checks", "--check")):
            for one in said.get(name) or ():
                words += [option, one]
        return [*words, *self._common]


class SignTalk(_OnOrder):
    """Who signs, and what they say of the work; nobody's opinion is proposed."""

    verb = "sign"

    def questions(self) -> Sequence[Question]:
        """Which order, who, how."""
        return (
            self.which.question(),
            Question("by", N_("signed_by"), propose=self._caller, tell=self._bill),
            Question("rating", N_("rating"), choices=lambda said: _rated(), tell=lambda said: listed(_rated())),
        )

    def _caller(self, said: Said) -> Offered | None:
        name = self.which.order(said)["caller"]
        return Offered(name, name) if name else None

    def _bill(self, said: Said) -> Iterator[str]:
        doc = self.which.order(said)
        yield f"  {known.order_line(doc)}"
        if doc["result"]:
            yield f"  {tr('result')}: {doc['result']}"
        if doc["bill"]:
            yield f"  {tr('bill')}: {doc['bill']['total']} {tr('yuan')}"

    def check(self, said: Said) -> None:
        """Whether it can be signed so."""
        if "number" not in said:
            return
        signer, rating = said.get("by") or UNSAID, said.get("rating") or RATINGS[0]
        self.desk.tried(self.by, "sign", said["number"], signer=signer, rating=rating)

    def summary(self, said: Said) -> list[Row]:
        """What goes on record."""
        rating = Row("rating", N_("rating"), tr(said["rating"]))
        return [self._about(said), Row("by", N_("signed_by"), said["by"]), rating]

    def typed(self, said: Said) -> list[str]:
        """The command line that would do the same."""
        words = ["repairdesk", "sign", said["number"], "--by", said["by"], "--rating", said["rating"]]
        return [*words, *(["--invoice", said["invoice"]] if said.get("invoice") else []), *self._common]


def _rated() -> list[Choice]:
    return [Choice(value, tr(value)) for value in RATINGS]
