-- name: permit_fence
-- First and last in every live transaction: may this phase of this change set commit?
SELECT cutter.fn_permit_fence(%(change_set_id)s, %(phase)s, %(plan_digest)s, %(closing)s);

-- name: permit_open
-- Open the permit of a change set with its approvals. Only "opened" is success.
SELECT cutter.fn_permit_open(%(permit_id)s, %(payloads)s, %(signatures)s);

-- name: permit_of_change_set
-- The permit of a change set that is not revoked. One that nobody confirmed, or from before a halt, is over like one that ran out; that
-- of a release waits to be confirmed as long as the release may run.
SELECT permit_id, change_set_id, kind, document_code, plan_digest, effect_digest, submitter, opened_at, execute_by, used_at,
       execute_by <= clock_timestamp() OR confirmed_at IS NULL AND opened_at <= clock_timestamp() - interval '1 minute'
           AND NOT EXISTS (SELECT FROM cutter.release_place r WHERE r.permit_id = p.permit_id)
         OR EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at >= opened_at) AS expired,
       confirmed_at IS NOT NULL AS confirmed
  FROM cutter.cut_permit p WHERE change_set_id = %(change_set_id)s AND revoked_at IS NULL;

-- name: permit_confirm
-- The verifier confirms the permit that it has judged. Only "confirmed" is success.
SELECT cutter.fn_permit_confirm(permit_id) FROM cutter.cut_permit WHERE change_set_id = %(change_set_id)s AND revoked_at IS NULL;

-- name: permit_approvals
-- The approvals that opened a permit, byte for byte.
SELECT payload, key_id, signature FROM cutter.cut_approval WHERE permit_id = %(permit_id)s ORDER BY gate, key_id;

-- name: judgement_approvals
-- The same of the permit that a change set has now, with the permit's own id: what is judged has to be of one permit.
SELECT a.permit_id, a.payload, a.key_id, a.signature FROM cutter.cut_approval a JOIN cutter.cut_permit p ON p.permit_id = a.permit_id
 WHERE p.change_set_id = %(change_set_id)s AND p.revoked_at IS NULL ORDER BY a.gate, a.key_id;

-- name: judgement_policy
-- Who must approve, as it was in force when the permit that a change set has now was opened.
SELECT i.payload, i.key_id, i.signature FROM cutter.approval_policy i JOIN cutter.cut_permit p ON i.installed_at <= p.opened_at
 WHERE p.change_set_id = %(change_set_id)s AND p.revoked_at IS NULL ORDER BY i.installed_at DESC LIMIT 1;

-- name: approver_keys
-- Every registered approver's key.
SELECT key_id, person, public_key, gates, valid_from, valid_until, retired_at FROM cutter.approver_key ORDER BY person, key_id;

-- name: approver_register
-- Register an approver's key; only an administrator may.
INSERT INTO cutter.approver_key (key_id, person, public_key, gates, valid_until, registered_by)
VALUES (encode(sha256(%(public_key)s), 'hex'), %(person)s, %(public_key)s, %(gates)s, now() + %(validity)s, %(registered_by)s);

-- name: approver_retire
-- From now on this key does not count any more; only an administrator may.
UPDATE cutter.approver_key SET retired_at = clock_timestamp() WHERE key_id = %(key_id)s AND retired_at IS NULL;

-- name: policy_in_force
-- Who must approve, as it was signed: the last that was put in force until a moment.
SELECT payload, key_id, signature FROM cutter.approval_policy WHERE installed_at <= %(moment)s ORDER BY installed_at DESC LIMIT 1;

-- name: policy_now
-- The database's clock and who must approve by it, of one moment.
SELECT n.now, p.payload, p.key_id, p.signature FROM (SELECT clock_timestamp() AS now OFFSET 0) AS n
  LEFT JOIN LATERAL (SELECT i.payload, i.key_id, i.signature FROM cutter.approval_policy AS i WHERE i.installed_at <= n.now
                      ORDER BY i.installed_at DESC LIMIT 1) AS p ON true;

-- name: policy_set
-- Put a policy in force; only an administrator may. Only "installed" is success.
SELECT cutter.fn_policy_set(%(payload)s, %(key_id)s, %(signature)s);

-- name: clock
-- The database's clock.
SELECT clock_timestamp();

-- name: halt
-- Halt everything.
SELECT cutter.fn_halt(%(by)s, %(reason)s);

-- name: halt_waits
-- Phases in flight end by themselves, and their own fence refuses them: how long this session waits for them.
SELECT set_config('lock_timeout', %(lock_timeout)s, false), set_config('statement_timeout', '0', false);

-- name: halt_clear
-- End the sessions that keep a halt waiting.
SELECT cutter.fn_halt_clear();

-- name: permits_revoke
-- Take back every open permit, waiting for phases in flight.
SELECT cutter.fn_permits_revoke(%(by)s, %(reason)s);

-- name: halt_lift
-- Lift every halt in force.
SELECT cutter.fn_halt_lift(%(by)s, %(reason)s);

-- name: halts_in_force
-- The halts that are not lifted, oldest first.
SELECT halt_no, halted_by, reason, halted_at FROM cutter.cut_halt WHERE lifted_at IS NULL ORDER BY halt_no;

-- name: approvals_used
-- The nonces of every approval that has opened a permit here.
SELECT nonce FROM cutter.cut_approval UNION ALL SELECT nonce FROM cutter.release_approval ORDER BY nonce;

-- name: document_clear
-- As an administrator, under a halt: take what is no law out of a document's way, and tell what that was.
SELECT kind, subject, canonical_address, was FROM cutter.fn_document_clear(%(document_code)s, %(by)s, %(reason)s, %(put_back)s);
