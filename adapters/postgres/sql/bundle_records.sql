-- name: bundle_entry
-- The backlog entry of a change set.
SELECT entry_id, status, document_code, plan_digest, attempt, opened_by FROM cutter.decision_backlog_entry
 WHERE change_set_id = %(change_set_id)s;

-- name: bundle_reverts
-- The change set that a revert rests on; no row for a cut.
SELECT o.change_set_id
  FROM cutter.decision_backlog_entry e
  JOIN cutter.decision_backlog_dependency d ON d.entry_id = e.entry_id AND d.kind = 'reverts'
  JOIN cutter.decision_backlog_entry o ON o.entry_id::text = d.reference
 WHERE e.change_set_id = %(change_set_id)s AND e.kind = 'revert';

-- name: bundle_change_set
-- The change set as recorded: what both principals have signed.
SELECT change_set_id, entry_id, envelope_id, decision_id, document_code, plan_digest, target, attempt, unit_count, rows_sha256, actor
  FROM cutter.cut_change_set WHERE change_set_id = %(change_set_id)s;

-- name: bundle_rows
-- The units that a change set touched, hashed from what is stored at this moment.
SELECT r.seq, u.canonical_address, r.unit_id, r.version_id, encode(sha256(convert_to(v.title, 'UTF8')), 'hex') AS title_sha256,
       encode(sha256(convert_to(v.body, 'UTF8')), 'hex') AS body_sha256, r.action
  FROM cutter.cut_change_set_affected_row r
  JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
  JOIN cutter.iu_version v ON v.version_id = r.version_id
 WHERE r.change_set_id = %(change_set_id)s
 ORDER BY r.seq;

-- name: bundle_halves
-- The halves of a change set's signature pair, with their registered keys.
SELECT x.half, k.principal, x.key_id, k.public_key, x.payload_sha256, x.signature, x.signed_at
  FROM cutter.dot_pair_signature x
  JOIN cutter.principal_key k ON k.key_id = x.key_id
 WHERE x.change_set_id = %(change_set_id)s
 ORDER BY x.half;

-- name: bundle_verification
-- What the verifier has recorded.
SELECT verdict, expected_units, found_units, source_sha256, verified_by, verified_at
  FROM cutter.verify_result WHERE change_set_id = %(change_set_id)s;

-- name: bundle_keys
-- Every registered key of the two principals.
SELECT key_id, principal, public_key, registered_at, retired_at FROM cutter.principal_key ORDER BY registered_at, key_id;

-- name: bundle_permits
-- Every permit that a change set ever had, oldest first.
SELECT permit_id, kind, submitter, effect_digest, opened_at, execute_by, used_at, revoked_at
  FROM cutter.cut_permit WHERE change_set_id = %(change_set_id)s ORDER BY opened_at;

-- name: bundle_approvals
-- The approvals that opened a permit, byte for byte, with the approvers' keys as registered.
SELECT a.payload, a.signature, k.person, k.key_id, k.public_key, k.gates, k.valid_from, k.valid_until, k.retired_at
  FROM cutter.cut_approval a JOIN cutter.approver_key k ON k.key_id = a.key_id
 WHERE a.permit_id = %(permit_id)s ORDER BY a.gate, a.key_id;

-- name: bundle_policy
-- The policy that was in force when a permit was opened, byte for byte, with the key of who has signed it.
SELECT p.payload, p.signature, k.person, k.key_id, k.public_key, k.gates, k.valid_from, k.valid_until, k.retired_at
  FROM cutter.approval_policy p JOIN cutter.approver_key k ON k.key_id = p.key_id
 WHERE p.installed_at <= %(moment)s ORDER BY p.installed_at DESC LIMIT 1;

-- name: bundle_release_approvals
-- The approvals of a release, as bundle_approvals has those of a permit.
SELECT a.payload, a.signature, k.person, k.key_id, k.public_key, k.gates, k.valid_from, k.valid_until, k.retired_at
  FROM cutter.release_approval a JOIN cutter.approver_key k ON k.key_id = a.key_id
 WHERE a.release_permit_id = %(release_permit_id)s ORDER BY a.gate, a.key_id;
