-- The guard of the units fires once a statement.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgname = 'canonical_writer_only' AND t.tgtype & 1 = 1) THEN
    RAISE EXCEPTION 'a guard of the units still fires once a row';
  END IF;
END $$;

-- What stands at an address according to the port and is in force today is what the readers see there, and no draft is.
DO $$
BEGIN
  IF EXISTS (SELECT FROM cutter.v_unit_history h JOIN cutter.iu_unit u ON u.unit_id = h.unit_id WHERE u.lifecycle = 'draft') THEN
    RAISE EXCEPTION 'readers would see a draft';
  END IF;
  -- In words of the ledger, and counted, so that it is one join of sets: readers wait while this runs.
  IF (SELECT count(*) FROM cutter.iu_unit u
        JOIN cutter.cut_change_set_affected_row r ON r.version_id = u.version_id AND r.action IN ('created', 'revised', 'repealed')
       WHERE u.lifecycle = 'enacted' AND (r.change_set_id, u.document_code) NOT IN (
         SELECT s.change_set_id, s.document_code FROM cutter.cut_change_set s
           JOIN cutter.decision_backlog_history h ON h.entry_id = s.entry_id AND h.to_status = 'enacted'
          WHERE NOT EXISTS (SELECT FROM cutter.decision_backlog_history g
            WHERE g.entry_id = s.entry_id AND g.to_status = 'reverted'))) > 0 THEN
    RAISE EXCEPTION 'readers would not see a version that a unit stands at';
  END IF;
END $$;
