-- name: doctor_begin
-- Names are written out in full, whatever the session's search_path.
SELECT set_config('search_path', '', true);

-- name: doctor_objects
-- Everything about the knowledge base's tables and functions that a cut rests on, as facts: subject, name, detail.
WITH tables AS (
  SELECT n.nspname || '.' || c.relname AS named, c.* FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname || '.' || c.relname = ANY(%(tables)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
), functions AS (
  SELECT n.nspname || '.' || p.proname || '(' || array_to_string(ARRAY(SELECT format_type(t.oid, NULL)
           FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (oid, place) ORDER BY t.place), ', ') || ')' AS signature, p.*
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   WHERE n.nspname || '.' || p.proname = ANY(%(functions)s)
)
SELECT 'table' AS subject, c.named AS name,
       concat_ws(', ', CASE WHEN c.relkind IN ('r', 'p') THEN 'a table' WHEN c.relkind = 'v' THEN 'a view' ELSE 'neither table nor view' END,
         CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END,
         CASE WHEN c.relrowsecurity THEN 'row security' END) AS detail
  FROM tables c
UNION ALL
SELECT 'column', c.named || '.' || a.attname,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
         'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), CASE WHEN a.attgenerated <> '' THEN 'GENERATED' END,
         CASE WHEN a.attidentity <> '' THEN 'IDENTITY' END)
  FROM tables c
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
UNION ALL
SELECT 'constraint', c.named || '.' || k.conname,
       concat_ws(', ', pg_get_constraintdef(k.oid), CASE WHEN NOT k.convalidated THEN 'not validated' END)
  FROM tables c JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('c', 'f', 'p', 'u', 'x')
UNION ALL
SELECT CASE WHEN i.indisunique THEN 'unique index' ELSE 'index' END, c.named || '.' || n.relname,
       concat_ws(', ', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN 'invalid' END)
  FROM tables c
  JOIN pg_catalog.pg_index i ON i.indrelid = c.oid
  JOIN pg_catalog.pg_class n ON n.oid = i.indexrelid
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT 'trigger', c.named || '.' || t.tgname,
       concat_ws(', ', regexp_replace(pg_get_triggerdef(t.oid), '^CREATE (CONSTRAINT )?TRIGGER \S+ ', ''),
         CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'disabled but on replicas' END)
  FROM tables c JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
UNION ALL
-- Before 16 a column is written with its table's name also where there is only one table; a view for readers has such within others.
SELECT 'view source', v.named, CASE WHEN v.source LIKE '%% JOIN %%' AND v.named NOT LIKE 'cutter.v\_%%' THEN v.source ELSE regexp_replace(v.source, '\m[a-z]\.', '', 'g') END
  FROM (SELECT c.named, regexp_replace(pg_get_viewdef(c.oid), '\s+', ' ', 'g') AS source FROM tables c WHERE c.relkind = 'v') v
UNION ALL
SELECT 'rule', c.named || '.' || r.rulename, pg_get_ruledef(r.oid)
  FROM tables c JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid AND r.rulename <> '_RETURN'
UNION ALL
SELECT 'policy', c.named || '.' || p.polname, coalesce(pg_get_expr(p.polqual, p.polrelid), '')
  FROM tables c JOIN pg_catalog.pg_policy p ON p.polrelid = c.oid
UNION ALL
SELECT 'function', f.signature,
       concat_ws(', ', l.lanname,
         CASE WHEN f.prosecdef THEN 'SECURITY DEFINER' ELSE 'SECURITY INVOKER' END,
         CASE f.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END,
         array_to_string(f.proconfig, '; '), 'returns ' || pg_get_function_result(f.oid),
         '(' || pg_get_function_arguments(f.oid) || ')')
  FROM functions f JOIN pg_catalog.pg_language l ON l.oid = f.prolang
UNION ALL
SELECT 'function source', f.signature, encode(sha256(convert_to(f.prosrc, 'UTF8')), 'hex') FROM functions f
UNION ALL
SELECT 'owner', o.thing, r.rolname || CASE WHEN r.rolcanlogin THEN ', who can log in' ELSE '' END
  FROM (SELECT 'table ' || c.named AS thing, c.relowner AS owner FROM tables c
        UNION ALL SELECT 'function ' || f.signature, f.proowner FROM functions f
        UNION ALL SELECT 'schema ' || n.nspname, n.nspowner FROM pg_catalog.pg_namespace n
                   WHERE n.nspname = 'cutter' AND n.nspname = ANY(%(schemas)s)) o
  JOIN pg_catalog.pg_roles r ON r.oid = o.owner;

-- name: doctor_grants
-- Every privilege on these tables, columns, functions, the schema and the database, but the object's own owner's.
WITH acl (kind, name, sub, owner, items) AS (
  SELECT 'table', n.nspname || '.' || c.relname, '', c.relowner, coalesce(c.relacl, acldefault('r', c.relowner))
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname || '.' || c.relname = ANY(%(tables)s)
  UNION ALL
  SELECT 'column', n.nspname || '.' || c.relname, a.attname::text, c.relowner, a.attacl
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname || '.' || c.relname = ANY(%(tables)s) AND a.attacl IS NOT NULL AND NOT a.attisdropped
  UNION ALL
  SELECT 'function', n.nspname || '.' || p.proname || '(' || array_to_string(ARRAY(SELECT format_type(t.oid, NULL)
           FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (oid, place) ORDER BY t.place), ', ') || ')', '', p.proowner,
         coalesce(p.proacl, acldefault('f', p.proowner))
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   WHERE n.nspname || '.' || p.proname = ANY(%(functions)s)
  UNION ALL
  SELECT 'schema', n.nspname::text, '', n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner))
    FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY(%(schemas)s)
  UNION ALL
  SELECT 'database', '', '', d.datdba, coalesce(d.datacl, acldefault('d', d.datdba))
    FROM pg_catalog.pg_database d WHERE d.datname = current_database()
)
SELECT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee) END AS role, acl.kind, acl.name, acl.sub,
       x.privilege_type AS privilege, x.is_grantable
  FROM acl CROSS JOIN LATERAL aclexplode(acl.items) AS x
 WHERE x.grantee <> acl.owner;

-- name: doctor_roles
-- The attributes of these roles.
SELECT rolname AS role, rolcanlogin AS login, rolinherit AS inherit, rolsuper AS superuser, rolcreaterole AS createrole,
       rolcreatedb AS createdb, rolreplication AS replication, rolbypassrls AS bypassrls
  FROM pg_catalog.pg_roles WHERE rolname = ANY(%(roles)s);

-- name: doctor_superusers
-- Roles that may do anything anyhow.
SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolsuper;

-- name: doctor_memberships
-- Who may become whom, as far as it touches these roles or those that may write everything. Before 16 there is no set_option.
SELECT pg_get_userbyid(m.member) AS member, pg_get_userbyid(m.roleid) AS role,
       coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, u.rolinherit) AS inherit,
       coalesce((to_jsonb(m) ->> 'set_option')::boolean, true) AS set_role, m.admin_option AS admin
  FROM pg_catalog.pg_auth_members m
  JOIN pg_catalog.pg_roles u ON u.oid = m.member AND NOT u.rolsuper
 WHERE pg_get_userbyid(m.roleid) = ANY(%(roles)s::text[] || ARRAY['pg_write_all_data', 'pg_maintain'])
    OR pg_get_userbyid(m.member) = ANY(%(roles)s);

-- name: doctor_settings
-- Settings of this session and server that a cut rests on.
SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY(%(settings)s);

-- name: doctor_standbys
-- Whom a COMMIT of this session waits for, and how many standbys are connected.
SELECT current_setting('synchronous_standby_names') AS names, current_setting('synchronous_commit') AS commits,
       (SELECT count(*) FROM pg_catalog.pg_stat_replication) AS connected;

-- name: doctor_role_settings
-- Settings that are pinned to these roles or to this database: role, setting, and the statement that takes it back.
SELECT coalesce(r.rolname, 'every role')::text AS role, s.setting,
       CASE WHEN x.setrole = 0 AND x.setdatabase <> 0 THEN format('ALTER DATABASE %%I', current_database())
            ELSE 'ALTER ROLE ' || coalesce(quote_ident(r.rolname), 'ALL')
              || CASE WHEN x.setdatabase = 0 THEN '' ELSE format(' IN DATABASE %%I', current_database()) END
       END || ' RESET ' || (SELECT string_agg(quote_ident(part), '.')
                              FROM unnest(string_to_array(split_part(s.setting, '=', 1), '.')) AS part) AS undo
  FROM pg_catalog.pg_db_role_setting x
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = x.setrole
 CROSS JOIN LATERAL unnest(x.setconfig) AS s (setting)
 WHERE (x.setdatabase = 0 OR x.setdatabase = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database()))
   AND (x.setrole = 0 OR r.rolname = ANY(%(roles)s));

-- name: doctor_unbounded
-- With what these logins could fill the disk beyond the tables that they may write, and what a superuser would run against it.
SELECT 'large objects' AS what, format('make large objects (%%s)', string_agg(DISTINCT r.rolname, ', ')) AS how,
       'REVOKE EXECUTE ON FUNCTION pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC'
         AS remedy
  FROM pg_catalog.pg_roles r CROSS JOIN unnest(ARRAY['lo_creat(integer)', 'lo_create(oid)', 'lo_from_bytea(oid,bytea)']) AS f (name)
 WHERE r.rolname = ANY(%(roles)s) AND r.rolcanlogin AND NOT r.rolsuper AND has_function_privilege(r.oid, 'pg_catalog.' || f.name, 'EXECUTE')
HAVING count(*) > 0
UNION ALL
SELECT 'files of sorts', format('sort on disk without bound (%%s)', string_agg(r.rolname, ', ' ORDER BY r.rolname)),
       string_agg(format('ALTER ROLE %%I SET temp_file_limit = ''4GB''', r.rolname), '; ' ORDER BY r.rolname)
  FROM pg_catalog.pg_roles r
 WHERE r.rolname = ANY(%(roles)s) AND r.rolcanlogin AND NOT r.rolsuper
   AND (SELECT x.reset_val FROM pg_catalog.pg_settings x WHERE x.name = 'temp_file_limit') = '-1'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting)
         WHERE s.setrole IN (0, r.oid) AND c.setting LIKE 'temp\_file\_limit=%%' AND c.setting <> 'temp_file_limit=-1')
HAVING count(*) > 0;

-- name: doctor_parameters
-- Server parameters that these roles or everybody may set beyond the usual.
SELECT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee) END AS role, p.parname AS parameter
  FROM pg_catalog.pg_parameter_acl p CROSS JOIN LATERAL aclexplode(p.paracl) AS x
 WHERE x.grantee = 0 OR pg_get_userbyid(x.grantee) = ANY(%(roles)s);

-- name: doctor_readable
-- Which of these tables this session may read.
SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname || '.' || c.relname = ANY(%(tables)s)
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT');

-- name: doctor_words
-- The controlled vocabularies.
SELECT axis, code FROM public.iu_vocabulary;

-- name: doctor_keys
-- The principals that have a key which counts.
SELECT DISTINCT principal FROM cutter.principal_key WHERE retired_at IS NULL;

-- name: doctor_schema
-- Which reference schema was installed, if it was.
SELECT version, sources_sha256 FROM cutter.cutter_schema ORDER BY version DESC LIMIT 1;

-- name: doctor_lock
-- A session's advisory lock on a number of this check's own; answers with the backend that took it.
SELECT pg_backend_pid(), pg_advisory_lock(%(key)s::bigint);

-- name: doctor_lock_held
-- Whether the next statement still runs in the backend that holds the lock. The lock's two halves make the number.
SELECT pg_backend_pid() AS pid, EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory' AND l.pid = pg_backend_pid()
       AND l.classid::bigint = %(key)s::bigint >> 32 AND l.objid::bigint = %(key)s::bigint & 4294967295) AS held;

-- name: doctor_lock_again
-- The lock once more, for another session: a server refuses it while the first one holds it.
SELECT pg_try_advisory_lock(%(key)s::bigint);

-- name: doctor_unlock
-- Give the lock back.
SELECT pg_advisory_unlock(%(key)s::bigint);

-- name: doctor_outside
-- What in the schemas that a backup holds rests on something that the backup does not hold: an extension's, or in another schema.
WITH held AS (
  SELECT d.refclassid, d.refobjid,
         CASE d.classid WHEN 'pg_catalog.pg_class'::regclass THEN d.objid
           WHEN 'pg_catalog.pg_attrdef'::regclass THEN (SELECT x.adrelid FROM pg_catalog.pg_attrdef x WHERE x.oid = d.objid)
           WHEN 'pg_catalog.pg_constraint'::regclass THEN (SELECT nullif(x.conrelid, 0) FROM pg_catalog.pg_constraint x WHERE x.oid = d.objid)
           WHEN 'pg_catalog.pg_trigger'::regclass THEN (SELECT x.tgrelid FROM pg_catalog.pg_trigger x WHERE x.oid = d.objid)
           WHEN 'pg_catalog.pg_rewrite'::regclass THEN (SELECT x.ev_class FROM pg_catalog.pg_rewrite x WHERE x.oid = d.objid)
           WHEN 'pg_catalog.pg_policy'::regclass THEN (SELECT x.polrelid FROM pg_catalog.pg_policy x WHERE x.oid = d.objid)
         END AS relation,
         CASE WHEN d.classid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_type'::regclass) THEN d.objid END AS other, d.classid
    FROM pg_catalog.pg_depend d WHERE d.deptype IN ('n', 'a') AND d.refclassid <> 'pg_catalog.pg_namespace'::regclass
), named AS (
  SELECT coalesce(r.schema, o.schema) AS schema, coalesce(r.type || ' ' || r.identity, o.type || ' ' || o.identity) AS name, h.refclassid,
         -- an array type belongs to what its elements are of
         coalesce((SELECT t.typelem FROM pg_catalog.pg_type t WHERE h.refclassid = 'pg_catalog.pg_type'::regclass AND t.oid = h.refobjid
           AND t.typcategory = 'A' AND t.typelem <> 0), h.refobjid) AS refobjid,
         CASE WHEN h.relation IS NOT NULL THEN 'pg_catalog.pg_class'::regclass ELSE h.classid END AS classid, coalesce(h.relation, h.other) AS objid
    FROM held h
    LEFT JOIN LATERAL pg_identify_object('pg_catalog.pg_class'::regclass, h.relation, 0) r ON h.relation IS NOT NULL
    LEFT JOIN LATERAL pg_identify_object(h.classid, h.other, 0) o ON h.other IS NOT NULL
   WHERE h.relation IS NOT NULL OR h.other IS NOT NULL
)
SELECT DISTINCT n.name AS thing, f.type || ' ' || f.identity AS rests_on
  FROM named n
 CROSS JOIN LATERAL pg_identify_object(n.refclassid, n.refobjid, 0) f
 WHERE n.schema = ANY(%(schemas)s)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = n.classid AND e.objid = n.objid AND e.deptype = 'e')
   AND CASE WHEN f.type IN ('server', 'foreign-data wrapper', 'access method') THEN n.refobjid >= 16384
         WHEN f.type = 'language' THEN f.identity NOT IN ('sql', 'plpgsql', 'internal', 'c')
         WHEN f.schema IS NULL THEN false
         ELSE f.schema NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND (f.schema <> ALL(%(schemas)s)
           OR EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = n.refclassid AND e.objid = n.refobjid AND e.deptype = 'e')) END
 ORDER BY 1, 2;
