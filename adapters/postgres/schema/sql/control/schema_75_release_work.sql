-- How the workers of a release share it, and the one backup that it is run under. Nothing here lets anybody write a unit: that do the
-- permits. It says who works at what, so that two workers do not take one document, and for how long a worker may be silent.

CREATE TABLE cutter.release_backup (
  release_permit_id uuid PRIMARY KEY REFERENCES cutter.release_permit (release_permit_id),
  result jsonb NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE cutter.release_backup IS 'The backup that was made before the first write of a release; each of its change sets has it on record as its own.';
COMMENT ON COLUMN cutter.release_backup.release_permit_id IS 'The release.';
COMMENT ON COLUMN cutter.release_backup.result IS 'What pre_write_backup answered.';
COMMENT ON COLUMN cutter.release_backup.recorded_at IS 'When, by the server''s clock.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.release_backup FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.release_backup EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER rehearsal_mark AFTER INSERT OR UPDATE ON cutter.release_backup
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();
CREATE TRIGGER rehearsal_mark AFTER INSERT ON cutter.release_permit
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();
CREATE TRIGGER rehearsal_mark AFTER INSERT ON cutter.release_approval
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();
CREATE TRIGGER rehearsal_mark AFTER INSERT ON cutter.release_place
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();
CREATE TRIGGER rehearsal_mark AFTER INSERT ON cutter.approval_policy
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();

CREATE TABLE cutter.release_work (
  release_permit_id uuid NOT NULL REFERENCES cutter.release_permit (release_permit_id),
  place integer NOT NULL CHECK (place >= 0),
  document_code text NOT NULL CHECK (document_code <> ''),
  change_set_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'refused')),
  holder text,
  held_until timestamptz,
  claims integer NOT NULL DEFAULT 0 CHECK (claims >= 0),
  reason text NOT NULL DEFAULT '',
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (release_permit_id, place),
  CONSTRAINT release_work_held CHECK ((state = 'running') = (holder IS NOT NULL) AND (holder IS NULL) = (held_until IS NULL))
);
-- A claim looks among these only; of a release of a million documents it would otherwise go through all that are ended.
CREATE INDEX release_work_open ON cutter.release_work (release_permit_id, state, place) WHERE state IN ('waiting', 'running');
COMMENT ON TABLE cutter.release_work IS 'The documents of a release that is run: who works at each, and how it ended.';
COMMENT ON COLUMN cutter.release_work.release_permit_id IS 'The release.';
COMMENT ON COLUMN cutter.release_work.place IS 'The place of the document in it.';
COMMENT ON COLUMN cutter.release_work.document_code IS 'The document.';
COMMENT ON COLUMN cutter.release_work.change_set_id IS 'Its change set.';
COMMENT ON COLUMN cutter.release_work.state IS 'waiting, running, done, failed (try again), or refused (somebody has to look).';
COMMENT ON COLUMN cutter.release_work.holder IS 'The worker that has claimed it; NULL if none.';
COMMENT ON COLUMN cutter.release_work.held_until IS 'Until when the claim counts; then another worker may take it and resumes by the journal.';
COMMENT ON COLUMN cutter.release_work.claims IS 'How often it was claimed.';
COMMENT ON COLUMN cutter.release_work.reason IS 'Why it failed or was refused; empty otherwise.';
COMMENT ON COLUMN cutter.release_work.changed_at IS 'When this row was changed last.';
CREATE TRIGGER append_only BEFORE DELETE ON cutter.release_work FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.release_work EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER rehearsal_mark AFTER INSERT OR UPDATE ON cutter.release_work
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();
