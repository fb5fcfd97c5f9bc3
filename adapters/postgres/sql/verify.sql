-- name: verify_change_set
-- The change set as recorded, with the executor's half and its registered key.
SELECT s.change_set_id, s.entry_id, s.envelope_id, s.decision_id, s.document_code, s.plan_digest, s.target, s.attempt, s.unit_count,
       s.rows_sha256, s.actor, x.signature AS executor_signature, x.payload_sha256, k.key_id, k.public_key, m.plan_digest AS manifest_digest, m.text_sha256
  FROM cutter.cut_change_set s
  JOIN cutter.dot_pair_signature x ON x.signature_id = s.executor_signature_id AND x.half = 'executor'
  JOIN cutter.principal_key k ON k.key_id = x.key_id AND k.principal = 'cutter_exec' AND k.retired_at IS NULL
  JOIN cutter.manifest_envelope m ON m.envelope_id = s.envelope_id
 WHERE s.change_set_id = %(change_set_id)s;

-- name: verify_units
-- A stretch of the change set's units as they are stored now, in plan order: everything that the plan says about them.
SELECT u.canonical_address, b.seq AS manifest_seq, b.start_char, b.end_char, v.body, v.title, u.parent_ref, u.unit_kind, u.section_type,
       u.publication_type, u.owner_ref, u.document_code = %(document_code)s AS belongs,
       u.lifecycle = 'draft' AND u.version_id = r.version_id AND v.unit_id = r.unit_id AS standing,
       r.seq, b.title_sha256, b.body_sha256, v.body_sha256 = b.body_sha256 AS kept, r.unit_id::text, r.version_id::text
  FROM cutter.cut_change_set_affected_row r
  JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
  JOIN cutter.iu_version v ON v.version_id = r.version_id
  JOIN cutter.manifest_unit_block b ON b.envelope_id = %(envelope_id)s AND b.canonical_address = u.canonical_address
 WHERE r.change_set_id = %(change_set_id)s AND r.seq BETWEEN %(first)s AND %(last)s
 ORDER BY r.seq;

-- name: verify_counts
-- How many affected rows and unit blocks are on record: none may be beyond the plan's.
SELECT (SELECT count(*) FROM cutter.cut_change_set_affected_row r WHERE r.change_set_id = %(change_set_id)s)::integer AS affected,
       (SELECT count(b.canonical_address) FROM cutter.manifest_unit_block b WHERE b.envelope_id = %(envelope_id)s)::integer AS blocks;

-- name: verify_gaps
-- The stretches of the source text that belong to no unit, in order.
SELECT start_char AS start, end_char AS "end", gap_text AS text FROM cutter.manifest_unit_block
 WHERE envelope_id = %(envelope_id)s AND gap_text IS NOT NULL ORDER BY start_char;

-- name: verify_half
-- The verifier's half of a verified change set, with its registered key and the source text's hash that it covers.
SELECT v.source_sha256, x.signature, x.payload_sha256, k.key_id, k.public_key
  FROM cutter.verify_result v
  JOIN cutter.dot_pair_signature x ON x.signature_id = v.verifier_signature_id AND x.change_set_id = v.change_set_id AND x.half = 'verifier'
  JOIN cutter.principal_key k ON k.key_id = x.key_id AND k.principal = 'cutter_verify' AND k.retired_at IS NULL
 WHERE v.change_set_id = %(change_set_id)s;

-- name: verify_record
-- VERIFY: the result, and with it the verifier's half.
INSERT INTO cutter.verify_result (change_set_id, verdict, expected_units, found_units, source_sha256, verifier_signature_id)
VALUES (%(change_set_id)s, 'verified', %(expected_units)s, %(found_units)s, %(source_sha256)s, %(verifier_signature_id)s);

-- name: change_set_verified
-- VERIFY: complete the pair on the change set.
UPDATE cutter.cut_change_set SET status = 'verified_complete', verifier_signature_id = %(verifier_signature_id)s
 WHERE change_set_id = %(change_set_id)s AND status = 'cut_applied';

-- name: verify_result_count
-- How many verify results a change set has: 0 or 1.
SELECT count(*)::integer AS results FROM cutter.verify_result WHERE change_set_id = %(change_set_id)s;
