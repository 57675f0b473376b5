"""What people and scripts are answered: the only place that knows tables and JSON.

Here stands what every command says something with. What only some of them draw is in the modules beside, which load
when they are needed.
"""

from repairdesk.cli.render.channels import (
    Asking,
    as_json,
    clear,
    document,
    fields,
    kept,
    line,
    note,
    plain,
    put,
    put_json,
    remarks,
    spoken,
    text,
    write,
)
from repairdesk.cli.render.sentences import error_text, say, sentence
from repairdesk.cli.render.words import aside, duration, moment, named, pair, word

__all__ = [
    "Asking", "as_json", "aside", "clear", "document", "duration", "error_text", "fields", "kept", "line", "moment",
    "named", "note", "pair", "plain", "put", "put_json", "remarks", "say", "sentence", "spoken", "text", "word",
    "write",
]  # fmt: skip
