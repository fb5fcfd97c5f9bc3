-- name: verifier_waiting
-- What waits for the verifier: permits that nobody has confirmed, and change sets that are on record and not verified.
SELECT p.change_set_id, p.kind, p.document_code, p.confirmed_at IS NULL AS unconfirmed
  FROM cutter.cut_permit p
 WHERE p.revoked_at IS NULL AND p.used_at IS NULL AND p.execute_by > clock_timestamp()
   AND NOT EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL OR h.lifted_at >= p.opened_at)
   AND CASE WHEN p.confirmed_at IS NULL THEN p.opened_at > clock_timestamp() - interval '1 minute'
         OR EXISTS (SELECT FROM cutter.release_place r WHERE r.permit_id = p.permit_id)
       ELSE EXISTS (SELECT FROM cutter.cut_phase_journal j WHERE j.change_set_id = p.change_set_id AND j.phase = 'leg_b_record')
         AND NOT EXISTS (SELECT FROM cutter.cut_phase_journal j WHERE j.change_set_id = p.change_set_id AND j.phase = 'write_verify') END
 ORDER BY p.opened_at;

-- name: verifier_plan
-- What the plan of a change set says beside its units and gaps, as it was put on record.
SELECT e.title, s.source_name, s.reader, s.profile, s.granularity, s.text_sha256, s.text_chars, s.units, m.envelope_id, d.reason
  FROM cutter.decision_backlog_entry e
  JOIN cutter.sweep_log s ON s.entry_id = e.entry_id
  JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
  JOIN cutter.review_decision d ON d.envelope_id = m.envelope_id
 WHERE e.change_set_id = %(change_set_id)s;

-- name: verifier_reverts
-- Which change set a revert takes back.
SELECT o.change_set_id
  FROM cutter.decision_backlog_entry e
  JOIN cutter.decision_backlog_dependency d ON d.entry_id = e.entry_id AND d.kind = 'reverts'
  JOIN cutter.decision_backlog_entry o ON o.entry_id::text = d.reference
 WHERE e.change_set_id = %(change_set_id)s;

-- name: verifier_listen
-- Be told when somebody asks.
LISTEN cutter_verifier_asked;

-- name: verifier_hear
-- Be told what a verifier answers.
LISTEN cutter_verifier_refused;

-- name: verifier_ask
-- Tell the verifier that a change set waits for it.
SELECT pg_notify('cutter_verifier_asked', %(change_set_id)s::text);

-- name: verifier_refuse
-- Tell who waits why the verifier refuses.
SELECT pg_notify('cutter_verifier_refused', %(words)s);

-- name: verifier_named
-- Let others see that this session is the verifier's service.
SELECT set_config('application_name', 'iu-cutter verifier', false);

-- name: verifier_there
-- Whether a session of the verifier's service is there. Its login is the server's word, its name its own.
SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datname = current_database() AND a.usename = %(role)s
   AND a.application_name = 'iu-cutter verifier');

-- name: verifier_is
-- Whether a session is of the verifier's login.
SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.pid = %(pid)s AND a.usename = %(role)s);

-- name: verifier_revised
-- The units of a revision's new text, in its order: at the version that waits where the revision wrote one, else at the one that stands.
SELECT b.seq, u.canonical_address, v.title, v.body, v.unit_kind, v.section_type,
       coalesce(v.publication_type, u.publication_type) AS publication_type, coalesce(v.owner_ref, u.owner_ref) AS owner_ref,
       p.canonical_address AS parent_ref, '' AS label, '' AS level, b.start_char AS start, b.end_char AS "end"
  FROM cutter.manifest_unit_block b
  LEFT JOIN LATERAL (SELECT r.unit_id, r.version_id FROM cutter.cut_change_set_affected_row r JOIN cutter.iu_unit w ON w.unit_id = r.unit_id
                      WHERE r.change_set_id = %(change_set_id)s AND w.canonical_address = b.canonical_address) r ON true
  JOIN cutter.iu_unit u ON CASE WHEN r.unit_id IS NULL THEN u.canonical_address = b.canonical_address AND u.lifecycle = 'enacted'
                             ELSE u.unit_id = r.unit_id END
  JOIN cutter.iu_version v ON v.version_id = coalesce(r.version_id, u.version_id)
  LEFT JOIN cutter.iu_unit p ON p.unit_id = v.parent_id
 WHERE b.envelope_id = %(envelope_id)s AND b.canonical_address IS NOT NULL
 ORDER BY b.seq;

-- name: verifier_steps
-- What a revision says that it did, with the place of each unit in the new text.
SELECT r.seq, r.action, u.canonical_address AS address, v.title, v.in_force_from, b.seq AS place
  FROM cutter.cut_change_set_affected_row r
  JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
  JOIN cutter.iu_version v ON v.version_id = r.version_id
  LEFT JOIN cutter.manifest_unit_block b ON b.envelope_id = %(envelope_id)s AND b.canonical_address = u.canonical_address
 WHERE r.change_set_id = %(change_set_id)s
 ORDER BY r.seq;

-- name: enacted_text
-- The text as a change set left it: of each address the version of the youngest change set that wrote one, from this one down to the cut
-- by what each revises. A unit without a place in the manifest stood as repealed.
WITH RECURSIVE line AS (
  SELECT e.entry_id, e.change_set_id, 0 AS depth FROM cutter.decision_backlog_entry e WHERE e.change_set_id = %(change_set_id)s
  UNION ALL
  SELECT o.entry_id, o.change_set_id, l.depth + 1
    FROM line l
    JOIN cutter.decision_backlog_dependency d ON d.entry_id = l.entry_id AND d.kind = 'revises'
    JOIN cutter.decision_backlog_entry o ON o.entry_id::text = d.reference
), wrote AS (
  SELECT DISTINCT ON (u.canonical_address) u.canonical_address, r.version_id, r.action
    FROM line l
    JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = l.change_set_id
    JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
   ORDER BY u.canonical_address, l.depth
)
SELECT b.seq, w.canonical_address, v.title, v.body, v.unit_kind, v.section_type, v.publication_type, v.owner_ref,
       p.canonical_address AS parent_ref, coalesce(b.start_char, 0) AS start, coalesce(b.end_char, 0) AS "end", v.version_no
  FROM wrote w
  JOIN cutter.iu_version v ON v.version_id = w.version_id
  LEFT JOIN cutter.iu_unit p ON p.unit_id = v.parent_id
  LEFT JOIN cutter.manifest_unit_block b ON b.envelope_id = %(envelope_id)s AND b.canonical_address = w.canonical_address
 WHERE b.seq IS NOT NULL OR w.action = 'repealed'
 ORDER BY b.seq, w.canonical_address COLLATE "C";

-- name: enacted_revises
-- The change set whose text a revision starts from.
SELECT o.change_set_id
  FROM cutter.decision_backlog_entry e
  JOIN cutter.decision_backlog_dependency d ON d.entry_id = e.entry_id AND d.kind = 'revises'
  JOIN cutter.decision_backlog_entry o ON o.entry_id::text = d.reference
 WHERE e.change_set_id = %(change_set_id)s;

-- name: enacted_days
-- The days from which a revision's units are in force, the commonest first.
SELECT v.in_force_from
  FROM cutter.cut_change_set_affected_row r
  JOIN cutter.iu_version v ON v.version_id = r.version_id
 WHERE r.change_set_id = %(change_set_id)s AND v.in_force_from IS NOT NULL
 GROUP BY v.in_force_from ORDER BY count(*) DESC, v.in_force_from LIMIT 1;
