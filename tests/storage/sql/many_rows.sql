-- Thousands of rows in every table: @NUMBERS yields 1 to 4000 as i, @AT is one instant.
INSERT INTO incidents (id, version, title, severity, status, private, drill, channel, declared_at, declared_by, postmortem_due, postmortem_done, milestones) @NUMBERS SELECT i, 1, 't', 'SEV2', CASE WHEN i % 500 = 0 THEN 'fixing' ELSE 'closed' END, false, false, 'C' || i, @AT, 'person:U' || i, CASE WHEN i % 3 = 0 THEN @AT END, CASE WHEN i % 3 = 0 AND i % 600 <> 0 THEN @AT END, '{}' FROM n;
INSERT INTO facts (stream_type, stream_id, incident, seq, name, "by", occurred_at, recorded_at, data) @NUMBERS SELECT 'incident', 1 + i % 40, 1 + i % 40, i, 'note_added', 'system', @AT, @AT, '{"text": "t"}' FROM n;
INSERT INTO texts (id, stream_type, stream_id, incident, author, body, written_at) @NUMBERS SELECT 't' || i, 'incident', 1 + i % 40, 1 + i % 40, 'system', 'x', @AT FROM n;
INSERT INTO jobs (kind, key, stream_type, stream_id, incident, lane, due_at, payload, state, attempt, last_outcome, failures, done_at) @NUMBERS SELECT 'k', 'k' || i, 'incident', i, i, 'lane' || i % 900, @AT, '{}', CASE WHEN i % 100 = 0 THEN 'due' WHEN i % 101 = 0 THEN 'dead' ELSE 'done' END, 0, 'none', 0, CASE WHEN i % 100 = 0 OR i % 101 = 0 THEN NULL ELSE @AT END FROM n;
INSERT INTO members (incident, person) @NUMBERS SELECT i, 'U' || i % 50 FROM n;
INSERT INTO roles (incident, role, person) @NUMBERS SELECT i, 'scribe', 'U' || i % 50 FROM n;
INSERT INTO messages (channel, ts, incident, person, text, said_at, files) @NUMBERS SELECT 'C' || (1 + i % 40), 'ts' || i, 1 + i % 40, 'U1', 'x', @AT, '[]' FROM n;
