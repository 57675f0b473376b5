"""The addresses of notify.yaml, and a message to those that are somebody's: bounded in time, each with its outcome.

``notify.yaml`` is a configuration of apprise: URLs, each with the staff ids or roles it belongs to as tags. It holds
passwords and keys, so nothing of an address leaves this module but a digest and the name of the kind of service.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any

from repairdesk.domain.message import ADDRESSES, BROKEN, NO_ADDRESS, NO_ANSWER, NOT_TAKEN, Outcome
from repairdesk.errors import N_, BadRules, NotFound, StorageError
from repairdesk.notify.addresses import CONNECT, Lack, quiet, read

FILE = ADDRESSES

_SERVICE = 30.0  # seconds for one service altogether: one that answers byte by byte must not hold the run up
_MESSAGE = 270.0  # seconds in which a service may still be begun: with the last, half of what a claim lasts


class Sender:
    """The addresses of a desk.

    Attributes:
        problems: what of the file cannot be used.
        untagged: how many addresses have no tag, and so belong to nobody.
        exposed: whether others than the owner of the file can read it.
    """

    def __init__(
        self, services: list[Any], problems: list[Lack], *, exposed: bool = False, within: float | None = None
    ) -> None:
        self._services = [service for service in services if service.tags]
        self._dumb: set[int] = set()
        self._end = None if within is None else monotonic() + within
        self.problems = problems
        self.untagged = len(services) - len(self._services)
        self.exposed = exposed

    @classmethod
    def of(cls, path: Path, *, within: float | None = None) -> Sender:
        """The addresses of a file; all that is sent to them has to be done ``within`` so many seconds from now.

        Raises:
            NotFound: there is no such file, or the extra ``notify`` is not installed.
            StorageError: it cannot be read. BadRules: there is no address in it that could be used.
        """
        try:
            exposed = bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise NotFound(N_("there is no {file}"), file=path.name) from None
        except OSError as error:
            raise StorageError(
                N_("{file} cannot be read: {why}"), file=path.name, why=error.strerror or str(error)
            ) from None
        except UnicodeDecodeError:
            raise BadRules(N_("{file} is not UTF-8"), file=path.name) from None
        services, problems = read(text, path.name)
        return cls(services, problems, exposed=exposed, within=within)

    @property
    def has_time(self) -> bool:
        """Whether another message may be begun."""
        return self._end is None or monotonic() < self._end

    def send(self, to: str, role: str, title: str, body: str, key: str, skip: frozenset[str]) -> Outcome:
        """One message to the addresses of ``to``, or to those of the role where there are none.

        ``skip`` are the digests of services that took it already. Never raises: whatever fails is in the outcome.
        """
        mine = self._addresses(to) or self._addresses(role)
        if not mine:
            return Outcome(failed=(("", NO_ADDRESS),))
        accepted: set[str] = set()
        failed: list[tuple[str, str]] = []
        end = monotonic() + _MESSAGE
        for service in mine:
            try:
                digest = _digest(key, service)
                if digest in skip or digest in accepted:
                    continue
                why = self._told(service, title, body, key) if monotonic() < end and self.has_time else NO_ANSWER
            except Exception:
                why = BROKEN
            if why is None:
                accepted.add(digest)
            else:
                failed.append((str(service.service_name), why))
        return Outcome(frozenset(accepted), tuple(failed))

    def _addresses(self, tag: str) -> list[Any]:
        return [service for service in self._services if tag.lower() in set(map(str, service.tags))]

    def _told(self, service: Any, title: str, body: str, key: str) -> str | None:
        """Send to one service; None where it took the message, else why not."""
        if id(service) in self._dumb:
            return NO_ANSWER  # It did not answer in its time once in this run: not again for every further message.
        # The key also where a machine would look for it. What has no headers has it in the title.
        headers = getattr(service, "headers", None)
        if isinstance(headers, dict):
            headers["X-Repairdesk-Message"] = key
        from repairdesk.notify.answers import overheard, refusal

        begun = monotonic()
        most = _SERVICE if self._end is None else max(0.0, min(_SERVICE, self._end - begun))
        with quiet(), overheard() as heard:
            # Past the library's own sending, which would try again by itself and count an optional failure as success.
            said = _bounded(lambda: service.notify(body=body, title=title, body_format="text"), most)
        why = NO_ANSWER if said is None else refusal(service.schema, heard)
        if why is None and said is not True:
            # What is no request of HTTP is not overheard: a mail server that is not there is known by the time it took.
            slow = monotonic() - begun >= CONNECT * 0.9
            why = BROKEN if isinstance(said, BaseException) else NO_ANSWER if slow else NOT_TAKEN
        if why == NO_ANSWER:
            self._dumb.add(id(service))
        return why


def _bounded(send: Callable[[], bool], seconds: float) -> bool | BaseException | None:
    """What ``send`` answers or raises; None when it takes longer than a service may, and is left behind."""
    said: list[bool | BaseException] = []

    def run() -> None:
        try:
            said.append(send())
        except BaseException as error:
            said.append(error)

    # A daemon: the program ends although it hangs.
    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return said[0] if said else None


def _digest(key: str, service: Any) -> str:
    """A service in the record of one message: salted by the message's key, so that no two messages tell the same."""
    return sha256(f"repairdesk-service-1\0{key}\0{service.url(privacy=False)}".encode()).hexdigest()[:16]
