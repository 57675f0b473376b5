"""Two sites on one server, and many hands at each: nobody is refused a lock, and neither site mixes with the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from hands import Hand, desk, in_the_ledger, lost, surplus, together, whole
from repairdesk.ledger.journal import Ledger
from repairdesk.ledger.postgres import Server

SITES = ("east", "west")
FINE = {10, 11, 12}
"""What the rules, a number and a person can be refused for; everything else would be a lock, a server or a fault."""


def worked(folder: Path, url: str, hands: int, times: int) -> dict[str, list[Hand]]:
    """So many hands at each site, all at once."""
    people: dict[str, list[Hand]] = {}
    for site in SITES:
        where = {"REPAIRDESK_LEDGER": url.replace("postgresql:", "postgresql+psycopg:"), "REPAIRDESK_SITE": site}
        (folder / site).mkdir()
        home = desk(folder / site, hands, **where)
        people[site] = [Hand(home, n, seed=SITES.index(site), others=hands, where=where) for n in range(hands)]
    everybody = [hand for site in SITES for hand in people[site]]
    together([lambda hand=hand: hand.works(times) for hand in everybody])  # type: ignore[misc]
    return people


def check(url: str, people: dict[str, list[Hand]]) -> None:
    everybody = [hand for site in SITES for hand in people[site]]
    commands, worst = sum(hand.commands for hand in everybody), max(hand.worst for hand in everybody)
    refused: Counter[int] = sum((hand.refused for hand in everybody), Counter())
    acked = sum(sum(hand.acked.values()) for hand in everybody)
    there = [site_is_whole(Server(url, site), people[site]) for site in SITES]
    print(
        f"{len(everybody)} hands on {SITES}: {commands} commands, {acked} acknowledged and there, "
        f"refused {dict(refused)}, {there} entries, slowest line {worst:.2f} s, "
        f"process {max(hand.worst_alone for hand in everybody):.2f} s"
    )
    assert set(refused) <= FINE, [text for hand in everybody for text in (*hand.said, *hand.away)][:5]
    assert acked > commands // 3, "the hands have something to do"


def site_is_whole(store: Server, hands: Sequence[Hand]) -> int:
    """What was acknowledged there is there, and nothing of the other site; how many entries that is."""
    found = whole(store)
    assert found["problems"] == []
    assert lost(store, hands) == Counter()
    assert list(surplus(store, hands)) == []
    return int(found["entries"])


def numbers(store: Server) -> list[str]:
    with Ledger(store).read() as reader:
        return [doc["number"] for doc in reader.orders({})[0]]


def check_numbers(url: str) -> None:
    given = {site: numbers(Server(url, site)) for site in SITES}
    both = [number for site in SITES for number in given[site]]
    assert len(set(both)) == len(both), "a number means one order, whichever site is asked"
    for site in SITES:
        assert given[site]
        assert all(number.startswith(f"{site.upper()}-") for number in given[site])
    assert not set(in_the_ledger(Server(url, "east"))) & {(number, "intake") for number in given["west"]}


@pytest.mark.rule("REC-1")
def test_all_that_was_acknowledged_at_either_site_is_there_and_both_chains_are_whole(
    database: Callable[[], str], tmp_path: Path
) -> None:
    url = database()
    check(url, worked(tmp_path, url, 2, 12))
    check_numbers(url)


@pytest.mark.slow
@pytest.mark.rule("REC-1")
def test_eight_hands_with_five_hundred_commands_each_on_two_sites(database: Callable[[], str], tmp_path: Path) -> None:
    url = database()
    check(url, worked(tmp_path, url, 4, 500))
    check_numbers(url)
