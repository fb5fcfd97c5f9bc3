-- name: adopt_tables
-- Every table that is neither the server's nor cutter's, with its columns and their types.
SELECT n.nspname || '.' || c.relname AS name,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              ORDER BY a.attnum) AS columns,
       ARRAY(SELECT format_type(a.atttypid, NULL) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
                AND NOT a.attisdropped ORDER BY a.attnum) AS types,
       ARRAY(SELECT s.nspname || '.' || f.proname FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc f ON f.oid = t.tgfoid
               JOIN pg_catalog.pg_namespace s ON s.oid = f.pronamespace WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS triggers
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'cutter')
 ORDER BY 1;

-- name: adopt_functions
-- Every function of the same schemas: parameters, answer, rights and source.
SELECT n.nspname || '.' || p.proname AS name,
       ARRAY(SELECT format_type(t.oid, NULL) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (oid, place) ORDER BY t.place) AS types,
       coalesce(p.proargnames, '{}')::text[] AS names, format_type(p.prorettype, NULL) AS returns, p.prosecdef AS definer,
       p.prosrc AS source
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'cutter') AND p.prokind = 'f'
 ORDER BY 1;

-- name: adopt_roles
-- Which of our roles are there already, and whether each inherits.
SELECT rolname::text AS role, rolinherit AS inherit FROM pg_catalog.pg_roles
 WHERE rolname IN ('cutter_owner', 'cutter_exec', 'cutter_verify', 'cutter_rehearse', 'cutter_read', 'cutter_reader') ORDER BY 1;

-- name: adopt_members
-- Which of our principals the rehearsal's login may become already: another database of the server may need that.
SELECT g.rolname::text FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
  JOIN pg_catalog.pg_roles r ON r.oid = m.member WHERE r.rolname = 'cutter_rehearse' AND g.rolname IN ('cutter_exec', 'cutter_verify');

-- name: adopt_written
-- What our principals were granted to write in the units' tables, whole or in columns: by name, and not as members or as everybody.
WITH looked AS (
  SELECT t.name, c.oid, c.relacl FROM unnest(%(tables)s::text[]) AS t (name)
    JOIN pg_catalog.pg_class c ON c.oid = format('%%I.%%I', split_part(t.name, '.', 1), split_part(t.name, '.', 2))::regclass
)
SELECT g.name, r.rolname::text AS role, g.privilege, g.grantable
  FROM (SELECT l.name, a.grantee, a.privilege_type AS privilege, a.is_grantable AS grantable FROM looked l, aclexplode(l.relacl) a
         UNION
        SELECT l.name, a.grantee, format('%%s (%%I)', a.privilege_type, c.attname), a.is_grantable
          FROM looked l JOIN pg_catalog.pg_attribute c ON c.attrelid = l.oid AND c.attnum > 0 AND NOT c.attisdropped, aclexplode(c.attacl) a) g
  JOIN pg_catalog.pg_roles r ON r.oid = g.grantee
 WHERE r.rolname IN ('cutter_exec', 'cutter_verify') AND split_part(g.privilege, ' ', 1) IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')
 ORDER BY 1, 2, 3;

-- name: adopt_words
-- The words that a column of the units has, the commonest first; {word} and {table} are the mapping's.
SELECT {word}::text FROM {table} AS u WHERE {word} IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1;

-- name: adopt_allowed
-- The words that a column may hold: those of its enum in their order, or those that its CHECK constraints and those of its domain name.
WITH looked AS (
  SELECT a.attrelid, a.attnum, coalesce(nullif(t.typbasetype, 0), t.oid) AS enum, t.oid AS type
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname || '.' || c.relname = %(table)s AND a.attname = %(column)s AND NOT a.attisdropped
)
SELECT word FROM (
  SELECT e.enumlabel::text AS word, 0 AS place, e.enumsortorder AS part
    FROM looked l JOIN pg_catalog.pg_enum e ON e.enumtypid = l.enum
  UNION ALL
  SELECT m[1], 1, ord
    FROM looked l
    JOIN pg_catalog.pg_constraint c ON c.contype = 'c' AND (c.conrelid = l.attrelid AND c.conkey = ARRAY[l.attnum] OR c.contypid = l.type)
   CROSS JOIN LATERAL regexp_matches(pg_get_constraintdef(c.oid), '''([^'']+)''', 'g') WITH ORDINALITY AS f (m, ord)) w
 ORDER BY place, part;

-- name: adopt_try_function
-- Whether the site's function takes what the port would give: the server analyses the call, and nothing is executed.
PREPARE cutter_try AS SELECT {function}({given}); DEALLOCATE cutter_try;

-- name: adopt_try_word
-- Whether the units' lifecycle may hold a word of the mapping, as far as its type says; nothing is executed.
PREPARE cutter_try AS UPDATE {units} u SET {lifecycle} = {word}; DEALLOCATE cutter_try;

-- name: adopt_count
-- How many units there are.
SELECT count(*) FROM {table};

-- name: adopt_words_table
-- Cutter's own words for the units that it has written: the site's vocabulary may know fewer.
CREATE TABLE cutter.iu_word (
  unit_id uuid PRIMARY KEY,
  unit_kind text NOT NULL,
  section_type text NOT NULL,
  publication_type text NOT NULL
);
COMMENT ON TABLE cutter.iu_word IS 'Cutter''s own words for the units that it has written: the site''s vocabulary may know fewer.';
COMMENT ON COLUMN cutter.iu_word.unit_id IS 'The unit.';
COMMENT ON COLUMN cutter.iu_word.unit_kind IS 'What the plan calls it.';
COMMENT ON COLUMN cutter.iu_word.section_type IS 'What the plan says of its place.';
COMMENT ON COLUMN cutter.iu_word.publication_type IS 'What the plan says of its document.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.iu_word FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.iu_word EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER rehearsal_mark AFTER INSERT ON cutter.iu_word FOR EACH STATEMENT EXECUTE FUNCTION cutter.fn_rehearsal_mark();

-- name: adopt_unit_view
-- The site's units as the port shows them.
CREATE VIEW cutter.iu_unit AS
  SELECT u.{key} AS unit_id, v.{version_key} AS version_id, {number}::integer AS version_no, u.{address}::text AS canonical_address,
         split_part(split_part(u.{address}, '~', 1), '!', 1) AS document_code, {title}::text AS title, {body}::text AS body,
         sha256(convert_to({body}, 'UTF8')) AS body_sha256, coalesce(w.unit_kind, {unit_kind}::text) AS unit_kind,
         coalesce(w.section_type, {section_type}::text) AS section_type,
         coalesce(w.publication_type, {publication_type}::text) AS publication_type, coalesce({owner}::text, '') AS owner_ref,
         p.{key} AS parent_id, {parent}::text AS parent_ref,
         CASE {lifecycle}::text WHEN {draft} THEN 'draft' WHEN {enacted} THEN 'enacted' ELSE 'withdrawn' END AS lifecycle,
         {created}::timestamptz AS created_at, 'text'::text AS state, NULL::date AS in_force_from, p.{key} AS first_parent_id
    FROM {units} u
    LEFT JOIN {versions} v ON v.{version_key} = {version}
    LEFT JOIN {units} p ON p.{address} = {parent}
    LEFT JOIN cutter.iu_word w ON w.unit_id = u.{key};
COMMENT ON VIEW cutter.iu_unit IS 'Every unit with the version that it stands at, from the site''s own tables (docs/contract.md).';

-- name: adopt_version_view
-- The site's versions as the port shows them.
CREATE VIEW cutter.iu_version AS
  SELECT v.{version_key} AS version_id, v.{unit} AS unit_id, {number}::integer AS version_no, {title}::text AS title,
         {body}::text AS body, sha256(convert_to({body}, 'UTF8')) AS body_sha256, 'text'::text AS state, NULL::date AS in_force_from,
         NULL::uuid AS replaces, NULL::text AS unit_kind, NULL::text AS section_type, NULL::uuid AS parent_id, NULL::uuid AS moved_to_id,
         NULL::text AS publication_type, NULL::text AS owner_ref
    FROM {versions} v;
COMMENT ON VIEW cutter.iu_version IS 'Every version of every unit, from the site''s own tables.';
CREATE VIEW cutter.iu_lineage AS SELECT v.version_id, v.version_id AS from_version_id FROM cutter.iu_version v WHERE false;
COMMENT ON VIEW cutter.iu_lineage IS 'Whose text became a version''s: nothing, where the site''s port can not revise.';

-- name: adopt_create
-- The port's function over the site's own. It refuses what the contract says, so that a site which is more lenient keeps it too.
CREATE FUNCTION cutter.fn_iu_create(
  canonical_address text, title text, body text, actor text, unit_kind text, section_type text,
  publication_type text, owner_ref text, parent_ref text DEFAULT NULL,
  OUT status text, OUT unit_id uuid, OUT version_id uuid
) RETURNS record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {site}, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  answer jsonb;
  kinds jsonb := {kinds};
  types jsonb := {types};
  publications jsonb := {publications};
BEGIN
  status := CASE
    WHEN coalesce(btrim(canonical_address), '') = '' THEN 'canonical_address: empty'
    WHEN coalesce(btrim(title), '') = '' THEN 'title: empty'
    WHEN body IS NULL THEN 'body: NULL'
    WHEN coalesce(btrim(actor), '') = '' THEN 'actor: empty'
    WHEN kinds ->> unit_kind IS NULL THEN 'unit_kind: unknown ' || coalesce(unit_kind, 'NULL')
    WHEN coalesce(section_type, '') = '' THEN 'section_type: Multiple, choose: '
      || (SELECT string_agg(k, ', ' ORDER BY k COLLATE "C") FROM jsonb_object_keys(types) AS k)
    WHEN types ->> section_type IS NULL THEN 'section_type: unknown ' || section_type
    WHEN publications ->> publication_type IS NULL THEN 'publication_type: unknown ' || coalesce(publication_type, 'NULL')
    WHEN EXISTS (SELECT FROM cutter.iu_unit u WHERE u.canonical_address = fn_iu_create.canonical_address AND u.lifecycle <> 'withdrawn')
      THEN 'canonical_address: exists'
    WHEN parent_ref IS NOT NULL AND NOT EXISTS (SELECT FROM cutter.iu_unit u
        WHERE u.canonical_address = parent_ref AND u.lifecycle <> 'withdrawn') THEN 'parent_ref: unknown ' || parent_ref
  END;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  answer := to_jsonb({create}(canonical_address, title, body, actor, kinds ->> unit_kind, types ->> section_type,
    publications ->> publication_type, owner_ref, parent_ref));
  status := CASE WHEN jsonb_typeof(answer) = 'object' THEN answer ->> 'status' ELSE answer #>> '{{}}' END;
  IF status IS DISTINCT FROM {created} THEN
    status := coalesce(status || ': ' || (answer ->> 'reason'), status, 'NULL');
    RETURN;
  END IF;
  SELECT u.unit_id, u.version_id INTO unit_id, version_id FROM cutter.iu_unit u
    WHERE u.canonical_address = fn_iu_create.canonical_address AND u.lifecycle = 'draft';
  IF unit_id IS NULL THEN
    RAISE EXCEPTION 'the site''s function says that % is created, and no draft is there', canonical_address USING ERRCODE = 'IU001';
  END IF;
  INSERT INTO cutter.iu_word (unit_id, unit_kind, section_type, publication_type)
    VALUES (unit_id, unit_kind, section_type, publication_type);
  status := 'created';
END $$;
COMMENT ON FUNCTION cutter.fn_iu_create(text, text, text, text, text, text, text, text, text)
  IS 'Port: writes one unit and its first version by the site''s own function. Only the status "created" is success.';

-- name: adopt_enact
-- The port's function over the site's own, once ledger and permit say that it may.
CREATE FUNCTION cutter.fn_iu_enact(canonical_address text, review_decision_id uuid, actor text, OUT status text, OUT unit_id uuid)
RETURNS record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {site}, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  answer jsonb;
  change_set_id uuid;
BEGIN
  SELECT c.status, c.unit_id INTO status, unit_id FROM cutter.fn_enact_check(canonical_address, review_decision_id, actor) AS c;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  SELECT s.change_set_id INTO change_set_id FROM cutter.cut_change_set s WHERE s.decision_id = review_decision_id;
  answer := to_jsonb({enact}({arguments}));
  status := CASE WHEN jsonb_typeof(answer) = 'object' THEN answer ->> 'status' ELSE answer #>> '{{}}' END;
  status := CASE WHEN status = {success} THEN 'enacted' ELSE 'site: ' || coalesce(status, 'NULL') END;
END $$;
COMMENT ON FUNCTION cutter.fn_iu_enact(text, uuid, text)
  IS 'Port: moves one draft unit to enacted by the site''s own function. Only the status "enacted" is success.';

-- name: adopt_withdraw
-- The port's function; the site has none. Nothing is deleted: the unit gets the site's word for what does not count any more.
CREATE FUNCTION cutter.fn_iu_withdraw(
  unit_id uuid, version_id uuid, lifecycle text, review_decision_id uuid, actor text, OUT status text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {site}, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  before text := current_setting({setting}, true);
BEGIN
  PERFORM FROM {units} u WHERE u.{key} = unit_id FOR UPDATE;
  status := cutter.fn_withdraw_check(unit_id, version_id, lifecycle, review_decision_id, actor);
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM set_config({setting}, {value}, true);
  UPDATE {units} u SET {lifecycle_column} = {withdrawn} WHERE u.{key} = unit_id;
  PERFORM set_config({setting}, coalesce(before, ''), true);
  status := 'withdrawn';
END $$;
COMMENT ON FUNCTION cutter.fn_iu_withdraw(uuid, uuid, text, uuid, text)
  IS 'Port: moves one unit to the site''s word for withdrawn. Only the status "withdrawn" is success.';

-- name: adopt_baseline
-- Put the adoption on record, and every unit as it is: a later change outside is noticed.
INSERT INTO cutter.adoption (adoption_no, mapping_sha256, unit_count)
  SELECT 1, {digest}, count(*) FROM cutter.iu_unit;
INSERT INTO cutter.adopted_unit (unit_id, version_id, adoption_no, canonical_address, title_sha256, body_sha256, lifecycle)
  SELECT u.unit_id, u.version_id, 1, u.canonical_address, sha256(convert_to(u.title, 'UTF8')), sha256(convert_to(u.body, 'UTF8')),
         u.lifecycle
    FROM cutter.iu_unit u;

-- name: adopt_has_table
-- Whether a role has a privilege on a table, or everybody has; a role that is not there yet has what everybody has.
SELECT has_table_privilege('public', t.name, %(privilege)s)
    OR coalesce((SELECT has_table_privilege(r.oid, t.name, %(privilege)s) FROM pg_catalog.pg_roles r WHERE r.rolname = %(role)s), false)
  FROM (SELECT format('%%I.%%I', split_part(%(name)s, '.', 1), split_part(%(name)s, '.', 2))) AS t (name);

-- name: adopt_has_schema
-- The same for a schema.
SELECT has_schema_privilege('public', %(name)s, %(privilege)s)
    OR coalesce((SELECT has_schema_privilege(r.oid, %(name)s, %(privilege)s) FROM pg_catalog.pg_roles r WHERE r.rolname = %(role)s), false);

-- name: adopt_has_database
-- The same for a database.
SELECT has_database_privilege('public', %(name)s, %(privilege)s)
    OR coalesce((SELECT has_database_privilege(r.oid, %(name)s, %(privilege)s) FROM pg_catalog.pg_roles r WHERE r.rolname = %(role)s), false);

-- name: adopt_adopted
-- How many units were there when cutter was let in; no row in a database that it made.
SELECT unit_count FROM cutter.adoption ORDER BY adoption_no DESC LIMIT 1;
