-- name: units_create
-- Create units in plan order through the sole writer; one row a unit, with its status.
SELECT t.canonical_address, f.status, f.unit_id, f.version_id
  FROM unnest(%(address)b::text[], %(title)b::text[], %(body)b::text[], %(unit_kind)b::text[], %(section_type)b::text[],
              %(publication_type)b::text[], %(owner_ref)b::text[], %(parent_ref)b::text[])
       WITH ORDINALITY AS t (canonical_address, title, body, unit_kind, section_type, publication_type, owner_ref, parent_ref, ord)
 CROSS JOIN LATERAL cutter.fn_iu_create(t.canonical_address, t.title, t.body, %(actor)s, t.unit_kind, t.section_type,
       t.publication_type, t.owner_ref, t.parent_ref) AS f
 ORDER BY t.ord;

-- name: units_create_batch
-- Create units in plan order, as units_create does, by the port's function for many.
SELECT f.canonical_address, f.status, f.unit_id, f.version_id
  FROM cutter.fn_iu_create_batch(%(address)b::text[], %(title)b::text[], %(body)b::text[], %(actor)s, %(unit_kind)b::text[],
       %(section_type)b::text[], %(publication_type)b::text[], %(owner_ref)b::text[], %(parent_ref)b::text[]) AS f;

-- name: units_in_batches
-- Whether the port has the functions for many units: a site whose units are its own may be without.
SELECT to_regproc('cutter.fn_iu_create_batch') IS NOT NULL AND to_regproc('cutter.fn_iu_enact_batch') IS NOT NULL AS found;

-- name: units_created
-- The units of a manifest as they stand, in plan order: what leg A wrote, for a replay and for leg B.
SELECT b.canonical_address, 'created' AS status, u.unit_id, u.version_id
  FROM cutter.decision_backlog_entry e
  JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
  JOIN cutter.manifest_unit_block b ON b.envelope_id = m.envelope_id AND b.canonical_address IS NOT NULL
  JOIN cutter.iu_unit u ON u.canonical_address = b.canonical_address AND u.lifecycle <> 'withdrawn'
 WHERE e.change_set_id = %(change_set_id)s
 ORDER BY b.seq;

-- name: units_enact
-- Enact every unit of a change set for its decision, in plan order, through fn_iu_enact. Which they are is settled before the first is
-- enacted: else a planner may call the function for another unit too that has the address, and was withdrawn.
SELECT w.canonical_address, f.status
  FROM (SELECT u.canonical_address, s.decision_id, r.seq
          FROM cutter.cut_change_set s
          JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id AND r.action = 'created'
          JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
         WHERE s.change_set_id = %(change_set_id)s OFFSET 0) AS w
 CROSS JOIN LATERAL cutter.fn_iu_enact(w.canonical_address, w.decision_id, %(actor)s) AS f
 ORDER BY w.seq;

-- name: standing_manifest
-- The manifest of the text that a document stands at, that text's digest, and the document's title.
SELECT m.envelope_id, m.text_sha256, e.title FROM cutter.decision_backlog_entry e
  JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
 WHERE e.document_code = %(document_code)s AND e.kind IN ('cut', 'revision')
   AND (e.status = 'enacted' OR e.kind = 'cut' AND e.status IN ('reviewed', 'cut_applied', 'verified_complete'))
 ORDER BY m.sealed_at DESC LIMIT 1;

-- name: units_enact_batch
-- Enact every unit of a change set for its decision, in plan order, by the port's function for many.
SELECT f.canonical_address, f.status
  FROM (SELECT s.decision_id, array_agg(u.canonical_address ORDER BY r.seq) AS addresses
          FROM cutter.cut_change_set s
          JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id AND r.action = 'created'
          JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
         WHERE s.change_set_id = %(change_set_id)s
         GROUP BY s.decision_id) AS c
 CROSS JOIN LATERAL cutter.fn_iu_enact_batch(c.addresses, c.decision_id, %(actor)s) AS f;

-- name: texts_of_document
-- The units of a document that live, with their texts, in no order. A draft is one only where a cut that is not finished names it: one
-- that a revision has added stands when that is enacted, and one that is in no manifest is nobody's. Nothing is joined to the manifest
-- here: a server that has not analysed its tables yet would read that once for every unit.
SELECT u.canonical_address AS address, u.title, u.body, u.unit_kind, u.parent_ref AS parent, u.version_no, u.state,
       coalesce(u.section_type, '') AS section_type, coalesce(u.publication_type, '') AS publication_type,
       coalesce(u.owner_ref, '') AS owner_ref
  FROM cutter.iu_unit u
 WHERE u.document_code = %(document_code)s AND u.lifecycle <> 'withdrawn'
   AND (u.lifecycle <> 'draft' OR EXISTS (SELECT FROM cutter.decision_backlog_entry e
     JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
     JOIN cutter.manifest_unit_block n ON n.envelope_id = m.envelope_id AND n.canonical_address = u.canonical_address
    WHERE e.document_code = u.document_code AND e.kind = 'cut'
      AND e.status IN ('reviewed', 'cut_applied', 'verified_complete')));

-- name: base_digest
-- The digest of what stands of a document, as domain.revision.units.Version.base_digest has it: computed here, so that no text is sent.
WITH manifest AS MATERIALIZED (
  SELECT m.envelope_id FROM cutter.decision_backlog_entry e
    JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
   WHERE e.document_code = %(document_code)s AND e.kind IN ('cut', 'revision')
     AND (e.status = 'enacted' OR e.kind = 'cut' AND e.status IN ('reviewed', 'cut_applied', 'verified_complete'))
   ORDER BY m.sealed_at DESC LIMIT 1
), cutting AS MATERIALIZED (
  SELECT n.canonical_address FROM cutter.decision_backlog_entry e
    JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
    JOIN cutter.manifest_unit_block n ON n.envelope_id = m.envelope_id AND n.canonical_address IS NOT NULL
   WHERE e.document_code = %(document_code)s AND e.kind = 'cut' AND e.status IN ('reviewed', 'cut_applied', 'verified_complete')
), block AS MATERIALIZED (
  SELECT b.canonical_address, b.seq, b.start_char, b.gap_text FROM cutter.manifest_unit_block b
   WHERE b.envelope_id = (SELECT m.envelope_id FROM manifest m)
), unit AS MATERIALIZED (
  SELECT u.canonical_address, u.version_no, u.state, b.seq,
         concat_ws(E'\x1f', u.canonical_address, encode(sha256(convert_to(u.title, 'UTF8')), 'hex'),
           encode(sha256(convert_to(u.body, 'UTF8')), 'hex'), u.unit_kind, coalesce(u.parent_ref, '')) AS record
    FROM cutter.iu_unit u
    LEFT JOIN block b ON b.canonical_address = u.canonical_address
   WHERE u.document_code = %(document_code)s AND u.lifecycle <> 'withdrawn'
     AND (u.lifecycle <> 'draft' OR u.canonical_address IN (SELECT c.canonical_address FROM cutting c))
), line (part, place, address, record) AS (
  SELECT 0, 0, '', concat_ws(E'\x1f', 'iu-cutter base 1', %(document_code)s::text)
  UNION ALL
  SELECT 1, coalesce(u.seq, 2147483647), u.canonical_address, u.record FROM unit u WHERE u.state <> 'repealed'
  UNION ALL
  SELECT 2, b.start_char, '', concat_ws(E'\x1f', 'gap', encode(sha256(convert_to(b.gap_text, 'UTF8')), 'hex')) FROM block b
   WHERE b.gap_text IS NOT NULL
  UNION ALL
  SELECT 3, coalesce(u.seq, 2147483647), u.canonical_address, u.version_no::text FROM unit u WHERE u.state <> 'repealed'
  UNION ALL
  SELECT 4, 0, u.canonical_address, concat_ws(E'\x1f', 'taken', u.canonical_address, u.version_no) FROM unit u WHERE u.state = 'repealed'
)
SELECT encode(sha256(convert_to(string_agg(l.record || E'\x1e', '' ORDER BY l.part, l.place, l.address COLLATE "C"), 'UTF8')), 'hex') AS digest
  FROM line l;

-- name: order_of_manifest
-- The addresses that a manifest names, in the order of its text.
SELECT b.canonical_address FROM cutter.manifest_unit_block b
 WHERE b.envelope_id = %(envelope_id)s AND b.canonical_address IS NOT NULL ORDER BY b.seq;

-- name: gaps_of_manifest
-- The text that belongs to none of a manifest's units, in order.
SELECT b.gap_text FROM cutter.manifest_unit_block b
 WHERE b.envelope_id = %(envelope_id)s AND b.gap_text IS NOT NULL ORDER BY b.start_char;

-- name: source_document
-- The live source text of a document, byte for byte.
SELECT document_code, file_name, content, publication_type, owner_ref, title
  FROM cutter.source_document WHERE document_code = %(document_code)s;

-- name: units_living
-- How many living units a document has.
SELECT count(*)::integer AS units FROM cutter.iu_unit WHERE document_code = %(document_code)s AND lifecycle <> 'withdrawn';

-- name: may_restate
-- Whether the port has the function that gives a version another publication type and owner.
SELECT to_regproc('cutter.fn_iu_restate') IS NOT NULL AS found;

-- name: may_revise
-- Whether the port has the functions of a revision: a site whose units are its own may be without.
SELECT bool_and(to_regproc(name) IS NOT NULL) AS found
  FROM unnest(ARRAY['cutter.fn_iu_add', 'cutter.fn_iu_revise', 'cutter.fn_iu_repeal', 'cutter.fn_iu_derive',
       'cutter.fn_iu_enact_version', 'cutter.fn_iu_restore']) AS t (name);

-- name: documents_alike
-- The codes of other documents that stand with this title, or whose newest text is this very one.
SELECT DISTINCT e.document_code
  FROM cutter.decision_backlog_entry e
  JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
 WHERE e.kind IN ('cut', 'revision') AND e.status = 'enacted' AND e.document_code <> %(document_code)s
   AND (e.title = %(title)s AND e.title <> '' OR m.text_sha256 = %(text_sha256)s)
 ORDER BY 1 LIMIT 3;
