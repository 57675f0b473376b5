"""A refusal: what is wrong, by which rule, and what helps; for people in lines, for scripts as a document."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from repairdesk.cli.render.channels import escaped, note, spoken
from repairdesk.cli.render.orders import one_line
from repairdesk.cli.render.sentences import error_text, say, sentence, unphoned, valued
from repairdesk.errors import N_, DeskError
from repairdesk.locale import tr


def error(refusal: DeskError, *, as_json: bool, argv: Sequence[str] = ()) -> None:
    """A refusal: for people a sentence, its rule and what is possible; for scripts the contract's document."""
    if as_json:
        body = refusal_doc(refusal, argv)
        ascii_ = "utf" not in (sys.stderr.encoding or "").lower()
        sys.stderr.write(escaped(json.dumps({"error": body}, ensure_ascii=ascii_)) + "\n")
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
        body["problems"] = [{**problem, "message": sentence(problem["message"])} for problem in body["problems"]]
    return body


def _left(value: Any, name: str) -> Any:
    """What a refusal names besides its sentence, as it may leave the desk."""
    if isinstance(value, str):
        return unphoned(value, name)
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
        values["numbers"] = "".join(f"\n  {valued(one, zone)}" for one in values["numbers"])
    return error_text(refusal, zone, values)
