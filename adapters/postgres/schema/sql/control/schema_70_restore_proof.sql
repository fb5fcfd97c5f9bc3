-- What became of each restore drill: a backup brought back into a throwaway server and compared with its manifest.

CREATE TABLE cutter.restore_proof (
  proof_id uuid PRIMARY KEY,
  target text NOT NULL CHECK (target <> ''),
  backup text NOT NULL CHECK (backup <> ''),
  backup_sha256 text NOT NULL CHECK (backup_sha256 ~ '^([0-9a-f]{64})?$'),
  manifest_sha256 text NOT NULL CHECK (manifest_sha256 ~ '^([0-9a-f]{64})?$'),
  snapshot_at timestamptz,
  verdict text NOT NULL CHECK (verdict IN ('proven', 'refuted')),
  findings text[] NOT NULL,
  table_count integer NOT NULL CHECK (table_count >= 0),
  row_count bigint NOT NULL CHECK (row_count >= 0),
  actor text NOT NULL CHECK (btrim(actor) <> ''),
  principal text NOT NULL DEFAULT current_user,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT restore_proof_says_why CHECK ((verdict = 'proven') = (cardinality(findings) = 0)),
  CONSTRAINT restore_proof_proves_something CHECK (verdict = 'refuted' OR (backup_sha256 <> '' AND manifest_sha256 <> ''
    AND table_count > 0 AND snapshot_at IS NOT NULL AND snapshot_at <= recorded_at))
);
COMMENT ON TABLE cutter.restore_proof IS 'Restore drills: which backup of this database was brought back, by whom, and whether all came back as it was.';
COMMENT ON COLUMN cutter.restore_proof.proof_id IS 'Key, made by the drill.';
COMMENT ON COLUMN cutter.restore_proof.target IS 'Fingerprint of the database that the backup is of.';
COMMENT ON COLUMN cutter.restore_proof.backup IS 'Name of the backup''s file.';
COMMENT ON COLUMN cutter.restore_proof.backup_sha256 IS 'SHA-256 of the file; empty if it could not be read.';
COMMENT ON COLUMN cutter.restore_proof.manifest_sha256 IS 'SHA-256 of the manifest beside it; empty if there is none to be believed.';
COMMENT ON COLUMN cutter.restore_proof.snapshot_at IS 'The moment whose data the backup holds, by its manifest; NULL if that is not to be believed.';
COMMENT ON COLUMN cutter.restore_proof.verdict IS 'proven: all came back as it was; refuted: something did not, or nothing did.';
COMMENT ON COLUMN cutter.restore_proof.findings IS 'Each difference, one sentence each; empty if proven.';
COMMENT ON COLUMN cutter.restore_proof.table_count IS 'Tables that were compared.';
COMMENT ON COLUMN cutter.restore_proof.row_count IS 'Rows that were compared.';
COMMENT ON COLUMN cutter.restore_proof.actor IS 'Who ran the drill, as the drill says.';
COMMENT ON COLUMN cutter.restore_proof.principal IS 'The role; set by the server.';
COMMENT ON COLUMN cutter.restore_proof.recorded_at IS 'When, by the server''s clock.';
CREATE INDEX restore_proof_of_target ON cutter.restore_proof (target, recorded_at);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.restore_proof
  FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.restore_proof EXECUTE FUNCTION cutter.fn_append_only();

CREATE FUNCTION cutter.fn_restore_proof() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  IF current_user <> 'cutter_verify' THEN
    RAISE EXCEPTION '% can not write this row of restore_proof', current_user USING ERRCODE = 'IU004';
  END IF;
  NEW.principal := current_user;
  NEW.recorded_at := clock_timestamp();
  RETURN NEW;
END $$;
COMMENT ON FUNCTION cutter.fn_restore_proof() IS 'Trigger: only the verifier says what was proven (IU004); role and time are the server''s.';
CREATE TRIGGER own_half BEFORE INSERT ON cutter.restore_proof FOR EACH ROW EXECUTE FUNCTION cutter.fn_restore_proof();
CREATE TRIGGER rehearsal_mark AFTER INSERT OR UPDATE ON cutter.restore_proof
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();
