-- The reference implementation of information units: units and their versions, the controlled vocabularies, and the guards around
-- them. One implementation among others: cutter reads and writes units through the port only (schema_80_port.sql).

CREATE TABLE public.iu_vocabulary (
  axis text NOT NULL CHECK (axis IN ('unit_kind', 'section_type', 'publication_type')),
  code text NOT NULL CHECK (code <> ''),
  PRIMARY KEY (axis, code)
);
COMMENT ON TABLE public.iu_vocabulary IS 'Controlled words that a unit may use.';
COMMENT ON COLUMN public.iu_vocabulary.axis IS 'Which column of information_unit the word is for.';
COMMENT ON COLUMN public.iu_vocabulary.code IS 'The word.';

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
CREATE INDEX information_unit_document ON public.information_unit (document_code, canonical_address);
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
  state text NOT NULL DEFAULT 'text' CHECK (state IN ('text', 'repealed', 'suspended')),
  in_force_from date,
  replaces uuid REFERENCES public.unit_version (id),
  unit_kind text,
  section_type text,
  parent_id uuid REFERENCES public.information_unit (id),
  publication_type text,
  owner_ref text,
  UNIQUE (unit_id, version_no),
  -- A first version is placed as its unit is; every later one says where it stands.
  CONSTRAINT unit_version_placed CHECK ((replaces IS NULL) = (unit_kind IS NULL) AND (replaces IS NULL) = (section_type IS NULL)
    AND (replaces IS NOT NULL OR parent_id IS NULL) AND replaces IS DISTINCT FROM id AND parent_id IS DISTINCT FROM unit_id)
);
CREATE INDEX unit_version_parent ON public.unit_version (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX unit_version_replaces ON public.unit_version (replaces) WHERE replaces IS NOT NULL;
COMMENT ON TABLE public.unit_version IS 'The text of a unit as it stood from some moment on. Nothing of it is changed or taken away.';
COMMENT ON COLUMN public.unit_version.id IS 'Key.';
COMMENT ON COLUMN public.unit_version.unit_id IS 'The unit that this is the text of.';
COMMENT ON COLUMN public.unit_version.version_no IS 'From 1, without holes.';
COMMENT ON COLUMN public.unit_version.title IS 'The printed heading.';
COMMENT ON COLUMN public.unit_version.body IS 'The unit''s own stretch of the source text, every character of it.';
COMMENT ON COLUMN public.unit_version.body_sha256 IS 'SHA-256 of the body when it was written; verification recomputes it and does not trust it.';
COMMENT ON COLUMN public.unit_version.actor IS 'Who wrote it.';
COMMENT ON COLUMN public.unit_version.created_at IS 'When it was written.';
COMMENT ON COLUMN public.unit_version.state IS 'text; repealed, from when on nothing stands at the address; or suspended.';
COMMENT ON COLUMN public.unit_version.in_force_from IS 'From which day on the text is in force; NULL is unknown, and never guessed.';
COMMENT ON COLUMN public.unit_version.replaces IS 'The version that the unit stood at when this one was made; NULL for the first.';
COMMENT ON COLUMN public.unit_version.unit_kind IS 'The unit''s kind from this version on; NULL in a first version, which has the unit''s.';
COMMENT ON COLUMN public.unit_version.section_type IS 'The unit''s section type from this version on; NULL in a first version, which has the unit''s.';
COMMENT ON COLUMN public.unit_version.parent_id IS 'The unit that contains it from this version on; a first version has the unit''s own.';
COMMENT ON COLUMN public.unit_version.publication_type IS 'What the document is from this version on; NULL where that is as the unit has it.';
COMMENT ON COLUMN public.unit_version.owner_ref IS 'Who answers for the unit from this version on; NULL where that is as the unit has it.';

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

-- Once a statement: no statement writes rows that came through a canonical writer beside others that did not.
-- The condition stands in the function and not in WHEN: the server would parse a WHEN anew for every row of fn_iu_create.
-- No SET clause for the same reason; every name in it is qualified.
CREATE FUNCTION public.fn_canonical_writer_only() RETURNS trigger
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
  RETURN NULL;
END $$;
COMMENT ON FUNCTION public.fn_canonical_writer_only()
  IS 'Trigger: refuses what did not come through a canonical writer (IU001), and marks what a rehearsal writes.';

CREATE TRIGGER canonical_writer_only BEFORE INSERT OR UPDATE ON public.information_unit
  FOR EACH STATEMENT EXECUTE FUNCTION public.fn_canonical_writer_only();
CREATE TRIGGER canonical_writer_only BEFORE INSERT OR UPDATE ON public.unit_version
  FOR EACH STATEMENT EXECUTE FUNCTION public.fn_canonical_writer_only();
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
    WHEN NOT cutter.fn_is_address(canonical_address) THEN 'canonical_address: not an address'
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
COMMENT ON FUNCTION public.fn_iu_create(text, text, text, text, text, text, text, text, text)
  IS 'Sole writer of new units: one unit and its first version. Only the status "created" is success; every other status wrote nothing.';
