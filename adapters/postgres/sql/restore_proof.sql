-- name: restore_proof_keys
-- The public keys that may sign a manifest: the executor's, as long as they count.
SELECT key_id, public_key FROM cutter.principal_key WHERE principal = 'cutter_exec' AND retired_at IS NULL;

-- name: restore_proof_journaled
-- What is pinned about the backup that a cut, or a release, has made: hashes of file and manifest.
SELECT j.result ->> 'sha256' AS sha256, j.result ->> 'manifest_sha256' AS manifest_sha256
  FROM cutter.cut_phase_journal j WHERE j.change_set_id = %(change_set_id)s AND j.phase = 'pre_write_backup'
UNION ALL
(SELECT b.result ->> 'sha256', b.result ->> 'manifest_sha256'
   FROM cutter.release_backup b JOIN cutter.release_permit p ON p.release_permit_id = b.release_permit_id
  WHERE p.release_id = %(change_set_id)s ORDER BY b.recorded_at DESC LIMIT 1);

-- name: restore_proof_record
-- Record what became of a drill; role and time are the server's.
INSERT INTO cutter.restore_proof (proof_id, target, backup, backup_sha256, manifest_sha256, snapshot_at, verdict, findings,
       table_count, row_count, actor)
VALUES (%(proof_id)s, %(target)s, %(backup)s, %(backup_sha256)s, %(manifest_sha256)s, %(snapshot_at)s, %(verdict)s, %(findings)s,
       %(table_count)s, %(row_count)s, %(actor)s);

-- name: restore_proof_recent
-- The newest proof that counts now: of a backup made and proven within these hours, and not refuted since, as
-- a file or under its name: a damaged file has another hash. By this server's clock.
SELECT p.backup, p.recorded_at
  FROM cutter.restore_proof p
 WHERE p.target = %(target)s AND p.verdict = 'proven'
   AND p.snapshot_at > clock_timestamp() - make_interval(hours => %(hours)s)
   AND p.recorded_at > clock_timestamp() - make_interval(hours => %(hours)s)
   AND NOT EXISTS (SELECT FROM cutter.restore_proof r WHERE r.target = p.target AND r.verdict = 'refuted'
                      AND (r.backup = p.backup OR r.backup_sha256 = p.backup_sha256) AND r.recorded_at > p.recorded_at)
 ORDER BY p.recorded_at DESC LIMIT 1;

-- name: restore_proof_proven
-- Every backup of a target that is proven and was not refuted since, oldest data first.
SELECT p.backup_sha256
  FROM cutter.restore_proof p
 WHERE p.target = %(target)s AND p.verdict = 'proven'
   AND NOT EXISTS (SELECT FROM cutter.restore_proof r WHERE r.target = p.target AND r.verdict = 'refuted'
                      AND (r.backup = p.backup OR r.backup_sha256 = p.backup_sha256) AND r.recorded_at > p.recorded_at)
 GROUP BY p.backup_sha256 ORDER BY max(p.snapshot_at), p.backup_sha256;

-- name: restore_proof_needed
-- The backups of change sets that are not finished, and of releases that may still run: a person may have to go back to them.
-- Superseded ones wrote no unit.
SELECT j.result ->> 'sha256'
  FROM cutter.cut_phase_journal j
 WHERE j.phase = 'pre_write_backup'
   AND NOT EXISTS (SELECT FROM cutter.cut_phase_journal e WHERE e.change_set_id = j.change_set_id AND e.phase = 'lifecycle_enact')
   AND NOT EXISTS (SELECT FROM cutter.decision_backlog_entry b WHERE b.change_set_id = j.change_set_id
                      AND b.status = 'superseded')
   AND j.result ->> 'sha256' IS NOT NULL
UNION
SELECT b.result ->> 'sha256'
  FROM cutter.release_backup b JOIN cutter.release_permit p ON p.release_permit_id = b.release_permit_id
 WHERE p.execute_by > clock_timestamp() AND b.result ->> 'sha256' IS NOT NULL;
