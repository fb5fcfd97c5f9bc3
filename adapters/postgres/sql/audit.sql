-- name: audit_entries
-- Every backlog entry with the last step that its document's history tells of it.
SELECT e.change_set_id, e.entry_id, e.document_code, e.plan_digest, e.attempt, e.status,
       (SELECT h.to_status FROM cutter.decision_backlog_history h WHERE h.entry_id = e.entry_id ORDER BY h.chain_no DESC LIMIT 1) AS last_step,
       coalesce((SELECT h.from_status FROM cutter.decision_backlog_history h
                  WHERE h.entry_id = e.entry_id AND h.to_status = 'reverted' ORDER BY h.chain_no DESC LIMIT 1), e.status) AS stood,
       e.status = 'superseded' AND EXISTS (SELECT FROM cutter.cleared c WHERE c.kind = 'change_set' AND c.subject = e.change_set_id)
         AS cleared
  FROM cutter.decision_backlog_entry e ORDER BY e.opened_at, e.change_set_id;

-- name: audit_strays
-- Rows of the ledger that belong to no entry: an entry that is gone leaves them behind.
SELECT 'history' AS kind, h.document_code AS subject FROM cutter.decision_backlog_history h
 WHERE NOT EXISTS (SELECT FROM cutter.decision_backlog_entry e WHERE e.entry_id = h.entry_id)
UNION
SELECT 'change set', s.change_set_id::text FROM cutter.cut_change_set s
 WHERE NOT EXISTS (SELECT FROM cutter.decision_backlog_entry e WHERE e.change_set_id = s.change_set_id)
UNION
SELECT 'journal', j.change_set_id::text FROM cutter.cut_phase_journal j
 WHERE j.phase <> 'pre_write_backup'
   AND NOT EXISTS (SELECT FROM cutter.decision_backlog_entry e WHERE e.change_set_id = j.change_set_id)
ORDER BY kind, subject;

-- name: audit_withdrawn
-- Whether a revert has withdrawn this change set's units, finished or not: its effect then is not what it left.
SELECT EXISTS (
  SELECT FROM cutter.decision_backlog_entry e
    JOIN cutter.decision_backlog_dependency d ON d.kind = 'reverts' AND d.reference = e.entry_id::text
    JOIN cutter.decision_backlog_entry x ON x.entry_id = d.entry_id AND x.kind = 'revert' AND x.status <> 'superseded'
    JOIN cutter.cut_phase_journal j ON j.change_set_id = x.change_set_id AND j.phase = 'cut_leg_a'
   WHERE e.change_set_id = %(change_set_id)s);

-- name: audit_reverts
-- The enacted reverts that rest on a change set, and the digest of what each has withdrawn, as leg A of a cut makes it.
SELECT x.change_set_id,
       (SELECT encode(sha256(convert_to(coalesce(string_agg(concat_ws(E'\x1f', u.canonical_address, r.unit_id, r.version_id) || E'\x1e',
                 '' ORDER BY r.seq DESC), ''), 'UTF8')), 'hex')
          FROM cutter.cut_change_set_affected_row r LEFT JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
         WHERE r.change_set_id = x.change_set_id AND r.action IN ('withdrawn', 'restored')) AS units_sha256
  FROM cutter.decision_backlog_entry e
  JOIN cutter.decision_backlog_dependency d ON d.kind = 'reverts' AND d.reference = e.entry_id::text
  JOIN cutter.decision_backlog_entry x ON x.entry_id = d.entry_id AND x.kind = 'revert' AND x.status = 'enacted'
 WHERE e.change_set_id = %(change_set_id)s ORDER BY x.opened_at;

-- name: audit_units
-- The units of a change set that are not, at this moment, what its signed manifest and its status say. A revert that is not
-- finished has withdrawn them already, by its journal. A unit may stand at a later version, if an enacted revision wrote that one.
WITH found AS (
  SELECT r.seq, r.action, coalesce(u.canonical_address, b.canonical_address, r.unit_id::text) AS canonical_address,
         u.unit_id IS NULL OR v.version_id IS NULL OR v.unit_id <> r.unit_id AS gone,
         (b.canonical_address IS NULL) <> (r.action = 'repealed') AS unplanned,
         v.state = 'repealed' AND v.body = '' AS repealed,
         sha256(convert_to(v.body, 'UTF8')) AS body, sha256(convert_to(v.title, 'UTF8')) AS title,
         b.body_sha256, b.title_sha256, v.body_sha256 AS kept, u.lifecycle,
         u.version_id = r.version_id OR u.version_no > v.version_no AND EXISTS (SELECT FROM cutter.cut_change_set_affected_row w
           JOIN cutter.decision_backlog_entry x ON x.change_set_id = w.change_set_id AND x.kind = 'revision' AND x.status = 'enacted'
          WHERE w.version_id = u.version_id AND w.unit_id = r.unit_id AND w.action IN ('revised', 'repealed')) AS current,
         CASE WHEN r.unit_id IN (SELECT w.unit_id FROM cutter.cut_change_set_affected_row w
                JOIN cutter.decision_backlog_entry x ON x.change_set_id = w.change_set_id AND x.status = 'enacted'
               WHERE w.action = 'withdrawn') THEN 'withdrawn'
              WHEN EXISTS (SELECT FROM cutter.decision_backlog_dependency d
                JOIN cutter.decision_backlog_entry x ON x.entry_id = d.entry_id AND x.kind = 'revert'
                 AND x.status IN ('reviewed', 'cut_applied', 'verified_complete')
                JOIN cutter.cut_phase_journal j ON j.change_set_id = x.change_set_id AND j.phase = 'cut_leg_a'
               WHERE d.kind = 'reverts' AND d.reference = e.entry_id::text) AND r.action = 'created' THEN 'withdrawn'
              WHEN e.status = 'enacted' OR r.action <> 'created' THEN 'enacted' ELSE 'draft' END AS expected
    FROM cutter.cut_change_set_affected_row r
    JOIN cutter.cut_change_set s ON s.change_set_id = r.change_set_id
    JOIN cutter.decision_backlog_entry e ON e.change_set_id = r.change_set_id
    LEFT JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
    LEFT JOIN cutter.iu_version v ON v.version_id = r.version_id
    LEFT JOIN cutter.manifest_unit_block b ON b.envelope_id = s.envelope_id AND b.canonical_address = u.canonical_address
     AND (b.seq = r.seq OR e.kind = 'revision')
   WHERE r.change_set_id = %(change_set_id)s
     AND NOT EXISTS (SELECT FROM cutter.cleared c WHERE c.kind = 'unit' AND c.subject = r.unit_id AND u.lifecycle = 'withdrawn')
     AND (r.action = 'created' OR r.action IN ('revised', 'repealed') AND e.status = 'enacted' AND NOT EXISTS (
       SELECT FROM cutter.decision_backlog_dependency d
         JOIN cutter.decision_backlog_entry x ON x.entry_id = d.entry_id AND x.kind = 'revert'
          AND x.status IN ('reviewed', 'cut_applied', 'verified_complete')
         JOIN cutter.cut_phase_journal j ON j.change_set_id = x.change_set_id AND j.phase = 'cut_leg_a'
        WHERE d.kind = 'reverts' AND d.reference = e.entry_id::text))
), judged AS (
  SELECT seq, canonical_address, CASE
    WHEN gone THEN 'is gone, or its version is'
    WHEN unplanned THEN 'has another address than the manifest'
    WHEN action = 'repealed' AND NOT repealed THEN 'has a text, and was repealed'
    WHEN action <> 'repealed' AND body IS DISTINCT FROM body_sha256 THEN 'has another body than the manifest'
    WHEN action <> 'repealed' AND title IS DISTINCT FROM title_sha256 THEN 'has another title than the manifest'
    WHEN kept IS DISTINCT FROM body THEN 'has a hash beside its body that is not its body''s'
    WHEN NOT current THEN 'stands at another version than the one that was written'
    WHEN lifecycle <> expected THEN 'is ' || lifecycle || ', and the ledger says ' || expected
  END AS fault FROM found
)
SELECT canonical_address, fault FROM judged WHERE fault IS NOT NULL ORDER BY seq;

-- name: audit_unit_count
-- How many units the change sets on record have touched.
SELECT count(*)::integer FROM cutter.cut_change_set_affected_row;

-- name: audit_unledgered
-- Units that no change set accounts for. What an unfinished run has just written is accounted for by its manifest, what was there
-- before cutter was by its adoption, and a draft that an administrator withdrew by what is kept of that.
SELECT u.canonical_address FROM cutter.iu_unit u
 WHERE NOT EXISTS (SELECT FROM cutter.cut_change_set_affected_row r WHERE r.unit_id = u.unit_id)
   AND NOT EXISTS (SELECT FROM cutter.adopted_unit a WHERE a.unit_id = u.unit_id)
   AND NOT EXISTS (SELECT FROM cutter.cleared c WHERE c.kind = 'unit' AND c.subject = u.unit_id AND u.lifecycle = 'withdrawn')
   AND NOT EXISTS (SELECT FROM cutter.decision_backlog_entry e
     JOIN cutter.cut_phase_journal j ON j.change_set_id = e.change_set_id AND j.phase = 'cut_leg_a'
     JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
     JOIN cutter.manifest_unit_block b ON b.envelope_id = m.envelope_id AND b.canonical_address = u.canonical_address
    WHERE e.document_code = u.document_code AND e.status = 'reviewed' AND u.lifecycle = 'draft')
 ORDER BY u.canonical_address;

-- name: audit_adopted
-- Units that were there when cutter was let in, and are not as they were then: changed outside, by whomever. And those that are named,
-- however they are. The digest is over all that a change would be seen by.
WITH judged AS (
  SELECT a.unit_id, a.canonical_address, CASE
    WHEN u.unit_id IS NULL THEN 'was there when cutter was let in, and is gone'
    WHEN u.canonical_address <> a.canonical_address THEN 'has another address than when cutter was let in'
    WHEN sha256(convert_to(u.body, 'UTF8')) IS DISTINCT FROM a.body_sha256 THEN 'has another body than when cutter was let in'
    WHEN sha256(convert_to(u.title, 'UTF8')) IS DISTINCT FROM a.title_sha256 THEN 'has another title than when cutter was let in'
    WHEN u.version_id IS DISTINCT FROM a.version_id THEN 'stands at another version than when cutter was let in'
    WHEN u.lifecycle <> a.lifecycle THEN 'is ' || u.lifecycle || ', and was ' || a.lifecycle || ' when cutter was let in'
  END AS fault,
    encode(sha256(convert_to(jsonb_build_array(a.unit_id, u.canonical_address, u.version_id, u.lifecycle,
      sha256(convert_to(u.title, 'UTF8')), sha256(convert_to(u.body, 'UTF8')))::text, 'UTF8')), 'hex') AS now_sha256
  FROM cutter.adopted_unit a LEFT JOIN cutter.iu_unit u ON u.unit_id = a.unit_id
)
SELECT unit_id, canonical_address, fault, now_sha256 FROM judged WHERE fault IS NOT NULL OR unit_id = ANY(%(accepted)s::uuid[])
 ORDER BY canonical_address COLLATE "C";

-- name: audit_versions
-- Versions of units that no change set accounts for, beside those of units that none accounts for anyhow.
SELECT u.canonical_address, v.version_no FROM cutter.iu_version v JOIN cutter.iu_unit u ON u.unit_id = v.unit_id
 WHERE NOT EXISTS (SELECT FROM cutter.cut_change_set_affected_row r WHERE r.version_id = v.version_id)
   AND u.unit_id IN (SELECT r.unit_id FROM cutter.cut_change_set_affected_row r)
   AND NOT EXISTS (SELECT FROM cutter.cleared c WHERE c.kind = 'version' AND c.subject = v.version_id AND u.version_id <> v.version_id)
   -- What a revision that is on its way has just written is on record with leg B.
   AND NOT EXISTS (SELECT FROM cutter.decision_backlog_entry e
     JOIN cutter.cut_phase_journal j ON j.change_set_id = e.change_set_id AND j.phase = 'cut_leg_a'
    WHERE e.document_code = u.document_code AND e.kind = 'revision' AND e.status = 'reviewed' AND v.replaces = u.version_id)
 ORDER BY u.canonical_address, v.version_no;

-- name: audit_chains
-- How many chains and links there are.
SELECT count(DISTINCT document_code)::integer AS chains, count(*)::integer AS links FROM cutter.decision_backlog_history;

-- name: audit_finished_documents
-- Documents with a finished change set: each has a head on file if the run could keep it.
SELECT DISTINCT document_code FROM cutter.decision_backlog_history WHERE to_status = 'enacted' ORDER BY document_code;
