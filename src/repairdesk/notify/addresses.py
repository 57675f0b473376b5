"""What notify.yaml declares: the services that the library makes of it, and in our own words what it makes nothing of.

The library names what it cannot use by quoting it, and what it takes for a harmless part of an address may be the key
to it. So nothing that it says is passed on: of an address that cannot be used only its kind is named, and that only
where the library knows such a kind.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import yaml

from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, BadRules, NotFound, Word

CONNECT = 10.0  # seconds for a connection, and for each answer: a server that is there takes less

_SCHEME = re.compile(r"\s*([a-z0-9]{1,32})://", re.IGNORECASE)


class Lack(NamedTuple):
    """What of the file cannot be used: a template and its values."""

    message: str
    values: Mapping[str, Any]


def read(text: str, file: str) -> tuple[list[Any], list[Lack]]:
    """The services of a configuration, and what is wrong with the rest of it.

    Raises:
        NotFound: the extra ``notify`` is not installed. BadRules: there is no address that could be used.
    """
    try:
        with quiet():
            import apprise
    except ImportError:
        raise NotFound(N_("the extra “notify” is not installed: pip install 'repairdesk[notify]'")) from None
    data = _data(text, file)
    with quiet() as complaints:
        try:
            asset = _asset(apprise)
            services = _parsed(text, asset)
            lacks = _lacks(data, file, asset) if complaints else []
            for service in services:
                _bound(service)
        except Exception:
            # Whatever it is, the library's words may quote an address.
            raise BadRules(N_("{file} cannot be understood"), file=file) from None
    if not services:
        raise BadRules(N_("no address in {file} can be used ({kinds})"), file=file, kinds=_kinds(data["urls"]))
    return services, lacks


def _data(text: str, file: str) -> dict[str, Any]:
    """The file as YAML, with a list of addresses in it."""
    try:
        data = yaml.safe_load(text)
    except Exception as error:
        line = _line(text, error)
        if line is None:
            raise BadRules(N_("{file} cannot be read as YAML"), file=file) from None
        raise BadRules(N_("{file} cannot be read as YAML: see line {line}"), file=file, line=line) from None
    urls = data.get("urls") if isinstance(data, dict) else None
    if not isinstance(urls, list) or not urls:
        raise BadRules(N_("{file} has no addresses: they are a list under “urls”"), file=file)
    if data.get("version", 1) != 1:
        raise BadRules(N_("{file}: the version of its form can only be 1"), file=file)
    return dict(data)


def _line(text: str, error: Exception) -> int | None:
    """Where the file is no YAML, from 1; what stands there may be a key, and is not said."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return int(error.problem_mark.line) + 1
    if isinstance(error, yaml.reader.ReaderError) and isinstance(error.position, int):
        return text.count("\n", 0, error.position) + 1
    return None


def _asset(apprise: Any) -> Any:
    return apprise.AppriseAsset(
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


def _parsed(text: str, asset: Any) -> list[Any]:
    import apprise

    config = apprise.AppriseConfig(asset=asset)
    config.add_config(text, format="yaml")
    return list(config.services())


def _bound(service: Any) -> None:
    """The tries are counted in the ledger, and a long timeout in a URL would hold everybody up."""
    service.retry = 0
    for name in ("socket_connect_timeout", "socket_read_timeout"):
        setattr(service, name, min(getattr(service, name), CONNECT))


# --- what cannot be used


def _lacks(data: Mapping[str, Any], file: str, asset: Any) -> list[Lack]:
    """Each entry is read once more by itself: the library does not say of which it complains."""
    rest = {name: value for name, value in data.items() if name != "urls"}
    unused, unclear = [], []
    for entry in data["urls"]:
        with quiet() as complaints:
            made = len(_parsed(yaml.safe_dump({**rest, "urls": [entry]}), asset))
        if made < _declared(entry):
            unused.append(entry)
        elif complaints:
            unclear.append(entry)
    lacks = []
    if unused:
        one, more = (
            N_("{file}: an entry cannot be used ({kinds})"),
            N_("{file}: {count} entries cannot be used ({kinds})"),
        )
        lacks.append(_lack(file, unused, one, more))
    if unclear:
        one = N_("{file}: an entry has settings that are not understood ({kinds})")
        more = N_("{file}: {count} entries have settings that are not understood ({kinds})")
        lacks.append(_lack(file, unclear, one, more))
    return lacks


def _lack(file: str, entries: list[Any], one: str, more: str) -> Lack:
    count = len(entries)
    return Lack(one if count == 1 else more, {"file": file, "count": count, "kinds": _kinds(entries)})


def _declared(entry: Any) -> int:
    """How many services an entry is meant to be: a list under a URL makes one of each element."""
    under = next((value for key, value in entry.items() if _scheme(key)), None) if isinstance(entry, dict) else None
    return max(len(under), 1) if isinstance(under, list) else 1


def _kinds(entries: list[Any]) -> list[str]:
    """The kinds of service that these entries name, each once."""
    from apprise.manager_plugins import NotificationManager

    known: Container[str | None] = NotificationManager()  # type: ignore[no-untyped-call]
    kinds: list[str] = []
    for entry in entries:
        urls = entry if isinstance(entry, dict) else [entry]
        scheme = next(filter(None, map(_scheme, urls)), None)
        kind = scheme if scheme and scheme in known else Word(N_("of no known kind"))
        if kind not in kinds:
            kinds.append(kind)
    return kinds


def _scheme(url: Any) -> str | None:
    found = _SCHEME.match(url) if isinstance(url, str) else None
    return found[1].lower() if found else None


# --- the library's own words


class _Collected(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(record.levelname)


@contextmanager
def quiet() -> Iterator[list[str]]:
    """How often the library complains inside, and nothing on stderr; what is old in it concerns its makers."""
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
