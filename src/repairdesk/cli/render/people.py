"""Who works here: ``staff``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from repairdesk.cli.render.channels import Asking, note, put, put_json, remarks
from repairdesk.cli.render.tables import table
from repairdesk.cli.render.words import word
from repairdesk.errors import N_
from repairdesk.locale import tr

if TYPE_CHECKING:
    from repairdesk.desk import Answer

Doc = Mapping[str, Any]


def person(call: Asking, said: Answer, trades: Mapping[str, str]) -> None:
    """A staff record; ``trades`` is what the rules call them."""
    texts = remarks(call, said.remarks)
    if call.json_:
        put_json({**said.doc, "warnings": texts})
    else:
        doc = said.doc
        put(f"{doc['id']}  {doc['name']}  {word(doc['role'])}  {_trades(doc, trades)}".rstrip())


def _trades(doc: Doc, names: Mapping[str, str]) -> str:
    return tr(N_(", ")).join(names.get(one, one) for one in doc["trades"])


def people(call: Asking, docs: Sequence[Doc], trades: Mapping[str, str]) -> None:
    """``staff list``; ``trades`` is what the rules call them."""
    if call.json_:
        put_json({"staff": list(docs), "warnings": []})
        return
    heads = ("id", "staff:name", "role", "trades", "retired")
    rows = [
        [d["id"], d["name"], word(d["role"]), _trades(d, trades), word("yes") if d["retired"] else ""] for d in docs
    ]
    if rows:
        table(heads, rows)
    else:
        note(tr(N_("nobody is registered yet: staff add ID --name NAME --role ROLE")))
