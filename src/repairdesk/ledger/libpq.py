"""libpq itself, called from Python: a few statements for completion, for which the driver takes too long to load.

Everything that libpq knows of reaching a server holds as it does for the driver: its URL, ``~/.pgpass``, ``PGHOST`` and
the like. Values are sent apart from the statement; answers are texts, whole numbers and nothing.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from repairdesk.ledger.glance import Ask

_OK, _COMMAND, _TUPLES = 0, 1, 2
_WHOLE = (20, 21, 23, 26)
_PARAMETER = re.compile(r"%\((\w+)\)s")
_BROUGHT = ("psycopg_binary.libs", "psycopg_binary/.dylibs")
"""Where the driver brings libpq along, beside what is installed."""
_NAMES = ("libpq.so.5", "libpq.5.dylib")
_POINTERS = "PQconnectdbParams PQexec PQexecParams"
_TEXTS = "PQfname PQgetvalue"


@contextmanager
def connected(url: str) -> Iterator[Ask]:
    """A connection, as what answers a statement.

    Raises:
        OSError: there is no libpq, no server answers, or it does not do what it is asked for.
    """
    lib = _library()
    said = {b"client_encoding": b"UTF8", b"application_name": b"repairdesk", b"dbname": url.encode()}
    names, values = _texts([*said, None]), _texts([*said.values(), None])
    # The URL comes last and is taken apart: what it says counts.
    connection = ctypes.c_void_p(lib.PQconnectdbParams(names, values, 1))
    try:
        if lib.PQstatus(connection) != _OK:
            raise OSError("no server answers")
        yield lambda text, asked: _asked(lib, connection, text, asked)
    finally:
        lib.PQfinish(connection)


def _asked(lib: Any, connection: Any, text: str, asked: Mapping[str, Any]) -> tuple[Sequence[str], list[Any]]:
    """The names of the columns, and the rows."""
    names = list(dict.fromkeys(_PARAMETER.findall(text)))
    if names:
        numbered = _PARAMETER.sub(lambda one: f"${names.index(one[1]) + 1}", text)
        given = _texts([str(asked[name]).encode() for name in names])
        result = lib.PQexecParams(connection, numbered.encode(), len(names), None, given, None, None, 0)
    else:
        result = lib.PQexec(connection, text.encode())
    result = ctypes.c_void_p(result)
    try:
        if lib.PQresultStatus(result) not in (_COMMAND, _TUPLES):
            raise OSError("the server does not do it")
        columns = [(at, lib.PQftype(result, at) in _WHOLE) for at in range(lib.PQnfields(result))]
        rows = [tuple(_value(lib, result, row, *column) for column in columns) for row in range(lib.PQntuples(result))]
        return [lib.PQfname(result, at).decode() for at, _ in columns], rows
    finally:
        lib.PQclear(result)


def _value(lib: Any, result: Any, row: int, column: int, whole: bool) -> str | int | None:
    if lib.PQgetisnull(result, row, column):
        return None
    text: str = lib.PQgetvalue(result, row, column).decode()
    return int(text) if whole else text


def _texts(values: Sequence[bytes | None]) -> Any:
    return (ctypes.c_char_p * len(values))(*values)


def _library() -> Any:
    """The libpq that the driver brought along, else that of the machine."""
    for folder in (os.path.join(path, name) for path in sys.path for name in _BROUGHT):
        if os.path.isdir(folder):
            found = [name for name in os.listdir(folder) if name.startswith("libpq")]
            if found:
                return _declared(ctypes.CDLL(os.path.join(folder, found[0])))
    for name in _NAMES:
        try:
            return _declared(ctypes.CDLL(name))
        except OSError:
            continue
    raise OSError("there is no libpq")


def _declared(lib: Any) -> Any:
    for name in _POINTERS.split():
        getattr(lib, name).restype = ctypes.c_void_p
    for name in _TEXTS.split():
        getattr(lib, name).restype = ctypes.c_char_p
    return lib
