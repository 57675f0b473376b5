"""A desk on real input: a price list of a property company, a city's service requests, ten orders to the file.

    python bench/real_desk.py PRICES.csv REQUESTS.csv [--keep DIR]

PRICES.csv has the columns 类别, 服务项目, 单价(元), 单位; REQUESTS.csv has CreatedDate, SRType, Address and
SRRecordID. The price list becomes the desk's fees.yaml by a plain transcription: every price as it stands, codes by
row. Then the requests are imported with their own times, the ledger is verified, and ``ten_orders.sh`` takes ten of
them through to the archive. Prints what was accepted, what was rejected and why, and how long each step took.
"""

from __future__ import annotations

import argparse
import collections
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
PROGRAM = [str(Path(sys.executable).with_name("repairdesk"))]
CATEGORIES = {"强电类": "electrical", "弱电类": "electrical", "给排水类": "plumbing"}
MAPPING = ("CreatedDate=reported_at", "SRType=fault", "Address=place", "SRRecordID=external_id")


def fee_table(prices: Path) -> str:
    """The price list as ``fees.yaml``; every row a service with a fixed price."""
    lines = ['version: "real-list"', "currency: CNY", 'markup: {rate: "0.30", round_to: "0.1"}']
    lines += ["grouping: {minutes: 30}", "services:"]
    with prices.open(encoding="utf-8-sig", newline="") as stream:
        for place, row in enumerate(csv.DictReader(stream), 1):
            item = {
                "code": f"s{place:03}",
                "name": " ".join(filter(None, (row["服务项目"].strip(), row["备注"].strip()))),
                "category": CATEGORIES.get(row["类别"], "general"),
                "unit": row["单位"].strip(),
                "price": row["单价(元)"].strip(),
            }
            lines.append("  - " + json.dumps(item, ensure_ascii=False))
    return "\n".join([*lines, "materials: []", ""])


def run(*argv: str, codes: tuple[int, ...] = (0,)) -> str:
    """One command of the program; its standard output."""
    done = subprocess.run([*PROGRAM, *argv], capture_output=True, text=True, check=False)
    if done.returncode not in codes:
        sys.exit(f"{' '.join(argv)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    """Make the desk and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prices", type=Path)
    parser.add_argument("requests", type=Path)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    home = given.keep or Path(tempfile.mkdtemp(prefix="repairdesk-real-"))
    os.environ |= {"REPAIRDESK_HOME": str(home), "REPAIRDESK_LANG": "en"}

    run("init")
    (home / "fees.yaml").write_text(fee_table(given.prices), encoding="utf-8")
    run("fees", "check")
    listed = json.loads(run("fees", "list", "--json"))
    print(f"fee table: {len(listed['services'])} services")
    for staff in ("C1 clerk", "W1 technician", "L1 leader"):
        name, role = staff.split()
        run("staff", "add", name, "--name", name, "--role", role)

    began = time.perf_counter()
    mapping = [word for pair in MAPPING for word in ("--map", pair)]
    report = json.loads(
        run(
            "import", str(given.requests), *mapping, "--kind", "public_area", "--dates", "mdy", "--partial",
            "--as", "C1", "--json", codes=(0, 18),
        )
    )  # fmt: skip
    print(f"import: {report['rows']} rows, {report['accepted']} accepted, {report['rejected']} rejected, "
          f"{time.perf_counter() - began:.1f} s")  # fmt: skip
    for (column, why), count in collections.Counter((r["column"], r["why"]) for r in report["rejects"]).items():
        print(f"  rejected {count}: {column}: {why}")
    _verified("after the import")

    began = time.perf_counter()
    done = subprocess.run(["sh", str(HERE / "ten_orders.sh"), *PROGRAM], capture_output=True, text=True, check=False)
    print(done.stdout, end="")
    if done.returncode:
        sys.exit(f"ten_orders.sh: exit {done.returncode}\n{done.stderr}")
    print(f"ten orders to the archive: {time.perf_counter() - began:.1f} s")
    _verified("after the ten orders")
    if not given.keep:
        shutil.rmtree(home)


def _verified(when: str) -> None:
    began = time.perf_counter()
    proof = json.loads(run("verify", "--json"))
    print(f"verify {when}: ok={proof['ok']}, {proof['entries']} entries, {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
