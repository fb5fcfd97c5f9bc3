-- Back to permits that count once they are open.
DROP TRIGGER rehearsal_mark ON cutter.restore_proof;

CREATE OR REPLACE FUNCTION public.fn_iu_create(
  canonical_address text, title text, body text, actor text, unit_kind text, section_type text,
  publication_type text, owner_ref text, parent_ref text DEFAULT NULL,
  OUT status text, OUT unit_id uuid, OUT version_id uuid
) RETURNS record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  document text := split_part(split_part(canonical_address, '~', 1), '!', 1);
  parent uuid;
  ignored text;  -- an assignment costs a quarter of a PERFORM
BEGIN
  status := CASE
    WHEN coalesce(btrim(canonical_address), '') = '' THEN 'canonical_address: empty'
    WHEN coalesce(btrim(title), '') = '' THEN 'title: empty'
    WHEN body IS NULL THEN 'body: NULL'
    WHEN coalesce(btrim(actor), '') = '' THEN 'actor: empty'
    WHEN coalesce(btrim(owner_ref), '') = '' THEN 'owner_ref: empty'
    WHEN coalesce(section_type, '') = '' THEN 'section_type: Multiple, choose: '
  END;
  IF status IS NOT NULL THEN
    IF status LIKE 'section_type:%' THEN
      status := status
        || (SELECT string_agg(v.code, ', ' ORDER BY v.code COLLATE "C") FROM public.iu_vocabulary v WHERE v.axis = 'section_type');
    END IF;
    RETURN;
  END IF;
  PERFORM FROM public.iu_vocabulary k, public.iu_vocabulary s, public.iu_vocabulary p
    WHERE k.axis = 'unit_kind' AND k.code = unit_kind AND s.axis = 'section_type' AND s.code = section_type
      AND p.axis = 'publication_type' AND p.code = publication_type;
  IF NOT FOUND THEN
    SELECT a.axis || ': unknown ' || coalesce(a.code, 'NULL') INTO status
      FROM (VALUES (1, 'unit_kind', unit_kind), (2, 'section_type', section_type), (3, 'publication_type', publication_type))
        AS a (ord, axis, code)
      WHERE NOT EXISTS (SELECT FROM public.iu_vocabulary v WHERE v.axis = a.axis AND v.code = a.code) ORDER BY a.ord LIMIT 1;
    RETURN;
  END IF;
  -- One lock a document, never one a row: taken again it only counts.
  ignored := pg_advisory_xact_lock(hashtextextended('fn_iu_create:' || document, 0))::text;
  IF parent_ref IS NOT NULL THEN
    -- A parent in another document must not be withdrawn while its child is being written: fn_iu_withdraw takes this lock too.
    IF left(parent_ref, length(document) + 1) NOT IN (document || '~', document || '!') THEN
      ignored := pg_advisory_xact_lock_shared(hashtextextended(
        'fn_iu_create:' || split_part(split_part(parent_ref, '~', 1), '!', 1), 0))::text;
    END IF;
    SELECT u.id INTO parent FROM public.information_unit u
      WHERE u.canonical_address = parent_ref AND u.lifecycle <> 'withdrawn';
    IF parent IS NULL THEN
      status := 'parent_ref: unknown ' || parent_ref;
      RETURN;
    END IF;
  END IF;
  ignored := set_config('app.canonical_writer', 'fn_iu_create', true);
  unit_id := gen_random_uuid();
  version_id := gen_random_uuid();
  INSERT INTO public.information_unit AS u (id, canonical_address, document_code, unit_kind, section_type, publication_type,
      owner_ref, parent_id, current_version_id, created_by)
    VALUES (unit_id, canonical_address, document, unit_kind, section_type, publication_type, owner_ref, parent, version_id, actor)
    ON CONFLICT DO NOTHING;
  IF FOUND THEN
    INSERT INTO public.unit_version AS w (id, unit_id, version_no, title, body, body_sha256, actor)
      VALUES (version_id, unit_id, 1, title, body, sha256(convert_to(body, 'UTF8')), actor);
    status := 'created';
  ELSE
    unit_id := NULL;
    version_id := NULL;
    status := 'canonical_address: exists';
  END IF;
  ignored := set_config('app.canonical_writer', '', true);
END $$;
COMMENT ON FUNCTION public.fn_iu_create(text, text, text, text, text, text, text, text, text)
  IS 'Sole writer of new units: one unit and its first version. Only the status "created" is success; every other status wrote nothing.';

CREATE OR REPLACE FUNCTION cutter.fn_enact_check(canonical_address text, review_decision_id uuid, actor text, OUT status text, OUT unit_id uuid)
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

CREATE OR REPLACE FUNCTION cutter.fn_withdraw_check(
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
COMMENT ON FUNCTION cutter.fn_entry_step() IS 'Trigger: legal steps of a backlog entry (IU003), each by the principal that may take it (IU004).';

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
COMMENT ON FUNCTION cutter.fn_history_chain() IS 'Trigger: chains each history row to the one before, for a step that was taken (IU003).';

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
COMMENT ON FUNCTION cutter.fn_ends_once() IS 'Trigger: a key is retired, a permit used or revoked and a halt lifted once, and nothing else of them changes (IU002).';

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
COMMENT ON FUNCTION cutter.fn_permit_fence(uuid, text, text, boolean)
  IS 'First and last in every live transaction: locks the permit''s row against revocation and says whether the phase may commit.';

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
COMMENT ON FUNCTION cutter.fn_permit_open(uuid, bytea[], bytea[])
  IS 'Opens the permit of a change set with two approvals, whose nonces it uses up. Only the status "opened" is success; every other wrote nothing.';

CREATE OR REPLACE FUNCTION cutter.fn_halt(halted_by text, reason text, OUT halt_no bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  LOCK TABLE cutter.cut_halt IN SHARE ROW EXCLUSIVE MODE;  -- for the number; a halt waits for nothing but another halt
  SELECT coalesce(max(h.halt_no), 0) + 1 INTO halt_no FROM cutter.cut_halt h;
  INSERT INTO cutter.cut_halt (halt_no, halted_by, reason) VALUES (halt_no, halted_by, reason);
END $$;
COMMENT ON FUNCTION cutter.fn_halt(text, text) IS 'Halts everything from its COMMIT on: no permit opens, and no phase passes its fence.';

CREATE OR REPLACE FUNCTION cutter.fn_permits_revoke(revoked_by text, reason text, OUT revoked bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('iu-cutter halt', 0));  -- waits for permits that are just being opened
  UPDATE cutter.cut_permit p SET revoked_at = clock_timestamp(), revoked_by = revoked_by, revoke_reason = reason
    WHERE p.revoked_at IS NULL AND p.used_at IS NULL;
  GET DIAGNOSTICS revoked = ROW_COUNT;
END $$;
COMMENT ON FUNCTION cutter.fn_permits_revoke(text, text)
  IS 'Takes back every open permit. Waits for phases in flight and permits that are just being opened: after its COMMIT no phase of theirs can commit.';

DROP FUNCTION cutter.fn_permit_confirm(uuid), cutter.fn_halt_clear(), cutter.fn_document_released(text), cutter.fn_halted_since(timestamptz);
DROP INDEX cutter.cut_permit_of_document;

COMMENT ON COLUMN cutter.cut_halt.halt_no IS 'From 1.';
ALTER TABLE cutter.cut_permit DROP CONSTRAINT cut_permit_used_when_confirmed;
ALTER TABLE cutter.cut_permit DROP COLUMN confirmed_at;
GRANT EXECUTE ON FUNCTION cutter.fn_halt_lift(text, text) TO cutter_exec;
-- Roles are the cluster's: their limits and memberships stay, for other databases of it may have the newer version.
