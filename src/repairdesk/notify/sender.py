"""The addresses of notify.yaml, and a message to those that are somebody's: bounded in time, each with its outcome.

``notify.yaml`` is a configuration of apprise: URLs, each with the staff ids or roles it belongs to as tags. It holds
passwords and keys, so nothing of an address leaves this module but a digest and the name of the kind of service.
"""

from __future__ import annotations

import logging
import stat
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any

from repairdesk.domain.message import ADDRESSES, BROKEN, NO_ADDRESS, NO_ANSWER, NOT_TAKEN, Outcome
from repairdesk.errors import N_, BadRules, NotFound, StorageError

FILE = ADDRESSES

_CONNECT = 10.0  # seconds for a connection, and for each answer: a server that is there takes less
_SERVICE = 30.0  # seconds for one service altogether: one that answers byte by byte must not hold the run up
_MESSAGE = 270.0  # seconds in which a service may still be begun: with the last, half of what a claim lasts


class Sender:
    """The addresses of a desk.

    Attributes:
        problems: what of the file cannot be used, as the library says it; it hides passwords and keys.
        untagged: how many addresses have no tag, and so belong to nobody.
        exposed: whether others than the owner of the file can read it.
    """

    def __init__(self, services: list[Any], problems: list[str], *, exposed: bool = False) -> None:
        self._services = [service for service in services if service.tags]
        self._dumb: set[int] = set()
        self.problems = problems
        self.untagged = len(services) - len(self._services)
        self.exposed = exposed

    @classmethod
    def of(cls, path: Path) -> Sender:
        """The addresses of a file.

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
        services, problems = _services(text)
        if not services:
            raise BadRules(
                N_("no address in {file} can be used: {why}"), file=path.name, why="; ".join(problems) or "–"
            )
        return cls(services, problems, exposed=exposed)

    def send(self, to: str, role: str, title: str, body: str, key: str, skip: frozenset[str]) -> Outcome:
        """One message to the addresses of ``to``, or to those of the role where there are none.

        ``skip`` are the digests of services that took it already. Never raises: whatever fails is in the outcome.
        """
        mine = self._addresses(to) or self._addresses(role)
        if not mine:
            return Outcome(failed=(("", NO_ADDRESS),))
        by_digest = {_digest(key, service): service for service in mine}
        accepted, failed = set(), []
        end = monotonic() + _MESSAGE
        for digest, service in by_digest.items():
            if digest in skip:
                continue
            why = NO_ANSWER if monotonic() > end else self._told(service, title, body, key)
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
            return NO_ANSWER  # It used up its time in this run once: not again for every further message.
        # The key also where a machine would look for it. What has no headers has it in the title.
        headers = getattr(service, "headers", None)
        if isinstance(headers, dict):
            headers["X-Repairdesk-Message"] = key
        from repairdesk.notify.answers import overheard, refusal

        with _quiet(), overheard() as heard:
            # Past the library's own sending, which would try again by itself and count an optional failure as success.
            said = _bounded(lambda: service.notify(body=body, title=title, body_format="text"))
        if said is None:
            self._dumb.add(id(service))
            return NO_ANSWER
        why = refusal(service.schema, heard)
        if why is not None or said is True:
            return why
        return BROKEN if isinstance(said, Exception) else NOT_TAKEN


def _bounded(send: Callable[[], bool]) -> bool | Exception | None:
    """What ``send`` answers or raises; None when it takes longer than a service may, and is left behind."""
    said: list[bool | Exception] = []

    def run() -> None:
        try:
            said.append(send())
        except Exception as error:
            said.append(error)

    # A daemon: the program ends although it hangs.
    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(_SERVICE)
    return said[0] if said else None


def _digest(key: str, service: Any) -> str:
    """A service in the record of one message: salted by the message's key, so that no two messages tell the same."""
    return sha256(f"repairdesk-service-1\0{key}\0{service.url(privacy=False)}".encode()).hexdigest()[:16]


def _services(text: str) -> tuple[list[Any], list[str]]:
    """What a configuration declares, and what of it cannot be used."""
    try:
        with _quiet():
            import apprise
    except ImportError:
        raise NotFound(N_("the extra “notify” is not installed: pip install 'repairdesk[notify]'")) from None
    asset = apprise.AppriseAsset(
        app_id="repairdesk",
        app_desc="repairdesk",
        app_url="",
        # Nothing is written to disk, no keys are made, no part of an address is taken from the environment.
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
        allow_templates=False,
        # A POST that is sent elsewhere comes back as a GET, and as a success.
        http_redirects=False,
    )
    with _quiet() as said:
        config = apprise.AppriseConfig(asset=asset)
        config.add_config(text, format="yaml")
        services = list(config.services())
    for service in services:
        # The tries are counted in the ledger, and a long timeout in a URL would hold everybody up.
        service.retry = 0
        for name in ("socket_connect_timeout", "socket_read_timeout"):
            setattr(service, name, min(getattr(service, name), _CONNECT))
    return services, said


class _Collected(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(record.getMessage())


@contextmanager
def _quiet() -> Iterator[list[str]]:
    """What the library complains about inside, instead of on stderr; what is old in it concerns its makers."""
    said: list[str] = []
    logger = logging.getLogger("apprise")
    handler, before = _Collected(said), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield said
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
