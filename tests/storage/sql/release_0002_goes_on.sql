-- What a replica of that release writes while newer ones run beside it.
INSERT INTO facts (incident, seq, name, "by", occurred_at, recorded_at, data) VALUES (1, 3, 'nudge_snoozed', 'person:U1', '2026-11-20 12:00:00.000000+00:00', '2026-11-20 12:00:00.000000+00:00', '{"nudge": "report", "until": "2026-11-20T13:00:00Z"}');
INSERT INTO texts (id, incident, author, body, written_at) VALUES ('t3', 1, 'person:U1', 'Written by older code', '2026-11-20 12:00:00.000000+00:00');
INSERT INTO jobs (id, kind, key, incident, lane, due_at, payload, state, attempt, last_outcome, failures, last_error) VALUES (11, 'say_happened', 'k11', 1, 'room:INC-1', '2026-11-20 12:00:00.000000+00:00', '{"seq": 2}', 'due', 0, 'none', 0, NULL);
UPDATE incidents SET version = 3 WHERE id = 1;
