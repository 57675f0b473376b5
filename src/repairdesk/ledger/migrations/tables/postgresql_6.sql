CREATE TABLE entries ( seq SERIAL NOT NULL, number TEXT COLLATE "C" NOT NULL, version INTEGER NOT NULL, event TEXT COLLATE "C" NOT NULL, actor TEXT COLLATE "C" NOT NULL, keyboard TEXT COLLATE "C" NOT NULL, occurred_at TEXT COLLATE "C" NOT NULL, recorded_at TEXT COLLATE "C" NOT NULL, late INTEGER NOT NULL, body_digest TEXT COLLATE "C" NOT NULL, prev TEXT COLLATE "C" NOT NULL, hash TEXT COLLATE "C" NOT NULL, PRIMARY KEY (seq), UNIQUE (number, version), CHECK (late IN (0, 1)), UNIQUE (hash) )
CREATE INDEX entries_calls ON entries (occurred_at, number) WHERE event = 'callback'
CREATE INDEX entries_posting ON entries (occurred_at, number) WHERE event IN ('archive', 'rebill', 'correct')
CREATE INDEX entries_slips ON entries (occurred_at, number) WHERE event IN ('assign', 'cancel', 'close', 'convert', 'decline', 'infeasible')
CREATE INDEX entries_written ON entries (recorded_at)
CREATE TABLE bodies ( seq INTEGER NOT NULL, salt BYTEA NOT NULL, body TEXT COLLATE "C" NOT NULL, PRIMARY KEY (seq), FOREIGN KEY(seq) REFERENCES entries (seq) )
CREATE TABLE orders ( id SERIAL NOT NULL, number TEXT COLLATE "C" NOT NULL, tail TEXT COLLATE "C" NOT NULL, series TEXT COLLATE "C" NOT NULL, serial INTEGER NOT NULL, kind TEXT COLLATE "C" NOT NULL, state TEXT COLLATE "C" NOT NULL, is_open INTEGER NOT NULL, elsewhere INTEGER NOT NULL, priority TEXT COLLATE "C", category TEXT COLLATE "C", place TEXT COLLATE "C", assignee TEXT COLLATE "C", tracker TEXT COLLATE "C", reported_at TEXT COLLATE "C" NOT NULL, finished_at TEXT COLLATE "C", archived_at TEXT COLLATE "C", appointment_start TEXT COLLATE "C", appointment_end TEXT COLLATE "C", follows TEXT COLLATE "C", external_id TEXT COLLATE "C", coordination TEXT COLLATE "C", converted_from TEXT COLLATE "C", rating TEXT COLLATE "C", as_found INTEGER NOT NULL, total INTEGER, received INTEGER NOT NULL, severity TEXT COLLATE "C", department TEXT COLLATE "C", help_class TEXT COLLATE "C", anonymous INTEGER NOT NULL, policies_version TEXT COLLATE "C" NOT NULL, worker TEXT COLLATE "C", handling_seconds INTEGER NOT NULL, finished_there INTEGER NOT NULL, ticked INTEGER NOT NULL, lacks INTEGER NOT NULL, rechecked_at TEXT COLLATE "C", resolve_due_at TEXT COLLATE "C", resolve_met_at TEXT COLLATE "C", resolve_void_at TEXT COLLATE "C", resolve_paused INTEGER, search TEXT COLLATE "C" NOT NULL, version INTEGER NOT NULL, filed_seq INTEGER, must TEXT COLLATE "C", callable INTEGER, calls TEXT COLLATE "C", doc TEXT COLLATE "C" NOT NULL, PRIMARY KEY (id), UNIQUE (number) )
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
CREATE TABLE tallies ( state TEXT COLLATE "C" NOT NULL, kind TEXT COLLATE "C" NOT NULL, elsewhere INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (state, kind, elsewhere) )
CREATE TABLE obligations ( number TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, cycle INTEGER NOT NULL, id TEXT COLLATE "C" NOT NULL, rule TEXT COLLATE "C" NOT NULL, owner TEXT COLLATE "C" NOT NULL, starts_at TEXT COLLATE "C" NOT NULL, due_at TEXT COLLATE "C" NOT NULL, met_at TEXT COLLATE "C", void_at TEXT COLLATE "C", paused INTEGER NOT NULL, running INTEGER NOT NULL, level INTEGER NOT NULL, next_at TEXT COLLATE "C", provisional INTEGER NOT NULL, PRIMARY KEY (number, name, cycle), FOREIGN KEY(number) REFERENCES orders (number) )
CREATE INDEX obligations_due ON obligations (due_at, number) WHERE running = 1
CREATE INDEX obligations_next ON obligations (next_at, number) WHERE next_at IS NOT NULL
CREATE INDEX obligations_provisional ON obligations (number) WHERE provisional = 1
CREATE TABLE postings ( number TEXT COLLATE "C" NOT NULL, n INTEGER NOT NULL, month TEXT COLLATE "C" NOT NULL, kind TEXT COLLATE "C" NOT NULL, place TEXT COLLATE "C", amount INTEGER NOT NULL, chargeable INTEGER NOT NULL, at TEXT COLLATE "C" NOT NULL, "of" TEXT COLLATE "C" NOT NULL, reason TEXT COLLATE "C", PRIMARY KEY (number, n), FOREIGN KEY(number) REFERENCES orders (number) )
CREATE INDEX postings_month ON postings (month, place, number, n)
CREATE TABLE receipts ( number TEXT COLLATE "C" NOT NULL, n INTEGER NOT NULL, receipt TEXT COLLATE "C" NOT NULL, series TEXT COLLATE "C" NOT NULL, serial INTEGER NOT NULL, amount INTEGER NOT NULL, method TEXT COLLATE "C" NOT NULL, at TEXT COLLATE "C" NOT NULL, by TEXT COLLATE "C" NOT NULL, PRIMARY KEY (number, n), FOREIGN KEY(number) REFERENCES orders (number) )
CREATE INDEX receipts_serial ON receipts (series, serial)
CREATE TABLE households ( id TEXT COLLATE "C" NOT NULL, serial INTEGER NOT NULL, place TEXT COLLATE "C" NOT NULL, since TEXT COLLATE "C", search TEXT COLLATE "C" NOT NULL, doc TEXT COLLATE "C" NOT NULL, PRIMARY KEY (id) )
CREATE UNIQUE INDEX households_place ON households (place)
CREATE INDEX households_serial ON households (serial)
CREATE TABLE messages ( id SERIAL NOT NULL, recipient TEXT COLLATE "C" NOT NULL, state TEXT COLLATE "C" NOT NULL, tries INTEGER NOT NULL, next_at TEXT COLLATE "C", queued_at TEXT COLLATE "C" NOT NULL, doc TEXT COLLATE "C" NOT NULL, PRIMARY KEY (id) )
CREATE INDEX messages_due ON messages (next_at, id) WHERE next_at IS NOT NULL
CREATE INDEX messages_unsent ON messages (state, queued_at) WHERE state <> 'sent'
CREATE TABLE staff ( id TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, role TEXT COLLATE "C", os_user TEXT COLLATE "C", retired INTEGER NOT NULL, doc TEXT COLLATE "C" NOT NULL, PRIMARY KEY (id) )
CREATE INDEX staff_os_user ON staff (os_user) WHERE os_user IS NOT NULL
CREATE TABLE rules ( kind TEXT COLLATE "C" NOT NULL, file_digest TEXT COLLATE "C" NOT NULL, version TEXT COLLATE "C" NOT NULL, digest TEXT COLLATE "C" NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (kind, file_digest), FOREIGN KEY(seq) REFERENCES entries (seq) )
CREATE INDEX rules_version ON rules (kind, version, seq)
CREATE TABLE streams ( number TEXT COLLATE "C" NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (number) )
CREATE TABLE places ( id SERIAL NOT NULL, stand_in TEXT COLLATE "C" NOT NULL, place TEXT COLLATE "C" NOT NULL, PRIMARY KEY (id), UNIQUE (stand_in), UNIQUE (place) )
CREATE TABLE purged ( seq INTEGER NOT NULL, entry INTEGER NOT NULL, remains TEXT COLLATE "C" NOT NULL, PRIMARY KEY (seq), FOREIGN KEY(seq) REFERENCES entries (seq), FOREIGN KEY(entry) REFERENCES entries (seq) )
CREATE INDEX purged_entry ON purged (entry)
CREATE FUNCTION found_by(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT coalesce(array_to_tsvector(array_agg(DISTINCT substr(part, n, 3))), ''::tsvector) FROM regexp_split_to_table(said, '[[:space:]]+') AS part, generate_series(1, length(part)) AS n $$
CREATE INDEX orders_found ON orders USING gin (found_by(search))
CREATE FUNCTION written_in_pen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the ledger is written in pen: % refuses %', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation'; END $$
CREATE FUNCTION entries_link() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT (NEW.seq = (SELECT coalesce(max(seq), 0) + 1 FROM entries)) THEN RAISE EXCEPTION 'an entry takes the next seq' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF NOT (NEW.prev = coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), repeat('0', 64))) THEN RAISE EXCEPTION 'an entry links to the last hash' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF NOT (NEW.version = (SELECT coalesce(max(version), 0) + 1 FROM entries WHERE number = NEW.number)) THEN RAISE EXCEPTION 'an entry takes the next version of its number' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF NOT (NEW.hash = encode(sha256(convert_to('{' || '"actor":' || to_json(NEW.actor) || ',' || '"body_digest":' || to_json(NEW.body_digest) || ',' || '"event":' || to_json(NEW.event) || ',' || '"keyboard":' || to_json(NEW.keyboard) || ',' || '"late":' || to_json(NEW.late) || ',' || '"number":' || to_json(NEW.number) || ',' || '"occurred_at":' || to_json(NEW.occurred_at) || ',' || '"prev":' || to_json(NEW.prev) || ',' || '"recorded_at":' || to_json(NEW.recorded_at) || ',' || '"seq":' || to_json(NEW.seq) || ',' || '"version":' || to_json(NEW.version) || '}', 'UTF8')), 'hex')) THEN RAISE EXCEPTION 'an entry has the hash of its header' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$
CREATE FUNCTION bodies_link() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT (NEW.seq = (SELECT max(seq) FROM entries)) THEN RAISE EXCEPTION 'a body belongs to the last entry' USING ERRCODE = 'integrity_constraint_violation'; END IF; IF NOT (octet_length(NEW.salt) = 32 AND encode(sha256(decode('7265706169726465736b2d626f64792d3100', 'hex') || NEW.salt || convert_to(NEW.body, 'UTF8')), 'hex') = (SELECT body_digest FROM entries WHERE seq = NEW.seq)) THEN RAISE EXCEPTION 'a body is the one that its entry was made of' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$
CREATE FUNCTION bodies_go() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT (EXISTS (SELECT 1 FROM purged WHERE seq = OLD.seq)) THEN RAISE EXCEPTION 'the ledger is written in pen: bodies refuses DELETE' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN OLD; END $$
CREATE FUNCTION purged_link() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NOT (NEW.entry > NEW.seq AND EXISTS (SELECT 1 FROM entries WHERE seq = NEW.entry AND event = 'purge')) THEN RAISE EXCEPTION 'what is purged is purged by a later entry' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$
CREATE FUNCTION orders_tallied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'UPDATE' THEN IF (NEW.state, NEW.kind, NEW.elsewhere) = (OLD.state, OLD.kind, OLD.elsewhere) THEN RETURN NULL; END IF; UPDATE tallies SET n = n - 1 WHERE state = OLD.state AND kind = OLD.kind AND elsewhere = OLD.elsewhere; DELETE FROM tallies WHERE state = OLD.state AND kind = OLD.kind AND elsewhere = OLD.elsewhere AND n = 0; END IF; INSERT INTO tallies (state, kind, elsewhere, n) VALUES (NEW.state, NEW.kind, NEW.elsewhere, 1) ON CONFLICT (state, kind, elsewhere) DO UPDATE SET n = tallies.n + 1; RETURN NULL; END $$
CREATE TRIGGER entries_in_pen BEFORE DELETE OR UPDATE ON entries FOR EACH ROW EXECUTE FUNCTION written_in_pen()
CREATE TRIGGER bodies_in_pen BEFORE UPDATE ON bodies FOR EACH ROW EXECUTE FUNCTION written_in_pen()
CREATE TRIGGER entries_kept BEFORE TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION written_in_pen()
CREATE TRIGGER bodies_kept BEFORE TRUNCATE ON bodies FOR EACH STATEMENT EXECUTE FUNCTION written_in_pen()
CREATE TRIGGER entries_link BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION entries_link()
CREATE TRIGGER bodies_link BEFORE INSERT ON bodies FOR EACH ROW EXECUTE FUNCTION bodies_link()
CREATE TRIGGER bodies_go BEFORE DELETE ON bodies FOR EACH ROW EXECUTE FUNCTION bodies_go()
CREATE TRIGGER purged_link BEFORE INSERT ON purged FOR EACH ROW EXECUTE FUNCTION purged_link()
CREATE TRIGGER orders_tallied AFTER INSERT OR UPDATE OF state, kind, elsewhere ON orders FOR EACH ROW EXECUTE FUNCTION orders_tallied()
