"""Taking a call: the place first, for it says most; then what is wrong, and what is still missing (INT-1)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from repairdesk.cli import render
from repairdesk.cli.render import orders
from repairdesk.cli.talk import known
from repairdesk.cli.talk.questions import Choice, Instead, Meant, Offered, Question, Row, Said, chosen, listed
from repairdesk.desk import By, Desk
from repairdesk.desk.households import name_key
from repairdesk.domain.intake import Report, phone, refers
from repairdesk.domain.shape import Doc
from repairdesk.domain.vocabulary import CHANNELS, HELP_CLASSES, KINDS, PRIORITIES, SEVERITIES
from repairdesk.errors import N_, DeskError, NotFound, UsageError
from repairdesk.locale import tr

_PLAIN = (
    *("kind", "place", "caller", "phone", "fault", "category", "priority", "channel", "severity", "help_class"),
    *("appointment", "model", "purchased", "warranty_until", "follows", "found_on", "external_id", "department"),
)
_FLAGS = ("unlisted", "advised", "anonymous", "letter_only")
_WORK = ("in_home", "public_area")
_SPELLED = {"help_class": "class", "services": "service"}


class IntakeTalk:
    """What ``intake`` has to know.

    Args:
        desk: the desk.
        by: who takes the call.
        common: the common options as they were typed, for the command line that would do the same.
    """

    verb = "intake"

    def __init__(self, desk: Desk, by: By, common: Sequence[str] = ()) -> None:
        self.desk = desk
        self.by = by
        self._common = list(common)
        self._places: dict[str, Doc] = {}
        self._words: dict[str, Doc] = {}
        self._insisted: set[str] = set()
        self._told: set[tuple[str, str]] = set()
        self._table = known.Table(desk, by)
        self._office: Doc = {}

    @staticmethod
    def given(report: Report) -> Said:
        """What the command line said already, as answers."""
        said: Said = {name: getattr(report, name) for name in _PLAIN if getattr(report, name)}
        said |= {name: True for name in _FLAGS if getattr(report, name)}
        lists = {"services": report.services, "affects": report.affects}
        return said | {name: list(values) for name, values in lists.items() if values}

    # --- what is asked

    def questions(self) -> Sequence[Question]:
        """In the order in which a call goes; what is only proposed is asked where the summary is changed."""
        never = lambda said: False  # noqa: E731
        optional = lambda said: False  # noqa: E731
        return (
            Question("place", N_("place"), read=self._place, complete=self._known_places),
            Question("join", N_("join which order"), read=self._join, wanted=self._could_join,
                     propose=lambda said: Offered("", tr(N_("a new one"))), tell=self._about_place,
                     anew=True),
            Question("kind", N_("kind"), wanted=self._kind_is_open, propose=self._guess("kind"),
                     tell=self._kinds, choices=lambda said: _terms(KINDS)),
            Question("fault", N_("fault"), tell=self._about_place),
            Question("category", N_("category"), wanted=self._category_is_open, propose=self._guess("category"),
                     tell=self._categories_listed, choices=lambda said: self._classes(), needed=optional),
            Question("severity", N_("severity"), wanted=lambda said: self._kind(said) == "complaint",
                     propose=lambda said: Offered("general", tr("general")), tell=self._severities,
                     choices=lambda said: _terms(SEVERITIES)),
            Question("help_class", N_("help_class"), wanted=lambda said: self._kind(said) == "help",
                     propose=lambda said: Offered("other", tr("other")),
                     tell=lambda said: listed(_terms(HELP_CLASSES)), choices=lambda said: _terms(HELP_CLASSES)),
            Question("caller", N_("caller"), read=self._caller, propose=self._likely_caller, tell=self._about_callers,
                     needed=lambda said: self._kind(said) == "in_home", complete=self._callers,
                     wanted=lambda said: not said.get("anonymous")),
            Question("phone", N_("phone"), wanted=self._phone_is_open, propose=self._likely_phone,
                     needed=lambda said: self._kind(said) == "in_home", tell=self._about_fault, read=self._phone),
            Question("appointment", N_("appointment"), read=self._window, wanted=self._could_be_appointed,
                     needed=optional, tell=self._about_windows, anew=True),
            Question("priority", N_("priority"), wanted=never, propose=self._likely_priority,
                     tell=lambda said: listed(_terms(PRIORITIES)), choices=lambda said: _terms(PRIORITIES)),
            Question("services", N_("services"), read=lambda said, text: self._table.services(text), wanted=never,
                     propose=self._guess("services"), needed=optional,
                     tell=lambda said: self._table.how("services"),
                     complete=lambda said, text: self._table.completions("services", text)),
            Question("channel", N_("channel"), wanted=never, propose=self._guess("channel"),
                     tell=lambda said: listed(_terms(CHANNELS)), choices=lambda said: _terms(CHANNELS)),
            Question("department", N_("department"), wanted=never, propose=self._likely_department, needed=optional,
                     tell=lambda said: listed(self._departments()), choices=lambda said: self._departments()),
        )  # fmt: skip

    def check(self, said: Said) -> None:
        """Whether ``intake`` would take it so far."""
        self.desk.report_checked(self.by, self.report(said), join=said.get("join") or None)

    # --- what is known, and proposed

    def value(self, said: Said, name: str) -> Any:
        """What was said, else what is proposed."""
        return said[name] if name in said else self._proposed(said).get(name)

    def _proposed(self, said: Said) -> Mapping[str, Any]:
        place, heard = self._of_place(said), self._of_fault(said)
        joined = next((doc for doc in place.get("open", ()) if doc["number"] == said.get("join")), None)
        kind = joined["kind"] if joined else heard.get("kind") or place.get("kind")
        kind = said.get("kind") or kind
        works = kind in _WORK and not joined and not said.get("advised")
        services = [one["code"] for one in heard.get("services", ())] if works else []
        return {
            "kind": kind,
            "category": heard.get("category"),
            "priority": heard.get("priority"),
            "services": services,
            "channel": "phone",
            "phone": self._phone_of(said),
        }

    def _of_place(self, said: Said) -> Doc:
        place = said.get("place")
        if not place:
            return {}
        if place not in self._places:
            self._places[place] = self.desk.known_place(self.by, place)
        return self._places[place]

    def _of_fault(self, said: Said) -> Doc:
        fault = said.get("fault")
        if not fault:
            return {}
        if fault not in self._words:
            self._words[fault] = self.desk.proposed(self.by, fault)
        return self._words[fault]

    def _kind(self, said: Said) -> str | None:
        kind: str | None = self.value(said, "kind")
        return kind

    def forget(self) -> None:
        """Look at the places anew: somebody else was there meanwhile."""
        self._places.clear()
        self._told.clear()

    def _person(self, said: Said) -> Doc | None:
        """The caller, where the desk knows such a one at the place."""
        caller = name_key(said.get("caller") or "")
        people = self._of_place(said).get("people", ())
        return next((one for one in people if caller and name_key(one["name"] or "") == caller), None)

    def _phone_of(self, said: Said) -> str | None:
        person = self._person(said)
        return person["ref"] if person else None

    def report(self, said: Said) -> Report:
        """As ``intake`` takes it."""
        plain: dict[str, Any] = {name: self.value(said, name) for name in _PLAIN}
        flags: dict[str, Any] = {name: bool(said.get(name)) for name in _FLAGS}
        if self._kind(said) == "complaint" and "caller" in said and not said["caller"]:
            flags["anonymous"] = True
        plain["services"] = tuple(self.value(said, "services") or ())
        return Report(**plain, **flags, affects=tuple(said.get("affects", ())))

    def is_new(self, said: Said) -> bool:
        """Whether somebody said that it is a new order, though one is open there."""
        return bool(said.get("new")) or ("join" in said and not said["join"])

    # --- wanted

    def _could_join(self, said: Said) -> bool:
        return bool(self._of_place(said).get("open")) and not said.get("new")

    def _kind_is_open(self, said: Said) -> bool:
        place = self._of_place(said)
        if said.get("join") or place.get("known") or place.get("kind") == "in_home":
            return False
        return "fault" in said and not self._of_fault(said).get("kind")

    def _category_is_open(self, said: Said) -> bool:
        return self._kind(said) in _WORK and not said.get("join") and not self._of_fault(said).get("category")

    def _phone_is_open(self, said: Said) -> bool:
        return bool(said.get("caller")) and not self._phone_of(said)

    def _could_be_appointed(self, said: Said) -> bool:
        urgent = self.value(said, "priority") == "emergency"
        return self._kind(said) == "in_home" and not urgent and not said.get("join") and not said.get("advised")

    # --- proposed

    def _guess(self, name: str) -> Any:
        def propose(said: Said) -> Offered | None:
            value = self._proposed(said).get(name)
            return Offered(value, self._shown(said, name, value)) if value else None

        return propose

    def _likely_priority(self, said: Said) -> Offered:
        value = self._proposed(said).get("priority") or "regular"
        return Offered(value, self._shown(said, "priority", value))

    def _likely_department(self, said: Said) -> Offered | None:
        """Whose matter a complaint is by its class and its words, where nobody says it."""
        code = self._routed(said)
        return Offered(None, self._shown(said, "department", code)) if code else None

    def _routed(self, said: Said) -> str | None:
        try:
            data = self.desk.report_checked(self.by, self.report({**said, "department": None}))
        except DeskError:
            return None
        code: str | None = data.get("department")
        return code

    def _likely_caller(self, said: Said) -> Offered | None:
        for one in self._of_place(said).get("people", ()):
            if one["name"]:
                return Offered(one["name"], " ".join(filter(None, (one["name"], one["phone"]))))
        return None

    def _likely_phone(self, said: Said) -> Offered | None:
        for one in self._of_place(said).get("people", ()):
            if one["source"] == "household" and one["ref"]:
                return Offered(one["ref"], one["phone"])
        return None

    # --- read

    def _place(self, said: Said, text: str) -> str:
        found = self.desk.known_place(self.by, text)
        place = str(found["place"])
        self._places[place] = found
        if found["known"] or not found["meant"] or text in self._insisted:
            return place
        self._insisted.add(text)
        raise Meant(
            NotFound(N_("nothing is known of {place}; did you mean {near}? Typed once more it is taken"),
                     place=text, near=found["meant"]),
            found["meant"][0],
        )  # fmt: skip

    def _join(self, said: Said, text: str) -> str:
        there = [Choice(doc["number"], doc["fault"] or "") for doc in self._of_place(said)["open"]]
        try:
            return chosen(text, there, numbered=True)
        except UsageError:
            if not re.fullmatch(r"[A-Za-z]?[0-9-]+", unicodedata.normalize("NFKC", text)):
                # Who goes on with what is wrong speaks of a new order.
                raise Instead("", "fault", text) from None
        raise UsageError(N_("“{text}” is none of the orders above; Enter takes a new one"), text=text)

    def _caller(self, said: Said, text: str) -> str:
        number = unicodedata.normalize("NFKC", text)
        names = [one["name"] for one in self._of_place(said).get("people", ()) if one["name"]]
        if number.isdigit() and 0 < int(number) <= len(names):
            return str(names[int(number) - 1])
        return text

    def _window(self, said: Said, text: str) -> str:
        return self.desk.window_meant(self.by, text)

    def _phone(self, said: Said, text: str) -> str:
        return text if refers(text) else phone(text)

    # --- completed

    def _known_places(self, said: Said, text: str) -> list[Choice]:
        if not text.strip():
            return []
        docs, _ = self.desk.household_list(self.by, find=text, limit=9)
        return [Choice(doc["place"], tr(", ").join(doc["names"])) for doc in docs]

    def _callers(self, said: Said, text: str) -> list[Choice]:
        people = self._of_place(said).get("people", ())
        return [
            Choice(one["name"], one["phone"] or "") for one in people if one["name"] and one["name"].startswith(text)
        ]

    def _classes(self) -> list[Choice]:
        return self._words_of("categories")

    def _departments(self) -> list[Choice]:
        return self._words_of("departments")

    def _words_of(self, what: str) -> list[Choice]:
        if not self._office:
            self._office = self.desk.office(self.by)
        return [Choice(code, name) for code, name in self._office[what].items()]

    # --- told

    def _once(self, what: str, key: str) -> bool:
        told = (what, key) in self._told
        self._told.add((what, key))
        return not told

    def _about_place(self, said: Said) -> Iterator[str]:
        """Who lives there, what is open there, what was repaired lately; told once of each place."""
        place = self._of_place(said)
        if not place or not self._once("place", said["place"]):
            return
        kind = f"  {place['place']} · {tr(self._kind(said) or '')}"
        yield kind if place["known"] else f"{kind} · {tr(N_('nothing known'))}"
        if place["near"]:
            yield "  " + tr(N_("near: {places}; ↑ goes back")).format(places=tr(", ").join(place["near"]))
        if place["household"]:
            yield f"  {tr('household')}: {orders.household_line(place['household'])}"
        for n, doc in enumerate(place["open"], 1):
            yield f"  {n} {known.order_line(doc)}"
        for doc in place["recent"]:
            yield f"    {known.past_line(doc)}"

    def _about_fault(self, said: Said) -> Iterator[str]:
        """What the words proposed; told once of each fault."""
        heard = self._of_fault(said)
        if not heard or not heard["because"] or said.get("join") or not self._once("fault", said["fault"]):
            return
        names = ("kind", "category", "priority", "services")
        told = [self._shown(said, name, self._proposed(said).get(name)) for name in names]
        yield f"  → {' · '.join(filter(None, told))}  ({tr(', ').join(heard['because'])})"

    def _about_windows(self, said: Said) -> Iterator[str]:
        yield from self._about_fault(said)
        yield "  " + tr(N_("such as 15-17, tomorrow 15-17, fri 9-11"))

    def _about_callers(self, said: Said) -> Iterator[str]:
        yield from self._about_fault(said)
        people = [one for one in self._of_place(said).get("people", ()) if one["name"]]
        if len(people) > 1:
            yield from listed([Choice(one["name"], one["phone"] or "") for one in people])

    def _kinds(self, said: Said) -> Iterator[str]:
        yield from self._about_place(said)
        yield from listed(_terms(KINDS))

    def _categories_listed(self, said: Said) -> Iterator[str]:
        yield from self._about_fault(said)
        yield from listed(self._classes())

    def _severities(self, said: Said) -> Iterator[str]:
        yield from self._about_fault(said)
        yield from listed(_terms(SEVERITIES))

    # --- the end

    def summary(self, said: Said) -> list[Row]:
        """Everything that would be written; what is proposed stands there like what was said."""
        names = ["place", "fault", "kind"]
        joined = bool(said.get("join"))
        if joined:
            names = ["place", "join", "fault"]
        elif self._kind(said) in _WORK:
            names += ["category", "priority", "services"]
        else:
            names += {"complaint": ["severity", "department"], "help": ["help_class", "priority"]}.get(
                self._kind(said) or "", []
            )
        names += ["caller", "phone"]
        names += ["appointment"] if self._kind(said) == "in_home" and not joined else []
        names += [] if joined else ["channel"]
        labels = {question.name: question.label for question in self.questions()}
        values = {name: self.value(said, name) for name in names}
        if "department" in values:
            values["department"] = values["department"] or self._routed(said)
        rows = [Row(name, labels[name], self._shown(said, name, value) or "–") for name, value in values.items()]
        more = ("model", "purchased", "warranty_until", "follows", "found_on", *_FLAGS)
        rows += [Row(None, name, self._shown(said, name, said[name])) for name in more if said.get(name)]
        if self.by.at is not None:
            rows.append(Row(None, N_("reported_at"), str(self.by.at)[:16].replace("T", " ")))
        return rows

    def _shown(self, said: Said, name: str, value: Any) -> str:
        if not value:
            return tr("regular") if name == "priority" else ""
        if name in ("category", "department"):
            known = self._classes() if name == "category" else self._departments()
            return next((f"{one.label} {value}" for one in known if one.value == value), str(value))
        if name == "services":
            return tr(", ").join(map(self._table.service, value))
        if name == "phone" and str(value).startswith("@"):
            people = self._of_place(said).get("people", ())
            return next((one["phone"] for one in people if one["ref"] == value), str(value))
        if name in ("kind", "priority", "channel", "severity", "help_class"):
            return tr(str(value))
        if name == "appointment":
            start, _, end = str(value).replace("T", " ").partition("/")
            return f"{start}–{end}" if end else start
        return tr("yes") if value is True else str(value)

    def remarks(self, said: Said) -> list[str]:
        """What ``intake`` would remark on, and what work costs before it is begun."""
        new = not said.get("join")
        try:
            answer = self.desk.tried(self.by, "intake", self.report(said), join=said.get("join") or None, new=new)
        except DeskError as refusal:
            return [known.refused(refusal)]
        # The number is none yet: what names it is said when it is written down.
        texts = [render.say(one.message, one.values) for one in answer.remarks if "number" not in one.values]
        return texts

    def typed(self, said: Said) -> list[str]:
        """The command line that would do the same."""
        report = self.report(said)
        words = ["repairdesk", "intake"]
        for name in _PLAIN:
            value = getattr(report, name)
            if value:
                words += [f"--{_SPELLED.get(name, name).replace('_', '-')}", str(value)]
        for one in report.services:
            words += ["--service", one]
        for one in report.affects:
            words += ["--affects", one]
        words += [f"--{name.replace('_', '-')}" for name in _FLAGS if getattr(report, name)]
        if said.get("join"):
            words += ["--join", said["join"]]
        elif self.is_new(said):
            words.append("--new")
        if isinstance(self.by.at, datetime):
            words += ["--at", f"{self.by.at:%Y-%m-%dT%H:%M:%S}"]
        return [*words, *self._common]


def _terms(values: Sequence[str]) -> list[Choice]:
    return [Choice(value, tr(value)) for value in values]
