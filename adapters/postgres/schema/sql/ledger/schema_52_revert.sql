-- What a revert rests on: exactly one cut or revision of the same document, named when the revert's entry is opened and never later.

CREATE FUNCTION cutter.fn_revert_rests_on() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM cutter.decision_backlog_entry e
      JOIN cutter.decision_backlog_entry o ON o.entry_id::text = NEW.reference
      JOIN cutter.cut_phase_journal j ON j.change_set_id = o.change_set_id AND j.phase = 'cut_leg_a'
      WHERE e.entry_id = NEW.entry_id AND e.kind = 'revert' AND e.status = 'marked' AND o.kind IN ('cut', 'revision')
        AND o.document_code = e.document_code AND o.status IN ('reviewed', 'cut_applied', 'verified_complete', 'enacted'))
      OR EXISTS (SELECT FROM cutter.decision_backlog_dependency d WHERE d.entry_id = NEW.entry_id AND d.kind = 'reverts') THEN
    RAISE EXCEPTION 'a revert rests on one cut or revision of its document that has written units, from its first step on'
      USING ERRCODE = 'IU003';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION cutter.fn_revert_rests_on()
  IS 'Trigger: only an entry of the kind revert that is just being opened reverts, and one cut or revision of its document that has written units (IU003).';
CREATE TRIGGER revert_rests_on BEFORE INSERT ON cutter.decision_backlog_dependency
  FOR EACH ROW WHEN (NEW.kind = 'reverts') EXECUTE FUNCTION cutter.fn_revert_rests_on();
