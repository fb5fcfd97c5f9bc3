-- Whole texts, lineage and the feed of changes: views again, for what the ledger has is all there is to know, and a second record of it
-- could be another.

CREATE VIEW cutter.v_text_block AS
  SELECT c.document_code, c.change_set_id, b.start_char, b.end_char, b.seq AS position, b.canonical_address AS address,
         encode(b.body_sha256, 'hex') AS body_sha256, b.gap_text
    FROM cutter.v_change_set c
    JOIN cutter.cut_change_set s ON s.change_set_id = c.change_set_id
    JOIN cutter.manifest_unit_block b ON b.envelope_id = s.envelope_id
   WHERE c.kind <> 'revert';
COMMENT ON VIEW cutter.v_text_block IS 'The whole text of each cut and revision that was ever enacted, in pieces: bodies of units, by address and hash, and what stands between them.';
COMMENT ON COLUMN cutter.v_text_block.document_code IS 'The document.';
COMMENT ON COLUMN cutter.v_text_block.change_set_id IS 'The change set whose text it is.';
COMMENT ON COLUMN cutter.v_text_block.start_char IS 'First character of the piece in the text, from 0.';
COMMENT ON COLUMN cutter.v_text_block.end_char IS 'One past its last character.';
COMMENT ON COLUMN cutter.v_text_block.position IS 'The unit''s place in the order of the text, from 1; NULL between units.';
COMMENT ON COLUMN cutter.v_text_block.address IS 'The unit''s address; NULL between units.';
COMMENT ON COLUMN cutter.v_text_block.body_sha256 IS 'SHA-256 of the unit''s body, hexadecimal; NULL between units.';
COMMENT ON COLUMN cutter.v_text_block.gap_text IS 'The text between units; NULL for a unit.';

CREATE VIEW cutter.v_lineage AS
  SELECT n.document_code, n.address, n.version_no, o.address AS from_address, o.version_no AS from_version_no, n.change_set_id,
         n.enacted_at, n.reverted_at, n.unit_id, o.unit_id AS from_unit_id
    FROM cutter.iu_lineage l
    JOIN cutter.v_unit_history n ON n.version_id = l.version_id
    JOIN cutter.v_unit_history o ON o.version_id = l.from_version_id;
COMMENT ON VIEW cutter.v_lineage IS 'Whose text became whose, where a unit was renumbered, moved, split or merged.';
COMMENT ON COLUMN cutter.v_lineage.document_code IS 'The document.';
COMMENT ON COLUMN cutter.v_lineage.address IS 'The unit that has the text now.';
COMMENT ON COLUMN cutter.v_lineage.version_no IS 'Its version that the text came to.';
COMMENT ON COLUMN cutter.v_lineage.from_address IS 'The unit that had it before.';
COMMENT ON COLUMN cutter.v_lineage.from_version_no IS 'The version of that unit.';
COMMENT ON COLUMN cutter.v_lineage.change_set_id IS 'The revision that says so.';
COMMENT ON COLUMN cutter.v_lineage.enacted_at IS 'When it was enacted.';
COMMENT ON COLUMN cutter.v_lineage.reverted_at IS 'When it was reverted; NULL while it stands.';
COMMENT ON COLUMN cutter.v_lineage.unit_id IS 'Key of the unit that has the text now.';
COMMENT ON COLUMN cutter.v_lineage.from_unit_id IS 'Key of the unit that had it before.';

-- No step of a document's history is ever put between two others (fn_history_chain), so the numbers have no hole and never change.
-- A row is there exactly if the change was committed: it is not written beside it.
CREATE VIEW cutter.v_unit_change AS
  SELECT h.document_code, row_number() OVER (PARTITION BY h.document_code ORDER BY h.chain_no, r.seq) AS seq, s.change_set_id,
         u.canonical_address AS address, w.version_no, r.action AS kind,
         CASE WHEN r.action NOT IN ('withdrawn', 'repealed') THEN encode(w.body_sha256, 'hex') END AS body_sha256,
         h.recorded_at AS changed_at, u.unit_id
    FROM cutter.decision_backlog_history h
    JOIN cutter.cut_change_set s ON s.entry_id = h.entry_id
    JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id
    JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
    JOIN cutter.iu_version v ON v.version_id = r.version_id
    LEFT JOIN cutter.iu_version w ON w.version_id = CASE r.action WHEN 'restored' THEN v.replaces ELSE v.version_id END
   WHERE h.to_status = 'enacted';
COMMENT ON VIEW cutter.v_unit_change IS 'The feed: every change of every unit that was ever enacted, numbered for each document without a hole.';
COMMENT ON COLUMN cutter.v_unit_change.document_code IS 'The document.';
COMMENT ON COLUMN cutter.v_unit_change.seq IS 'From 1 for each document, without a hole; it never changes.';
COMMENT ON COLUMN cutter.v_unit_change.change_set_id IS 'The change set that was enacted; of a revert, its own.';
COMMENT ON COLUMN cutter.v_unit_change.address IS 'The unit''s address.';
COMMENT ON COLUMN cutter.v_unit_change.version_no IS 'The version that the unit stands at since; of one that is withdrawn, that it stood at.';
COMMENT ON COLUMN cutter.v_unit_change.kind IS 'created, revised or repealed; withdrawn, or restored to the version before.';
COMMENT ON COLUMN cutter.v_unit_change.body_sha256 IS 'SHA-256 of the body that stands since, hexadecimal; NULL where nothing does.';
COMMENT ON COLUMN cutter.v_unit_change.changed_at IS 'When the change set was enacted.';
COMMENT ON COLUMN cutter.v_unit_change.unit_id IS 'The unit''s key.';

-- Heard when the transaction that enacts is committed, and not before; who was away asks the feed.
CREATE FUNCTION cutter.fn_unit_change_told() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  PERFORM pg_catalog.pg_notify('cutter_unit_change', NEW.document_code);
  RETURN NULL;
END $$;
COMMENT ON FUNCTION cutter.fn_unit_change_told() IS 'Trigger: tells those who listen to cutter_unit_change the code of a document whose units have changed.';
CREATE TRIGGER zz_told AFTER INSERT ON cutter.decision_backlog_history FOR EACH ROW WHEN (NEW.to_status = 'enacted')
  EXECUTE FUNCTION cutter.fn_unit_change_told();
