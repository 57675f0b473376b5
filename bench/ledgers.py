"""Ledgers of any size, made quickly and kept: what the other parts of the benchmark run on.

A few hundred orders are lived through by the desk's own verbs, three years long: one in ten goes all the way to the
file, the others are called off. Their rows (entries, bodies, projections) are then written as often as is asked for,
under other numbers and at other places, and chained anew with salts of their own. Last, the desk's own verbs take in
200 orders that stay open, however large the ledger: years pile up, open work does not. So a ledger of a million orders
takes minutes instead of hours, has every index and trigger that a desk's has, goes on being written by the desk, and
``verify`` finds nothing amiss (``--verify`` shows it).

    python bench/ledgers.py ORDERS... [--cache DIR] [--verify] [--drop]      # prints the folder of each desk

A kept ledger is used again as long as the desk would still write the same rows; others of its size are removed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from repairdesk.desk import Answer, By, Desk
from repairdesk.desk.founding import found
from repairdesk.desk.turn import Turn
from repairdesk.desk.visiting import Work
from repairdesk.domain.intake import Report
from repairdesk.ledger import chain, finding, sqlite_sql
from repairdesk.ledger.verify import verify

ROOT = Path(__file__).resolve().parent.parent
LIVED = 1000
"""How many orders are lived through, one a day."""
OPEN = 200
"""How many are open; fewer in a ledger of less than a thousand."""
BUILDINGS, QUARTERS = 40, 25
"""A lived order is in one of so many buildings; its copies are in so many quarters of the town."""
ZONE = ZoneInfo("Asia/Shanghai")
BEGUN = datetime(2023, 6, 5, 9, tzinfo=ZONE)
LATELY = datetime(2026, 3, 2, 9, tzinfo=ZONE)
"""When the open ones were reported; the machine's clock has to be later."""
STAFF = (
    ("C1", "clerk"), ("C2", "clerk"), ("W1", "technician"), ("W2", "technician"), ("W3", "technician"),
    ("L1", "leader"), ("S1", "supervisor"), ("M1", "manager"), ("F1", "finance"),
)  # fmt: skip
USER = By(os_user="bench")
CLERK = By("C1", "bench")
CHUNK = 1000

Row = dict[str, Any]


def ledger(orders: int, cache: Path | None = None) -> Path:
    """The folder of a desk with so many orders; made if it is not kept yet. It is everybody's: measure on a copy."""
    cache = cache or default_cache()
    cache.mkdir(parents=True, exist_ok=True)
    lived = _lived(cache)
    home = cache / f"{orders}-{lived.digest}"
    if not home.exists():
        for old in cache.glob(f"{orders}-*"):
            shutil.rmtree(old)
        print(f"making a ledger of {orders:,} orders in {home} ...", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="half-", dir=cache) as folder:
            made = Path(folder) / "desk"
            shutil.copytree(lived.home, made)
            opened = min(OPEN, orders // 5)
            _multiply(made / "ledger.db", lived.orders, orders - opened)
            _take_in(made, opened)
            _settled(made, home)
    return home


def _settled(made: Path, kept: Path) -> None:
    """Under its name for good, unless somebody else was quicker."""
    with suppress(OSError):
        made.rename(kept)
    if not kept.exists():
        sys.exit(f"{kept} cannot be written")


def copied(home: Path, to: Path) -> Path:
    """A copy to write into, of a ledger that nobody writes at the moment."""
    shutil.rmtree(to, ignore_errors=True)
    return Path(shutil.copytree(home, to))


def default_cache() -> Path:
    """Where ledgers are kept."""
    return Path(tempfile.gettempdir()) / "repairdesk-bench-ledgers"


# --- lived through, by the desk's own verbs


class Terse(Turn):
    """A turn that answers with no more than the number: nobody reads the rest."""

    def answer(self) -> Answer:
        return Answer({"number": self.order.number})


class Bulk(Desk):
    """A desk whose verbs share one transaction."""

    shared: Turn

    @contextmanager
    def one_transaction(self) -> Iterator[None]:
        """All verbs inside are kept together."""
        with self.ledger.write() as writer:
            self.shared = Terse(writer, self._books, USER, self.now())
            yield

    @contextmanager
    def turn(self, by: By) -> Iterator[Turn]:
        """A turn of another person, at another time, in the transaction that is open."""
        turn = self.shared.again(self.now())
        turn.by, turn.now = by, self.now()
        turn.actor = turn.person(by.actor) if by.actor else self.shared.actor
        yield turn


class Life:
    """Writes orders as they come about: each verb some minutes after the one before."""

    def __init__(self, home: Path) -> None:
        self.moment = BEGUN - timedelta(days=1)
        if not home.exists():
            found(home, "standard", USER, self.moment)
        self.desk = Bulk(home, lambda: self.moment)

    def staff(self) -> None:
        for staff, role in STAFF:
            self.desk.staff_add(USER, staff, name=f"{role} {staff}", role=role)

    def report(self, n: int, at: datetime) -> str:
        self.moment = at
        kind = ("in_home", "public_area")[n % 2]
        place = f"{n % BUILDINGS + 1}-{n // BUILDINGS % 4 + 1}-{n // 160 % 20 + 1}01"
        report = Report(kind, place, "李女士", f"1380000{n % 10_000:04}", ("水龙头滴水", "走廊灯不亮")[n % 2])
        number: str = self.desk.intake(CLERK, report, new=True).doc["number"]
        return number

    def through(self, n: int, at: datetime) -> None:
        """Nothing is left to do afterwards: one of ten went all the way to the file, the others were called off."""
        number = self.report(n, at)
        if n % 10:
            self.moment += timedelta(minutes=3)
            self.desk.cancel(CLERK, number, reason="水自己停了")
            return
        who = f"W{n % 3 + 1}"
        self.desk.consent(CLERK, number, fee="100")
        self.moment += timedelta(minutes=4)
        self.desk.assign(CLERK, number, who)
        self.moment += timedelta(minutes=1)
        self.desk.accept(By(who, "bench"), number)
        self.desk.start(By(who, "bench"), number)
        self.moment += timedelta(minutes=30)
        self.desk.finish(By(who, "bench"), number, Work(result="换了垫圈, 不漏了", found="垫圈老化"))
        self.desk.sign(By(who, "bench"), number, signer="李女士", rating="satisfied")
        self.desk.close(By("L1", "bench"), number)
        self.desk.archive(CLERK, number)


def _take_in(home: Path, orders: int) -> None:
    """So many open orders, half of them with a technician."""
    life = Life(home)
    with life.desk.one_transaction():
        for n in range(orders):
            number = life.report(n, LATELY + n * timedelta(minutes=1))
            if n % 4 < 2:
                life.desk.assign(CLERK, number, f"W{n % 3 + 1}")


class Order(NamedTuple):
    """The rows of one order that was lived through."""

    entries: list[Row]
    """Header and body; without seq, which counts anew."""
    filed: int | None
    """Which of its entries filed it: the draw of callbacks goes by it."""
    row: Row
    owed: list[Row]
    postings: list[Row]


class Lived(NamedTuple):
    """A desk with its people and rules and no order yet, and the orders that can follow."""

    home: Path
    digest: str
    orders: list[Order]


def _lived(cache: Path) -> Lived:
    """Lived through again whenever the program has changed; the digest tells whether that made a difference."""
    files = [*sorted((ROOT / "src").rglob("*.py")), ROOT / "policies.yaml", ROOT / "fees.yaml", ROOT / "calendar.yaml"]
    program = hashlib.sha256(b"\0".join(path.read_bytes() for path in (Path(__file__), *files))).hexdigest()[:12]
    kept = cache / f"lived-{program}"
    if not kept.exists():
        for old in cache.glob("lived-*"):
            shutil.rmtree(old)
        with tempfile.TemporaryDirectory(prefix="half-", dir=cache) as folder:
            half = Path(folder) / "lived"
            life = Life(half / "desk")
            with life.desk.one_transaction():
                life.staff()
                # The first of all brings the rules along, which every later one goes by.
                life.through(0, BEGUN - timedelta(days=1))
            shutil.copytree(half / "desk", half / "later")
            life = Life(half / "later")
            with life.desk.one_transaction():
                for n in range(LIVED):
                    life.through(n, BEGUN + timedelta(days=n, minutes=n % 400))
            orders = list(_rows(half / "later" / "ledger.db", half / "desk" / "ledger.db"))
            (half / "orders.json").write_text(json.dumps(orders), encoding="utf-8")
            _settled(half, kept)
    text = (kept / "orders.json").read_text(encoding="utf-8")
    digest = hashlib.sha256("\0".join((text, *sqlite_sql.SCHEMA)).encode()).hexdigest()[:12]
    return Lived(kept / "desk", digest, [Order(*one) for one in json.loads(text)])


def _rows(later: Path, before: Path) -> Iterator[Order]:
    """What was lived through since, order by order."""
    with closing(sqlite3.connect(before)) as db:
        (last,) = db.execute("SELECT max(seq) FROM entries").fetchone()
    with closing(sqlite3.connect(later)) as db:
        db.row_factory = sqlite3.Row
        entries = "SELECT e.*, b.body FROM entries e JOIN bodies b USING (seq) WHERE seq > ? AND version = 1 ORDER BY 1"
        for _, number, *_ in db.execute(entries, (last,)).fetchall():

            def of(table: str, order: str, number: str = number) -> list[Row]:
                return [dict(row) for row in db.execute(f"SELECT * FROM {table} WHERE number = ? ORDER BY {order}",
                                                        (number,))]  # fmt: skip

            (row,) = of("orders", "1")
            del row["id"]
            owed, postings, said = (
                of("obligations", "1"),
                of("postings", "n"),
                of("entries JOIN bodies USING (seq)", "1"),
            )
            filed = [n for n, entry in enumerate(said) if entry["seq"] == row["filed_seq"]]
            for entry in said:
                for name in "seq prev hash body_digest salt".split():
                    del entry[name]
            if of("receipts", "1") or any(entry["number"] != number for entry in said):
                raise AssertionError(f"{number} has rows that are not multiplied")
            yield Order(said, filed[0] if filed else None, row, owed, postings)


# --- multiplied


def _multiply(path: Path, lived: Sequence[Order], orders: int) -> None:
    """Write the lived orders, under other numbers, until there are so many orders in all."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000", "locking_mode=EXCLUSIVE"):
            db.execute(f"PRAGMA {setting}").fetchone()
        db.execute("BEGIN")
        # The triggers of the journal would look at every row; the others keep what they have to keep.
        apart = db.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND (type = 'index' "
            "OR type = 'trigger' AND tbl_name IN ('entries', 'bodies')) ORDER BY rowid"
        ).fetchall()
        for kind, name, _ in apart:
            db.execute(f"DROP {kind} {name}")
        (there,) = db.execute("SELECT count(*) FROM orders").fetchone()
        seq, prev = db.execute("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
        _write(db, _copies(lived, orders - there), seq, prev)
        # At the end each index is made in one go.
        for _, _, text in apart:
            db.execute(text)
        words = finding.Kept(db)
        for one, search in db.execute("SELECT id, search FROM orders WHERE id > ? ORDER BY id", (there,)):
            words.note(one, None, search)
        words.settle()
        db.execute("COMMIT")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode=DELETE")


def _copies(lived: Sequence[Order], wanted: int) -> Iterator[Order]:
    """One lived order after the other, each as often as is needed: in the order of their times, as they would come."""
    often, more = divmod(wanted, len(lived))
    for n, order in enumerate(lived):
        for copy in range(often + (n < more)):
            yield _renamed(order, copy)


def _renamed(order: Order, copy: int) -> Order:
    row = order.row
    number = f"{row['series']}-{row['serial'] + copy:04}"
    building, _, rest = row["place"].partition("-")
    place = f"{int(building) + BUILDINGS * (copy % QUARTERS)}-{rest}"

    def other(text: str) -> str:
        return text.replace(row["number"], number).replace(row["place"], place)

    made = {**row, "number": number, "tail": number[::-1], "serial": row["serial"] + copy, "place": place,
            "search": other(row["search"].replace(row["number"].casefold(), number.casefold())),
            "doc": other(row["doc"])}  # fmt: skip
    return Order(
        [{**entry, "number": number, "body": other(entry["body"])} for entry in order.entries],
        order.filed,
        made,
        [{**one, "number": number} for one in order.owed],
        [{**one, "number": number, "place": place} for one in order.postings],
    )


def _write(db: sqlite3.Connection, orders: Iterator[Order], seq: int, prev: str) -> None:
    """Chain them to the entry before, and store what follows from them."""
    waiting: dict[str, list[Row]] = {}

    def put(table: str, row: Row) -> None:
        waiting.setdefault(table, []).append(row)

    for n, order in enumerate(orders, start=1):
        for entry in order.entries:
            seq += 1
            # Nobody's secret, but each has its own.
            salted = hashlib.sha256(b"bench %d" % seq).digest()
            body = entry["body"]
            header = {**entry, "seq": seq, "prev": prev, "body_digest": chain.body_digest(salted, body)}
            del header["body"]
            header["hash"] = prev = chain.header_hash(header)
            put("entries", header)
            put("bodies", {"seq": seq, "salt": salted, "body": body})
        filed = None if order.filed is None else seq - len(order.entries) + 1 + order.filed
        put("orders", {**order.row, "filed_seq": filed})
        put("streams", {"number": order.row["number"], "version": len(order.entries), "seq": seq})
        for table, rows in (("obligations", order.owed), ("postings", order.postings)):
            waiting.setdefault(table, []).extend(rows)
        if n % CHUNK == 0:
            _flush(db, waiting)
    _flush(db, waiting)


def _flush(db: sqlite3.Connection, waiting: Mapping[str, list[Row]]) -> None:
    for table, rows in waiting.items():
        if rows:
            names = list(rows[0])
            marks = ", ".join(f":{name}" for name in names)
            quoted = ", ".join(f'"{name}"' for name in names)
            db.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", rows)
            rows.clear()


def main() -> int:
    """Make what is asked for and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders", type=int, nargs="*")
    parser.add_argument("--cache", type=Path, metavar="DIR", default=default_cache())
    parser.add_argument("--verify", action="store_true", help="and say what verify finds")
    parser.add_argument("--drop", action="store_true", help="remove every ledger that is kept")
    asked = parser.parse_args()
    if asked.drop:
        shutil.rmtree(asked.cache, ignore_errors=True)
    amiss = False
    for orders in asked.orders:
        begun = perf_counter()
        home = ledger(orders, asked.cache)
        size = (home / "ledger.db").stat().st_size / 2**20
        print(f"{home}  {orders:,} orders, {size:,.0f} MiB, {perf_counter() - begun:.1f} s", flush=True)
        if asked.verify:
            found = verify(home / "ledger.db")
            amiss = amiss or not found["ok"]
            print(f"  verify: {found['entries']:,} entries, {'clean' if found['ok'] else found['problems'][:3]}")
    return int(amiss)


if __name__ == "__main__":
    sys.exit(main())
