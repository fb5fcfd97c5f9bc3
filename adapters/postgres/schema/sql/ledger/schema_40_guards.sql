-- What the ledger's tables refuse, whoever asks: no DELETE, no TRUNCATE, and no UPDATE but the named steps.

CREATE FUNCTION cutter.fn_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% on % refused: it is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'IU002';
END $$;
COMMENT ON FUNCTION cutter.fn_append_only() IS 'Trigger: refuses to change what is kept for ever. Code IU002.';

DO $$
DECLARE
  ledger_table text;
  forbidden text;
BEGIN
  FOREACH ledger_table IN ARRAY ARRAY['decision_backlog_entry', 'decision_backlog_history', 'decision_backlog_dependency',
      'sweep_log', 'manifest_envelope', 'manifest_unit_block', 'review_decision', 'dot_pair_signature', 'cut_change_set',
      'cut_change_set_affected_row', 'verify_result', 'cut_phase_journal'] LOOP
    forbidden := CASE WHEN ledger_table IN ('decision_backlog_entry', 'cut_change_set') THEN 'DELETE' ELSE 'UPDATE OR DELETE' END;
    EXECUTE format('CREATE TRIGGER append_only BEFORE %s ON cutter.%I FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only()',
      forbidden, ledger_table);
    EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.%I EXECUTE FUNCTION cutter.fn_append_only()',
      ledger_table);
  END LOOP;
END $$;

CREATE FUNCTION cutter.fn_entry_step() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'marked' THEN
      RAISE EXCEPTION 'a backlog entry begins as marked, not as %', NEW.status USING ERRCODE = 'IU003';
    END IF;
    IF session_user = ANY (ARRAY['cutter_exec', 'cutter_verify']) AND NOT EXISTS (SELECT FROM cutter.cut_permit p
        WHERE p.change_set_id = NEW.change_set_id AND p.document_code = NEW.document_code AND p.kind = NEW.kind
          AND p.plan_digest = NEW.plan_digest AND p.confirmed_at IS NOT NULL AND p.revoked_at IS NULL AND p.used_at IS NULL) THEN
      RAISE EXCEPTION 'a backlog entry is opened under the confirmed permit of its own change set' USING ERRCODE = 'IU006';
    END IF;
    RETURN NEW;
  END IF;
  IF to_jsonb(NEW) - 'status' IS DISTINCT FROM to_jsonb(OLD) - 'status' THEN
    RAISE EXCEPTION 'only the status of a backlog entry may change' USING ERRCODE = 'IU002';
  END IF;
  IF (OLD.status, NEW.status) NOT IN (('marked', 'reviewed'), ('reviewed', 'cut_applied'), ('cut_applied', 'verified_complete'),
      ('verified_complete', 'enacted'), ('marked', 'superseded'), ('reviewed', 'superseded'), ('reviewed', 'reverted'),
      ('cut_applied', 'reverted'), ('verified_complete', 'reverted'), ('enacted', 'reverted'))
      -- An administrator who clears a document ends what no run can finish or take back: see fn_document_clear.
      AND NOT (NEW.status = 'superseded' AND OLD.status IN ('cut_applied', 'verified_complete')
        AND pg_has_role(session_user, 'cutter_owner', 'MEMBER')) THEN
    RAISE EXCEPTION 'a backlog entry can not move from % to %', OLD.status, NEW.status USING ERRCODE = 'IU003';
  END IF;
  IF (NEW.status = 'verified_complete') <> (current_user = 'cutter_verify') THEN
    RAISE EXCEPTION '% can not move a backlog entry to %', current_user, NEW.status USING ERRCODE = 'IU004';
  END IF;
  IF NEW.status = 'reverted' AND NOT EXISTS (SELECT FROM cutter.decision_backlog_dependency d
      JOIN cutter.decision_backlog_entry r ON r.entry_id = d.entry_id
      WHERE d.kind = 'reverts' AND d.reference = OLD.entry_id::text AND r.kind = 'revert' AND r.status = 'enacted') THEN
    RAISE EXCEPTION 'a backlog entry becomes reverted by a revert of it that is verified and enacted' USING ERRCODE = 'IU003';
  END IF;
  IF session_user = ANY (ARRAY['cutter_exec', 'cutter_verify']) THEN
    IF NOT cutter.fn_document_released(OLD.document_code) THEN
      RAISE EXCEPTION 'a backlog entry moves while a confirmed permit is open for its document' USING ERRCODE = 'IU006';
    END IF;
    -- Who has written units is finished or reverted; nobody who comes after it takes its place.
    IF NEW.status = 'superseded' AND EXISTS (SELECT FROM cutter.cut_phase_journal j
        WHERE j.change_set_id = OLD.change_set_id AND j.phase = 'cut_leg_a') THEN
      RAISE EXCEPTION 'a backlog entry that has written units is not superseded' USING ERRCODE = 'IU003';
    END IF;
    IF NEW.status = 'enacted' AND EXISTS (SELECT FROM cutter.cut_change_set_affected_row r
        JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
        WHERE r.change_set_id = OLD.change_set_id AND CASE r.action WHEN 'created' THEN u.lifecycle = 'draft'
          WHEN 'withdrawn' THEN u.lifecycle <> 'withdrawn' WHEN 'restored' THEN u.version_id = r.version_id
          ELSE u.version_id <> r.version_id END) THEN
      RAISE EXCEPTION 'a backlog entry is enacted when its units are' USING ERRCODE = 'IU003';
    END IF;
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION cutter.fn_entry_step() IS 'Trigger: legal steps of a backlog entry (IU003), each by the principal that may take it (IU004) and under an open permit (IU006).';
CREATE TRIGGER legal_step BEFORE INSERT OR UPDATE ON cutter.decision_backlog_entry
  FOR EACH ROW EXECUTE FUNCTION cutter.fn_entry_step();

-- Without the first half of this, an executor could insert a change set that calls itself verified.
CREATE FUNCTION cutter.fn_change_set_step() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'cut_applied' OR NEW.verifier_signature_id IS NOT NULL THEN
      RAISE EXCEPTION 'a change set begins as cut_applied, without the verifier''s half' USING ERRCODE = 'IU004';
    END IF;
    IF NOT EXISTS (SELECT FROM cutter.decision_backlog_entry e
        JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
        JOIN cutter.review_decision d ON d.envelope_id = m.envelope_id
        JOIN cutter.dot_pair_signature x ON x.change_set_id = e.change_set_id AND x.half = 'executor'
        WHERE e.entry_id = NEW.entry_id AND e.change_set_id = NEW.change_set_id AND e.status = 'reviewed'
          AND m.envelope_id = NEW.envelope_id AND d.decision_id = NEW.decision_id AND d.verdict = 'approved'
          AND x.signature_id = NEW.executor_signature_id) THEN
      RAISE EXCEPTION 'a change set rests on the reviewed entry, approved decision and executor''s half of its own'
        USING ERRCODE = 'IU003';
    END IF;
    RETURN NEW;
  END IF;
  IF to_jsonb(NEW) - ARRAY['status', 'verifier_signature_id'] IS DISTINCT FROM to_jsonb(OLD) - ARRAY['status', 'verifier_signature_id']
      OR OLD.status <> 'cut_applied' OR NEW.status <> 'verified_complete' THEN
    RAISE EXCEPTION 'a change set changes once: from cut_applied to verified_complete' USING ERRCODE = 'IU002';
  END IF;
  IF current_user <> 'cutter_verify' OR NOT EXISTS (SELECT FROM cutter.dot_pair_signature x
      WHERE x.signature_id = NEW.verifier_signature_id AND x.change_set_id = NEW.change_set_id AND x.half = 'verifier') THEN
    RAISE EXCEPTION 'a change set is verified by cutter_verify, with its own half of the pair' USING ERRCODE = 'IU004';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION cutter.fn_change_set_step() IS 'Trigger: a change set begins unverified, on a decision of its own (IU003, IU004), and changes once, when it is verified (IU002).';
CREATE TRIGGER legal_step BEFORE INSERT OR UPDATE ON cutter.cut_change_set
  FOR EACH ROW EXECUTE FUNCTION cutter.fn_change_set_step();

-- Once a statement, not once a row: a cut may have 100,000.
CREATE FUNCTION cutter.fn_sealed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'manifest_unit_block' THEN
    IF EXISTS (SELECT FROM (SELECT DISTINCT a.envelope_id FROM added a) m
        JOIN cutter.review_decision d ON d.envelope_id = m.envelope_id) THEN
      RAISE EXCEPTION 'a manifest takes no more blocks once it is decided on' USING ERRCODE = 'IU002';
    END IF;
  ELSIF EXISTS (SELECT FROM (SELECT DISTINCT a.change_set_id FROM added a) c
      JOIN cutter.cut_change_set s ON s.change_set_id = c.change_set_id WHERE s.status <> 'cut_applied') THEN
    RAISE EXCEPTION 'a change set takes no more rows once it is verified' USING ERRCODE = 'IU002';
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION cutter.fn_sealed() IS 'Trigger: nothing is added to a manifest that is decided on, nor to a change set that is verified (IU002).';
CREATE TRIGGER sealed AFTER INSERT ON cutter.manifest_unit_block
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_sealed();
CREATE TRIGGER sealed AFTER INSERT ON cutter.cut_change_set_affected_row
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_sealed();

-- The verifier writes its half of VERIFY and nothing else; the executor can not write that half. Role and time are the server's.
CREATE FUNCTION cutter.fn_own_half() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
DECLARE
  verifiers boolean := CASE TG_TABLE_NAME
    WHEN 'dot_pair_signature' THEN to_jsonb(NEW) ->> 'half' = 'verifier'
    WHEN 'cut_phase_journal' THEN to_jsonb(NEW) ->> 'phase' = 'write_verify'
    WHEN 'decision_backlog_history' THEN to_jsonb(NEW) ->> 'to_status' = 'verified_complete'
    WHEN 'verify_result' THEN true END;
BEGIN
  IF verifiers <> (current_user = 'cutter_verify') THEN
    RAISE EXCEPTION '% can not write this row of %', current_user, TG_TABLE_NAME USING ERRCODE = 'IU004';
  END IF;
  IF TG_TABLE_NAME = 'cut_phase_journal' THEN
    NEW.principal := current_user;
    NEW.recorded_at := clock_timestamp();
  ELSIF TG_TABLE_NAME = 'verify_result' THEN
    NEW.verified_by := current_user;
    NEW.verified_at := clock_timestamp();
  ELSIF TG_TABLE_NAME = 'dot_pair_signature' THEN
    IF NOT EXISTS (SELECT FROM cutter.principal_key k
        WHERE k.key_id = NEW.key_id AND k.principal = current_user AND k.retired_at IS NULL) THEN
      RAISE EXCEPTION 'the key of this signature is not registered for %', current_user USING ERRCODE = 'IU004';
    END IF;
    -- Else whoever knows a plan could write the half of a change set that is still to come, and nobody could write another.
    IF session_user = ANY (ARRAY['cutter_exec', 'cutter_verify']) AND NOT EXISTS (SELECT FROM cutter.cut_permit p
        WHERE p.change_set_id = (to_jsonb(NEW) ->> 'change_set_id')::uuid
          AND p.confirmed_at IS NOT NULL AND p.revoked_at IS NULL AND p.used_at IS NULL
          AND NOT EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL OR h.lifted_at >= p.opened_at)) THEN
      RAISE EXCEPTION 'a half of the pair is written under the confirmed permit of its change set' USING ERRCODE = 'IU006';
    END IF;
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION cutter.fn_own_half() IS 'Trigger: each principal writes its own half of signatures, journal, history and results, with a key of its own (IU004).';
CREATE TRIGGER own_half BEFORE INSERT ON cutter.dot_pair_signature FOR EACH ROW EXECUTE FUNCTION cutter.fn_own_half();
CREATE TRIGGER own_half BEFORE INSERT ON cutter.cut_phase_journal FOR EACH ROW EXECUTE FUNCTION cutter.fn_own_half();
CREATE TRIGGER own_half BEFORE INSERT ON cutter.decision_backlog_history FOR EACH ROW EXECUTE FUNCTION cutter.fn_own_half();
CREATE TRIGGER own_half BEFORE INSERT ON cutter.verify_result FOR EACH ROW EXECUTE FUNCTION cutter.fn_own_half();

CREATE FUNCTION cutter.fn_history_sha256(h cutter.decision_backlog_history) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, cutter, pg_temp AS $$
  SELECT encode(sha256(convert_to(concat_ws(E'\x1f', h.previous_sha256, h.document_code, h.chain_no, h.entry_id,
    coalesce(h.from_status, ''), h.to_status, encode(sha256(convert_to(h.actor, 'UTF8')), 'hex'), h.principal, h.payload_sha256,
    (extract(epoch FROM h.recorded_at) * 1000000)::bigint), 'UTF8')), 'hex')
$$;
COMMENT ON FUNCTION cutter.fn_history_sha256(cutter.decision_backlog_history) IS 'The hash of a history row; domain/ledger/signed.py computes the same.';

CREATE FUNCTION cutter.fn_history_chain() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM cutter.decision_backlog_entry e
      WHERE e.entry_id = NEW.entry_id AND e.document_code = NEW.document_code AND e.status = NEW.to_status) THEN
    RAISE EXCEPTION 'the history tells steps that were taken: this entry does not stand at %', NEW.to_status
      USING ERRCODE = 'IU003';
  END IF;
  -- An entry stands at each status once, so a step that is told twice, or from elsewhere, was not taken.
  IF NEW.from_status IS DISTINCT FROM (SELECT h.to_status FROM cutter.decision_backlog_history h
      WHERE h.entry_id = NEW.entry_id ORDER BY h.chain_no DESC LIMIT 1)
      OR EXISTS (SELECT FROM cutter.decision_backlog_history h WHERE h.entry_id = NEW.entry_id AND h.to_status = NEW.to_status) THEN
    RAISE EXCEPTION 'the history tells each step once: this entry did not come from % to %', coalesce(NEW.from_status, 'nothing'),
      NEW.to_status USING ERRCODE = 'IU003';
  END IF;
  -- The executor holds the document's writers lock, so the head can not move; the primary key would catch it if it did.
  SELECT h.chain_no + 1, h.row_sha256 INTO NEW.chain_no, NEW.previous_sha256 FROM cutter.decision_backlog_history h
    WHERE h.document_code = NEW.document_code ORDER BY h.chain_no DESC LIMIT 1;
  NEW.chain_no := coalesce(NEW.chain_no, 1);
  NEW.previous_sha256 := coalesce(NEW.previous_sha256, repeat('0', 64));
  NEW.principal := current_user;
  NEW.recorded_at := clock_timestamp();
  NEW.row_sha256 := cutter.fn_history_sha256(NEW);
  RETURN NEW;
END $$;
COMMENT ON FUNCTION cutter.fn_history_chain() IS 'Trigger: chains each history row to the one before, for a step that was taken (IU003).';
CREATE TRIGGER zz_chain BEFORE INSERT ON cutter.decision_backlog_history FOR EACH ROW EXECUTE FUNCTION cutter.fn_history_chain();
