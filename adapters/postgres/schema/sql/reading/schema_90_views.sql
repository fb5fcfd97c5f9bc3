-- What applications, people and auditors read: views over the port and the ledger, so that they are the same whoever implements the
-- units. They run with their owner's rights; a member of cutter_read may select from them and see nothing else. A change of a view
-- is a new version of the schema.

-- A version is shown once its change set was enacted, and stays when that was reverted. The history tells steps that were taken
-- (fn_history_chain), so a draft is none of them. What a site has written by itself is on no record, and stands since ever.
CREATE VIEW cutter.v_unit_history AS
  SELECT u.document_code, u.canonical_address AS address, v.version_no, v.title, v.body, v.state,
         coalesce(v.unit_kind, u.unit_kind) AS unit_kind, coalesce(v.section_type, u.section_type) AS section_type,
         CASE WHEN v.unit_kind IS NULL THEN u.parent_ref ELSE p.canonical_address END AS parent,
         v.in_force_from, coalesce(v.publication_type, u.publication_type) AS publication_type,
         coalesce(v.owner_ref, u.owner_ref) AS owner_ref, encode(v.body_sha256, 'hex') AS body_sha256,
         encode(sha256(convert_to(v.title, 'UTF8')), 'hex') AS title_sha256,
         s.change_set_id, h.recorded_at AS enacted_at, g.recorded_at AS reverted_at, u.lifecycle = 'withdrawn' AS withdrawn,
         u.lifecycle = 'enacted' AND u.version_id = v.version_id AS stands,
         u.unit_id, v.version_id, v.replaces
    FROM cutter.iu_unit u
    JOIN cutter.iu_version v ON v.unit_id = u.unit_id
    LEFT JOIN cutter.iu_unit p ON p.unit_id = v.parent_id
    LEFT JOIN cutter.cut_change_set_affected_row r ON r.version_id = v.version_id AND r.action IN ('created', 'revised', 'repealed')
    LEFT JOIN cutter.cut_change_set s ON s.change_set_id = r.change_set_id AND s.document_code = u.document_code
    LEFT JOIN cutter.decision_backlog_history h ON h.entry_id = s.entry_id AND h.to_status = 'enacted'
    LEFT JOIN cutter.decision_backlog_history g ON g.entry_id = s.entry_id AND g.to_status = 'reverted'
   WHERE h.recorded_at IS NOT NULL OR r.version_id IS NULL AND u.lifecycle = 'enacted' AND v.version_id = u.version_id;
COMMENT ON VIEW cutter.v_unit_history IS 'Every version of every unit that was ever enacted, also those that were reverted since.';
COMMENT ON COLUMN cutter.v_unit_history.document_code IS 'The document: the first part of the address.';
COMMENT ON COLUMN cutter.v_unit_history.address IS 'The unit''s address. One that was withdrawn and cut again is two units, with a unit_id each.';
COMMENT ON COLUMN cutter.v_unit_history.version_no IS 'The version''s number, from 1.';
COMMENT ON COLUMN cutter.v_unit_history.title IS 'The printed heading.';
COMMENT ON COLUMN cutter.v_unit_history.body IS 'The unit''s own stretch of the text, every character of it.';
COMMENT ON COLUMN cutter.v_unit_history.state IS 'text; repealed, when from then on nothing stands at the address; or suspended.';
COMMENT ON COLUMN cutter.v_unit_history.unit_kind IS 'The unit''s kind in this version.';
COMMENT ON COLUMN cutter.v_unit_history.section_type IS 'The unit''s section type in this version.';
COMMENT ON COLUMN cutter.v_unit_history.parent IS 'Address of the unit that contains it in this version; NULL at the top.';
COMMENT ON COLUMN cutter.v_unit_history.in_force_from IS 'From which day on it is in force; NULL is unknown, and counts from the day of the version before.';
COMMENT ON COLUMN cutter.v_unit_history.publication_type IS 'What the document is.';
COMMENT ON COLUMN cutter.v_unit_history.owner_ref IS 'Who answers for the unit.';
COMMENT ON COLUMN cutter.v_unit_history.body_sha256 IS 'SHA-256 of the body, hexadecimal.';
COMMENT ON COLUMN cutter.v_unit_history.title_sha256 IS 'SHA-256 of the title, hexadecimal.';
COMMENT ON COLUMN cutter.v_unit_history.change_set_id IS 'The change set that wrote it; NULL for what a site has written by itself.';
COMMENT ON COLUMN cutter.v_unit_history.enacted_at IS 'Since when it is known: when that change set was enacted; NULL where none is on record.';
COMMENT ON COLUMN cutter.v_unit_history.reverted_at IS 'Since when it is not known any more: when that change set was reverted; NULL while it stands.';
COMMENT ON COLUMN cutter.v_unit_history.withdrawn IS 'Whether the unit as a whole was withdrawn.';
COMMENT ON COLUMN cutter.v_unit_history.stands IS 'Whether the unit stands at it now, also if it is in force from a later day only.';
COMMENT ON COLUMN cutter.v_unit_history.unit_id IS 'The unit''s key.';
COMMENT ON COLUMN cutter.v_unit_history.version_id IS 'The version''s key.';
COMMENT ON COLUMN cutter.v_unit_history.replaces IS 'Key of the version that the unit stood at when this one was made; NULL for the first.';

CREATE VIEW cutter.v_change_set AS
  SELECT s.change_set_id, s.document_code, e.kind, e.title, s.unit_count AS units, s.plan_digest,
         CASE WHEN e.kind <> 'revert' THEN m.text_sha256 END AS text_sha256, h.recorded_at AS enacted_at, g.recorded_at AS reverted_at,
         (SELECT o.change_set_id FROM cutter.decision_backlog_dependency d
            JOIN cutter.decision_backlog_entry o ON o.entry_id = d.reference::uuid
           WHERE d.entry_id = e.entry_id AND d.kind = 'reverts') AS takes_back
    FROM cutter.cut_change_set s
    JOIN cutter.decision_backlog_entry e ON e.entry_id = s.entry_id
    JOIN cutter.manifest_envelope m ON m.envelope_id = s.envelope_id
    JOIN cutter.decision_backlog_history h ON h.entry_id = s.entry_id AND h.to_status = 'enacted'
    LEFT JOIN cutter.decision_backlog_history g ON g.entry_id = s.entry_id AND g.to_status = 'reverted';
COMMENT ON VIEW cutter.v_change_set IS 'Every change set that was ever enacted: what changed the units, and what took it back.';
COMMENT ON COLUMN cutter.v_change_set.change_set_id IS 'Its id.';
COMMENT ON COLUMN cutter.v_change_set.document_code IS 'The document.';
COMMENT ON COLUMN cutter.v_change_set.kind IS 'cut, revision or revert.';
COMMENT ON COLUMN cutter.v_change_set.title IS 'The document''s title as it was approved; may be empty.';
COMMENT ON COLUMN cutter.v_change_set.units IS 'How many units it wrote, or took back.';
COMMENT ON COLUMN cutter.v_change_set.plan_digest IS 'Digest of the plan that was approved.';
COMMENT ON COLUMN cutter.v_change_set.text_sha256 IS 'SHA-256 of the whole text of the document; NULL for a revert.';
COMMENT ON COLUMN cutter.v_change_set.enacted_at IS 'When it was enacted.';
COMMENT ON COLUMN cutter.v_change_set.reverted_at IS 'When it was reverted; NULL while it stands.';
COMMENT ON COLUMN cutter.v_change_set.takes_back IS 'The change set that a revert took back; NULL for the others.';

-- The last by (day, number) that is not after today, where a version of an unknown day counts from the day of the one before it:
-- domain/units/reader.py, in_force. Partitions by document and address, so that a question for one does not read the others.
CREATE VIEW cutter.v_unit AS
  SELECT c.document_code, c.address, c.title, c.body, split_part(regexp_replace(c.address, '^.*(~|__)', ''), '_', 2) AS label,
         c.unit_kind, c.section_type, c.parent, b.seq AS position, c.version_no, c.state, c.in_force_from, c.publication_type,
         c.owner_ref, c.body_sha256, c.title_sha256, c.change_set_id, c.enacted_at, c.unit_id, c.version_id
    FROM (
      SELECT DISTINCT ON (w.document_code, w.address) w.*
        FROM (
          SELECT n.*, max(n.in_force_from) OVER (PARTITION BY n.document_code, n.address, n.days) AS counts_from
            FROM (SELECT y.*, count(y.in_force_from) OVER (PARTITION BY y.document_code, y.address ORDER BY y.version_no) AS days
                    FROM cutter.v_unit_history y WHERE y.reverted_at IS NULL AND NOT y.withdrawn) n) w
       WHERE coalesce(w.counts_from, '-infinity') <= current_date
       ORDER BY w.document_code, w.address, coalesce(w.counts_from, '-infinity') DESC, w.version_no DESC) c
    LEFT JOIN LATERAL (
      SELECT m.envelope_id FROM cutter.decision_backlog_entry e
        JOIN cutter.decision_backlog_history h ON h.entry_id = e.entry_id AND h.to_status = 'enacted'
        JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
       WHERE e.document_code = c.document_code AND e.kind IN ('cut', 'revision') AND e.status = 'enacted'
       ORDER BY h.chain_no DESC LIMIT 1) o ON true
    LEFT JOIN cutter.manifest_unit_block b ON b.envelope_id = o.envelope_id AND b.canonical_address = c.address
   WHERE c.state <> 'repealed';
COMMENT ON VIEW cutter.v_unit IS 'The living units, each at the version that is in force today: what most applications read.';
COMMENT ON COLUMN cutter.v_unit.document_code IS 'The document: the first part of the address.';
COMMENT ON COLUMN cutter.v_unit.address IS 'The unit''s address, which is what people cite; one row each.';
COMMENT ON COLUMN cutter.v_unit.title IS 'The printed heading.';
COMMENT ON COLUMN cutter.v_unit.body IS 'The unit''s own stretch of the text, every character of it.';
COMMENT ON COLUMN cutter.v_unit.label IS 'The unit''s number as its address has it: 15b of art_15b.';
COMMENT ON COLUMN cutter.v_unit.unit_kind IS 'What it is: article, section, paragraph and so on.';
COMMENT ON COLUMN cutter.v_unit.section_type IS 'Its place in the document: body, preamble, annex and so on.';
COMMENT ON COLUMN cutter.v_unit.parent IS 'Address of the unit that contains it; NULL at the top.';
COMMENT ON COLUMN cutter.v_unit.position IS 'Its place in the order of the text that was enacted last, from 1; NULL where that has no such unit.';
COMMENT ON COLUMN cutter.v_unit.version_no IS 'Number of the version that is in force, from 1.';
COMMENT ON COLUMN cutter.v_unit.state IS 'text, or suspended. What is repealed is not here.';
COMMENT ON COLUMN cutter.v_unit.in_force_from IS 'From which day on that version is in force; NULL is unknown.';
COMMENT ON COLUMN cutter.v_unit.publication_type IS 'What the document is: law, decree, standard and so on.';
COMMENT ON COLUMN cutter.v_unit.owner_ref IS 'Who answers for the unit.';
COMMENT ON COLUMN cutter.v_unit.body_sha256 IS 'SHA-256 of the body, hexadecimal.';
COMMENT ON COLUMN cutter.v_unit.title_sha256 IS 'SHA-256 of the title, hexadecimal.';
COMMENT ON COLUMN cutter.v_unit.change_set_id IS 'The change set that wrote the version; NULL for what a site has written by itself.';
COMMENT ON COLUMN cutter.v_unit.enacted_at IS 'When that change set was enacted.';
COMMENT ON COLUMN cutter.v_unit.unit_id IS 'The unit''s key.';
COMMENT ON COLUMN cutter.v_unit.version_id IS 'The version''s key.';

CREATE VIEW cutter.v_document AS
  SELECT u.document_code, coalesce(nullif(o.title, ''), d.title, '') AS title, u.publication_type, u.owner_ref, u.units, o.change_set_id,
         o.enacted_at, o.text_sha256
    FROM (SELECT i.document_code, min(i.publication_type) AS publication_type, min(i.owner_ref) AS owner_ref, count(*)::integer AS units
            FROM cutter.iu_unit i WHERE i.lifecycle = 'enacted' AND i.state <> 'repealed' GROUP BY i.document_code) u
    LEFT JOIN cutter.source_document d ON d.document_code = u.document_code
    LEFT JOIN LATERAL (
      SELECT c.change_set_id, c.title, c.enacted_at, c.text_sha256 FROM cutter.v_change_set c
       WHERE c.document_code = u.document_code AND c.kind <> 'revert' AND c.reverted_at IS NULL
       ORDER BY c.enacted_at DESC LIMIT 1) o ON true;
COMMENT ON VIEW cutter.v_document IS 'The documents that have units which stand, also those in force from a later day only.';
COMMENT ON COLUMN cutter.v_document.document_code IS 'The document''s code: the first part of its units'' addresses.';
COMMENT ON COLUMN cutter.v_document.title IS 'Its title; may be empty.';
COMMENT ON COLUMN cutter.v_document.publication_type IS 'What it is: law, decree, standard and so on.';
COMMENT ON COLUMN cutter.v_document.owner_ref IS 'Who answers for it.';
COMMENT ON COLUMN cutter.v_document.units IS 'How many units stand.';
COMMENT ON COLUMN cutter.v_document.change_set_id IS 'The change set that was enacted last and stands.';
COMMENT ON COLUMN cutter.v_document.enacted_at IS 'When that was.';
COMMENT ON COLUMN cutter.v_document.text_sha256 IS 'SHA-256 of its whole text as that change set has it.';
