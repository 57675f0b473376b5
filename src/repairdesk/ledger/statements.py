"""The statements of the ledger over its tables, declared; parameters are named.

``STATEMENTS`` are whole; ``FILTERS`` are the conditions that ``list`` puts together, each worded so that an index
serves it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    text,
    union_all,
)

# Of two databases that know this clause the one whose declaration both can compile.
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql import ClauseElement, ColumnElement
from sqlmodel import SQLModel

from repairdesk.domain.lifecycle import OPEN
from repairdesk.ledger import dialects, schema

_tables = SQLModel.metadata.tables
entries = _tables[schema.Entries.__name__.lower()]
bodies = _tables[schema.Bodies.__name__.lower()]
orders = _tables[schema.Orders.__name__.lower()]
tallies = _tables[schema.Tallies.__name__.lower()]
obligations = _tables[schema.Obligations.__name__.lower()]
postings = _tables[schema.Postings.__name__.lower()]
receipts = _tables[schema.Receipts.__name__.lower()]
households = _tables[schema.Households.__name__.lower()]
messages = _tables[schema.Messages.__name__.lower()]
staff = _tables[schema.Staff.__name__.lower()]
rules = _tables[schema.Rules.__name__.lower()]
streams = _tables[schema.Streams.__name__.lower()]
places = _tables[schema.Places.__name__.lower()]
purged = _tables[schema.Purged.__name__.lower()]

TABLES = (
    *(entries, bodies, orders, tallies, obligations, postings, receipts, households, messages, staff, rules, streams),
    *(places, purged),
)

_FOUND: ColumnElement[int] = literal_column("1")
_number = orders.c.number
_of_order = [column for column in orders.columns if column is not orders.c.id]
_limit = dialects.at_most(bindparam("limit", type_=Integer))


def _store(table: Table) -> ClauseElement:
    """Insert the row, or bring the one with its key up to date."""
    statement = upsert(table)
    key = list(table.primary_key.columns)
    changed = {c.name: statement.excluded[c.name] for c in table.columns if not c.primary_key}
    return statement.on_conflict_do_update(index_elements=key, set_=changed)


def _is(column: ColumnElement[Any], name: str = "") -> ColumnElement[bool]:
    return column == bindparam(name or column.key)


def said(entry: Any = entries, body: Any = bodies) -> ColumnElement[str]:
    """What an entry says, or what is left of that: of a purged one there is no body (RET-3)."""
    left = select(purged.c.remains).where(purged.c.seq == entry.c.seq).correlate_except(purged).scalar_subquery()
    return func.coalesce(body.c.body, left)


_entry = (
    *(entries.c[name] for name in "seq number version event actor keyboard occurred_at recorded_at late".split()),
    said().label("body"),
)
_with_body = entries.outerjoin(bodies, bodies.c.seq == entries.c.seq)
_purged_by = select(purged.c.entry).where(purged.c.seq == entries.c.seq).correlate_except(purged).scalar_subquery()
_rules_body = select(rules.c.seq, bodies.c.body).join_from(rules, bodies, bodies.c.seq == rules.c.seq)
_ended = select(entries.c.number, func.max(entries.c.version), func.max(entries.c.seq)).group_by(entries.c.number)
_owed = obligations.c.running == 1
_tail = orders.c.tail
# What was filed elsewhere is drawn nowhere.
_archived = and_(
    orders.c.archived_at >= bindparam("since"),
    orders.c.archived_at < bindparam("before"),
    orders.c.filed_seq.is_not(None),
)
_GOES = ("assigned", "paused", "on_site")
_HELD = (*_GOES, "finished", "signed")
_invoice = dialects.in_document(orders.c.doc, "invoice").label("invoice")
_arrears = (
    select(_number, orders.c.place, orders.c.archived_at, orders.c.total, orders.c.received, _invoice)
    .where(orders.c.archived_at.is_not(None), orders.c.total != orders.c.received)
    .order_by(orders.c.place, _number)
)
_earlier = entries.alias("earlier")
_HANDED_OVER = entries.c.event == literal_column("'hand-over'")
_unsent = messages.c.state != literal_column("'sent'")
_found_household = dialects.holds(households.c.search, bindparam("find"))


_of_purges = and_(entries.c.number > literal_column("'purge:'"), entries.c.number < literal_column("'purge;'"))
_events = dialects.each(bindparam("events"))
_several = dialects.each(bindparam("numbers"))
# As the documents, which are canonical, say that there is one.
_NAMED = ('"found_on":"', '"suspended":"', '"voided":["')


def _held_by(who: ColumnElement[Any]) -> Select[Any]:
    # Finished work still wants the signature that only who did it can bring.
    return select(_number).where(
        _is(who, "staff"),
        or_(*(orders.c.state == state for state in (*OPEN, "finished"))),
        orders.c.elsewhere == 0,
    )


def _numbers(table: Table) -> ClauseElement:
    """The orders that rows of this table say they belong to, and whether the journal ever spoke of them."""
    known = select(_FOUND).where(entries.c.number == table.c.number).exists()
    return select(table.c.number, known.label("known")).distinct()


def _stray(table: Table, key: ColumnElement[Any], prefix: str) -> ClauseElement:
    """The keys of a table whose rows each have a stream of their own, where there is no such stream."""
    stream: ColumnElement[Any] = literal_column(f"'{prefix}'").op("||")(key)
    return select(key).select_from(table).where(~select(_FOUND).where(entries.c.number == stream).exists())


STATEMENTS: dict[str, ClauseElement] = {
    # The journal.
    "ADD_ENTRY": insert(entries),
    "ADD_BODY": insert(bodies),
    "INDEXED": select(orders.c.id, orders.c.search).where(orders.c.number == bindparam("number")),
    "HEAD": select(entries.c.seq, entries.c.hash).order_by(entries.c.seq.desc()).limit(1),
    "LAST_VERSION": select(func.max(entries.c.version)).where(_is(entries.c.number)),
    "ENTRIES_OF": select(*_entry).select_from(_with_body).where(_is(entries.c.number)).order_by(entries.c.version),
    "WRITTEN_AFTER": select(*(entries.c[name] for name in "seq number event occurred_at recorded_at".split()))
    .where(entries.c.seq > bindparam("after"))
    .order_by(entries.c.seq.desc()),
    "ENTRIES_NAMED": select(*_entry).select_from(_with_body).where(_is(entries.c.event)).order_by(entries.c.seq),
    "JOURNAL": select(*_entry).select_from(_with_body).order_by(entries.c.seq),
    "STREAMS": select(*_entry)
    .select_from(_with_body)
    .where(entries.c.number >= bindparam("first"))
    .order_by(entries.c.number, entries.c.version),
    "CHAIN": select(*entries.columns, bodies.c.salt, bodies.c.body, _purged_by.label("purged_by"))
    .select_from(_with_body)
    # A seq that somebody forged may be any.
    .where(entries.c.seq > bindparam("after", type_=BigInteger))
    .order_by(entries.c.seq),
    # What a copy takes over; what is left of what was purged follows from the entries.
    "COPIED": select(*entries.columns, bodies.c.salt, bodies.c.body)
    .select_from(_with_body)
    .where(entries.c.seq > bindparam("after"), entries.c.seq <= bindparam("upto"))
    .order_by(entries.c.seq),
    "STREAM_END": select(func.max(streams.c.seq)),
    "STREAM_COUNT": select(func.count()).select_from(streams),
    "STREAM_AT": select(streams.c.number).order_by(streams.c.number).limit(literal_column("1")).offset(bindparam("at")),
    "STRAY_BODIES": select(bodies.c.seq).where(~select(_FOUND).where(entries.c.seq == bodies.c.seq).exists()),
    # A feed, a stretch of entries at a time; of each order the first entry that the feed has not had yet.
    "ENTRIES_BETWEEN": select(*_entry)
    .select_from(_with_body)
    .where(entries.c.seq > bindparam("after"), entries.c.seq <= bindparam("upto"))
    .order_by(entries.c.seq),
    "CHANGED_BETWEEN": select(orders.c.doc)
    .join_from(entries, orders, _number == entries.c.number)
    .where(
        entries.c.seq > bindparam("after"),
        entries.c.seq <= bindparam("upto"),
        ~select(_FOUND)
        .where(
            _earlier.c.number == entries.c.number,
            _earlier.c.version == entries.c.version - literal_column("1"),
            _earlier.c.seq > bindparam("since"),
        )
        .exists(),
    )
    .order_by(entries.c.seq),
    "DOCS_AFTER": select(_number, orders.c.doc).where(_number > bindparam("number")).order_by(_number).limit(_limit),
    # Projections, written.
    "STORE_ORDER": insert(orders).values({c.name: bindparam(c.name) for c in _of_order}),
    "STORE_OBLIGATION": _store(obligations),
    "STORE_POSTING": _store(postings),
    "STORE_RECEIPT": _store(receipts),
    "STORE_HOUSEHOLD": _store(households),
    "STORE_MESSAGE": _store(messages),
    "STORE_PERSON": _store(staff),
    "STORE_PLACE": _store(places),
    "STORE_PURGED": insert(purged),
    "STORE_STREAM": _store(streams),
    "STORE_RULES": upsert(rules).on_conflict_do_nothing(index_elements=["kind", "file_digest"]),
    "CLEAR_OBLIGATIONS": delete(obligations),
    "CLEAR_POSTINGS": delete(postings),
    "CLEAR_RECEIPTS": delete(receipts),
    "CLEAR_ORDERS": delete(orders),
    "CLEAR_TALLIES": delete(tallies),
    "CLEAR_HOUSEHOLDS": delete(households),
    "CLEAR_MESSAGES": delete(messages),
    "CLEAR_STAFF": delete(staff),
    "CLEAR_RULES": delete(rules),
    "CLEAR_STREAMS": delete(streams),
    "CLEAR_PLACES": delete(places),
    "CLEAR_PURGED": delete(purged),
    # Projections, compared.
    "ORDER_ROW": select(*_of_order).where(_is(_number)),
    "OBLIGATION_ROWS": select(obligations).where(_is(obligations.c.number)),
    "POSTING_ROWS": select(postings).where(_is(postings.c.number)).order_by(postings.c.n),
    "RECEIPT_ROWS": select(receipts).where(_is(receipts.c.number)).order_by(receipts.c.n),
    "HOUSEHOLD_ROW": select(households).where(_is(households.c.id)),
    "MESSAGE_ROW": select(messages).where(_is(messages.c.id)),
    "PLACE_ROW": select(places).where(_is(places.c.id)),
    "PURGED_ROWS": select(purged).where(_is(purged.c.entry)),
    "PURGED_OF": select(purged)
    .join_from(entries, purged, purged.c.seq == entries.c.seq)
    .where(_is(entries.c.number))
    .order_by(entries.c.version),
    "STAFF_ROWS": select(staff),
    "RULES_ROWS": select(rules),
    "STREAMS_AMISS": _ended.except_(select(streams)),
    "STREAMS_BEYOND": select(streams).except_(_ended),
    "STREAMS_ENDED": _ended,
    "ORDER_NUMBERS": _numbers(orders),
    "OBLIGATION_NUMBERS": _numbers(obligations),
    "POSTING_NUMBERS": _numbers(postings),
    "RECEIPT_NUMBERS": _numbers(receipts),
    "STRAY_HOUSEHOLDS": _stray(households, households.c.id, "household:"),
    "STRAY_MESSAGES": _stray(messages, messages.c.id, "message:"),
    "STRAY_PLACES": _stray(places, places.c.id, "place:"),
    "STRAY_PURGED": select(purged.c.seq).where(
        ~select(_FOUND)
        .where(entries.c.seq == purged.c.entry, entries.c.event == literal_column("'purge'"), _of_purges)
        .exists()
    ),
    # What a purge is held against: all that was there before it.
    "PURGED_NUMBERS": select(entries.c.number)
    .join_from(purged, entries, entries.c.seq == purged.c.seq)
    .where(_is(purged.c.entry))
    .distinct()
    .order_by(entries.c.number),
    "POLICIES_BEFORE": select(*_entry)
    .select_from(_with_body)
    .where(
        entries.c.number > literal_column("'policies:'"),
        entries.c.number < literal_column("'policies;'"),
        entries.c.seq < bindparam("seq"),
    )
    .order_by(entries.c.number, entries.c.version),
    "HANDED_OVER_BEFORE": select(func.max(entries.c.number)).where(
        entries.c.number > literal_column("'month:'"),
        entries.c.number < literal_column("'month;'"),
        _HANDED_OVER,
        entries.c.seq < bindparam("seq"),
    ),
    "MONTH_TOTAL": select(func.coalesce(func.sum(postings.c.amount), literal_column("0"))).where(_is(postings.c.month)),
    # Orders, looked up.
    "ORDER_EXISTS": select(_FOUND).where(_is(_number)),
    "NUMBERS_ENDING": select(_number)
    .where(_tail >= bindparam("tail"), _tail < bindparam("beyond"))
    .order_by(_tail)
    .limit(_limit),
    "ORDER_DOC": select(orders.c.doc).where(_is(_number)),
    # Looked at in passing, while somebody types.
    "STANDING_IN": select(_number, orders.c.reported_at)
    .where(_is(orders.c.state), _is(orders.c.kind))
    .order_by(orders.c.reported_at.desc(), _number.desc())
    .limit(_limit),
    "NUMBERS_FROM": select(_number)
    .where(_number >= bindparam("first"), _number < bindparam("beyond"))
    .order_by(_number.desc())
    .limit(_limit),
    "GLANCE": select(
        _number,
        orders.c.state,
        orders.c.is_open,
        orders.c.elsewhere,
        orders.c.reported_at,
        orders.c.place,
        dialects.in_document(orders.c.doc, "fault").label("fault"),
    ).where(_number.in_(select(_several.c.value))),
    "PLACE_AFTER": select(func.min(orders.c.place)).where(
        orders.c.place > bindparam("place"), orders.c.place < bindparam("beyond")
    ),
    "HOUSEHOLDS_FROM": select(households.c.place, households.c.doc)
    .where(households.c.place >= bindparam("first"), households.c.place < bindparam("beyond"))
    .order_by(households.c.place)
    .limit(_limit),
    "LISTED": select(_number, orders.c.reported_at, orders.c.id),
    "ORDER_COUNT": select(func.count()).select_from(orders),
    "ORDER_IDS": select(orders.c.id),
    "OPEN_AT": select(orders.c.doc)
    .where(_is(orders.c.place), _is(orders.c.category), orders.c.is_open == 1)
    .order_by(orders.c.reported_at, _number),
    "OPEN_NUMBERS_AT": select(_number)
    .where(_is(orders.c.place), _is(orders.c.category), orders.c.is_open == 1)
    .order_by(orders.c.reported_at, _number),
    "NUMBER_OF_EXTERNAL": select(_number).where(_is(orders.c.external_id)),
    "LAST_SERIAL": select(func.max(orders.c.serial)).where(_is(orders.c.series)),
    "EXPECTED": select(_number, orders.c.appointment_start, orders.c.appointment_end)
    .where(
        _is(orders.c.assignee, "staff"),
        orders.c.is_open == 1,
        or_(*(orders.c.state == state for state in _GOES)),
        orders.c.appointment_start.is_not(None),
    )
    .order_by(orders.c.appointment_start, _number),
    # Each by its own index: of both at once SQLite may find that going through all numbers is as good.
    "HELD_BY": union_all(*(_held_by(who) for who in (orders.c.assignee, orders.c.tracker))),
    # The sign keeps SQLite from going through all orders because they lie in this order.
    "FOLLOWERS": select(orders.c.doc)
    .where(_is(orders.c.follows))
    .order_by(dialects.apart(orders.c.reported_at), _number),
    "FIRST_REPORTED": select(func.min(orders.c.reported_at)),
    "COUNTS": select(tallies.c.state, func.sum(tallies.c.n)).group_by(tallies.c.state),
    "TALLIES": select(tallies),
    # What was over elsewhere is on no list of work.
    "COUNTS_HERE": select(tallies.c.state, func.sum(tallies.c.n))
    .where(tallies.c.elsewhere == 0)
    .group_by(tallies.c.state),
    "TALLIED_ANEW": select(orders.c.state, orders.c.kind, orders.c.elsewhere, func.count().label("n")).group_by(
        orders.c.state, orders.c.kind, orders.c.elsewhere
    ),
    "SLIPS_HELD": select(_number).where(
        or_(*(orders.c.state == state for state in _HELD)),
        orders.c.assignee.is_not(None),
        orders.c.elsewhere == 0,
        orders.c.reported_at <= bindparam("until"),
    ),
    # Not DISTINCT: for that SQLite would rather go through every entry by its number.
    "SLIPS_LEFT": select(entries.c.number).where(
        literal_column(schema.SLIPS),
        entries.c.occurred_at >= bindparam("since"),
        select(_FOUND).where(_number == entries.c.number, orders.c.reported_at <= bindparam("until")).exists(),
    ),
    "DUE": select(
        *(obligations, orders.c.kind, orders.c.state, orders.c.place, orders.c.assignee, orders.c.priority),
        *(orders.c.tracker, orders.c.policies_version),
    )
    .join_from(obligations, orders, _number == obligations.c.number)
    .where(_owed, obligations.c.due_at <= bindparam("until"))
    .order_by(obligations.c.due_at, obligations.c.number, obligations.c.name, obligations.c.cycle)
    .limit(_limit),
    # What the nightly run has to do with: by the index, so that it costs what is due and not what there is.
    "DUE_NEXT": select(obligations.c.number)
    .where(obligations.c.next_at.is_not(None), obligations.c.next_at < bindparam("at"))
    .group_by(obligations.c.number)
    .order_by(func.min(obligations.c.next_at), obligations.c.number),
    "PROVISIONAL": select(obligations.c.number).where(obligations.c.provisional == 1).distinct(),
    "LAST_OF": select(*_entry)
    .select_from(_with_body)
    .where(_is(entries.c.number))
    .order_by(entries.c.version.desc())
    .limit(1),
    # What was finished between two times and nobody has looked at again (CAL-8).
    "NOT_RECHECKED": select(orders.c.doc)
    .where(
        orders.c.finished_at >= bindparam("since"),
        orders.c.finished_at < bindparam("before"),
        or_(*(orders.c.kind == kind for kind in ("in_home", "public_area"))),
        orders.c.rechecked_at.is_(None),
        # Whoever finished it elsewhere looked at it again there, or nobody did.
        orders.c.finished_there == 0,
        orders.c.as_found == 0,
    )
    .order_by(orders.c.finished_at, _number),
    # Callbacks, drawn.
    "CALLABLE": select(
        *(orders.c[name] for name in "filed_seq must callable number kind policies_version calls archived_at".split())
    ).where(_archived),
    # For a report, which only counts them: whom nobody called comes as the draw wants it, the others in full.
    "FILED_BETWEEN": select(entries.c.number)
    .where(
        *(literal_column(schema.POSTS), entries.c.event == literal_column("'archive'")),
        *(entries.c.occurred_at >= bindparam("since"), entries.c.occurred_at < bindparam("before")),
    )
    .order_by(entries.c.seq),
    "JUDGED": select(orders.c.kind, orders.c.policies_version).where(_archived).distinct(),
    "LOTS": select(
        orders.c.filed_seq, _number, orders.c.must, orders.c.callable, bindparam("share", type_=Integer), null()
    ).where(_archived, _is(orders.c.kind), _is(orders.c.policies_version), orders.c.calls.is_(None)),
    "CALLED": select(
        *(orders.c[name] for name in "kind policies_version calls filed_seq number must callable".split())
    ).where(_archived, orders.c.calls.is_not(None)),
    # The first that was written since, not the last before: a clock that was put back chooses no other.
    # With the sum SQLite takes the index; for the bare column it would go through the entries from the first one on.
    "FIRST_WRITTEN_SINCE": select(func.min(entries.c.seq + literal_column("0"))).where(
        entries.c.recorded_at >= bindparam("since")
    ),
    "CALLED_SINCE": select(func.min(entries.c.occurred_at)).where(
        literal_column(schema.CALLS), entries.c.occurred_at >= bindparam("since")
    ),
    # By their names: a letter that was written is there, whatever it answers.
    "LETTERS": select(func.count()).where(
        streams.c.number > literal_column("'letter:'"), streams.c.number < literal_column("'letter;'")
    ),
    "HASH_OF": select(entries.c.hash).where(_is(entries.c.seq)),
    # Finance, looked up.
    # By the journal itself: a lock that could be deleted would be none.
    "LAST_HANDED_OVER": select(func.max(entries.c.number)).where(
        entries.c.number > literal_column("'month:'"),
        entries.c.number < literal_column("'month;'"),
        _HANDED_OVER,
    ),
    "POSTED_AFTER": select(func.min(postings.c.month)).where(postings.c.month > bindparam("month")),
    "POSTINGS": select(postings)
    .where(_is(postings.c.month))
    .order_by(postings.c.place, postings.c.number, postings.c.n),
    "HANDED_OVER_SEQ": select(func.min(entries.c.seq)).where(_is(entries.c.number), _HANDED_OVER),
    "FIRST_POSTING": select(func.min(entries.c.occurred_at)).where(literal_column(schema.POSTS)),
    "POSTING_IN": select(entries.c.number).where(
        literal_column(schema.POSTS),
        entries.c.occurred_at >= bindparam("since"),
        entries.c.occurred_at < bindparam("before"),
    ),
    "POSTING_BETWEEN": select(entries.c.number).where(
        literal_column(schema.POSTS),
        entries.c.seq > bindparam("after"),
        entries.c.seq <= bindparam("upto"),
    ),
    "ARREARS": _arrears,
    "ARREARS_AT": _arrears.where(_is(orders.c.place)),
    "LAST_RECEIPT": select(func.max(receipts.c.serial)).where(_is(receipts.c.series)),
    # Messages, looked up.
    "MESSAGES_DUE": select(messages.c.id)
    .where(messages.c.next_at.is_not(None), messages.c.next_at <= bindparam("until"))
    .order_by(messages.c.next_at, messages.c.id)
    .limit(_limit),
    "MESSAGES_UNSENT": select(messages.c.state, func.count())
    .where(_unsent, messages.c.queued_at >= bindparam("since"))
    .group_by(messages.c.state),
    "OLDEST_UNSENT": select(func.min(messages.c.queued_at)).where(
        _unsent, messages.c.state != literal_column("'given-up'")
    ),
    "LAST_MESSAGE": select(func.max(messages.c.id)),
    "FIRST_HASH": select(entries.c.hash).where(entries.c.seq == 1),
    "FIRST_WRITTEN": select(entries.c.recorded_at).where(entries.c.seq == 1),
    "HASH_AT": select(entries.c.hash).where(_is(entries.c.seq)),
    # What can be purged, looked up (RET-2).
    "REPORTED_BEFORE": select(orders.c.doc).where(orders.c.reported_at < bindparam("before")).order_by(_number),
    "LINKS": select(_number, orders.c.doc).where(
        or_(
            orders.c.follows.is_not(None),
            orders.c.coordination.is_not(None),
            orders.c.converted_from.is_not(None),
            *(dialects.holds(orders.c.doc, literal_column(f"'{text}'")) for text in _NAMED),
        )
    ),
    "OWING": select(obligations.c.number).where(_owed).distinct(),
    "POSTED_SINCE": select(postings.c.number)
    .where(postings.c.month > bindparam("month"), or_(postings.c.chargeable == 1, postings.c.amount != 0))
    .distinct(),
    # From the report to the last that finance heard of it: so long an order stands in reports.
    "SPANS_AT": select(
        _number,
        orders.c.reported_at,
        dialects.greater(
            func.coalesce(orders.c.archived_at, orders.c.reported_at),
            func.coalesce(
                select(func.max(postings.c.at)).where(postings.c.number == _number).scalar_subquery(),
                literal_column("''"),
            ),
        ),
    ).where(_is(orders.c.place)),
    "ORDERS_PURGED": select(entries.c.number)
    .join_from(purged, entries, entries.c.seq == purged.c.seq)
    .join(orders, orders.c.number == entries.c.number)
    .where(entries.c.version == 1),
    "STAND_INS": select(places.c.place, places.c.stand_in),
    "STAND_IN_OF": select(places.c.place).where(_is(places.c.stand_in)),
    "LAST_PURGE": select(func.max(entries.c.number)).where(_of_purges),
    "PURGE_NUMBERS": select(entries.c.number).where(_of_purges).order_by(entries.c.number),
    "PURGED_EVENTS": select(entries.c.event).join_from(purged, entries, entries.c.seq == purged.c.seq).distinct(),
    "BODIES_OF": select(*_entry)
    .join_from(entries, bodies, bodies.c.seq == entries.c.seq)
    .where(entries.c.event.in_(select(_events.c.value)))
    .order_by(entries.c.seq),
    "BODY_WITH_SALT": select(*entries.columns, bodies.c.salt, bodies.c.body)
    .join_from(entries, bodies, bodies.c.seq == entries.c.seq)
    .where(_is(entries.c.number))
    .order_by(entries.c.version),
    "SUPERSEDED_AT": select(entries.c.recorded_at).where(_is(entries.c.number), entries.c.version == bindparam("next")),
    "DROP_PLACE": delete(places).where(_is(places.c.id)),
    "DROP_BODY": delete(bodies).where(_is(bodies.c.seq)),
    # Households, people and rules, looked up.
    "HOUSEHOLD_AT": select(households.c.doc).where(_is(households.c.place)),
    "HOUSEHOLDS": select(households.c.doc).where(_found_household).order_by(households.c.place).limit(_limit),
    "HOUSEHOLD_COUNT": select(func.count()).select_from(households).where(_found_household),
    "LAST_HOUSEHOLD": select(func.max(households.c.serial)),
    "PERSON_DOC": select(staff.c.doc).where(_is(staff.c.id)),
    "STAFF_DOCS": select(staff.c.doc).order_by(staff.c.id),
    "ROSTER": select(_FOUND).where(dialects.in_document(staff.c.doc, "duty", 0).is_not(None)).limit(1),
    "PERSON_BY_OS_USER": select(staff.c.doc).where(_is(staff.c.os_user)).order_by(staff.c.retired, staff.c.id).limit(1),
    "RULES_OF_VERSION": _rules_body.where(_is(rules.c.kind), _is(rules.c.version)).order_by(rules.c.seq).limit(1),
    "RULES_LATEST": _rules_body.where(_is(rules.c.kind)).order_by(rules.c.seq.desc()).limit(1),
    "RULES_OF_FILE": _rules_body.where(_is(rules.c.kind), _is(rules.c.file_digest)),
    "ADOPTED": select(rules.c.seq, rules.c.version).where(_is(rules.c.kind)).order_by(rules.c.seq.desc()),
}

_states = dialects.each(bindparam("states"))

FILTERS: dict[str, ColumnElement[bool]] = {
    "states": orders.c.state.in_(select(_states.c.value)),
    "state": _is(orders.c.state),
    "assignee": _is(orders.c.assignee),
    "tracker": _is(orders.c.tracker),
    "open": orders.c.is_open == bindparam("open"),
    "kind": _is(orders.c.kind),
    "priority": _is(orders.c.priority),
    "category": _is(orders.c.category),
    "department": _is(orders.c.department),
    "place": _is(orders.c.place),
    "staff": or_(_is(orders.c.assignee, "staff"), _is(orders.c.tracker, "staff")),
    "id": _is(orders.c.id),
    "tail": orders.c.tail >= bindparam("tail"),
    "beyond": orders.c.tail < bindparam("beyond"),
    "since": orders.c.reported_at >= bindparam("since"),
    "until": orders.c.reported_at <= bindparam("until"),
    "archived_since": orders.c.archived_at >= bindparam("archived_since"),
    "archived_before": orders.c.archived_at < bindparam("archived_before"),
    "external_id": _is(orders.c.external_id),
    "coordination": _is(orders.c.coordination),
    "converted_from": _is(orders.c.converted_from),
    "follows": _is(orders.c.follows),
    "overdue_at": _number.in_(
        select(obligations.c.number).where(
            _owed, obligations.c.paused == 0, obligations.c.due_at < bindparam("overdue_at")
        )
    ),
}
"""What ``Reader.orders`` can be asked for; each is also the name of its parameter. ``until`` is itself included.

What is found by words comes as ids (``finding.py``).
"""

TAKING: dict[str, ClauseElement] = {
    # By functions that only some may call: nobody is granted the tables themselves (``postgres_grants``).
    "TAKE_BODIES": text("SELECT take_bodies(:entry)"),
    "DROP_PLACE": text("SELECT drop_place(:id)"),
}
"""How a purge takes what goes where a server says who may."""

_new = upsert(orders).values({c.name: bindparam(c.name) for c in _of_order})
AT_ONCE: dict[str, ClauseElement] = {
    # Not asked for before: where a row of somebody else's stands in its place, it is this order's now.
    "STORE_ORDER": _new.on_conflict_do_update(
        index_elements=["number"], set_={c.name: _new.excluded[c.name] for c in _of_order if c is not _number}
    ),
    "NUMBERS_OF_EXTERNALS": text("SELECT external_id, number FROM orders WHERE external_id = ANY((:ids)::text[])"),
    "LAST_SERIALS": text(
        "SELECT series, max(serial) FROM orders WHERE series >= (:begin)::text AND series < (:beyond)::text "
        "GROUP BY series"
    ),
    "OPEN_AT_PLACES": text(
        "SELECT place, category, reported_at, number FROM orders WHERE place = ANY((:places)::text[]) AND is_open = 1 "
        "AND category IS NOT NULL"
    ),
}
"""What is said otherwise where every question is a journey."""

NEWEST_FIRST = (orders.c.reported_at.desc(), _number.desc())
NEWEST_SORTED = tuple(dialects.apart(column).desc() for column in (orders.c.reported_at, _number))
"""The same, sorted by hand: SQLite would go through all orders because they lie in this order."""
LIMIT = _limit
