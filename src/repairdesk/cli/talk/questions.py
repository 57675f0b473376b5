"""A dialogue: questions in their order, what each proposes, what checks an answer. Nothing here knows a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, DeskError, UsageError, Word
from repairdesk.locale import tr

Said = dict[str, Any]
"""What was said so far, by the name of the question; plain JSON, as it is kept in a draft."""

NOTHING = "-"
"""Typed where something is proposed and nothing is meant."""


class Stopped(Exception):
    """Somebody leaves: Esc, Ctrl-C, Ctrl-D or a line that is gone; with what stood there half typed."""

    def __init__(self, typed: str = "") -> None:
        super().__init__(typed)
        self.typed = typed


class Back(Exception):
    """Somebody wants the question before this one."""


class Instead(Exception):
    """An answer to the next question, typed at the one before it: what this one is then, and what stands there."""

    def __init__(self, value: Any, name: str, typed: str) -> None:
        super().__init__(typed)
        self.value = value
        self.name = name
        self.typed = typed


class Choice(NamedTuple):
    """Something that can be answered: as it is written down, and as it is read."""

    value: str
    label: str = ""

    @property
    def shown(self) -> str:
        """Both, where they differ."""
        return f"{self.value} {self.label}" if self.label and self.label != self.value else self.value


class Offered(NamedTuple):
    """What Enter takes: the value, and how it is shown."""

    value: Any
    shown: str


class Question(NamedTuple):
    """One question.

    Attributes:
        name: under which the answer is kept, and which question it is.
        label: what is asked for, in English.
        read: makes a value of what was typed; raises what the desk says against it. None: the text itself.
        wanted: whether it is asked, after what was said so far.
        propose: what Enter takes; None: Enter says nothing, where that is allowed.
        tell: lines to read before answering.
        choices: what can be answered by its number or a part of its name.
        complete: what a half-typed answer could become.
        needed: whether saying nothing is no answer, after what was said so far.
        anew: whether it is said anew where it is changed, and not mended sign by sign.
    """

    name: str
    label: str
    read: Callable[[Said, str], Any] | None = None
    wanted: Callable[[Said], bool] = lambda said: True
    propose: Callable[[Said], Offered | None] = lambda said: None
    tell: Callable[[Said], Iterable[str]] = lambda said: ()
    choices: Callable[[Said], Sequence[Choice]] = lambda said: ()
    complete: Callable[[Said, str], Sequence[Choice]] | None = None
    needed: Callable[[Said], bool] = lambda said: True
    anew: bool = False


class Row(NamedTuple):
    """A line of the summary: which question can change it (None: none), what it is, what it says."""

    name: str | None
    label: str
    text: str


class Asker(Protocol):
    """Whoever can be asked: a terminal, or a test.

    Attributes:
        edits: whether what stands there already can be changed; where it cannot, Enter takes it as it is.
    """

    edits: bool

    def tell(self, lines: Iterable[str]) -> None:
        """Something to read."""

    def ask(self, prompt: str, *, given: str = "", complete: Callable[[str], Sequence[Choice]] | None = None) -> str:
        """What is typed after the prompt; ``given`` stands there already.

        Raises:
            Stopped, Back.
        """


class Talk(Protocol):
    """What one verb has to know before it can be done."""

    verb: str

    def questions(self) -> Sequence[Question]:
        """In the order in which they are asked."""

    def check(self, said: Said) -> None:
        """Whether what was said so far would do, by the checks of the verb; raises what they say."""

    def summary(self, said: Said) -> Sequence[Row]:
        """What would be written."""

    def remarks(self, said: Said) -> Sequence[str]:
        """What is worth knowing before it is written."""

    def typed(self, said: Said) -> list[str]:
        """The command line that would do the same."""


class Keep(Protocol):
    """Where what was said is kept from one answer to the next."""

    def __call__(self, said: Said, typed: Mapping[str, str] | None = None) -> None: ...


COMMAND = "$ "
"""Stands before the command line that would do the same."""
CONFIRM = N_("Enter writes it down, a number changes that line, Esc keeps a draft")


class Course:
    """The course of a dialogue: asks what is wanted and not said, and has it confirmed.

    Args:
        talk: what is asked.
        asker: who is asked.
        said: what is known already; it grows.
        explain: puts a refusal into the user's words.
        keep: called after each answer.
    """

    def __init__(
        self, talk: Talk, asker: Asker, said: Said, explain: Callable[[DeskError], str], keep: Keep
    ) -> None:  # fmt: skip
        self.talk = talk
        self.asker = asker
        self.said = said
        self._explain = explain
        self._keep = keep
        self._asked: list[str] = []
        self._typed: dict[str, str] = {}
        self._stands: Offered | None = None
        """What stands in the line of the summary that is being changed: Enter leaves it as it is."""

    def resume(self, typed: Mapping[str, str]) -> None:
        """Answers that were half typed when the dialogue was left."""
        self._typed = dict(typed)

    def hold(self) -> Said:
        """Ask until everything is said and confirmed; answers with what was said.

        Raises:
            Stopped: somebody left; what was said is kept.
        """
        while True:
            question = self.next()
            try:
                if question is None:
                    changed = self._confirmed()
                    if changed is None:
                        return self.said
                    question = changed
                self.put(question)
            except Back:
                self._back()
            finally:
                self._stands = None

    def next(self) -> Question | None:
        """The first question that is wanted and has no answer yet."""
        for question in self.talk.questions():
            if question.name not in self.said and question.wanted(self.said):
                return question
        return None

    def put(self, question: Question) -> None:
        """Ask one question until its answer will do."""
        before = self.said.pop(question.name, None)
        self.asker.tell(question.tell(self.said))
        given = self._typed.pop(question.name, "")
        try:
            while True:
                given = self._once(question, given, before)
                if question.name in self.said:
                    break
        except BaseException as left:
            if before is not None:
                self.said[question.name] = before
            if isinstance(left, Stopped):
                typed = _characters(left.typed)
                self._keep(self.said, {question.name: typed} if typed else None)
            raise
        if question.name not in self._asked:
            self._asked.append(question.name)
        self._keep(self.said)

    def _begin_with(self, question: Question, shown: str) -> None:
        """What was said before stands there to be mended: a sign of it, most often. A choice stands in brackets."""
        before = self.said.get(question.name)
        words = isinstance(before, str) and not before.startswith("@") and not question.anew
        if self.asker.edits and words and not question.choices(self.said):
            self._typed[question.name] = str(before)
        elif before:
            self._stands = Offered(before, shown)

    def _once(self, question: Question, given: str, before: Any) -> str:
        """One try; answers with what was typed, for the next."""
        offered = self._stands or question.propose(self.said)
        become = question.complete
        complete = (lambda text: become(self.said, text)) if become else None
        typed = self.asker.ask(prompt(question, offered, self.said), given=given, complete=complete)
        text = typed.strip()
        try:
            self.said[question.name] = self._value(question, text, offered)
            self.talk.check(self.said)
        except Instead as other:
            self.said[question.name] = other.value
            self._typed[other.name] = other.typed
        except Meant as meant:
            self.said.pop(question.name, None)
            self.asker.tell(["  " + self._explain(meant.said)])
            return meant.given
        except DeskError as refusal:
            self.said.pop(question.name, None)
            self.asker.tell(["  " + self._explain(refusal)])
            return _characters(typed) if self.asker.edits else ""
        return typed

    def _value(self, question: Question, text: str, offered: Offered | None) -> Any:
        if not text and offered is not None:
            return offered.value
        if not text or text == NOTHING:
            if question.needed(self.said):
                raise UsageError(N_("missing: {fields}"), fields=[Word(question.label)])
            return None
        readable(text)
        choices = question.choices(self.said)
        if choices:
            text = chosen(text, choices, numbered=True)
        return question.read(self.said, text) if question.read else text

    def _back(self) -> None:
        """The question before is asked again."""
        if self._asked:
            name = self._asked.pop()
            answer = self.said.pop(name, None)
            if isinstance(answer, str):
                self._typed[name] = answer

    def _confirmed(self) -> Question | None:
        """The summary: None when it is confirmed, else what is to be changed."""
        rows = list(self.talk.summary(self.said))
        numbered = [row for row in rows if row.name]
        self.asker.tell(["", *_laid(rows), *(f"  ! {text}" for text in self.talk.remarks(self.said))])
        self.asker.tell([f"{COMMAND}{command_line(self.talk.typed(self.said))}"])
        while True:
            try:
                text = self.asker.ask(tr(CONFIRM) + ": ").strip()
            except Stopped:
                self._keep(self.said)
                raise
            if not text or text.casefold() in ("y", "yes", "是"):
                return None
            try:
                question, shown = self._to_change(text, numbered)
                self._begin_with(question, shown)
                return question
            except UsageError as refusal:
                self.asker.tell(["  " + self._explain(refusal)])

    def _to_change(self, text: str, rows: Sequence[Row]) -> tuple[Question, str]:
        number = unicodedata.normalize("NFKC", text)
        if number.isdigit() and 0 < int(number) <= len(rows):
            row = rows[int(number) - 1]
            return next(question for question in self.talk.questions() if question.name == row.name), row.text
        raise UsageError(N_("“{text}” is none of the numbers above"), text=text)


class Meant(Exception):
    """An answer that the desk does not know, with what was probably meant: the sentence, and what to begin with."""

    def __init__(self, said: DeskError, given: str) -> None:
        super().__init__(given)
        self.said = said
        self.given = given


def prompt(question: Question, offered: Offered | None, said: Said) -> str:
    """What stands before the answer."""
    label = tr(question.label)
    if offered is not None:
        return f"{label} [{offered.shown}]: "
    return f"{label}: " if question.needed(said) else f"{label} [{tr(N_('none'))}]: "


def readable(text: str) -> None:
    """Whether these are characters.

    Raises:
        UsageError: they are not; the ledger keeps text alone.
    """
    if text != _characters(text):
        raise UsageError(N_("an argument holds bytes that are no characters: {text}"), text=ascii(text[:40]))


def _characters(text: str) -> str:
    """What of it are characters: a line may bring bytes that are none."""
    return "".join(sign for sign in text if sign >= " " and not "\ud800" <= sign <= "\udfff")


PART_WILL_DO = N_("“{text}” is none of these; part of a name will do")


def chosen(text: str, choices: Sequence[Choice], *, numbered: bool = False, otherwise: str = PART_WILL_DO) -> str:
    """The one that is meant by its code or a part of its name; by its number, too, where they stand there ``numbered``.

    Raises:
        UsageError: none is, or several are; with the nearest. ``otherwise`` says it where there are too many to name.
    """
    wanted = _plain(text)
    for choice in choices:
        if wanted in (_plain(choice.value), _plain(choice.label)):
            return choice.value
    if numbered and wanted.isdigit() and 0 < int(wanted) <= len(choices):
        return choices[int(wanted) - 1].value
    for tells in (str.startswith, str.__contains__):
        found = [one for one in choices if tells(_plain(one.value), wanted) or tells(_plain(one.label), wanted)]
        if len(found) == 1:
            return found[0].value
        if found:
            raise UsageError(N_("“{text}” could be any of: {names}"), text=text, names=[one.shown for one in found[:9]])
    if near := _near(wanted, choices):
        raise UsageError(N_("“{text}” is none of these; did you mean {near}?"), text=text, near=near)
    if len(choices) > _FEW:
        raise UsageError(otherwise, text=text)
    known = [f"{n} {one.label or one.value}" if numbered else one.shown for n, one in enumerate(choices, 1)]
    raise UsageError(N_("“{text}” is none of these; choose: {known}"), text=text, known=known)


def _near(wanted: str, choices: Sequence[Choice]) -> list[str]:
    """The nearest: letters that were mistyped, or Chinese names with most of the same characters."""
    from difflib import get_close_matches

    names = {_plain(name): one for one in choices for name in (one.value, one.label) if name}
    near = [names[name].shown for name in get_close_matches(wanted, names, 3, 0.6)]
    if not near:
        signs = {sign for sign in wanted if sign > "\u2e7f"}
        shared = [(len(signs & set(_plain(one.label))), one.shown) for one in choices]
        most = max((count for count, _ in shared), default=0)
        near = [shown for count, shown in shared if count == most > 0]
    return list(dict.fromkeys(near))[:5]


_FEW = 12
_COLUMNS = 74


def several(text: str, choices: Sequence[Choice]) -> list[str]:
    """Those that are meant, each as ``chosen`` understands it, or from one number to another (``1-4``).

    Raises:
        UsageError: one is none of them.
    """
    found: list[str] = []
    for part in re.split(r"[\s,;、，；]+", _plain(text)):
        ends = re.fullmatch(r"([0-9]{1,2})[-~–—至到]([0-9]{1,2})", part)
        if ends and 0 < int(ends[1]) <= int(ends[2]) <= len(choices):
            found += [one.value for one in choices[int(ends[1]) - 1 : int(ends[2])]]
        elif part:
            found.append(chosen(part, choices, numbered=True))
    return list(dict.fromkeys(found))


def listed(choices: Sequence[Choice]) -> list[str]:
    """Choices with their numbers, as many in a line as the narrowest screen holds."""
    from repairdesk.locale.width import width

    lines = [""]
    for n, one in enumerate(choices, 1):
        text = f"  {n} {one.shown}"
        if lines[-1] and width(lines[-1] + text) > _COLUMNS:
            lines.append("")
        lines[-1] += text
    return lines


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _laid(rows: Sequence[Row]) -> list[str]:
    """The rows of a summary, one below the other."""
    from repairdesk.locale.width import pad, width

    labels = [tr(row.label) for row in rows]
    broad = max(map(width, labels), default=0)
    numbers = iter(range(1, len(rows) + 1))
    marks = [f"{next(numbers):>2}" if row.name else "  " for row in rows]
    return [f" {m} {pad(label, broad)}  {row.text}" for m, label, row in zip(marks, labels, rows, strict=True)]


def command_line(words: Sequence[str]) -> str:
    """Words as they would be typed."""
    import shlex

    return shlex.join(words)
