"""The Chinese catalogue: find every text that users read, keep the .po in step with them, compile the .mo.

What is found: the texts that the code marks, the help pages, the sentences of the guards, the terms of the field, the
obligations of every preset, and what the slips say. A text that is new comes in untranslated and is named on stderr,
one that is gone goes. Both files depend on the texts and the translations alone: no date, no line number and no
version of a tool stands in them.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

SOURCE = Path(__file__).resolve().parent.parent / "src" / "repairdesk"
FILE = SOURCE / "locale" / "zh" / "LC_MESSAGES" / "repairdesk.po"
Key = tuple[str | None, str]
"""The context that tells apart two meanings of one English word, and the English text."""

ERRORS = frozenset(
    "DeskError UsageError NotAllowed NotFound NotPermitted BadRules BadInput Busy Damaged StorageError Partial".split()
)
MARKS = ERRORS | {"N_", "_", "tr", "word", "Word", "remark", "Remark", "Why", "Mistake"}
"""Called with a text that users read as the first argument."""

COLUMNS = (
    "id name role trades retired code category unit price rule owner within source rows accepted already_there "
    "rejected committed home ledger preset ok file version digest changed names phones since month household number "
    "kind of amount archived_at bill received open_amount invoice receipt"
).split()
"""Headings of ``render`` that stand in tuples of their own there, and the names of ``render.fields``."""
FACTS = (
    "place caller reported_at fault category appointment quote consent assignee tracker found result handling rating "
    "follows coordination converted_from ended_reason visits bill logs checks obligations household received invoice "
    "refusals"
).split()
"""What ``show`` tells of an order, and its sections."""
OTHERS = (
    *("open", "paused", "met", "missed", "void"),
    *("yes", "no", "free", "paid", "on-quote", "no role", "late", "always", "policies", "fees"),
    *("logins", "connection"),
    *("access", "access-rules", "access-addresses", "keys", "copies", "pins", "pin"),
)
"""States of an obligation, words that the program answers, and what ``doctor`` looks at."""
KEPT = (
    *("services", "follows", "found_on", "external_id", "advised", "anonymous", "said", "fee", "reason", "second"),
    *("late_seconds", "agreed_by", "disturbs", "next", "note", "taken", "damages", "items", "follow_up", "by"),
    *("what", "media_type", "bytes", "sha256"),
    *("unsigned_reason", "fields", "contact", "content", "opinions", "plan", "support", "unsure", "untested"),
    *("method", "receipt", "amount", "month", "refusals", "refused", "invoice"),
    *("routed_by", "because", "told", "major", "expected", "to", "letter", "outcome", "category", "words"),
)
"""What an entry keeps, where ``FACTS`` has no name for it (``cli/telling.py``)."""
BESIDES = (
    *("init", "adopt", "reveal", "staff-add", "staff-retire", "staff-duty", "handover", "run"),
    *("queue", "try", "sent", "failed", "given-up", "pin-set", "pin-reset", "pin-right", "pin-wrong"),
)
"""Entries of the ledger that are not of an order."""


def marked(tree: ast.AST) -> Iterator[str]:
    """The literal first arguments of the calls that mark a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            text = node.args[0].value
            if name in MARKS and isinstance(text, str):
                yield text


def in_the_code() -> Iterator[str]:
    """What the code marks."""
    for path in sorted(SOURCE.rglob("*.py")):
        yield from marked(ast.parse(path.read_text(encoding="utf-8")))


def on_paper() -> Iterator[str]:
    """What the templates of the documents say."""
    from jinja2 import Environment, nodes

    for path in sorted(SOURCE.rglob("*.j2")):
        for used in Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.Filter):
            if used.name == "tr" and isinstance(used.node, nodes.Const):
                yield used.node.value


def of_guards() -> Iterator[str]:
    """A guard's sentence, alone and as a refusal says it: with its figures behind it."""
    from repairdesk.domain import guards

    for guard in guards._RULES:
        sentence, detail = guards.sentences(guard)
        yield sentence
        yield f"{sentence} {detail}".strip()


def of_presets() -> Iterator[str]:
    """The names of everything that some preset says is owed, and the ways to pay."""
    from repairdesk.rules import load, preset

    for name in preset.preset_names():
        text, _ = preset.preset_text(name)
        policies = load.parse_policies(text, name)
        yield from (declared["name"] for declared in policies["obligations"])
        yield from policies["finance"]["methods"]


def of_the_field() -> Iterator[Key]:
    """The closed lists of words, and what is made of them."""
    from repairdesk.batch import fields
    from repairdesk.cli import reports
    from repairdesk.cli.render import board, listing
    from repairdesk.desk import escalating
    from repairdesk.domain import effects, finance, lifecycle, order
    from repairdesk.domain import vocabulary as words

    plain = (
        *(words.KINDS, words.PRIORITIES, words.CHANNELS, words.SEVERITIES, words.HELP_CLASSES, words.ROLES),
        *(
            (finance.BILL, finance.REVERSAL, finance.REPLACEMENT),
            words.GRADES,
            words.ORDER_ROLES,
            words.RATINGS,
            (*words.CALL_OUTCOMES, *words.CALL_METHODS),
            words.DISTURBANCES,
            lifecycle.STATES,
            order.CORRECTABLE,
        ),
        *(listing.COLUMNS, board.COLUMNS, COLUMNS, FACTS, KEPT, OTHERS),
        sorted(fields.OF_HISTORIES),
    )
    yield from ((None, word) for part in plain for word in part)
    yield from (("reason", word) for word in (*words.STOP_REASONS, escalating.REASON, "late-slip"))
    yield from (("period", word) for word in words.PERIODS)
    yield from (("price", "free"), ("money", "open"), ("duty", "name"))
    yield from (("department", word) for word in words.DEPARTMENTS)
    yield from (("report", word) for word in reports.NAMES)
    yield from (("recheck", word) for word in words.RECHECKS)
    yield from (("attached", word) for word in words.ATTACHED)
    yield from ((what, name) for what, told in (("staff", fields.STAFF), ("callbacks", fields.CALLBACKS))
                for name in told.names)  # fmt: skip
    yield from (("event", word) for word in (*effects.EVENTS, *words.EVENTS, *BESIDES))


@cache
def texts() -> frozenset[Key]:
    """Every text that users read."""
    from repairdesk.cli import app

    plain = (*in_the_code(), *on_paper(), *of_guards(), *of_presets(), *app.texts())
    # A template that is nothing but a place to fill says the same in every language.
    found = {*((None, text) for text in plain), *of_the_field()}
    return frozenset(key for key in found if key[1].strip() and key[1] != "{what}")


class Steady(Catalog):
    """A catalogue whose header does not change by itself."""

    mime_headers = property(  # type: ignore[assignment]
        lambda self: [
            ("Project-Id-Version", "repairdesk"),
            ("Language", "zh"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ],
        lambda self, headers: None,
    )


def merged(known: Catalog) -> Steady:
    """The catalogue of today's texts, with the translations that are known."""
    catalog = Steady(
        locale="zh", fuzzy=False, header_comment="# The Chinese of repairdesk. `make catalog` keeps it in step."
    )
    for context, text in sorted(texts(), key=lambda key: (key[1], key[0] or "")):
        before = known.get(text, context)
        message = catalog.add(text, before.string if before else "", context=context)
        message.flags = set(before.flags) & {"fuzzy"} if before else set()
    return catalog


def main() -> int:
    """Bring the catalogue up to date; what has no translation is named, which is not an error here."""
    known = Catalog()
    if FILE.exists():
        with FILE.open("rb") as stream:
            known = read_po(stream, locale="zh")
    catalog = merged(known)
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with FILE.open("wb") as stream:
        write_po(stream, catalog, width=0, ignore_obsolete=True, sort_output=True)
    with FILE.with_suffix(".mo").open("wb") as stream:
        write_mo(stream, catalog)
    for message in catalog:
        if message.id and (not message.string or message.fuzzy):
            print(f"catalog: no Chinese yet for {message.id!r}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
