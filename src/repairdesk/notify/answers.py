"""What a receiver really answered: the library says yes or no, and yes to refusals that come as a success.

The robots of WeCom, DingTalk, Feishu and Lark answer HTTP 200 whatever happens, and say in the document that they did
not take a message (a wrong key, too many in a minute, too long a text). apprise looks at the 200 alone. So the answers
are listened to underneath it, which also tells a server that refuses from one that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from repairdesk.domain.message import NO_ANSWER, UNREACHABLE

_SAYS_ITSELF = {"wecombot": "errcode", "dingtalk": "errcode", "feishu": "code", "lark": "code"}
"""Where a service's document holds its refusal: any number but 0."""


@contextmanager
def overheard() -> Iterator[list[Any]]:
    """The answers to every request that is made inside, and the errors of those that had none.

    Not for several threads at once; a request that outlives the block still tells the list it began with.
    """
    heard: list[Any] = []
    plain = requests.Session.send

    def send(session: Any, request: Any, **options: Any) -> Any:
        try:
            answer = plain(session, request, **options)
        except requests.RequestException as error:
            heard.append(error)
            raise
        heard.append(answer)
        return answer

    requests.Session.send = send  # type: ignore[method-assign, assignment]
    try:
        yield heard
    finally:
        requests.Session.send = plain  # type: ignore[method-assign]


def refusal(schema: str, heard: list[Any]) -> str | None:
    """Why a service of this scheme did not take a message, by what was overheard; None where nothing speaks of it."""
    return next((why for answer in heard if (why := _refusal(schema, answer)) is not None), None)


def _refusal(schema: str, answer: Any) -> str | None:
    if isinstance(answer, requests.Timeout):
        return NO_ANSWER
    if isinstance(answer, requests.RequestException):
        return UNREACHABLE
    if not 200 <= answer.status_code < 300:
        return f"http-{answer.status_code}"
    code = _code(schema, answer)
    return f"code-{code}" if code else None


def _code(schema: str, answer: Any) -> int:
    """The refusal inside a document; 0 for none."""
    if schema not in _SAYS_ITSELF:
        return 0
    try:
        said = answer.json().get(_SAYS_ITSELF[schema], 0)
    except (ValueError, AttributeError):
        return 0  # No document: all there is to go by is the 200.
    return said if isinstance(said, int) else 0
