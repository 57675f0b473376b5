"""Work in a second process, while this one does the other half of it."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any


def is_possible() -> bool:
    """Whether there is a second processor, and nothing else goes on in this process that a copy of it would break."""
    return len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1 if hasattr(os, "fork") else False


@contextmanager
def doing(work: Callable[[], Any]) -> Iterator[Callable[[], Any]]:
    """Begin ``work`` beside what is done inside; what is given answers with its result, a JSON value, once it is there.

    None is answered where it failed: then this process has to do it. Nothing of SQLite may be open that it uses.
    """
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        _child(work, reading, writing)
    os.close(writing)
    ended = False

    def result() -> Any:
        nonlocal ended
        with os.fdopen(os.dup(reading), encoding="utf-8") as stream:
            text = stream.read()
        _, status = os.waitpid(process, 0)
        ended = True
        return json.loads(text) if status == 0 else None

    try:
        yield result
    finally:
        os.close(reading)
        if not ended:
            with suppress(OSError):
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)


def _child(work: Callable[[], Any], reading: int, writing: int) -> None:
    """Never comes back: what the first process has open and half written is none of its business."""
    code = 1
    try:
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as stream:
            json.dump(work(), stream)
        code = 0
    finally:
        os._exit(code)
