"""``why`` for people: how a deadline follows, in rows that a reader can add up with a pencil (SLA-6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from repairdesk.cli import render
from repairdesk.cli.render import Asking, bills, duration, moment, named, orders, put, word
from repairdesk.errors import N_
from repairdesk.locale import tr
from repairdesk.locale.width import folded, pad, width

Doc = Mapping[str, Any]

PAPER = 80
"""Columns that no line of an account exceeds, on a terminal and in a pipe alike."""
_KINDS = {"counted": N_("counted"), "stopped": N_("stopped"), "skipped": N_("skipped")}
_DAYS = (
    *(N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday")),
)  # fmt: skip
_NOTES = {
    "overdue": N_("began after the time was up: moves nothing"),
    "not-named": N_("no reason to stop by the declaration that holds now: moves nothing"),
    "replaced": N_("the new appointment took its place"),
}


def why(call: Asking, doc: Doc, *, whole: bool, what: str | None = None) -> None:
    """``why``: the bill and how it came about, and the deadlines; ``whole``: each of them line by line.

    ``what`` is the one that was asked for, if one was.
    """
    if call.json_:
        render.put_json({**render.spoken(doc), "warnings": []})
        return
    for line in why_lines(doc, whole=whole, what=what):
        put(line)


def why_lines(doc: Doc, *, whole: bool, what: str | None = None) -> Iterator[str]:
    """The same, line by line."""
    yield f"{doc['number']}  {doc['policies_version']}  {doc['fees_version']}"
    if what not in (None, "bill") and not doc["obligations"]:
        yield "  " + tr(N_("{name} was never owed up to {at}")).format(name=word(what), at=exact(doc["at"]))
        return
    yield from _bill(doc)
    for owed in doc["obligations"]:
        yield from _whole(owed) if whole else _short(owed)


def _bill(doc: Doc) -> Iterator[str]:
    for line in bills.bill_lines(doc["bill"]) if doc["bill"] else ():
        yield f"  {line}"
    if doc["bill"] is None and not doc["obligations"]:
        yield "  " + tr(N_("there is no bill yet"))
        if doc["quote"]:
            yield "  " + named("quote", doc["quote"])
    if doc["consent"] and (doc["bill"] or not doc["obligations"]):
        yield "  " + named("consent", f"{doc['consent']['fee']}  {moment(doc['consent']['at'])}")
    for bill in doc["reversed_bills"]:
        yield "  " + bills.reversed_line(bill)
        for line in bills.bill_lines(bill):
            yield f"    {line}"


# --- a deadline in two lines, and the whole account of it


def _short(owed: Doc) -> Iterator[str]:
    yield from _fold(f"  {orders.owed_line(owed)}")
    if owed["account"]:
        yield from _fold("    " + render.pair(owed["rule"], sentence(owed)))


def _whole(owed: Doc) -> Iterator[str]:
    account = owed["account"]
    yield from _fold(f"  {orders.owed_line(owed)}")
    yield from _fold("    " + render.pair(owed["rule"], owed["source"] or ""))
    if account is None:
        return
    yield from _fold(f"    {sentence(owed)}")
    for change in account["changed"]:
        # What a stop did to a time of the calendar is in the rows already.
        if change["op"] == "move" or account["kind"] != "within" or not account["agrees"]:
            yield from _fold(f"    {_changed(change)}")
    yield from _rows(account["rows"])
    for line in (*_sum(owed), *_done(owed), *map(_told, account["told"])):
        yield from _fold(f"    {line}")


def _fold(line: str) -> Iterator[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    yield from folded(line, PAPER, indent).split("\n")


# --- how the time is declared


def sentence(owed: Doc) -> str:
    """How the deadline is declared: so long from then, by that hour, ahead of an appointment, in each week."""
    account = owed["account"]
    anchor = account["anchor"]
    said = {"at": exact(anchor["at"]), "entry": anchor["seq"], "event": word(anchor["event"], "event")}
    text = _TIMED[account["kind"]](owed, said)
    if owed["calendar"] not in (None, "always"):
        text += tr(N_("; by the calendar “{calendar}”")).format(calendar=word(owed["calendar"]))
    return text


def _within(owed: Doc, said: Doc) -> str:
    account = owed["account"]
    time = duration(account["allowed_seconds"])
    if account["priority"]:
        time = tr(N_("{time} ({priority})")).format(time=time, priority=word(account["priority"]))
    template = {
        "report": N_("{time} from the report of {at} (entry {entry})"),
        "appointment": N_("{time} from the appointment at {at} (entry {entry})"),
    }.get(account["anchor"]["what"], N_("{time} from “{event}” of {at} (entry {entry})"))
    return tr(template).format(time=time, **said)


def _by(owed: Doc, said: Doc) -> str:
    seconds = owed["account"]["by_seconds"]
    hour = f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"
    template = {
        "report": N_("by {hour} of the day of the report of {at} (entry {entry})"),
        "appointment": N_("by {hour} of the day of the appointment at {at} (entry {entry})"),
    }.get(owed["account"]["anchor"]["what"], N_("by the next {hour} after “{event}” of {at} (entry {entry})"))
    return tr(template).format(hour=hour, **said)


def _lead(owed: Doc, said: Doc) -> str:
    time = duration(owed["account"]["lead_seconds"])
    return tr(N_("{time} before the appointment at {at} (entry {entry})")).format(time=time, **said)


def _next(_: Doc, said: Doc) -> str:
    return tr(N_("at the time that “{event}” names, {at} (entry {entry})")).format(**said)


def _period(owed: Doc, said: Doc) -> str:
    first, last = owed["starts_at"], owed["due_at"]
    week = date.fromisoformat(last[:10]).isocalendar().week
    template = {
        "week": N_("in week {week}, {first} – {last} (entry {entry})"),
        "month": N_("in the month {month}, {first} – {last} (entry {entry})"),
    }[owed["account"]["kind"]]
    text = tr(template).format(week=week, month=last[:7], first=exact(first), last=exact(last), **said)
    return text + (tr(N_(", {times} times")).format(times=owed["times"]) if owed["times"] > 1 else "")


_TIMED = {"within": _within, "by": _by, "lead": _lead, "next": _next, "week": _period, "month": _period}


def _changed(change: Doc) -> str:
    fields = (f"{word(name)} {word(value['old'])} → {word(value['new'])}" for name, value in change["fields"].items())
    what = tr(N_(", ")).join([word(change["event"], "event"), *fields])
    template = N_("counted anew by “{what}” of {at} by {by} (entry {entry}): {now}; it was {was}")
    return tr(template).format(
        what=what, at=exact(change["at"]), by=change["by"], entry=change["seq"], now=exact(change["now"]),
        was=exact(change["was"]),
    )  # fmt: skip


# --- the rows


def _rows(rows: list[Doc]) -> Iterator[str]:
    """Kind, stretch, time and running total, or why it does not count; columns as wide as they have to be."""
    cells = [(tr(_KINDS[row["kind"]]), _stretch(row), *_figures(row)) for row in rows]
    widths = [max((width(line[i]) for line in cells), default=0) for i in range(4)]
    behind = 2 + widths[0] + 2 + widths[1]
    for (kind, stretch, time, total), row in zip(cells, rows, strict=True):
        line = f"  {pad(kind, widths[0])}  {pad(stretch, widths[1])}"
        if row["kind"] != "skipped":
            line += f" {_right(time, widths[2])} {_right(total, widths[3])}"
        words = _because(row)
        if words and width(f"{line.rstrip()}  {words}") > PAPER:
            # No room beside it: below the stretch that it explains.
            yield line.rstrip()
            line = " " * (4 + widths[0])
            yield from folded(line + words, PAPER, line).split("\n")
            continue
        # Reasons stand below each other where the figures leave room.
        if words and width(line) < behind + 2:
            line = pad(line, behind + 2)
        yield f"{line.rstrip()}  {words}".rstrip() if words else line.rstrip()


def _figures(row: Doc) -> tuple[str, str]:
    if row["kind"] == "counted":
        return duration(row["seconds"]), duration(row["total_seconds"])
    return (duration(row["seconds"]) if row["kind"] == "stopped" else ""), ""


def _stretch(row: Doc) -> str:
    since, until = exact(row["from"]), exact(row["to"]) if row["to"] else ""
    return f"{since}–{until[11:] if until[:10] == since[:10] else until}"


def _because(row: Doc) -> str:
    """Why a stretch does not count; of what counts, that it is a make-up workday."""
    why = row["why"]
    if row["kind"] == "stopped":
        still = tr(N_("still stands")) if row["to"] is None else ""
        note = tr(_NOTES[row["note"]]) if row["note"] else ""
        return tr(N_("; ")).join(filter(None, (word(why, "reason"), still, note)))
    if why == "workday":
        return tr(N_("make-up workday"))
    if why == "holiday":
        return tr(N_("holiday: {name}")).format(name=row["name"]) if row["name"] else tr(N_("holiday"))
    if why == "closed":
        day = _DAYS[date.fromisoformat(row["from"][:10]).weekday()]
        return tr(N_("{day}: no hours")).format(day=tr(day))
    return tr(N_("outside the hours")) if why == "hours" else ""


def _right(text: str, columns: int) -> str:
    return " " * (columns - width(text)) + text


# --- what it comes to


def _sum(owed: Doc) -> Iterator[str]:
    account = owed["account"]
    due = exact(owed["due_at"])
    if account["left_seconds"] is not None:
        ended = owed["met_at"] or owed["void_at"]
        template = N_("{left} were left when it ended") if ended else N_("{left} are left when the clock goes on")
        yield tr(template).format(left=duration(account["left_seconds"]))
    elif account["kind"] == "within":
        total = account["rows"][-1]["total_seconds"] if account["rows"] else 0
        yield tr(N_("= {total}: due {due}")).format(total=duration(total), due=due)
    else:
        yield tr(N_("= due {due}")).format(due=due)
    yield from _days(account)
    if account["provisional"]:
        yield tr(N_("provisional: the public holidays of that time are not in the calendar yet"))


def _days(account: Doc) -> Iterator[str]:
    """By which public holidays it was counted, where today's would give other rows (REC-4)."""
    days = account["days"]
    if not account["agrees"]:
        yield tr(N_("no one table of holidays gives this deadline: each entry counted by that of its time; it stays"))
    elif days and not days["same"] and days["version"]:
        yield tr(N_("counted by the holidays {version}, which held then; it stays")).format(version=days["version"])
    elif days and not days["same"]:
        yield tr(N_("counted without any holidays, for no calendar.yaml held then; it stays"))


def _done(owed: Doc) -> Iterator[str]:
    account = owed["account"]
    several = [one for one in account["done"] if one["op"] == "count"]
    for count, one in enumerate(several, start=1):
        yield _said(N_("{count} of {times}: {at} by {by}, “{event}” (entry {entry})"), one, count=count,
                    times=owed["times"])  # fmt: skip
    for one in account["done"]:
        if one["op"] == "void":
            yield _said(N_("owed no more from {at} on: “{event}” by {by} (entry {entry})"), one)
        elif one["op"] == "meet":
            early = one["early_seconds"]
            template = (
                N_("met {at} by {by}, “{event}” (entry {entry}): {time} early")
                if early >= 0
                else N_("done {at} by {by}, “{event}” (entry {entry}): {time} late")
            )
            yield _said(template, one, time=duration(abs(early)))
    if account["overdue_seconds"] is not None:
        yield tr(N_("missed: by now for {time}")).format(time=duration(account["overdue_seconds"]))


def _said(template: str, one: Doc, **values: Any) -> str:
    event = word(one["event"], "event")
    return tr(template).format(at=exact(one["at"]), by=one["by"], event=event, entry=one["seq"], **values)


def _told(step: Doc) -> str:
    said = {"level": step["level"], "role": word(step["role"]), "at": exact(step["at"]), "entry": step["seq"]}
    if step["told_at"] is None:
        return tr(N_("step {level}, {role}: reached {at}; only a higher step was told (entry {entry})")).format(**said)
    people = tr(N_(", ")).join(step["people"]) or word(step["role"])
    template = N_("step {level}, {role}: reached {at}; told {told} to {people} (entry {entry})")
    return tr(template).format(told=exact(step["told_at"]), people=people, **said)


# --- times


def exact(text: str) -> str:
    """A time of a document to the second, without its offset."""
    return text[:19].replace("T", " ")
