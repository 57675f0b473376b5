"""Whether there is somebody to talk to, and how; and a dialogue from its beginning to what it is for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from repairdesk import locale
from repairdesk.cli import common, render
from repairdesk.cli.common import Call
from repairdesk.cli.render import refusals
from repairdesk.cli.talk import known
from repairdesk.cli.talk.questions import COMMAND, Asker, Choice, Course, Said, Stopped, Talk
from repairdesk.desk import Answer
from repairdesk.desk.drafts import KEPT, Draft, sweep
from repairdesk.domain.times import from_iso
from repairdesk.errors import N_, DeskError, NotAllowed, NotFound, NotPermitted, UsageError
from repairdesk.locale import tr
from repairdesk.locale.width import folded

DUMB = ("", "dumb", "unknown")
"""What TERM says of a terminal that moves no cursor."""
_MENDED = (NotAllowed, NotFound, NotPermitted, UsageError)
"""What somebody can answer otherwise; of anything else the command says what it is, and the draft stays."""
_NARROW, _BROAD = 40, 200
_TOLD = ("number", "place", "join", "fault", "found", "result", "staff", "caller", "by")
"""What of a draft is read out, so that it is known again; no phone is among it."""


class Plain:
    """A terminal that only takes whole lines: whatever edits them there."""

    edits = False

    def __init__(self, tell: Callable[[Iterable[str]], None]) -> None:
        self.tell = tell

    def ask(self, prompt: str, *, given: str = "", complete: Callable[[str], Sequence[Choice]] | None = None) -> str:
        """A line; with nothing on it, what was given.

        Raises:
            Stopped: the input has ended, or an Esc stands on the line.
        """
        sys.stdout.write(render.plain(f"{prompt}({given}) " if given else prompt))
        sys.stdout.flush()
        try:
            line = sys.stdin.readline()
        except UnicodeDecodeError:
            return "\udcff"  # which the question refuses as no characters
        except KeyboardInterrupt:
            render.put("")
            raise Stopped from None
        if not line or "\x1b" in line:
            raise Stopped(line.partition("\x1b")[0].strip())
        return line.rstrip("\r\n") or given


def tell(lines: Iterable[str]) -> None:
    """Lines to read, no broader than the terminal."""
    columns = max(_NARROW, min(shutil.get_terminal_size().columns, _BROAD))
    for line in lines:
        if line.startswith(COMMAND):
            render.write(line)  # the terminal breaks it: copied, it is one line again
            continue
        for row in folded(render.plain(line), columns - 1, "      ").split("\n"):
            render.write(row)
    sys.stdout.flush()


def asker() -> Asker:
    """Whoever sits at this terminal."""
    spoken = "utf" in (sys.stdout.encoding or "").lower()
    if not spoken:
        # What cannot be shown is better said in plain letters; names and places stay as they are.
        locale.use("en")
    if os.environ.get("TERM", "") in DUMB or not spoken:
        return Plain(tell)
    try:
        from repairdesk.cli.talk.lineedit import LineEdit
    except ImportError:
        return Plain(tell)
    return LineEdit(tell)


def carry(call: Call, talk: Talk, given: Said, do: Callable[[Said], Answer]) -> Answer:
    """Ask for what is missing, and do it; what the desk refuses then is asked for again.

    What was said is kept as a draft after each answer, and gone when it is done.

    Raises:
        KeyboardInterrupt: somebody left. DeskError: what no answer mends.
    """
    talk.check(given)
    draft, now = Draft(call.folder(), talk.verb, common.os_user(), call.as_), common.clock()
    sweep(call.folder(), now)
    who, told, began = asker(), False, now

    def keep(said: Said, typed: Mapping[str, str] | None = None) -> None:
        nonlocal told
        try:
            if said or typed:
                draft.keep(began, dict(said), typed=dict(typed or {}))
        except OSError as error:
            if not told:
                told = True
                tell([tr(N_("no draft can be kept: {why}")).format(why=error.strerror or "")])

    try:
        said, typed, began = _resumed(who, talk, draft, now, given)
        course = Course(talk, who, said, known.refused, keep)
        course.resume(typed)
        if not typed and said == given:
            who.tell([tr(N_("Enter takes what stands in brackets, ↑ goes back, Esc leaves and keeps a draft."))])
        while True:
            said = course.hold()
            try:
                answer = do(said)
            except _MENDED as refusal:
                tell(["", *refusals.refusal_lines(refusal)])
                _anew(talk, said, refusal)
                continue
            draft.forget()
            return answer
    except (Stopped, KeyboardInterrupt):
        _left(talk, draft, now)
        raise KeyboardInterrupt from None


def _resumed(
    who: Asker, talk: Talk, draft: Draft, now: datetime, given: Said
) -> tuple[Said, Mapping[str, str], datetime]:
    """What was said before and since when, where that is wanted; what the command line says stands above it."""
    kept = draft.read(now)
    if kept is None:
        return dict(given), {}, now
    began = from_iso(kept["at"])
    words = [str(kept["said"][name]) for name in _TOLD if kept["said"].get(name)]
    words += [text for name, text in kept.get("typed", {}).items() if name in _TOLD]
    at = f"{began.astimezone(_zone(talk)):%H:%M}"
    who.tell([tr(N_("A draft of {at}: {words}")).format(at=at, words=" · ".join(words))])
    answer = who.ask(tr(N_("Enter goes on with it, n begins anew")) + ": ").strip().casefold()
    if answer in ("n", "no", "否", "不"):
        draft.forget()
        return dict(given), {}, now
    # Of another order or another place nothing is mixed in: what was said of it belongs together.
    apart = any(name in given and given[name] != kept["said"].get(name) for name in ("number", "place"))
    said = dict(kept["said"]) if apart else {**kept["said"], **given}
    try:
        talk.check(said)
    except DeskError as refusal:
        who.tell(["  " + known.refused(refusal)])
        return dict(given), {}, now
    _call_was_at(talk, began, now)
    return said, kept.get("typed", {}), began


def _call_was_at(talk: Any, began: datetime, now: datetime) -> None:
    """A call that was cut off came when it came, and not when it is written down (REC-2)."""
    if talk.verb == "intake" and talk.by.at is None and (now - began).total_seconds() >= 60:
        talk.by = talk.by._replace(at=began.astimezone(_zone(talk)))


def _zone(talk: Any) -> Any:
    return talk.desk.local(talk.by, common.clock()).tzinfo


def _anew(talk: Any, said: Said, refusal: DeskError) -> None:
    """An order that somebody opened meanwhile is offered."""
    if "candidates" in refusal.extra and talk.verb == "intake":
        said.pop("join", None)
        talk.forget()


def _left(talk: Talk, draft: Draft, now: datetime) -> None:
    if draft.read(now) is None:
        return
    until = f"{(now + KEPT).astimezone(_zone(talk)):%m-%d %H:%M}"
    said = tr(N_("Nothing was written. What was said is kept until {until}: {command} goes on with it."))
    render.note(said.format(until=until, command=f"repairdesk {talk.verb}"))
