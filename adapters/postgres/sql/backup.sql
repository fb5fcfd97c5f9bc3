-- name: backup_settings
-- One spelling of every value, whoever reads it and wherever: rows are hashed as text. No table may hide rows by row security.
SELECT set_config('search_path', '', true), set_config('row_security', 'off', true), set_config('TimeZone', 'UTC', true),
       set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'iso_8601', true),
       set_config('extra_float_digits', '3', true), set_config('bytea_output', 'hex', true),
       set_config('xmlbinary', 'base64', true), set_config('lc_monetary', 'C', true),
       set_config('max_parallel_workers_per_gather', '0', true), set_config('lock_timeout', %(lock_timeout)s, true),
       set_config('statement_timeout', '0', true);

-- name: backup_snapshot
-- Hand this transaction's snapshot to pg_dump: both then see the same moment. Answers with its name and the server's clock.
SELECT pg_export_snapshot() AS name, clock_timestamp() AS taken_at;

-- name: backup_coverage
-- Where cutter was let in: our schema and those of the units, and in these everything that is neither a unit table nor a sequence of
-- one, which a backup leaves out. The unit tables are those that the port's views read.
WITH base AS (
  SELECT DISTINCT c.oid, c.relnamespace FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid
    JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p')
   WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
     AND w.ev_class IN ('cutter.iu_unit'::regclass, 'cutter.iu_version'::regclass)
)
SELECT ARRAY(SELECT n.nspname::text FROM pg_catalog.pg_namespace n
              WHERE n.nspname = 'cutter' OR n.oid IN (SELECT b.relnamespace FROM base b) ORDER BY 1) AS schemas,
       ARRAY(SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname <> 'cutter' AND n.oid IN (SELECT b.relnamespace FROM base b)
                AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.oid NOT IN (SELECT b.oid FROM base b)
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend o WHERE o.classid = 'pg_catalog.pg_class'::regclass AND o.objid = c.oid
                                   AND c.relkind = 'S' AND o.refobjid IN (SELECT b.oid FROM base b)) ORDER BY 1) AS excluded;

-- name: backup_names
-- The tables and functions of the schemas that a dump of them holds: an extension's own are not dumped.
SELECT ARRAY(SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = ANY(%(schemas)s) AND n.nspname || '.' || c.relname <> ALL(%(excluded)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
                                   AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1) AS tables,
       ARRAY(SELECT DISTINCT n.nspname || '.' || p.proname FROM pg_catalog.pg_proc p
               JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
              WHERE n.nspname = ANY(%(schemas)s)
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass
                                   AND d.objid = p.oid AND d.deptype = 'e') ORDER BY 1) AS functions;

-- name: backup_roles
-- The roles that own something in the schemas or were granted something there, and whether they can log in: a restore needs them.
WITH covered AS (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY(%(schemas)s))
SELECT r.rolname::text AS role, r.rolcanlogin AS login
  FROM pg_catalog.pg_roles r
 WHERE r.oid IN (
   SELECT c.relowner FROM pg_catalog.pg_class c WHERE c.relnamespace IN (SELECT s.oid FROM covered s)
   UNION SELECT p.proowner FROM pg_catalog.pg_proc p WHERE p.pronamespace IN (SELECT s.oid FROM covered s)
   UNION SELECT t.typowner FROM pg_catalog.pg_type t WHERE t.typnamespace IN (SELECT s.oid FROM covered s)
   UNION SELECT n.nspowner FROM pg_catalog.pg_namespace n WHERE n.nspname = ANY(%(schemas)s)
   UNION SELECT unnest(ARRAY[x.grantee, x.grantor]) FROM pg_catalog.pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS x
          WHERE c.relnamespace IN (SELECT s.oid FROM covered s)
   UNION SELECT unnest(ARRAY[x.grantee, x.grantor]) FROM pg_catalog.pg_attribute a
           JOIN pg_catalog.pg_class c ON c.oid = a.attrelid CROSS JOIN LATERAL aclexplode(a.attacl) AS x
          WHERE c.relnamespace IN (SELECT s.oid FROM covered s)
   UNION SELECT unnest(ARRAY[x.grantee, x.grantor]) FROM pg_catalog.pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) AS x
          WHERE p.pronamespace IN (SELECT s.oid FROM covered s)
   UNION SELECT unnest(ARRAY[x.grantee, x.grantor]) FROM pg_catalog.pg_type t CROSS JOIN LATERAL aclexplode(t.typacl) AS x
          WHERE t.typnamespace IN (SELECT s.oid FROM covered s)
   UNION SELECT unnest(ARRAY[x.grantee, x.grantor]) FROM pg_catalog.pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) AS x
          WHERE n.nspname = ANY(%(schemas)s)
   UNION SELECT unnest(ARRAY[x.grantee, x.grantor]) FROM pg_catalog.pg_default_acl d
          CROSS JOIN LATERAL aclexplode(d.defaclacl) AS x WHERE d.defaclnamespace IN (SELECT s.oid FROM covered s))
   AND r.rolname !~ '^pg_'
 ORDER BY 1;

-- name: backup_tables
-- The tables with rows of their own, and how each is hashed: a large one of plain columns by 64 bits a row that are cheap to take,
-- any other by SHA-256. Plain are types whose hash tells any two values apart that look different, and is the same everywhere.
SELECT n.nspname || '.' || c.relname AS name,
       CASE WHEN pg_catalog.pg_table_size(c.oid) <= %(large)s THEN 'sha256'
            WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_collation k ON k.oid = a.attcollation
                          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                            AND (NOT coalesce(k.collisdeterministic, true) OR a.atttypid <> ALL (ARRAY['text', 'varchar',
                                'uuid', 'bool', 'int2', 'int4', 'int8', 'bytea', 'date', 'timestamp', 'timestamptz']::regtype[])))
            THEN 'sha256' ELSE 'sum64' END AS method
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = ANY(%(schemas)s) AND n.nspname || '.' || c.relname <> ALL(%(excluded)s) AND c.relkind = 'r'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
                      AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY 1;

-- name: backup_bytes
-- What the covered tables take on the server's disk, as it was last counted: asking how much it is now would wait for a lock.
SELECT coalesce(sum(c.relpages::bigint) * current_setting('block_size')::bigint, 0)::bigint
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = ANY(%(schemas)s) AND n.nspname || '.' || c.relname <> ALL(%(excluded)s) AND c.relkind IN ('r', 't', 'm');

-- name: backup_rows_sha256
-- Count and hash of a table's rows in no order: each row's SHA-256, sorted, hashed in 65,536 parts and then together. Memory is
-- bounded: the sort spills to disk, and a part is a 65,536th of 32 bytes a row. `OFFSET 0` keeps a row from being hashed twice.
SELECT coalesce(sum(p.n), 0)::bigint AS rows,
       encode(sha256(coalesce(string_agg(p.part || p.hash, ''::bytea ORDER BY p.part), ''::bytea)), 'hex') AS digest
  FROM (SELECT substr(r.hash, 1, 2) AS part, count(*) AS n, sha256(string_agg(r.hash, ''::bytea ORDER BY r.hash)) AS hash
          FROM (SELECT sha256(convert_to(t::text, 'UTF8')) AS hash FROM {table} AS t OFFSET 0) AS r
         GROUP BY substr(r.hash, 1, 2)) AS p;

-- name: backup_rows_sum64
-- Count and hash of a large table's rows in no order: the sum of the server's own 64-bit row hashes, a sixth of the cost of
-- SHA-256. It finds what went wrong; against forgery stands the signature under the manifest.
SELECT count(*) AS rows, coalesce(sum(hash_record_extended(t.*, 0)), 0)::text AS digest FROM {table} AS t;
