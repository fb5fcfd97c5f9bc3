-- Units have versions with the day from which they are in force; a revision is a change set of its own kind, and so is its revert.
-- unfinished: carried
-- Every unit that is there stands at version 1, from a day that nobody knows.

GRANT CREATE ON SCHEMA public TO cutter_owner;
ALTER TABLE public.unit_version
  ADD COLUMN state text NOT NULL DEFAULT 'text' CONSTRAINT unit_version_state_check CHECK (state IN ('text', 'repealed', 'suspended')),
  ADD COLUMN in_force_from date,
  ADD COLUMN replaces uuid REFERENCES public.unit_version (id),
  ADD COLUMN unit_kind text,
  ADD COLUMN section_type text,
  ADD COLUMN parent_id uuid REFERENCES public.information_unit (id),
  ADD CONSTRAINT unit_version_placed CHECK ((replaces IS NULL) = (unit_kind IS NULL) AND (replaces IS NULL) = (section_type IS NULL)
    AND (replaces IS NOT NULL OR parent_id IS NULL) AND replaces IS DISTINCT FROM id AND parent_id IS DISTINCT FROM unit_id);
COMMENT ON COLUMN public.unit_version.state IS 'text; repealed, from when on nothing stands at the address; or suspended.';
COMMENT ON COLUMN public.unit_version.in_force_from IS 'From which day on the text is in force; NULL is unknown, and never guessed.';
COMMENT ON COLUMN public.unit_version.replaces IS 'The version that the unit stood at when this one was made; NULL for the first.';
COMMENT ON COLUMN public.unit_version.unit_kind IS 'The unit''s kind from this version on; NULL in a first version, which has the unit''s.';
COMMENT ON COLUMN public.unit_version.section_type IS 'The unit''s section type from this version on; NULL in a first version, which has the unit''s.';
COMMENT ON COLUMN public.unit_version.parent_id IS 'The unit that contains it from this version on; a first version has the unit''s own.';

ALTER TABLE cutter.decision_backlog_entry DROP CONSTRAINT decision_backlog_entry_kind_check,
  ADD CONSTRAINT decision_backlog_entry_kind_check CHECK (kind IN ('cut', 'revert', 'revision'));
ALTER TABLE cutter.cut_permit DROP CONSTRAINT cut_permit_kind_check,
  ADD CONSTRAINT cut_permit_kind_check CHECK (kind IN ('cut', 'revert', 'revision'));
ALTER TABLE cutter.decision_backlog_dependency DROP CONSTRAINT decision_backlog_dependency_kind_check,
  ADD CONSTRAINT decision_backlog_dependency_kind_check CHECK (kind IN ('source_text', 'supersedes', 'reverts', 'revises', 'base'));
ALTER TABLE cutter.cut_change_set_affected_row DROP CONSTRAINT cut_change_set_affected_row_action_check,
  ADD CONSTRAINT cut_change_set_affected_row_action_check CHECK (action IN ('created', 'revised', 'repealed', 'withdrawn', 'restored'));
DROP INDEX cutter.decision_backlog_entry_one_open;
CREATE UNIQUE INDEX decision_backlog_entry_one_open ON cutter.decision_backlog_entry (document_code, (kind = 'revert'))
  WHERE status IN ('marked', 'reviewed', 'cut_applied', 'verified_complete');
COMMENT ON TABLE public.unit_version IS 'The text of a unit as it stood from some moment on. Nothing of it is changed or taken away.';
COMMENT ON TABLE cutter.decision_backlog_entry IS 'One decision to cut or revise one document, or to take that back, and how far it has come.';
COMMENT ON COLUMN cutter.decision_backlog_entry.kind IS 'cut; revision, which rests on what it revises; or revert, which rests on what it takes back.';
COMMENT ON COLUMN cutter.decision_backlog_dependency.kind IS 'source_text: the exact text; base: what a revision starts from; supersedes, reverts, revises: another entry.';
COMMENT ON COLUMN cutter.decision_backlog_dependency.reference IS 'SHA-256 of the text, digest of the base, or the id of the other entry.';
COMMENT ON COLUMN cutter.cut_change_set_affected_row.action IS 'created, revised or repealed; by a revert, withdrawn, or restored to the version before.';
COMMENT ON COLUMN cutter.cut_permit.kind IS 'cut, revision or revert.';

SET LOCAL ROLE cutter_owner;
CREATE INDEX unit_version_parent ON public.unit_version (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX unit_version_replaces ON public.unit_version (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX cut_change_set_affected_row_version ON cutter.cut_change_set_affected_row (version_id);

CREATE OR REPLACE VIEW cutter.iu_unit AS
  SELECT u.id AS unit_id, u.current_version_id AS version_id, v.version_no, u.canonical_address, u.document_code, v.title, v.body,
         v.body_sha256, coalesce(v.unit_kind, u.unit_kind) AS unit_kind, coalesce(v.section_type, u.section_type) AS section_type,
         u.publication_type, u.owner_ref, CASE WHEN v.replaces IS NULL THEN u.parent_id ELSE v.parent_id END AS parent_id,
         p.canonical_address AS parent_ref, u.lifecycle, u.created_at, v.state, v.in_force_from, u.parent_id AS first_parent_id
    FROM public.information_unit u
    LEFT JOIN public.unit_version v ON v.id = u.current_version_id
    LEFT JOIN public.information_unit p ON p.id = CASE WHEN v.replaces IS NULL THEN u.parent_id ELSE v.parent_id END;
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
COMMENT ON COLUMN cutter.iu_unit.state IS 'text; repealed, when nothing stands at the address any more; or suspended.';
COMMENT ON COLUMN cutter.iu_unit.in_force_from IS 'From which day on its version is in force; NULL is unknown.';
COMMENT ON COLUMN cutter.iu_unit.first_parent_id IS 'Key of the unit that contained it when it was created: parent_id, unless a revision moved it.';

CREATE OR REPLACE VIEW cutter.iu_version AS
  SELECT v.id AS version_id, v.unit_id, v.version_no, v.title, v.body, v.body_sha256, v.state, v.in_force_from, v.replaces,
         coalesce(v.unit_kind, u.unit_kind) AS unit_kind, coalesce(v.section_type, u.section_type) AS section_type,
         CASE WHEN v.replaces IS NULL THEN u.parent_id ELSE v.parent_id END AS parent_id, v.parent_id AS moved_to_id
    FROM public.unit_version v LEFT JOIN public.information_unit u ON u.id = v.unit_id;
COMMENT ON VIEW cutter.iu_version IS 'Every version of every unit, also those that no unit stands at any more, or not yet.';
COMMENT ON COLUMN cutter.iu_version.version_id IS 'The version''s key.';
COMMENT ON COLUMN cutter.iu_version.unit_id IS 'The unit that this is the text of.';
COMMENT ON COLUMN cutter.iu_version.version_no IS 'From 1.';
COMMENT ON COLUMN cutter.iu_version.title IS 'The printed heading.';
COMMENT ON COLUMN cutter.iu_version.body IS 'The text, every character of it.';
COMMENT ON COLUMN cutter.iu_version.body_sha256 IS 'SHA-256 of the body when it was written.';
COMMENT ON COLUMN cutter.iu_version.state IS 'text, repealed or suspended.';
COMMENT ON COLUMN cutter.iu_version.in_force_from IS 'From which day on it is in force; NULL is unknown.';
COMMENT ON COLUMN cutter.iu_version.replaces IS 'Key of the version that the unit stood at when this one was made; NULL for the first.';
COMMENT ON COLUMN cutter.iu_version.unit_kind IS 'The unit''s kind in this version.';
COMMENT ON COLUMN cutter.iu_version.section_type IS 'The unit''s section type in this version.';
COMMENT ON COLUMN cutter.iu_version.parent_id IS 'Key of the unit that contains it in this version, if any.';
COMMENT ON COLUMN cutter.iu_version.moved_to_id IS 'The same for a version after the first; NULL for the first.';

CREATE OR REPLACE FUNCTION public.fn_canonical_writer_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(pg_catalog.current_setting('app.canonical_writer', true), '')
      NOT IN ('fn_iu_create', 'fn_iu_enact', 'fn_iu_withdraw', 'fn_iu_revise') THEN
    RAISE EXCEPTION 'direct % on % refused', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'IU001', HINT = 'Units are written by public.fn_iu_create, fn_iu_revise, fn_iu_enact and fn_iu_withdraw only.';
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
DECLARE
  named uuid;
BEGIN
  IF coalesce(btrim(actor), '') = '' THEN
    status := 'actor: empty';
    RETURN;
  END IF;
  -- Two steps, or a server that has not analysed its tables yet reads every row of the change set for every unit.
  SELECT u.unit_id INTO named FROM cutter.iu_unit u
    WHERE u.canonical_address = fn_enact_check.canonical_address AND u.lifecycle <> 'withdrawn';
  -- The result row can be written by the verifier alone, and it stands for the rows that were counted, 1 to unit_count.
  SELECT r.unit_id INTO unit_id FROM cutter.cut_change_set s
    JOIN cutter.verify_result v ON v.change_set_id = s.change_set_id AND v.found_units = s.unit_count
    JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id AND r.unit_id = named AND r.seq <= s.unit_count
    JOIN cutter.review_decision d ON d.decision_id = s.decision_id
    WHERE s.decision_id = review_decision_id AND s.status = 'verified_complete' AND d.verdict = 'approved' AND r.action = 'created';
  IF unit_id IS NULL THEN
    status := 'review_decision: no verified change set of this decision holds ' || coalesce(canonical_address, 'NULL');
    RETURN;
  END IF;
  -- The program's own fence says so first; this is for one that leaves it out.
  IF session_user <> 'cutter_rehearse' AND NOT EXISTS (SELECT FROM cutter.cut_change_set s
      JOIN cutter.cut_permit p ON p.change_set_id = s.change_set_id AND p.plan_digest = s.plan_digest
      WHERE s.decision_id = review_decision_id AND p.kind IN ('cut', 'revision') AND p.revoked_at IS NULL AND p.used_at IS NULL
        AND p.confirmed_at IS NOT NULL AND p.execute_by > clock_timestamp() AND NOT cutter.fn_halted_since(p.opened_at)) THEN
    status := 'permit: none is open for this change set';
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
  -- What is reverted names this unit by address and body in its manifest. A cut is taken back whole, so the revert's manifest names it
  -- too; that of a revision's revert names what stands afterwards, which this unit, still at its first version, is not part of.
  SELECT e.* INTO revert FROM cutter.review_decision d
    JOIN cutter.manifest_envelope m ON m.envelope_id = d.envelope_id
    JOIN cutter.decision_backlog_entry e ON e.entry_id = m.entry_id AND e.kind = 'revert' AND e.status = 'reviewed'
    JOIN cutter.decision_backlog_dependency r ON r.entry_id = e.entry_id AND r.kind = 'reverts'
    JOIN cutter.decision_backlog_entry t ON t.entry_id = CASE r.kind WHEN 'reverts' THEN r.reference::uuid END
    JOIN cutter.manifest_envelope o ON o.entry_id = t.entry_id
    JOIN cutter.manifest_unit_block p ON p.envelope_id = o.envelope_id AND p.canonical_address = unit.canonical_address
      AND p.body_sha256 = sha256(convert_to(unit.body, 'UTF8'))
    LEFT JOIN cutter.manifest_unit_block b ON b.envelope_id = m.envelope_id AND b.canonical_address = unit.canonical_address
    WHERE d.decision_id = review_decision_id AND d.verdict = 'approved'
      AND CASE t.kind WHEN 'cut' THEN b.body_sha256 = p.body_sha256 ELSE b.envelope_id IS NULL AND unit.version_no = 1 END;
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
    -- In two ways, each by an index: where units were created, and where revisions moved them.
    ELSE (SELECT 'children: ' || x.canonical_address FROM (
        SELECT c.canonical_address FROM cutter.iu_unit c
          WHERE c.first_parent_id = fn_withdraw_check.unit_id AND c.parent_id = fn_withdraw_check.unit_id AND c.lifecycle <> 'withdrawn'
        UNION ALL
        SELECT c.canonical_address FROM cutter.iu_version w JOIN cutter.iu_unit c ON c.unit_id = w.unit_id AND c.version_id = w.version_id
          WHERE w.moved_to_id = fn_withdraw_check.unit_id AND c.lifecycle <> 'withdrawn') x
      ORDER BY x.canonical_address LIMIT 1)
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
      CASE one ->> 'kind' WHEN 'cut' THEN ARRAY['SG_1', 'SG_2'] WHEN 'revision' THEN ARRAY['SG_1', 'SG_2'] WHEN 'revert' THEN ARRAY['SG_2', 'SG_3'] END
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

CREATE FUNCTION cutter.fn_version_enact_check(version_id uuid, review_decision_id uuid, actor text, OUT status text)
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  change_set uuid;
BEGIN
  SELECT s.change_set_id INTO change_set FROM cutter.cut_change_set s
    JOIN cutter.decision_backlog_entry e ON e.entry_id = s.entry_id AND e.kind = 'revision' AND e.status = 'verified_complete'
    JOIN cutter.verify_result v ON v.change_set_id = s.change_set_id AND v.found_units = s.unit_count
    JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id AND r.seq <= s.unit_count
    JOIN cutter.review_decision d ON d.decision_id = s.decision_id
    WHERE s.decision_id = review_decision_id AND s.status = 'verified_complete' AND d.verdict = 'approved'
      AND r.action IN ('revised', 'repealed') AND r.version_id = fn_version_enact_check.version_id;
  status := CASE
    WHEN coalesce(btrim(actor), '') = '' THEN 'actor: empty'
    WHEN change_set IS NULL THEN 'review_decision: no verified revision of this decision holds the version'
    WHEN session_user <> 'cutter_rehearse' AND NOT EXISTS (SELECT FROM cutter.cut_permit p
        JOIN cutter.cut_change_set s ON s.change_set_id = p.change_set_id AND s.plan_digest = p.plan_digest
        WHERE p.change_set_id = change_set AND p.kind = 'revision' AND p.revoked_at IS NULL AND p.used_at IS NULL
          AND p.confirmed_at IS NOT NULL AND p.execute_by > clock_timestamp() AND NOT cutter.fn_halted_since(p.opened_at))
      THEN 'permit: none is open for this revision' END;
END $$;
COMMENT ON FUNCTION cutter.fn_version_enact_check(uuid, uuid, text)
  IS 'Why a unit may not be moved to a version for a decision, as a status; NULL if it may.';

CREATE FUNCTION cutter.fn_restore_check(version_id uuid, review_decision_id uuid, actor text, OUT status text)
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  revert cutter.decision_backlog_entry;
BEGIN
  SELECT e.* INTO revert FROM cutter.review_decision d
    JOIN cutter.manifest_envelope m ON m.envelope_id = d.envelope_id
    JOIN cutter.decision_backlog_entry e ON e.entry_id = m.entry_id AND e.kind = 'revert' AND e.status = 'reviewed'
    JOIN cutter.decision_backlog_dependency r ON r.entry_id = e.entry_id AND r.kind = 'reverts'
    JOIN cutter.decision_backlog_entry t ON t.entry_id = CASE r.kind WHEN 'reverts' THEN r.reference::uuid END
      AND t.kind = 'revision' AND t.status = 'enacted'
    JOIN cutter.cut_change_set_affected_row a ON a.change_set_id = t.change_set_id AND a.action IN ('revised', 'repealed')
      AND a.version_id = fn_restore_check.version_id
    WHERE d.decision_id = review_decision_id AND d.verdict = 'approved';
  status := CASE
    WHEN coalesce(btrim(actor), '') = '' THEN 'actor: empty'
    WHEN revert.entry_id IS NULL THEN 'review_decision: no reviewed revert of this decision takes back the version'
    WHEN session_user <> 'cutter_rehearse' AND NOT EXISTS (SELECT FROM cutter.cut_permit p
        WHERE p.change_set_id = revert.change_set_id AND p.kind = 'revert' AND p.plan_digest = revert.plan_digest
          AND p.revoked_at IS NULL AND p.used_at IS NULL AND p.confirmed_at IS NOT NULL AND p.execute_by > clock_timestamp()
          AND NOT cutter.fn_halted_since(p.opened_at))
      THEN 'permit: none is open for this revert' END;
END $$;
COMMENT ON FUNCTION cutter.fn_restore_check(uuid, uuid, text)
  IS 'Why a unit may not be moved back from a version for a decision, as a status; NULL if it may.';

CREATE FUNCTION cutter.fn_revision_released(document_code text) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
  SELECT session_user = 'cutter_rehearse' OR EXISTS (SELECT FROM cutter.cut_permit p WHERE p.document_code = $1 AND p.kind = 'revision'
    AND p.revoked_at IS NULL AND p.used_at IS NULL AND p.confirmed_at IS NOT NULL AND p.execute_by > clock_timestamp()
    AND NOT cutter.fn_halted_since(p.opened_at))
$$;
COMMENT ON FUNCTION cutter.fn_revision_released(text)
  IS 'Whether a confirmed permit is open for a revision of this document. A rehearsal needs none: it can not commit.';

CREATE TABLE public.unit_lineage (
  version_id uuid NOT NULL REFERENCES public.unit_version (id),
  from_version_id uuid NOT NULL REFERENCES public.unit_version (id),
  PRIMARY KEY (version_id, from_version_id),
  CONSTRAINT unit_lineage_of_another CHECK (version_id <> from_version_id)
);
CREATE INDEX unit_lineage_from ON public.unit_lineage (from_version_id);
COMMENT ON TABLE public.unit_lineage IS 'Whose text became a version''s: for units that were renumbered, moved, split or merged.';
COMMENT ON COLUMN public.unit_lineage.version_id IS 'The version.';
COMMENT ON COLUMN public.unit_lineage.from_version_id IS 'A version that its text came from, in whole or in part.';
CREATE TRIGGER canonical_writer_only BEFORE INSERT OR UPDATE ON public.unit_lineage
  FOR EACH ROW EXECUTE FUNCTION public.fn_canonical_writer_only();
CREATE TRIGGER never_deleted BEFORE DELETE ON public.unit_lineage FOR EACH ROW EXECUTE FUNCTION public.fn_refuse_direct_write();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.unit_lineage EXECUTE FUNCTION public.fn_refuse_direct_write();

CREATE VIEW cutter.iu_lineage AS SELECT l.version_id, l.from_version_id FROM public.unit_lineage l;
COMMENT ON VIEW cutter.iu_lineage IS 'Which versions a version''s text came from, where it is not from the version that it replaces alone.';
COMMENT ON COLUMN cutter.iu_lineage.version_id IS 'The version.';
COMMENT ON COLUMN cutter.iu_lineage.from_version_id IS 'A version that its text came from.';

CREATE FUNCTION public.fn_iu_add(
  canonical_address text, title text, body text, actor text, unit_kind text, section_type text,
  publication_type text, owner_ref text, parent_ref text, in_force_from date, OUT status text, OUT unit_id uuid, OUT version_id uuid
) RETURNS record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  IF NOT cutter.fn_revision_released(split_part(split_part(canonical_address, '~', 1), '!', 1)) THEN
    status := 'permit: none is open for a revision of ' || coalesce(canonical_address, 'NULL');
    RETURN;
  END IF;
  SELECT f.status, f.unit_id, f.version_id INTO status, unit_id, version_id FROM public.fn_iu_create(canonical_address, title, body,
    actor, unit_kind, section_type, publication_type, owner_ref, parent_ref) AS f;
  IF status = 'created' AND in_force_from IS NOT NULL THEN
    PERFORM set_config('app.canonical_writer', 'fn_iu_revise', true);
    UPDATE public.unit_version v SET in_force_from = fn_iu_add.in_force_from WHERE v.id = version_id;
    PERFORM set_config('app.canonical_writer', '', true);
  END IF;
END $$;
COMMENT ON FUNCTION public.fn_iu_add(text, text, text, text, text, text, text, text, text, date)
  IS 'Writes a unit that a revision adds, as fn_iu_create does, with the day from which it is in force. Only the status "created" is success.';

CREATE FUNCTION public.fn_iu_new_version(
  canonical_address text, base_version_id uuid, state text, title text, body text, actor text, unit_kind text, section_type text,
  parent_ref text, in_force_from date, OUT status text, OUT unit_id uuid, OUT version_id uuid
) RETURNS record
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  document text := split_part(split_part(canonical_address, '~', 1), '!', 1);
  unit public.information_unit;
  parent uuid;
BEGIN
  IF NOT cutter.fn_revision_released(document) THEN
    status := 'permit: none is open for a revision of ' || coalesce(canonical_address, 'NULL');
    RETURN;
  END IF;
  -- Whoever creates, revises or withdraws a unit of the document holds this lock.
  PERFORM pg_advisory_xact_lock(hashtextextended('fn_iu_create:' || document, 0));
  SELECT u.* INTO unit FROM public.information_unit u
    WHERE u.canonical_address = fn_iu_new_version.canonical_address AND u.lifecycle <> 'withdrawn' FOR UPDATE;
  SELECT u.id INTO parent FROM public.information_unit u WHERE u.canonical_address = parent_ref AND u.lifecycle <> 'withdrawn';
  status := CASE
    WHEN unit.id IS NULL THEN 'canonical_address: unknown'
    WHEN unit.lifecycle <> 'enacted' THEN 'lifecycle: ' || unit.lifecycle
    WHEN unit.current_version_id IS DISTINCT FROM base_version_id THEN 'base_version: another is in force'
    WHEN parent_ref IS NOT NULL AND parent IS NULL THEN 'parent_ref: unknown ' || parent_ref
    WHEN parent = unit.id THEN 'parent_ref: the unit itself'
  END;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('app.canonical_writer', 'fn_iu_revise', true);
  unit_id := unit.id;
  version_id := gen_random_uuid();
  INSERT INTO public.unit_version AS w (id, unit_id, version_no, title, body, body_sha256, actor, state, in_force_from, replaces,
      unit_kind, section_type, parent_id)
    SELECT version_id, unit_id, max(v.version_no) + 1, title, body, sha256(convert_to(body, 'UTF8')), actor, state, in_force_from,
        base_version_id, unit_kind, section_type, parent
      FROM public.unit_version v WHERE v.unit_id = unit.id;
  PERFORM set_config('app.canonical_writer', '', true);
END $$;
COMMENT ON FUNCTION public.fn_iu_new_version(text, uuid, text, text, text, text, text, text, text, date)
  IS 'Writes a version that nobody stands at yet; for fn_iu_revise and fn_iu_repeal alone. Status NULL is success.';

CREATE FUNCTION public.fn_iu_revise(
  canonical_address text, base_version_id uuid, title text, body text, actor text, unit_kind text, section_type text, parent_ref text,
  in_force_from date, OUT status text, OUT unit_id uuid, OUT version_id uuid
) RETURNS record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  status := CASE
    WHEN coalesce(btrim(canonical_address), '') = '' THEN 'canonical_address: empty'
    WHEN coalesce(btrim(title), '') = '' THEN 'title: empty'
    WHEN body IS NULL THEN 'body: NULL'
    WHEN coalesce(btrim(actor), '') = '' THEN 'actor: empty'
    WHEN NOT EXISTS (SELECT FROM public.iu_vocabulary v WHERE v.axis = 'unit_kind' AND v.code = unit_kind)
      THEN 'unit_kind: unknown ' || coalesce(unit_kind, 'NULL')
    WHEN NOT EXISTS (SELECT FROM public.iu_vocabulary v WHERE v.axis = 'section_type' AND v.code = section_type)
      THEN 'section_type: unknown ' || coalesce(section_type, 'NULL')
  END;
  IF status IS NULL THEN
    SELECT coalesce(f.status, 'revised'), f.unit_id, f.version_id INTO status, unit_id, version_id FROM public.fn_iu_new_version(
      canonical_address, base_version_id, 'text', title, body, actor, unit_kind, section_type, parent_ref, in_force_from) AS f;
  END IF;
END $$;
COMMENT ON FUNCTION public.fn_iu_revise(text, uuid, text, text, text, text, text, text, date)
  IS 'Writes the next version of a unit that stands at the version named. Only the status "revised" is success; every other wrote nothing.';

CREATE FUNCTION public.fn_iu_repeal(
  canonical_address text, base_version_id uuid, actor text, in_force_from date, OUT status text, OUT unit_id uuid, OUT version_id uuid
) RETURNS record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  base record;
BEGIN
  IF coalesce(btrim(actor), '') = '' THEN
    status := 'actor: empty';
    RETURN;
  END IF;
  SELECT u.* INTO base FROM cutter.iu_unit u WHERE u.canonical_address = fn_iu_repeal.canonical_address AND u.lifecycle <> 'withdrawn';
  IF base.state = 'repealed' THEN
    status := 'state: repealed already';
    RETURN;
  END IF;
  SELECT coalesce(f.status, 'repealed'), f.unit_id, f.version_id INTO status, unit_id, version_id FROM public.fn_iu_new_version(
    canonical_address, base_version_id, 'repealed', base.title, '', actor, base.unit_kind, base.section_type, base.parent_ref,
    in_force_from) AS f;
END $$;
COMMENT ON FUNCTION public.fn_iu_repeal(text, uuid, text, date)
  IS 'Writes a version without text: nothing stands at the address from then on. Only the status "repealed" is success; every other wrote nothing.';

CREATE FUNCTION public.fn_iu_derive(version_id uuid, from_version_id uuid, actor text, OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  document text;
BEGIN
  SELECT u.document_code INTO document FROM public.unit_version v JOIN public.information_unit u ON u.id = v.unit_id
    JOIN public.unit_version w ON w.id = from_version_id
    JOIN public.information_unit o ON o.id = w.unit_id AND o.document_code = u.document_code
    WHERE v.id = version_id;
  status := CASE
    WHEN coalesce(btrim(actor), '') = '' THEN 'actor: empty'
    WHEN document IS NULL THEN 'version: the two are not of one document'
    WHEN NOT cutter.fn_revision_released(document) THEN 'permit: none is open for a revision of ' || document
    WHEN EXISTS (SELECT FROM cutter.cut_change_set_affected_row r WHERE r.version_id = fn_iu_derive.version_id)
      THEN 'version: it is on record already'
  END;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('app.canonical_writer', 'fn_iu_revise', true);
  INSERT INTO public.unit_lineage AS l (version_id, from_version_id) VALUES (version_id, from_version_id) ON CONFLICT DO NOTHING;
  PERFORM set_config('app.canonical_writer', '', true);
  status := 'derived';
END $$;
COMMENT ON FUNCTION public.fn_iu_derive(uuid, uuid, text)
  IS 'Says whose text became a new version''s: renumbered, moved, split, merged. Only the status "derived" is success.';

CREATE FUNCTION public.fn_iu_enact_version(version_id uuid, review_decision_id uuid, actor text, OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  version record;
BEGIN
  SELECT v.unit_id, v.replaces, u.lifecycle, u.current_version_id INTO version
    FROM public.unit_version v JOIN public.information_unit u ON u.id = v.unit_id WHERE v.id = version_id FOR UPDATE OF u;
  status := cutter.fn_version_enact_check(version_id, review_decision_id, actor);
  status := coalesce(status, CASE
    WHEN version.lifecycle IS DISTINCT FROM 'enacted' THEN 'lifecycle: ' || coalesce(version.lifecycle, 'no such unit')
    WHEN version.replaces IS NULL OR version.current_version_id <> version.replaces THEN 'base_version: another is in force' END);
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('app.canonical_writer', 'fn_iu_enact', true);
  UPDATE public.information_unit u SET current_version_id = version_id WHERE u.id = version.unit_id;
  PERFORM set_config('app.canonical_writer', '', true);
  status := 'enacted';
END $$;
COMMENT ON FUNCTION public.fn_iu_enact_version(uuid, uuid, text)
  IS 'Moves a unit to the version that a verified revision wrote for it. Only the status "enacted" is success.';

CREATE FUNCTION public.fn_iu_restore(version_id uuid, review_decision_id uuid, actor text, OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  version record;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('fn_iu_create:' || u.document_code, 0))
    FROM public.unit_version v JOIN public.information_unit u ON u.id = v.unit_id WHERE v.id = version_id;
  SELECT v.unit_id, v.replaces, u.lifecycle, u.current_version_id INTO version
    FROM public.unit_version v JOIN public.information_unit u ON u.id = v.unit_id WHERE v.id = version_id FOR UPDATE OF u;
  status := cutter.fn_restore_check(version_id, review_decision_id, actor);
  status := coalesce(status, CASE
    WHEN version.lifecycle IS DISTINCT FROM 'enacted' THEN 'lifecycle: ' || coalesce(version.lifecycle, 'no such unit')
    WHEN version.replaces IS NULL OR version.current_version_id <> version_id THEN 'version: another is in force' END);
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('app.canonical_writer', 'fn_iu_withdraw', true);
  UPDATE public.information_unit u SET current_version_id = version.replaces WHERE u.id = version.unit_id;
  PERFORM set_config('app.canonical_writer', '', true);
  status := 'restored';
END $$;
COMMENT ON FUNCTION public.fn_iu_restore(uuid, uuid, text)
  IS 'Moves a unit back from a version to the one that it replaced, for the reviewed revert of its revision; the version stays. Only the status "restored" is success.';

-- The port to revisions, beside that to the units (schema_80_port.sql). A site whose units are its own has it where it can revise.
CREATE FUNCTION cutter.fn_iu_add(
  canonical_address text, title text, body text, actor text, unit_kind text, section_type text,
  publication_type text, owner_ref text, parent_ref text, in_force_from date, OUT status text, OUT unit_id uuid, OUT version_id uuid
) RETURNS record
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  SELECT f.status, f.unit_id, f.version_id INTO status, unit_id, version_id FROM public.fn_iu_add(canonical_address, title, body,
    actor, unit_kind, section_type, publication_type, owner_ref, parent_ref, in_force_from) AS f;
END $$;
COMMENT ON FUNCTION cutter.fn_iu_add(text, text, text, text, text, text, text, text, text, date)
  IS 'Port: writes a unit that a revision adds. Only the status "created" is success.';

CREATE FUNCTION cutter.fn_iu_revise(
  canonical_address text, base_version_id uuid, title text, body text, actor text, unit_kind text, section_type text, parent_ref text,
  in_force_from date, OUT status text, OUT unit_id uuid, OUT version_id uuid
) RETURNS record
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  SELECT f.status, f.unit_id, f.version_id INTO status, unit_id, version_id FROM public.fn_iu_revise(canonical_address,
    base_version_id, title, body, actor, unit_kind, section_type, parent_ref, in_force_from) AS f;
END $$;
COMMENT ON FUNCTION cutter.fn_iu_revise(text, uuid, text, text, text, text, text, text, date)
  IS 'Port: writes the next version of a unit. Only the status "revised" is success.';

CREATE FUNCTION cutter.fn_iu_repeal(
  canonical_address text, base_version_id uuid, actor text, in_force_from date, OUT status text, OUT unit_id uuid, OUT version_id uuid
) RETURNS record
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  SELECT f.status, f.unit_id, f.version_id INTO status, unit_id, version_id
    FROM public.fn_iu_repeal(canonical_address, base_version_id, actor, in_force_from) AS f;
END $$;
COMMENT ON FUNCTION cutter.fn_iu_repeal(text, uuid, text, date)
  IS 'Port: writes a version without text. Only the status "repealed" is success.';

CREATE FUNCTION cutter.fn_iu_derive(version_id uuid, from_version_id uuid, actor text, OUT status text)
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  status := public.fn_iu_derive(version_id, from_version_id, actor);
END $$;
COMMENT ON FUNCTION cutter.fn_iu_derive(uuid, uuid, text) IS 'Port: says whose text became a new version''s. Only the status "derived" is success.';

CREATE FUNCTION cutter.fn_iu_enact_version(version_id uuid, review_decision_id uuid, actor text, OUT status text)
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  status := public.fn_iu_enact_version(version_id, review_decision_id, actor);
END $$;
COMMENT ON FUNCTION cutter.fn_iu_enact_version(uuid, uuid, text)
  IS 'Port: moves a unit to the version that a verified revision wrote for it. Only the status "enacted" is success.';

CREATE FUNCTION cutter.fn_iu_restore(version_id uuid, review_decision_id uuid, actor text, OUT status text)
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  status := public.fn_iu_restore(version_id, review_decision_id, actor);
END $$;
COMMENT ON FUNCTION cutter.fn_iu_restore(uuid, uuid, text)
  IS 'Port: moves a unit back from a version to the one that it replaced. Only the status "restored" is success.';

DO $$
DECLARE
  made text;
BEGIN
  FOREACH made IN ARRAY ARRAY['fn_iu_add', 'fn_iu_revise', 'fn_iu_repeal', 'fn_iu_derive', 'fn_iu_enact_version', 'fn_iu_restore',
      'fn_iu_new_version', 'fn_version_enact_check', 'fn_restore_check', 'fn_revision_released'] LOOP
    EXECUTE (SELECT string_agg(format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.oid::regprocedure), '; ')
      FROM pg_catalog.pg_proc f WHERE f.proname = made AND f.pronamespace IN ('cutter'::regnamespace, 'public'::regnamespace));
  END LOOP;
END $$;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM cutter_owner;
