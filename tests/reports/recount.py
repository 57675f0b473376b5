"""The figures of the reports, counted a second time from the entries alone, by other means and without the desk's code.

Nothing of the tables that the reports count is read: only ``entries`` and ``bodies``. What an order came to is gathered
here from what each entry says, in the plainest way; it knows nothing of rules, so deadlines are those that the entries
name. Whoever keeps a desk can compare a year of it:

    python tests/reports/recount.py HOME [--from 2025-11] [--to 2026-10] [--at 2026-10-31T20:40]
"""

from __future__ import annotations

import argparse
import json
import math
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

Doc = dict[str, Any]
ZONE = ZoneInfo("Asia/Shanghai")
REPORTS = ("month", "staff", "faults", "callbacks", "complaints", "help", "clocks")
REPAIRS = ("in_home", "public_area")
GOOD, RATINGS = ("very-satisfied", "satisfied"), ("very-satisfied", "satisfied", "fair", "dissatisfied")
POINTS = {"in_home": 5}
"""So many points the standard preset wants ticked."""
SHARES = {"repairs": Fraction(3, 10), "complaints": Fraction(1, 2), "events": Fraction(1, 10)}
STRATA = {"in_home": "repairs", "public_area": "repairs", "complaint": "complaints", "help": "events"}
TRIES, TOP, LOOK_BACK = 3, 20, timedelta(days=90)


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def seconds(since: str, until: str) -> int:
    return int((moment(until) - moment(since)).total_seconds())


# --- what became of each order, from its entries


class Recount:
    """Everything that the entries of a ledger say until ``at``, which nothing in it may be later than."""

    def __init__(self, ledger: Path, at: datetime) -> None:
        self.at = utc(at)
        self.orders: dict[str, Doc] = {}
        self.found: dict[str, str] = {}
        self.calls: list[Doc] = []
        self.hashes: list[tuple[str, str]] = []
        with closing(sqlite3.connect(ledger)) as db:
            rows = db.execute(
                "SELECT e.seq, e.number, e.event, e.actor, e.occurred_at, e.recorded_at, e.hash, b.body "
                "FROM entries e LEFT JOIN bodies b USING (seq) ORDER BY e.seq"
            )
            for seq, number, event, actor, occurred_at, recorded_at, own, body in rows:
                self.hashes.append((recorded_at, own))
                if number[:1] in "PX" and number[1:9].isdigit():
                    self._take(seq, number, event, actor, occurred_at, json.loads(body))
        for one in self.orders.values():
            became = self.orders.get(one["coordination"] or "", {})
            one["ended"] = one["finished_at"] or became.get("finished_at")
            one["rated"] = one["rating"] or became.get("rating")
            one["worker"] = one["visits"][-1]["who"] if one["visits"] else one["assignee"]

    def _take(self, seq: int, number: str, event: str, actor: str, at: str, said: Doc) -> None:
        if event == "as-found":
            self.found[number] = at
        if number in self.found:
            return  # What another system left broken is in no figure but its own.
        if event in ("intake", "open"):
            self.orders[number] = {
                **{name: said.get(name) for name in ("kind", "category", "place", "severity", "help_class",
                                                     "converted_from", "follows")},
                "number": number, "reported_at": at, "anonymous": bool(said.get("anonymous")), "state": event,
                "letter_only": bool(said.get("letter_only")), "advised": bool(said.get("advised")),
                "assignee": None, "coordination": None, "finished_at": None, "rating": None, "archived": None,
                "total": 0, "visits": [], "ticked": set(), "follow_up": [], "calls": [], "letters": [], "clocks": {},
            }  # fmt: skip
        one = self.orders[number]
        one["ticked"].update(said.get("checks") or ())
        for op in said.get("obligations") or ():
            turn_clock(one["clocks"], op)
        handler: Callable[..., None] | None = getattr(self, f"_{event.replace('-', '_')}", None)
        if handler:
            handler(one, said, at, actor, seq)

    def _assign(self, one: Doc, said: Doc, *_: Any) -> None:
        one["assignee"], one["state"] = said["assignee"], "assigned"

    def _arrive(self, one: Doc, said: Doc, at: str, actor: str, _: int) -> None:
        one["visits"].append({"who": one["assignee"], "from": None, "to": None, "late": said["late_seconds"],
                              "apart": said["late_apart"]})  # fmt: skip

    def _start(self, one: Doc, said: Doc, at: str, *_: Any) -> None:
        if not one["visits"] or one["visits"][-1]["from"]:
            self._arrive(one, {"late_seconds": 0, "late_apart": False} | said, at, "", 0)
        one["visits"][-1]["from"] = at

    def _pause(self, one: Doc, said: Doc, at: str, *_: Any) -> None:
        if one["visits"] and not one["visits"][-1]["to"]:
            one["visits"][-1]["to"] = at

    def _finish(self, one: Doc, said: Doc, at: str, actor: str, seq: int) -> None:
        self._pause(one, said, at)
        one["finished_at"], one["state"] = at, "finished"
        one["elsewhere"] = bool(said.get("imported"))
        one["follow_up"] += said.get("follow_up") or ()
        self._not_of_it(one)
        self._rebill(one, said)

    def _not_of_it(self, one: Doc) -> None:
        """Who was spoken to before the work was done, or before a low rating, said nothing of it."""
        one["calls"], one["letters"] = [], []

    def _rebill(self, one: Doc, said: Doc, *_: Any) -> None:
        if said.get("bill"):
            # What another system billed is no cost of this desk's.
            one["total"] = 0 if said["bill"].get("imported") else said["bill"]["total"]

    def _sign(self, one: Doc, said: Doc, *_: Any) -> None:
        one["rating"] = said.get("rating")
        if one["rating"] in RATINGS[2:]:
            self._not_of_it(one)

    def _archive(self, one: Doc, said: Doc, at: str, actor: str, seq: int) -> None:
        # What was filed in another system is drawn nowhere.
        one["archived"] = None if said.get("imported") else (seq, at)

    def _convert(self, one: Doc, said: Doc, *_: Any) -> None:
        one["coordination"], one["state"] = said["coordination"], "converted"

    def _revert(self, one: Doc, *_: Any) -> None:
        one["coordination"] = None

    def _cancel(self, one: Doc, *_: Any) -> None:
        one["state"] = "gone"

    _decline = _void = _infeasible = _cancel

    def _correct(self, one: Doc, said: Doc, *_: Any) -> None:
        one.update({name: both["new"] for name, both in said["fields"].items() if name in one})

    def _callback(self, one: Doc, said: Doc, at: str, actor: str, seq: int) -> None:
        self.calls.append({"at": at, "actor": actor, **said})
        if said["method"] != "letter":
            one["calls"].append((seq, said["outcome"] != "unreached"))
        elif said.get("letter"):
            one["letters"].append((seq, True))

    # --- whose month

    def reported(self, month: str, *, all_kinds: bool = False) -> list[Doc]:
        """The orders of a month; coordination orders are not reports."""
        since, before = bounds(month)
        within = (one for one in self.orders.values() if since <= one["reported_at"] < before)
        return [one for one in within if all_kinds or not one["converted_from"]]

    def verdict(self, clock: Doc) -> str:
        """How a clock ended, or how it stands."""
        ended = clock["met"] or clock["void"]
        if ended:
            return "missed" if ended > clock["due"] else "met" if clock["met"] else "void"
        return "missed" if self.at > clock["due"] and not clock["still"] else "open"

    def resolved(self, one: Doc) -> str | None:
        """The clock that counts: one that was missed stays so, else the last."""
        clocks = [clock for (name, _), clock in one["clocks"].items() if name == "resolve"]
        over = [clock for clock in clocks if (clock["met"] or clock["void"] or "") > clock["due"]]
        return self.verdict((over or clocks[-1:])[0]) if clocks else None

    def reworked(self, one: Doc) -> bool:
        """Whether work followed it after it was finished."""
        mine = {one["number"], one["coordination"] or one["number"]}
        return any(
            other["follows"] in mine and other["kind"] in REPAIRS and other["state"] != "gone"
            and other["reported_at"] >= one["ended"]
            for other in self._following.get(one["number"], []) + self._following.get(one["coordination"] or "", [])
        )  # fmt: skip

    @property
    def _following(self) -> dict[str, list[Doc]]:
        found: dict[str, list[Doc]] = defaultdict(list)
        for one in self.orders.values():
            if one["follows"]:
                found[one["follows"]].append(one)
        self.__dict__["_following"] = found
        return found

    # --- the reports

    def figures(self, those: list[Doc]) -> Doc:
        """What stands in the month and in each of its groups."""
        resolved = Counter(map(self.resolved, those))
        rated = Counter(one["rated"] for one in those)
        good = sum(rated[name] for name in GOOD)
        below = sum(rated[name] for name in RATINGS) - good
        repaired = [one for one in those if one["kind"] in REPAIRS and one["ended"]]
        again = sum(map(self.reworked, repaired))
        return {
            "orders": len(those),
            "finished": sum(one["ended"] is not None for one in those),
            "on_time": {name: resolved[name] for name in ("met", "missed", "open")},
            "on_time_rate": rate(resolved["met"], resolved["met"] + resolved["missed"]),
            "satisfaction": {"satisfied": good, "below": below},
            "satisfaction_rate": rate(good, good + below),
            "first_time_fix": {"fixed": len(repaired) - again, "reworked": again},
            "first_time_fix_rate": rate(len(repaired) - again, len(repaired)),
        }

    def month(self, month: str) -> Doc:
        those = self.reported(month)
        since, before = bounds(month)
        return {
            **self.figures(those),
            "as_found": sum(since <= at < before for at in self.found.values()),
            "callback": self.quotas(month),
            **{f"by_{said}": {key: self.figures(group) for key, group in grouped(those, name).items()}
               for said, name in (("kind", "kind"), ("category", "category"), ("technician", "worker"))},
        }  # fmt: skip

    def quotas(self, month: str) -> Doc:
        """Who is drawn, played out entry by entry."""
        since, before = bounds(month)
        first = next((n for n, (written, _) in enumerate(self.hashes) if written >= since), None)
        seed = self.hashes[max((first or 0) - 1, 0)][1] if first is not None else ""
        filed: dict[str, list[Doc]] = {name: [] for name in SHARES}
        for one in self.orders.values():
            if one["archived"] and since <= one["archived"][1] < before and one["kind"] in STRATA:
                filed[STRATA[one["kind"]]].append(one)
        return {name: played_out(ones, SHARES[name], seed) for name, ones in filed.items()}

    def staff(self, month: str) -> Doc:
        those = self.reported(month)
        found: dict[str, Doc] = {}
        for who, ones in grouped(those, "worker").items():
            if who is not None:
                figures, done = self.figures(ones), [one for one in ones if one["ended"]]
                found[who] = {
                    "jobs": figures["finished"],
                    **{name: figures[name] for name in ("on_time", "on_time_rate", "satisfaction_rate",
                                                        "first_time_fix", "first_time_fix_rate")},
                    "ratings": {name: sum(one["rated"] == name for one in ones) for name in RATINGS},
                    "checklist_missed": sum(max(POINTS.get(one["kind"], 0) - len(one["ticked"]), 0) for one in done
                                            if not one.get("elsewhere")),
                }  # fmt: skip
        visits = [visit for one in those for visit in one["visits"] if visit["to"]]
        for who in {visit["who"] for visit in visits} | set(found):
            mine = [visit for visit in visits if visit["who"] == who]
            late = [visit["late"] for visit in mine if visit["late"] and not visit["apart"]]
            found.setdefault(who, {"jobs": 0})
            found[who] |= {
                "visits": len(mine),
                "handling_seconds": sum(seconds(visit["from"], visit["to"]) for visit in mine if visit["from"]),
                "late": {"below": len(late), "apart": sum(bool(visit["apart"]) for visit in mine)},
                "late_seconds": sum(visit["late"] or 0 for visit in mine),
            }
        return {"technicians": found}

    def faults(self, month: str) -> Doc:
        those = [one for one in self.reported(month) if one["kind"] in REPAIRS]
        since = moment(bounds(month)[0])
        back = utc(since - LOOK_BACK)
        spots = Counter((one["category"], one["place"]) for one in those)
        before = Counter(
            (one["category"], one["place"]) for one in self.orders.values()
            if back <= one["reported_at"] < utc(since) and one["kind"] in REPAIRS and not one["converted_from"]
        )  # fmt: skip

        def told(ones: list[Doc]) -> Doc:
            mine = Counter((one["category"], one["place"]) for one in ones)
            return {
                "orders": len(ones), "cost": yuan(sum(one["total"] for one in ones)),
                "handling_seconds": sum(seconds(visit["from"], visit["to"]) for one in ones for visit in one["visits"]
                                        if visit["from"] and visit["to"]),
                "repeats": sum(many - 1 for (category, place), many in mine.items() if category and place),
            }  # fmt: skip

        def share(ones: list[Doc]) -> Doc:
            return {**told(ones), "share": rate(len(ones), len(those))}

        return {
            **told(those),
            "categories": {key: share(ones) for key, ones in grouped(those, "category").items()},
            "places": {key: share(ones) for key, ones in grouped(those, "place").items()},
            "spots": {
                key: {**share([one for one in those if (one["category"], one["place"]) == key]), "before": before[key]}
                for key in spots
            },
        }

    def callbacks(self, month: str) -> Doc:
        since, before = bounds(month)
        made = [call for call in self.calls if since <= call["at"] < before]

        def outcomes(calls: list[Doc]) -> Doc:
            return {name: sum(call["outcome"] == name for call in calls)
                    for name in ("satisfied", "dissatisfied", "unreached")}  # fmt: skip

        callers = grouped(made, "actor")
        return {
            "calls": len(made),
            "outcomes": outcomes(made),
            "methods": {name: sum(call["method"] == name for call in made) for name in ("phone", "visit", "letter")},
            "open_letters": sum(call["outcome"] is None for call in made),
            "callers": {
                who: {
                    "calls": len(calls),
                    "outcomes": outcomes(calls),
                    "open_letters": sum(call["outcome"] is None for call in calls),
                }
                for who, calls in callers.items()
            },
            "callback": self.quotas(month),
        }

    def answered(self, those: list[Doc], clock: str) -> Doc:
        """How soon: the first clock of that name."""
        clocks = (one["clocks"].get((clock, 1)) for one in those)
        states = Counter(self.verdict(one) for one in clocks if one)
        return {"answered": {name: states[name] for name in ("met", "missed", "open")},
                "answered_rate": rate(states["met"], states["met"] + states["missed"])}  # fmt: skip

    def complaints(self, month: str) -> Doc:
        def told(those: list[Doc]) -> Doc:
            figures = self.figures(those)
            kept = ("orders", "finished", "on_time", "on_time_rate", "satisfaction", "satisfaction_rate")
            return {**{name: figures[name] for name in kept}, "anonymous": sum(one["anonymous"] for one in those),
                    **self.answered(those, "respond")}  # fmt: skip

        those = [one for one in self.reported(month) if one["kind"] == "complaint"]
        return {**told(those), "by_severity": {key: told(ones) for key, ones in grouped(those, "severity").items()}}

    def help(self, month: str) -> Doc:
        def told(those: list[Doc]) -> Doc:
            figures = self.figures(those)
            advised = sum(one["advised"] and one["state"] == "intake" for one in those)
            return {**{name: figures[name] for name in ("orders", "finished")}, "advised": advised,
                    **self.answered(those, "answer")}  # fmt: skip

        those = [one for one in self.reported(month) if one["kind"] == "help"]
        return {**told(those), "by_class": {key: told(ones) for key, ones in grouped(those, "help_class").items()}}

    def clocks(self, month: str) -> Doc:
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for one in self.reported(month, all_kinds=True):
            for (name, _), clock in one["clocks"].items():
                if clock["since"] <= self.at:
                    late = seconds(clock["due"], min(clock["met"] or clock["void"] or self.at, self.at))
                    found[name].append((self.verdict(clock), late))
        return {"clocks": {name: _kept(those) for name, those in found.items()}}


def _kept(those: list[tuple[str, int]]) -> Doc:
    states = Counter(state for state, _ in those)
    late = [by for state, by in those if state == "missed"]
    return {
        **{name: states[name] for name in ("met", "missed", "open", "void")},
        "rate": rate(states["met"], states["met"] + states["missed"]),
        "median_late_seconds": int(median(late)) if late else None,
        "worst_late_seconds": max(late, default=None),
    }


def turn_clock(clocks: dict[tuple[str, int], Doc], op: Doc) -> None:
    """What an entry did to a clock: started, met, void, stopped, gone on, given another time."""
    key = (op["name"], op["cycle"])
    if op["op"] == "open":
        clocks[key] = {"since": op["starts_at"], "due": op["due_at"], "met": None, "void": None, "still": False}
    clock = clocks[key]
    if op["op"] in ("meet", "void"):
        clock["met" if op["op"] == "meet" else "void"] = op["at"]
    elif op["op"] == "restore":
        clock |= {"met": None, "void": None, "still": bool(op["stops"]) and op["stops"][-1].get("until") is None}
    if op["op"] in ("stop", "resume"):
        clock["still"] = op["op"] == "stop" and op.get("until") is None
    clock["due"] = op.get("due_at") or clock["due"]


def played_out(ones: list[Doc], share: Fraction, seed: str) -> Doc:
    """The quota, and how many of those that were drawn were reached, by CAL-1, CAL-2 and CAL-5 to the letter."""
    # An open letter answers whoever need not be spoken to (CAL-6).
    filed = [
        one if _called(one)[0] else {**one, "calls": sorted(one["calls"] + one["letters"])}
        for one in sorted(ones, key=lambda one: one["archived"][0])
    ]
    lost = {}
    for one in filed:
        first = one["calls"][:TRIES]
        if len(first) == TRIES and not any(reached for _, reached in first):
            lost[one["number"]] = max(first[-1][0], one["archived"][0])
    drawn: list[str] = []
    quota = 0
    for seq in sorted({one["archived"][0] for one in filed} | set(lost.values())):
        there = [one for one in filed if one["archived"][0] <= seq]
        quota = math.ceil(share * len(there))
        called = {one["number"]: _called(one) for one in there}
        drawn += [number for number, (must, _) in called.items() if must and number not in drawn]
        ranks = sorted((sha256(f"{seed}\n{number}".encode()).hexdigest(), number)
                       for number, (_, can) in called.items() if can and number not in drawn)  # fmt: skip
        for _, number in ranks:
            if sum(lost.get(each, math.inf) > seq for each in drawn) >= quota:
                break
            drawn.append(number)
    reached = {one["number"] for one in filed if any(spoken for _, spoken in one["calls"])}
    return {"quota": quota, "done": len(reached & set(drawn))}


def _called(one: Doc) -> tuple[bool, bool]:
    """Whether an order must be called, and whether it can be drawn."""
    can = not (one["anonymous"] or one["letter_only"])
    must = one["rating"] in ("fair", "dissatisfied") or bool({"untested", "unsure"} & set(one["follow_up"]))
    return can and must, can and not must


def bounds(month: str) -> tuple[str, str]:
    """The first moment of a month in the desk's zone, and of the next."""
    begins = datetime.fromisoformat(f"{month}-01").replace(tzinfo=ZONE)
    return utc(begins), utc((begins + timedelta(days=32)).replace(day=1))


def grouped(rows: Iterable[Doc], name: str) -> dict[Any, list[Doc]]:
    groups: dict[Any, list[Doc]] = defaultdict(list)
    for row in rows:
        groups[row[name]].append(row)
    return groups


def rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


# --- compared


KEYS = {"by_kind": ("kind",), "by_category": ("category",), "by_technician": ("technician",),
        "technicians": ("staff",), "categories": ("category",), "places": ("place",), "spots": ("category", "place"),
        "callers": ("staff",), "by_severity": ("severity",), "by_class": ("class",), "clocks": ("name",)}  # fmt: skip
TOPPED = ("places", "spots")


def differences(ours: Doc, told: Doc, where: str = "") -> Iterator[str]:
    """Where a report says otherwise than the recount; a list of groups is compared by their keys."""
    for name, value in ours.items():
        at = f"{where}.{name}" if where else str(name)
        other = told.get(name)
        if isinstance(other, list):
            keys = KEYS[name]
            rows = {tuple(row[key] for key in keys): row for row in other}
            wanted = {key if isinstance(key, tuple) else (key,): one for key, one in value.items()}
            if name in TOPPED:
                yield from _topped(at, wanted, rows)
            elif set(wanted) != set(rows):
                yield f"{at}: {sorted(map(str, set(wanted) ^ set(rows)))}"
            for key in set(wanted) & set(rows):
                yield from differences(wanted[key], rows[key], f"{at}[{'/'.join(map(str, key))}]")
        elif isinstance(value, dict):
            yield from differences(value, other or {}, at)
        elif value != other:
            yield f"{at}: the report has {other}, the entries {value}"


def _topped(at: str, wanted: dict[tuple[Any, ...], Doc], rows: dict[tuple[Any, ...], Doc]) -> Iterator[str]:
    """Only those with most orders are listed."""
    least = min((row["orders"] for row in rows.values()), default=0)
    missing = [key for key, one in wanted.items() if one["orders"] > least and key not in rows]
    if missing or len(rows) != min(TOP, len(wanted)) or not set(rows) <= set(wanted):
        yield f"{at}: {missing or len(rows)}"


def months(first: str, last: str) -> Iterator[str]:
    while first <= last:
        yield first
        first = f"{datetime.fromisoformat(f'{first}-01') + timedelta(days=32):%Y-%m}"


def main() -> int:
    """Compare the months of a desk."""
    from repairdesk.desk import By, Desk

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--from", dest="first", default="2025-11")
    parser.add_argument("--to", dest="last", default="2026-10")
    parser.add_argument("--at", default="2026-10-31T20:40")
    asked = parser.parse_args()
    at = datetime.fromisoformat(asked.at).replace(tzinfo=ZONE)
    recount, desk = Recount(asked.home / "ledger.db", at), Desk(asked.home, lambda: at)
    wrong = compared = 0
    for month in months(asked.first, asked.last):
        for name in REPORTS:
            mine = getattr(recount, name)(month)
            compared += figures_in(mine)
            for line in differences(mine, desk.report(By(None, "recount"), name, month).doc):
                wrong += 1
                print(f"{month} {name}: {line}")
    print(f"{compared} figures of {len(recount.orders)} orders compared, {wrong} differ")
    return int(wrong > 0)


def figures_in(doc: Any) -> int:
    return sum(map(figures_in, doc.values())) if isinstance(doc, dict) else 1


if __name__ == "__main__":
    sys.exit(main())
