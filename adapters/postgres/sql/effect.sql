-- name: effect_digest
-- Hash what the tables hold of a change set at this moment, without ids and times; domain/plan/effect.py says what goes into it.
-- `phases` are those whose rows in the journal count, in their order.
WITH entry AS (
  SELECT e.entry_id, e.document_code, e.plan_digest, e.status, m.envelope_id
    FROM cutter.decision_backlog_entry e
    LEFT JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
   WHERE e.change_set_id = %(change_set_id)s
), line (part, place, ord, record) AS (
  SELECT 1, 0::bigint, '', 'iu-cutter effect 1'
  UNION ALL
  -- At the version that the change set wrote: a later one may have revised it. A port that can not revise says it of the unit alone.
  SELECT 2, r.seq, '', concat_ws(E'\x1f', 'unit', r.seq, r.action, u.canonical_address, coalesce(v.unit_kind, u.unit_kind),
         coalesce(v.section_type, u.section_type),
         coalesce(v.publication_type, u.publication_type), encode(sha256(convert_to(coalesce(v.owner_ref, u.owner_ref), 'UTF8')), 'hex'),
         encode(sha256(convert_to(v.title, 'UTF8')), 'hex'), encode(sha256(convert_to(v.body, 'UTF8')), 'hex'),
         coalesce(CASE WHEN v.unit_kind IS NULL THEN u.parent_ref ELSE p.canonical_address END, ''), u.lifecycle)
    FROM cutter.cut_change_set_affected_row r
    JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
    JOIN cutter.iu_version v ON v.version_id = r.version_id
    LEFT JOIN cutter.iu_unit p ON p.unit_id = v.parent_id
    JOIN cutter.decision_backlog_entry e ON e.change_set_id = r.change_set_id
   WHERE r.change_set_id = %(change_set_id)s AND r.action IN ('created', 'withdrawn') AND e.kind <> 'revision'
  UNION ALL
  SELECT 2, r.seq, '', concat_ws(E'\x1f', 'version', r.seq, r.action, u.canonical_address,
         encode(sha256(convert_to(v.title, 'UTF8')), 'hex'), encode(sha256(convert_to(v.body, 'UTF8')), 'hex'),
         CASE WHEN u.version_id = v.version_id THEN 'stands' ELSE 'taken back' END)
    FROM cutter.cut_change_set_affected_row r
    JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
    JOIN cutter.iu_version v ON v.version_id = r.version_id
   WHERE r.change_set_id = %(change_set_id)s AND r.action = 'restored'
  UNION ALL
  -- A revision says of each version also what it is and from when, and that its unit stands at it, or at a later one.
  SELECT 2, r.seq, '', concat_ws(E'\x1f', 'unit', r.seq, r.action, u.canonical_address,
         CASE r.action WHEN 'repealed' THEN concat_ws(E'\x1f', '', '', '', '')
           ELSE concat_ws(E'\x1f', v.unit_kind, v.section_type, coalesce(v.publication_type, u.publication_type),
             encode(sha256(convert_to(coalesce(v.owner_ref, u.owner_ref), 'UTF8')), 'hex')) END,
         encode(sha256(convert_to(v.title, 'UTF8')), 'hex'), encode(sha256(convert_to(v.body, 'UTF8')), 'hex'),
         CASE r.action WHEN 'repealed' THEN '' ELSE coalesce(p.canonical_address, '') END,
         CASE WHEN u.version_no >= v.version_no THEN u.lifecycle ELSE 'draft' END, v.state, coalesce(v.in_force_from::text, 'unknown'))
    FROM cutter.cut_change_set_affected_row r
    JOIN cutter.decision_backlog_entry e ON e.change_set_id = r.change_set_id AND e.kind = 'revision'
    JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
    JOIN cutter.iu_version v ON v.version_id = r.version_id
    LEFT JOIN cutter.iu_unit p ON p.unit_id = v.parent_id
   WHERE r.change_set_id = %(change_set_id)s
  UNION ALL
  SELECT 2, 9223372036854775807, concat_ws(E'\x1f', u.canonical_address, o.canonical_address),
         concat_ws(E'\x1f', 'lineage', u.canonical_address, o.canonical_address)
    FROM cutter.cut_change_set_affected_row r
    JOIN cutter.iu_lineage l ON l.version_id = r.version_id
    JOIN cutter.iu_version w ON w.version_id = l.from_version_id
    JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
    JOIN cutter.iu_unit o ON o.unit_id = w.unit_id
   WHERE r.change_set_id = %(change_set_id)s AND r.action IN ('created', 'revised', 'repealed')
  UNION ALL
  SELECT 3, 0, '', concat_ws(E'\x1f', 'entry', e.document_code, e.plan_digest, e.status) FROM entry e
  UNION ALL
  SELECT 4, h.chain_no, '', concat_ws(E'\x1f', 'step', coalesce(h.from_status, ''), h.to_status, h.principal)
    FROM cutter.decision_backlog_history h JOIN entry e ON h.entry_id = e.entry_id
  UNION ALL
  SELECT 5, 0, d.reference, concat_ws(E'\x1f', 'source', d.reference)
    FROM cutter.decision_backlog_dependency d JOIN entry e ON d.entry_id = e.entry_id AND d.kind = 'source_text'
  UNION ALL
  SELECT 5, 1, d.reference, concat_ws(E'\x1f', 'base', d.reference)
    FROM cutter.decision_backlog_dependency d JOIN entry e ON d.entry_id = e.entry_id AND d.kind = 'base'
  UNION ALL
  SELECT 5, 2, d.reference, concat_ws(E'\x1f', 'title', d.reference)
    FROM cutter.decision_backlog_dependency d JOIN entry e ON d.entry_id = e.entry_id AND d.kind = 'title'
  UNION ALL
  SELECT 6, 0, '', concat_ws(E'\x1f', 'sweep', s.text_sha256, s.text_chars, s.units, s.gaps)
    FROM cutter.sweep_log s JOIN entry e ON s.entry_id = e.entry_id
  UNION ALL
  SELECT 7, 0, '', concat_ws(E'\x1f', 'manifest', m.plan_digest, m.text_sha256, m.unit_blocks, m.gap_blocks, d.verdict)
    FROM cutter.manifest_envelope m JOIN entry e ON m.envelope_id = e.envelope_id
    JOIN cutter.review_decision d ON d.envelope_id = m.envelope_id
  UNION ALL
  SELECT 8, b.seq, '', concat_ws(E'\x1f', 'block', b.start_char, b.end_char, b.seq, b.canonical_address,
         encode(b.title_sha256, 'hex'), encode(b.body_sha256, 'hex'))
    FROM cutter.manifest_unit_block b JOIN entry e ON b.envelope_id = e.envelope_id AND b.gap_text IS NULL
  UNION ALL
  SELECT 9, b.start_char, '', concat_ws(E'\x1f', 'gap', b.start_char, b.end_char,
         encode(sha256(convert_to(b.gap_text, 'UTF8')), 'hex'))
    FROM cutter.manifest_unit_block b JOIN entry e ON b.envelope_id = e.envelope_id AND b.gap_text IS NOT NULL
  UNION ALL
  SELECT 10, 0, '', concat_ws(E'\x1f', 'change set', s.document_code, s.plan_digest, s.unit_count, s.status)
    FROM cutter.cut_change_set s WHERE s.change_set_id = %(change_set_id)s
  UNION ALL
  SELECT 11, 0, x.half, concat_ws(E'\x1f', 'half', x.half, k.principal)
    FROM cutter.dot_pair_signature x JOIN cutter.principal_key k ON k.key_id = x.key_id
   WHERE x.change_set_id = %(change_set_id)s
  UNION ALL
  SELECT 12, 0, '', concat_ws(E'\x1f', 'verified', v.verdict, v.expected_units, v.found_units, v.source_sha256, v.verified_by)
    FROM cutter.verify_result v WHERE v.change_set_id = %(change_set_id)s
  UNION ALL
  SELECT 13, array_position(%(phases)s::text[], j.phase), '',
         concat_ws(E'\x1f', 'journal', j.phase, j.principal)
    FROM cutter.cut_phase_journal j WHERE j.change_set_id = %(change_set_id)s AND j.phase = ANY (%(phases)s)
  UNION ALL
  SELECT 14, 0, d.reference, concat_ws(E'\x1f', 'reverts', o.change_set_id, o.status)
    FROM cutter.decision_backlog_dependency d JOIN entry e ON d.entry_id = e.entry_id AND d.kind = 'reverts'
    JOIN cutter.decision_backlog_entry o ON o.entry_id::text = d.reference
)
SELECT encode(sha256(convert_to(string_agg(record || E'\x1e', '' ORDER BY part, place, ord COLLATE "C"), 'UTF8')), 'hex') AS digest
  FROM line;
