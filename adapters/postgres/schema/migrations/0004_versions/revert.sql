-- Back to units of one version each; refused where a revision has written another.
DO $$
BEGIN
  IF EXISTS (SELECT FROM public.unit_version v WHERE v.replaces IS NOT NULL)
      OR EXISTS (SELECT FROM cutter.decision_backlog_entry e WHERE e.kind = 'revision') THEN
    RAISE EXCEPTION 'revisions are on record: they can not be taken out of the schema';
  END IF;
END $$;
GRANT CREATE ON SCHEMA public TO cutter_owner;
DROP FUNCTION cutter.fn_iu_restore(uuid, uuid, text);
DROP FUNCTION cutter.fn_iu_enact_version(uuid, uuid, text);
DROP FUNCTION cutter.fn_iu_derive(uuid, uuid, text);
DROP FUNCTION cutter.fn_iu_repeal(text, uuid, text, date);
DROP FUNCTION cutter.fn_iu_revise(text, uuid, text, text, text, text, text, text, date);
DROP FUNCTION cutter.fn_iu_add(text, text, text, text, text, text, text, text, text, date);
DROP FUNCTION public.fn_iu_restore(uuid, uuid, text);
DROP FUNCTION public.fn_iu_enact_version(uuid, uuid, text);
DROP FUNCTION public.fn_iu_derive(uuid, uuid, text);
DROP FUNCTION public.fn_iu_repeal(text, uuid, text, date);
DROP FUNCTION public.fn_iu_revise(text, uuid, text, text, text, text, text, text, date);
DROP FUNCTION public.fn_iu_add(text, text, text, text, text, text, text, text, text, date);
DROP FUNCTION public.fn_iu_new_version(text, uuid, text, text, text, text, text, text, text, date);
DROP FUNCTION cutter.fn_version_enact_check(uuid, uuid, text), cutter.fn_restore_check(uuid, uuid, text), cutter.fn_revision_released(text);
DROP VIEW cutter.iu_lineage;
DROP TABLE public.unit_lineage;
DROP INDEX cutter.cut_change_set_affected_row_version;
ALTER TABLE cutter.decision_backlog_entry DROP CONSTRAINT decision_backlog_entry_kind_check,
  ADD CONSTRAINT decision_backlog_entry_kind_check CHECK (kind IN ('cut', 'revert'));
ALTER TABLE cutter.cut_permit DROP CONSTRAINT cut_permit_kind_check,
  ADD CONSTRAINT cut_permit_kind_check CHECK (kind IN ('cut', 'revert'));
ALTER TABLE cutter.decision_backlog_dependency DROP CONSTRAINT decision_backlog_dependency_kind_check,
  ADD CONSTRAINT decision_backlog_dependency_kind_check CHECK (kind IN ('source_text', 'supersedes', 'reverts'));
ALTER TABLE cutter.cut_change_set_affected_row DROP CONSTRAINT cut_change_set_affected_row_action_check,
  ADD CONSTRAINT cut_change_set_affected_row_action_check CHECK (action IN ('created', 'withdrawn'));
DROP INDEX cutter.decision_backlog_entry_one_open;
CREATE UNIQUE INDEX decision_backlog_entry_one_open ON cutter.decision_backlog_entry (document_code, kind)
  WHERE status IN ('marked', 'reviewed', 'cut_applied', 'verified_complete');
COMMENT ON TABLE public.unit_version IS 'The text of a unit as it stood from some moment on.';
COMMENT ON TABLE cutter.decision_backlog_entry IS 'One decision to cut one plan of one document, or to revert such a cut, and how far it has come.';
COMMENT ON COLUMN cutter.decision_backlog_entry.kind IS 'cut, or revert: which has the dependency reverts on the cut that it withdraws.';
COMMENT ON COLUMN cutter.decision_backlog_dependency.kind IS 'source_text: the exact text; supersedes, reverts: another entry.';
COMMENT ON COLUMN cutter.decision_backlog_dependency.reference IS 'SHA-256 of the text, or the id of the other entry.';
COMMENT ON COLUMN cutter.cut_change_set_affected_row.action IS 'created or withdrawn.';
COMMENT ON COLUMN cutter.cut_permit.kind IS 'cut or revert.';
DROP VIEW cutter.iu_version, cutter.iu_unit;
ALTER TABLE public.unit_version DROP CONSTRAINT unit_version_placed, DROP COLUMN state, DROP COLUMN in_force_from, DROP COLUMN replaces,
  DROP COLUMN unit_kind, DROP COLUMN section_type, DROP COLUMN parent_id;

SET LOCAL ROLE cutter_owner;
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
COMMENT ON FUNCTION public.fn_canonical_writer_only()
  IS 'Trigger: refuses what did not come through a canonical writer (IU001), and marks what a rehearsal writes.';

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
        AND p.confirmed_at IS NOT NULL AND p.execute_by > clock_timestamp() AND NOT cutter.fn_halted_since(p.opened_at)) THEN
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
          AND p.revoked_at IS NULL AND p.used_at IS NULL AND p.confirmed_at IS NOT NULL AND p.execute_by > clock_timestamp()
          AND NOT cutter.fn_halted_since(p.opened_at))
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
COMMENT ON FUNCTION cutter.fn_revert_rests_on()
  IS 'Trigger: only an entry of the kind revert that is just being opened reverts, and one cut of its document that has written units (IU003).';

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
  moment := clock_timestamp();  -- before anybody looks for a halt: see fn_halted_since
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
  -- A permit that ran out, or that nobody confirmed, makes way for a new one; one that still counts does not.
  UPDATE cutter.cut_permit p SET revoked_at = moment, revoked_by = session_user,
      revoke_reason = CASE WHEN p.execute_by <= moment THEN 'expired' ELSE 'not confirmed' END
    WHERE p.change_set_id = (one ->> 'change_set_id')::uuid AND p.revoked_at IS NULL
      AND (p.execute_by <= moment OR p.confirmed_at IS NULL AND p.opened_at <= moment - interval '1 minute'
        OR cutter.fn_halted_since(p.opened_at));
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

REVOKE ALL ON TABLE cutter.iu_unit, cutter.iu_version FROM PUBLIC;
GRANT SELECT ON TABLE cutter.iu_unit, cutter.iu_version TO cutter_exec, cutter_verify;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM cutter_owner;
