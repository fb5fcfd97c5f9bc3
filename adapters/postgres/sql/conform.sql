-- name: conform_columns
-- The columns of a view and their types, in the server's words.
SELECT a.attname::text AS name, format_type(a.atttypid, NULL) AS type
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = to_regclass(%(view)s) AND a.attnum > 0 AND NOT a.attisdropped;

-- name: conform_function
-- How a function takes and answers, whether it runs with its owner's rights, and what it is pinned to.
SELECT ARRAY(SELECT format_type(t.oid, NULL) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (oid, place) ORDER BY t.place) AS parameters,
       coalesce(ARRAY(SELECT p.proargnames[m.place] || ' ' || format_type(p.proallargtypes[m.place], NULL)
          FROM unnest(p.proargmodes) WITH ORDINALITY AS m (mode, place) WHERE m.mode IN ('o', 't') ORDER BY m.place), '{}') AS answer,
       format_type(p.prorettype, NULL) AS returns, p.prosecdef AS definer, coalesce(array_to_string(p.proconfig, '; '), '') AS settings
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname || '.' || p.proname = %(function)s;

-- name: conform_writers
-- The tables that the views read, and which of the principals and of everybody may write to each directly.
SELECT DISTINCT c.oid::regclass::text AS table_name, r.rolname::text AS role, p.privilege::text AS privilege
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid
  JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p')
 CROSS JOIN (SELECT rolname FROM pg_catalog.pg_roles WHERE rolname IN ('cutter_exec', 'cutter_verify', 'cutter_rehearse')) r
 CROSS JOIN (VALUES ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) AS p (privilege)
 WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
   AND w.ev_class IN ('cutter.iu_unit'::regclass, 'cutter.iu_version'::regclass)
   AND CASE WHEN p.privilege IN ('INSERT', 'UPDATE') THEN has_any_column_privilege(r.rolname, c.oid, p.privilege)
            ELSE has_table_privilege(r.rolname, c.oid, p.privilege) END
 ORDER BY 1, 2, 3;

-- name: conform_create
-- One unit through the port, nine parameters by position.
SELECT f.status, f.unit_id, f.version_id
  FROM cutter.fn_iu_create(%(canonical_address)s::text, %(title)s::text, %(body)s::text, %(actor)s::text, %(unit_kind)s::text,
       %(section_type)s::text, %(publication_type)s::text, %(owner_ref)s::text, %(parent_ref)s::text) AS f;

-- name: conform_enact
-- Enact one unit through the port.
SELECT f.status FROM cutter.fn_iu_enact(%(canonical_address)s, %(decision_id)s, %(actor)s) AS f;

-- name: conform_withdraw
-- Withdraw one unit through the port.
SELECT cutter.fn_iu_withdraw(%(unit_id)s, %(version_id)s, 'enacted', %(decision_id)s, %(actor)s);

-- name: conform_unit
-- One unit as the port shows it.
SELECT u.unit_id, u.version_id, u.version_no, u.canonical_address, u.document_code, u.title, u.body, u.unit_kind, u.section_type,
       u.publication_type, u.owner_ref, u.parent_ref, u.lifecycle,
       u.body_sha256 = sha256(convert_to(u.body, 'UTF8')) AND v.body = u.body AND v.title = u.title AS hashed
  FROM cutter.iu_unit u JOIN cutter.iu_version v ON v.version_id = u.version_id AND v.unit_id = u.unit_id
 WHERE u.unit_id = %(unit_id)s;

-- name: conform_units
-- How many units of a document the port shows.
SELECT count(*) FROM cutter.iu_unit u WHERE u.document_code = %(document_code)s;

-- name: conform_sequences
-- Sequences that this transaction has taken a step of: the lock on each is held to its end.
SELECT l.relation::regclass::text FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation AND c.relkind = 'S'
 WHERE l.pid = pg_backend_pid() ORDER BY 1;

-- name: conform_locks
-- How many locks this transaction holds, and how many the server has room for.
SELECT (SELECT count(*) FROM pg_catalog.pg_locks l WHERE l.pid = pg_backend_pid())::integer AS held,
       current_setting('max_locks_per_transaction')::integer
         * (current_setting('max_connections')::integer + current_setting('max_prepared_transactions')::integer) AS room;

-- name: conform_key
-- A registered key of a principal: signatures have to name one.
SELECT k.key_id FROM cutter.principal_key k WHERE k.principal = %(principal)s AND k.retired_at IS NULL LIMIT 1;

-- name: conform_port
-- One hash over everything behind the port: its views and functions, and every function of the schemas that these are pinned to.
WITH pinned AS (
  SELECT btrim(x.name, ' "') AS name FROM pg_catalog.pg_proc p CROSS JOIN LATERAL unnest(p.proconfig) AS c (setting)
   CROSS JOIN LATERAL regexp_split_to_table(split_part(c.setting, '=', 2), ',') AS x (name)
   WHERE p.pronamespace = 'cutter'::regnamespace AND p.proname IN ('fn_iu_create', 'fn_iu_enact', 'fn_iu_withdraw')
     AND c.setting LIKE 'search_path=%'
), part (name, what) AS (
  SELECT p.oid::regprocedure::text, concat_ws(' ', p.prosecdef, p.proconfig::text, p.prosrc)
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   WHERE (n.nspname IN (SELECT i.name FROM pinned i) AND n.nspname NOT IN ('pg_catalog', 'pg_temp')) OR n.nspname = 'cutter'
  UNION ALL
  SELECT v.view, pg_get_viewdef(v.view::regclass) FROM (VALUES ('cutter.iu_unit'), ('cutter.iu_version')) AS v (view)
)
SELECT encode(sha256(convert_to(string_agg(name || ' ' || what, E'\x1e' ORDER BY name COLLATE "C", what COLLATE "C"), 'UTF8')), 'hex')
  FROM part;
