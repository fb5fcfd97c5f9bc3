-- What stands in a document's way and is no law, taken out of it by an administrator: drafts that nobody can finish or withdraw, because
-- whoever held the executor's login under an open permit wrote them, or beside them in the ledger. Everything that is done is kept.

CREATE TABLE cutter.cleared (
  clearing_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('change_set', 'unit', 'version')),
  subject uuid NOT NULL,
  document_code text NOT NULL CHECK (document_code <> ''),
  canonical_address text,
  was text NOT NULL,
  body_sha256 bytea,
  cleared_by text NOT NULL CHECK (cleared_by ~ '\S'),
  reason text NOT NULL CHECK (reason ~ '\S'),
  cleared_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clearing_id, kind, subject),
  CONSTRAINT cleared_has_an_address CHECK ((canonical_address IS NULL) = (kind = 'change_set'))
);
COMMENT ON TABLE cutter.cleared IS 'What an administrator took out of a document''s way: change sets that were ended, drafts that were withdrawn, versions that nobody stands at; and units that stand again.';
COMMENT ON COLUMN cutter.cleared.clearing_id IS 'What was done together.';
COMMENT ON COLUMN cutter.cleared.kind IS 'change_set, unit or version.';
COMMENT ON COLUMN cutter.cleared.subject IS 'Key of the change set, unit or version.';
COMMENT ON COLUMN cutter.cleared.document_code IS 'The document.';
COMMENT ON COLUMN cutter.cleared.canonical_address IS 'The unit''s address; NULL for a change set.';
COMMENT ON COLUMN cutter.cleared.was IS 'Where it stood: the status of a change set, or none; draft for a unit, and for one that stands again withdrawn or the number of a version; the number of a version.';
COMMENT ON COLUMN cutter.cleared.body_sha256 IS 'SHA-256 of the body that a unit or version has; NULL for a change set.';
COMMENT ON COLUMN cutter.cleared.cleared_by IS 'The administrator who did it.';
COMMENT ON COLUMN cutter.cleared.reason IS 'Why.';
COMMENT ON COLUMN cutter.cleared.cleared_at IS 'When, by the server''s clock.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.cleared FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.cleared EXECUTE FUNCTION cutter.fn_append_only();

-- With the rights of whoever calls it, who has to be the owner or a superuser: each write goes by the guards that everybody's does.
CREATE FUNCTION cutter.fn_document_clear(document text, cleared_by text, reason text, put_back boolean DEFAULT false)
RETURNS TABLE (kind text, subject uuid, canonical_address text, was text)
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_column
DECLARE
  clearing uuid := gen_random_uuid();
  entry cutter.decision_backlog_entry;
  left_over bigint;
  before bigint;
  answer text;
  taken record;
BEGIN
  IF NOT EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL) THEN
    RAISE EXCEPTION 'a document is cleared while everything is halted' USING ERRCODE = 'IU006';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('fn_iu_create:' || document, 0));
  FOR entry IN SELECT e.* FROM cutter.decision_backlog_entry e
      WHERE e.document_code = document AND (e.status IN ('marked', 'reviewed', 'cut_applied', 'verified_complete')
          OR e.status = 'superseded' AND NOT EXISTS (SELECT FROM cutter.decision_backlog_history h
            WHERE h.entry_id = e.entry_id AND h.to_status = 'superseded'))
        -- A revert that has moved enacted units is finished by its own command: what it did is approved, and half of it is not. Where
        -- that can not be, they are put back when it is asked for.
        AND (put_back OR NOT EXISTS (SELECT FROM cutter.decision_backlog_dependency d
          JOIN cutter.decision_backlog_entry o ON o.entry_id::text = d.reference AND o.status = 'enacted'
          JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = o.change_set_id
          JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
          JOIN cutter.iu_version v ON v.version_id = r.version_id
          WHERE d.entry_id = e.entry_id AND d.kind = 'reverts' AND CASE r.action WHEN 'created' THEN u.lifecycle = 'withdrawn'
            ELSE u.version_no < v.version_no END))
      ORDER BY e.opened_at FOR UPDATE LOOP
    UPDATE cutter.decision_backlog_entry e SET status = 'superseded' WHERE e.entry_id = entry.entry_id AND e.status <> 'superseded';
    -- From the last step that was told: whoever moved the entry may have kept it from the history.
    INSERT INTO cutter.decision_backlog_history (document_code, entry_id, from_status, to_status, actor, payload_sha256)
      VALUES (document, entry.entry_id, (SELECT h.to_status FROM cutter.decision_backlog_history h
          WHERE h.entry_id = entry.entry_id ORDER BY h.chain_no DESC LIMIT 1), 'superseded', cleared_by, entry.plan_digest);
    INSERT INTO cutter.cleared (clearing_id, kind, subject, document_code, was, cleared_by, reason)
      VALUES (clearing, 'change_set', entry.change_set_id, document, entry.status, cleared_by, reason);
  END LOOP;
  INSERT INTO cutter.cleared (clearing_id, kind, subject, document_code, canonical_address, was, body_sha256, cleared_by, reason)
    SELECT clearing, 'unit', u.unit_id, document, u.canonical_address, 'draft', sha256(convert_to(u.body, 'UTF8')), cleared_by, reason
      FROM cutter.iu_unit u WHERE u.document_code = document AND u.lifecycle = 'draft';
  -- Children before parents: what sorts later is deeper as a rule, and what is not comes in the next turn.
  left_over := -1;
  LOOP
    before := left_over;
    SELECT count(*) FILTER (WHERE f.status <> 'withdrawn'), min(f.status) FILTER (WHERE f.status <> 'withdrawn') INTO left_over, answer
      FROM (SELECT u.unit_id, u.version_id FROM cutter.iu_unit u WHERE u.document_code = document AND u.lifecycle = 'draft'
        ORDER BY u.canonical_address COLLATE "C" DESC) d
      CROSS JOIN LATERAL cutter.fn_iu_withdraw(d.unit_id, d.version_id, 'draft', NULL, cleared_by) AS f (status);
    EXIT WHEN left_over = 0 OR left_over = before;
  END LOOP;
  IF left_over > 0 THEN
    RAISE EXCEPTION '% drafts of % could not be withdrawn: %', left_over, document, answer USING ERRCODE = 'IU003';
  END IF;
  -- What a revert that was ended here has taken from its places, each at the version that it was taken from.
  FOR taken IN SELECT u.unit_id, r.version_id, u.canonical_address, u.lifecycle, u.version_no, v.body
      FROM cutter.cleared c
      JOIN cutter.decision_backlog_entry e ON c.kind = 'change_set' AND e.change_set_id = c.subject
      JOIN cutter.decision_backlog_dependency d ON d.entry_id = e.entry_id AND d.kind = 'reverts'
      JOIN cutter.decision_backlog_entry o ON o.entry_id::text = d.reference AND o.status = 'enacted'
      JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = o.change_set_id
      JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
      JOIN cutter.iu_version v ON v.version_id = r.version_id
      WHERE c.clearing_id = clearing
        AND CASE r.action WHEN 'created' THEN u.lifecycle = 'withdrawn' ELSE u.version_no < v.version_no END
      ORDER BY r.seq LOOP
    IF to_regprocedure('cutter.fn_iu_put_back(uuid, uuid)') IS NULL THEN
      RAISE EXCEPTION 'this knowledge base has units of its own, and nothing puts back what a revert has taken away; bring a backup back'
        USING ERRCODE = 'IU003';
    END IF;
    answer := cutter.fn_iu_put_back(taken.unit_id, taken.version_id);
    IF answer <> 'enacted' THEN
      RAISE EXCEPTION '% can not be put back: %', taken.canonical_address, answer USING ERRCODE = 'IU003';
    END IF;
    INSERT INTO cutter.cleared (clearing_id, kind, subject, document_code, canonical_address, was, body_sha256, cleared_by, reason)
      VALUES (clearing, 'unit', taken.unit_id, document, taken.canonical_address,
        CASE taken.lifecycle WHEN 'withdrawn' THEN 'withdrawn' ELSE taken.version_no::text END,
        sha256(convert_to(taken.body, 'UTF8')), cleared_by, reason);
  END LOOP;
  -- Versions of units that stand, which no change set has on record.
  INSERT INTO cutter.cleared (clearing_id, kind, subject, document_code, canonical_address, was, body_sha256, cleared_by, reason)
    SELECT clearing, 'version', v.version_id, document, u.canonical_address, v.version_no::text, sha256(convert_to(v.body, 'UTF8')),
        cleared_by, reason
      FROM cutter.iu_unit u JOIN cutter.iu_version v ON v.unit_id = u.unit_id AND v.version_id <> u.version_id
      WHERE u.document_code = document AND u.lifecycle = 'enacted'
        AND EXISTS (SELECT FROM cutter.cut_change_set_affected_row r WHERE r.unit_id = u.unit_id)
        AND NOT EXISTS (SELECT FROM cutter.cut_change_set_affected_row r WHERE r.version_id = v.version_id)
        AND NOT EXISTS (SELECT FROM cutter.cleared c WHERE c.kind = 'version' AND c.subject = v.version_id);
  RETURN QUERY SELECT c.kind, c.subject, c.canonical_address, c.was FROM cutter.cleared c WHERE c.clearing_id = clearing
    ORDER BY c.kind, c.canonical_address COLLATE "C", c.subject;
END $$;
COMMENT ON FUNCTION cutter.fn_document_clear(text, text, text, boolean)
  IS 'Takes out of a document''s way what is no law, under a halt: ends what is unfinished, withdraws drafts, names versions that are on no record, and puts back, where it is asked for, what a revert has taken away that nobody can finish. An administrator''s alone.';
