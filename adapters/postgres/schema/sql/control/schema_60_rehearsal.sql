-- The server itself refuses a COMMIT by the rehearsal's login, whatever the program does.
-- Every write to units or ledger by that login leaves a row here, and a deferred constraint refuses any row here at COMMIT.

CREATE TABLE cutter.rehearsal_mark (transaction_id xid8 PRIMARY KEY DEFAULT pg_current_xact_id());
COMMENT ON TABLE cutter.rehearsal_mark IS 'Always empty to others: a row stands for a rehearsal''s open transaction, and no transaction with a row can commit.';
COMMENT ON COLUMN cutter.rehearsal_mark.transaction_id IS 'The transaction that wrote something and must be rolled back.';

CREATE FUNCTION cutter.fn_rehearsal_never_commits() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a rehearsal never commits' USING ERRCODE = 'IU005', HINT = 'Roll back.';
END $$;
COMMENT ON FUNCTION cutter.fn_rehearsal_never_commits() IS 'Constraint trigger at COMMIT: refuses it. Code IU005.';
CREATE CONSTRAINT TRIGGER rehearsal_never_commits AFTER INSERT OR UPDATE ON cutter.rehearsal_mark
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cutter.fn_rehearsal_never_commits();

-- With the owner's rights: the principals themselves can not write a mark, nor take one away.
CREATE FUNCTION cutter.fn_rehearsal_mark() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  IF session_user = 'cutter_rehearse' THEN
    INSERT INTO cutter.rehearsal_mark DEFAULT VALUES ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION cutter.fn_rehearsal_mark() IS 'Trigger: marks what a rehearsal writes, so that it can not be committed.';

-- Once a statement. The two unit tables mark in fn_canonical_writer_only, which fires there for every row anyhow.
DO $$
DECLARE
  ledger_table text;
BEGIN
  FOREACH ledger_table IN ARRAY ARRAY['decision_backlog_entry', 'decision_backlog_history', 'decision_backlog_dependency',
      'sweep_log', 'manifest_envelope', 'manifest_unit_block', 'review_decision', 'dot_pair_signature', 'cut_change_set',
      'cut_change_set_affected_row', 'verify_result', 'cut_phase_journal', 'approver_key', 'cut_permit', 'cut_approval',
      'cut_halt'] LOOP
    EXECUTE format('CREATE TRIGGER rehearsal_mark AFTER INSERT OR UPDATE ON cutter.%I'
      ' FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark()', ledger_table);
  END LOOP;
END $$;
