CREATE TABLE entries ( seq INTEGER NOT NULL, number TEXT NOT NULL, version INTEGER NOT NULL, event TEXT NOT NULL, actor TEXT NOT NULL, keyboard TEXT NOT NULL, occurred_at TEXT NOT NULL, recorded_at TEXT NOT NULL, late INTEGER NOT NULL, body_digest TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (seq), UNIQUE (number, version), CHECK (late IN (0, 1)), UNIQUE (hash) ) STRICT
CREATE INDEX entries_calls ON entries (occurred_at, number) WHERE event = 'callback'
CREATE INDEX entries_posting ON entries (occurred_at, number) WHERE event IN ('archive', 'rebill', 'correct')
CREATE INDEX entries_slips ON entries (occurred_at, number) WHERE event IN ('assign', 'cancel', 'close', 'convert', 'decline', 'infeasible')
CREATE INDEX entries_written ON entries (recorded_at)
CREATE TABLE bodies ( seq INTEGER NOT NULL, salt BLOB NOT NULL, body TEXT NOT NULL, PRIMARY KEY (seq), FOREIGN KEY(seq) REFERENCES entries (seq) ) STRICT
CREATE TABLE orders ( id INTEGER NOT NULL, number TEXT NOT NULL, tail TEXT NOT NULL, series TEXT NOT NULL, serial INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, is_open INTEGER NOT NULL, elsewhere INTEGER NOT NULL, priority TEXT, category TEXT, place TEXT, assignee TEXT, tracker TEXT, reported_at TEXT NOT NULL, finished_at TEXT, archived_at TEXT, appointment_start TEXT, appointment_end TEXT, follows TEXT, external_id TEXT, coordination TEXT, converted_from TEXT, rating TEXT, as_found INTEGER NOT NULL, total INTEGER, received INTEGER NOT NULL, severity TEXT, department TEXT, help_class TEXT, anonymous INTEGER NOT NULL, policies_version TEXT NOT NULL, worker TEXT, handling_seconds INTEGER NOT NULL, finished_there INTEGER NOT NULL, ticked INTEGER NOT NULL, lacks INTEGER NOT NULL, rechecked_at TEXT, resolve_due_at TEXT, resolve_met_at TEXT, resolve_void_at TEXT, resolve_paused INTEGER, search TEXT NOT NULL, version INTEGER NOT NULL, filed_seq INTEGER, must TEXT, callable INTEGER, calls TEXT, doc TEXT NOT NULL, PRIMARY KEY (id), UNIQUE (number) ) STRICT
CREATE INDEX orders_archived ON orders (archived_at, kind, policies_version, filed_seq, must, callable, calls, number) WHERE archived_at IS NOT NULL
CREATE INDEX orders_arrears ON orders (place, number) WHERE archived_at IS NOT NULL AND total <> received
CREATE INDEX orders_assignee ON orders (assignee, state, reported_at, number)
CREATE INDEX orders_coordination ON orders (coordination) WHERE coordination IS NOT NULL
CREATE INDEX orders_department ON orders (department, reported_at, number) WHERE department IS NOT NULL
CREATE UNIQUE INDEX orders_external ON orders (external_id) WHERE external_id IS NOT NULL
CREATE INDEX orders_finished ON orders (finished_at) WHERE finished_at IS NOT NULL
CREATE INDEX orders_follows ON orders (follows) WHERE follows IS NOT NULL
CREATE INDEX orders_open_at ON orders (place, category, reported_at, number) WHERE is_open = 1
CREATE INDEX orders_place ON orders (place, reported_at, number)
CREATE INDEX orders_reported ON orders (reported_at, number)
CREATE INDEX orders_serial ON orders (series, serial)
CREATE INDEX orders_state ON orders (state, kind, reported_at, number)
CREATE INDEX orders_tail ON orders (tail)
CREATE INDEX orders_tracker ON orders (tracker, reported_at, number) WHERE tracker IS NOT NULL
CREATE TABLE tallies ( state TEXT NOT NULL, kind TEXT NOT NULL, elsewhere INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (state, kind, elsewhere) ) STRICT
CREATE TABLE obligations ( number TEXT NOT NULL, name TEXT NOT NULL, cycle INTEGER NOT NULL, id TEXT NOT NULL, rule TEXT NOT NULL, owner TEXT NOT NULL, starts_at TEXT NOT NULL, due_at TEXT NOT NULL, met_at TEXT, void_at TEXT, paused INTEGER NOT NULL, running INTEGER NOT NULL, level INTEGER NOT NULL, next_at TEXT, provisional INTEGER NOT NULL, PRIMARY KEY (number, name, cycle), FOREIGN KEY(number) REFERENCES orders (number) ) STRICT
CREATE INDEX obligations_due ON obligations (due_at, number) WHERE running = 1
CREATE INDEX obligations_next ON obligations (next_at, number) WHERE next_at IS NOT NULL
CREATE INDEX obligations_provisional ON obligations (number) WHERE provisional = 1
CREATE TABLE postings ( number TEXT NOT NULL, n INTEGER NOT NULL, month TEXT NOT NULL, kind TEXT NOT NULL, place TEXT, amount INTEGER NOT NULL, chargeable INTEGER NOT NULL, at TEXT NOT NULL, "of" TEXT NOT NULL, reason TEXT, PRIMARY KEY (number, n), FOREIGN KEY(number) REFERENCES orders (number) ) STRICT
CREATE INDEX postings_month ON postings (month, place, number, n)
CREATE TABLE receipts ( number TEXT NOT NULL, n INTEGER NOT NULL, receipt TEXT NOT NULL, series TEXT NOT NULL, serial INTEGER NOT NULL, amount INTEGER NOT NULL, method TEXT NOT NULL, at TEXT NOT NULL, "by" TEXT NOT NULL, PRIMARY KEY (number, n), FOREIGN KEY(number) REFERENCES orders (number) ) STRICT
CREATE INDEX receipts_serial ON receipts (series, serial)
CREATE TABLE households ( id TEXT NOT NULL, serial INTEGER NOT NULL, place TEXT NOT NULL, since TEXT, search TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (id) ) STRICT
CREATE UNIQUE INDEX households_place ON households (place)
CREATE INDEX households_serial ON households (serial)
CREATE TABLE messages ( id INTEGER NOT NULL, recipient TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL, next_at TEXT, queued_at TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (id) ) STRICT
CREATE INDEX messages_due ON messages (next_at, id) WHERE next_at IS NOT NULL
CREATE INDEX messages_unsent ON messages (state, queued_at) WHERE state <> 'sent'
CREATE TABLE staff ( id TEXT NOT NULL, name TEXT NOT NULL, role TEXT, os_user TEXT, retired INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (id) ) STRICT
CREATE INDEX staff_os_user ON staff (os_user) WHERE os_user IS NOT NULL
CREATE TABLE rules ( kind TEXT NOT NULL, file_digest TEXT NOT NULL, version TEXT NOT NULL, digest TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, file_digest), FOREIGN KEY(seq) REFERENCES entries (seq) ) STRICT
CREATE INDEX rules_version ON rules (kind, version, seq)
CREATE TABLE streams ( number TEXT NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (number) ) STRICT
CREATE TABLE places ( id INTEGER NOT NULL, stand_in TEXT NOT NULL, place TEXT NOT NULL, PRIMARY KEY (id), UNIQUE (stand_in), UNIQUE (place) ) STRICT
CREATE TABLE purged ( seq INTEGER NOT NULL, entry INTEGER NOT NULL, remains TEXT NOT NULL, PRIMARY KEY (seq), FOREIGN KEY(seq) REFERENCES entries (seq), FOREIGN KEY(entry) REFERENCES entries (seq) ) STRICT
CREATE INDEX purged_entry ON purged (entry)
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'the ledger is written in pen: entries refuses UPDATE'); END
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the ledger is written in pen: entries refuses DELETE'); END
CREATE TRIGGER bodies_no_update BEFORE UPDATE ON bodies BEGIN SELECT RAISE(ABORT, 'the ledger is written in pen: bodies refuses UPDATE'); END
CREATE TRIGGER bodies_no_delete BEFORE DELETE ON bodies WHEN NOT EXISTS (SELECT 1 FROM purged WHERE seq = OLD.seq) BEGIN SELECT RAISE(ABORT, 'the ledger is written in pen: bodies refuses DELETE'); END
CREATE TRIGGER purged_link BEFORE INSERT ON purged BEGIN SELECT RAISE(ABORT, 'what is purged is purged by a later entry') WHERE NEW.entry <= NEW.seq OR NOT EXISTS (SELECT 1 FROM entries WHERE seq = NEW.entry AND event = 'purge'); END
CREATE TRIGGER entries_link BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'an entry takes the next seq') WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries); SELECT RAISE(ABORT, 'an entry links to the last hash') WHERE NEW.prev IS NOT coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), printf('%064d', 0)); SELECT RAISE(ABORT, 'an entry takes the next version of its number') WHERE NEW.version IS NOT (SELECT coalesce(max(version), 0) + 1 FROM entries WHERE number = NEW.number); SELECT RAISE(ABORT, 'an entry has a hash of its own') WHERE EXISTS (SELECT 1 FROM entries WHERE hash = NEW.hash); END
CREATE TRIGGER bodies_link BEFORE INSERT ON bodies BEGIN SELECT RAISE(ABORT, 'a body belongs to the last entry') WHERE NEW.seq IS NOT (SELECT max(seq) FROM entries); SELECT RAISE(ABORT, 'an entry has one body') WHERE EXISTS (SELECT 1 FROM bodies WHERE seq = NEW.seq); END
CREATE TRIGGER orders_tallied AFTER INSERT ON orders BEGIN INSERT INTO tallies (state, kind, elsewhere, n) VALUES (NEW.state, NEW.kind, NEW.elsewhere, 1) ON CONFLICT (state, kind, elsewhere) DO UPDATE SET n = n + 1; END
CREATE TRIGGER orders_moved AFTER UPDATE OF state, kind, elsewhere ON orders WHEN NEW.state <> OLD.state OR NEW.kind <> OLD.kind OR NEW.elsewhere <> OLD.elsewhere BEGIN UPDATE tallies SET n = n - 1 WHERE state = OLD.state AND kind = OLD.kind AND elsewhere = OLD.elsewhere; DELETE FROM tallies WHERE state = OLD.state AND kind = OLD.kind AND elsewhere = OLD.elsewhere AND n = 0; INSERT INTO tallies (state, kind, elsewhere, n) VALUES (NEW.state, NEW.kind, NEW.elsewhere, 1) ON CONFLICT (state, kind, elsewhere) DO UPDATE SET n = n + 1; END
CREATE VIRTUAL TABLE finding USING fts5(pieces, content='', tokenize='ascii')
