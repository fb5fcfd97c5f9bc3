-- Everything of cutter's own moves from the schema public into a schema cutter; the reference implementation of the units stays.
-- unfinished: carried
-- Tables keep their rows, keys, triggers and privileges as they are: only the schema that they are named by is another. Functions
-- are made anew, because they name tables in full.

CREATE SCHEMA cutter AUTHORIZATION cutter_owner;
COMMENT ON SCHEMA cutter IS 'Everything that is iu-cutter''s own: ledger, permits, keys, halts, journal, and the port to the units.';

ALTER TABLE public.source_document SET SCHEMA cutter;
ALTER TABLE public.principal_key SET SCHEMA cutter;
ALTER TABLE public.cutter_schema SET SCHEMA cutter;
ALTER TABLE public.rehearsal_mark SET SCHEMA cutter;
ALTER TABLE public.restore_proof SET SCHEMA cutter;
ALTER TABLE public.approver_key SET SCHEMA cutter;
ALTER TABLE public.cut_permit SET SCHEMA cutter;
ALTER TABLE public.cut_approval SET SCHEMA cutter;
ALTER TABLE public.cut_halt SET SCHEMA cutter;
ALTER TABLE public.decision_backlog_entry SET SCHEMA cutter;
ALTER TABLE public.decision_backlog_history SET SCHEMA cutter;
ALTER TABLE public.decision_backlog_dependency SET SCHEMA cutter;
ALTER TABLE public.sweep_log SET SCHEMA cutter;
ALTER TABLE public.manifest_envelope SET SCHEMA cutter;
ALTER TABLE public.manifest_unit_block SET SCHEMA cutter;
ALTER TABLE public.review_decision SET SCHEMA cutter;
ALTER TABLE public.dot_pair_signature SET SCHEMA cutter;
ALTER TABLE public.cut_change_set SET SCHEMA cutter;
ALTER TABLE public.cut_change_set_affected_row SET SCHEMA cutter;
ALTER TABLE public.verify_result SET SCHEMA cutter;
ALTER TABLE public.cut_phase_journal SET SCHEMA cutter;

ALTER FUNCTION public.fn_append_only SET SCHEMA cutter;
ALTER FUNCTION public.fn_entry_step SET SCHEMA cutter;
ALTER FUNCTION public.fn_change_set_step SET SCHEMA cutter;
ALTER FUNCTION public.fn_sealed SET SCHEMA cutter;
ALTER FUNCTION public.fn_own_half SET SCHEMA cutter;
ALTER FUNCTION public.fn_history_sha256 SET SCHEMA cutter;
ALTER FUNCTION public.fn_history_chain SET SCHEMA cutter;
ALTER FUNCTION public.fn_revert_rests_on SET SCHEMA cutter;
ALTER FUNCTION public.fn_ends_once SET SCHEMA cutter;
ALTER FUNCTION public.fn_permit_fence SET SCHEMA cutter;
ALTER FUNCTION public.fn_journal_fence SET SCHEMA cutter;
ALTER FUNCTION public.fn_person SET SCHEMA cutter;
ALTER FUNCTION public.fn_permit_open SET SCHEMA cutter;
ALTER FUNCTION public.fn_halt SET SCHEMA cutter;
ALTER FUNCTION public.fn_permits_revoke SET SCHEMA cutter;
ALTER FUNCTION public.fn_halt_lift SET SCHEMA cutter;
ALTER FUNCTION public.fn_rehearsal_never_commits SET SCHEMA cutter;
ALTER FUNCTION public.fn_rehearsal_mark SET SCHEMA cutter;
ALTER FUNCTION public.fn_restore_proof SET SCHEMA cutter;

CREATE OR REPLACE FUNCTION public.fn_canonical_writer_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(pg_catalog.current_setting('app.canonical_writer', true), '')
      NOT IN ('fn_iu_create', 'fn_iu_enact', 'fn_iu_withdraw') THEN
    RAISE EXCEPTION 'direct % on % refused', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'IU001', HINT = 'Units are written by public.fn_iu_create, fn_iu_enact and fn_iu_withdraw only.';
  END IF;
  IF session_user = 'cutter_rehearse' THEN
    INSERT INTO cutter.rehearsal_mark DEFAULT VALUES ON CONFLICT DO NOTHING;
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% on % refused: it is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'IU002';
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_entry_step() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
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
  IF NEW.status = 'reverted' AND NOT EXISTS (SELECT FROM cutter.decision_backlog_dependency d
      JOIN cutter.decision_backlog_entry r ON r.entry_id = d.entry_id
      WHERE d.kind = 'reverts' AND d.reference = OLD.entry_id::text AND r.kind = 'revert' AND r.status = 'enacted') THEN
    RAISE EXCEPTION 'a backlog entry becomes reverted by a revert of it that is verified and enacted' USING ERRCODE = 'IU003';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_change_set_step() RETURNS trigger
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

CREATE OR REPLACE FUNCTION cutter.fn_sealed() RETURNS trigger
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

CREATE OR REPLACE FUNCTION cutter.fn_own_half() RETURNS trigger
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
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_history_sha256(h cutter.decision_backlog_history) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, cutter, pg_temp AS $$
  SELECT encode(sha256(convert_to(concat_ws(E'\x1f', h.previous_sha256, h.document_code, h.chain_no, h.entry_id,
    coalesce(h.from_status, ''), h.to_status, encode(sha256(convert_to(h.actor, 'UTF8')), 'hex'), h.principal, h.payload_sha256,
    (extract(epoch FROM h.recorded_at) * 1000000)::bigint), 'UTF8')), 'hex')
$$;

CREATE OR REPLACE FUNCTION cutter.fn_history_chain() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM cutter.decision_backlog_entry e
      WHERE e.entry_id = NEW.entry_id AND e.document_code = NEW.document_code AND e.status = NEW.to_status) THEN
    RAISE EXCEPTION 'the history tells steps that were taken: this entry does not stand at %', NEW.to_status
      USING ERRCODE = 'IU003';
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

CREATE OR REPLACE FUNCTION public.fn_iu_enact(canonical_address text, review_decision_id uuid, actor text, OUT status text, OUT unit_id uuid)
RETURNS record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  SELECT c.status, c.unit_id INTO status, unit_id FROM cutter.fn_enact_check(canonical_address, review_decision_id, actor) AS c;
  IF status IS NOT NULL THEN
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
BEGIN
  -- Whoever is just writing a child holds this lock: this waits for them, and the look below sees the child.
  PERFORM pg_advisory_xact_lock(hashtextextended('fn_iu_create:' || u.document_code, 0))
    FROM public.information_unit u WHERE u.id = unit_id;
  PERFORM FROM public.information_unit u WHERE u.id = unit_id FOR UPDATE;
  status := cutter.fn_withdraw_check(unit_id, version_id, lifecycle, review_decision_id, actor);
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('app.canonical_writer', 'fn_iu_withdraw', true);
  UPDATE public.information_unit u SET lifecycle = 'withdrawn' WHERE u.id = unit_id;
  PERFORM set_config('app.canonical_writer', '', true);
  status := 'withdrawn';
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_revert_rests_on() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM cutter.decision_backlog_entry e
      JOIN cutter.decision_backlog_entry o ON o.entry_id::text = NEW.reference
      JOIN cutter.cut_phase_journal j ON j.change_set_id = o.change_set_id AND j.phase = 'cut_leg_a'
      WHERE e.entry_id = NEW.entry_id AND e.kind = 'revert' AND e.status = 'marked' AND o.kind = 'cut'
        AND o.document_code = e.document_code AND o.status IN ('reviewed', 'cut_applied', 'verified_complete', 'enacted'))
      OR EXISTS (SELECT FROM cutter.decision_backlog_dependency d WHERE d.entry_id = NEW.entry_id AND d.kind = 'reverts') THEN
    RAISE EXCEPTION 'a revert rests on one cut of its document that has written units, from its first step on'
      USING ERRCODE = 'IU003';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_ends_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
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

CREATE OR REPLACE FUNCTION cutter.fn_permit_fence(change_set_id uuid, phase text, plan_digest text, closing boolean, OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  permit cutter.cut_permit;
BEGIN
  IF NOT closing AND EXISTS (SELECT FROM cutter.cut_phase_journal j
      WHERE j.change_set_id = change_set_id AND j.phase = phase) THEN
    status := 'recorded';
    RETURN;
  END IF;
  -- A revocation waits for this lock, and this lock for a revocation: whichever comes first is seen by the other.
  SELECT p.* INTO permit FROM cutter.cut_permit p WHERE p.change_set_id = change_set_id AND p.revoked_at IS NULL FOR SHARE;
  status := CASE
    WHEN EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL) THEN 'everything is halted'
    WHEN permit.permit_id IS NULL THEN 'it has no permit, or its permit was revoked'
    WHEN permit.plan_digest <> plan_digest THEN 'its permit is for another plan'
    WHEN permit.execute_by <= clock_timestamp() THEN 'its permit has expired'
    WHEN permit.used_at IS NOT NULL AND NOT closing THEN 'its permit was used before'
    ELSE 'open' END;
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_journal_fence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
DECLARE
  standing text;
BEGIN
  IF session_user = 'cutter_rehearse' THEN
    RETURN NEW;  -- it can not commit anyhow
  END IF;
  standing := cutter.fn_permit_fence(NEW.change_set_id, NEW.phase, NEW.plan_digest, false);
  IF standing NOT IN ('open', 'recorded') THEN
    RAISE EXCEPTION 'phase % can not be recorded: %', NEW.phase, standing USING ERRCODE = 'IU006';
  END IF;
  IF NEW.phase = 'lifecycle_enact' AND standing = 'open' THEN
    UPDATE cutter.cut_permit p SET used_at = clock_timestamp() WHERE p.change_set_id = NEW.change_set_id AND p.revoked_at IS NULL;
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_person(name text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, cutter, pg_temp
RETURN lower(btrim(regexp_replace(normalize(name, NFKC), '\s+', ' ', 'g')));

CREATE OR REPLACE FUNCTION cutter.fn_permit_open(permit_id uuid, payloads bytea[], signatures bytea[], OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
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
    WHEN EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL) THEN 'everything is halted; lift the halt first'
    WHEN (SELECT array_agg(g ORDER BY g) FROM unnest(ARRAY[one ->> 'gate', other ->> 'gate']) AS g) IS DISTINCT FROM
      CASE one ->> 'kind' WHEN 'cut' THEN ARRAY['SG_1', 'SG_2'] WHEN 'revert' THEN ARRAY['SG_2', 'SG_3'] END
      THEN 'the gates are not the two that this needs'
    WHEN EXISTS (SELECT FROM unnest(ARRAY['kind', 'change_set_id', 'document_code', 'plan_digest', 'effect_digest', 'target',
        'attempt', 'submitter']) AS f WHERE one ->> f IS NULL OR one ->> f IS DISTINCT FROM other ->> f)
      THEN 'the two approvals are not for the same run'
    WHEN EXISTS (SELECT FROM unnest(ARRAY['gate', 'approver', 'key_id', 'nonce', 'approve_by', 'execute_by']) AS f
        WHERE one ->> f IS NULL OR other ->> f IS NULL) THEN 'an approval is not complete'
    WHEN one ->> 'target' <> here THEN 'the approvals are for another database'
    WHEN one ->> 'nonce' = other ->> 'nonce' OR EXISTS (SELECT FROM cutter.cut_approval a
        WHERE a.nonce IN (one ->> 'nonce', other ->> 'nonce')) THEN 'an approval was used before; have it signed again'
    WHEN (SELECT count(*) FROM unnest(ARRAY[one, other]) AS a JOIN cutter.approver_key k ON k.key_id = a ->> 'key_id'
        WHERE cutter.fn_person(k.person) = cutter.fn_person(a ->> 'approver') AND a ->> 'gate' = ANY (k.gates) AND k.valid_from <= moment AND moment < k.valid_until
          AND (k.retired_at IS NULL OR k.retired_at > moment)) <> 2
      THEN 'an approver is not registered for this gate, or not any more'
    WHEN one ->> 'key_id' = other ->> 'key_id'
      OR cutter.fn_person(one ->> 'approver') = cutter.fn_person(other ->> 'approver')
      THEN 'two different people have to approve'
    WHEN cutter.fn_person(one ->> 'submitter') IN (cutter.fn_person(one ->> 'approver'), cutter.fn_person(other ->> 'approver'))
      THEN 'who submits a run can not approve it'
    WHEN least((one ->> 'approve_by')::timestamptz, (other ->> 'approve_by')::timestamptz) <= moment
      OR least((one ->> 'execute_by')::timestamptz, (other ->> 'execute_by')::timestamptz) <= moment
      THEN 'an approval has expired; have it signed again'
    WHEN greatest((one ->> 'execute_by')::timestamptz, (other ->> 'execute_by')::timestamptz) > moment + interval '7 days'
      THEN 'an approval is valid for too long; have it signed again'
    WHEN EXISTS (SELECT FROM cutter.cut_permit p WHERE p.change_set_id = (one ->> 'change_set_id')::uuid AND p.used_at IS NOT NULL)
      THEN 'this change set was run before'
  END;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  -- A permit that ran out makes way for a new one; one that still counts does not.
  UPDATE cutter.cut_permit p SET revoked_at = moment, revoked_by = session_user, revoke_reason = 'expired'
    WHERE p.change_set_id = (one ->> 'change_set_id')::uuid AND p.revoked_at IS NULL AND p.execute_by <= moment;
  IF EXISTS (SELECT FROM cutter.cut_permit p WHERE p.change_set_id = (one ->> 'change_set_id')::uuid AND p.revoked_at IS NULL) THEN
    status := 'this change set has a permit already';
    RETURN;
  END IF;
  INSERT INTO cutter.cut_permit (permit_id, change_set_id, kind, document_code, plan_digest, effect_digest, submitter, opened_at,
      execute_by)
    VALUES (permit_id, (one ->> 'change_set_id')::uuid, one ->> 'kind', one ->> 'document_code', one ->> 'plan_digest',
      one ->> 'effect_digest', one ->> 'submitter', moment,
      least((one ->> 'execute_by')::timestamptz, (other ->> 'execute_by')::timestamptz));
  INSERT INTO cutter.cut_approval (nonce, permit_id, gate, person, key_id, payload, signature)
    SELECT a.s ->> 'nonce', permit_id, a.s ->> 'gate', a.s ->> 'approver', a.s ->> 'key_id', payloads[a.n], signatures[a.n]
      FROM (VALUES (1, one), (2, other)) AS a (n, s);
  status := 'opened';
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_halt(halted_by text, reason text, OUT halt_no bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  LOCK TABLE cutter.cut_halt IN SHARE ROW EXCLUSIVE MODE;  -- for the number; a halt waits for nothing but another halt
  SELECT coalesce(max(h.halt_no), 0) + 1 INTO halt_no FROM cutter.cut_halt h;
  INSERT INTO cutter.cut_halt (halt_no, halted_by, reason) VALUES (halt_no, halted_by, reason);
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_permits_revoke(revoked_by text, reason text, OUT revoked bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('iu-cutter halt', 0));  -- waits for permits that are just being opened
  UPDATE cutter.cut_permit p SET revoked_at = clock_timestamp(), revoked_by = revoked_by, revoke_reason = reason
    WHERE p.revoked_at IS NULL AND p.used_at IS NULL;
  GET DIAGNOSTICS revoked = ROW_COUNT;
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_halt_lift(lifted_by text, reason text, OUT lifted bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  UPDATE cutter.cut_halt h SET lifted_by = lifted_by, lift_reason = reason, lifted_at = clock_timestamp() WHERE h.lifted_at IS NULL;
  GET DIAGNOSTICS lifted = ROW_COUNT;
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_rehearsal_never_commits() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a rehearsal never commits' USING ERRCODE = 'IU005', HINT = 'Roll back.';
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_rehearsal_mark() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  IF session_user = 'cutter_rehearse' THEN
    INSERT INTO cutter.rehearsal_mark DEFAULT VALUES ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION cutter.fn_restore_proof() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  IF current_user <> 'cutter_verify' THEN
    RAISE EXCEPTION '% can not write this row of restore_proof', current_user USING ERRCODE = 'IU004';
  END IF;
  NEW.principal := current_user;
  NEW.recorded_at := clock_timestamp();
  RETURN NEW;
END $$;

-- New: the port to the units, what has to hold before they are enacted or withdrawn, and what was there before cutter was.
SET LOCAL ROLE cutter_owner;

-- The joins are outer ones: a unit whose version is gone, which only a superuser can bring about, is still shown.
CREATE VIEW cutter.iu_unit AS
  SELECT u.id AS unit_id, u.current_version_id AS version_id, v.version_no, u.canonical_address, u.document_code, v.title, v.body,
         v.body_sha256, u.unit_kind, u.section_type, u.publication_type, u.owner_ref, u.parent_id, p.canonical_address AS parent_ref,
         u.lifecycle, u.created_at
    FROM public.information_unit u
    LEFT JOIN public.unit_version v ON v.id = u.current_version_id
    LEFT JOIN public.information_unit p ON p.id = u.parent_id;
COMMENT ON VIEW cutter.iu_unit IS 'Every unit with the version that it stands at: the contract''s one view (docs/contract.md).';
COMMENT ON COLUMN cutter.iu_unit.unit_id IS 'The unit''s key.';
COMMENT ON COLUMN cutter.iu_unit.version_id IS 'Key of the version that it stands at.';
COMMENT ON COLUMN cutter.iu_unit.version_no IS 'That version''s number, from 1.';
COMMENT ON COLUMN cutter.iu_unit.canonical_address IS 'Its address; unique among units that are not withdrawn.';
COMMENT ON COLUMN cutter.iu_unit.document_code IS 'The document: the first part of the address.';
COMMENT ON COLUMN cutter.iu_unit.title IS 'The printed heading.';
COMMENT ON COLUMN cutter.iu_unit.body IS 'The unit''s own stretch of the source text, every character of it.';
COMMENT ON COLUMN cutter.iu_unit.body_sha256 IS 'SHA-256 of the body when it was written.';
COMMENT ON COLUMN cutter.iu_unit.unit_kind IS 'Word of the vocabulary unit_kind.';
COMMENT ON COLUMN cutter.iu_unit.section_type IS 'Word of the vocabulary section_type.';
COMMENT ON COLUMN cutter.iu_unit.publication_type IS 'Word of the vocabulary publication_type.';
COMMENT ON COLUMN cutter.iu_unit.owner_ref IS 'Who answers for it.';
COMMENT ON COLUMN cutter.iu_unit.parent_id IS 'Key of the unit that contains it, if any.';
COMMENT ON COLUMN cutter.iu_unit.parent_ref IS 'Address of the unit that contains it, if any.';
COMMENT ON COLUMN cutter.iu_unit.lifecycle IS 'draft, enacted or withdrawn.';
COMMENT ON COLUMN cutter.iu_unit.created_at IS 'When it was written.';

CREATE VIEW cutter.iu_version AS
  SELECT v.id AS version_id, v.unit_id, v.version_no, v.title, v.body, v.body_sha256 FROM public.unit_version v;
COMMENT ON VIEW cutter.iu_version IS 'Every version of every unit, also those that no unit stands at any more.';
COMMENT ON COLUMN cutter.iu_version.version_id IS 'The version''s key.';
COMMENT ON COLUMN cutter.iu_version.unit_id IS 'The unit that this is the text of.';
COMMENT ON COLUMN cutter.iu_version.version_no IS 'From 1.';
COMMENT ON COLUMN cutter.iu_version.title IS 'The printed heading.';
COMMENT ON COLUMN cutter.iu_version.body IS 'The text, every character of it.';
COMMENT ON COLUMN cutter.iu_version.body_sha256 IS 'SHA-256 of the body when it was written.';

-- No SET clause, which would cost more than the call: every name is written in full.
CREATE FUNCTION cutter.fn_iu_create(
  canonical_address text, title text, body text, actor text, unit_kind text, section_type text,
  publication_type text, owner_ref text, parent_ref text DEFAULT NULL,
  OUT status text, OUT unit_id uuid, OUT version_id uuid
) RETURNS record
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  SELECT f.status, f.unit_id, f.version_id INTO status, unit_id, version_id
    FROM public.fn_iu_create(canonical_address, title, body, actor, unit_kind, section_type, publication_type, owner_ref,
      parent_ref) AS f;
END $$;
COMMENT ON FUNCTION cutter.fn_iu_create(text, text, text, text, text, text, text, text, text)
  IS 'Port: writes one unit and its first version. Only the status "created" is success; every other status wrote nothing.';

CREATE FUNCTION cutter.fn_iu_enact(canonical_address text, review_decision_id uuid, actor text, OUT status text, OUT unit_id uuid)
RETURNS record
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  SELECT f.status, f.unit_id INTO status, unit_id FROM public.fn_iu_enact(canonical_address, review_decision_id, actor) AS f;
END $$;
COMMENT ON FUNCTION cutter.fn_iu_enact(text, uuid, text)
  IS 'Port: moves one draft unit to enacted, for a decision whose change set is verified. Only the status "enacted" is success.';

CREATE FUNCTION cutter.fn_iu_withdraw(
  unit_id uuid, version_id uuid, lifecycle text, review_decision_id uuid, actor text, OUT status text
)
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  status := public.fn_iu_withdraw(unit_id, version_id, lifecycle, review_decision_id, actor);
END $$;
COMMENT ON FUNCTION cutter.fn_iu_withdraw(uuid, uuid, text, uuid, text)
  IS 'Port: moves one unit to withdrawn, for the reviewed revert of its change set. Only the status "withdrawn" is success.';

CREATE FUNCTION cutter.fn_enact_check(canonical_address text, review_decision_id uuid, actor text, OUT status text, OUT unit_id uuid)
RETURNS record
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  IF coalesce(btrim(actor), '') = '' THEN
    status := 'actor: empty';
    RETURN;
  END IF;
  -- The result row can be written by the verifier alone, and it stands for the rows that were counted, 1 to unit_count.
  SELECT r.unit_id INTO unit_id FROM cutter.cut_change_set s
    JOIN cutter.verify_result v ON v.change_set_id = s.change_set_id AND v.found_units = s.unit_count
    JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id AND r.seq <= s.unit_count
    JOIN cutter.review_decision d ON d.decision_id = s.decision_id
    JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
    WHERE s.decision_id = review_decision_id AND s.status = 'verified_complete' AND d.verdict = 'approved'
      AND r.action = 'created' AND u.canonical_address = fn_enact_check.canonical_address AND u.lifecycle <> 'withdrawn';
  IF unit_id IS NULL THEN
    status := 'review_decision: no verified change set of this decision holds ' || coalesce(canonical_address, 'NULL');
    RETURN;
  END IF;
  -- The program's own fence says so first; this is for one that leaves it out.
  IF session_user <> 'cutter_rehearse' AND NOT EXISTS (SELECT FROM cutter.cut_change_set s
      JOIN cutter.cut_permit p ON p.change_set_id = s.change_set_id AND p.plan_digest = s.plan_digest
      WHERE s.decision_id = review_decision_id AND p.kind = 'cut' AND p.revoked_at IS NULL AND p.used_at IS NULL
        AND p.execute_by > clock_timestamp()) THEN
    status := 'permit: none is open for this cut';
  END IF;
END $$;
COMMENT ON FUNCTION cutter.fn_enact_check(text, uuid, text)
  IS 'Why a unit may not be enacted for a decision, as a status; NULL if it may. Every function that enacts asks first.';

CREATE FUNCTION cutter.fn_withdraw_check(
  unit_id uuid, version_id uuid, lifecycle text, review_decision_id uuid, actor text, OUT status text
)
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  unit record;
  revert cutter.decision_backlog_entry;
BEGIN
  IF coalesce(btrim(actor), '') = '' THEN
    status := 'actor: empty';
    RETURN;
  END IF;
  SELECT u.* INTO unit FROM cutter.iu_unit u WHERE u.unit_id = fn_withdraw_check.unit_id;
  -- The decision is on a manifest that names this unit by address and body, and so does the manifest of what is reverted.
  SELECT e.* INTO revert FROM cutter.review_decision d
    JOIN cutter.manifest_envelope m ON m.envelope_id = d.envelope_id
    JOIN cutter.decision_backlog_entry e ON e.entry_id = m.entry_id AND e.kind = 'revert' AND e.status = 'reviewed'
    JOIN cutter.decision_backlog_dependency r ON r.entry_id = e.entry_id AND r.kind = 'reverts'
    JOIN cutter.manifest_envelope o ON o.entry_id = r.reference::uuid
    JOIN cutter.manifest_unit_block b ON b.envelope_id = m.envelope_id AND b.canonical_address = unit.canonical_address
      AND b.body_sha256 = sha256(convert_to(unit.body, 'UTF8'))
    JOIN cutter.manifest_unit_block p ON p.envelope_id = o.envelope_id AND p.canonical_address = unit.canonical_address
      AND p.body_sha256 = b.body_sha256
    WHERE d.decision_id = review_decision_id AND d.verdict = 'approved';
  status := CASE
    WHEN unit.unit_id IS NULL THEN 'unit: unknown'
    WHEN revert.entry_id IS NULL
      THEN 'review_decision: no reviewed revert of this decision holds ' || unit.canonical_address || ' as it stands'
    WHEN session_user <> 'cutter_rehearse' AND NOT EXISTS (SELECT FROM cutter.cut_permit p
        WHERE p.change_set_id = revert.change_set_id AND p.kind = 'revert' AND p.plan_digest = revert.plan_digest
          AND p.revoked_at IS NULL AND p.used_at IS NULL AND p.execute_by > clock_timestamp())
      THEN 'permit: none is open for this revert'
    WHEN unit.lifecycle = 'withdrawn' THEN 'lifecycle: withdrawn already'
    WHEN unit.lifecycle IS DISTINCT FROM lifecycle THEN 'lifecycle: ' || unit.lifecycle
    WHEN unit.version_id IS DISTINCT FROM version_id THEN 'version: another is in force'
    ELSE (SELECT 'children: ' || c.canonical_address FROM cutter.iu_unit c
      WHERE c.parent_id = fn_withdraw_check.unit_id AND c.lifecycle <> 'withdrawn' ORDER BY c.canonical_address LIMIT 1)
  END;
END $$;
COMMENT ON FUNCTION cutter.fn_withdraw_check(uuid, uuid, text, uuid, text)
  IS 'Why a unit may not be withdrawn for a decision, as a status; NULL if it may. Every function that withdraws asks first.';

CREATE TABLE cutter.adoption (
  adoption_no integer PRIMARY KEY CHECK (adoption_no > 0),
  mapping_sha256 text NOT NULL CHECK (mapping_sha256 ~ '^[0-9a-f]{64}$'),
  unit_count integer NOT NULL CHECK (unit_count >= 0),
  adopted_by text NOT NULL DEFAULT session_user,
  adopted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE cutter.adoption IS 'That cutter was let into a knowledge base that it did not make, by which mapping. Empty in one that it made.';
COMMENT ON COLUMN cutter.adoption.adoption_no IS 'From 1; one more for each mapping that was applied.';
COMMENT ON COLUMN cutter.adoption.mapping_sha256 IS 'SHA-256 of the mapping''s file.';
COMMENT ON COLUMN cutter.adoption.unit_count IS 'How many units were there.';
COMMENT ON COLUMN cutter.adoption.adopted_by IS 'The administrator; set by the server.';
COMMENT ON COLUMN cutter.adoption.adopted_at IS 'When, by the server''s clock.';

CREATE TABLE cutter.adopted_unit (
  unit_id uuid PRIMARY KEY,
  version_id uuid NOT NULL,
  adoption_no integer NOT NULL REFERENCES cutter.adoption (adoption_no),
  canonical_address text NOT NULL,
  title_sha256 bytea NOT NULL CHECK (octet_length(title_sha256) = 32),
  body_sha256 bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
  lifecycle text NOT NULL
);
COMMENT ON TABLE cutter.adopted_unit IS 'The baseline: each unit that was there before, as it was, so that a later change outside is noticed.';
COMMENT ON COLUMN cutter.adopted_unit.unit_id IS 'The unit.';
COMMENT ON COLUMN cutter.adopted_unit.version_id IS 'The version that it stood at.';
COMMENT ON COLUMN cutter.adopted_unit.adoption_no IS 'The adoption that found it.';
COMMENT ON COLUMN cutter.adopted_unit.canonical_address IS 'Its address.';
COMMENT ON COLUMN cutter.adopted_unit.title_sha256 IS 'SHA-256 of its title.';
COMMENT ON COLUMN cutter.adopted_unit.body_sha256 IS 'SHA-256 of its body.';
COMMENT ON COLUMN cutter.adopted_unit.lifecycle IS 'Where it stood.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.adoption FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.adoption EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.adopted_unit FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.adopted_unit EXECUTE FUNCTION cutter.fn_append_only();

RESET ROLE;
