-- name: release_open
-- Put an approved release on record. Only "opened" is success.
SELECT cutter.fn_release_open(%(release_permit_id)s, %(payloads)s, %(signatures)s);

-- name: release_permit_in_force
-- The newest leave for a release that is neither over nor halted.
SELECT p.release_permit_id, p.release_id, p.root, p.documents, p.submitter, p.opened_at, p.execute_by
  FROM cutter.release_permit p
 WHERE p.release_id = %(release_id)s AND p.execute_by > clock_timestamp()
   AND NOT EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL OR h.lifted_at >= p.opened_at)
 ORDER BY p.opened_at DESC LIMIT 1;

-- name: release_place_open
-- Open the permit of one change set of a release by its proof. Only "opened" is success.
SELECT cutter.fn_release_place_open(%(permit_id)s, %(release_permit_id)s, %(place)s, %(leaf)s, %(path)s);

-- name: release_place_of_permit
-- The place of a release that a permit was opened at, and the leave for that release.
SELECT p.release_permit_id, p.release_id, p.root, p.documents, p.submitter, p.opened_at, p.execute_by, r.place, r.leaf, r.path
  FROM cutter.release_place r JOIN cutter.release_permit p ON p.release_permit_id = r.release_permit_id
 WHERE r.permit_id = %(permit_id)s;

-- name: judgement_place
-- The same of the permit that a change set has now, with the permit's own id.
SELECT r.permit_id, p.release_permit_id, p.release_id, p.root, p.documents, p.submitter, p.opened_at, p.execute_by, r.place, r.leaf, r.path
  FROM cutter.release_place r JOIN cutter.release_permit p ON p.release_permit_id = r.release_permit_id
 WHERE r.permit_id = (SELECT c.permit_id FROM cutter.cut_permit c WHERE c.change_set_id = %(change_set_id)s AND c.revoked_at IS NULL);

-- name: release_approvals
-- The approvals of a release, byte for byte.
SELECT payload, key_id, signature FROM cutter.release_approval WHERE release_permit_id = %(release_permit_id)s ORDER BY gate, key_id;

-- name: release_backup
-- The backup that a release is run under.
SELECT result FROM cutter.release_backup WHERE release_permit_id = %(release_permit_id)s;

-- name: release_backup_record
-- Put the backup of a release on record; the first one stays.
INSERT INTO cutter.release_backup (release_permit_id, result) VALUES (%(release_permit_id)s, %(result)s) ON CONFLICT DO NOTHING;

-- name: release_backup_lock
-- One session of a release makes its backup: the others wait for it. Until the end of the session.
SELECT pg_advisory_lock(hashtextextended('release_backup:' || %(release_permit_id)s::text, 0));

-- name: release_work_add
-- Name the documents that a release is of; those that are named already stay as they are.
INSERT INTO cutter.release_work (release_permit_id, place, document_code, change_set_id)
SELECT %(release_permit_id)s, w.place - 1, w.document_code, w.change_set_id
  FROM unnest(%(codes)s::text[], %(change_sets)s::uuid[]) WITH ORDINALITY AS w (document_code, change_set_id, place)
ON CONFLICT DO NOTHING;

-- name: release_work_claim
-- Claim the next document that nobody works at: one whose claim has run out, else the next that waits. Each is found by the index of
-- what is not ended, so that a claim costs the same however many documents the release has.
WITH silent AS MATERIALIZED (
  SELECT n.place FROM cutter.release_work n
   WHERE n.release_permit_id = %(release_permit_id)s AND n.state = 'running' AND n.held_until <= clock_timestamp()
   ORDER BY n.place LIMIT 1 FOR UPDATE SKIP LOCKED
), waiting AS MATERIALIZED (
  SELECT n.place FROM cutter.release_work n
   WHERE n.release_permit_id = %(release_permit_id)s AND n.state = 'waiting' AND NOT EXISTS (SELECT FROM silent)
   ORDER BY n.place LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE cutter.release_work w
   SET state = 'running', holder = %(holder)s, held_until = clock_timestamp() + %(seconds)s * interval '1 second', claims = w.claims + 1,
       reason = '', changed_at = clock_timestamp()
  FROM (SELECT s.place FROM silent s UNION ALL SELECT n.place FROM waiting n) AS next
 WHERE w.release_permit_id = %(release_permit_id)s AND w.place = next.place
RETURNING w.place, w.document_code, w.change_set_id, w.claims;

-- name: release_work_unended
-- How many documents of a release wait or are claimed.
SELECT count(*)::integer FROM cutter.release_work WHERE release_permit_id = %(release_permit_id)s AND state IN ('waiting', 'running');

-- name: release_work_hold
-- Say that a claim goes on. No row if it is another's by now.
UPDATE cutter.release_work SET held_until = clock_timestamp() + %(seconds)s * interval '1 second'
 WHERE release_permit_id = %(release_permit_id)s AND place = %(place)s AND state = 'running' AND holder = %(holder)s
RETURNING place;

-- name: release_work_end
-- Say how a document ended, by who has claimed it. No row if it is another's by now.
UPDATE cutter.release_work SET state = %(state)s, holder = NULL, held_until = NULL, reason = %(reason)s, changed_at = clock_timestamp()
 WHERE release_permit_id = %(release_permit_id)s AND place = %(place)s AND state = 'running' AND holder = %(holder)s
RETURNING place;

-- name: release_work_again
-- Let what failed be tried again.
UPDATE cutter.release_work SET state = 'waiting', changed_at = clock_timestamp()
 WHERE release_permit_id = %(release_permit_id)s AND state IN ('failed', 'refused')
RETURNING place, document_code, change_set_id, claims;

-- name: release_work_all
-- Every document of the newest run of a release, in its order, with what the ledger says of it.
SELECT w.place, w.document_code, w.change_set_id, w.state, w.holder, w.claims, w.reason, w.changed_at,
       w.state = 'running' AND w.held_until <= clock_timestamp() AS silent,
       extract(epoch FROM clock_timestamp() - w.changed_at)::float8 AS seconds
  FROM cutter.release_work w
 WHERE w.release_permit_id = (SELECT p.release_permit_id FROM cutter.release_permit p
                               WHERE p.release_id = %(release_id)s ORDER BY p.opened_at DESC LIMIT 1)
 ORDER BY w.place;

-- name: release_elapsed
-- Seconds since the newest run of a release had its backup.
SELECT extract(epoch FROM clock_timestamp() - b.recorded_at)::float8
  FROM cutter.release_backup b JOIN cutter.release_permit p ON p.release_permit_id = b.release_permit_id
 WHERE p.release_id = %(release_id)s ORDER BY p.opened_at DESC LIMIT 1;
