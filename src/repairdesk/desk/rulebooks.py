"""Which rules hold: those of the desk's YAML now, and those that an order was judged by when it was taken in (REC-4).

The public days are always today's table: a year's holidays are published after an order was taken in.

A version is read and validated once; from then on its normalized form lies in the ledger, found by the digest of the
file, so that a command neither parses YAML nor validates. A version name whose content changed is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from repairdesk.domain.clocks import Clocks
from repairdesk.domain.digests import sha256
from repairdesk.domain.policy import NO_DAYS, Policies, PublicDays
from repairdesk.domain.record import NamedTuple
from repairdesk.errors import N_, BadRules, Damaged, DeskError, NotFound, Sentence, Word
from repairdesk.ledger.journal import Reader, Writer
from repairdesk.rules import hydrate

if TYPE_CHECKING:
    from repairdesk.domain.fees import FeeTable

FILES = {"policies": "policies.yaml", "fees": "fees.yaml", "calendar": "calendar.yaml"}


class Rules:
    """One version of the policies and one of the fee table, with the desk's zone, calendars and public days.

    The fee table is built when it is first asked for: most commands never look at a price.
    """

    def __init__(self, policies: Mapping[str, Any], fees: Mapping[str, Any], days: PublicDays) -> None:
        self.policies: Policies = hydrate.build_policies(policies)
        self.fees_version: str = fees["version"]
        self.zone = ZoneInfo(self.policies.zone)
        self.days = days
        self.clocks = Clocks(self.policies, self.zone, days)
        self._fees = fees

    @cached_property
    def fees(self) -> FeeTable:
        """The fee table."""
        return hydrate.build_fees(self._fees)


class _Unadopted(NamedTuple):
    kind: str
    version: str
    digest: str
    file_digest: str
    text: str
    data: Mapping[str, Any]


def refuse_changed(reader: Reader, kind: str, version: str, digest: str, text: str) -> None:
    """A version name belongs to one content for good (REC-4).

    Raises:
        BadRules: the ledger knows the version with another content.
    """
    before = reader.rules(kind, version)
    if before is None or before["digest"] == digest:
        return
    said = N_("version {version} was used with another content; give the changed rules a new version")
    line = next((n for n, one in enumerate(text.splitlines(), 1) if one.startswith("version:")), 1)
    place = {"file": FILES[kind], "line": line, "column": 1, "key": "version"}
    raise BadRules(
        N_("{file}: version {version} was used with another content; give the changed rules a new version"),
        rule="REC-4",
        extra={"problems": [{**place, "message": Sentence(said, {"version": version})}]},
        file=FILES[kind],
        version=version,
    )


@contextmanager
def _altered() -> Iterator[None]:
    """Rules were whole when they were adopted: where nothing can be made of them, somebody altered the ledger.

    Raises:
        Damaged: nothing could.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(N_("the ledger holds a record that cannot be read: run verify")) from error


def _in_one_go(refusals: list[DeskError]) -> DeskError:
    """The first refusal, with the mistakes of the other files: they are mended in one go."""
    first = refusals[0]
    if isinstance(first, BadRules):
        first.extra["problems"] = [problem for one in refusals for problem in one.extra.get("problems", ())]
    return first


class Rulebooks:
    """The rules of one desk, read from its folder and from its ledger."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._unadopted: list[_Unadopted] = []
        self._read: dict[str, Mapping[str, Any]] = {}
        self._raw: dict[str, tuple[bytes, str]] = {}
        self._built: dict[tuple[str, str], Rules] = {}
        self._policies: dict[str, Policies] = {}
        self._days = NO_DAYS
        self._days_data: Mapping[str, Any] | None = None
        self._versions: dict[str, str] = {}
        self._behind: list[tuple[str, str, str]] | None = None

    def current(self, reader: Reader) -> Rules:
        """What the files in the desk's folder say now.

        Raises:
            NotFound: a file is missing; BadRules: it cannot be used, or its version had another content before.
        """
        self._unadopted.clear()
        self._behind = None
        refusals: list[DeskError] = []
        policies = self._tried(refusals, reader, "policies")
        fees = self._tried(refusals, reader, "fees", policies.get("categories") if policies else None)
        days = self._tried(refusals, reader, "calendar") if (self._home / FILES["calendar"]).exists() else None
        if refusals or policies is None or fees is None:
            raise _in_one_go(refusals)
        self._know(days)
        with _altered():
            self._versions = {"policies": policies["version"], "fees": fees["version"]}
            if days:
                self._versions["calendar"] = days["version"]
        return self._cached(policies, fees)

    def _tried(
        self, refusals: list[DeskError], reader: Reader, kind: str, categories: Collection[str] | None = None
    ) -> Mapping[str, Any] | None:
        try:
            return self._file(reader, kind, categories)
        except DeskError as refusal:
            refusals.append(refusal)
            return None

    def _know(self, days: Mapping[str, Any] | None) -> None:
        """Today's public days; what was built with others is built anew. A desk may do without any."""
        if days is not self._days_data:
            self._built.clear()
            self._days_data = days
            with _altered():
                self._days = hydrate.build_days(days) if days else NO_DAYS

    def of(self, reader: Reader, policies_version: str, fees_version: str) -> Rules:
        """The rules that an order was judged by, from the ledger."""
        key = (policies_version, fees_version)
        if key not in self._built:
            self._built[key] = self._cached(
                self._version(reader, "policies", policies_version), self._version(reader, "fees", fees_version)
            )
        return self._built[key]

    def policies(self, reader: Reader, version: str, rules: Rules) -> Policies:
        """The policies of that version, which are those of ``rules`` or lie in the ledger; they are kept at hand."""
        if version == rules.policies.version:
            return rules.policies
        if version not in self._policies:
            with _altered():
                self._policies[version] = hydrate.build_policies(self._version(reader, "policies", version))
        return self._policies[version]

    def held(self, reader: Reader, rules: Rules, seq: int) -> Iterator[PublicDays]:
        """The public days that may have held when an entry was written, likeliest first.

        First the table adopted last before it. A table that a desk went back to, or gave up, is not adopted anew: so
        today's comes next, then the others, and none at last.
        """
        versions = [version for at, version in reader.adopted("calendar") if at < seq]
        known = {rules.days.version: rules.days, NO_DAYS.version: NO_DAYS}
        likeliest = versions[0] if versions else NO_DAYS.version
        for version in dict.fromkeys((likeliest, rules.days.version, *versions, NO_DAYS.version)):
            yield known.get(version) or hydrate.build_days(self._version(reader, "calendar", version))

    @property
    def has_new(self) -> bool:
        """Whether the folder has versions that the ledger does not have yet."""
        return bool(self._unadopted)

    def behind(self, reader: Reader) -> tuple[str, str, str] | None:
        """A file of the folder that the ledger has gone on from: its kind, its version, and the one adopted since.

        Asked once for what was read last, however many rows of a file are judged by it.
        """
        if self._behind is None:
            self._behind = []
            for kind, version in self._versions.items():
                adopted = [one for _, one in reader.adopted(kind)]
                if version in adopted and version != adopted[0]:
                    self._behind.append((kind, version, adopted[0]))
        return next(iter(self._behind), None)

    def adopt(self, writer: Writer, actor: str, keyboard: str, now: datetime) -> None:
        """Put on record the versions that the folder has and the ledger does not yet."""
        for new in self._unadopted:
            data = {
                "kind": new.kind,
                "version": new.version,
                "digest": new.digest,
                "file_digest": new.file_digest,
                "text": new.text,
                "rules": new.data,
            }
            entry = writer.append(
                f"{new.kind}:{new.version}",
                "adopt",
                actor=actor,
                keyboard=keyboard,
                occurred_at=now,
                recorded_at=now,
                late=False,
                data=data,
            )
            writer.store_rules(entry)
        self._unadopted.clear()

    def _cached(self, policies: Mapping[str, Any], fees: Mapping[str, Any]) -> Rules:
        key = (str(policies.get("version")), str(fees.get("version")))
        if key not in self._built:
            with _altered():
                self._built[key] = Rules(policies, fees, self._days)
        return self._built[key]

    def _version(self, reader: Reader, kind: str, version: str) -> Mapping[str, Any]:
        entry = reader.rules(kind, version)
        if entry is None:
            raise Damaged(N_("the ledger lacks {kind} {version}, by which an order was judged"), rule="REC-4",
                          kind=Word(kind), version=version)  # fmt: skip
        rules: Mapping[str, Any] = entry["rules"]
        return rules

    def _file(self, reader: Reader, kind: str, categories: Collection[str] | None = None) -> Mapping[str, Any]:
        path = self._home / FILES[kind]
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            raise NotFound(
                N_("{folder} is no desk: it has no {file} (init makes one)"), folder=str(self._home), file=path.name
            ) from None
        # A process that runs many commands looks at the files for each, and seldom finds others.
        before, file_digest = self._raw.get(kind, (b"", ""))
        if raw != before or not file_digest:
            file_digest = sha256(raw).hexdigest()
            self._raw[kind] = raw, file_digest
        if file_digest not in self._read:
            known = reader.rules_by_file(kind, file_digest)
            if known is not None:
                self._read[file_digest] = known["rules"]
        if file_digest in self._read:
            return self._read[file_digest]
        return self._fresh(reader, kind, path, raw, categories)

    def _fresh(
        self, reader: Reader, kind: str, path: Path, raw: bytes, categories: Collection[str] | None
    ) -> Mapping[str, Any]:
        """A file that the ledger has not seen: validated, and compared with what its version said before."""
        from repairdesk.rules import load  # pydantic and yaml: only for a file that changed

        text = load.decode(raw, path.name)
        if kind == "policies":
            rule_set = load.read_policies(text, path.name)
        elif kind == "fees":
            rule_set = load.read_fees(text, path.name, categories)
        else:
            rule_set = load.read_days(text, path.name)
        refuse_changed(reader, kind, rule_set.version, rule_set.digest, text)
        file_digest = sha256(raw).hexdigest()
        self._unadopted.append(_Unadopted(kind, rule_set.version, rule_set.digest, file_digest, text, rule_set.data))
        return rule_set.data


class Adopted(Rulebooks):
    """The rules that were adopted last, whatever the files say: to look at a desk whose files cannot be used."""

    def current(self, reader: Reader) -> Rules:
        """What was adopted last.

        Raises:
            NotFound: nothing was.
        """
        policies, fees, days = (reader.latest_rules(kind) for kind in FILES)
        if policies is None or fees is None:
            raise NotFound(N_("the ledger knows no rules yet"))
        self._know(days["rules"] if days else None)
        return self._cached(policies["rules"], fees["rules"])
