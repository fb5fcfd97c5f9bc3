-- name: entry_open_others
-- Other decisions on the same document that are not finished, and whether they have written units already.
SELECT e.entry_id, e.change_set_id, e.status,
       EXISTS (SELECT FROM cutter.cut_phase_journal j WHERE j.change_set_id = e.change_set_id AND j.phase = 'cut_leg_a') AS has_units
  FROM cutter.decision_backlog_entry e
 WHERE e.document_code = %(document_code)s AND e.change_set_id <> %(change_set_id)s
   AND e.status IN ('marked', 'reviewed', 'cut_applied', 'verified_complete');

-- name: entry_open
-- MARK: open the backlog entry of a change set.
INSERT INTO cutter.decision_backlog_entry (entry_id, change_set_id, document_code, title, plan_digest, attempt, kind, opened_by)
VALUES (%(entry_id)s, %(change_set_id)s, %(document_code)s, %(title)s, %(plan_digest)s, %(attempt)s, %(kind)s, %(actor)s);

-- name: entry_depends
-- MARK: record what an entry rests on.
INSERT INTO cutter.decision_backlog_dependency (entry_id, kind, reference) VALUES (%(entry_id)s, %(kind)s, %(reference)s);

-- name: entry_swept
-- MARK: record what reading the document found.
INSERT INTO cutter.sweep_log (entry_id, source_name, reader, profile, granularity, text_sha256, text_chars, units, gaps, warnings)
VALUES (%(entry_id)s, %(source_name)s, %(reader)s, %(profile)s, %(granularity)s, %(text_sha256)s, %(text_chars)s, %(units)s,
        %(gaps)s, %(warnings)s);

-- name: entry_move
-- Move an entry from one status to the next, if and only if it stands where we think it does (compare-and-set).
UPDATE cutter.decision_backlog_entry SET status = %(to_status)s WHERE entry_id = %(entry_id)s AND status = %(from_status)s
RETURNING entry_id;

-- name: history_append
-- Chain a step to the document's history; numbers, hashes, role and time are the server's.
INSERT INTO cutter.decision_backlog_history (document_code, entry_id, from_status, to_status, actor, payload_sha256)
VALUES (%(document_code)s, %(entry_id)s, %(from_status)s, %(to_status)s, %(actor)s, %(payload_sha256)s);

-- name: history_of_document
-- A document's chain, from its first link.
SELECT document_code, chain_no, entry_id, from_status, to_status, actor, principal, payload_sha256, recorded_at, previous_sha256,
       row_sha256
  FROM cutter.decision_backlog_history WHERE document_code = %(document_code)s ORDER BY chain_no;

-- name: history_heads
-- The head of every chain, to be kept outside the database.
SELECT DISTINCT ON (document_code) document_code, chain_no, row_sha256
  FROM cutter.decision_backlog_history ORDER BY document_code, chain_no DESC;

-- name: manifest_seal
-- REVIEW: record the envelope of a manifest.
INSERT INTO cutter.manifest_envelope (envelope_id, entry_id, plan_digest, text_sha256, unit_blocks, gap_blocks)
VALUES (%(envelope_id)s, %(entry_id)s, %(plan_digest)s, %(text_sha256)s, %(unit_blocks)s, %(gap_blocks)s);

-- name: manifest_units
-- REVIEW: record unit blocks.
INSERT INTO cutter.manifest_unit_block (envelope_id, start_char, end_char, canonical_address, seq, title_sha256, body_sha256)
SELECT %(envelope_id)s, t.* FROM unnest(%(start)s::integer[], %(end)s::integer[], %(address)s::text[], %(seq)s::integer[],
       %(title_sha256)s::bytea[], %(body_sha256)s::bytea[]) AS t;

-- name: manifest_gaps
-- REVIEW: record gap blocks with their text.
INSERT INTO cutter.manifest_unit_block (envelope_id, start_char, end_char, gap_text)
SELECT %(envelope_id)s, t.* FROM unnest(%(start)s::integer[], %(end)s::integer[], %(text)s::text[]) AS t;

-- name: decision_record
-- REVIEW: record the decision on a manifest.
INSERT INTO cutter.review_decision (decision_id, envelope_id, verdict, decided_by, reason)
VALUES (%(decision_id)s, %(envelope_id)s, 'approved', %(actor)s, %(reason)s);

-- name: cut_context
-- CUT: the entry, manifest and decision that a change set rests on.
SELECT e.entry_id, e.status, m.envelope_id, d.decision_id
  FROM cutter.decision_backlog_entry e
  JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
  JOIN cutter.review_decision d ON d.envelope_id = m.envelope_id AND d.verdict = 'approved'
 WHERE e.change_set_id = %(change_set_id)s;

-- name: cut_rows
-- CUT: the units of the manifest as they are stored, in plan order, hashed from what is stored. One by one, by their address: a server
-- that has not analysed its tables yet takes the drafts for a handful, and would go through all of them once for every block.
SELECT b.seq, b.canonical_address, u.unit_id::text, u.version_id::text, u.title_sha256, u.body_sha256
  FROM cutter.manifest_unit_block b
 CROSS JOIN LATERAL (SELECT d.unit_id, d.version_id, encode(sha256(convert_to(d.title, 'UTF8')), 'hex') AS title_sha256,
                            encode(sha256(convert_to(d.body, 'UTF8')), 'hex') AS body_sha256
                       FROM cutter.iu_unit d WHERE d.canonical_address = b.canonical_address AND d.lifecycle = 'draft' OFFSET 0) u
 WHERE b.envelope_id = (SELECT m.envelope_id FROM cutter.manifest_envelope m JOIN cutter.decision_backlog_entry e ON e.entry_id = m.entry_id
                         WHERE e.change_set_id = %(change_set_id)s)
 ORDER BY b.seq;

-- name: signature_record
-- CUT and VERIFY: one half of the signature pair.
INSERT INTO cutter.dot_pair_signature (signature_id, change_set_id, half, key_id, payload_sha256, signature)
VALUES (%(signature_id)s, %(change_set_id)s, %(half)s, %(key_id)s, %(payload_sha256)s, %(signature)s);

-- name: change_set_record
-- CUT: the change set itself; the verifier's half is still missing.
INSERT INTO cutter.cut_change_set (change_set_id, entry_id, envelope_id, decision_id, document_code, plan_digest, target, attempt,
       unit_count, rows_sha256, actor, executor_signature_id)
VALUES (%(change_set_id)s, %(entry_id)s, %(envelope_id)s, %(decision_id)s, %(document_code)s, %(plan_digest)s, %(target)s,
        %(attempt)s, %(unit_count)s, %(rows_sha256)s, %(actor)s, %(executor_signature_id)s);

-- name: affected_rows_record
-- CUT: which units the change set touched, and what it did to each.
INSERT INTO cutter.cut_change_set_affected_row (change_set_id, seq, unit_id, version_id, action)
SELECT %(change_set_id)s, t.* FROM unnest(%(seq)b::integer[], %(unit_id)b::text[]::uuid[], %(version_id)b::text[]::uuid[], %(action)b::text[]) AS t;

-- name: status_of_change_set
-- Where a change set stands, for a person.
SELECT e.change_set_id, e.document_code, e.status, e.attempt, e.plan_digest, e.opened_by, e.opened_at, s.unit_count AS units,
       (SELECT o.change_set_id FROM cutter.decision_backlog_dependency d
          JOIN cutter.decision_backlog_entry o ON o.entry_id::text = d.reference
         WHERE d.entry_id = e.entry_id AND d.kind = 'reverts') AS reverts
  FROM cutter.decision_backlog_entry e
  LEFT JOIN cutter.cut_change_set s ON s.change_set_id = e.change_set_id
 WHERE (%(change_set_id)s::uuid IS NULL OR e.change_set_id = %(change_set_id)s)
   AND (%(document_code)s::text IS NULL OR e.document_code = %(document_code)s)
 ORDER BY e.opened_at;

-- name: entry_of_change_set
-- The backlog entry of a change set, and where it stands.
SELECT entry_id, status FROM cutter.decision_backlog_entry WHERE change_set_id = %(change_set_id)s;
