"""The tables and statements of the ledger for SQLite. Generated from schema.py and statements.py: `make sql`."""

from __future__ import annotations

SCHEMA = (
    "CREATE TABLE entries ( seq INTEGER NOT NULL, number TEXT NOT NULL, version INTEGER NOT NULL, event TEXT NOT NULL, actor TEXT NOT NULL, keyboard TEXT NOT NULL, occurred_at TEXT NOT NULL, recorded_at TEXT NOT NULL, late INTEGER NOT NULL, body_digest TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (seq), UNIQUE (number, version), CHECK (late IN (0, 1)), UNIQUE (hash) ) STRICT",
    "CREATE INDEX entries_posting ON entries (occurred_at, number) WHERE event IN ('archive', 'rebill', 'correct')",
    "CREATE INDEX entries_slips ON entries (occurred_at, number) WHERE event IN ('assign', 'cancel', 'close', 'convert', 'decline', 'infeasible')",
    "CREATE TABLE bodies ( seq INTEGER NOT NULL, salt BLOB NOT NULL, body TEXT NOT NULL, PRIMARY KEY (seq), FOREIGN KEY(seq) REFERENCES entries (seq) ) STRICT",
    "CREATE TABLE orders ( number TEXT NOT NULL, tail TEXT NOT NULL, series TEXT NOT NULL, serial INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, is_open INTEGER NOT NULL, priority TEXT, category TEXT, place TEXT, assignee TEXT, tracker TEXT, reported_at TEXT NOT NULL, finished_at TEXT, archived_at TEXT, appointment_start TEXT, appointment_end TEXT, follows TEXT, external_id TEXT, coordination TEXT, converted_from TEXT, rating TEXT, total INTEGER, received INTEGER NOT NULL, search TEXT NOT NULL, version INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (number) ) STRICT",
    "CREATE INDEX orders_archived ON orders (archived_at) WHERE archived_at IS NOT NULL",
    "CREATE INDEX orders_arrears ON orders (place, number) WHERE archived_at IS NOT NULL AND total <> received",
    "CREATE INDEX orders_assignee ON orders (assignee, is_open)",
    "CREATE INDEX orders_coordination ON orders (coordination) WHERE coordination IS NOT NULL",
    "CREATE UNIQUE INDEX orders_external ON orders (external_id) WHERE external_id IS NOT NULL",
    "CREATE INDEX orders_follows ON orders (follows) WHERE follows IS NOT NULL",
    "CREATE INDEX orders_open_at ON orders (place, category, reported_at, number) WHERE is_open = 1",
    "CREATE INDEX orders_place ON orders (place, reported_at, number)",
    "CREATE INDEX orders_reported ON orders (reported_at, number)",
    "CREATE INDEX orders_serial ON orders (series, serial)",
    "CREATE INDEX orders_state ON orders (state, reported_at, number)",
    "CREATE INDEX orders_tail ON orders (tail)",
    "CREATE INDEX orders_tracker ON orders (tracker) WHERE tracker IS NOT NULL",
    "CREATE TABLE obligations ( number TEXT NOT NULL, name TEXT NOT NULL, cycle INTEGER NOT NULL, id TEXT NOT NULL, rule TEXT NOT NULL, owner TEXT NOT NULL, starts_at TEXT NOT NULL, due_at TEXT NOT NULL, met_at TEXT, void_at TEXT, paused INTEGER NOT NULL, running INTEGER NOT NULL, level INTEGER NOT NULL, next_at TEXT, provisional INTEGER NOT NULL, PRIMARY KEY (number, name, cycle), FOREIGN KEY(number) REFERENCES orders (number) ) STRICT",
    "CREATE INDEX obligations_due ON obligations (due_at, number) WHERE running = 1",
    "CREATE INDEX obligations_next ON obligations (next_at, number) WHERE next_at IS NOT NULL",
    "CREATE INDEX obligations_provisional ON obligations (number) WHERE provisional = 1",
    "CREATE TABLE postings ( number TEXT NOT NULL, n INTEGER NOT NULL, month TEXT NOT NULL, kind TEXT NOT NULL, place TEXT, amount INTEGER NOT NULL, chargeable INTEGER NOT NULL, at TEXT NOT NULL, \"of\" TEXT NOT NULL, reason TEXT, PRIMARY KEY (number, n), FOREIGN KEY(number) REFERENCES orders (number) ) STRICT",
    "CREATE INDEX postings_month ON postings (month, place, number, n)",
    "CREATE TABLE receipts ( number TEXT NOT NULL, n INTEGER NOT NULL, receipt TEXT NOT NULL, series TEXT NOT NULL, serial INTEGER NOT NULL, amount INTEGER NOT NULL, method TEXT NOT NULL, at TEXT NOT NULL, \"by\" TEXT NOT NULL, PRIMARY KEY (number, n), FOREIGN KEY(number) REFERENCES orders (number) ) STRICT",
    "CREATE INDEX receipts_serial ON receipts (series, serial)",
    "CREATE TABLE households ( id TEXT NOT NULL, serial INTEGER NOT NULL, place TEXT NOT NULL, since TEXT, search TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (id) ) STRICT",
    "CREATE UNIQUE INDEX households_place ON households (place)",
    "CREATE INDEX households_serial ON households (serial)",
    "CREATE TABLE messages ( id INTEGER NOT NULL, recipient TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL, next_at TEXT, queued_at TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (id) ) STRICT",
    "CREATE INDEX messages_due ON messages (next_at, id) WHERE next_at IS NOT NULL",
    "CREATE INDEX messages_unsent ON messages (state, queued_at) WHERE state <> 'sent'",
    "CREATE TABLE staff ( id TEXT NOT NULL, name TEXT NOT NULL, role TEXT, os_user TEXT, retired INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (id) ) STRICT",
    "CREATE INDEX staff_os_user ON staff (os_user) WHERE os_user IS NOT NULL",
    "CREATE TABLE rules ( kind TEXT NOT NULL, file_digest TEXT NOT NULL, version TEXT NOT NULL, digest TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, file_digest), FOREIGN KEY(seq) REFERENCES entries (seq) ) STRICT",
    "CREATE INDEX rules_version ON rules (kind, version, seq)",
    "CREATE TABLE streams ( number TEXT NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (number) ) STRICT",
    "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'the ledger is written in pen: entries refuses UPDATE'); END",
    "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the ledger is written in pen: entries refuses DELETE'); END",
    "CREATE TRIGGER bodies_no_update BEFORE UPDATE ON bodies BEGIN SELECT RAISE(ABORT, 'the ledger is written in pen: bodies refuses UPDATE'); END",
    "CREATE TRIGGER bodies_no_delete BEFORE DELETE ON bodies BEGIN SELECT RAISE(ABORT, 'the ledger is written in pen: bodies refuses DELETE'); END",
    "CREATE TRIGGER entries_link BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'an entry takes the next seq') WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries); SELECT RAISE(ABORT, 'an entry links to the last hash') WHERE NEW.prev IS NOT coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), printf('%064d', 0)); SELECT RAISE(ABORT, 'an entry takes the next version of its number') WHERE NEW.version IS NOT (SELECT coalesce(max(version), 0) + 1 FROM entries WHERE number = NEW.number); SELECT RAISE(ABORT, 'an entry has a hash of its own') WHERE EXISTS (SELECT 1 FROM entries WHERE hash = NEW.hash); END",
    "CREATE TRIGGER bodies_link BEFORE INSERT ON bodies BEGIN SELECT RAISE(ABORT, 'a body belongs to the last entry') WHERE NEW.seq IS NOT (SELECT max(seq) FROM entries); SELECT RAISE(ABORT, 'an entry has one body') WHERE EXISTS (SELECT 1 FROM bodies WHERE seq = NEW.seq); END",
)

ADD_ENTRY = "INSERT INTO entries (seq, number, version, event, actor, keyboard, occurred_at, recorded_at, late, body_digest, prev, hash) VALUES (:seq, :number, :version, :event, :actor, :keyboard, :occurred_at, :recorded_at, :late, :body_digest, :prev, :hash)"
ADD_BODY = "INSERT INTO bodies (seq, salt, body) VALUES (:seq, :salt, :body)"
HEAD = "SELECT entries.seq, entries.hash FROM entries ORDER BY entries.seq DESC LIMIT 1 OFFSET 0"
LAST_VERSION = "SELECT max(entries.version) AS max_1 FROM entries WHERE entries.number = :number"
ENTRIES_OF = "SELECT entries.seq, entries.number, entries.version, entries.event, entries.actor, entries.keyboard, entries.occurred_at, entries.recorded_at, entries.late, bodies.body FROM entries LEFT OUTER JOIN bodies ON bodies.seq = entries.seq WHERE entries.number = :number ORDER BY entries.version"
WRITTEN_AFTER = "SELECT entries.number, entries.event, entries.recorded_at FROM entries WHERE entries.seq > :after ORDER BY entries.seq DESC"
JOURNAL = "SELECT entries.seq, entries.number, entries.version, entries.event, entries.actor, entries.keyboard, entries.occurred_at, entries.recorded_at, entries.late, bodies.body FROM entries LEFT OUTER JOIN bodies ON bodies.seq = entries.seq ORDER BY entries.seq"
STREAMS = "SELECT entries.seq, entries.number, entries.version, entries.event, entries.actor, entries.keyboard, entries.occurred_at, entries.recorded_at, entries.late, bodies.body FROM entries LEFT OUTER JOIN bodies ON bodies.seq = entries.seq ORDER BY entries.number, entries.version"
CHAIN = "SELECT entries.seq, entries.number, entries.version, entries.event, entries.actor, entries.keyboard, entries.occurred_at, entries.recorded_at, entries.late, entries.body_digest, entries.prev, entries.hash, bodies.salt, bodies.body FROM entries LEFT OUTER JOIN bodies ON bodies.seq = entries.seq ORDER BY entries.seq"
STRAY_BODIES = "SELECT bodies.seq FROM bodies WHERE NOT (EXISTS (SELECT 1 FROM entries WHERE entries.seq = bodies.seq))"
STORE_ORDER = "INSERT INTO orders (number, tail, series, serial, kind, state, is_open, priority, category, place, assignee, tracker, reported_at, finished_at, archived_at, appointment_start, appointment_end, follows, external_id, coordination, converted_from, rating, total, received, search, version, doc) VALUES (:number, :tail, :series, :serial, :kind, :state, :is_open, :priority, :category, :place, :assignee, :tracker, :reported_at, :finished_at, :archived_at, :appointment_start, :appointment_end, :follows, :external_id, :coordination, :converted_from, :rating, :total, :received, :search, :version, :doc) ON CONFLICT (number) DO UPDATE SET tail = excluded.tail, series = excluded.series, serial = excluded.serial, kind = excluded.kind, state = excluded.state, is_open = excluded.is_open, priority = excluded.priority, category = excluded.category, place = excluded.place, assignee = excluded.assignee, tracker = excluded.tracker, reported_at = excluded.reported_at, finished_at = excluded.finished_at, archived_at = excluded.archived_at, appointment_start = excluded.appointment_start, appointment_end = excluded.appointment_end, follows = excluded.follows, external_id = excluded.external_id, coordination = excluded.coordination, converted_from = excluded.converted_from, rating = excluded.rating, total = excluded.total, received = excluded.received, search = excluded.search, version = excluded.version, doc = excluded.doc"
STORE_OBLIGATION = "INSERT INTO obligations (number, name, cycle, id, rule, owner, starts_at, due_at, met_at, void_at, paused, running, level, next_at, provisional) VALUES (:number, :name, :cycle, :id, :rule, :owner, :starts_at, :due_at, :met_at, :void_at, :paused, :running, :level, :next_at, :provisional) ON CONFLICT (number, name, cycle) DO UPDATE SET id = excluded.id, rule = excluded.rule, owner = excluded.owner, starts_at = excluded.starts_at, due_at = excluded.due_at, met_at = excluded.met_at, void_at = excluded.void_at, paused = excluded.paused, running = excluded.running, level = excluded.level, next_at = excluded.next_at, provisional = excluded.provisional"
STORE_POSTING = "INSERT INTO postings (number, n, month, kind, place, amount, chargeable, at, \"of\", reason) VALUES (:number, :n, :month, :kind, :place, :amount, :chargeable, :at, :of, :reason) ON CONFLICT (number, n) DO UPDATE SET month = excluded.month, kind = excluded.kind, place = excluded.place, amount = excluded.amount, chargeable = excluded.chargeable, at = excluded.at, \"of\" = excluded.\"of\", reason = excluded.reason"
STORE_RECEIPT = "INSERT INTO receipts (number, n, receipt, series, serial, amount, method, at, \"by\") VALUES (:number, :n, :receipt, :series, :serial, :amount, :method, :at, :by) ON CONFLICT (number, n) DO UPDATE SET receipt = excluded.receipt, series = excluded.series, serial = excluded.serial, amount = excluded.amount, method = excluded.method, at = excluded.at, \"by\" = excluded.\"by\""
STORE_HOUSEHOLD = "INSERT INTO households (id, serial, place, since, search, doc) VALUES (:id, :serial, :place, :since, :search, :doc) ON CONFLICT (id) DO UPDATE SET serial = excluded.serial, place = excluded.place, since = excluded.since, search = excluded.search, doc = excluded.doc"
STORE_MESSAGE = "INSERT INTO messages (id, recipient, state, tries, next_at, queued_at, doc) VALUES (:id, :recipient, :state, :tries, :next_at, :queued_at, :doc) ON CONFLICT (id) DO UPDATE SET recipient = excluded.recipient, state = excluded.state, tries = excluded.tries, next_at = excluded.next_at, queued_at = excluded.queued_at, doc = excluded.doc"
STORE_PERSON = "INSERT INTO staff (id, name, role, os_user, retired, doc) VALUES (:id, :name, :role, :os_user, :retired, :doc) ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, os_user = excluded.os_user, retired = excluded.retired, doc = excluded.doc"
STORE_STREAM = "INSERT INTO streams (number, version, seq) VALUES (:number, :version, :seq) ON CONFLICT (number) DO UPDATE SET version = excluded.version, seq = excluded.seq"
STORE_RULES = "INSERT INTO rules (kind, file_digest, version, digest, seq) VALUES (:kind, :file_digest, :version, :digest, :seq) ON CONFLICT (kind, file_digest) DO NOTHING"
CLEAR_OBLIGATIONS = "DELETE FROM obligations"
CLEAR_POSTINGS = "DELETE FROM postings"
CLEAR_RECEIPTS = "DELETE FROM receipts"
CLEAR_ORDERS = "DELETE FROM orders"
CLEAR_HOUSEHOLDS = "DELETE FROM households"
CLEAR_MESSAGES = "DELETE FROM messages"
CLEAR_STAFF = "DELETE FROM staff"
CLEAR_RULES = "DELETE FROM rules"
CLEAR_STREAMS = "DELETE FROM streams"
ORDER_ROW = "SELECT orders.number, orders.tail, orders.series, orders.serial, orders.kind, orders.state, orders.is_open, orders.priority, orders.category, orders.place, orders.assignee, orders.tracker, orders.reported_at, orders.finished_at, orders.archived_at, orders.appointment_start, orders.appointment_end, orders.follows, orders.external_id, orders.coordination, orders.converted_from, orders.rating, orders.total, orders.received, orders.search, orders.version, orders.doc FROM orders WHERE orders.number = :number"
OBLIGATION_ROWS = "SELECT obligations.number, obligations.name, obligations.cycle, obligations.id, obligations.rule, obligations.owner, obligations.starts_at, obligations.due_at, obligations.met_at, obligations.void_at, obligations.paused, obligations.running, obligations.level, obligations.next_at, obligations.provisional FROM obligations WHERE obligations.number = :number"
POSTING_ROWS = "SELECT postings.number, postings.n, postings.month, postings.kind, postings.place, postings.amount, postings.chargeable, postings.at, postings.\"of\", postings.reason FROM postings WHERE postings.number = :number ORDER BY postings.n"
RECEIPT_ROWS = "SELECT receipts.number, receipts.n, receipts.receipt, receipts.series, receipts.serial, receipts.amount, receipts.method, receipts.at, receipts.\"by\" FROM receipts WHERE receipts.number = :number ORDER BY receipts.n"
HOUSEHOLD_ROW = "SELECT households.id, households.serial, households.place, households.since, households.search, households.doc FROM households WHERE households.id = :id"
MESSAGE_ROW = "SELECT messages.id, messages.recipient, messages.state, messages.tries, messages.next_at, messages.queued_at, messages.doc FROM messages WHERE messages.id = :id"
STAFF_ROWS = "SELECT staff.id, staff.name, staff.role, staff.os_user, staff.retired, staff.doc FROM staff"
RULES_ROWS = "SELECT rules.kind, rules.file_digest, rules.version, rules.digest, rules.seq FROM rules"
STREAMS_AMISS = "SELECT entries.number, max(entries.version) AS max_1, max(entries.seq) AS max_2 FROM entries GROUP BY entries.number EXCEPT SELECT streams.number, streams.version, streams.seq FROM streams"
STREAMS_BEYOND = "SELECT streams.number, streams.version, streams.seq FROM streams EXCEPT SELECT entries.number, max(entries.version) AS max_1, max(entries.seq) AS max_2 FROM entries GROUP BY entries.number"
STREAMS_ENDED = "SELECT entries.number, max(entries.version) AS max_1, max(entries.seq) AS max_2 FROM entries GROUP BY entries.number"
ORDER_NUMBERS = "SELECT DISTINCT orders.number, EXISTS (SELECT 1 FROM entries WHERE entries.number = orders.number) AS known FROM orders"
OBLIGATION_NUMBERS = "SELECT DISTINCT obligations.number, EXISTS (SELECT 1 FROM entries WHERE entries.number = obligations.number) AS known FROM obligations"
POSTING_NUMBERS = "SELECT DISTINCT postings.number, EXISTS (SELECT 1 FROM entries WHERE entries.number = postings.number) AS known FROM postings"
RECEIPT_NUMBERS = "SELECT DISTINCT receipts.number, EXISTS (SELECT 1 FROM entries WHERE entries.number = receipts.number) AS known FROM receipts"
STRAY_HOUSEHOLDS = "SELECT households.id FROM households WHERE NOT (EXISTS (SELECT 1 FROM entries WHERE entries.number = ('household:' || households.id)))"
STRAY_MESSAGES = "SELECT messages.id FROM messages WHERE NOT (EXISTS (SELECT 1 FROM entries WHERE entries.number = ('message:' || messages.id)))"
ORDER_EXISTS = "SELECT 1 FROM orders WHERE orders.number = :number"
NUMBERS_ENDING = "SELECT orders.number FROM orders WHERE orders.tail >= :tail AND orders.tail < :beyond ORDER BY orders.tail LIMIT :limit OFFSET 0"
ORDER_DOC = "SELECT orders.doc FROM orders WHERE orders.number = :number"
LISTED = "SELECT orders.number FROM orders"
ORDER_COUNT = "SELECT count(*) AS count_1 FROM orders"
OPEN_AT = "SELECT orders.doc FROM orders WHERE orders.place = :place AND orders.category = :category AND orders.is_open = 1 ORDER BY orders.reported_at, orders.number"
NUMBER_OF_EXTERNAL = "SELECT orders.number FROM orders WHERE orders.external_id = :external_id"
LAST_SERIAL = "SELECT max(orders.serial) AS max_1 FROM orders WHERE orders.series = :series"
EXPECTED = "SELECT orders.number, orders.appointment_start, orders.appointment_end FROM orders WHERE orders.assignee = :staff AND orders.is_open = 1 AND (orders.state = 'assigned' OR orders.state = 'paused' OR orders.state = 'on_site') AND orders.appointment_start IS NOT NULL ORDER BY orders.appointment_start, orders.number"
HELD_BY = "SELECT orders.number FROM orders WHERE orders.assignee = :staff AND (orders.is_open = 1 OR orders.state = 'finished') OR orders.tracker = :staff AND (orders.is_open = 1 OR orders.state = 'finished') ORDER BY orders.number"
FOLLOWERS = "SELECT orders.doc FROM orders WHERE orders.follows = :follows ORDER BY orders.reported_at, orders.number"
COUNTS = "SELECT orders.state, count(*) AS count_1 FROM orders GROUP BY orders.state"
SLIPS_HELD = "SELECT orders.number FROM orders WHERE (orders.state = 'assigned' OR orders.state = 'paused' OR orders.state = 'on_site' OR orders.state = 'finished' OR orders.state = 'signed') AND orders.assignee IS NOT NULL AND orders.reported_at <= :until"
SLIPS_LEFT = "SELECT entries.number FROM entries WHERE event IN ('assign', 'cancel', 'close', 'convert', 'decline', 'infeasible') AND entries.occurred_at >= :since AND (EXISTS (SELECT 1 FROM orders WHERE orders.number = entries.number AND orders.reported_at <= :until))"
DUE = "SELECT obligations.number, obligations.name, obligations.cycle, obligations.id, obligations.rule, obligations.owner, obligations.starts_at, obligations.due_at, obligations.met_at, obligations.void_at, obligations.paused, obligations.running, obligations.level, obligations.next_at, obligations.provisional, orders.kind, orders.state, orders.place, orders.assignee, orders.priority, orders.tracker FROM obligations JOIN orders ON orders.number = obligations.number WHERE obligations.running = 1 AND obligations.due_at <= :until ORDER BY obligations.due_at, obligations.number, obligations.name, obligations.cycle LIMIT :limit OFFSET 0"
DUE_NEXT = "SELECT obligations.number FROM obligations WHERE obligations.next_at IS NOT NULL AND obligations.next_at < :at GROUP BY obligations.number ORDER BY min(obligations.next_at), obligations.number"
PROVISIONAL = "SELECT DISTINCT obligations.number FROM obligations WHERE obligations.provisional = 1"
LAST_OF = "SELECT entries.seq, entries.number, entries.version, entries.event, entries.actor, entries.keyboard, entries.occurred_at, entries.recorded_at, entries.late, bodies.body FROM entries LEFT OUTER JOIN bodies ON bodies.seq = entries.seq WHERE entries.number = :number ORDER BY entries.version DESC LIMIT 1 OFFSET 0"
FIRST = "SELECT entries.recorded_at FROM entries ORDER BY entries.seq LIMIT 1 OFFSET 0"
LAST_HANDED_OVER = "SELECT max(entries.number) AS max_1 FROM entries WHERE entries.number > 'month:' AND entries.number < 'month;' AND entries.event = 'hand-over'"
POSTED_AFTER = "SELECT min(postings.month) AS min_1 FROM postings WHERE postings.month > :month"
POSTINGS = "SELECT postings.number, postings.n, postings.month, postings.kind, postings.place, postings.amount, postings.chargeable, postings.at, postings.\"of\", postings.reason FROM postings WHERE postings.month = :month ORDER BY postings.place, postings.number, postings.n"
HANDED_OVER_SEQ = "SELECT min(entries.seq) AS min_1 FROM entries WHERE entries.number = :number AND entries.event = 'hand-over'"
FIRST_POSTING = "SELECT min(entries.occurred_at) AS min_1 FROM entries WHERE event IN ('archive', 'rebill', 'correct')"
POSTING_IN = "SELECT entries.number FROM entries WHERE event IN ('archive', 'rebill', 'correct') AND entries.occurred_at >= :since AND entries.occurred_at < :before"
POSTING_BETWEEN = "SELECT entries.number FROM entries WHERE event IN ('archive', 'rebill', 'correct') AND entries.seq > :after AND entries.seq <= :upto"
ARREARS = "SELECT orders.number, orders.place, orders.archived_at, orders.total, orders.received, json_extract(orders.doc, '$.invoice') AS invoice FROM orders WHERE orders.archived_at IS NOT NULL AND orders.total != orders.received ORDER BY orders.place, orders.number"
ARREARS_AT = "SELECT orders.number, orders.place, orders.archived_at, orders.total, orders.received, json_extract(orders.doc, '$.invoice') AS invoice FROM orders WHERE orders.archived_at IS NOT NULL AND orders.total != orders.received AND orders.place = :place ORDER BY orders.place, orders.number"
LAST_RECEIPT = "SELECT max(receipts.serial) AS max_1 FROM receipts WHERE receipts.series = :series"
MESSAGES_DUE = "SELECT messages.id FROM messages WHERE messages.next_at IS NOT NULL AND messages.next_at <= :until ORDER BY messages.next_at, messages.id LIMIT :limit OFFSET 0"
MESSAGES_UNSENT = "SELECT messages.state, count(*) AS count_1 FROM messages WHERE messages.state != 'sent' AND messages.queued_at >= :since GROUP BY messages.state"
LAST_MESSAGE = "SELECT max(messages.id) AS max_1 FROM messages"
FIRST_HASH = "SELECT entries.hash FROM entries WHERE entries.seq = 1"
HOUSEHOLD_AT = "SELECT households.doc FROM households WHERE households.place = :place"
HOUSEHOLDS = "SELECT households.doc FROM households WHERE instr(households.search, :find) > 0 ORDER BY households.place LIMIT :limit OFFSET 0"
HOUSEHOLD_COUNT = "SELECT count(*) AS count_1 FROM households WHERE instr(households.search, :find) > 0"
LAST_HOUSEHOLD = "SELECT max(households.serial) AS max_1 FROM households"
PERSON_DOC = "SELECT staff.doc FROM staff WHERE staff.id = :id"
STAFF_DOCS = "SELECT staff.doc FROM staff ORDER BY staff.id"
PERSON_BY_OS_USER = "SELECT staff.doc FROM staff WHERE staff.os_user = :os_user ORDER BY staff.retired, staff.id LIMIT 1 OFFSET 0"
RULES_OF_VERSION = "SELECT rules.seq, bodies.body FROM rules JOIN bodies ON bodies.seq = rules.seq WHERE rules.kind = :kind AND rules.version = :version ORDER BY rules.seq LIMIT 1 OFFSET 0"
RULES_OF_FILE = "SELECT rules.seq, bodies.body FROM rules JOIN bodies ON bodies.seq = rules.seq WHERE rules.kind = :kind AND rules.file_digest = :file_digest"

FILTERS = {
    "states": "orders.state IN (SELECT anon_1.value FROM json_each(:states) AS anon_1)",
    "open": "orders.is_open = :open",
    "kind": "orders.kind = :kind",
    "priority": "orders.priority = :priority",
    "category": "orders.category = :category",
    "place": "orders.place = :place",
    "staff": "orders.assignee = :staff OR orders.tracker = :staff",
    "find": "instr(orders.search, :find) > 0",
    "since": "orders.reported_at >= :since",
    "until": "orders.reported_at <= :until",
    "archived_since": "orders.archived_at >= :archived_since",
    "archived_before": "orders.archived_at < :archived_before",
    "external_id": "orders.external_id = :external_id",
    "coordination": "orders.coordination = :coordination",
    "converted_from": "orders.converted_from = :converted_from",
    "follows": "orders.follows = :follows",
    "overdue_at": "orders.number IN (SELECT obligations.number FROM obligations WHERE obligations.running = 1 AND obligations.paused = 0 AND obligations.due_at < :overdue_at)",
}

NEWEST_FIRST = "orders.reported_at DESC, orders.number DESC"
