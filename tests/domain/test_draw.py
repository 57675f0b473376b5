"""The draw of a month: nobody picks, nobody is missed, nobody is drawn twice (CAL-1, CAL-2, CAL-5, CAL-6)."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repairdesk.domain.draw import Call, Candidate, Draw, draw, rank, shared, tally

START = datetime(2026, 11, 1, tzinfo=UTC)
SEED = "5eed"
THIRD, HALF = Decimal("0.30"), Decimal("0.50")


def archived(
    seq: int, *, rate: Decimal = THIRD, must: str | None = None, callable: bool = True, calls: str = "", after: int = 0
) -> Candidate:
    """An order that entry ``seq`` archived; ``calls``: ``-`` reached nobody, ``+`` somebody, each an entry later."""
    at = START + timedelta(minutes=seq)
    made = tuple(
        Call(seq + after + n, at + timedelta(minutes=after + n), call == "+") for n, call in enumerate(calls, start=1)
    )
    return Candidate(f"P20261101-{seq:04}", seq, at, must, callable, made, rate, 3)


def numbers(drawn: Draw) -> list[str]:
    return [one.candidate.number for one in drawn.drawn]


def whys(drawn: Draw) -> dict[str, str]:
    return {one.candidate.number: one.why for one in drawn.drawn}


# --- the quota


@pytest.mark.rule("CAL-1")
@pytest.mark.parametrize(
    ("orders", "rate", "quota"),
    [(0, "0.30", 0), (1, "0.30", 1), (3, "0.30", 1), (4, "0.30", 2), (10, "0.30", 3), (11, "0.30", 4), (1, "0.50", 1),
     (2, "0.50", 1), (3, "0.50", 2), (10, "0.10", 1), (100, "0.10", 10), (7, "0", 0), (7, "1", 7), (3, "0.3333", 1),
     (10000, "0.0001", 1)],
)  # fmt: skip
def test_the_quota_is_the_share_of_the_month_rounded_up_exactly(orders: int, rate: str, quota: int) -> None:
    made = draw([archived(10 * n, rate=Decimal(rate)) for n in range(1, orders + 1)], SEED)
    assert (made.orders, made.quota, len(made.drawn)) == (orders, quota, quota)
    assert quota == math.ceil(Fraction(rate) * orders)


@pytest.mark.rule("CAL-2")
def test_whoever_must_be_called_is_in_and_counts_towards_the_quota() -> None:
    musts = {3: "dissatisfied", 7: "untested", 9: "unsure"}
    made = draw([archived(n, must=musts.get(n)) for n in range(1, 11)], SEED)
    assert made.quota == 3
    assert whys(made).items() >= {f"P20261101-{n:04}": why for n, why in musts.items()}.items()
    # One was drawn with the first order, before anybody knew of the others: what is drawn stays drawn.
    assert [one.why for one in made.drawn].count("quota") == 1


@pytest.mark.rule("CAL-2")
def test_whoever_must_be_called_is_called_where_nothing_is_drawn() -> None:
    made = draw([archived(n, rate=Decimal(0), must="dissatisfied" if n == 2 else None) for n in range(1, 9)], SEED)
    assert (made.quota, numbers(made)) == (0, ["P20261101-0002"])


@pytest.mark.rule("CAL-2")
def test_the_lowest_rank_is_drawn_and_anybody_can_work_it_out() -> None:
    made = draw([archived(n, rate=Decimal(1) if n == 5 else Decimal(0)) for n in range(1, 6)], SEED)
    ranks = {n: hashlib.sha256(f"{SEED}\nP20261101-{n:04}".encode()).hexdigest() for n in range(1, 6)}
    lowest = min(ranks, key=lambda n: ranks[n])
    assert [(one.candidate.number, one.rank) for one in made.drawn] == [(f"P20261101-{lowest:04}", ranks[lowest])]


@pytest.mark.rule("CAL-2")
def test_another_seed_draws_others() -> None:
    month = [archived(n) for n in range(1, 101)]
    assert numbers(draw(month, SEED)) != numbers(draw(month, "another"))


@pytest.mark.rule("CAL-6")
def test_who_gave_no_name_or_wants_a_letter_is_counted_and_not_called() -> None:
    nameless = [archived(n, rate=HALF, callable=False, must="dissatisfied") for n in range(1, 4)]
    made = draw([*nameless, archived(4, rate=HALF)], SEED)
    assert (made.orders, made.quota, numbers(made)) == (4, 2, ["P20261101-0004"])


# --- nobody was reached


@pytest.mark.rule("CAL-5")
def test_after_three_tries_another_is_drawn_and_both_stay_on_record() -> None:
    first = draw([archived(1), archived(20), archived(40)], SEED)
    (drawn,) = numbers(first)
    again = draw(
        [archived(n, calls="---" if f"P20261101-{n:04}" == drawn else "", after=50) for n in (1, 20, 40)], SEED
    )
    assert numbers(again)[0] == drawn
    assert [one.instead_of for one in again.drawn] == [None, drawn]
    assert again.done == 0


@pytest.mark.rule("CAL-5")
@pytest.mark.parametrize(("calls", "drawn", "done"), [("--", 1, 0), ("--+", 1, 1), ("---+", 2, 1), ("+---", 1, 1)])
def test_a_replacement_is_drawn_with_the_third_try_in_vain_and_not_before(calls: str, drawn: int, done: int) -> None:
    made = draw([archived(1, calls=calls), archived(20, rate=Decimal(0)), archived(40, rate=Decimal(0))], SEED)
    assert (len(made.drawn), made.done, made.quota) == (drawn, done, 1)


@pytest.mark.rule("CAL-5")
def test_who_was_given_up_before_being_drawn_is_replaced_at_once() -> None:
    lost = [archived(n, rate=Decimal(0), calls="---") for n in (10, 20, 30)]
    made = draw([*lost, archived(90, rate=Decimal("0.5"))], SEED)
    reached = [one for one in made.drawn if one.candidate.given_up is None]
    assert len(reached) == 1
    assert all(
        one.instead_of == before.candidate.number for before, one in zip(made.drawn, made.drawn[1:], strict=False)
    )


@pytest.mark.rule("CAL-5")
def test_where_nobody_is_left_the_draw_ends() -> None:
    made = draw([archived(n * 10, rate=Decimal(1), calls="---") for n in (1, 2, 3)], SEED)
    assert (made.quota, len(made.drawn), made.done) == (3, 3, 0)


# --- whatever the month


def months(seed: int) -> list[Candidate]:
    """A month of a lively desk: some must be called, some cannot be, some are not at home."""
    rng = Random(seed)
    rate = rng.choice([THIRD, HALF, Decimal("0.10"), Decimal("0.3333"), Decimal(0), Decimal(1)])
    return [
        archived(
            10 * n, rate=rate, must=rng.choices([None, "dissatisfied", "unsure", "untested"], [90, 4, 3, 3])[0],
            callable=rng.random() > 0.04, calls=rng.choice(["", "", "+", "-+", "---", "--", "----"]),
            after=rng.choice([-9, 3, 25, 200]),
        )
        for n in range(1, rng.randrange(60))
    ]  # fmt: skip


def wrong(month: list[Candidate], made: Draw) -> list[str]:
    """What is not as it should be in the draw of a month."""
    found, drawn = [], [one.candidate for one in made.drawn]
    able = [one for one in month if one.callable]
    serving = [one for one in drawn if one.given_up is None]
    if len(set(numbers(made))) != len(made.drawn):
        found.append("somebody is drawn twice")
    if len(drawn) < len(able) and len(serving) < made.quota:
        found.append("the quota is missed though somebody is left")
    if not {one.number for one in able if one.must} <= set(numbers(made)):
        found.append("somebody who must be called is not in")
    if not all(one.callable for one in drawn):
        found.append("somebody is called who must not be")
    if made.quota != math.ceil(sum(Fraction(one.rate) for one in month)):
        found.append("the quota is not the share rounded up")
    return found


@pytest.mark.rule("CAL-1", "CAL-2", "CAL-5")
def test_in_a_thousand_months_nobody_is_missed_and_nobody_drawn_twice() -> None:
    assert not [(seed, what) for seed in range(1000) for what in wrong(months(seed), draw(months(seed), str(seed)))]


@pytest.mark.rule("CAL-2")
def test_the_order_in_which_the_orders_are_given_changes_nothing() -> None:
    for seed in range(50):
        month = months(seed)
        shuffled = Random(seed).sample(month, len(month))
        assert draw(shuffled, SEED) == draw(month, SEED)


@pytest.mark.rule("CAL-2")
@given(st.integers(0, 10_000), st.integers(0, 700))
def test_what_is_drawn_stays_drawn_while_the_month_fills(seed: int, until: int) -> None:
    """Cut off after any entry, the draw is the beginning of the whole one."""
    month = months(seed)
    so_far = [
        one._replace(calls=tuple(call for call in one.calls if call.seq <= until)) for one in month if one.seq <= until
    ]
    before, after = draw(so_far, SEED), draw(month, SEED)
    assert numbers(after)[: len(before.drawn)] == numbers(before)
    assert [(one.why, one.at, one.instead_of) for one in after.drawn[: len(before.drawn)]] == [
        (one.why, one.at, one.instead_of) for one in before.drawn
    ]


@pytest.mark.rule("CAL-2")
def test_each_technician_is_called_after_as_often_as_chance_has_it() -> None:
    """Over many months a technician's orders are drawn at the rate of the draw, as far as one in a million cases."""
    orders, drawn = dict.fromkeys("ABCDE", 0), dict.fromkeys("ABCDE", 0)
    for month in range(300):
        hands = {f"P20261101-{n:04}": "AABCDDDEEE"[(n + month) % 10] for n in range(1, 31)}
        made = set(numbers(draw([archived(n) for n in range(1, 31)], f"seed {month}")))
        for number, who in hands.items():
            orders[who] += 1
            drawn[who] += number in made
    assert sum(drawn.values()) == 300 * 9
    assert {who: (drawn[who], orders[who]) for who in orders if not _likely(drawn[who], orders[who], 0.3)} == {}


def _likely(hits: int, of: int, rate: float) -> bool:
    """Whether a binomial draw lands at least so far off in more than one of a million cases, on its own side."""
    chances = [
        math.exp(
            math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1)
            + k * math.log(rate) + (of - k) * math.log1p(-rate)
        )
        for k in range(of + 1)
    ]  # fmt: skip
    return min(sum(chances[: hits + 1]), sum(chances[hits:])) > 1e-6


def test_a_rank_is_of_the_seed_and_the_number_together() -> None:
    assert len({rank(seed, number) for seed in ("a", "b") for number in ("P1", "P2")}) == 4


# --- against the rule, played out word by word


@st.composite
def lived(draw_from: st.DrawFn) -> list[Candidate]:
    """Orders archived one after the other, some called in vain or not, before or after, some of whom must be called."""
    made = []
    for n in range(1, draw_from(st.integers(0, 14)) + 1):
        made.append(archived(
            10 * n,
            rate=draw_from(st.sampled_from([THIRD, HALF, Decimal(0), Decimal(1), Decimal("0.125")])),
            must=draw_from(st.sampled_from([None, None, None, "dissatisfied"])),
            callable=draw_from(st.sampled_from([True, True, True, False])),
            calls=draw_from(st.sampled_from(["", "", "+", "-", "--+", "---", "---+", "+---"])),
            after=draw_from(st.sampled_from([-9, 0, 25, 93])),
        ))  # fmt: skip
    return made


def played_out(candidates: list[Candidate], seed: str) -> tuple[int, list[str]]:
    """The quota and who is drawn, worked out slowly: at each entry the lowest, until enough are not given up."""
    by_number = {one.number: one for one in candidates}
    seqs = {one.seq for one in candidates} | {max(one.seq, one.given_up.seq) for one in candidates if one.given_up}
    drawn: list[str] = []
    quota = 0
    for seq in sorted(seqs):
        there = [one for one in candidates if one.seq <= seq]
        drawn += [one.number for one in there if one.seq == seq and one.must and one.callable]
        quota = math.ceil(sum(Fraction(one.rate) for one in there))

        def counts(number: str, seq: int = seq) -> bool:
            given_up = by_number[number].given_up
            return given_up is None or given_up.seq > seq

        waiting = {one.number for one in there if one.callable and one.must is None} - set(drawn)
        while sum(map(counts, drawn)) < quota and waiting:
            drawn.append(min(waiting, key=lambda number: rank(seed, number)))
            waiting.remove(drawn[-1])
    return quota, drawn


@pytest.mark.rule("CAL-1", "CAL-2", "CAL-5")
@given(lived(), st.sampled_from(["5eed", "another"]))
def test_what_is_drawn_is_what_the_rule_says_played_out_slowly(candidates: list[Candidate], seed: str) -> None:
    made = draw(candidates, seed)
    assert (made.quota, numbers(made)) == played_out(candidates, seed)
    assert len(set(numbers(made))) == len(made.drawn)
    assert all(one.at >= one.candidate.archived_at for one in made.drawn)


@pytest.mark.rule("CAL-2", "RPT-2")
@given(lived(), st.sampled_from(["5eed", "another"]))
def test_what_a_report_counts_is_what_was_drawn(candidates: list[Candidate], seed: str) -> None:
    whole = shared(one.rate for one in candidates) * 3
    lots = [
        (one.seq, one.number, one.must, one.callable, int(one.rate * whole), one.given_up.seq if one.given_up else None)
        for one in reversed(candidates)
    ]
    reached = {one.number for one in candidates if one.reached}
    made = draw(candidates, seed)
    assert tally(lots, whole, seed, reached) == (made.quota, made.done)
