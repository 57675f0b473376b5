"""Reading the three rules files: every mistake at once, each with its place, or the normalized data."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Literal

from repairdesk.errors import N_, NotFound, Sentence, StorageError
from repairdesk.rules import agree, days, marks, schema
from repairdesk.rules.hydrate import digest
from repairdesk.rules.problems import KEY, Mistake, Path, Problem, refusal, spell

Data = dict[str, Any]
Files = Literal["policies", "fees", "calendar"]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of the policies, of the fee table or of the public days as it was read.

    ``data`` is JSON-able and is what the ledger keeps (REC-4); ``hydrate`` makes the domain's objects of it. ``digest``
    changes exactly when ``data`` does: comments and layout do not count.
    """

    kind: Files
    version: str
    digest: str
    data: Data


def read_policies(text: str, file: str) -> RuleSet:
    """The policies in ``text``; ``file`` is the name that mistakes are reported under.

    Raises:
        BadRules: with every mistake in ``extra["problems"]`` (13).
    """
    return _rule_set("policies", parse_policies(text, file))


def read_fees(text: str, file: str, categories: Collection[str] | None = None) -> RuleSet:
    """The fee table in ``text``, its categories among those of the policies when these are given.

    Raises:
        BadRules: with every mistake in ``extra["problems"]`` (13).
    """
    return _rule_set("fees", parse_fees(text, file, categories))


def read_days(text: str, file: str) -> RuleSet:
    """The public days in ``text``; ``file`` is the name that mistakes are reported under.

    Raises:
        BadRules: with every mistake in ``extra["problems"]`` (13).
    """
    return _rule_set("calendar", parse_days(text, file))


def parse_policies(text: str, file: str) -> Data:
    """The normalized data of ``policies.yaml``: durations in seconds, times of day in seconds after midnight.

    Raises:
        BadRules: with every mistake in ``extra["problems"]`` (13).
    """
    root, problems = marks.compose(text, file)
    return _checked(file, root, problems, schema.PoliciesForm, agree.policies(marks.plain_data(root)))


def parse_fees(text: str, file: str, categories: Collection[str] | None = None) -> Data:
    """The normalized data of ``fees.yaml``: prices in fen.

    Raises:
        BadRules: with every mistake in ``extra["problems"]`` (13).
    """
    root, problems = marks.compose(text, file)
    return _checked(file, root, problems, schema.FeesForm, agree.fees(marks.plain_data(root), categories))


def parse_days(text: str, file: str) -> Data:
    """The normalized data of ``calendar.yaml``: the name of every day off, and the make-up workdays, by year.

    Raises:
        BadRules: with every mistake in ``extra["problems"]`` (13).
    """
    root, problems = marks.compose(text, file)
    return _checked(file, root, problems, days.CalendarFileForm, days.disagreements(marks.plain_data(root)))


def text_of(path: FilePath) -> str:
    """The text of a rules file.

    Raises:
        NotFound: there is none (11).
        StorageError: it cannot be read (17).
        BadRules: it is too large or not UTF-8 (13).
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(marks.MAX_BYTES + 1)
    except FileNotFoundError:
        raise NotFound(N_("there is no {file}"), file=str(path)) from None
    except OSError as error:
        raise StorageError(
            N_("{file} cannot be read: {why}"), file=str(path), why=error.strerror or type(error).__name__
        ) from None
    return decode(raw, path.name)


def decode(raw: bytes, file: str) -> str:
    """The text of a file's bytes, without a byte order mark.

    Raises:
        BadRules: larger than 1 MB, or not UTF-8 (13).
    """
    if len(raw) > marks.MAX_BYTES:
        what = Sentence(N_("the file is larger than {limit} bytes"), {"limit": marks.MAX_BYTES})
        raise refusal([Problem(file, 1, 1, "", what)])
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        # Columns are counted in characters, and what stands before the first bad byte is good.
        before = error.object[: error.start].decode("utf-8", "replace")
        line, column = marks.place_of(before, len(before))
        byte = f"0x{error.object[error.start]:02X}"
        what = Sentence(N_("the byte {byte} is not UTF-8; save the file as UTF-8"), {"byte": byte})
        raise refusal([Problem(file, line, column, "", what)]) from None


def _rule_set(kind: Files, data: Data) -> RuleSet:
    return RuleSet(kind, data["version"], digest(data), data)


def _checked(
    file: str,
    root: marks.Table,
    problems: list[Problem],
    form: type[schema.Form],
    disagreements: Iterable[tuple[Path, Mistake]],
) -> Data:
    # A value that is refused as YAML already (an alias, say) is not judged once more.
    refused = {(problem.line, problem.column) for problem in problems}
    outcome = schema.validate(form, marks.plain_data(root))
    if isinstance(outcome, list):
        explained = [_explained(file, root, form, path, kind, mistake) for path, kind, mistake in outcome]
        problems += [problem for problem in explained if _place(problem) not in refused]
    # Where the schema has spoken, a second sentence about the same key only repeats it.
    said = {problem.key for problem in problems}
    for path, mistake in disagreements:
        problem = _problem(file, root, path, mistake)
        if problem.key not in said and _place(problem) not in refused:
            problems.append(problem)
    if problems or isinstance(outcome, list):
        raise refusal(problems)
    return outcome


def _place(problem: Problem) -> tuple[int, int]:
    return problem.line, problem.column


def _problem(file: str, root: marks.Table, path: Path, mistake: Mistake) -> Problem:
    key = path[-1] == KEY
    path = path[:-1] if key else path
    # What is missing stands nowhere: the key of the mapping that lacks it is as near as one can point.
    missing = len(marks.known(root, path)) < len(path)
    node = marks.find(root, path, key=key or missing)
    return Problem(file, node.line, node.column, spell(path), Sentence(mistake.template, mistake.values))


_KINDS = {
    "missing": N_("is missing"),
    "list_type": N_("expected a list"),
    "dict_type": N_("expected a mapping"),
    "model_type": N_("expected a mapping"),
    "too_long": N_("there are too many of them: at most 50"),
}


def _explained(
    file: str, root: marks.Table, form: type[schema.Form], loc: Path, kind: str, mistake: Mistake | None
) -> Problem:
    """A mistake of the schema in our words, at its place in the file."""
    path = marks.known(root, loc)
    if kind == "missing":
        path = (*path, loc[-1])
    elif loc[-1] == KEY or kind == "extra_forbidden":
        path = (*path, KEY)
    if kind == "extra_forbidden":
        mistake = Mistake(N_("unknown key; there are: {names}"), names=", ".join(schema.keys_at(form, path[:-2])))
    elif mistake is None:
        mistake = Mistake(_KINDS.get(kind, N_("cannot be understood ({what})")), what=kind)
    return _problem(file, root, path, mistake)
