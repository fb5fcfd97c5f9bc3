-- Back into the schema public, as version 1 had it.

DROP FUNCTION cutter.fn_iu_create, cutter.fn_iu_enact, cutter.fn_iu_withdraw, cutter.fn_enact_check, cutter.fn_withdraw_check;
DROP VIEW cutter.iu_unit, cutter.iu_version;
DROP TABLE cutter.adopted_unit, cutter.adoption;

ALTER TABLE cutter.source_document SET SCHEMA public;
ALTER TABLE cutter.principal_key SET SCHEMA public;
ALTER TABLE cutter.cutter_schema SET SCHEMA public;
ALTER TABLE cutter.rehearsal_mark SET SCHEMA public;
ALTER TABLE cutter.restore_proof SET SCHEMA public;
ALTER TABLE cutter.approver_key SET SCHEMA public;
ALTER TABLE cutter.cut_permit SET SCHEMA public;
ALTER TABLE cutter.cut_approval SET SCHEMA public;
ALTER TABLE cutter.cut_halt SET SCHEMA public;
ALTER TABLE cutter.decision_backlog_entry SET SCHEMA public;
ALTER TABLE cutter.decision_backlog_history SET SCHEMA public;
ALTER TABLE cutter.decision_backlog_dependency SET SCHEMA public;
ALTER TABLE cutter.sweep_log SET SCHEMA public;
ALTER TABLE cutter.manifest_envelope SET SCHEMA public;
ALTER TABLE cutter.manifest_unit_block SET SCHEMA public;
ALTER TABLE cutter.review_decision SET SCHEMA public;
ALTER TABLE cutter.dot_pair_signature SET SCHEMA public;
ALTER TABLE cutter.cut_change_set SET SCHEMA public;
ALTER TABLE cutter.cut_change_set_affected_row SET SCHEMA public;
ALTER TABLE cutter.verify_result SET SCHEMA public;
ALTER TABLE cutter.cut_phase_journal SET SCHEMA public;

ALTER FUNCTION cutter.fn_append_only SET SCHEMA public;
ALTER FUNCTION cutter.fn_entry_step SET SCHEMA public;
ALTER FUNCTION cutter.fn_change_set_step SET SCHEMA public;
ALTER FUNCTION cutter.fn_sealed SET SCHEMA public;
ALTER FUNCTION cutter.fn_own_half SET SCHEMA public;
ALTER FUNCTION cutter.fn_history_sha256 SET SCHEMA public;
ALTER FUNCTION cutter.fn_history_chain SET SCHEMA public;
ALTER FUNCTION cutter.fn_revert_rests_on SET SCHEMA public;
ALTER FUNCTION cutter.fn_ends_once SET SCHEMA public;
ALTER FUNCTION cutter.fn_permit_fence SET SCHEMA public;
ALTER FUNCTION cutter.fn_journal_fence SET SCHEMA public;
ALTER FUNCTION cutter.fn_person SET SCHEMA public;
ALTER FUNCTION cutter.fn_permit_open SET SCHEMA public;
ALTER FUNCTION cutter.fn_halt SET SCHEMA public;
ALTER FUNCTION cutter.fn_permits_revoke SET SCHEMA public;
ALTER FUNCTION cutter.fn_halt_lift SET SCHEMA public;
ALTER FUNCTION cutter.fn_rehearsal_never_commits SET SCHEMA public;
ALTER FUNCTION cutter.fn_rehearsal_mark SET SCHEMA public;
ALTER FUNCTION cutter.fn_restore_proof SET SCHEMA public;

CREATE OR REPLACE FUNCTION public.fn_canonical_writer_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(pg_catalog.current_setting('app.canonical_writer', true), '')
      NOT IN ('fn_iu_create', 'fn_iu_enact', 'fn_iu_withdraw') THEN
    RAISE EXCEPTION 'direct % on % refused', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'IU001', HINT = 'Units are written by public.fn_iu_create, fn_iu_enact and fn_iu_withdraw only.';
  END IF;
  IF session_user = 'cutter_rehearse' THEN
    INSERT INTO public.rehearsal_mark DEFAULT VALUES ON CONFLICT DO NOTHING;
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.fn_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% on % refused: it is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'IU002';
END $$;

CREATE OR REPLACE FUNCTION public.fn_entry_step() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'marked' THEN
      RAISE EXCEPTION 'a backlog entry begins as marked, not as %', NEW.status USING ERRCODE = 'IU003';
    END IF;
    RETURN NEW;
  END IF;
  IF to_jsonb(NEW) - 'status' IS DISTINCT FROM to_jsonb(OLD) - 'status' THEN
    RAISE EXCEPTION 'only the status of a backlog entry may change' USING ERRCODE = 'IU002';
  END IF;
  IF (OLD.status, NEW.status) NOT IN (('marked', 'reviewed'), ('reviewed', 'cut_applied'), ('cut_applied', 'verified_complete'),
      ('verified_complete', 'enacted'), ('marked', 'superseded'), ('reviewed', 'superseded'), ('reviewed', 'reverted'),
      ('cut_applied', 'reverted'), ('verified_complete', 'reverted'), ('enacted', 'reverted')) THEN
    RAISE EXCEPTION 'a backlog entry can not move from % to %', OLD.status, NEW.status USING ERRCODE = 'IU003';
  END IF;
  IF (NEW.status = 'verified_complete') <> (current_user = 'cutter_verify') THEN
    RAISE EXCEPTION '% can not move a backlog entry to %', current_user, NEW.status USING ERRCODE = 'IU004';
  END IF;
  IF NEW.status = 'reverted' AND NOT EXISTS (SELECT FROM public.decision_backlog_dependency d
      JOIN public.decision_backlog_entry r ON r.entry_id = d.entry_id
      WHERE d.kind = 'reverts' AND d.reference = OLD.entry_id::text AND r.kind = 'revert' AND r.status = 'enacted') THEN
    RAISE EXCEPTION 'a backlog entry becomes reverted by a revert of it that is verified and enacted' USING ERRCODE = 'IU003';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.fn_change_set_step() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'cut_applied' OR NEW.verifier_signature_id IS NOT NULL THEN
      RAISE EXCEPTION 'a change set begins as cut_applied, without the verifier''s half' USING ERRCODE = 'IU004';
    END IF;
    IF NOT EXISTS (SELECT FROM public.decision_backlog_entry e
        JOIN public.manifest_envelope m ON m.entry_id = e.entry_id
        JOIN public.review_decision d ON d.envelope_id = m.envelope_id
        JOIN public.dot_pair_signature x ON x.change_set_id = e.change_set_id AND x.half = 'executor'
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
  IF current_user <> 'cutter_verify' OR NOT EXISTS (SELECT FROM public.dot_pair_signature x
      WHERE x.signature_id = NEW.verifier_signature_id AND x.change_set_id = NEW.change_set_id AND x.half = 'verifier') THEN
    RAISE EXCEPTION 'a change set is verified by cutter_verify, with its own half of the pair' USING ERRCODE = 'IU004';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.fn_sealed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'manifest_unit_block' THEN
    IF EXISTS (SELECT FROM (SELECT DISTINCT a.envelope_id FROM added a) m
        JOIN public.review_decision d ON d.envelope_id = m.envelope_id) THEN
      RAISE EXCEPTION 'a manifest takes no more blocks once it is decided on' USING ERRCODE = 'IU002';
    END IF;
  ELSIF EXISTS (SELECT FROM (SELECT DISTINCT a.change_set_id FROM added a) c
      JOIN public.cut_change_set s ON s.change_set_id = c.change_set_id WHERE s.status <> 'cut_applied') THEN
    RAISE EXCEPTION 'a change set takes no more rows once it is verified' USING ERRCODE = 'IU002';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.fn_own_half() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
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
    IF NOT EXISTS (SELECT FROM public.principal_key k
        WHERE k.key_id = NEW.key_id AND k.principal = current_user AND k.retired_at IS NULL) THEN
      RAISE EXCEPTION 'the key of this signature is not registered for %', current_user USING ERRCODE = 'IU004';
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.fn_history_sha256(h public.decision_backlog_history) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT encode(sha256(convert_to(concat_ws(E'\x1f', h.previous_sha256, h.document_code, h.chain_no, h.entry_id,
    coalesce(h.from_status, ''), h.to_status, encode(sha256(convert_to(h.actor, 'UTF8')), 'hex'), h.principal, h.payload_sha256,
    (extract(epoch FROM h.recorded_at) * 1000000)::bigint), 'UTF8')), 'hex')
$$;

CREATE OR REPLACE FUNCTION public.fn_history_chain() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM public.decision_backlog_entry e
      WHERE e.entry_id = NEW.entry_id AND e.document_code = NEW.document_code AND e.status = NEW.to_status) THEN
    RAISE EXCEPTION 'the history tells steps that were taken: this entry does not stand at %', NEW.to_status
      USING ERRCODE = 'IU003';
  END IF;
  -- The executor holds the document's writers lock, so the head can not move; the primary key would catch it if it did.
  SELECT h.chain_no + 1, h.row_sha256 INTO NEW.chain_no, NEW.previous_sha256 FROM public.decision_backlog_history h
    WHERE h.document_code = NEW.document_code ORDER BY h.chain_no DESC LIMIT 1;
  NEW.chain_no := coalesce(NEW.chain_no, 1);
  NEW.previous_sha256 := coalesce(NEW.previous_sha256, repeat('0', 64));
  NEW.principal := current_user;
  NEW.recorded_at := clock_timestamp();
  NEW.row_sha256 := public.fn_history_sha256(NEW);
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.fn_iu_enact(canonical_address text, review_decision_id uuid, actor text, OUT status text, OUT unit_id uuid)
RETURNS record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  IF coalesce(btrim(actor), '') = '' THEN
    status := 'actor: empty';
    RETURN;
  END IF;
  -- The result row can be written by the verifier alone, and it stands for the rows that were counted, 1 to unit_count.
  SELECT r.unit_id INTO unit_id FROM public.cut_change_set s
    JOIN public.verify_result v ON v.change_set_id = s.change_set_id AND v.found_units = s.unit_count
    JOIN public.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id AND r.seq <= s.unit_count
    JOIN public.review_decision d ON d.decision_id = s.decision_id
    JOIN public.information_unit u ON u.id = r.unit_id
    WHERE s.decision_id = review_decision_id AND s.status = 'verified_complete' AND d.verdict = 'approved'
      AND r.action = 'created' AND u.canonical_address = fn_iu_enact.canonical_address AND u.lifecycle <> 'withdrawn';
  IF unit_id IS NULL THEN
    status := 'review_decision: no verified change set of this decision holds ' || coalesce(canonical_address, 'NULL');
    RETURN;
  END IF;
  -- The program's own fence says so first; this is for one that leaves it out.
  IF session_user <> 'cutter_rehearse' AND NOT EXISTS (SELECT FROM public.cut_change_set s
      JOIN public.cut_permit p ON p.change_set_id = s.change_set_id AND p.plan_digest = s.plan_digest
      WHERE s.decision_id = review_decision_id AND p.kind = 'cut' AND p.revoked_at IS NULL AND p.used_at IS NULL
        AND p.execute_by > clock_timestamp()) THEN
    status := 'permit: none is open for this cut';
    RETURN;
  END IF;
  PERFORM set_config('app.canonical_writer', 'fn_iu_enact', true);
  UPDATE public.information_unit u SET lifecycle = 'enacted', enacted_at = now() WHERE u.id = unit_id AND u.lifecycle = 'draft';
  status := CASE WHEN FOUND THEN 'enacted' ELSE 'lifecycle: not a draft' END;
  PERFORM set_config('app.canonical_writer', '', true);
END $$;

CREATE OR REPLACE FUNCTION public.fn_iu_withdraw(
  unit_id uuid, version_id uuid, lifecycle text, review_decision_id uuid, actor text, OUT status text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  unit public.information_unit;
  revert public.decision_backlog_entry;
BEGIN
  IF coalesce(btrim(actor), '') = '' THEN
    status := 'actor: empty';
    RETURN;
  END IF;
  -- Whoever is just writing a child holds this lock: this waits for them, and the look below sees the child.
  PERFORM pg_advisory_xact_lock(hashtextextended('fn_iu_create:' || u.document_code, 0))
    FROM public.information_unit u WHERE u.id = unit_id;
  SELECT u.* INTO unit FROM public.information_unit u WHERE u.id = unit_id FOR UPDATE;
  -- The decision is on a manifest that names this unit by address and body, and so does the manifest of what is reverted.
  SELECT e.* INTO revert FROM public.review_decision d
    JOIN public.manifest_envelope m ON m.envelope_id = d.envelope_id
    JOIN public.decision_backlog_entry e ON e.entry_id = m.entry_id AND e.kind = 'revert' AND e.status = 'reviewed'
    JOIN public.decision_backlog_dependency r ON r.entry_id = e.entry_id AND r.kind = 'reverts'
    JOIN public.manifest_envelope o ON o.entry_id = r.reference::uuid
    JOIN public.manifest_unit_block b ON b.envelope_id = m.envelope_id AND b.canonical_address = unit.canonical_address
    JOIN public.manifest_unit_block p ON p.envelope_id = o.envelope_id AND p.canonical_address = unit.canonical_address
      AND p.body_sha256 = b.body_sha256
    JOIN public.unit_version v ON v.id = unit.current_version_id AND sha256(convert_to(v.body, 'UTF8')) = b.body_sha256
    WHERE d.decision_id = review_decision_id AND d.verdict = 'approved';
  status := CASE
    WHEN unit.id IS NULL THEN 'unit: unknown'
    WHEN revert.entry_id IS NULL
      THEN 'review_decision: no reviewed revert of this decision holds ' || unit.canonical_address || ' as it stands'
    WHEN session_user <> 'cutter_rehearse' AND NOT EXISTS (SELECT FROM public.cut_permit p
        WHERE p.change_set_id = revert.change_set_id AND p.kind = 'revert' AND p.plan_digest = revert.plan_digest
          AND p.revoked_at IS NULL AND p.used_at IS NULL AND p.execute_by > clock_timestamp())
      THEN 'permit: none is open for this revert'
    WHEN unit.lifecycle = 'withdrawn' THEN 'lifecycle: withdrawn already'
    WHEN unit.lifecycle IS DISTINCT FROM lifecycle THEN 'lifecycle: ' || unit.lifecycle
    WHEN unit.current_version_id IS DISTINCT FROM version_id THEN 'version: another is in force'
    ELSE (SELECT 'children: ' || c.canonical_address FROM public.information_unit c
      WHERE c.parent_id = unit_id AND c.lifecycle <> 'withdrawn' ORDER BY c.canonical_address LIMIT 1)
  END;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('app.canonical_writer', 'fn_iu_withdraw', true);
  UPDATE public.information_unit u SET lifecycle = 'withdrawn' WHERE u.id = unit_id;
  PERFORM set_config('app.canonical_writer', '', true);
  status := 'withdrawn';
END $$;

CREATE OR REPLACE FUNCTION public.fn_revert_rests_on() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM public.decision_backlog_entry e
      JOIN public.decision_backlog_entry o ON o.entry_id::text = NEW.reference
      JOIN public.cut_phase_journal j ON j.change_set_id = o.change_set_id AND j.phase = 'cut_leg_a'
      WHERE e.entry_id = NEW.entry_id AND e.kind = 'revert' AND e.status = 'marked' AND o.kind = 'cut'
        AND o.document_code = e.document_code AND o.status IN ('reviewed', 'cut_applied', 'verified_complete', 'enacted'))
      OR EXISTS (SELECT FROM public.decision_backlog_dependency d WHERE d.entry_id = NEW.entry_id AND d.kind = 'reverts') THEN
    RAISE EXCEPTION 'a revert rests on one cut of its document that has written units, from its first step on'
      USING ERRCODE = 'IU003';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.fn_ends_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  may_change text[] := CASE TG_TABLE_NAME
    WHEN 'approver_key' THEN ARRAY['retired_at']
    WHEN 'cut_permit' THEN ARRAY['used_at', 'revoked_at', 'revoked_by', 'revoke_reason']
    WHEN 'cut_halt' THEN ARRAY['lifted_at', 'lifted_by', 'lift_reason'] END;
BEGIN
  IF to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change
      OR EXISTS (SELECT FROM unnest(may_change) AS c WHERE to_jsonb(OLD) ->> c IS NOT NULL) THEN
    RAISE EXCEPTION 'a row of % ends once and changes in nothing else', TG_TABLE_NAME USING ERRCODE = 'IU002';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.fn_permit_fence(change_set_id uuid, phase text, plan_digest text, closing boolean, OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  permit public.cut_permit;
BEGIN
  IF NOT closing AND EXISTS (SELECT FROM public.cut_phase_journal j
      WHERE j.change_set_id = change_set_id AND j.phase = phase) THEN
    status := 'recorded';
    RETURN;
  END IF;
  -- A revocation waits for this lock, and this lock for a revocation: whichever comes first is seen by the other.
  SELECT p.* INTO permit FROM public.cut_permit p WHERE p.change_set_id = change_set_id AND p.revoked_at IS NULL FOR SHARE;
  status := CASE
    WHEN EXISTS (SELECT FROM public.cut_halt h WHERE h.lifted_at IS NULL) THEN 'everything is halted'
    WHEN permit.permit_id IS NULL THEN 'it has no permit, or its permit was revoked'
    WHEN permit.plan_digest <> plan_digest THEN 'its permit is for another plan'
    WHEN permit.execute_by <= clock_timestamp() THEN 'its permit has expired'
    WHEN permit.used_at IS NOT NULL AND NOT closing THEN 'its permit was used before'
    ELSE 'open' END;
END $$;

CREATE OR REPLACE FUNCTION public.fn_journal_fence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  standing text;
BEGIN
  IF session_user = 'cutter_rehearse' THEN
    RETURN NEW;  -- it can not commit anyhow
  END IF;
  standing := public.fn_permit_fence(NEW.change_set_id, NEW.phase, NEW.plan_digest, false);
  IF standing NOT IN ('open', 'recorded') THEN
    RAISE EXCEPTION 'phase % can not be recorded: %', NEW.phase, standing USING ERRCODE = 'IU006';
  END IF;
  IF NEW.phase = 'lifecycle_enact' AND standing = 'open' THEN
    UPDATE public.cut_permit p SET used_at = clock_timestamp() WHERE p.change_set_id = NEW.change_set_id AND p.revoked_at IS NULL;
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.fn_person(name text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp
RETURN lower(btrim(regexp_replace(normalize(name, NFKC), '\s+', ' ', 'g')));

CREATE OR REPLACE FUNCTION public.fn_permit_open(permit_id uuid, payloads bytea[], signatures bytea[], OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  moment timestamptz;
  here text;
  one jsonb;
  other jsonb;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    status := 'a permit is opened in READ COMMITTED only: an old snapshot would not see a halt';
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('iu-cutter halt', 0));
  moment := clock_timestamp();
  SELECT format('%s:%s@%s', d.datname, d.oid, c.system_identifier) INTO here
    FROM pg_catalog.pg_control_system() AS c, pg_catalog.pg_database AS d WHERE d.datname = current_database();
  IF cardinality(payloads) IS DISTINCT FROM 2 OR cardinality(signatures) IS DISTINCT FROM 2 THEN
    status := 'two approvals are needed';
    RETURN;
  END IF;
  one := convert_from(payloads[1], 'UTF8')::jsonb;
  other := convert_from(payloads[2], 'UTF8')::jsonb;
  status := CASE
    WHEN EXISTS (SELECT FROM public.cut_halt h WHERE h.lifted_at IS NULL) THEN 'everything is halted; lift the halt first'
    WHEN (SELECT array_agg(g ORDER BY g) FROM unnest(ARRAY[one ->> 'gate', other ->> 'gate']) AS g) IS DISTINCT FROM
      CASE one ->> 'kind' WHEN 'cut' THEN ARRAY['SG_1', 'SG_2'] WHEN 'revert' THEN ARRAY['SG_2', 'SG_3'] END
      THEN 'the gates are not the two that this needs'
    WHEN EXISTS (SELECT FROM unnest(ARRAY['kind', 'change_set_id', 'document_code', 'plan_digest', 'effect_digest', 'target',
        'attempt', 'submitter']) AS f WHERE one ->> f IS NULL OR one ->> f IS DISTINCT FROM other ->> f)
      THEN 'the two approvals are not for the same run'
    WHEN EXISTS (SELECT FROM unnest(ARRAY['gate', 'approver', 'key_id', 'nonce', 'approve_by', 'execute_by']) AS f
        WHERE one ->> f IS NULL OR other ->> f IS NULL) THEN 'an approval is not complete'
    WHEN one ->> 'target' <> here THEN 'the approvals are for another database'
    WHEN one ->> 'nonce' = other ->> 'nonce' OR EXISTS (SELECT FROM public.cut_approval a
        WHERE a.nonce IN (one ->> 'nonce', other ->> 'nonce')) THEN 'an approval was used before; have it signed again'
    WHEN (SELECT count(*) FROM unnest(ARRAY[one, other]) AS a JOIN public.approver_key k ON k.key_id = a ->> 'key_id'
        WHERE public.fn_person(k.person) = public.fn_person(a ->> 'approver') AND a ->> 'gate' = ANY (k.gates) AND k.valid_from <= moment AND moment < k.valid_until
          AND (k.retired_at IS NULL OR k.retired_at > moment)) <> 2
      THEN 'an approver is not registered for this gate, or not any more'
    WHEN one ->> 'key_id' = other ->> 'key_id'
      OR public.fn_person(one ->> 'approver') = public.fn_person(other ->> 'approver')
      THEN 'two different people have to approve'
    WHEN public.fn_person(one ->> 'submitter') IN (public.fn_person(one ->> 'approver'), public.fn_person(other ->> 'approver'))
      THEN 'who submits a run can not approve it'
    WHEN least((one ->> 'approve_by')::timestamptz, (other ->> 'approve_by')::timestamptz) <= moment
      OR least((one ->> 'execute_by')::timestamptz, (other ->> 'execute_by')::timestamptz) <= moment
      THEN 'an approval has expired; have it signed again'
    WHEN greatest((one ->> 'execute_by')::timestamptz, (other ->> 'execute_by')::timestamptz) > moment + interval '7 days'
      THEN 'an approval is valid for too long; have it signed again'
    WHEN EXISTS (SELECT FROM public.cut_permit p WHERE p.change_set_id = (one ->> 'change_set_id')::uuid AND p.used_at IS NOT NULL)
      THEN 'this change set was run before'
  END;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  -- A permit that ran out makes way for a new one; one that still counts does not.
  UPDATE public.cut_permit p SET revoked_at = moment, revoked_by = session_user, revoke_reason = 'expired'
    WHERE p.change_set_id = (one ->> 'change_set_id')::uuid AND p.revoked_at IS NULL AND p.execute_by <= moment;
  IF EXISTS (SELECT FROM public.cut_permit p WHERE p.change_set_id = (one ->> 'change_set_id')::uuid AND p.revoked_at IS NULL) THEN
    status := 'this change set has a permit already';
    RETURN;
  END IF;
  INSERT INTO public.cut_permit (permit_id, change_set_id, kind, document_code, plan_digest, effect_digest, submitter, opened_at,
      execute_by)
    VALUES (permit_id, (one ->> 'change_set_id')::uuid, one ->> 'kind', one ->> 'document_code', one ->> 'plan_digest',
      one ->> 'effect_digest', one ->> 'submitter', moment,
      least((one ->> 'execute_by')::timestamptz, (other ->> 'execute_by')::timestamptz));
  INSERT INTO public.cut_approval (nonce, permit_id, gate, person, key_id, payload, signature)
    SELECT a.s ->> 'nonce', permit_id, a.s ->> 'gate', a.s ->> 'approver', a.s ->> 'key_id', payloads[a.n], signatures[a.n]
      FROM (VALUES (1, one), (2, other)) AS a (n, s);
  status := 'opened';
END $$;

CREATE OR REPLACE FUNCTION public.fn_halt(halted_by text, reason text, OUT halt_no bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  LOCK TABLE public.cut_halt IN SHARE ROW EXCLUSIVE MODE;  -- for the number; a halt waits for nothing but another halt
  SELECT coalesce(max(h.halt_no), 0) + 1 INTO halt_no FROM public.cut_halt h;
  INSERT INTO public.cut_halt (halt_no, halted_by, reason) VALUES (halt_no, halted_by, reason);
END $$;

CREATE OR REPLACE FUNCTION public.fn_permits_revoke(revoked_by text, reason text, OUT revoked bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('iu-cutter halt', 0));  -- waits for permits that are just being opened
  UPDATE public.cut_permit p SET revoked_at = clock_timestamp(), revoked_by = revoked_by, revoke_reason = reason
    WHERE p.revoked_at IS NULL AND p.used_at IS NULL;
  GET DIAGNOSTICS revoked = ROW_COUNT;
END $$;

CREATE OR REPLACE FUNCTION public.fn_halt_lift(lifted_by text, reason text, OUT lifted bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  UPDATE public.cut_halt h SET lifted_by = lifted_by, lift_reason = reason, lifted_at = clock_timestamp() WHERE h.lifted_at IS NULL;
  GET DIAGNOSTICS lifted = ROW_COUNT;
END $$;

CREATE OR REPLACE FUNCTION public.fn_rehearsal_never_commits() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a rehearsal never commits' USING ERRCODE = 'IU005', HINT = 'Roll back.';
END $$;

CREATE OR REPLACE FUNCTION public.fn_rehearsal_mark() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF session_user = 'cutter_rehearse' THEN
    INSERT INTO public.rehearsal_mark DEFAULT VALUES ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.fn_restore_proof() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF current_user <> 'cutter_verify' THEN
    RAISE EXCEPTION '% can not write this row of restore_proof', current_user USING ERRCODE = 'IU004';
  END IF;
  NEW.principal := current_user;
  NEW.recorded_at := clock_timestamp();
  RETURN NEW;
END $$;

DROP SCHEMA cutter;
