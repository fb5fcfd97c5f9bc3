-- Version 1: the reference schema as it was first released, all of it in the schema public.

-- Roles of the knowledge base. The owner can not log in; the two principals can, with passwords that an administrator sets.
-- So can the rehearsal's login: it may become either principal, has nothing of its own, and can not commit
-- (schema_60_rehearsal.sql).
DO $$
DECLARE
  principal text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'cutter_owner') THEN
    CREATE ROLE cutter_owner NOLOGIN;
  END IF;
  FOREACH principal IN ARRAY ARRAY['cutter_exec', 'cutter_verify'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = principal) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', principal);
    END IF;
  END LOOP;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'cutter_rehearse') THEN
    CREATE ROLE cutter_rehearse LOGIN NOINHERIT CONNECTION LIMIT 4;
  END IF;
  FOREACH principal IN ARRAY ARRAY['cutter_exec', 'cutter_verify'] LOOP
    -- From 16 on the grant itself says so; before, the role's own NOINHERIT does. Inherited, it would hold the union of both.
    EXECUTE format('GRANT %I TO cutter_rehearse', principal)
      || CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
  END LOOP;
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO cutter_owner;

SET LOCAL ROLE cutter_owner;

-- Which reference schema this is, so that drift can be told.
CREATE TABLE public.cutter_schema (
  version integer PRIMARY KEY,
  sources_sha256 text NOT NULL,
  installed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE public.cutter_schema IS 'The version of the reference schema that was installed here.';
COMMENT ON COLUMN public.cutter_schema.version IS 'Counts up with each change of the schema.';
COMMENT ON COLUMN public.cutter_schema.sources_sha256 IS 'SHA-256 over the schema''s source files.';
COMMENT ON COLUMN public.cutter_schema.installed_at IS 'When.';

-- Information units and their versions, the controlled vocabularies, and the guards around them.

CREATE TABLE public.iu_vocabulary (
  axis text NOT NULL CHECK (axis IN ('unit_kind', 'section_type', 'publication_type')),
  code text NOT NULL CHECK (code <> ''),
  PRIMARY KEY (axis, code)
);
COMMENT ON TABLE public.iu_vocabulary IS 'Controlled words that a unit may use.';
COMMENT ON COLUMN public.iu_vocabulary.axis IS 'Which column of information_unit the word is for.';
COMMENT ON COLUMN public.iu_vocabulary.code IS 'The word.';

CREATE TABLE public.source_document (
  document_code text PRIMARY KEY CHECK (document_code <> ''),
  file_name text NOT NULL CHECK (file_name <> ''),
  content bytea NOT NULL,
  publication_type text NOT NULL,
  owner_ref text NOT NULL CHECK (owner_ref <> ''),
  title text NOT NULL DEFAULT '',
  received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE public.source_document IS 'Live source texts, byte for byte, that a cut can read with db:DOCUMENT_CODE.';
COMMENT ON COLUMN public.source_document.document_code IS 'The document''s code: the first part of every address cut from it.';
COMMENT ON COLUMN public.source_document.file_name IS 'The name it came under; its suffix helps to choose a reader.';
COMMENT ON COLUMN public.source_document.content IS 'The document''s own bytes.';
COMMENT ON COLUMN public.source_document.publication_type IS 'Word of the vocabulary publication_type.';
COMMENT ON COLUMN public.source_document.owner_ref IS 'Who answers for the document.';
COMMENT ON COLUMN public.source_document.title IS 'The document''s title; may be empty.';
COMMENT ON COLUMN public.source_document.received_at IS 'When these bytes were stored.';

CREATE TABLE public.information_unit (
  id uuid PRIMARY KEY,
  canonical_address text NOT NULL,
  document_code text NOT NULL,
  unit_kind text NOT NULL,
  section_type text NOT NULL,
  publication_type text NOT NULL,
  owner_ref text NOT NULL,
  parent_id uuid REFERENCES public.information_unit (id),
  lifecycle text NOT NULL DEFAULT 'draft',
  current_version_id uuid NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  enacted_at timestamptz,
  -- One constraint, not three: the server prepares each of them anew for every row that fn_iu_create writes.
  CONSTRAINT information_unit_shape CHECK (
    length(canonical_address) <= 255 AND canonical_address !~ '[[:cntrl:][:space:]]' AND strpos(canonical_address, '~') > 1
    AND lifecycle IN ('draft', 'enacted', 'withdrawn') AND parent_id IS DISTINCT FROM id)
);
-- A withdrawn address can be cut again, so only living units claim theirs.
CREATE UNIQUE INDEX information_unit_living_address ON public.information_unit (canonical_address) WHERE lifecycle <> 'withdrawn';
CREATE INDEX information_unit_parent ON public.information_unit (parent_id);
CREATE INDEX information_unit_document ON public.information_unit (document_code);
COMMENT ON TABLE public.information_unit IS 'One addressed piece of a governed document. Written by fn_iu_create, fn_iu_enact and fn_iu_withdraw only.';
COMMENT ON COLUMN public.information_unit.id IS 'Key; the address is what people cite.';
COMMENT ON COLUMN public.information_unit.canonical_address IS 'document code[!component]~step(__step)*; unique among units that are not withdrawn.';
COMMENT ON COLUMN public.information_unit.document_code IS 'The first part of the address.';
COMMENT ON COLUMN public.information_unit.unit_kind IS 'Word of the vocabulary unit_kind.';
COMMENT ON COLUMN public.information_unit.section_type IS 'Word of the vocabulary section_type.';
COMMENT ON COLUMN public.information_unit.publication_type IS 'Word of the vocabulary publication_type.';
COMMENT ON COLUMN public.information_unit.owner_ref IS 'Who answers for the unit.';
COMMENT ON COLUMN public.information_unit.parent_id IS 'The unit that contains this one, if any.';
COMMENT ON COLUMN public.information_unit.lifecycle IS 'draft, enacted or withdrawn; nothing is ever deleted.';
COMMENT ON COLUMN public.information_unit.current_version_id IS 'The version that is in force.';
COMMENT ON COLUMN public.information_unit.created_by IS 'The actor that the cut named.';
COMMENT ON COLUMN public.information_unit.created_at IS 'When the unit was written.';
COMMENT ON COLUMN public.information_unit.enacted_at IS 'When it was enacted; NULL before.';

CREATE TABLE public.unit_version (
  id uuid PRIMARY KEY,
  unit_id uuid NOT NULL REFERENCES public.information_unit (id),
  version_no integer NOT NULL CHECK (version_no > 0),
  title text NOT NULL,
  body text NOT NULL,
  body_sha256 bytea NOT NULL,
  actor text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (unit_id, version_no)
);
COMMENT ON TABLE public.unit_version IS 'The text of a unit as it stood from some moment on.';
COMMENT ON COLUMN public.unit_version.id IS 'Key.';
COMMENT ON COLUMN public.unit_version.unit_id IS 'The unit that this is the text of.';
COMMENT ON COLUMN public.unit_version.version_no IS 'From 1, without holes.';
COMMENT ON COLUMN public.unit_version.title IS 'The printed heading.';
COMMENT ON COLUMN public.unit_version.body IS 'The unit''s own stretch of the source text, every character of it.';
COMMENT ON COLUMN public.unit_version.body_sha256 IS 'SHA-256 of the body when it was written; verification recomputes it and does not trust it.';
COMMENT ON COLUMN public.unit_version.actor IS 'Who wrote it.';
COMMENT ON COLUMN public.unit_version.created_at IS 'When it was written.';

-- Deferred, so that fn_iu_create writes a unit and its first version with one INSERT each.
ALTER TABLE public.information_unit ADD CONSTRAINT information_unit_current_version
  FOREIGN KEY (current_version_id) REFERENCES public.unit_version (id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION public.fn_refuse_direct_write() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'direct % on % refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'IU001', HINT = 'Units are written by public.fn_iu_create, fn_iu_enact and fn_iu_withdraw only.';
END $$;
COMMENT ON FUNCTION public.fn_refuse_direct_write() IS 'Trigger: refuses DELETE and TRUNCATE of units. Code IU001.';

-- The condition stands in the function and not in WHEN: the server would parse a WHEN anew for every row of fn_iu_create.
-- No SET clause for the same reason; every name in it is qualified.
CREATE FUNCTION public.fn_canonical_writer_only() RETURNS trigger
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
COMMENT ON FUNCTION public.fn_canonical_writer_only()
  IS 'Trigger: refuses what did not come through a canonical writer (IU001), and marks what a rehearsal writes.';

CREATE TRIGGER canonical_writer_only BEFORE INSERT OR UPDATE ON public.information_unit
  FOR EACH ROW EXECUTE FUNCTION public.fn_canonical_writer_only();
CREATE TRIGGER canonical_writer_only BEFORE INSERT OR UPDATE ON public.unit_version
  FOR EACH ROW EXECUTE FUNCTION public.fn_canonical_writer_only();
CREATE TRIGGER never_deleted BEFORE DELETE ON public.information_unit FOR EACH ROW EXECUTE FUNCTION public.fn_refuse_direct_write();
CREATE TRIGGER never_deleted BEFORE DELETE ON public.unit_version FOR EACH ROW EXECUTE FUNCTION public.fn_refuse_direct_write();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.information_unit EXECUTE FUNCTION public.fn_refuse_direct_write();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.unit_version EXECUTE FUNCTION public.fn_refuse_direct_write();

CREATE FUNCTION public.fn_iu_create(
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

-- The governed ledger: twelve tables, append-only, and the keys that sign it.

CREATE TABLE public.principal_key (
  key_id text PRIMARY KEY,
  principal text NOT NULL CHECK (principal IN ('cutter_exec', 'cutter_verify')),
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
  registered_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz,
  CONSTRAINT principal_key_names_itself CHECK (key_id = encode(sha256(public_key), 'hex'))
);
COMMENT ON TABLE public.principal_key IS 'Public Ed25519 keys of the two principals, registered by an administrator.';
COMMENT ON COLUMN public.principal_key.key_id IS 'SHA-256 of the raw public key, hexadecimal.';
COMMENT ON COLUMN public.principal_key.principal IS 'Whose key it is.';
COMMENT ON COLUMN public.principal_key.public_key IS 'The raw 32 bytes.';
COMMENT ON COLUMN public.principal_key.registered_at IS 'From when on it counts.';
COMMENT ON COLUMN public.principal_key.retired_at IS 'Until when it counted; NULL while it does.';

CREATE TABLE public.decision_backlog_entry (
  entry_id uuid PRIMARY KEY,
  change_set_id uuid NOT NULL UNIQUE,
  document_code text NOT NULL CHECK (document_code <> ''),
  title text NOT NULL DEFAULT '',
  plan_digest text NOT NULL CHECK (plan_digest ~ '^[0-9a-f]{64}$'),
  attempt integer NOT NULL CHECK (attempt > 0),
  kind text NOT NULL DEFAULT 'cut' CHECK (kind IN ('cut', 'revert')),
  status text NOT NULL DEFAULT 'marked'
    CHECK (status IN ('marked', 'reviewed', 'cut_applied', 'verified_complete', 'enacted', 'superseded', 'reverted')),
  opened_by text NOT NULL CHECK (opened_by <> ''),
  opened_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX decision_backlog_entry_document ON public.decision_backlog_entry (document_code);
-- One cut of a document at a time, however many executors there are; and one revert, which may be of a cut that is torn.
CREATE UNIQUE INDEX decision_backlog_entry_one_open ON public.decision_backlog_entry (document_code, kind)
  WHERE status IN ('marked', 'reviewed', 'cut_applied', 'verified_complete');
COMMENT ON TABLE public.decision_backlog_entry IS 'One decision to cut one plan of one document, or to revert such a cut, and how far it has come.';
COMMENT ON COLUMN public.decision_backlog_entry.entry_id IS 'Key, made by the executor.';
COMMENT ON COLUMN public.decision_backlog_entry.change_set_id IS 'The change set that this decision is about.';
COMMENT ON COLUMN public.decision_backlog_entry.document_code IS 'The document.';
COMMENT ON COLUMN public.decision_backlog_entry.title IS 'The document''s title; may be empty.';
COMMENT ON COLUMN public.decision_backlog_entry.plan_digest IS 'Digest that pins every row of the plan.';
COMMENT ON COLUMN public.decision_backlog_entry.attempt IS 'From 1; one more for each new cut of the same plan after a revert.';
COMMENT ON COLUMN public.decision_backlog_entry.kind IS 'cut, or revert: which has the dependency reverts on the cut that it withdraws.';
COMMENT ON COLUMN public.decision_backlog_entry.status IS 'The one column that changes, along legal steps only: marked, reviewed, cut_applied, verified_complete, enacted; or superseded; or, at the end, reverted.';
COMMENT ON COLUMN public.decision_backlog_entry.opened_by IS 'The actor that the run named.';
COMMENT ON COLUMN public.decision_backlog_entry.opened_at IS 'When it was opened.';

CREATE TABLE public.decision_backlog_history (
  document_code text NOT NULL,
  chain_no bigint NOT NULL,
  entry_id uuid NOT NULL REFERENCES public.decision_backlog_entry (entry_id),
  from_status text,
  to_status text NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  principal text NOT NULL DEFAULT current_user,
  payload_sha256 text NOT NULL CHECK (payload_sha256 ~ '^[0-9a-f]{64}$'),
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  previous_sha256 text NOT NULL,
  row_sha256 text NOT NULL,
  PRIMARY KEY (document_code, chain_no)
);
CREATE INDEX decision_backlog_history_entry ON public.decision_backlog_history (entry_id);
COMMENT ON TABLE public.decision_backlog_history IS 'Every step of every entry, chained by hash for each document; the head of each chain is also kept outside the database.';
COMMENT ON COLUMN public.decision_backlog_history.document_code IS 'Whose chain it is.';
COMMENT ON COLUMN public.decision_backlog_history.chain_no IS 'From 1, without holes; set by the server.';
COMMENT ON COLUMN public.decision_backlog_history.entry_id IS 'The entry that moved.';
COMMENT ON COLUMN public.decision_backlog_history.from_status IS 'Where it stood; NULL for the first step.';
COMMENT ON COLUMN public.decision_backlog_history.to_status IS 'Where it went.';
COMMENT ON COLUMN public.decision_backlog_history.actor IS 'The actor that the run named.';
COMMENT ON COLUMN public.decision_backlog_history.principal IS 'The role that did it; set by the server.';
COMMENT ON COLUMN public.decision_backlog_history.payload_sha256 IS 'Digest of what the step is about: plan, manifest, change set or verification.';
COMMENT ON COLUMN public.decision_backlog_history.recorded_at IS 'When, by the server''s clock; set by the server.';
COMMENT ON COLUMN public.decision_backlog_history.previous_sha256 IS 'row_sha256 of the step before; 64 zeros for the first; set by the server.';
COMMENT ON COLUMN public.decision_backlog_history.row_sha256 IS 'SHA-256 over this row and previous_sha256; set by the server.';

CREATE TABLE public.decision_backlog_dependency (
  entry_id uuid NOT NULL REFERENCES public.decision_backlog_entry (entry_id),
  kind text NOT NULL CHECK (kind IN ('source_text', 'supersedes', 'reverts')),
  reference text NOT NULL CHECK (reference <> ''),
  PRIMARY KEY (entry_id, kind, reference)
);
COMMENT ON TABLE public.decision_backlog_dependency IS 'What an entry rests on.';
COMMENT ON COLUMN public.decision_backlog_dependency.entry_id IS 'The entry.';
COMMENT ON COLUMN public.decision_backlog_dependency.kind IS 'source_text: the exact text; supersedes, reverts: another entry.';
COMMENT ON COLUMN public.decision_backlog_dependency.reference IS 'SHA-256 of the text, or the id of the other entry.';

CREATE TABLE public.sweep_log (
  entry_id uuid PRIMARY KEY REFERENCES public.decision_backlog_entry (entry_id),
  source_name text NOT NULL,
  reader text NOT NULL,
  profile text NOT NULL,
  granularity text NOT NULL,
  text_sha256 text NOT NULL CHECK (text_sha256 ~ '^[0-9a-f]{64}$'),
  text_chars integer NOT NULL CHECK (text_chars >= 0),
  units integer NOT NULL CHECK (units > 0),
  gaps integer NOT NULL CHECK (gaps >= 0),
  warnings jsonb NOT NULL,
  swept_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE public.sweep_log IS 'What reading the document found.';
COMMENT ON COLUMN public.sweep_log.entry_id IS 'The entry that the reading is for.';
COMMENT ON COLUMN public.sweep_log.source_name IS 'The name the document came under.';
COMMENT ON COLUMN public.sweep_log.reader IS 'The reader that read it.';
COMMENT ON COLUMN public.sweep_log.profile IS 'The structure profile that was detected or named.';
COMMENT ON COLUMN public.sweep_log.granularity IS 'basic or sub.';
COMMENT ON COLUMN public.sweep_log.text_sha256 IS 'SHA-256 of the whole text.';
COMMENT ON COLUMN public.sweep_log.text_chars IS 'Its length in characters.';
COMMENT ON COLUMN public.sweep_log.units IS 'Units found.';
COMMENT ON COLUMN public.sweep_log.gaps IS 'Stretches of text between them that belong to no unit.';
COMMENT ON COLUMN public.sweep_log.warnings IS 'Everything ambiguous: code, line and reason.';
COMMENT ON COLUMN public.sweep_log.swept_at IS 'When it was recorded.';

CREATE TABLE public.manifest_envelope (
  envelope_id uuid PRIMARY KEY,
  entry_id uuid NOT NULL UNIQUE REFERENCES public.decision_backlog_entry (entry_id),
  plan_digest text NOT NULL CHECK (plan_digest ~ '^[0-9a-f]{64}$'),
  text_sha256 text NOT NULL CHECK (text_sha256 ~ '^[0-9a-f]{64}$'),
  unit_blocks integer NOT NULL CHECK (unit_blocks > 0),
  gap_blocks integer NOT NULL CHECK (gap_blocks >= 0),
  sealed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE public.manifest_envelope IS 'The manifest of a cut: what exactly was put up for decision.';
COMMENT ON COLUMN public.manifest_envelope.envelope_id IS 'Key, made by the executor.';
COMMENT ON COLUMN public.manifest_envelope.entry_id IS 'The entry it belongs to.';
COMMENT ON COLUMN public.manifest_envelope.plan_digest IS 'Digest of the plan.';
COMMENT ON COLUMN public.manifest_envelope.text_sha256 IS 'SHA-256 of the whole source text, which the blocks rebuild.';
COMMENT ON COLUMN public.manifest_envelope.unit_blocks IS 'Number of unit blocks.';
COMMENT ON COLUMN public.manifest_envelope.gap_blocks IS 'Number of gap blocks.';
COMMENT ON COLUMN public.manifest_envelope.sealed_at IS 'When it was recorded.';

CREATE TABLE public.manifest_unit_block (
  envelope_id uuid NOT NULL REFERENCES public.manifest_envelope (envelope_id),
  start_char integer NOT NULL CHECK (start_char >= 0),
  end_char integer NOT NULL CHECK (end_char > start_char),
  canonical_address text,
  seq integer,
  title_sha256 bytea,
  body_sha256 bytea,
  gap_text text,
  PRIMARY KEY (envelope_id, start_char),
  CONSTRAINT manifest_unit_block_unit_or_gap
    CHECK ((canonical_address IS NULL) = (gap_text IS NOT NULL) AND (canonical_address IS NULL) = (body_sha256 IS NULL))
);
CREATE UNIQUE INDEX manifest_unit_block_address ON public.manifest_unit_block (envelope_id, canonical_address)
  WHERE canonical_address IS NOT NULL;
COMMENT ON TABLE public.manifest_unit_block IS 'The source text in order, as units and gaps: units by address and hash, gaps by their text.';
COMMENT ON COLUMN public.manifest_unit_block.envelope_id IS 'The manifest.';
COMMENT ON COLUMN public.manifest_unit_block.start_char IS 'First character of the block in the source text.';
COMMENT ON COLUMN public.manifest_unit_block.end_char IS 'One past its last character.';
COMMENT ON COLUMN public.manifest_unit_block.canonical_address IS 'The unit''s address; NULL for a gap.';
COMMENT ON COLUMN public.manifest_unit_block.seq IS 'The unit''s place in the plan, from 1; NULL for a gap.';
COMMENT ON COLUMN public.manifest_unit_block.title_sha256 IS 'SHA-256 of the unit''s title; NULL for a gap.';
COMMENT ON COLUMN public.manifest_unit_block.body_sha256 IS 'SHA-256 of the unit''s body; NULL for a gap.';
COMMENT ON COLUMN public.manifest_unit_block.gap_text IS 'The text of a gap; NULL for a unit.';

CREATE TABLE public.review_decision (
  decision_id uuid PRIMARY KEY,
  envelope_id uuid NOT NULL UNIQUE REFERENCES public.manifest_envelope (envelope_id),
  verdict text NOT NULL CHECK (verdict IN ('approved', 'rejected')),
  decided_by text NOT NULL CHECK (decided_by <> ''),
  reason text NOT NULL DEFAULT '',
  decided_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE public.review_decision IS 'The decision on a manifest; units are enacted for one such decision.';
COMMENT ON COLUMN public.review_decision.decision_id IS 'Key, made by the executor.';
COMMENT ON COLUMN public.review_decision.envelope_id IS 'The manifest that was decided on.';
COMMENT ON COLUMN public.review_decision.verdict IS 'approved or rejected.';
COMMENT ON COLUMN public.review_decision.decided_by IS 'Who decided.';
COMMENT ON COLUMN public.review_decision.reason IS 'Why, in words; may be empty.';
COMMENT ON COLUMN public.review_decision.decided_at IS 'When it was recorded.';

CREATE TABLE public.dot_pair_signature (
  signature_id uuid PRIMARY KEY,
  change_set_id uuid NOT NULL,
  half text NOT NULL CHECK (half IN ('executor', 'verifier')),
  key_id text NOT NULL REFERENCES public.principal_key (key_id),
  payload_sha256 text NOT NULL CHECK (payload_sha256 ~ '^[0-9a-f]{64}$'),
  signature bytea NOT NULL CHECK (octet_length(signature) = 64),
  signed_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (change_set_id, half)
);
COMMENT ON TABLE public.dot_pair_signature IS 'The pair of Ed25519 signatures under a change set: the executor''s half, then the verifier''s.';
COMMENT ON COLUMN public.dot_pair_signature.signature_id IS 'Key, made by the signer.';
COMMENT ON COLUMN public.dot_pair_signature.change_set_id IS 'The change set.';
COMMENT ON COLUMN public.dot_pair_signature.half IS 'executor or verifier; the verifier''s half can be written by cutter_verify only.';
COMMENT ON COLUMN public.dot_pair_signature.key_id IS 'The registered key.';
COMMENT ON COLUMN public.dot_pair_signature.payload_sha256 IS 'SHA-256 of the canonical bytes that were signed.';
COMMENT ON COLUMN public.dot_pair_signature.signature IS 'The 64 bytes of the signature.';
COMMENT ON COLUMN public.dot_pair_signature.signed_at IS 'When it was recorded.';

CREATE TABLE public.cut_change_set (
  change_set_id uuid PRIMARY KEY,
  entry_id uuid NOT NULL UNIQUE REFERENCES public.decision_backlog_entry (entry_id),
  envelope_id uuid NOT NULL REFERENCES public.manifest_envelope (envelope_id),
  decision_id uuid NOT NULL REFERENCES public.review_decision (decision_id),
  document_code text NOT NULL,
  plan_digest text NOT NULL,
  target text NOT NULL,
  attempt integer NOT NULL CHECK (attempt > 0),
  unit_count integer NOT NULL CHECK (unit_count > 0),
  rows_sha256 text NOT NULL CHECK (rows_sha256 ~ '^[0-9a-f]{64}$'),
  actor text NOT NULL CHECK (actor <> ''),
  executor_signature_id uuid NOT NULL REFERENCES public.dot_pair_signature (signature_id),
  verifier_signature_id uuid REFERENCES public.dot_pair_signature (signature_id),
  status text NOT NULL DEFAULT 'cut_applied' CHECK (status IN ('cut_applied', 'verified_complete')),
  applied_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT cut_change_set_verified_is_signed CHECK ((status = 'verified_complete') = (verifier_signature_id IS NOT NULL))
);
COMMENT ON TABLE public.cut_change_set IS 'One cut of one plan into this database.';
COMMENT ON COLUMN public.cut_change_set.change_set_id IS 'UUIDv5 of target, document, plan digest and attempt: the same cut always has the same id.';
COMMENT ON COLUMN public.cut_change_set.entry_id IS 'The backlog entry.';
COMMENT ON COLUMN public.cut_change_set.envelope_id IS 'The manifest.';
COMMENT ON COLUMN public.cut_change_set.decision_id IS 'The decision that allowed it.';
COMMENT ON COLUMN public.cut_change_set.document_code IS 'The document.';
COMMENT ON COLUMN public.cut_change_set.plan_digest IS 'Digest of the plan.';
COMMENT ON COLUMN public.cut_change_set.target IS 'Fingerprint of the database that the cut was made for.';
COMMENT ON COLUMN public.cut_change_set.attempt IS 'From 1.';
COMMENT ON COLUMN public.cut_change_set.unit_count IS 'Units written.';
COMMENT ON COLUMN public.cut_change_set.rows_sha256 IS 'Digest over the affected rows in order.';
COMMENT ON COLUMN public.cut_change_set.actor IS 'The actor that the run named.';
COMMENT ON COLUMN public.cut_change_set.executor_signature_id IS 'The executor''s half of the pair.';
COMMENT ON COLUMN public.cut_change_set.verifier_signature_id IS 'The verifier''s half; NULL until verified.';
COMMENT ON COLUMN public.cut_change_set.status IS 'cut_applied, then verified_complete.';
COMMENT ON COLUMN public.cut_change_set.applied_at IS 'When it was recorded.';

CREATE TABLE public.cut_change_set_affected_row (
  change_set_id uuid NOT NULL REFERENCES public.cut_change_set (change_set_id),
  seq integer NOT NULL CHECK (seq > 0),
  unit_id uuid NOT NULL REFERENCES public.information_unit (id),
  version_id uuid NOT NULL REFERENCES public.unit_version (id),
  action text NOT NULL CHECK (action IN ('created', 'withdrawn')),
  PRIMARY KEY (change_set_id, seq),
  UNIQUE (change_set_id, unit_id)
);
COMMENT ON TABLE public.cut_change_set_affected_row IS 'Which units a change set touched.';
COMMENT ON COLUMN public.cut_change_set_affected_row.change_set_id IS 'The change set.';
COMMENT ON COLUMN public.cut_change_set_affected_row.seq IS 'The unit''s place in the plan, from 1.';
COMMENT ON COLUMN public.cut_change_set_affected_row.unit_id IS 'The unit.';
COMMENT ON COLUMN public.cut_change_set_affected_row.version_id IS 'Its version at that moment.';
COMMENT ON COLUMN public.cut_change_set_affected_row.action IS 'created or withdrawn.';

CREATE TABLE public.verify_result (
  change_set_id uuid PRIMARY KEY REFERENCES public.cut_change_set (change_set_id),
  verdict text NOT NULL CHECK (verdict = 'verified'),
  expected_units integer NOT NULL,
  found_units integer NOT NULL,
  source_sha256 text NOT NULL CHECK (source_sha256 ~ '^[0-9a-f]{64}$'),
  verifier_signature_id uuid NOT NULL REFERENCES public.dot_pair_signature (signature_id),
  verified_by text NOT NULL DEFAULT current_user,
  verified_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT verify_result_all_found CHECK (expected_units = found_units)
);
COMMENT ON TABLE public.verify_result IS 'That the second principal recomputed a change set from the stored bodies and found it right. A failed verification leaves no row: it stops the run.';
COMMENT ON COLUMN public.verify_result.change_set_id IS 'The change set.';
COMMENT ON COLUMN public.verify_result.verdict IS 'verified.';
COMMENT ON COLUMN public.verify_result.expected_units IS 'Units in the plan.';
COMMENT ON COLUMN public.verify_result.found_units IS 'Units found equal.';
COMMENT ON COLUMN public.verify_result.source_sha256 IS 'SHA-256 of the source text as rebuilt from the stored bodies and gaps.';
COMMENT ON COLUMN public.verify_result.verifier_signature_id IS 'The verifier''s half of the pair.';
COMMENT ON COLUMN public.verify_result.verified_by IS 'The role; set by the server.';
COMMENT ON COLUMN public.verify_result.verified_at IS 'When.';

CREATE TABLE public.cut_phase_journal (
  change_set_id uuid NOT NULL,
  phase text NOT NULL CHECK (phase IN
    ('pre_write_backup', 'mark', 'review', 'cut_leg_a', 'leg_b_record', 'write_verify', 'lifecycle_enact')),
  plan_digest text NOT NULL CHECK (plan_digest ~ '^[0-9a-f]{64}$'),
  result jsonb NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  principal text NOT NULL DEFAULT current_user,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT cut_phase_journal_pkey PRIMARY KEY (change_set_id, phase)
);
COMMENT ON TABLE public.cut_phase_journal IS 'That a phase of a change set was committed: written in the phase''s own transaction, so it answers "did that COMMIT happen?".';
COMMENT ON COLUMN public.cut_phase_journal.change_set_id IS 'The change set.';
COMMENT ON COLUMN public.cut_phase_journal.phase IS 'The phase.';
COMMENT ON COLUMN public.cut_phase_journal.plan_digest IS 'Digest of the plan that the phase worked on; a resume must bring the same.';
COMMENT ON COLUMN public.cut_phase_journal.result IS 'The phase''s result, which a resumed run replays.';
COMMENT ON COLUMN public.cut_phase_journal.actor IS 'The actor that the run named.';
COMMENT ON COLUMN public.cut_phase_journal.principal IS 'The role; set by the server.';
COMMENT ON COLUMN public.cut_phase_journal.recorded_at IS 'When, by the server''s clock.';

-- What the ledger's tables refuse, whoever asks: no DELETE, no TRUNCATE, and no UPDATE but the named steps.

CREATE FUNCTION public.fn_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% on % refused: it is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'IU002';
END $$;
COMMENT ON FUNCTION public.fn_append_only() IS 'Trigger: refuses to change what is kept for ever. Code IU002.';

DO $$
DECLARE
  ledger_table text;
  forbidden text;
BEGIN
  FOREACH ledger_table IN ARRAY ARRAY['decision_backlog_entry', 'decision_backlog_history', 'decision_backlog_dependency',
      'sweep_log', 'manifest_envelope', 'manifest_unit_block', 'review_decision', 'dot_pair_signature', 'cut_change_set',
      'cut_change_set_affected_row', 'verify_result', 'cut_phase_journal'] LOOP
    forbidden := CASE WHEN ledger_table IN ('decision_backlog_entry', 'cut_change_set') THEN 'DELETE' ELSE 'UPDATE OR DELETE' END;
    EXECUTE format('CREATE TRIGGER append_only BEFORE %s ON public.%I FOR EACH ROW EXECUTE FUNCTION public.fn_append_only()',
      forbidden, ledger_table);
    EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.%I EXECUTE FUNCTION public.fn_append_only()',
      ledger_table);
  END LOOP;
END $$;

CREATE FUNCTION public.fn_entry_step() RETURNS trigger
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
COMMENT ON FUNCTION public.fn_entry_step() IS 'Trigger: legal steps of a backlog entry (IU003), each by the principal that may take it (IU004).';
CREATE TRIGGER legal_step BEFORE INSERT OR UPDATE ON public.decision_backlog_entry
  FOR EACH ROW EXECUTE FUNCTION public.fn_entry_step();

-- Without the first half of this, an executor could insert a change set that calls itself verified.
CREATE FUNCTION public.fn_change_set_step() RETURNS trigger
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
COMMENT ON FUNCTION public.fn_change_set_step() IS 'Trigger: a change set begins unverified, on a decision of its own (IU003, IU004), and changes once, when it is verified (IU002).';
CREATE TRIGGER legal_step BEFORE INSERT OR UPDATE ON public.cut_change_set
  FOR EACH ROW EXECUTE FUNCTION public.fn_change_set_step();

-- Once a statement, not once a row: a cut may have 100,000.
CREATE FUNCTION public.fn_sealed() RETURNS trigger
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
COMMENT ON FUNCTION public.fn_sealed() IS 'Trigger: nothing is added to a manifest that is decided on, nor to a change set that is verified (IU002).';
CREATE TRIGGER sealed AFTER INSERT ON public.manifest_unit_block
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.fn_sealed();
CREATE TRIGGER sealed AFTER INSERT ON public.cut_change_set_affected_row
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.fn_sealed();

-- The verifier writes its half of VERIFY and nothing else; the executor can not write that half. Role and time are the server's.
CREATE FUNCTION public.fn_own_half() RETURNS trigger
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
COMMENT ON FUNCTION public.fn_own_half() IS 'Trigger: each principal writes its own half of signatures, journal, history and results, with a key of its own (IU004).';
CREATE TRIGGER own_half BEFORE INSERT ON public.dot_pair_signature FOR EACH ROW EXECUTE FUNCTION public.fn_own_half();
CREATE TRIGGER own_half BEFORE INSERT ON public.cut_phase_journal FOR EACH ROW EXECUTE FUNCTION public.fn_own_half();
CREATE TRIGGER own_half BEFORE INSERT ON public.decision_backlog_history FOR EACH ROW EXECUTE FUNCTION public.fn_own_half();
CREATE TRIGGER own_half BEFORE INSERT ON public.verify_result FOR EACH ROW EXECUTE FUNCTION public.fn_own_half();

CREATE FUNCTION public.fn_history_sha256(h public.decision_backlog_history) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT encode(sha256(convert_to(concat_ws(E'\x1f', h.previous_sha256, h.document_code, h.chain_no, h.entry_id,
    coalesce(h.from_status, ''), h.to_status, encode(sha256(convert_to(h.actor, 'UTF8')), 'hex'), h.principal, h.payload_sha256,
    (extract(epoch FROM h.recorded_at) * 1000000)::bigint), 'UTF8')), 'hex')
$$;
COMMENT ON FUNCTION public.fn_history_sha256(public.decision_backlog_history) IS 'The hash of a history row; domain/ledger/signed.py computes the same.';

CREATE FUNCTION public.fn_history_chain() RETURNS trigger
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
COMMENT ON FUNCTION public.fn_history_chain() IS 'Trigger: chains each history row to the one before, for a step that was taken (IU003).';
CREATE TRIGGER zz_chain BEFORE INSERT ON public.decision_backlog_history FOR EACH ROW EXECUTE FUNCTION public.fn_history_chain();

-- Draft to enacted, for one decision; and either to withdrawn, for the decision of a revert.

CREATE FUNCTION public.fn_iu_enact(canonical_address text, review_decision_id uuid, actor text, OUT status text, OUT unit_id uuid)
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
COMMENT ON FUNCTION public.fn_iu_enact(text, uuid, text)
  IS 'Moves one draft unit to enacted, for a decision whose change set is verified. Only the status "enacted" is success.';

CREATE FUNCTION public.fn_iu_withdraw(
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
COMMENT ON FUNCTION public.fn_iu_withdraw(uuid, uuid, text, uuid, text)
  IS 'Moves one unit to withdrawn, for the reviewed revert of its change set; deletes nothing. Only the status "withdrawn" is success; every other wrote nothing.';

-- What a revert rests on: exactly one cut of the same document, named when the revert's entry is opened and never later.

CREATE FUNCTION public.fn_revert_rests_on() RETURNS trigger
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
COMMENT ON FUNCTION public.fn_revert_rests_on()
  IS 'Trigger: only an entry of the kind revert that is just being opened reverts, and one cut of its document that has written units (IU003).';
CREATE TRIGGER revert_rests_on BEFORE INSERT ON public.decision_backlog_dependency
  FOR EACH ROW WHEN (NEW.kind = 'reverts') EXECUTE FUNCTION public.fn_revert_rests_on();

-- Approvers, their approvals, the single-use permit that two of them open, and the halt that stands over all permits.
-- The server can not check an Ed25519 signature: the executor does before it opens a permit, and the verifier again before it
-- signs. Everything else about an approval is held here, against this server's own clock, tables and name.

CREATE TABLE public.approver_key (
  key_id text PRIMARY KEY,
  person text NOT NULL CHECK (btrim(person) <> ''),
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
  gates text[] NOT NULL CHECK (gates <@ ARRAY['SG_1', 'SG_2', 'SG_3'] AND cardinality(gates) > 0),
  valid_from timestamptz NOT NULL DEFAULT now(),
  valid_until timestamptz NOT NULL,
  registered_by text NOT NULL CHECK (btrim(registered_by) <> ''),
  registered_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz,
  CONSTRAINT approver_key_names_itself CHECK (key_id = encode(sha256(public_key), 'hex')),
  CONSTRAINT approver_key_validity CHECK (valid_from < valid_until)
);
COMMENT ON TABLE public.approver_key IS 'Public Ed25519 keys of the people who may approve, registered by an administrator.';
COMMENT ON COLUMN public.approver_key.key_id IS 'SHA-256 of the raw public key, hexadecimal.';
COMMENT ON COLUMN public.approver_key.person IS 'Whose key it is; two keys of one person are still one person.';
COMMENT ON COLUMN public.approver_key.public_key IS 'The raw 32 bytes.';
COMMENT ON COLUMN public.approver_key.gates IS 'Which sovereign gates this person may sign for.';
COMMENT ON COLUMN public.approver_key.valid_from IS 'From when on it counts.';
COMMENT ON COLUMN public.approver_key.valid_until IS 'Until when it counts.';
COMMENT ON COLUMN public.approver_key.registered_by IS 'The administrator who registered it.';
COMMENT ON COLUMN public.approver_key.registered_at IS 'When that was.';
COMMENT ON COLUMN public.approver_key.retired_at IS 'Since when it does not count any more; NULL while it does.';

CREATE TABLE public.cut_permit (
  permit_id uuid PRIMARY KEY,
  change_set_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('cut', 'revert')),
  document_code text NOT NULL CHECK (document_code <> ''),
  plan_digest text NOT NULL CHECK (plan_digest ~ '^[0-9a-f]{64}$'),
  effect_digest text NOT NULL CHECK (effect_digest ~ '^[0-9a-f]{64}$'),
  submitter text NOT NULL CHECK (btrim(submitter) <> ''),
  opened_at timestamptz NOT NULL,
  execute_by timestamptz NOT NULL,
  used_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  revoke_reason text,
  CONSTRAINT cut_permit_ends_once CHECK (used_at IS NULL OR revoked_at IS NULL),
  CONSTRAINT cut_permit_revoked_by_somebody
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoke_reason IS NULL))
);
CREATE UNIQUE INDEX cut_permit_one ON public.cut_permit (change_set_id) WHERE revoked_at IS NULL;
COMMENT ON TABLE public.cut_permit IS 'Leave for one change set to run once, until a time. Every live transaction locks its row and checks it.';
COMMENT ON COLUMN public.cut_permit.permit_id IS 'Key, made by the executor.';
COMMENT ON COLUMN public.cut_permit.change_set_id IS 'The one change set that may run; it has one permit that is not revoked.';
COMMENT ON COLUMN public.cut_permit.kind IS 'cut or revert.';
COMMENT ON COLUMN public.cut_permit.document_code IS 'The document.';
COMMENT ON COLUMN public.cut_permit.plan_digest IS 'The plan that was approved.';
COMMENT ON COLUMN public.cut_permit.effect_digest IS 'The effect that was approved; a run with another ends before its last COMMIT.';
COMMENT ON COLUMN public.cut_permit.submitter IS 'Who started the run; not one of the approvers.';
COMMENT ON COLUMN public.cut_permit.opened_at IS 'When both approvals were accepted.';
COMMENT ON COLUMN public.cut_permit.execute_by IS 'Until when the run may commit: the earlier of the two approvals.';
COMMENT ON COLUMN public.cut_permit.used_at IS 'When its change set was finished; NULL before.';
COMMENT ON COLUMN public.cut_permit.revoked_at IS 'When it was taken back; NULL otherwise.';
COMMENT ON COLUMN public.cut_permit.revoked_by IS 'Who took it back.';
COMMENT ON COLUMN public.cut_permit.revoke_reason IS 'Why.';

CREATE TABLE public.cut_approval (
  nonce text PRIMARY KEY CHECK (nonce ~ '^[0-9a-f]{32}$'),
  permit_id uuid NOT NULL REFERENCES public.cut_permit (permit_id),
  gate text NOT NULL CHECK (gate IN ('SG_1', 'SG_2', 'SG_3')),
  person text NOT NULL,
  key_id text NOT NULL REFERENCES public.approver_key (key_id),
  payload bytea NOT NULL,
  signature bytea NOT NULL CHECK (octet_length(signature) = 64),
  UNIQUE (permit_id, gate),
  UNIQUE (permit_id, key_id)
);
COMMENT ON TABLE public.cut_approval IS 'The signed approvals that opened a permit, byte for byte, so that they can be verified for ever.';
COMMENT ON COLUMN public.cut_approval.nonce IS 'A number used once: the same approval can not open two permits.';
COMMENT ON COLUMN public.cut_approval.permit_id IS 'The permit that it opened.';
COMMENT ON COLUMN public.cut_approval.gate IS 'SG_1 authorises the plan, SG_2 releases it for this run, SG_3 authorises a revert.';
COMMENT ON COLUMN public.cut_approval.person IS 'The approver.';
COMMENT ON COLUMN public.cut_approval.key_id IS 'The approver''s key.';
COMMENT ON COLUMN public.cut_approval.payload IS 'The exact bytes of the statement.';
COMMENT ON COLUMN public.cut_approval.signature IS 'The 64 bytes of the signature over them (DSSE pre-authentication encoding).';

CREATE TABLE public.cut_halt (
  halt_no bigint PRIMARY KEY,
  halted_by text NOT NULL CHECK (halted_by ~ '\S'),
  reason text NOT NULL CHECK (reason ~ '\S'),
  halted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  lifted_by text CHECK (lifted_by ~ '\S'),
  lift_reason text CHECK (lift_reason ~ '\S'),
  lifted_at timestamptz,
  CONSTRAINT cut_halt_lifted_by_somebody CHECK ((lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lift_reason IS NULL))
);
COMMENT ON TABLE public.cut_halt IS 'Every halt: while one is in force no permit opens and no phase commits.';
COMMENT ON COLUMN public.cut_halt.halt_no IS 'From 1.';
COMMENT ON COLUMN public.cut_halt.halted_by IS 'Who stopped everything.';
COMMENT ON COLUMN public.cut_halt.reason IS 'Why.';
COMMENT ON COLUMN public.cut_halt.halted_at IS 'When, by the server''s clock.';
COMMENT ON COLUMN public.cut_halt.lifted_by IS 'Who lifted it; NULL while it is in force.';
COMMENT ON COLUMN public.cut_halt.lift_reason IS 'Why it was lifted.';
COMMENT ON COLUMN public.cut_halt.lifted_at IS 'When it was lifted.';

CREATE FUNCTION public.fn_ends_once() RETURNS trigger
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
COMMENT ON FUNCTION public.fn_ends_once() IS 'Trigger: a key is retired, a permit used or revoked and a halt lifted once, and nothing else of them changes (IU002).';
CREATE TRIGGER ends_once BEFORE UPDATE ON public.approver_key FOR EACH ROW EXECUTE FUNCTION public.fn_ends_once();
CREATE TRIGGER ends_once BEFORE UPDATE ON public.cut_permit FOR EACH ROW EXECUTE FUNCTION public.fn_ends_once();
CREATE TRIGGER ends_once BEFORE UPDATE ON public.cut_halt FOR EACH ROW EXECUTE FUNCTION public.fn_ends_once();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON public.cut_approval FOR EACH ROW EXECUTE FUNCTION public.fn_append_only();
CREATE TRIGGER append_only BEFORE DELETE ON public.approver_key FOR EACH ROW EXECUTE FUNCTION public.fn_append_only();
CREATE TRIGGER append_only BEFORE DELETE ON public.cut_permit FOR EACH ROW EXECUTE FUNCTION public.fn_append_only();
CREATE TRIGGER append_only BEFORE DELETE ON public.cut_halt FOR EACH ROW EXECUTE FUNCTION public.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.cut_approval EXECUTE FUNCTION public.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.approver_key EXECUTE FUNCTION public.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.cut_permit EXECUTE FUNCTION public.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.cut_halt EXECUTE FUNCTION public.fn_append_only();

CREATE FUNCTION public.fn_permit_fence(change_set_id uuid, phase text, plan_digest text, closing boolean, OUT status text)
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
COMMENT ON FUNCTION public.fn_permit_fence(uuid, text, text, boolean)
  IS 'First and last in every live transaction: locks the permit''s row against revocation and says whether the phase may commit.';

CREATE FUNCTION public.fn_journal_fence() RETURNS trigger
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
COMMENT ON FUNCTION public.fn_journal_fence() IS 'Trigger: no phase is recorded without an open permit, whatever the program does (IU006), and the last phase uses it up.';
CREATE TRIGGER permit_fence BEFORE INSERT ON public.cut_phase_journal FOR EACH ROW EXECUTE FUNCTION public.fn_journal_fence();

CREATE FUNCTION public.fn_person(name text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp
RETURN lower(btrim(regexp_replace(normalize(name, NFKC), '\s+', ' ', 'g')));
COMMENT ON FUNCTION public.fn_person(text) IS 'A person''s name without what makes no other person: case, form and spacing.';

CREATE FUNCTION public.fn_permit_open(permit_id uuid, payloads bytea[], signatures bytea[], OUT status text)
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
COMMENT ON FUNCTION public.fn_permit_open(uuid, bytea[], bytea[])
  IS 'Opens the permit of a change set with two approvals, whose nonces it uses up. Only the status "opened" is success; every other wrote nothing.';

CREATE FUNCTION public.fn_halt(halted_by text, reason text, OUT halt_no bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  LOCK TABLE public.cut_halt IN SHARE ROW EXCLUSIVE MODE;  -- for the number; a halt waits for nothing but another halt
  SELECT coalesce(max(h.halt_no), 0) + 1 INTO halt_no FROM public.cut_halt h;
  INSERT INTO public.cut_halt (halt_no, halted_by, reason) VALUES (halt_no, halted_by, reason);
END $$;
COMMENT ON FUNCTION public.fn_halt(text, text) IS 'Halts everything from its COMMIT on: no permit opens, and no phase passes its fence.';

CREATE FUNCTION public.fn_permits_revoke(revoked_by text, reason text, OUT revoked bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('iu-cutter halt', 0));  -- waits for permits that are just being opened
  UPDATE public.cut_permit p SET revoked_at = clock_timestamp(), revoked_by = revoked_by, revoke_reason = reason
    WHERE p.revoked_at IS NULL AND p.used_at IS NULL;
  GET DIAGNOSTICS revoked = ROW_COUNT;
END $$;
COMMENT ON FUNCTION public.fn_permits_revoke(text, text)
  IS 'Takes back every open permit. Waits for phases in flight and permits that are just being opened: after its COMMIT no phase of theirs can commit.';

CREATE FUNCTION public.fn_halt_lift(lifted_by text, reason text, OUT lifted bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  UPDATE public.cut_halt h SET lifted_by = lifted_by, lift_reason = reason, lifted_at = clock_timestamp() WHERE h.lifted_at IS NULL;
  GET DIAGNOSTICS lifted = ROW_COUNT;
END $$;
COMMENT ON FUNCTION public.fn_halt_lift(text, text) IS 'Lifts every halt in force, for a named reason. Revoked permits stay revoked.';

-- The server itself refuses a COMMIT by the rehearsal's login, whatever the program does.
-- Every write to units or ledger by that login leaves a row here, and a deferred constraint refuses any row here at COMMIT.

CREATE TABLE public.rehearsal_mark (transaction_id xid8 PRIMARY KEY DEFAULT pg_current_xact_id());
COMMENT ON TABLE public.rehearsal_mark IS 'Always empty to others: a row stands for a rehearsal''s open transaction, and no transaction with a row can commit.';
COMMENT ON COLUMN public.rehearsal_mark.transaction_id IS 'The transaction that wrote something and must be rolled back.';

CREATE FUNCTION public.fn_rehearsal_never_commits() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a rehearsal never commits' USING ERRCODE = 'IU005', HINT = 'Roll back.';
END $$;
COMMENT ON FUNCTION public.fn_rehearsal_never_commits() IS 'Constraint trigger at COMMIT: refuses it. Code IU005.';
CREATE CONSTRAINT TRIGGER rehearsal_never_commits AFTER INSERT OR UPDATE ON public.rehearsal_mark
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.fn_rehearsal_never_commits();

-- With the owner's rights: the principals themselves can not write a mark, nor take one away.
CREATE FUNCTION public.fn_rehearsal_mark() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF session_user = 'cutter_rehearse' THEN
    INSERT INTO public.rehearsal_mark DEFAULT VALUES ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION public.fn_rehearsal_mark() IS 'Trigger: marks what a rehearsal writes, so that it can not be committed.';

-- Once a statement. The two unit tables mark in fn_canonical_writer_only, which fires there for every row anyhow.
DO $$
DECLARE
  ledger_table text;
BEGIN
  FOREACH ledger_table IN ARRAY ARRAY['decision_backlog_entry', 'decision_backlog_history', 'decision_backlog_dependency',
      'sweep_log', 'manifest_envelope', 'manifest_unit_block', 'review_decision', 'dot_pair_signature', 'cut_change_set',
      'cut_change_set_affected_row', 'verify_result', 'cut_phase_journal', 'approver_key', 'cut_permit', 'cut_approval',
      'cut_halt'] LOOP
    EXECUTE format('CREATE TRIGGER rehearsal_mark AFTER INSERT OR UPDATE ON public.%I'
      ' FOR EACH STATEMENT EXECUTE FUNCTION public.fn_rehearsal_mark()', ledger_table);
  END LOOP;
END $$;

-- What became of each restore drill: a backup brought back into a throwaway server and compared with its manifest.

CREATE TABLE public.restore_proof (
  proof_id uuid PRIMARY KEY,
  target text NOT NULL CHECK (target <> ''),
  backup text NOT NULL CHECK (backup <> ''),
  backup_sha256 text NOT NULL CHECK (backup_sha256 ~ '^([0-9a-f]{64})?$'),
  manifest_sha256 text NOT NULL CHECK (manifest_sha256 ~ '^([0-9a-f]{64})?$'),
  snapshot_at timestamptz,
  verdict text NOT NULL CHECK (verdict IN ('proven', 'refuted')),
  findings text[] NOT NULL,
  table_count integer NOT NULL CHECK (table_count >= 0),
  row_count bigint NOT NULL CHECK (row_count >= 0),
  actor text NOT NULL CHECK (btrim(actor) <> ''),
  principal text NOT NULL DEFAULT current_user,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT restore_proof_says_why CHECK ((verdict = 'proven') = (cardinality(findings) = 0)),
  CONSTRAINT restore_proof_proves_something CHECK (verdict = 'refuted' OR (backup_sha256 <> '' AND manifest_sha256 <> ''
    AND table_count > 0 AND snapshot_at IS NOT NULL AND snapshot_at <= recorded_at))
);
COMMENT ON TABLE public.restore_proof IS 'Restore drills: which backup of this database was brought back, by whom, and whether all came back as it was.';
COMMENT ON COLUMN public.restore_proof.proof_id IS 'Key, made by the drill.';
COMMENT ON COLUMN public.restore_proof.target IS 'Fingerprint of the database that the backup is of.';
COMMENT ON COLUMN public.restore_proof.backup IS 'Name of the backup''s file.';
COMMENT ON COLUMN public.restore_proof.backup_sha256 IS 'SHA-256 of the file; empty if it could not be read.';
COMMENT ON COLUMN public.restore_proof.manifest_sha256 IS 'SHA-256 of the manifest beside it; empty if there is none to be believed.';
COMMENT ON COLUMN public.restore_proof.snapshot_at IS 'The moment whose data the backup holds, by its manifest; NULL if that is not to be believed.';
COMMENT ON COLUMN public.restore_proof.verdict IS 'proven: all came back as it was; refuted: something did not, or nothing did.';
COMMENT ON COLUMN public.restore_proof.findings IS 'Each difference, one sentence each; empty if proven.';
COMMENT ON COLUMN public.restore_proof.table_count IS 'Tables that were compared.';
COMMENT ON COLUMN public.restore_proof.row_count IS 'Rows that were compared.';
COMMENT ON COLUMN public.restore_proof.actor IS 'Who ran the drill, as the drill says.';
COMMENT ON COLUMN public.restore_proof.principal IS 'The role; set by the server.';
COMMENT ON COLUMN public.restore_proof.recorded_at IS 'When, by the server''s clock.';
CREATE INDEX restore_proof_of_target ON public.restore_proof (target, recorded_at);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON public.restore_proof
  FOR EACH ROW EXECUTE FUNCTION public.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.restore_proof EXECUTE FUNCTION public.fn_append_only();

CREATE FUNCTION public.fn_restore_proof() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF current_user <> 'cutter_verify' THEN
    RAISE EXCEPTION '% can not write this row of restore_proof', current_user USING ERRCODE = 'IU004';
  END IF;
  NEW.principal := current_user;
  NEW.recorded_at := clock_timestamp();
  RETURN NEW;
END $$;
COMMENT ON FUNCTION public.fn_restore_proof() IS 'Trigger: only the verifier says what was proven (IU004); role and time are the server''s.';
CREATE TRIGGER own_half BEFORE INSERT ON public.restore_proof FOR EACH ROW EXECUTE FUNCTION public.fn_restore_proof();

RESET ROLE;
