-- What the release whose newest revision is 0002 leaves in a database: a row of every kind.
INSERT INTO incidents (id, version, title, severity, status, private, drill, channel, channel_name, declared_at, declared_by, milestones) VALUES (1, 2, 't1', 'SEV2', 'investigating', false, false, 'C1', 'inc-1-orders', '2026-11-20 12:00:00.000000+00:00', 'person:U1', '{}');
INSERT INTO facts (incident, seq, name, "by", occurred_at, recorded_at, data) VALUES (1, 1, 'incident_declared', 'person:U1', '2026-11-20 12:00:00.000000+00:00', '2026-11-20 12:00:00.000000+00:00', '{"title": "t1", "severity": "SEV2", "started_at": "2026-11-20T12:00:00Z", "summary": null, "affected": null, "private": false, "drill": false, "from_channel": null, "from_message": null}');
INSERT INTO facts (incident, seq, name, "by", occurred_at, recorded_at, data) VALUES (1, 2, 'war_room_opened', 'system', '2026-11-20 12:00:00.000000+00:00', '2026-11-20 12:00:00.000000+00:00', '{"channel": "C1", "name": "inc-1-orders"}');
INSERT INTO texts (id, incident, author, body, written_at) VALUES ('t1', 1, 'person:U1', 'Orders are late', '2026-11-20 12:00:00.000000+00:00');
INSERT INTO texts (id, incident, author, body, written_at) VALUES ('t2', 1, 'person:U1', NULL, '2026-11-20 12:00:00.000000+00:00');
INSERT INTO jobs (id, kind, key, incident, lane, due_at, payload, state, attempt, last_outcome, failures, last_error) VALUES (4, 'say_happened', 'k4', 1, 'room:INC-1', '2026-11-20 12:00:00.000000+00:00', '{"seq": 1}', 'due', 3, 'unknown', 2, NULL);
INSERT INTO jobs (id, kind, key, incident, lane, due_at, payload, state, attempt, last_outcome, failures, last_error) VALUES (7, 'say_happened', 'k7', 1, 'room:INC-1', '2026-11-20 12:00:00.000000+00:00', '{"seq": 0}', 'dead', 8, 'refused', 8, 'is_archived');
INSERT INTO jobs (id, kind, key, incident, lane, due_at, payload, state, attempt, last_outcome, failures, done_at) VALUES (9, 'sweep', 'k9', NULL, NULL, '2026-11-20 12:00:00.000000+00:00', '{}', 'done', 1, 'none', 0, '2026-11-20 12:00:00.000000+00:00');
INSERT INTO members (incident, person) VALUES (1, 'U1');
INSERT INTO roles (incident, role, person) VALUES (1, 'commander', 'U1');
INSERT INTO posts (incident, what, channel, ts, version) VALUES (1, 'card', 'C1', '1.0', 2);
INSERT INTO inbox (key, answer, taken_at) VALUES ('view:V1', 'INC-1', '2026-11-20 12:00:00.000000+00:00');
INSERT INTO waits (scope, until) VALUES ('pins.add', '2026-11-20 12:00:00.000000+00:00');
INSERT INTO messages (channel, ts, incident, person, text, said_at, files) VALUES ('C1', '1.0', 1, 'U1', 'Looking', '2026-11-20 12:00:00.000000+00:00', '[]');
