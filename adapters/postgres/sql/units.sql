-- name: units_create
-- Create units in plan order through the sole writer; one row a unit, with its status.
SELECT t.canonical_address, f.status, f.unit_id, f.version_id
  FROM unnest(%(address)b::text[], %(title)b::text[], %(body)b::text[], %(unit_kind)b::text[], %(section_type)b::text[],
              %(publication_type)b::text[], %(owner_ref)b::text[], %(parent_ref)b::text[])
       WITH ORDINALITY AS t (canonical_address, title, body, unit_kind, section_type, publication_type, owner_ref, parent_ref, ord)
 CROSS JOIN LATERAL cutter.fn_iu_create(t.canonical_address, t.title, t.body, %(actor)s, t.unit_kind, t.section_type,
       t.publication_type, t.owner_ref, t.parent_ref) AS f
 ORDER BY t.ord;

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
-- Enact every unit of a change set for its decision, in plan order, through fn_iu_enact.
SELECT u.canonical_address, f.status
  FROM cutter.cut_change_set s
  JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id AND r.action = 'created'
  JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
 CROSS JOIN LATERAL cutter.fn_iu_enact(u.canonical_address, s.decision_id, %(actor)s) AS f
 WHERE s.change_set_id = %(change_set_id)s
 ORDER BY r.seq;

-- name: texts_of_document
-- The living units of a document with their texts, in the order of the text that they were cut from.
SELECT u.canonical_address AS address, u.title, u.body, u.unit_kind, u.parent_ref AS parent, u.version_no
  FROM cutter.iu_unit u
  LEFT JOIN (SELECT r.version_id, min(r.seq) AS seq
               FROM cutter.cut_change_set_affected_row r
               JOIN cutter.cut_change_set s ON s.change_set_id = r.change_set_id
              WHERE s.document_code = %(document_code)s GROUP BY r.version_id) o ON o.version_id = u.version_id
 WHERE u.document_code = %(document_code)s AND u.lifecycle <> 'withdrawn'
 ORDER BY o.seq NULLS LAST, u.canonical_address COLLATE "C";

-- name: gaps_of_document
-- The text between a document's living units that belongs to none of them, in order, as the last manifest of one of them has it.
SELECT b.gap_text FROM cutter.manifest_unit_block b
 WHERE b.gap_text IS NOT NULL AND b.envelope_id = (
   SELECT s.envelope_id FROM cutter.cut_change_set s
    WHERE s.document_code = %(document_code)s AND EXISTS (
      SELECT FROM cutter.cut_change_set_affected_row r
        JOIN cutter.iu_unit u ON u.version_id = r.version_id AND u.lifecycle <> 'withdrawn'
       WHERE r.change_set_id = s.change_set_id)
    ORDER BY s.applied_at DESC LIMIT 1)
 ORDER BY b.start_char;

-- name: source_document
-- The live source text of a document, byte for byte.
SELECT document_code, file_name, content, publication_type, owner_ref, title
  FROM cutter.source_document WHERE document_code = %(document_code)s;

-- name: units_living
-- How many living units a document has.
SELECT count(*)::integer AS units FROM cutter.iu_unit WHERE document_code = %(document_code)s AND lifecycle <> 'withdrawn';
