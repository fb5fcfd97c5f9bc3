-- The reference implementation of revisions: new versions of units that stand, units that are added or repealed, and where texts came
-- from. A version is written as a draft that nobody stands at; enacting moves its unit to it, and a revert moves the unit back.

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
  FOR EACH STATEMENT EXECUTE FUNCTION public.fn_canonical_writer_only();
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
      unit_kind, section_type, parent_id, publication_type, owner_ref)
    SELECT version_id, unit_id, (SELECT max(w.version_no) + 1 FROM public.unit_version w WHERE w.unit_id = unit.id), title, body,
        sha256(convert_to(body, 'UTF8')), actor, state, in_force_from, base_version_id, unit_kind, section_type, parent,
        v.publication_type, v.owner_ref
      FROM public.unit_version v WHERE v.id = base_version_id;
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

CREATE FUNCTION public.fn_iu_restate(version_id uuid, publication_type text, owner_ref text, actor text, OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  document text;
BEGIN
  SELECT u.document_code INTO document FROM public.unit_version v JOIN public.information_unit u ON u.id = v.unit_id
    WHERE v.id = version_id AND v.replaces IS NOT NULL;
  status := CASE
    WHEN coalesce(btrim(actor), '') = '' THEN 'actor: empty'
    WHEN coalesce(btrim(owner_ref), '') = '' THEN 'owner_ref: empty'
    WHEN NOT EXISTS (SELECT FROM public.iu_vocabulary w WHERE w.axis = 'publication_type' AND w.code = publication_type)
      THEN 'publication_type: unknown ' || coalesce(publication_type, 'NULL')
    WHEN document IS NULL THEN 'version: it replaces none'
    WHEN NOT cutter.fn_revision_released(document) THEN 'permit: none is open for a revision of ' || document
    WHEN EXISTS (SELECT FROM cutter.cut_change_set_affected_row r WHERE r.version_id = fn_iu_restate.version_id)
      THEN 'version: it is on record already'
  END;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('app.canonical_writer', 'fn_iu_revise', true);
  UPDATE public.unit_version v SET publication_type = fn_iu_restate.publication_type, owner_ref = fn_iu_restate.owner_ref
    WHERE v.id = version_id;
  PERFORM set_config('app.canonical_writer', '', true);
  status := 'restated';
END $$;
COMMENT ON FUNCTION public.fn_iu_restate(uuid, text, text, text)
  IS 'Says of a new version what its document is and who answers for it, before it is on record. Only the status "restated" is success.';

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

CREATE FUNCTION cutter.fn_iu_restate(version_id uuid, publication_type text, owner_ref text, actor text, OUT status text)
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  status := public.fn_iu_restate(version_id, publication_type, owner_ref, actor);
END $$;
COMMENT ON FUNCTION cutter.fn_iu_restate(uuid, text, text, text)
  IS 'Port: gives a new version another publication type and owner. Only the status "restated" is success.';

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
