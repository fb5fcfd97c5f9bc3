-- Back to units that are written one at a time.
-- Takes away what is read out. The roles stay: another database of the server may have a use for them.
DROP TRIGGER zz_told ON cutter.decision_backlog_history;
DROP FUNCTION cutter.fn_unit_change_told();
DROP FUNCTION cutter.fn_iu_at(text, date, timestamptz), cutter.fn_iu_document_at(text, date, timestamptz), cutter.fn_iu_history(text),
  cutter.fn_iu_lineage(text);
DROP VIEW cutter.v_unit_change, cutter.v_lineage, cutter.v_text_block, cutter.v_document, cutter.v_unit, cutter.v_change_set,
  cutter.v_unit_history;
DROP INDEX cutter.cut_change_set_document;
DROP INDEX cutter.decision_backlog_history_entry;
SET LOCAL ROLE cutter_owner;
CREATE INDEX decision_backlog_history_entry ON cutter.decision_backlog_history (entry_id);
RESET ROLE;
REVOKE USAGE ON SCHEMA cutter FROM cutter_read;

-- Refused where a revision has touched none.
ALTER TABLE cutter.cut_change_set DROP CONSTRAINT cut_change_set_unit_count_check,
  ADD CONSTRAINT cut_change_set_unit_count_check CHECK (unit_count > 0);
COMMENT ON COLUMN cutter.cut_change_set.unit_count IS 'Units written.';
GRANT CREATE ON SCHEMA public TO cutter_owner;
DROP FUNCTION cutter.fn_iu_create_batch(text[], text[], text[], text, text[], text[], text[], text[], text[]), cutter.fn_iu_enact_batch(text[], uuid, text);
DROP FUNCTION cutter.fn_iu_put_back(uuid, uuid), public.fn_iu_create_batch(text[], text[], text[], text, text[], text[], text[], text[], text[]), public.fn_iu_creates_all(text[], text[], text[], text, text[], text[], text[], text[], text[]), public.fn_iu_enact_batch(text[], uuid, text);
SET LOCAL ROLE cutter_owner;
DROP INDEX public.information_unit_document;
CREATE INDEX information_unit_document ON public.information_unit (document_code);
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

CREATE OR REPLACE TRIGGER canonical_writer_only BEFORE INSERT OR UPDATE ON public.information_unit
  FOR EACH ROW EXECUTE FUNCTION public.fn_canonical_writer_only();
CREATE OR REPLACE TRIGGER canonical_writer_only BEFORE INSERT OR UPDATE ON public.unit_version
  FOR EACH ROW EXECUTE FUNCTION public.fn_canonical_writer_only();
CREATE OR REPLACE TRIGGER canonical_writer_only BEFORE INSERT OR UPDATE ON public.unit_lineage
  FOR EACH ROW EXECUTE FUNCTION public.fn_canonical_writer_only();
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
  -- A unit is part of an approved change set, as a draft already: what anybody could plant would stand in the way of a cut.
  IF NOT cutter.fn_document_released(document) THEN
    status := 'permit: none is open for document ' || document;
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

CREATE OR REPLACE FUNCTION cutter.fn_person(name text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, cutter, pg_temp
RETURN lower(btrim(regexp_replace(normalize(name, NFKC), '\s+', ' ', 'g')));
COMMENT ON FUNCTION cutter.fn_person(text) IS 'A person''s name without what makes no other person: case, form and spacing.';
DROP FUNCTION cutter.fn_is_address(text);
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM cutter_owner;

-- Refused by itself where a passkey is registered: the version before could not judge what it has signed.
SET LOCAL ROLE cutter_owner;
ALTER TABLE cutter.approver_key DROP CONSTRAINT approver_key_public_key_check;
ALTER TABLE cutter.approver_key ADD CONSTRAINT approver_key_public_key_check CHECK (octet_length(public_key) = 32);
ALTER TABLE cutter.cut_approval DROP CONSTRAINT cut_approval_signature_check;
ALTER TABLE cutter.cut_approval ADD CONSTRAINT cut_approval_signature_check CHECK (octet_length(signature) = 64);
COMMENT ON TABLE cutter.approver_key IS 'Public Ed25519 keys of the people who may approve, registered by an administrator.';
COMMENT ON COLUMN cutter.approver_key.key_id IS 'SHA-256 of the raw public key, hexadecimal.';
COMMENT ON COLUMN cutter.approver_key.public_key IS 'The raw 32 bytes.';
COMMENT ON COLUMN cutter.cut_approval.signature IS 'The 64 bytes of the signature over them (DSSE pre-authentication encoding).';
RESET ROLE;

-- Refused where a revision has said of a version who answers for it, or has given its document another title.
DO $$
BEGIN
  IF EXISTS (SELECT FROM public.unit_version v WHERE v.publication_type IS NOT NULL OR v.owner_ref IS NOT NULL) THEN
    RAISE EXCEPTION 'versions with a publication type and an owner of their own are on record: they can not be taken out of the schema';
  END IF;
END $$;
ALTER TABLE cutter.decision_backlog_dependency DROP CONSTRAINT decision_backlog_dependency_kind_check,
  ADD CONSTRAINT decision_backlog_dependency_kind_check CHECK (kind IN ('source_text', 'supersedes', 'reverts', 'revises', 'base'));
COMMENT ON COLUMN cutter.decision_backlog_dependency.kind IS 'source_text: the exact text; base: what a revision starts from; supersedes, reverts, revises: another entry.';
COMMENT ON COLUMN cutter.decision_backlog_dependency.reference IS 'SHA-256 of the text, digest of the base, or the id of the other entry.';
GRANT CREATE ON SCHEMA public TO cutter_owner;
DROP FUNCTION cutter.fn_iu_restate(uuid, text, text, text), public.fn_iu_restate(uuid, text, text, text);
SET LOCAL ROLE cutter_owner;
CREATE OR REPLACE FUNCTION public.fn_iu_new_version(
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
RESET ROLE;
DROP VIEW cutter.iu_unit, cutter.iu_version;
ALTER TABLE public.unit_version DROP COLUMN publication_type, DROP COLUMN owner_ref;
SET LOCAL ROLE cutter_owner;
CREATE VIEW cutter.iu_unit AS
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

CREATE VIEW cutter.iu_version AS
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
REVOKE ALL ON TABLE cutter.iu_unit, cutter.iu_version FROM PUBLIC;
GRANT SELECT ON TABLE cutter.iu_unit, cutter.iu_version TO cutter_exec, cutter_verify;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM cutter_owner;

-- Large objects again; the roles' bound stays, another database of the server may have a use for it.
DO $$
BEGIN
  IF (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user) THEN
    GRANT EXECUTE ON FUNCTION pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea) TO PUBLIC;
  END IF;
END $$;

-- Refused where a release was approved: the version before could not say what opened its permits.
DO $$
BEGIN
  IF EXISTS (SELECT FROM cutter.release_permit) THEN
    RAISE EXCEPTION 'a release was approved here';
  END IF;
END $$;
DROP TABLE cutter.release_work, cutter.release_backup, cutter.release_place, cutter.release_approval, cutter.release_permit;
DROP FUNCTION cutter.fn_release_place_open(uuid, uuid, integer, text[], bytea[]), cutter.fn_release_open(uuid, bytea[], bytea[]),
  cutter.fn_merkle_root(bytea, integer, integer, bytea[]);

-- Refused where a policy is in force: the version before would let two people approve without it.
DO $$
BEGIN
  IF EXISTS (SELECT FROM cutter.approval_policy) THEN
    RAISE EXCEPTION 'a policy says who must approve here';
  END IF;
END $$;
SET LOCAL ROLE cutter_owner;
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
ALTER TABLE cutter.cut_approval ADD CONSTRAINT cut_approval_permit_id_gate_key UNIQUE (permit_id, gate);
COMMENT ON COLUMN cutter.cut_permit.opened_at IS 'When both approvals were accepted.';
COMMENT ON COLUMN cutter.cut_permit.execute_by IS 'Until when the run may commit: the earlier of the two approvals.';
DROP FUNCTION cutter.fn_policy_set(bytea, text, bytea), cutter.fn_policy_fault(text, text, text[], timestamptz),
  cutter.fn_approvals_fault(text, bytea[], bytea[], text[], text[], timestamptz);
DROP TABLE cutter.approval_policy;

-- What a principal may write is what it was.
DROP FUNCTION cutter.fn_document_clear(text, text, text, boolean);
DROP TABLE cutter.cleared;
SET LOCAL ROLE cutter_owner;
CREATE OR REPLACE FUNCTION cutter.fn_entry_step() RETURNS trigger
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
COMMENT ON FUNCTION cutter.fn_own_half() IS 'Trigger: each principal writes its own half of signatures, journal, history and results, with a key of its own (IU004).';
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
COMMENT ON FUNCTION cutter.fn_journal_fence() IS 'Trigger: no phase is recorded without an open permit, whatever the program does (IU006), and the last phase uses it up.';

COMMENT ON COLUMN cutter.cut_halt.halt_no IS 'Rises: the moment in microseconds; in version 2 of the schema and before, a count from 1.';
CREATE OR REPLACE FUNCTION cutter.fn_halt(halted_by text, reason text, OUT halt_no bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  -- The number is the moment: a halt waits for nobody, not even for another halt that was begun and left.
  halt_no := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
  INSERT INTO cutter.cut_halt (halt_no, halted_by, reason) VALUES (halt_no, halted_by, reason);
END $$;
RESET ROLE;
