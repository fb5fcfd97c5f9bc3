-- Units are written as sets where each would succeed, read out through views by members of a group that sees nothing else, and approved with passkeys too.
-- unfinished: carried
-- sites: carried

-- units of the reference: from here
GRANT CREATE ON SCHEMA public TO cutter_owner;
-- units of the reference: to here
SET LOCAL ROLE cutter_owner;
-- units of the reference: from here
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
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER canonical_writer_only BEFORE INSERT OR UPDATE ON public.information_unit
  FOR EACH STATEMENT EXECUTE FUNCTION public.fn_canonical_writer_only();
CREATE OR REPLACE TRIGGER canonical_writer_only BEFORE INSERT OR UPDATE ON public.unit_version
  FOR EACH STATEMENT EXECUTE FUNCTION public.fn_canonical_writer_only();
CREATE OR REPLACE TRIGGER canonical_writer_only BEFORE INSERT OR UPDATE ON public.unit_lineage
  FOR EACH STATEMENT EXECUTE FUNCTION public.fn_canonical_writer_only();

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

DO $$
DECLARE
  made text;
BEGIN
  FOREACH made IN ARRAY ARRAY['fn_iu_creates_all', 'fn_iu_create_batch', 'fn_iu_enact_batch'] LOOP
    EXECUTE (SELECT string_agg(format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.oid::regprocedure), '; ')
      FROM pg_catalog.pg_proc f WHERE f.proname = made AND f.pronamespace IN ('cutter'::regnamespace, 'public'::regnamespace));
  END LOOP;
END $$;
-- units of the reference: to here
-- The form of domain.reading.address, and what it can not hold: what does not show or is a space, and in a number letters of two scripts
-- that look alike. Pure numbers of a Cyrillic or Greek law stay as they are printed.
CREATE FUNCTION cutter.fn_is_address(address text) RETURNS boolean
LANGUAGE sql IMMUTABLE  -- and nothing else, so that it is put into the query that asks
RETURN coalesce(length(address) <= 255
  AND address ~ ('^[a-z0-9][a-z0-9.-]*(![^!~\u0001-\u0020\u007f]+)?~[a-z]+(\.[0-9]+)?(_[^_!~\u0001-\u0020\u007f]+)?'
    || '(__[a-z]+(\.[0-9]+)?(_[^_!~\u0001-\u0020\u007f]+)?)*$')
  AND CASE WHEN octet_length(address) = length(address) THEN true
    ELSE address IS NFC NORMALIZED
      AND address !~ '_[0-9][^_!~-]*([A-Za-z][\u0370-\u03ff\u0400-\u052f]|[\u0370-\u03ff\u0400-\u052f][A-Za-z])'
      AND address !~ ('[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000'
        || '\u0001-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2'
        || '\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u2800\u3164'
        || '\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U00013438\U00016fe4'
        || '\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef'
        || '\U000f0000-\U000ffffd\U00100000-\U0010fffd' || ']') END, false);
COMMENT ON FUNCTION cutter.fn_is_address(text) IS 'Whether a text has the form and the alphabet of an address: no code or step in look-alike letters, nothing that does not show.';
REVOKE ALL ON FUNCTION cutter.fn_is_address(text) FROM PUBLIC;

-- units of the reference: from here
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

-- units of the reference: to here
-- One fold for people everywhere, whatever locale the server has: lower() knows only that of the database, and casefold() comes with 18.
-- The letters are Unicode's CaseFolding.txt as far as NFKD leaves them alone; a test compares every character with
-- domain.approval.people. Code points that Unicode has not assigned yet are not among the hidden ones.
CREATE OR REPLACE FUNCTION cutter.fn_person(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, cutter, pg_temp AS $$
DECLARE
  spaces CONSTANT text := '[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+';
  hidden CONSTANT text := '['
      || '\u0001-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2'
      || '\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u2800\u3164'
      || '\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U00013438\U00016fe4'
      || '\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef'
      || '\U000f0000-\U000ffffd\U00100000-\U0010fffd' || ']';
  letters CONSTANT text :=
      'ABCDEFGHIJKLMNOPQRSTUVWXYZÆÐØÞĐĦŁŊŒŦƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƢƤƦƧ'
      || 'ƩƬƮƱƲƳƵƷƸƼǤǶǷȜȠȢȤȺȻȽȾɁɃɄɅɆɈɊɌɎͅͰͲͶͿΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩς'
      || 'ϏϘϚϜϞϠϢϤϦϨϪϬϮϷϺϽϾϿЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢ'
      || 'ѤѦѨѪѬѮѰѲѴѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӃӅӇӉӋӍӔӘӠӨӶӺӼӾԀԂԄԆ'
      || 'ԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖႠႡ'
      || 'ႢႣႤႥႦႧႨႩႪႫႬႭႮႯႰႱႲႳႴႵႶႷႸႹႺႻႼႽႾႿჀჁჂჃჄჅჇჍᏸᏹᏺᏻᏼᏽᲀᲁᲂᲃᲄᲅᲆᲇᲈᲐᲑᲒᲓᲔᲕᲖ'
      || 'ᲗᲘᲙᲚᲛᲜᲝᲞᲟᲠᲡᲢᲣᲤᲥᲦᲧᲨᲩᲪᲫᲬᲭᲮᲯᲰᲱᲲᲳᲴᲵᲶᲷᲸᲹᲺᲽᲾᲿỺỼỾℲↃⰀⰁⰂⰃⰄⰅⰆⰇⰈⰉⰊⰋⰌⰍⰎⰏ'
      || 'ⰐⰑⰒⰓⰔⰕⰖⰗⰘⰙⰚⰛⰜⰝⰞⰟⰠⰡⰢⰣⰤⰥⰦⰧⰨⰩⰪⰫⰬⰭⰮⰯⱠⱢⱣⱤⱧⱩⱫⱭⱮⱯⱰⱲⱵⱾⱿⲀⲂⲄⲆⲈⲊⲌⲎⲐⲒⲔⲖⲘ'
      || 'ⲚⲜⲞⲠⲢⲤⲦⲨⲪⲬⲮⲰⲲⲴⲶⲸⲺⲼⲾⳀⳂⳄⳆⳈⳊⳌⳎⳐⳒⳔⳖⳘⳚⳜⳞⳠⳢⳫⳭⳲꙀꙂꙄꙆꙈꙊꙌꙎꙐꙒꙔꙖꙘꙚꙜꙞꙠꙢꙤꙦ'
      || 'ꙨꙪꙬꚀꚂꚄꚆꚈꚊꚌꚎꚐꚒꚔꚖꚘꚚꜢꜤꜦꜨꜪꜬꜮꜲꜴꜶꜸꜺꜼꜾꝀꝂꝄꝆꝈꝊꝌꝎꝐꝒꝔꝖꝘꝚꝜꝞꝠꝢꝤꝦꝨꝪꝬꝮꝹꝻꝽꝾꞀ'
      || 'ꞂꞄꞆꞋꞍꞐꞒꞖꞘꞚꞜꞞꞠꞢꞤꞦꞨꞪꞫꞬꞭꞮꞰꞱꞲꞳꞴꞶꞸꞺꞼꞾꟀꟂꟄꟅꟆꟇꟉꟐꟖꟘꟵꭰꭱꭲꭳꭴꭵꭶꭷꭸꭹꭺꭻꭼꭽꭾꭿꮀ'
      || 'ꮁꮂꮃꮄꮅꮆꮇꮈꮉꮊꮋꮌꮍꮎꮏꮐꮑꮒꮓꮔꮕꮖꮗꮘꮙꮚꮛꮜꮝꮞꮟꮠꮡꮢꮣꮤꮥꮦꮧꮨꮩꮪꮫꮬꮭꮮꮯꮰꮱꮲꮳꮴꮵꮶꮷꮸꮹꮺꮻꮼ'
      || 'ꮽꮾꮿ𐐀𐐁𐐂𐐃𐐄𐐅𐐆𐐇𐐈𐐉𐐊𐐋𐐌𐐍𐐎𐐏𐐐𐐑𐐒𐐓𐐔𐐕𐐖𐐗𐐘𐐙𐐚𐐛𐐜𐐝𐐞𐐟𐐠𐐡𐐢𐐣𐐤𐐥𐐦𐐧𐒰𐒱𐒲𐒳𐒴𐒵𐒶𐒷𐒸𐒹𐒺𐒻𐒼𐒽𐒾𐒿𐓀'
      || '𐓁𐓂𐓃𐓄𐓅𐓆𐓇𐓈𐓉𐓊𐓋𐓌𐓍𐓎𐓏𐓐𐓑𐓒𐓓𐕰𐕱𐕲𐕳𐕴𐕵𐕶𐕷𐕸𐕹𐕺𐕼𐕽𐕾𐕿𐖀𐖁𐖂𐖃𐖄𐖅𐖆𐖇𐖈𐖉𐖊𐖌𐖍𐖎𐖏𐖐𐖑𐖒𐖔𐖕𐲀𐲁𐲂𐲃𐲄𐲅'
      || '𐲆𐲇𐲈𐲉𐲊𐲋𐲌𐲍𐲎𐲏𐲐𐲑𐲒𐲓𐲔𐲕𐲖𐲗𐲘𐲙𐲚𐲛𐲜𐲝𐲞𐲟𐲠𐲡𐲢𐲣𐲤𐲥𐲦𐲧𐲨𐲩𐲪𐲫𐲬𐲭𐲮𐲯𐲰𐲱𐲲𑢠𑢡𑢢𑢣𑢤𑢥𑢦𑢧𑢨𑢩𑢪𑢫𑢬𑢭𑢮'
      || '𑢯𑢰𑢱𑢲𑢳𑢴𑢵𑢶𑢷𑢸𑢹𑢺𑢻𑢼𑢽𑢾𑢿𖹀𖹁𖹂𖹃𖹄𖹅𖹆𖹇𖹈𖹉𖹊𖹋𖹌𖹍𖹎𖹏𖹐𖹑𖹒𖹓𖹔𖹕𖹖𖹗𖹘𖹙𖹚𖹛𖹜𖹝𖹞𖹟𞤀𞤁𞤂𞤃𞤄𞤅𞤆𞤇𞤈𞤉𞤊'
      || '𞤋𞤌𞤍𞤎𞤏𞤐𞤑𞤒𞤓𞤔𞤕𞤖𞤗𞤘𞤙𞤚𞤛𞤜𞤝𞤞𞤟𞤠𞤡ẞ';
  small CONSTANT text :=
      'abcdefghijklmnopqrstuvwxyzæðøþđħłŋœŧɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵƣƥʀƨ'
      || 'ʃƭʈʊʋƴƶʒƹƽǥƕƿȝƞȣȥⱥȼƚⱦɂƀʉʌɇɉɋɍɏιͱͳͷϳαβγδεζηθικλμνξοπρστυφχψωσ'
      || 'ϗϙϛϝϟϡϣϥϧϩϫϭϯϸϻͻͼͽђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяѡѣ'
      || 'ѥѧѩѫѭѯѱѳѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӄӆӈӊӌӎӕәӡөӷӻӽӿԁԃԅԇ'
      || 'ԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆⴀⴁ'
      || 'ⴂⴃⴄⴅⴆⴇⴈⴉⴊⴋⴌⴍⴎⴏⴐⴑⴒⴓⴔⴕⴖⴗⴘⴙⴚⴛⴜⴝⴞⴟⴠⴡⴢⴣⴤⴥⴧⴭᏰᏱᏲᏳᏴᏵвдосттъѣꙋაბგდევზ'
      || 'თიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰჱჲჳჴჵჶჷჸჹჺჽჾჿỻỽỿⅎↄⰰⰱⰲⰳⰴⰵⰶⰷⰸⰹⰺⰻⰼⰽⰾⰿ'
      || 'ⱀⱁⱂⱃⱄⱅⱆⱇⱈⱉⱊⱋⱌⱍⱎⱏⱐⱑⱒⱓⱔⱕⱖⱗⱘⱙⱚⱛⱜⱝⱞⱟⱡɫᵽɽⱨⱪⱬɑɱɐɒⱳⱶȿɀⲁⲃⲅⲇⲉⲋⲍⲏⲑⲓⲕⲗⲙ'
      || 'ⲛⲝⲟⲡⲣⲥⲧⲩⲫⲭⲯⲱⲳⲵⲷⲹⲻⲽⲿⳁⳃⳅⳇⳉⳋⳍⳏⳑⳓⳕⳗⳙⳛⳝⳟⳡⳣⳬⳮⳳꙁꙃꙅꙇꙉꙋꙍꙏꙑꙓꙕꙗꙙꙛꙝꙟꙡꙣꙥꙧ'
      || 'ꙩꙫꙭꚁꚃꚅꚇꚉꚋꚍꚏꚑꚓꚕꚗꚙꚛꜣꜥꜧꜩꜫꜭꜯꜳꜵꜷꜹꜻꜽꜿꝁꝃꝅꝇꝉꝋꝍꝏꝑꝓꝕꝗꝙꝛꝝꝟꝡꝣꝥꝧꝩꝫꝭꝯꝺꝼᵹꝿꞁ'
      || 'ꞃꞅꞇꞌɥꞑꞓꞗꞙꞛꞝꞟꞡꞣꞥꞧꞩɦɜɡɬɪʞʇʝꭓꞵꞷꞹꞻꞽꞿꟁꟃꞔʂᶎꟈꟊꟑꟗꟙꟶᎠᎡᎢᎣᎤᎥᎦᎧᎨᎩᎪᎫᎬᎭᎮᎯᎰ'
      || 'ᎱᎲᎳᎴᎵᎶᎷᎸᎹᎺᎻᎼᎽᎾᎿᏀᏁᏂᏃᏄᏅᏆᏇᏈᏉᏊᏋᏌᏍᏎᏏᏐᏑᏒᏓᏔᏕᏖᏗᏘᏙᏚᏛᏜᏝᏞᏟᏠᏡᏢᏣᏤᏥᏦᏧᏨᏩᏪᏫᏬ'
      || 'ᏭᏮᏯ𐐨𐐩𐐪𐐫𐐬𐐭𐐮𐐯𐐰𐐱𐐲𐐳𐐴𐐵𐐶𐐷𐐸𐐹𐐺𐐻𐐼𐐽𐐾𐐿𐑀𐑁𐑂𐑃𐑄𐑅𐑆𐑇𐑈𐑉𐑊𐑋𐑌𐑍𐑎𐑏𐓘𐓙𐓚𐓛𐓜𐓝𐓞𐓟𐓠𐓡𐓢𐓣𐓤𐓥𐓦𐓧𐓨'
      || '𐓩𐓪𐓫𐓬𐓭𐓮𐓯𐓰𐓱𐓲𐓳𐓴𐓵𐓶𐓷𐓸𐓹𐓺𐓻𐖗𐖘𐖙𐖚𐖛𐖜𐖝𐖞𐖟𐖠𐖡𐖣𐖤𐖥𐖦𐖧𐖨𐖩𐖪𐖫𐖬𐖭𐖮𐖯𐖰𐖱𐖳𐖴𐖵𐖶𐖷𐖸𐖹𐖻𐖼𐳀𐳁𐳂𐳃𐳄𐳅'
      || '𐳆𐳇𐳈𐳉𐳊𐳋𐳌𐳍𐳎𐳏𐳐𐳑𐳒𐳓𐳔𐳕𐳖𐳗𐳘𐳙𐳚𐳛𐳜𐳝𐳞𐳟𐳠𐳡𐳢𐳣𐳤𐳥𐳦𐳧𐳨𐳩𐳪𐳫𐳬𐳭𐳮𐳯𐳰𐳱𐳲𑣀𑣁𑣂𑣃𑣄𑣅𑣆𑣇𑣈𑣉𑣊𑣋𑣌𑣍𑣎'
      || '𑣏𑣐𑣑𑣒𑣓𑣔𑣕𑣖𑣗𑣘𑣙𑣚𑣛𑣜𑣝𑣞𑣟𖹠𖹡𖹢𖹣𖹤𖹥𖹦𖹧𖹨𖹩𖹪𖹫𖹬𖹭𖹮𖹯𖹰𖹱𖹲𖹳𖹴𖹵𖹶𖹷𖹸𖹹𖹺𖹻𖹼𖹽𖹾𖹿𞤢𞤣𞤤𞤥𞤦𞤧𞤨𞤩𞤪𞤫𞤬'
      || '𞤭𞤮𞤯𞤰𞤱𞤲𞤳𞤴𞤵𞤶𞤷𞤸𞤹𞤺𞤻𞤼𞤽𞤾𞤿𞥀𞥁𞥂𞥃ß';
  folded text := name;
  before text;
BEGIN
  LOOP  -- a compatibility form can hold capitals or a space, and folding can decompose
    before := folded;
    folded := normalize(replace(translate(regexp_replace(normalize(btrim(regexp_replace(before, spaces, ' ', 'g'), ' '), NFKD),
      hidden, '', 'g'), letters, small), 'ß', 'ss'), NFKC);
    EXIT WHEN folded IS NOT DISTINCT FROM before;
  END LOOP;
  RETURN folded;
END $$;
COMMENT ON FUNCTION cutter.fn_person(text) IS 'A person''s name without what makes no other person: case, form, spacing and what does not show, in any locale.';

RESET ROLE;
-- units of the reference: from here
REVOKE CREATE ON SCHEMA public FROM cutter_owner;
-- units of the reference: to here

-- What is read out, and by whom.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'cutter_read') THEN
    CREATE ROLE cutter_read NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'cutter_reader') THEN
    CREATE ROLE cutter_reader LOGIN CONNECTION LIMIT 30;
    GRANT cutter_read TO cutter_reader;
  END IF;
END $$;

-- units of the reference: from here
GRANT CREATE ON SCHEMA public TO cutter_owner;
-- units of the reference: to here
SET LOCAL ROLE cutter_owner;
-- units of the reference: from here
DROP INDEX public.information_unit_document;
CREATE INDEX information_unit_document ON public.information_unit (document_code, canonical_address);
-- units of the reference: to here
CREATE INDEX cut_change_set_document ON cutter.cut_change_set (document_code);
DROP INDEX cutter.decision_backlog_history_entry;
CREATE INDEX decision_backlog_history_entry ON cutter.decision_backlog_history (entry_id, to_status) INCLUDE (recorded_at);

-- A version is shown once its change set was enacted, and stays when that was reverted. The history tells steps that were taken
-- (fn_history_chain), so a draft is none of them. What a site has written by itself is on no record, and stands since ever.
CREATE VIEW cutter.v_unit_history AS
  SELECT u.document_code, u.canonical_address AS address, v.version_no, v.title, v.body, v.state,
         coalesce(v.unit_kind, u.unit_kind) AS unit_kind, coalesce(v.section_type, u.section_type) AS section_type,
         CASE WHEN v.unit_kind IS NULL THEN u.parent_ref ELSE p.canonical_address END AS parent,
         v.in_force_from, u.publication_type, u.owner_ref, encode(v.body_sha256, 'hex') AS body_sha256,
         encode(sha256(convert_to(v.title, 'UTF8')), 'hex') AS title_sha256,
         s.change_set_id, h.recorded_at AS enacted_at, g.recorded_at AS reverted_at, u.lifecycle = 'withdrawn' AS withdrawn,
         u.lifecycle = 'enacted' AND u.version_id = v.version_id AS stands,
         u.unit_id, v.version_id, v.replaces
    FROM cutter.iu_unit u
    JOIN cutter.iu_version v ON v.unit_id = u.unit_id
    LEFT JOIN cutter.iu_unit p ON p.unit_id = v.parent_id
    LEFT JOIN cutter.cut_change_set_affected_row r ON r.version_id = v.version_id AND r.action IN ('created', 'revised', 'repealed')
    LEFT JOIN cutter.cut_change_set s ON s.change_set_id = r.change_set_id AND s.document_code = u.document_code
    LEFT JOIN cutter.decision_backlog_history h ON h.entry_id = s.entry_id AND h.to_status = 'enacted'
    LEFT JOIN cutter.decision_backlog_history g ON g.entry_id = s.entry_id AND g.to_status = 'reverted'
   WHERE h.recorded_at IS NOT NULL OR r.version_id IS NULL AND u.lifecycle = 'enacted' AND v.version_id = u.version_id;
COMMENT ON VIEW cutter.v_unit_history IS 'Every version of every unit that was ever enacted, also those that were reverted since.';
COMMENT ON COLUMN cutter.v_unit_history.document_code IS 'The document: the first part of the address.';
COMMENT ON COLUMN cutter.v_unit_history.address IS 'The unit''s address. One that was withdrawn and cut again is two units, with a unit_id each.';
COMMENT ON COLUMN cutter.v_unit_history.version_no IS 'The version''s number, from 1.';
COMMENT ON COLUMN cutter.v_unit_history.title IS 'The printed heading.';
COMMENT ON COLUMN cutter.v_unit_history.body IS 'The unit''s own stretch of the text, every character of it.';
COMMENT ON COLUMN cutter.v_unit_history.state IS 'text; repealed, when from then on nothing stands at the address; or suspended.';
COMMENT ON COLUMN cutter.v_unit_history.unit_kind IS 'The unit''s kind in this version.';
COMMENT ON COLUMN cutter.v_unit_history.section_type IS 'The unit''s section type in this version.';
COMMENT ON COLUMN cutter.v_unit_history.parent IS 'Address of the unit that contains it in this version; NULL at the top.';
COMMENT ON COLUMN cutter.v_unit_history.in_force_from IS 'From which day on it is in force; NULL is unknown, and counts from the day of the version before.';
COMMENT ON COLUMN cutter.v_unit_history.publication_type IS 'What the document is.';
COMMENT ON COLUMN cutter.v_unit_history.owner_ref IS 'Who answers for the unit.';
COMMENT ON COLUMN cutter.v_unit_history.body_sha256 IS 'SHA-256 of the body, hexadecimal.';
COMMENT ON COLUMN cutter.v_unit_history.title_sha256 IS 'SHA-256 of the title, hexadecimal.';
COMMENT ON COLUMN cutter.v_unit_history.change_set_id IS 'The change set that wrote it; NULL for what a site has written by itself.';
COMMENT ON COLUMN cutter.v_unit_history.enacted_at IS 'Since when it is known: when that change set was enacted; NULL where none is on record.';
COMMENT ON COLUMN cutter.v_unit_history.reverted_at IS 'Since when it is not known any more: when that change set was reverted; NULL while it stands.';
COMMENT ON COLUMN cutter.v_unit_history.withdrawn IS 'Whether the unit as a whole was withdrawn.';
COMMENT ON COLUMN cutter.v_unit_history.stands IS 'Whether the unit stands at it now, also if it is in force from a later day only.';
COMMENT ON COLUMN cutter.v_unit_history.unit_id IS 'The unit''s key.';
COMMENT ON COLUMN cutter.v_unit_history.version_id IS 'The version''s key.';
COMMENT ON COLUMN cutter.v_unit_history.replaces IS 'Key of the version that the unit stood at when this one was made; NULL for the first.';

CREATE VIEW cutter.v_change_set AS
  SELECT s.change_set_id, s.document_code, e.kind, e.title, s.unit_count AS units, s.plan_digest,
         CASE WHEN e.kind <> 'revert' THEN m.text_sha256 END AS text_sha256, h.recorded_at AS enacted_at, g.recorded_at AS reverted_at,
         (SELECT o.change_set_id FROM cutter.decision_backlog_dependency d
            JOIN cutter.decision_backlog_entry o ON o.entry_id = d.reference::uuid
           WHERE d.entry_id = e.entry_id AND d.kind = 'reverts') AS takes_back
    FROM cutter.cut_change_set s
    JOIN cutter.decision_backlog_entry e ON e.entry_id = s.entry_id
    JOIN cutter.manifest_envelope m ON m.envelope_id = s.envelope_id
    JOIN cutter.decision_backlog_history h ON h.entry_id = s.entry_id AND h.to_status = 'enacted'
    LEFT JOIN cutter.decision_backlog_history g ON g.entry_id = s.entry_id AND g.to_status = 'reverted';
COMMENT ON VIEW cutter.v_change_set IS 'Every change set that was ever enacted: what changed the units, and what took it back.';
COMMENT ON COLUMN cutter.v_change_set.change_set_id IS 'Its id.';
COMMENT ON COLUMN cutter.v_change_set.document_code IS 'The document.';
COMMENT ON COLUMN cutter.v_change_set.kind IS 'cut, revision or revert.';
COMMENT ON COLUMN cutter.v_change_set.title IS 'The document''s title as it was approved; may be empty.';
COMMENT ON COLUMN cutter.v_change_set.units IS 'How many units it wrote, or took back.';
COMMENT ON COLUMN cutter.v_change_set.plan_digest IS 'Digest of the plan that was approved.';
COMMENT ON COLUMN cutter.v_change_set.text_sha256 IS 'SHA-256 of the whole text of the document; NULL for a revert.';
COMMENT ON COLUMN cutter.v_change_set.enacted_at IS 'When it was enacted.';
COMMENT ON COLUMN cutter.v_change_set.reverted_at IS 'When it was reverted; NULL while it stands.';
COMMENT ON COLUMN cutter.v_change_set.takes_back IS 'The change set that a revert took back; NULL for the others.';

-- The last by (day, number) that is not after today, where a version of an unknown day counts from the day of the one before it:
-- domain/units/reader.py, in_force. Partitions by document and address, so that a question for one does not read the others.
CREATE VIEW cutter.v_unit AS
  SELECT c.document_code, c.address, c.title, c.body, split_part(regexp_replace(c.address, '^.*(~|__)', ''), '_', 2) AS label,
         c.unit_kind, c.section_type, c.parent, b.seq AS position, c.version_no, c.state, c.in_force_from, c.publication_type,
         c.owner_ref, c.body_sha256, c.title_sha256, c.change_set_id, c.enacted_at, c.unit_id, c.version_id
    FROM (
      SELECT DISTINCT ON (w.document_code, w.address) w.*
        FROM (
          SELECT n.*, max(n.in_force_from) OVER (PARTITION BY n.document_code, n.address, n.days) AS counts_from
            FROM (SELECT y.*, count(y.in_force_from) OVER (PARTITION BY y.document_code, y.address ORDER BY y.version_no) AS days
                    FROM cutter.v_unit_history y WHERE y.reverted_at IS NULL AND NOT y.withdrawn) n) w
       WHERE coalesce(w.counts_from, '-infinity') <= current_date
       ORDER BY w.document_code, w.address, coalesce(w.counts_from, '-infinity') DESC, w.version_no DESC) c
    LEFT JOIN LATERAL (
      SELECT m.envelope_id FROM cutter.decision_backlog_entry e
        JOIN cutter.decision_backlog_history h ON h.entry_id = e.entry_id AND h.to_status = 'enacted'
        JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
       WHERE e.document_code = c.document_code AND e.kind IN ('cut', 'revision') AND e.status = 'enacted'
       ORDER BY h.chain_no DESC LIMIT 1) o ON true
    LEFT JOIN cutter.manifest_unit_block b ON b.envelope_id = o.envelope_id AND b.canonical_address = c.address
   WHERE c.state <> 'repealed';
COMMENT ON VIEW cutter.v_unit IS 'The living units, each at the version that is in force today: what most applications read.';
COMMENT ON COLUMN cutter.v_unit.document_code IS 'The document: the first part of the address.';
COMMENT ON COLUMN cutter.v_unit.address IS 'The unit''s address, which is what people cite; one row each.';
COMMENT ON COLUMN cutter.v_unit.title IS 'The printed heading.';
COMMENT ON COLUMN cutter.v_unit.body IS 'The unit''s own stretch of the text, every character of it.';
COMMENT ON COLUMN cutter.v_unit.label IS 'The unit''s number as its address has it: 15b of art_15b.';
COMMENT ON COLUMN cutter.v_unit.unit_kind IS 'What it is: article, section, paragraph and so on.';
COMMENT ON COLUMN cutter.v_unit.section_type IS 'Its place in the document: body, preamble, annex and so on.';
COMMENT ON COLUMN cutter.v_unit.parent IS 'Address of the unit that contains it; NULL at the top.';
COMMENT ON COLUMN cutter.v_unit.position IS 'Its place in the order of the text that was enacted last, from 1; NULL where that has no such unit.';
COMMENT ON COLUMN cutter.v_unit.version_no IS 'Number of the version that is in force, from 1.';
COMMENT ON COLUMN cutter.v_unit.state IS 'text, or suspended. What is repealed is not here.';
COMMENT ON COLUMN cutter.v_unit.in_force_from IS 'From which day on that version is in force; NULL is unknown.';
COMMENT ON COLUMN cutter.v_unit.publication_type IS 'What the document is: law, decree, standard and so on.';
COMMENT ON COLUMN cutter.v_unit.owner_ref IS 'Who answers for the unit.';
COMMENT ON COLUMN cutter.v_unit.body_sha256 IS 'SHA-256 of the body, hexadecimal.';
COMMENT ON COLUMN cutter.v_unit.title_sha256 IS 'SHA-256 of the title, hexadecimal.';
COMMENT ON COLUMN cutter.v_unit.change_set_id IS 'The change set that wrote the version; NULL for what a site has written by itself.';
COMMENT ON COLUMN cutter.v_unit.enacted_at IS 'When that change set was enacted.';
COMMENT ON COLUMN cutter.v_unit.unit_id IS 'The unit''s key.';
COMMENT ON COLUMN cutter.v_unit.version_id IS 'The version''s key.';

CREATE VIEW cutter.v_document AS
  SELECT u.document_code, coalesce(nullif(o.title, ''), d.title, '') AS title, u.publication_type, u.owner_ref, u.units, o.change_set_id,
         o.enacted_at, o.text_sha256
    FROM (SELECT i.document_code, min(i.publication_type) AS publication_type, min(i.owner_ref) AS owner_ref, count(*)::integer AS units
            FROM cutter.iu_unit i WHERE i.lifecycle = 'enacted' AND i.state <> 'repealed' GROUP BY i.document_code) u
    LEFT JOIN cutter.source_document d ON d.document_code = u.document_code
    LEFT JOIN LATERAL (
      SELECT c.change_set_id, c.title, c.enacted_at, c.text_sha256 FROM cutter.v_change_set c
       WHERE c.document_code = u.document_code AND c.kind <> 'revert' AND c.reverted_at IS NULL
       ORDER BY c.enacted_at DESC LIMIT 1) o ON true;
COMMENT ON VIEW cutter.v_document IS 'The documents that have units which stand, also those in force from a later day only.';
COMMENT ON COLUMN cutter.v_document.document_code IS 'The document''s code: the first part of its units'' addresses.';
COMMENT ON COLUMN cutter.v_document.title IS 'Its title; may be empty.';
COMMENT ON COLUMN cutter.v_document.publication_type IS 'What it is: law, decree, standard and so on.';
COMMENT ON COLUMN cutter.v_document.owner_ref IS 'Who answers for it.';
COMMENT ON COLUMN cutter.v_document.units IS 'How many units stand.';
COMMENT ON COLUMN cutter.v_document.change_set_id IS 'The change set that was enacted last and stands.';
COMMENT ON COLUMN cutter.v_document.enacted_at IS 'When that was.';
COMMENT ON COLUMN cutter.v_document.text_sha256 IS 'SHA-256 of its whole text as that change set has it.';

CREATE VIEW cutter.v_text_block AS
  SELECT c.document_code, c.change_set_id, b.start_char, b.end_char, b.seq AS position, b.canonical_address AS address,
         encode(b.body_sha256, 'hex') AS body_sha256, b.gap_text
    FROM cutter.v_change_set c
    JOIN cutter.cut_change_set s ON s.change_set_id = c.change_set_id
    JOIN cutter.manifest_unit_block b ON b.envelope_id = s.envelope_id
   WHERE c.kind <> 'revert';
COMMENT ON VIEW cutter.v_text_block IS 'The whole text of each cut and revision that was ever enacted, in pieces: bodies of units, by address and hash, and what stands between them.';
COMMENT ON COLUMN cutter.v_text_block.document_code IS 'The document.';
COMMENT ON COLUMN cutter.v_text_block.change_set_id IS 'The change set whose text it is.';
COMMENT ON COLUMN cutter.v_text_block.start_char IS 'First character of the piece in the text, from 0.';
COMMENT ON COLUMN cutter.v_text_block.end_char IS 'One past its last character.';
COMMENT ON COLUMN cutter.v_text_block.position IS 'The unit''s place in the order of the text, from 1; NULL between units.';
COMMENT ON COLUMN cutter.v_text_block.address IS 'The unit''s address; NULL between units.';
COMMENT ON COLUMN cutter.v_text_block.body_sha256 IS 'SHA-256 of the unit''s body, hexadecimal; NULL between units.';
COMMENT ON COLUMN cutter.v_text_block.gap_text IS 'The text between units; NULL for a unit.';

CREATE VIEW cutter.v_lineage AS
  SELECT n.document_code, n.address, n.version_no, o.address AS from_address, o.version_no AS from_version_no, n.change_set_id,
         n.enacted_at, n.reverted_at, n.unit_id, o.unit_id AS from_unit_id
    FROM cutter.iu_lineage l
    JOIN cutter.v_unit_history n ON n.version_id = l.version_id
    JOIN cutter.v_unit_history o ON o.version_id = l.from_version_id;
COMMENT ON VIEW cutter.v_lineage IS 'Whose text became whose, where a unit was renumbered, moved, split or merged.';
COMMENT ON COLUMN cutter.v_lineage.document_code IS 'The document.';
COMMENT ON COLUMN cutter.v_lineage.address IS 'The unit that has the text now.';
COMMENT ON COLUMN cutter.v_lineage.version_no IS 'Its version that the text came to.';
COMMENT ON COLUMN cutter.v_lineage.from_address IS 'The unit that had it before.';
COMMENT ON COLUMN cutter.v_lineage.from_version_no IS 'The version of that unit.';
COMMENT ON COLUMN cutter.v_lineage.change_set_id IS 'The revision that says so.';
COMMENT ON COLUMN cutter.v_lineage.enacted_at IS 'When it was enacted.';
COMMENT ON COLUMN cutter.v_lineage.reverted_at IS 'When it was reverted; NULL while it stands.';
COMMENT ON COLUMN cutter.v_lineage.unit_id IS 'Key of the unit that has the text now.';
COMMENT ON COLUMN cutter.v_lineage.from_unit_id IS 'Key of the unit that had it before.';

-- No step of a document's history is ever put between two others (fn_history_chain), so the numbers have no hole and never change.
-- A row is there exactly if the change was committed: it is not written beside it.
CREATE VIEW cutter.v_unit_change AS
  SELECT h.document_code, row_number() OVER (PARTITION BY h.document_code ORDER BY h.chain_no, r.seq) AS seq, s.change_set_id,
         u.canonical_address AS address, w.version_no, r.action AS kind,
         CASE WHEN r.action NOT IN ('withdrawn', 'repealed') THEN encode(w.body_sha256, 'hex') END AS body_sha256,
         h.recorded_at AS changed_at, u.unit_id
    FROM cutter.decision_backlog_history h
    JOIN cutter.cut_change_set s ON s.entry_id = h.entry_id
    JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id
    JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
    JOIN cutter.iu_version v ON v.version_id = r.version_id
    LEFT JOIN cutter.iu_version w ON w.version_id = CASE r.action WHEN 'restored' THEN v.replaces ELSE v.version_id END
   WHERE h.to_status = 'enacted';
COMMENT ON VIEW cutter.v_unit_change IS 'The feed: every change of every unit that was ever enacted, numbered for each document without a hole.';
COMMENT ON COLUMN cutter.v_unit_change.document_code IS 'The document.';
COMMENT ON COLUMN cutter.v_unit_change.seq IS 'From 1 for each document, without a hole; it never changes.';
COMMENT ON COLUMN cutter.v_unit_change.change_set_id IS 'The change set that was enacted; of a revert, its own.';
COMMENT ON COLUMN cutter.v_unit_change.address IS 'The unit''s address.';
COMMENT ON COLUMN cutter.v_unit_change.version_no IS 'The version that the unit stands at since; of one that is withdrawn, that it stood at.';
COMMENT ON COLUMN cutter.v_unit_change.kind IS 'created, revised or repealed; withdrawn, or restored to the version before.';
COMMENT ON COLUMN cutter.v_unit_change.body_sha256 IS 'SHA-256 of the body that stands since, hexadecimal; NULL where nothing does.';
COMMENT ON COLUMN cutter.v_unit_change.changed_at IS 'When the change set was enacted.';
COMMENT ON COLUMN cutter.v_unit_change.unit_id IS 'The unit''s key.';

-- Heard when the transaction that enacts is committed, and not before; who was away asks the feed.
CREATE FUNCTION cutter.fn_unit_change_told() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  PERFORM pg_catalog.pg_notify('cutter_unit_change', NEW.document_code);
  RETURN NULL;
END $$;
COMMENT ON FUNCTION cutter.fn_unit_change_told() IS 'Trigger: tells those who listen to cutter_unit_change the code of a document whose units have changed.';
CREATE TRIGGER zz_told AFTER INSERT ON cutter.decision_backlog_history FOR EACH ROW WHEN (NEW.to_status = 'enacted')
  EXECUTE FUNCTION cutter.fn_unit_change_told();

CREATE FUNCTION cutter.fn_iu_at(
  address text, on_date date DEFAULT current_date, known_at timestamptz DEFAULT 'infinity'
) RETURNS SETOF cutter.v_unit_history
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  one record;
  chosen record;
  found cutter.v_unit_history;
  counts_from date := '-infinity';
  latest date := '-infinity';
BEGIN
  -- The versions are chosen by their days first, and only the one that is chosen is read in full.
  FOR one IN
    SELECT u.document_code, u.canonical_address, u.lifecycle, u.unit_id, v.version_id, v.in_force_from,
           u.lifecycle = 'enacted' AND u.version_id = v.version_id AS stands, s.change_set_id, h.recorded_at AS enacted_at,
           g.recorded_at AS reverted_at
      FROM cutter.iu_unit u
      JOIN cutter.iu_version v ON v.unit_id = u.unit_id
      LEFT JOIN cutter.cut_change_set_affected_row r ON r.version_id = v.version_id AND r.action IN ('created', 'revised', 'repealed')
      LEFT JOIN cutter.cut_change_set s ON s.change_set_id = r.change_set_id AND s.document_code = u.document_code
      LEFT JOIN cutter.decision_backlog_history h ON h.entry_id = s.entry_id AND h.to_status = 'enacted'
      LEFT JOIN cutter.decision_backlog_history g ON g.entry_id = s.entry_id AND g.to_status = 'reverted'
     WHERE u.document_code = split_part(split_part(address, '~', 1), '!', 1) AND u.canonical_address = address
       AND (h.recorded_at <= known_at OR r.version_id IS NULL AND u.lifecycle = 'enacted' AND u.version_id = v.version_id)
       AND (g.recorded_at IS NULL OR g.recorded_at > known_at) AND (u.lifecycle <> 'withdrawn' OR g.recorded_at IS NOT NULL)
     ORDER BY v.version_no
  LOOP
    counts_from := coalesce(one.in_force_from, counts_from);
    IF counts_from <= on_date AND counts_from >= latest THEN
      latest := counts_from;
      chosen := one;
    END IF;
  END LOOP;
  IF chosen IS NULL THEN
    RETURN;
  END IF;
  SELECT chosen.document_code, chosen.canonical_address, v.version_no, v.title, v.body, v.state, v.unit_kind, v.section_type,
         p.canonical_address, v.in_force_from, v.publication_type, v.owner_ref, encode(v.body_sha256, 'hex'),
         encode(sha256(convert_to(v.title, 'UTF8')), 'hex'), chosen.change_set_id, chosen.enacted_at, chosen.reverted_at,
         chosen.lifecycle = 'withdrawn', chosen.stands, chosen.unit_id, v.version_id, v.replaces
    INTO found
    FROM cutter.iu_version v
    LEFT JOIN cutter.iu_unit p ON p.unit_id = v.parent_id
   WHERE v.version_id = chosen.version_id;
  IF found.unit_kind IS NULL OR found.section_type IS NULL OR found.publication_type IS NULL OR found.owner_ref IS NULL THEN
    SELECT i.unit_kind, i.section_type, i.parent_ref, i.publication_type, i.owner_ref INTO STRICT one
      FROM cutter.iu_unit i WHERE i.unit_id = chosen.unit_id;
    IF found.unit_kind IS NULL THEN
      found.parent := one.parent_ref;
    END IF;
    found.unit_kind := coalesce(found.unit_kind, one.unit_kind);
    found.section_type := coalesce(found.section_type, one.section_type);
    found.publication_type := coalesce(found.publication_type, one.publication_type);
    found.owner_ref := coalesce(found.owner_ref, one.owner_ref);
  END IF;
  RETURN NEXT found;
END $$;
COMMENT ON FUNCTION cutter.fn_iu_at(text, date, timestamptz)
  IS 'The version of a unit that is in force on a day, as far as it was known at a time; no row where nothing stood. One that says repealed is a row.';

CREATE FUNCTION cutter.fn_iu_document_at(
  code text, on_date date DEFAULT current_date, known_at timestamptz DEFAULT 'infinity'
) RETURNS TABLE (
  "position" integer, address text, title text, body text, unit_kind text, section_type text, parent text, version_no integer, state text,
  in_force_from date, body_sha256 text, change_set_id uuid, enacted_at timestamptz, publication_type text, owner_ref text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp
SET random_page_cost = 1.1 SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  newest uuid;
BEGIN
  SELECT s.envelope_id INTO newest FROM cutter.v_change_set c JOIN cutter.cut_change_set s ON s.change_set_id = c.change_set_id
   WHERE c.document_code = code AND c.kind <> 'revert' AND c.enacted_at <= known_at
     AND (c.reverted_at IS NULL OR c.reverted_at > known_at)
   ORDER BY c.enacted_at DESC LIMIT 1;
  RETURN QUERY
    -- A version of an unknown day counts from the day of the one before it: a running maximum of numbers that have the version's number
    -- above its day carries that day on, in one pass. Days are counted from the first there is; an infinite one counts as the last.
    -- What is wide is read last, for the versions that are chosen, and in the order in which they are answered.
    WITH chosen AS (
      SELECT DISTINCT ON (n.unit_id) n.*
        FROM (SELECT u.unit_id, u.canonical_address, v.version_id, v.version_no, w.change_set_id, w.enacted_at,
                     coalesce(max(CASE WHEN v.in_force_from IS NOT NULL THEN v.version_no::bigint << 32
                         | (least(greatest(v.in_force_from, '4714-11-24 BC'), '5874897-12-31') - date '4714-11-24 BC') END)
                       OVER (PARTITION BY u.unit_id ORDER BY v.version_no ROWS UNBOUNDED PRECEDING) & 4294967295, 0) AS day
                FROM cutter.iu_unit u
                JOIN cutter.iu_version v ON v.unit_id = u.unit_id
                LEFT JOIN (
                  SELECT r.version_id, s.change_set_id, h.recorded_at AS enacted_at, g.recorded_at AS reverted_at
                    FROM cutter.cut_change_set s
                    JOIN cutter.cut_change_set_affected_row r
                      ON r.change_set_id = s.change_set_id AND r.action IN ('created', 'revised', 'repealed')
                    LEFT JOIN cutter.decision_backlog_history h ON h.entry_id = s.entry_id AND h.to_status = 'enacted'
                    LEFT JOIN cutter.decision_backlog_history g ON g.entry_id = s.entry_id AND g.to_status = 'reverted'
                   WHERE s.document_code = code) w ON w.version_id = v.version_id
               WHERE u.document_code = code
                 AND (w.enacted_at <= known_at OR w.version_id IS NULL AND u.lifecycle = 'enacted' AND v.version_id = u.version_id)
                 AND (w.reverted_at IS NULL OR w.reverted_at > known_at)
                 AND (u.lifecycle <> 'withdrawn' OR w.reverted_at IS NOT NULL)) n
       WHERE n.day <= least(greatest(on_date, '4714-11-24 BC'), '5874897-12-31') - date '4714-11-24 BC'
       ORDER BY n.unit_id, n.day DESC, n.version_no DESC
    ), block AS MATERIALIZED (
      SELECT m.canonical_address, m.seq FROM cutter.manifest_unit_block m
       WHERE m.envelope_id = newest AND m.canonical_address IS NOT NULL
    )
    SELECT f.seq, f.canonical_address, v.title, v.body, coalesce(v.unit_kind, o.unit_kind), coalesce(v.section_type, o.section_type),
           CASE WHEN v.unit_kind IS NULL THEN o.parent_ref ELSE p.canonical_address END, v.version_no, v.state, v.in_force_from,
           encode(v.body_sha256, 'hex'), f.change_set_id, f.enacted_at, coalesce(v.publication_type, o.publication_type),
           coalesce(v.owner_ref, o.owner_ref)
      FROM (SELECT b.seq, c.* FROM chosen c LEFT JOIN block b ON b.canonical_address = c.canonical_address
             ORDER BY b.seq NULLS LAST, c.canonical_address COLLATE "C" OFFSET 0) f
      JOIN cutter.iu_version v ON v.version_id = f.version_id
      LEFT JOIN cutter.iu_unit p ON p.unit_id = v.parent_id
      LEFT JOIN LATERAL (
        SELECT i.unit_kind, i.section_type, i.parent_ref, i.publication_type, i.owner_ref FROM cutter.iu_unit i
         WHERE i.unit_id = v.unit_id AND (v.unit_kind IS NULL OR v.section_type IS NULL OR v.publication_type IS NULL
           OR v.owner_ref IS NULL) OFFSET 0) o ON true
     WHERE v.state <> 'repealed'
     ORDER BY f.seq NULLS LAST, f.canonical_address COLLATE "C";
END $$;
COMMENT ON FUNCTION cutter.fn_iu_document_at(text, date, timestamptz)
  IS 'The units of a document that are in force on a day, as far as it was known at a time, in the order of the newest text that was known then.';

CREATE FUNCTION cutter.fn_iu_history(address text) RETURNS SETOF cutter.v_unit_history
LANGUAGE sql STABLE AS $$
  SELECT h.* FROM cutter.v_unit_history h
   WHERE h.document_code = split_part(split_part($1, '~', 1), '!', 1) AND h.address = $1
   ORDER BY h.enacted_at NULLS FIRST, h.version_no
$$;
COMMENT ON FUNCTION cutter.fn_iu_history(text) IS 'Every version of a unit that was ever enacted, in the order in which they were, with when each was reverted.';

CREATE FUNCTION cutter.fn_iu_lineage(address text) RETURNS SETOF cutter.v_lineage
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE kin AS (
    SELECT h.unit_id FROM cutter.v_unit_history h
     WHERE h.document_code = split_part(split_part($1, '~', 1), '!', 1) AND h.address = $1
    UNION
    SELECT CASE l.unit_id WHEN k.unit_id THEN l.from_unit_id ELSE l.unit_id END
      FROM kin k JOIN cutter.v_lineage l ON k.unit_id IN (l.unit_id, l.from_unit_id)
     WHERE l.reverted_at IS NULL
  )
  SELECT l.* FROM cutter.v_lineage l WHERE l.unit_id IN (SELECT k.unit_id FROM kin k) ORDER BY l.enacted_at, l.address, l.from_address
$$;
COMMENT ON FUNCTION cutter.fn_iu_lineage(text) IS 'Where the text of a unit came from and went to, through renumbering, splits and mergers, as far as it goes.';
RESET ROLE;
-- units of the reference: from here
REVOKE CREATE ON SCHEMA public FROM cutter_owner;
-- units of the reference: to here

SET LOCAL ROLE cutter_owner;
-- An approver's key may be a passkey: its record stands where the raw key does, its assertion where the signature does.
ALTER TABLE cutter.approver_key DROP CONSTRAINT approver_key_public_key_check;
ALTER TABLE cutter.approver_key ADD CONSTRAINT approver_key_public_key_check
  CHECK (octet_length(public_key) = 32 OR octet_length(public_key) > 32 AND octet_length(public_key) <= 2048 AND substr(public_key, 1, 1) = '\x7b');
ALTER TABLE cutter.cut_approval DROP CONSTRAINT cut_approval_signature_check;
ALTER TABLE cutter.cut_approval ADD CONSTRAINT cut_approval_signature_check
  CHECK (octet_length(signature) = 64 OR octet_length(signature) > 64 AND octet_length(signature) <= 4096 AND substr(signature, 1, 1) = '\x7b');
COMMENT ON TABLE cutter.approver_key IS 'Public keys and passkeys of the people who may approve, registered by an administrator.';
COMMENT ON COLUMN cutter.approver_key.key_id IS 'SHA-256 of public_key, hexadecimal.';
COMMENT ON COLUMN cutter.approver_key.public_key IS 'The raw 32 bytes of an Ed25519 key, or the record of a passkey: JSON with its key and its site.';
COMMENT ON COLUMN cutter.cut_approval.signature IS 'The signature over them (DSSE pre-authentication encoding): 64 bytes, or a passkey''s assertion as JSON.';
RESET ROLE;

-- A revision of the text between the units touches none of them.
ALTER TABLE cutter.cut_change_set DROP CONSTRAINT cut_change_set_unit_count_check,
  ADD CONSTRAINT cut_change_set_unit_count_check CHECK (unit_count >= 0);
COMMENT ON COLUMN cutter.cut_change_set.unit_count IS 'Units written; none by a revision of the text between them.';

-- A version says what its document is and who answers for its unit, where that is no longer as the unit has it; and a revision may give
-- its document another title.
-- units of the reference: from here
ALTER TABLE public.unit_version ADD COLUMN publication_type text, ADD COLUMN owner_ref text;
COMMENT ON COLUMN public.unit_version.publication_type IS 'What the document is from this version on; NULL where that is as the unit has it.';
COMMENT ON COLUMN public.unit_version.owner_ref IS 'Who answers for the unit from this version on; NULL where that is as the unit has it.';
-- units of the reference: to here
ALTER TABLE cutter.decision_backlog_dependency DROP CONSTRAINT decision_backlog_dependency_kind_check,
  ADD CONSTRAINT decision_backlog_dependency_kind_check CHECK (kind IN ('source_text', 'supersedes', 'reverts', 'revises', 'base', 'title'));
COMMENT ON COLUMN cutter.decision_backlog_dependency.kind IS 'source_text: the exact text; base: what a revision starts from; title: the one that it gives; supersedes, reverts, revises: another entry.';
COMMENT ON COLUMN cutter.decision_backlog_dependency.reference IS 'SHA-256 of the text or title, digest of the base, or the id of the other entry.';
-- units of the reference: from here
GRANT CREATE ON SCHEMA public TO cutter_owner;
-- units of the reference: to here
SET LOCAL ROLE cutter_owner;
-- units of the reference: from here
-- Each join is by one column, so that the server leaves out those whose columns nobody asks for.
CREATE OR REPLACE VIEW cutter.iu_unit AS
  SELECT u.id AS unit_id, u.current_version_id AS version_id, v.version_no, u.canonical_address, u.document_code, v.title, v.body,
         v.body_sha256, coalesce(v.unit_kind, u.unit_kind) AS unit_kind, coalesce(v.section_type, u.section_type) AS section_type,
         coalesce(v.publication_type, u.publication_type) AS publication_type, coalesce(v.owner_ref, u.owner_ref) AS owner_ref,
         CASE WHEN v.replaces IS NULL THEN u.parent_id ELSE v.parent_id END AS parent_id,
         CASE WHEN v.replaces IS NULL THEN p.canonical_address ELSE m.canonical_address END AS parent_ref, u.lifecycle, u.created_at,
         v.state, v.in_force_from, u.parent_id AS first_parent_id
    FROM public.information_unit u
    LEFT JOIN public.unit_version v ON v.id = u.current_version_id
    LEFT JOIN public.information_unit p ON p.id = u.parent_id
    LEFT JOIN public.information_unit m ON m.id = v.parent_id;
CREATE OR REPLACE VIEW cutter.iu_version AS
  SELECT v.id AS version_id, v.unit_id, v.version_no, v.title, v.body, v.body_sha256, v.state, v.in_force_from, v.replaces,
         coalesce(v.unit_kind, u.unit_kind) AS unit_kind, coalesce(v.section_type, u.section_type) AS section_type,
         CASE WHEN v.replaces IS NULL THEN u.parent_id ELSE v.parent_id END AS parent_id, v.parent_id AS moved_to_id,
         coalesce(v.publication_type, u.publication_type) AS publication_type, coalesce(v.owner_ref, u.owner_ref) AS owner_ref
    FROM public.unit_version v LEFT JOIN public.information_unit u ON u.id = v.unit_id;
COMMENT ON COLUMN cutter.iu_version.publication_type IS 'What the document is in this version.';
COMMENT ON COLUMN cutter.iu_version.owner_ref IS 'Who answers for the unit in this version.';
-- units of the reference: to here
-- A site's versions say nothing of it by themselves: all of that is their units'.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = 'cutter.iu_version'::regclass AND a.attname = 'owner_ref') THEN
    EXECUTE format('CREATE OR REPLACE VIEW cutter.iu_version AS SELECT o.*, NULL::text AS publication_type, NULL::text AS owner_ref FROM (%s) AS o',
      rtrim(pg_catalog.pg_get_viewdef('cutter.iu_version'::regclass), ';'));
  END IF;
END $$;
CREATE OR REPLACE VIEW cutter.v_unit_history AS
  SELECT u.document_code, u.canonical_address AS address, v.version_no, v.title, v.body, v.state,
         coalesce(v.unit_kind, u.unit_kind) AS unit_kind, coalesce(v.section_type, u.section_type) AS section_type,
         CASE WHEN v.unit_kind IS NULL THEN u.parent_ref ELSE p.canonical_address END AS parent,
         v.in_force_from, coalesce(v.publication_type, u.publication_type) AS publication_type,
         coalesce(v.owner_ref, u.owner_ref) AS owner_ref, encode(v.body_sha256, 'hex') AS body_sha256,
         encode(sha256(convert_to(v.title, 'UTF8')), 'hex') AS title_sha256,
         s.change_set_id, h.recorded_at AS enacted_at, g.recorded_at AS reverted_at, u.lifecycle = 'withdrawn' AS withdrawn,
         u.lifecycle = 'enacted' AND u.version_id = v.version_id AS stands,
         u.unit_id, v.version_id, v.replaces
    FROM cutter.iu_unit u
    JOIN cutter.iu_version v ON v.unit_id = u.unit_id
    LEFT JOIN cutter.iu_unit p ON p.unit_id = v.parent_id
    LEFT JOIN cutter.cut_change_set_affected_row r ON r.version_id = v.version_id AND r.action IN ('created', 'revised', 'repealed')
    LEFT JOIN cutter.cut_change_set s ON s.change_set_id = r.change_set_id AND s.document_code = u.document_code
    LEFT JOIN cutter.decision_backlog_history h ON h.entry_id = s.entry_id AND h.to_status = 'enacted'
    LEFT JOIN cutter.decision_backlog_history g ON g.entry_id = s.entry_id AND g.to_status = 'reverted'
   WHERE h.recorded_at IS NOT NULL OR r.version_id IS NULL AND u.lifecycle = 'enacted' AND v.version_id = u.version_id;
-- units of the reference: from here
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
      unit_kind, section_type, parent_id, publication_type, owner_ref)
    SELECT version_id, unit_id, (SELECT max(w.version_no) + 1 FROM public.unit_version w WHERE w.unit_id = unit.id), title, body,
        sha256(convert_to(body, 'UTF8')), actor, state, in_force_from, base_version_id, unit_kind, section_type, parent,
        v.publication_type, v.owner_ref
      FROM public.unit_version v WHERE v.id = base_version_id;
  PERFORM set_config('app.canonical_writer', '', true);
END $$;

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

CREATE FUNCTION cutter.fn_iu_restate(version_id uuid, publication_type text, owner_ref text, actor text, OUT status text)
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  status := public.fn_iu_restate(version_id, publication_type, owner_ref, actor);
END $$;
COMMENT ON FUNCTION cutter.fn_iu_restate(uuid, text, text, text)
  IS 'Port: gives a new version another publication type and owner. Only the status "restated" is success.';

-- For cutter.fn_document_clear, with the rights of whoever calls it: no principal may.
CREATE FUNCTION cutter.fn_iu_put_back(unit_id uuid, version_id uuid, OUT status text)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  PERFORM set_config('app.canonical_writer', 'fn_iu_enact', true);
  UPDATE public.information_unit u SET lifecycle = 'enacted', current_version_id = version_id
    WHERE u.id = unit_id AND u.lifecycle <> 'draft';
  status := CASE WHEN FOUND THEN 'enacted' ELSE 'lifecycle: a draft' END;
  PERFORM set_config('app.canonical_writer', '', true);
END $$;
COMMENT ON FUNCTION cutter.fn_iu_put_back(uuid, uuid)
  IS 'Lets a unit stand again at the version that a revert, which nobody can finish, took it from. Only the status "enacted" is success.';
REVOKE ALL ON FUNCTION cutter.fn_iu_put_back(uuid, uuid) FROM PUBLIC;
-- units of the reference: to here
RESET ROLE;
-- units of the reference: from here
REVOKE CREATE ON SCHEMA public FROM cutter_owner;
-- units of the reference: to here

-- Nobody but a superuser makes large objects: they lie outside every table, and no privilege of ours would bound them. Where the
-- units are a site's own, so may be the large objects.
-- units of the reference: from here
DO $$
BEGIN
  IF (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user) THEN
    REVOKE EXECUTE ON FUNCTION pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC;
  END IF;
END $$;
-- units of the reference: to here

-- What a session sorts on disk has a bound; only a superuser may set one.
DO $$
DECLARE
  login text;
BEGIN
  IF (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user) THEN
    FOREACH login IN ARRAY ARRAY['cutter_exec', 'cutter_verify', 'cutter_rehearse', 'cutter_reader'] LOOP
      EXECUTE format('ALTER ROLE %I SET temp_file_limit = ''4GB''', login);
    END LOOP;
  END IF;
END $$;

SET LOCAL ROLE cutter_owner;
-- One approval for many change sets. Two people sign the root of a tree over the leaves of a release (RFC 6962) and how many they are.
-- The permit of each change set then opens by a proof that its leaf is in the tree. The leaf and the root are computed here, from the
-- fields that the permit is opened for, so nothing can be added, left out or exchanged. The permit itself is one like any other: the
-- verifier confirms it, the fence asks for it, a halt voids it.

CREATE TABLE cutter.release_permit (
  release_permit_id uuid PRIMARY KEY,
  release_id uuid NOT NULL,
  root text NOT NULL CHECK (root ~ '^[0-9a-f]{64}$'),
  documents integer NOT NULL CHECK (documents > 0),
  submitter text NOT NULL CHECK (btrim(submitter) <> ''),
  opened_at timestamptz NOT NULL,
  execute_by timestamptz NOT NULL
);
CREATE INDEX release_permit_of_release ON cutter.release_permit (release_id);
COMMENT ON TABLE cutter.release_permit IS 'Leave for the change sets of a release, until a time. By itself it lets nothing run: each change set opens a permit of its own.';
COMMENT ON COLUMN cutter.release_permit.release_permit_id IS 'Key, made by the executor.';
COMMENT ON COLUMN cutter.release_permit.release_id IS 'The release; after a halt or its end it can be approved again.';
COMMENT ON COLUMN cutter.release_permit.root IS 'The root of the tree over its leaves, as both have signed it.';
COMMENT ON COLUMN cutter.release_permit.documents IS 'How many leaves it has, as both have signed it.';
COMMENT ON COLUMN cutter.release_permit.submitter IS 'Who runs it; not one of the approvers.';
COMMENT ON COLUMN cutter.release_permit.opened_at IS 'When both approvals were accepted.';
COMMENT ON COLUMN cutter.release_permit.execute_by IS 'Until when its runs may commit: the earlier of the two approvals.';

CREATE TABLE cutter.release_approval (
  nonce text PRIMARY KEY CHECK (nonce ~ '^[0-9a-f]{32}$'),
  release_permit_id uuid NOT NULL REFERENCES cutter.release_permit (release_permit_id),
  gate text NOT NULL CHECK (gate IN ('SG_1', 'SG_2')),
  person text NOT NULL,
  key_id text NOT NULL REFERENCES cutter.approver_key (key_id),
  payload bytea NOT NULL,
  signature bytea NOT NULL
    CHECK (octet_length(signature) = 64 OR octet_length(signature) > 64 AND octet_length(signature) <= 4096 AND substr(signature, 1, 1) = '\x7b'),
  UNIQUE (release_permit_id, key_id)
);
COMMENT ON TABLE cutter.release_approval IS 'The signed approvals of releases, byte for byte, so that they can be verified for ever.';
COMMENT ON COLUMN cutter.release_approval.nonce IS 'A number used once.';
COMMENT ON COLUMN cutter.release_approval.release_permit_id IS 'What it opened.';
COMMENT ON COLUMN cutter.release_approval.gate IS 'SG_1 authorises the release, SG_2 lets it run.';
COMMENT ON COLUMN cutter.release_approval.person IS 'The approver.';
COMMENT ON COLUMN cutter.release_approval.key_id IS 'The approver''s key.';
COMMENT ON COLUMN cutter.release_approval.payload IS 'The exact bytes of the statement.';
COMMENT ON COLUMN cutter.release_approval.signature IS 'The signature over them (DSSE pre-authentication encoding): 64 bytes, or a passkey''s assertion as JSON.';

CREATE TABLE cutter.release_place (
  release_permit_id uuid NOT NULL REFERENCES cutter.release_permit (release_permit_id),
  place integer NOT NULL CHECK (place >= 0),
  permit_id uuid NOT NULL UNIQUE REFERENCES cutter.cut_permit (permit_id),
  leaf text[] NOT NULL,
  path bytea[] NOT NULL,
  PRIMARY KEY (release_permit_id, place)
);
COMMENT ON TABLE cutter.release_place IS 'Which permit was opened at which place of a release, with the proof. Each place opens once.';
COMMENT ON COLUMN cutter.release_place.release_permit_id IS 'The release.';
COMMENT ON COLUMN cutter.release_place.place IS 'The place of the leaf, from 0.';
COMMENT ON COLUMN cutter.release_place.permit_id IS 'The permit that it opened.';
COMMENT ON COLUMN cutter.release_place.leaf IS 'What the leaf says: document, kind, change set, attempt, digests of plan, effect and base, target, units, their root, doubts, changes, dates, publication type.';
COMMENT ON COLUMN cutter.release_place.path IS 'What leads from the leaf to the root, nearest first.';

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['release_permit', 'release_approval', 'release_place'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.%I FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only()', name);
    EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.%I EXECUTE FUNCTION cutter.fn_append_only()', name);
  END LOOP;
END $$;

CREATE FUNCTION cutter.fn_merkle_root(leaf bytea, place integer, leaves integer, path bytea[]) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  found bytea := sha256('\x00'::bytea || leaf);
  here integer := place;
  last integer := leaves - 1;
  used integer := 0;
BEGIN
  -- RFC 9162, section 2.1.3.2: the shape of the tree follows from the number of leaves, so a path fits one place only.
  IF place < 0 OR place > last OR path IS NULL OR cardinality(path) > 0 AND (array_ndims(path) <> 1 OR array_lower(path, 1) <> 1) THEN
    RETURN NULL;
  END IF;
  WHILE last > 0 LOOP
    IF here % 2 = 1 OR here < last THEN
      used := used + 1;
      IF used > cardinality(path) OR octet_length(path[used]) IS DISTINCT FROM 32 THEN
        RETURN NULL;
      END IF;
      found := sha256('\x01'::bytea || CASE here % 2 WHEN 1 THEN path[used] || found ELSE found || path[used] END);
    END IF;
    here := here / 2;
    last := last / 2;
  END LOOP;
  RETURN CASE WHEN used = cardinality(path) THEN found END;
END $$;
COMMENT ON FUNCTION cutter.fn_merkle_root(bytea, integer, integer, bytea[])
  IS 'The root that a path leads to from a leaf at a place of a tree of so many leaves (RFC 9162, section 2.1.3.2); NULL if it does not fit.';

CREATE FUNCTION cutter.fn_release_open(release_permit_id uuid, payloads bytea[], signatures bytea[], OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  moment timestamptz;
  said jsonb[];
  one jsonb;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    status := 'a release is opened in READ COMMITTED only: an old snapshot would not see a halt';
    RETURN;
  END IF;
  moment := clock_timestamp();  -- before anybody looks for a halt: see fn_halted_since
  said := ARRAY(SELECT convert_from(p, 'UTF8')::jsonb FROM unnest(payloads) AS p);
  one := said[1];
  -- The policy goes by publication types, which the leaves have: it is asked at each place, where the permit opens.
  status := cutter.fn_approvals_fault('release', payloads, signatures, ARRAY['SG_1', 'SG_2'],
    ARRAY['format', 'release_id', 'root', 'documents', 'target', 'submitter'], moment);
  IF status IS NULL THEN
    status := CASE
      WHEN one ->> 'format' IS DISTINCT FROM 'iu-cutter release approval 1' THEN 'this is no approval of a release'
      WHEN cardinality(payloads) <> 2 AND NOT EXISTS (SELECT FROM cutter.approval_policy) THEN 'two approvals are needed'
    END;
  END IF;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  INSERT INTO cutter.release_permit (release_permit_id, release_id, root, documents, submitter, opened_at, execute_by)
    VALUES (release_permit_id, (one ->> 'release_id')::uuid, one ->> 'root', (one ->> 'documents')::integer, one ->> 'submitter', moment,
      (SELECT min((a ->> 'execute_by')::timestamptz) FROM unnest(said) AS a));
  INSERT INTO cutter.release_approval (nonce, release_permit_id, gate, person, key_id, payload, signature)
    SELECT a.s ->> 'nonce', release_permit_id, a.s ->> 'gate', a.s ->> 'approver', a.s ->> 'key_id', payloads[a.n], signatures[a.n]
      FROM unnest(said) WITH ORDINALITY AS a (s, n);
  status := 'opened';
END $$;
COMMENT ON FUNCTION cutter.fn_release_open(uuid, bytea[], bytea[])
  IS 'Puts a release on record that two people or more have approved, and uses up their nonces. Only the status "opened" is success; every other wrote nothing.';

CREATE FUNCTION cutter.fn_release_place_open(permit_id uuid, release_permit_id uuid, place integer, leaf text[], path bytea[], OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  moment timestamptz;
  here text;
  release cutter.release_permit;
  change_set_id uuid;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    status := 'a permit is opened in READ COMMITTED only: an old snapshot would not see a halt';
    RETURN;
  END IF;
  moment := clock_timestamp();  -- before anybody looks for a halt: see fn_halted_since
  SELECT format('%s:%s@%s', d.datname, d.oid, c.system_identifier) INTO here
    FROM pg_catalog.pg_control_system() AS c, pg_catalog.pg_database AS d WHERE d.datname = current_database();
  SELECT p.* INTO release FROM cutter.release_permit p WHERE p.release_permit_id = release_permit_id;
  status := CASE
    WHEN release.release_permit_id IS NULL THEN 'no such release is approved here'
    WHEN cutter.fn_halted_since(release.opened_at) THEN 'the release was halted; have it approved again'
    WHEN release.execute_by <= moment THEN 'the approval of the release has expired; have it signed again'
    WHEN place IS NULL OR array_ndims(leaf) IS DISTINCT FROM 1 OR array_lower(leaf, 1) <> 1 OR cardinality(leaf) <> 14
      OR EXISTS (SELECT FROM unnest(leaf) AS f WHERE f IS NULL OR strpos(f, E'\x1f') > 0) THEN 'this is no leaf of a release'
    WHEN leaf[2] NOT IN ('cut', 'revision') THEN 'a release has cuts and revisions only'
    WHEN leaf[8] <> here THEN 'the release is for another database'
    WHEN encode(cutter.fn_merkle_root(convert_to(concat_ws(E'\x1f', 'iu-cutter release 1', release.documents::text, array_to_string(leaf, E'\x1f')),
        'UTF8'), place, release.documents, path), 'hex') IS DISTINCT FROM release.root
      THEN 'this is not what was approved at this place of the release'
  END;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  change_set_id := leaf[3]::uuid;
  PERFORM FROM cutter.release_place r JOIN cutter.cut_permit p ON p.permit_id = r.permit_id
    WHERE r.release_permit_id = release_permit_id AND r.place = place AND p.revoked_at IS NULL;
  IF FOUND THEN  -- a run that is resumed; a permit that nobody has confirmed yet allows nothing and waits for it
    status := 'opened';
    RETURN;
  END IF;
  status := CASE
    WHEN EXISTS (SELECT FROM cutter.release_place r WHERE r.release_permit_id = release_permit_id AND r.place = place)
      THEN 'this place of the release was opened before'
    WHEN EXISTS (SELECT FROM cutter.cut_permit p WHERE p.change_set_id = change_set_id AND p.used_at IS NOT NULL)
      THEN 'this change set was run before'
    ELSE cutter.fn_policy_fault(leaf[2], leaf[14],
      ARRAY(SELECT a.person FROM cutter.release_approval a WHERE a.release_permit_id = release_permit_id), moment)
  END;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  -- As in fn_permit_open: what ran out, or what nobody confirmed, makes way.
  UPDATE cutter.cut_permit p SET revoked_at = moment, revoked_by = session_user,
      revoke_reason = CASE WHEN p.execute_by <= moment THEN 'expired' ELSE 'not confirmed' END
    WHERE p.change_set_id = change_set_id AND p.revoked_at IS NULL
      AND (p.execute_by <= moment OR p.confirmed_at IS NULL AND p.opened_at <= moment - interval '1 minute'
        OR cutter.fn_halted_since(p.opened_at));
  IF EXISTS (SELECT FROM cutter.cut_permit p WHERE p.change_set_id = change_set_id AND p.revoked_at IS NULL) THEN
    status := 'this change set has a permit already';
    RETURN;
  END IF;
  INSERT INTO cutter.cut_permit (permit_id, change_set_id, kind, document_code, plan_digest, effect_digest, submitter, opened_at, execute_by)
    VALUES (permit_id, change_set_id, leaf[2], leaf[1], leaf[5], leaf[6], release.submitter, moment, release.execute_by);
  INSERT INTO cutter.release_place (release_permit_id, place, permit_id, leaf, path) VALUES (release_permit_id, place, permit_id, leaf, path);
  status := 'opened';
END $$;
COMMENT ON FUNCTION cutter.fn_release_place_open(uuid, uuid, integer, text[], bytea[])
  IS 'Opens the permit of one change set of an approved release, by the proof that its leaf is in the tree. Only the status "opened" is success.';

-- How the workers of a release share it, and the one backup that it is run under. Nothing here lets anybody write a unit: that do the
-- permits. It says who works at what, so that two workers do not take one document, and for how long a worker may be silent.

CREATE TABLE cutter.release_backup (
  release_permit_id uuid PRIMARY KEY REFERENCES cutter.release_permit (release_permit_id),
  result jsonb NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE cutter.release_backup IS 'The backup that was made before the first write of a release; each of its change sets has it on record as its own.';
COMMENT ON COLUMN cutter.release_backup.release_permit_id IS 'The release.';
COMMENT ON COLUMN cutter.release_backup.result IS 'What pre_write_backup answered.';
COMMENT ON COLUMN cutter.release_backup.recorded_at IS 'When, by the server''s clock.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.release_backup FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.release_backup EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER rehearsal_mark AFTER INSERT OR UPDATE ON cutter.release_backup
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();
CREATE TRIGGER rehearsal_mark AFTER INSERT ON cutter.release_permit
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();
CREATE TRIGGER rehearsal_mark AFTER INSERT ON cutter.release_approval
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();
CREATE TRIGGER rehearsal_mark AFTER INSERT ON cutter.release_place
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();

CREATE TABLE cutter.release_work (
  release_permit_id uuid NOT NULL REFERENCES cutter.release_permit (release_permit_id),
  place integer NOT NULL CHECK (place >= 0),
  document_code text NOT NULL CHECK (document_code <> ''),
  change_set_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'refused')),
  holder text,
  held_until timestamptz,
  claims integer NOT NULL DEFAULT 0 CHECK (claims >= 0),
  reason text NOT NULL DEFAULT '',
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (release_permit_id, place),
  CONSTRAINT release_work_held CHECK ((state = 'running') = (holder IS NOT NULL) AND (holder IS NULL) = (held_until IS NULL))
);
-- A claim looks among these only; of a release of a million documents it would otherwise go through all that are ended.
CREATE INDEX release_work_open ON cutter.release_work (release_permit_id, state, place) WHERE state IN ('waiting', 'running');
COMMENT ON TABLE cutter.release_work IS 'The documents of a release that is run: who works at each, and how it ended.';
COMMENT ON COLUMN cutter.release_work.release_permit_id IS 'The release.';
COMMENT ON COLUMN cutter.release_work.place IS 'The place of the document in it.';
COMMENT ON COLUMN cutter.release_work.document_code IS 'The document.';
COMMENT ON COLUMN cutter.release_work.change_set_id IS 'Its change set.';
COMMENT ON COLUMN cutter.release_work.state IS 'waiting, running, done, failed (try again), or refused (somebody has to look).';
COMMENT ON COLUMN cutter.release_work.holder IS 'The worker that has claimed it; NULL if none.';
COMMENT ON COLUMN cutter.release_work.held_until IS 'Until when the claim counts; then another worker may take it and resumes by the journal.';
COMMENT ON COLUMN cutter.release_work.claims IS 'How often it was claimed.';
COMMENT ON COLUMN cutter.release_work.reason IS 'Why it failed or was refused; empty otherwise.';
COMMENT ON COLUMN cutter.release_work.changed_at IS 'When this row was changed last.';
CREATE TRIGGER append_only BEFORE DELETE ON cutter.release_work FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.release_work EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER rehearsal_mark AFTER INSERT OR UPDATE ON cutter.release_work
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();
REVOKE ALL ON FUNCTION cutter.fn_merkle_root(bytea, integer, integer, bytea[]), cutter.fn_release_open(uuid, bytea[], bytea[]),
  cutter.fn_release_place_open(uuid, uuid, integer, text[], bytea[]) FROM PUBLIC;
RESET ROLE;

-- Who must approve is data, and the rules for approvals are one function for permits and releases.
SET LOCAL ROLE cutter_owner;
CREATE TABLE cutter.approval_policy (
  policy_sha256 text PRIMARY KEY,
  payload bytea NOT NULL,
  key_id text NOT NULL REFERENCES cutter.approver_key (key_id),
  signature bytea NOT NULL
    CHECK (octet_length(signature) = 64 OR octet_length(signature) > 64 AND octet_length(signature) <= 4096 AND substr(signature, 1, 1) = '\x7b'),
  installed_by text NOT NULL,
  installed_at timestamptz NOT NULL UNIQUE,
  CONSTRAINT approval_policy_names_itself CHECK (policy_sha256 = encode(sha256(payload), 'hex'))
);
COMMENT ON TABLE cutter.approval_policy IS 'Who must approve, as somebody with SG_3 has signed it; the last one is in force. Without one any two people approve.';
COMMENT ON COLUMN cutter.approval_policy.policy_sha256 IS 'SHA-256 of payload, hexadecimal.';
COMMENT ON COLUMN cutter.approval_policy.payload IS 'The exact bytes of the statement.';
COMMENT ON COLUMN cutter.approval_policy.key_id IS 'Whose key has signed it.';
COMMENT ON COLUMN cutter.approval_policy.signature IS 'The signature over them (DSSE pre-authentication encoding): 64 bytes, or a passkey''s assertion as JSON.';
COMMENT ON COLUMN cutter.approval_policy.installed_by IS 'The administrator''s login.';
COMMENT ON COLUMN cutter.approval_policy.installed_at IS 'Since when it is in force.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.approval_policy FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.approval_policy EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER rehearsal_mark AFTER INSERT ON cutter.approval_policy
  FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();

CREATE FUNCTION cutter.fn_policy_set(payload bytea, key_id text, signature bytea, OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  said jsonb;
  here text;
  moment timestamptz;
BEGIN
  LOCK TABLE cutter.approval_policy IN SHARE ROW EXCLUSIVE MODE;  -- one after another, so that each is later than the last
  moment := clock_timestamp();
  said := convert_from(payload, 'UTF8')::jsonb;
  SELECT format('%s:%s@%s', d.datname, d.oid, c.system_identifier) INTO here
    FROM pg_catalog.pg_control_system() AS c, pg_catalog.pg_database AS d WHERE d.datname = current_database();
  status := CASE
    WHEN said ->> 'format' IS DISTINCT FROM 'iu-cutter policy 1' THEN 'this is no policy'
    WHEN said ->> 'target' IS DISTINCT FROM here THEN 'it is for another database'
    WHEN NOT EXISTS (SELECT FROM cutter.approver_key k WHERE k.key_id = key_id AND 'SG_3' = ANY (k.gates)
        AND cutter.fn_person(k.person) = cutter.fn_person(said ->> 'signed_by') AND k.valid_from <= moment AND moment < k.valid_until
        AND (k.retired_at IS NULL OR k.retired_at > moment)) THEN 'its key is not registered for SG_3, or not any more'
    WHEN ((said ->> 'signed_at')::timestamptz BETWEEN moment - interval '1 hour' AND moment) IS NOT TRUE
      THEN 'it was not signed just now; sign it again'
    WHEN EXISTS (SELECT FROM cutter.approval_policy p
        WHERE (convert_from(p.payload, 'UTF8')::jsonb ->> 'signed_at')::timestamptz >= (said ->> 'signed_at')::timestamptz)
      THEN 'a policy was signed after it; sign it again'
  END;
  IF status IS NULL THEN
    INSERT INTO cutter.approval_policy (policy_sha256, payload, key_id, signature, installed_by, installed_at)
      VALUES (encode(sha256(payload), 'hex'), payload, key_id, signature, session_user, moment);
    status := 'installed';
  END IF;
END $$;
COMMENT ON FUNCTION cutter.fn_policy_set(bytea, text, bytea)
  IS 'Puts a policy in force that somebody with SG_3 has signed. Only an administrator may call it; whether the signature is one, the verifier judges.';

CREATE FUNCTION cutter.fn_policy_fault(kind text, publication_type text, people text[], moment timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  policy jsonb;
  rule jsonb;
  missing text;
BEGIN
  SELECT convert_from(p.payload, 'UTF8')::jsonb INTO policy FROM cutter.approval_policy p
    WHERE p.installed_at <= moment ORDER BY p.installed_at DESC LIMIT 1;
  IF policy IS NULL THEN
    RETURN CASE WHEN cardinality(people) <> 2 THEN 'two approvals are needed' END;
  END IF;
  IF kind <> 'revert' AND coalesce(publication_type, '') = '' THEN
    RETURN 'the approvals do not say the publication type, which the policy asks for; have them signed again';
  END IF;
  rule := coalesce(policy -> 'rules' -> CASE kind WHEN 'revert' THEN 'revert' ELSE publication_type END, policy -> 'rules' -> 'default');
  IF jsonb_typeof(rule) IS DISTINCT FROM 'object' OR (SELECT sum(r.value::integer) FROM jsonb_each_text(rule) AS r) IS NULL THEN
    RETURN 'the policy has no rule for this';
  END IF;
  SELECT string_agg(format('%s of %s', r.value, r.key), ', ' ORDER BY r.key) INTO missing FROM jsonb_each_text(rule) AS r
    WHERE r.key <> 'any' AND (SELECT count(DISTINCT cutter.fn_person(p)) FROM unnest(people) AS p
      WHERE cutter.fn_person(p) IN (SELECT cutter.fn_person(m) FROM jsonb_array_elements_text(policy -> 'groups' -> r.key) AS m)) < r.value::integer;
  RETURN CASE
    WHEN missing IS NOT NULL THEN format('the policy asks for %s', missing)
    WHEN (SELECT count(DISTINCT cutter.fn_person(p)) FROM unnest(people) AS p) < (SELECT sum(r.value::integer) FROM jsonb_each_text(rule) AS r)
      THEN format('the policy asks for %s people', (SELECT sum(r.value::integer) FROM jsonb_each_text(rule) AS r))
  END;
END $$;
COMMENT ON FUNCTION cutter.fn_policy_fault(text, text, text[], timestamptz)
  IS 'What the policy in force at that moment asks for that these people are not; NULL if they are enough. Without a policy two are.';

CREATE FUNCTION cutter.fn_approvals_fault(what text, payloads bytea[], signatures bytea[], gates text[], same text[], moment timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  here text;
  said jsonb[];
  given integer := cardinality(payloads);
BEGIN
  SELECT format('%s:%s@%s', d.datname, d.oid, c.system_identifier) INTO here
    FROM pg_catalog.pg_control_system() AS c, pg_catalog.pg_database AS d WHERE d.datname = current_database();
  IF (given BETWEEN 2 AND 16) IS NOT TRUE OR cardinality(signatures) IS DISTINCT FROM given
      OR array_ndims(payloads) <> 1 OR array_lower(payloads, 1) <> 1 OR array_ndims(signatures) <> 1 OR array_lower(signatures, 1) <> 1 THEN
    RETURN 'two approvals are needed';
  END IF;
  said := ARRAY(SELECT convert_from(p, 'UTF8')::jsonb FROM unnest(payloads) AS p);
  RETURN CASE
    WHEN EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL) THEN 'everything is halted; lift the halt first'
    WHEN (SELECT array_agg(DISTINCT a ->> 'gate' ORDER BY a ->> 'gate') FROM unnest(said) AS a) IS DISTINCT FROM gates
      THEN 'the gates are not the two that this needs'
    WHEN EXISTS (SELECT FROM unnest(same) AS f, unnest(said) AS a WHERE a ->> f IS NULL OR a ->> f IS DISTINCT FROM said[1] ->> f)
      OR EXISTS (SELECT FROM unnest(said) AS a WHERE a ->> 'publication_type' IS DISTINCT FROM said[1] ->> 'publication_type')
      THEN 'the two approvals are not for the same ' || what
    WHEN EXISTS (SELECT FROM unnest(ARRAY['gate', 'approver', 'key_id', 'nonce', 'approve_by', 'execute_by']) AS f, unnest(said) AS a
        WHERE a ->> f IS NULL) THEN 'an approval is not complete'
    WHEN said[1] ->> 'target' <> here THEN 'the approvals are for another database'
    WHEN (SELECT count(DISTINCT a ->> 'nonce') FROM unnest(said) AS a) <> given
      OR EXISTS (SELECT FROM unnest(said) AS a JOIN cutter.cut_approval u ON u.nonce = a ->> 'nonce')
      OR EXISTS (SELECT FROM unnest(said) AS a JOIN cutter.release_approval u ON u.nonce = a ->> 'nonce')
      THEN 'an approval was used before; have it signed again'
    WHEN (SELECT count(*) FROM unnest(said) AS a JOIN cutter.approver_key k ON k.key_id = a ->> 'key_id'
        WHERE cutter.fn_person(k.person) = cutter.fn_person(a ->> 'approver') AND a ->> 'gate' = ANY (k.gates) AND k.valid_from <= moment AND moment < k.valid_until
          AND (k.retired_at IS NULL OR k.retired_at > moment)) <> given
      THEN 'an approver is not registered for this gate, or not any more'
    WHEN (SELECT count(DISTINCT a ->> 'key_id') FROM unnest(said) AS a) <> given
      OR (SELECT count(DISTINCT cutter.fn_person(a ->> 'approver')) FROM unnest(said) AS a) <> given
      THEN 'two different people have to approve'
    WHEN EXISTS (SELECT FROM unnest(said) AS a WHERE cutter.fn_person(a ->> 'approver') = cutter.fn_person(said[1] ->> 'submitter'))
      THEN 'who submits a run can not approve it'
    WHEN EXISTS (SELECT FROM unnest(said) AS a WHERE least((a ->> 'approve_by')::timestamptz, (a ->> 'execute_by')::timestamptz) <= moment)
      THEN 'an approval has expired; have it signed again'
    WHEN EXISTS (SELECT FROM unnest(said) AS a WHERE (a ->> 'execute_by')::timestamptz > moment + interval '7 days')
      THEN 'an approval is valid for too long; have it signed again'
  END;
END $$;
COMMENT ON FUNCTION cutter.fn_approvals_fault(text, bytea[], bytea[], text[], text[], timestamptz)
  IS 'The rules for approvals, of a change set as of a release: why these let nothing run, or NULL. Signatures are judged elsewhere.';

ALTER TABLE cutter.cut_approval DROP CONSTRAINT cut_approval_permit_id_gate_key;
COMMENT ON COLUMN cutter.cut_permit.opened_at IS 'When the approvals were accepted.';
COMMENT ON COLUMN cutter.cut_permit.execute_by IS 'Until when the run may commit: the earliest of the approvals.';
CREATE OR REPLACE FUNCTION cutter.fn_permit_open(permit_id uuid, payloads bytea[], signatures bytea[], OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  moment timestamptz;
  said jsonb[];
  one jsonb;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    status := 'a permit is opened in READ COMMITTED only: an old snapshot would not see a halt';
    RETURN;
  END IF;
  moment := clock_timestamp();  -- before anybody looks for a halt: see fn_halted_since
  said := ARRAY(SELECT convert_from(p, 'UTF8')::jsonb FROM unnest(payloads) AS p);
  one := said[1];
  status := coalesce(cutter.fn_approvals_fault('run', payloads, signatures,
      CASE one ->> 'kind' WHEN 'cut' THEN ARRAY['SG_1', 'SG_2'] WHEN 'revision' THEN ARRAY['SG_1', 'SG_2'] WHEN 'revert' THEN ARRAY['SG_2', 'SG_3'] END,
      ARRAY['kind', 'change_set_id', 'document_code', 'plan_digest', 'effect_digest', 'target', 'attempt', 'submitter'], moment),
    cutter.fn_policy_fault(one ->> 'kind', one ->> 'publication_type', ARRAY(SELECT a ->> 'approver' FROM unnest(said) AS a), moment));
  IF status IS NULL AND EXISTS (SELECT FROM cutter.cut_permit p WHERE p.change_set_id = (one ->> 'change_set_id')::uuid AND p.used_at IS NOT NULL) THEN
    status := 'this change set was run before';
  END IF;
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
      (SELECT min((a ->> 'execute_by')::timestamptz) FROM unnest(said) AS a));
  INSERT INTO cutter.cut_approval (nonce, permit_id, gate, person, key_id, payload, signature)
    SELECT a.s ->> 'nonce', permit_id, a.s ->> 'gate', a.s ->> 'approver', a.s ->> 'key_id', payloads[a.n], signatures[a.n]
      FROM unnest(said) WITH ORDINALITY AS a (s, n);
  status := 'opened';
END $$;
COMMENT ON FUNCTION cutter.fn_permit_open(uuid, bytea[], bytea[])
  IS 'Opens the permit of a change set with the approvals of two people or more, whose nonces it uses up. Only the status "opened" is success; every other wrote nothing.';
REVOKE ALL ON FUNCTION cutter.fn_policy_set(bytea, text, bytea), cutter.fn_policy_fault(text, text, text[], timestamptz),
  cutter.fn_approvals_fault(text, bytea[], bytea[], text[], text[], timestamptz) FROM PUBLIC;
RESET ROLE;

-- What the executor's login may write under an open permit is less, and what it wrote an administrator can take out of the way.
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
      ('cut_applied', 'reverted'), ('verified_complete', 'reverted'), ('enacted', 'reverted'))
      -- An administrator who clears a document ends what no run can finish or take back: see fn_document_clear.
      AND NOT (NEW.status = 'superseded' AND OLD.status IN ('cut_applied', 'verified_complete')
        AND pg_has_role(session_user, 'cutter_owner', 'MEMBER')) THEN
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
  IF session_user = ANY (ARRAY['cutter_exec', 'cutter_verify']) THEN
    IF NOT cutter.fn_document_released(OLD.document_code) THEN
      RAISE EXCEPTION 'a backlog entry moves while a confirmed permit is open for its document' USING ERRCODE = 'IU006';
    END IF;
    -- Who has written units is finished or reverted; nobody who comes after it takes its place.
    IF NEW.status = 'superseded' AND EXISTS (SELECT FROM cutter.cut_phase_journal j
        WHERE j.change_set_id = OLD.change_set_id AND j.phase = 'cut_leg_a') THEN
      RAISE EXCEPTION 'a backlog entry that has written units is not superseded' USING ERRCODE = 'IU003';
    END IF;
    IF NEW.status = 'enacted' AND EXISTS (SELECT FROM cutter.cut_change_set_affected_row r
        JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
        WHERE r.change_set_id = OLD.change_set_id AND CASE r.action WHEN 'created' THEN u.lifecycle = 'draft'
          WHEN 'withdrawn' THEN u.lifecycle <> 'withdrawn' WHEN 'restored' THEN u.version_id = r.version_id
          ELSE u.version_id <> r.version_id END) THEN
      RAISE EXCEPTION 'a backlog entry is enacted when its units are' USING ERRCODE = 'IU003';
    END IF;
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION cutter.fn_entry_step() IS 'Trigger: legal steps of a backlog entry (IU003), each by the principal that may take it (IU004) and under an open permit (IU006).';
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
    -- Else whoever knows a plan could write the half of a change set that is still to come, and nobody could write another.
    IF session_user = ANY (ARRAY['cutter_exec', 'cutter_verify']) AND NOT EXISTS (SELECT FROM cutter.cut_permit p
        WHERE p.change_set_id = (to_jsonb(NEW) ->> 'change_set_id')::uuid
          AND p.confirmed_at IS NOT NULL AND p.revoked_at IS NULL AND p.used_at IS NULL
          AND NOT EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL OR h.lifted_at >= p.opened_at)) THEN
      RAISE EXCEPTION 'a half of the pair is written under the confirmed permit of its change set' USING ERRCODE = 'IU006';
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
  -- Without a decision, under a halt, an administrator takes a draft away: it never was law, and nobody may stand in a law's way with it.
  clearing boolean := review_decision_id IS NULL AND pg_has_role(session_user, 'cutter_owner', 'MEMBER')
    AND EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL);
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
    WHEN revert.entry_id IS NULL AND NOT (clearing AND unit.lifecycle = 'draft')
      THEN 'review_decision: no reviewed revert of this decision holds ' || unit.canonical_address || ' as it stands'
    WHEN NOT clearing AND session_user <> 'cutter_rehearse' AND NOT EXISTS (SELECT FROM cutter.cut_permit p
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
  -- A phase that was not done uses no permit up, and stands in no other's way.
  IF NEW.phase <> 'pre_write_backup' AND session_user = ANY (ARRAY['cutter_exec', 'cutter_verify'])
      AND NOT EXISTS (SELECT FROM cutter.decision_backlog_entry e WHERE e.change_set_id = NEW.change_set_id
        AND e.status = CASE NEW.phase WHEN 'mark' THEN 'marked' WHEN 'review' THEN 'reviewed' WHEN 'cut_leg_a' THEN 'reviewed'
          WHEN 'leg_b_record' THEN 'cut_applied' WHEN 'write_verify' THEN 'verified_complete' ELSE 'enacted' END) THEN
    RAISE EXCEPTION 'phase % can not be recorded: its entry does not stand where it leads to', NEW.phase USING ERRCODE = 'IU003';
  END IF;
  IF NEW.phase = 'lifecycle_enact' AND standing = 'open' THEN
    UPDATE cutter.cut_permit p SET used_at = clock_timestamp() WHERE p.change_set_id = NEW.change_set_id AND p.revoked_at IS NULL;
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION cutter.fn_journal_fence() IS 'Trigger: no phase is recorded without an open permit, whatever the program does (IU006), nor before its entry stands where it leads to (IU003); the last phase uses the permit up.';

-- What stands in a document's way and is no law, taken out of it by an administrator: drafts that nobody can finish or withdraw, because
-- whoever held the executor's login under an open permit wrote them, or beside them in the ledger. Everything that is done is kept.

CREATE TABLE cutter.cleared (
  clearing_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('change_set', 'unit', 'version')),
  subject uuid NOT NULL,
  document_code text NOT NULL CHECK (document_code <> ''),
  canonical_address text,
  was text NOT NULL,
  body_sha256 bytea,
  cleared_by text NOT NULL CHECK (cleared_by ~ '\S'),
  reason text NOT NULL CHECK (reason ~ '\S'),
  cleared_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clearing_id, kind, subject),
  CONSTRAINT cleared_has_an_address CHECK ((canonical_address IS NULL) = (kind = 'change_set'))
);
COMMENT ON TABLE cutter.cleared IS 'What an administrator took out of a document''s way: change sets that were ended, drafts that were withdrawn, versions that nobody stands at; and units that stand again.';
COMMENT ON COLUMN cutter.cleared.clearing_id IS 'What was done together.';
COMMENT ON COLUMN cutter.cleared.kind IS 'change_set, unit or version.';
COMMENT ON COLUMN cutter.cleared.subject IS 'Key of the change set, unit or version.';
COMMENT ON COLUMN cutter.cleared.document_code IS 'The document.';
COMMENT ON COLUMN cutter.cleared.canonical_address IS 'The unit''s address; NULL for a change set.';
COMMENT ON COLUMN cutter.cleared.was IS 'Where it stood: the status of a change set, or none; draft for a unit, and for one that stands again withdrawn or the number of a version; the number of a version.';
COMMENT ON COLUMN cutter.cleared.body_sha256 IS 'SHA-256 of the body that a unit or version has; NULL for a change set.';
COMMENT ON COLUMN cutter.cleared.cleared_by IS 'The administrator who did it.';
COMMENT ON COLUMN cutter.cleared.reason IS 'Why.';
COMMENT ON COLUMN cutter.cleared.cleared_at IS 'When, by the server''s clock.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.cleared FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.cleared EXECUTE FUNCTION cutter.fn_append_only();

-- With the rights of whoever calls it, who has to be the owner or a superuser: each write goes by the guards that everybody's does.
CREATE FUNCTION cutter.fn_document_clear(document text, cleared_by text, reason text, put_back boolean DEFAULT false)
RETURNS TABLE (kind text, subject uuid, canonical_address text, was text)
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_column
DECLARE
  clearing uuid := gen_random_uuid();
  entry cutter.decision_backlog_entry;
  left_over bigint;
  before bigint;
  answer text;
  taken record;
BEGIN
  IF NOT EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL) THEN
    RAISE EXCEPTION 'a document is cleared while everything is halted' USING ERRCODE = 'IU006';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('fn_iu_create:' || document, 0));
  FOR entry IN SELECT e.* FROM cutter.decision_backlog_entry e
      WHERE e.document_code = document AND (e.status IN ('marked', 'reviewed', 'cut_applied', 'verified_complete')
          OR e.status = 'superseded' AND NOT EXISTS (SELECT FROM cutter.decision_backlog_history h
            WHERE h.entry_id = e.entry_id AND h.to_status = 'superseded'))
        -- A revert that has moved enacted units is finished by its own command: what it did is approved, and half of it is not. Where
        -- that can not be, they are put back when it is asked for.
        AND (put_back OR NOT EXISTS (SELECT FROM cutter.decision_backlog_dependency d
          JOIN cutter.decision_backlog_entry o ON o.entry_id::text = d.reference AND o.status = 'enacted'
          JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = o.change_set_id
          JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
          JOIN cutter.iu_version v ON v.version_id = r.version_id
          WHERE d.entry_id = e.entry_id AND d.kind = 'reverts' AND CASE r.action WHEN 'created' THEN u.lifecycle = 'withdrawn'
            ELSE u.version_no < v.version_no END))
      ORDER BY e.opened_at FOR UPDATE LOOP
    UPDATE cutter.decision_backlog_entry e SET status = 'superseded' WHERE e.entry_id = entry.entry_id AND e.status <> 'superseded';
    -- From the last step that was told: whoever moved the entry may have kept it from the history.
    INSERT INTO cutter.decision_backlog_history (document_code, entry_id, from_status, to_status, actor, payload_sha256)
      VALUES (document, entry.entry_id, (SELECT h.to_status FROM cutter.decision_backlog_history h
          WHERE h.entry_id = entry.entry_id ORDER BY h.chain_no DESC LIMIT 1), 'superseded', cleared_by, entry.plan_digest);
    INSERT INTO cutter.cleared (clearing_id, kind, subject, document_code, was, cleared_by, reason)
      VALUES (clearing, 'change_set', entry.change_set_id, document, entry.status, cleared_by, reason);
  END LOOP;
  INSERT INTO cutter.cleared (clearing_id, kind, subject, document_code, canonical_address, was, body_sha256, cleared_by, reason)
    SELECT clearing, 'unit', u.unit_id, document, u.canonical_address, 'draft', sha256(convert_to(u.body, 'UTF8')), cleared_by, reason
      FROM cutter.iu_unit u WHERE u.document_code = document AND u.lifecycle = 'draft';
  -- Children before parents: what sorts later is deeper as a rule, and what is not comes in the next turn.
  left_over := -1;
  LOOP
    before := left_over;
    SELECT count(*) FILTER (WHERE f.status <> 'withdrawn'), min(f.status) FILTER (WHERE f.status <> 'withdrawn') INTO left_over, answer
      FROM (SELECT u.unit_id, u.version_id FROM cutter.iu_unit u WHERE u.document_code = document AND u.lifecycle = 'draft'
        ORDER BY u.canonical_address COLLATE "C" DESC) d
      CROSS JOIN LATERAL cutter.fn_iu_withdraw(d.unit_id, d.version_id, 'draft', NULL, cleared_by) AS f (status);
    EXIT WHEN left_over = 0 OR left_over = before;
  END LOOP;
  IF left_over > 0 THEN
    RAISE EXCEPTION '% drafts of % could not be withdrawn: %', left_over, document, answer USING ERRCODE = 'IU003';
  END IF;
  -- What a revert that was ended here has taken from its places, each at the version that it was taken from.
  FOR taken IN SELECT u.unit_id, r.version_id, u.canonical_address, u.lifecycle, u.version_no, v.body
      FROM cutter.cleared c
      JOIN cutter.decision_backlog_entry e ON c.kind = 'change_set' AND e.change_set_id = c.subject
      JOIN cutter.decision_backlog_dependency d ON d.entry_id = e.entry_id AND d.kind = 'reverts'
      JOIN cutter.decision_backlog_entry o ON o.entry_id::text = d.reference AND o.status = 'enacted'
      JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = o.change_set_id
      JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
      JOIN cutter.iu_version v ON v.version_id = r.version_id
      WHERE c.clearing_id = clearing
        AND CASE r.action WHEN 'created' THEN u.lifecycle = 'withdrawn' ELSE u.version_no < v.version_no END
      ORDER BY r.seq LOOP
    IF to_regprocedure('cutter.fn_iu_put_back(uuid, uuid)') IS NULL THEN
      RAISE EXCEPTION 'this knowledge base has units of its own, and nothing puts back what a revert has taken away; bring a backup back'
        USING ERRCODE = 'IU003';
    END IF;
    answer := cutter.fn_iu_put_back(taken.unit_id, taken.version_id);
    IF answer <> 'enacted' THEN
      RAISE EXCEPTION '% can not be put back: %', taken.canonical_address, answer USING ERRCODE = 'IU003';
    END IF;
    INSERT INTO cutter.cleared (clearing_id, kind, subject, document_code, canonical_address, was, body_sha256, cleared_by, reason)
      VALUES (clearing, 'unit', taken.unit_id, document, taken.canonical_address,
        CASE taken.lifecycle WHEN 'withdrawn' THEN 'withdrawn' ELSE taken.version_no::text END,
        sha256(convert_to(taken.body, 'UTF8')), cleared_by, reason);
  END LOOP;
  -- Versions of units that stand, which no change set has on record.
  INSERT INTO cutter.cleared (clearing_id, kind, subject, document_code, canonical_address, was, body_sha256, cleared_by, reason)
    SELECT clearing, 'version', v.version_id, document, u.canonical_address, v.version_no::text, sha256(convert_to(v.body, 'UTF8')),
        cleared_by, reason
      FROM cutter.iu_unit u JOIN cutter.iu_version v ON v.unit_id = u.unit_id AND v.version_id <> u.version_id
      WHERE u.document_code = document AND u.lifecycle = 'enacted'
        AND EXISTS (SELECT FROM cutter.cut_change_set_affected_row r WHERE r.unit_id = u.unit_id)
        AND NOT EXISTS (SELECT FROM cutter.cut_change_set_affected_row r WHERE r.version_id = v.version_id)
        AND NOT EXISTS (SELECT FROM cutter.cleared c WHERE c.kind = 'version' AND c.subject = v.version_id);
  RETURN QUERY SELECT c.kind, c.subject, c.canonical_address, c.was FROM cutter.cleared c WHERE c.clearing_id = clearing
    ORDER BY c.kind, c.canonical_address COLLATE "C", c.subject;
END $$;
COMMENT ON FUNCTION cutter.fn_document_clear(text, text, text, boolean)
  IS 'Takes out of a document''s way what is no law, under a halt: ends what is unfinished, withdraws drafts, names versions that are on no record, and puts back, where it is asked for, what a revert has taken away that nobody can finish. An administrator''s alone.';
REVOKE ALL ON FUNCTION cutter.fn_document_clear(text, text, text, boolean) FROM PUBLIC;

-- A halt of the same microsecond as another was refused.
COMMENT ON COLUMN cutter.cut_halt.halt_no IS 'Rises: the moment in microseconds, or the next that was free; in version 2 of the schema and before, a count from 1.';
CREATE OR REPLACE FUNCTION cutter.fn_halt(halted_by text, reason text, OUT halt_no bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  -- The number is the moment, or the next that is free: a halt is not refused for another of the same microsecond, and waits for
  -- nobody, not even for one that was begun and left.
  halt_no := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
  LOOP
    IF pg_try_advisory_xact_lock(hashtextextended('iu-cutter halt', halt_no)) THEN
      EXIT WHEN NOT EXISTS (SELECT FROM cutter.cut_halt h WHERE h.halt_no = halt_no);
    END IF;
    halt_no := halt_no + 1;
  END LOOP;
  INSERT INTO cutter.cut_halt (halt_no, halted_by, reason) VALUES (halt_no, halted_by, reason);
END $$;
RESET ROLE;
