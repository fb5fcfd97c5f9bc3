-- name: revise_standing
-- The entry of what stands of a document: its last cut or revision that is enacted and not taken back.
SELECT e.entry_id, e.change_set_id
  FROM cutter.decision_backlog_entry e
  JOIN cutter.decision_backlog_history h ON h.entry_id = e.entry_id AND h.to_status = 'enacted'
 WHERE e.document_code = %(document_code)s AND e.kind IN ('cut', 'revision') AND e.status = 'enacted'
 ORDER BY h.chain_no DESC LIMIT 1;

-- name: revise_offered
-- Whether the port of this knowledge base can revise units.
SELECT to_regprocedure('cutter.fn_iu_revise(text, uuid, text, text, text, text, text, text, date)') IS NOT NULL;

-- name: revise_add
-- Write the units that a revision adds, in the order of the text; one row a unit, with its status.
SELECT t.canonical_address, f.status, f.unit_id, f.version_id
  FROM unnest(%(address)s::text[], %(title)s::text[], %(body)s::text[], %(unit_kind)s::text[], %(section_type)s::text[],
              %(publication_type)s::text[], %(owner_ref)s::text[], %(parent_ref)s::text[], %(in_force_from)s::date[])
       WITH ORDINALITY AS t (canonical_address, title, body, unit_kind, section_type, publication_type, owner_ref, parent_ref,
         in_force_from, ord)
 CROSS JOIN LATERAL cutter.fn_iu_add(t.canonical_address, t.title, t.body, %(actor)s, t.unit_kind, t.section_type,
       t.publication_type, t.owner_ref, t.parent_ref, t.in_force_from) AS f
 ORDER BY t.ord;

-- name: revise_units
-- Write new versions of units that stand; one row a unit, with its status.
SELECT t.canonical_address, f.status, f.unit_id, f.version_id
  FROM unnest(%(address)s::text[], %(title)s::text[], %(body)s::text[], %(unit_kind)s::text[], %(section_type)s::text[],
              %(parent_ref)s::text[], %(in_force_from)s::date[])
       WITH ORDINALITY AS t (canonical_address, title, body, unit_kind, section_type, parent_ref, in_force_from, ord)
  LEFT JOIN cutter.iu_unit u ON u.canonical_address = t.canonical_address AND u.lifecycle <> 'withdrawn'
 CROSS JOIN LATERAL cutter.fn_iu_revise(t.canonical_address, u.version_id, t.title, t.body, %(actor)s, t.unit_kind, t.section_type,
       t.parent_ref, t.in_force_from) AS f
 ORDER BY t.ord;

-- name: revise_repeal
-- Write versions without text of units that stand; one row a unit, with its status.
SELECT t.canonical_address, f.status, f.unit_id, f.version_id
  FROM unnest(%(address)s::text[], %(in_force_from)s::date[]) WITH ORDINALITY AS t (canonical_address, in_force_from, ord)
  LEFT JOIN cutter.iu_unit u ON u.canonical_address = t.canonical_address AND u.lifecycle <> 'withdrawn'
 CROSS JOIN LATERAL cutter.fn_iu_repeal(t.canonical_address, u.version_id, %(actor)s, t.in_force_from) AS f
 ORDER BY t.ord;

-- name: revise_restate
-- Give versions that wait another publication type or owner, where theirs differs; one row for each that did.
SELECT d.address, f.status
  FROM (SELECT t.address, t.version_id, t.publication_type, t.owner_ref
          FROM unnest(%(version_id)s::uuid[], %(address)s::text[], %(publication_type)s::text[], %(owner_ref)s::text[])
               AS t (version_id, address, publication_type, owner_ref)
          JOIN cutter.iu_version v ON v.version_id = t.version_id
         WHERE (v.publication_type, v.owner_ref) IS DISTINCT FROM (t.publication_type, t.owner_ref) OFFSET 0) AS d
 CROSS JOIN LATERAL cutter.fn_iu_restate(d.version_id, d.publication_type, d.owner_ref, %(actor)s) AS f (status);

-- name: revise_derive
-- Say whose text became a new version's: that of the versions that stand at these addresses.
SELECT t.address, f.status
  FROM unnest(%(version_id)s::uuid[], %(address)s::text[]) AS t (version_id, address)
  LEFT JOIN cutter.iu_unit u ON u.canonical_address = t.address AND u.lifecycle = 'enacted'
 CROSS JOIN LATERAL cutter.fn_iu_derive(t.version_id, u.version_id, %(actor)s) AS f (status);

-- name: revise_rows
-- CUT: what leg A wrote, in the order of the steps, hashed from what is stored: a draft's first version, or the youngest that is to
-- replace the one that stands.
SELECT t.seq, u.canonical_address, u.unit_id::text, v.version_id::text, encode(sha256(convert_to(v.title, 'UTF8')), 'hex') AS title_sha256,
       encode(sha256(convert_to(v.body, 'UTF8')), 'hex') AS body_sha256
  FROM unnest(%(seq)s::integer[], %(address)s::text[], %(action)s::text[]) AS t (seq, address, action)
  JOIN cutter.iu_unit u ON u.canonical_address = t.address AND u.lifecycle = CASE t.action WHEN 'created' THEN 'draft' ELSE 'enacted' END
  JOIN LATERAL (SELECT w.version_id, w.title, w.body FROM cutter.iu_version w
                 WHERE w.unit_id = u.unit_id
                   AND CASE t.action WHEN 'created' THEN w.version_id = u.version_id ELSE w.replaces = u.version_id END
                 ORDER BY w.version_no DESC LIMIT 1) v ON true
 ORDER BY t.seq;

-- name: revise_replayed
-- What a revision has on record that it wrote, in the order of its steps.
SELECT u.canonical_address, r.action AS status, r.unit_id, r.version_id
  FROM cutter.cut_change_set_affected_row r
  JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
 WHERE r.change_set_id = %(change_set_id)s
 ORDER BY r.seq;

-- name: revise_recorded
-- VERIFY: every row of a revision as it is stored now, with all that its plan says of it.
SELECT r.seq, r.action, u.canonical_address, r.unit_id, r.version_id, v.title, v.body, v.body_sha256 AS kept, v.unit_kind,
       v.section_type, coalesce(v.publication_type, u.publication_type) AS publication_type,
       coalesce(v.owner_ref, u.owner_ref) AS owner_ref, p.canonical_address AS parent_ref, v.state, v.in_force_from,
       u.document_code, v.unit_id = r.unit_id AND CASE r.action WHEN 'created' THEN u.lifecycle = 'draft' AND u.version_id = r.version_id
         ELSE u.lifecycle = 'enacted' AND v.replaces = u.version_id END AS waiting
  FROM cutter.cut_change_set_affected_row r
  JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
  JOIN cutter.iu_version v ON v.version_id = r.version_id
  LEFT JOIN cutter.iu_unit p ON p.unit_id = v.parent_id
 WHERE r.change_set_id = %(change_set_id)s
 ORDER BY r.seq;

-- name: revise_manifest
-- VERIFY: the units that a manifest names, in their order.
SELECT b.seq, b.canonical_address, b.start_char AS start, b.end_char AS "end", encode(b.title_sha256, 'hex') AS title_sha256,
       encode(b.body_sha256, 'hex') AS body_sha256
  FROM cutter.manifest_unit_block b
 WHERE b.envelope_id = %(envelope_id)s AND b.canonical_address IS NOT NULL
 ORDER BY b.seq;

-- name: revise_lineage
-- VERIFY: whose text became each version's, and whether that version is the one that stands.
SELECT r.seq, o.canonical_address AS address, o.version_id = l.from_version_id AS standing
  FROM cutter.cut_change_set_affected_row r
  JOIN cutter.iu_lineage l ON l.version_id = r.version_id
  JOIN cutter.iu_version w ON w.version_id = l.from_version_id
  JOIN cutter.iu_unit o ON o.unit_id = w.unit_id
 WHERE r.change_set_id = %(change_set_id)s
 ORDER BY r.seq, o.canonical_address COLLATE "C";

-- name: revise_rests_on
-- VERIFY: what the entry of a revision rests on.
SELECT d.kind, d.reference FROM cutter.decision_backlog_dependency d
 WHERE d.entry_id = %(entry_id)s AND d.kind IN ('source_text', 'base', 'revises', 'title')
UNION ALL
SELECT 'entry', encode(sha256(convert_to(e.title, 'UTF8')), 'hex') FROM cutter.decision_backlog_entry e WHERE e.entry_id = %(entry_id)s
 ORDER BY 1;

-- name: revise_enact
-- Move every unit of a revision to the version that was written for it, for its decision, in plan order.
SELECT w.canonical_address, f.status
  FROM (SELECT u.canonical_address, r.version_id, s.decision_id, r.seq
          FROM cutter.cut_change_set s
          JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id AND r.action IN ('revised', 'repealed')
          JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
         WHERE s.change_set_id = %(change_set_id)s OFFSET 0) AS w
 CROSS JOIN LATERAL cutter.fn_iu_enact_version(w.version_id, w.decision_id, %(actor)s) AS f (status)
 ORDER BY w.seq;
