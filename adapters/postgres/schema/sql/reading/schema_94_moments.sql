-- What stood where, on a day and as far as it was known at a time. Written for one address and for one document each, so that nothing
-- else is read. They answer with what the views show, and have their owner's rights, to read the views' tables once. That for a document
-- is planned once, as for a server whose pages are near: what one law has is read again and again. What a site's versions do not say of
-- themselves is their unit's.

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
