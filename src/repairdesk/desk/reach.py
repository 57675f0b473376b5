"""Whom a server lets at the ledger, and whether the folder has the rules of its site: for ``doctor``.

What modes are to a file (``access.py``), logins are to a ledger on a server: the program asks who may what, and the
server alone decides who can read it, or alter it by other means.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from repairdesk.desk.access import Seen
from repairdesk.desk.turn import Remark, Turn
from repairdesk.errors import N_, Word
from repairdesk.ledger.database import Login, Reach

_NAMED = 9
_MAY = ("read", "write", "purge", "anything")


def seen(reach: Reach, left: Collection[str]) -> Iterator[Seen]:
    """Who gets at the ledger, who more than is meant, and whether somebody on the way can listen.

    Args:
        left: the staff who work here no more.
    """
    yield _who(reach)
    admitted = [one for one in reach.logins if one.admitted]
    if strangers := [one for one in reach.logins if not one.admitted and one.may != "anything"]:
        said = N_("logins that nobody admitted get at the ledger: {logins}")
        yield Seen("logins", False, Remark(said, {"logins": _few(strangers)}))
    if more := [one for one in reach.logins if one.beyond and one.may != "anything"]:
        said = N_("logins may more than they can be admitted to, and could alter what is written: {logins}")
        yield Seen("logins", False, Remark(said, {"logins": _few(more)}))
    if gone := [one for one in admitted if one.staff in left]:
        said = N_("logins of people who left are still admitted: {logins}")
        yield Seen("logins", False, Remark(said, {"logins": _few(gone)}))
    if reach.host:
        yield _way(reach)


def _who(reach: Reach) -> Seen:
    may = {what: _few([one for one in reach.logins if one.may == what]) for what in _MAY}
    if any(one.name == reach.login and one.may == "anything" for one in reach.logins):
        said = N_(
            "you are logged in as {login}, who owns the ledger or the server: nothing that protects it holds for that "
            "login; work as one that was admitted"
        )
        return Seen("logins", False, Remark(said, {"login": reach.login}))
    said = N_(
        "who writes: {write}; who may purge, too: {purge}; who only reads: {read}. None of them can alter what is "
        "written; {anything} can, and whoever runs the server: verify shows that, or a checkpoint that is kept "
        "elsewhere"
    )
    return Seen("logins", True, Remark(said, may))


def _way(reach: Reach) -> Seen:
    if not reach.encrypted:
        said = N_("what goes to {host} and comes from there can be read on the way, with every phone and name in it")
        return Seen("connection", False, Remark(said, {"host": reach.host}))
    if not reach.proved:
        said = N_("what goes to {host} is encrypted, but nobody asks who answers there: sslmode=verify-full does")
        return Seen("connection", True, Remark(said, {"host": reach.host}))
    return Seen("connection", True, Remark(N_("what goes to {host} is encrypted, and it is that server that answers"),
                                           {"host": reach.host}))  # fmt: skip


def _few(logins: Sequence[Login]) -> list[str]:
    names = [one.name for one in logins]
    return [*names[:_NAMED], "…"] if len(names) > _NAMED else names or ["–"]


def rules(turn: Turn) -> Iterator[Seen]:
    """Whether the rules of this folder are those that the site goes by: each machine has a folder of its own."""
    if turn.books.has_new:
        said = N_("the rules of this folder are others than the ledger knows: they count from the next entry of a "
                  "manager on")  # fmt: skip
        yield Seen("rules", False, Remark(said))
        return
    if behind := turn.books.behind(turn.ledger):
        kind, version, other = behind
        said = N_("this folder has {kind} {version}, and the site took over {other} since: nothing is written by it")
        yield Seen("rules", False, Remark(said, {"kind": Word(kind), "version": version, "other": other}))
