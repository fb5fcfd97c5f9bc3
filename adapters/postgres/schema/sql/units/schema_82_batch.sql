-- Many units in one statement each. A batch is written as a set only where one look shows that the function for one unit would answer
-- "created" or "enacted" for every row of it; otherwise that function is called row by row, so that each status is the contract's own.

-- Planned with the arrays at hand each time: a plan for any arrays takes them for short ones, and joins them row by row.
CREATE FUNCTION public.fn_iu_creates_all(
  addresses text[], titles text[], bodies text[], actor text, unit_kinds text[], section_types text[],
  publication_types text[], owner_refs text[], parent_refs text[]
) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  document text := split_part(split_part(addresses[1], '~', 1), '!', 1);
BEGIN
  -- Arrays of other lengths would be filled up with NULLs. Bodies are looked at as they lie: whether one is missing is all that is asked.
  IF coalesce(btrim(actor), '') = '' OR EXISTS (SELECT FROM (SELECT unnest(bodies) AS body) b WHERE b.body IS NULL)
      OR (SELECT count(*) <> 8 FROM unnest(ARRAY[cardinality(addresses), cardinality(titles), cardinality(bodies),
        cardinality(unit_kinds), cardinality(section_types), cardinality(publication_types), cardinality(owner_refs),
        cardinality(parent_refs)]) AS n WHERE n = cardinality(addresses))
      OR NOT coalesce((SELECT count(DISTINCT t.address) = count(*)
      AND bool_and((cutter.fn_is_address(t.address) AND btrim(t.title) <> '' AND btrim(t.owner_ref) <> ''
        AND split_part(split_part(t.address, '~', 1), '!', 1) = document
        AND (t.parent_ref IS NULL OR left(t.parent_ref, length(document) + 1) IN (document || '~', document || '!'))) IS TRUE)
      FROM unnest(addresses, titles, owner_refs, parent_refs) AS t (address, title, owner_ref, parent_ref)), false) THEN
    RETURN false;
  END IF;
  IF EXISTS (SELECT FROM (SELECT DISTINCT t.unit_kind, t.section_type, t.publication_type
        FROM unnest(addresses, unit_kinds, section_types, publication_types) AS t (address, unit_kind, section_type, publication_type)) w
      CROSS JOIN LATERAL (VALUES ('unit_kind', w.unit_kind), ('section_type', w.section_type),
        ('publication_type', w.publication_type)) AS a (axis, code)
      WHERE NOT EXISTS (SELECT FROM public.iu_vocabulary v WHERE v.axis = a.axis AND v.code = a.code)) THEN
    RETURN false;
  END IF;
  -- No address lives already; each parent does, or comes earlier in the batch. Each is looked up by itself, in a query that no planner
  -- makes a join of: a join may read every unit that is there once for each batch, and a long document is many batches.
  RETURN NOT EXISTS (SELECT FROM unnest(addresses) AS t (address)
      WHERE (SELECT u.id FROM public.information_unit u
        WHERE u.canonical_address = t.address AND u.lifecycle <> 'withdrawn') IS NOT NULL)
    AND NOT EXISTS (SELECT FROM unnest(parent_refs) WITH ORDINALITY AS t (parent_ref, ord)
      LEFT JOIN unnest(addresses) WITH ORDINALITY AS p (address, ord) ON p.address = t.parent_ref AND p.ord < t.ord
      WHERE t.parent_ref IS NOT NULL AND p.ord IS NULL AND (SELECT u.id FROM public.information_unit u
        WHERE u.canonical_address = t.parent_ref AND u.lifecycle <> 'withdrawn') IS NULL);
END $$;
COMMENT ON FUNCTION public.fn_iu_creates_all(text[], text[], text[], text, text[], text[], text[], text[], text[])
  IS 'Whether fn_iu_create would answer "created" for every row, one after the other, under an open permit; for fn_iu_create_batch alone.';

CREATE FUNCTION public.fn_iu_create_batch(
  addresses text[], titles text[], bodies text[], actor text, unit_kinds text[], section_types text[],
  publication_types text[], owner_refs text[], parent_refs text[]
) RETURNS TABLE (canonical_address text, status text, unit_id uuid, version_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
  document text := split_part(split_part(addresses[1], '~', 1), '!', 1);
  units uuid[];
  versions uuid[];
  parents uuid[];
  seed bytea;
  written bigint;
BEGIN
  IF cutter.fn_document_released(document) THEN
    -- Every writer of the document holds this lock, so that what is seen now stays true until the rows are written.
    PERFORM pg_advisory_xact_lock(hashtextextended('fn_iu_create:' || document, 0));
    IF public.fn_iu_creates_all(addresses, titles, bodies, actor, unit_kinds, section_types, publication_types, owner_refs,
        parent_refs) THEN
      -- Ids of version 4 from one seed: a server that is built without OpenSSL opens /dev/urandom for each that it is asked for.
      seed := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
      SELECT array_agg(left(d.hex, 32)::uuid), array_agg(right(d.hex, 32)::uuid) INTO units, versions
        FROM (SELECT encode(set_byte(set_byte(set_byte(set_byte(
            sha256(seed || int4send(n)), 6, 64), 8, 128), 22, 64), 24, 128), 'hex') AS hex
          FROM generate_series(1, cardinality(addresses)) AS n OFFSET 0) AS d;
      -- A parent that is no part of the batch is looked up by itself: a join would read every unit that is there once for each batch.
      SELECT array_agg(coalesce(p.unit, (SELECT u.id FROM public.information_unit u
          WHERE u.canonical_address = t.parent_ref AND u.lifecycle <> 'withdrawn')) ORDER BY t.ord) INTO parents
        FROM unnest(parent_refs) WITH ORDINALITY AS t (parent_ref, ord)
        LEFT JOIN unnest(addresses, units) AS p (address, unit) ON p.address = t.parent_ref;
      PERFORM set_config('app.canonical_writer', 'fn_iu_create', true);
      -- The server's own checks of foreign keys are planned by this setting too: planned anew for each row, they are most of the cost.
      PERFORM set_config('plan_cache_mode', 'auto', true);
      -- Unfolded in the list, which no join follows, arrays are read as they lie and nothing is put by, in the order of the plan.
      INSERT INTO public.information_unit (id, canonical_address, document_code, unit_kind, section_type, publication_type, owner_ref,
          parent_id, current_version_id, created_by)
        SELECT unnest(units), unnest(addresses), document, unnest(unit_kinds), unnest(section_types), unnest(publication_types),
          unnest(owner_refs), unnest(parents), unnest(versions), actor;
      GET DIAGNOSTICS written = ROW_COUNT;
      INSERT INTO public.unit_version (id, unit_id, version_no, title, body, body_sha256, actor)
        SELECT b.version, b.unit, 1, b.title, b.body, sha256(convert_to(b.body, 'UTF8')), actor
          FROM (SELECT unnest(versions) AS version, unnest(units) AS unit, unnest(titles) AS title, unnest(bodies) AS body) b;
      PERFORM set_config('app.canonical_writer', '', true);
      IF written <> cardinality(addresses) THEN
        RAISE EXCEPTION '% of % units were written', written, cardinality(addresses) USING ERRCODE = 'IU003';
      END IF;
      RETURN QUERY SELECT unnest(addresses), 'created', unnest(units), unnest(versions);
      RETURN;
    END IF;
  END IF;
  RETURN QUERY SELECT t.address, f.status, f.unit_id, f.version_id
    FROM unnest(addresses, titles, bodies, unit_kinds, section_types, publication_types, owner_refs, parent_refs)
      WITH ORDINALITY AS t (address, title, body, unit_kind, section_type, publication_type, owner_ref, parent_ref, ord)
    CROSS JOIN LATERAL public.fn_iu_create(t.address, t.title, t.body, actor, t.unit_kind, t.section_type, t.publication_type,
      t.owner_ref, t.parent_ref) AS f
    ORDER BY t.ord;
END $$;
COMMENT ON FUNCTION public.fn_iu_create_batch(text[], text[], text[], text, text[], text[], text[], text[], text[])
  IS 'Writes many new units as fn_iu_create does, row by row in order, with its statuses; as a set where each would be created.';

CREATE FUNCTION public.fn_iu_enact_batch(addresses text[], review_decision_id uuid, actor text)
RETURNS TABLE (canonical_address text, status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
  held uuid[];
  moved bigint;
BEGIN
  -- One look of the check itself: what it asks of the decision and of the permit is the same for every unit of a change set.
  IF (SELECT c.status IS NULL FROM cutter.fn_enact_check(addresses[1], review_decision_id, actor) AS c) THEN
    BEGIN
      PERFORM set_config('app.canonical_writer', 'fn_iu_enact', true);
      -- What it asks of a unit is asked of all of them here; in two steps, for a server that has not analysed its tables yet.
      SELECT array_agg(r.unit_id) INTO held FROM cutter.cut_change_set s
        JOIN cutter.verify_result v ON v.change_set_id = s.change_set_id AND v.found_units = s.unit_count
        JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id AND r.seq <= s.unit_count AND r.action = 'created'
        WHERE s.decision_id = review_decision_id AND s.status = 'verified_complete';
      UPDATE public.information_unit u SET lifecycle = 'enacted', enacted_at = now()
        WHERE u.id = ANY (held) AND u.canonical_address = ANY (addresses) AND u.lifecycle = 'draft';
      GET DIAGNOSTICS moved = ROW_COUNT;
      IF moved <> cardinality(addresses) THEN
        RAISE EXCEPTION 'not all of them' USING ERRCODE = 'IU009';
      END IF;
      PERFORM set_config('app.canonical_writer', '', true);
      RETURN QUERY SELECT a.address, 'enacted' FROM unnest(addresses) WITH ORDINALITY AS a (address, ord) ORDER BY a.ord;
      RETURN;
    EXCEPTION WHEN SQLSTATE 'IU009' THEN
      NULL;  -- taken back; the function for one unit says of each why
    END;
  END IF;
  RETURN QUERY SELECT a.address, f.status FROM unnest(addresses) WITH ORDINALITY AS a (address, ord)
    CROSS JOIN LATERAL public.fn_iu_enact(a.address, review_decision_id, actor) AS f ORDER BY a.ord;
END $$;
COMMENT ON FUNCTION public.fn_iu_enact_batch(text[], uuid, text)
  IS 'Enacts many draft units as fn_iu_enact does, row by row in order, with its statuses; as a set where each would be enacted.';

-- The port to batches, beside that to single units. A site whose units are its own may be without: then they are written one by one.
CREATE FUNCTION cutter.fn_iu_create_batch(
  addresses text[], titles text[], bodies text[], actor text, unit_kinds text[], section_types text[],
  publication_types text[], owner_refs text[], parent_refs text[]
) RETURNS TABLE (canonical_address text, status text, unit_id uuid, version_id uuid)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT f.canonical_address, f.status, f.unit_id, f.version_id FROM public.fn_iu_create_batch(addresses, titles, bodies,
    actor, unit_kinds, section_types, publication_types, owner_refs, parent_refs) AS f;
END $$;
COMMENT ON FUNCTION cutter.fn_iu_create_batch(text[], text[], text[], text, text[], text[], text[], text[], text[])
  IS 'Port: writes many new units in order. Only the status "created" is success.';

CREATE FUNCTION cutter.fn_iu_enact_batch(addresses text[], review_decision_id uuid, actor text)
RETURNS TABLE (canonical_address text, status text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT f.canonical_address, f.status FROM public.fn_iu_enact_batch(addresses, review_decision_id, actor) AS f;
END $$;
COMMENT ON FUNCTION cutter.fn_iu_enact_batch(text[], uuid, text)
  IS 'Port: enacts many draft units in order. Only the status "enacted" is success.';
