-- name: proof_create
-- Create one unit through the exact contract of fn_iu_create: nine parameters, by position.
SELECT f.status FROM cutter.fn_iu_create(%(canonical_address)s, 'A unit that never was', 'Its text.', 'cutter prove', 'article', 'body',
       'law', 'cutter', NULL) AS f;

-- name: proof_units
-- How many units there are, and how many versions of them.
SELECT (SELECT count(*) FROM cutter.iu_unit) AS units, (SELECT count(*) FROM cutter.iu_version) AS versions;

-- name: proof_table
-- Count a table's rows and hash them, whatever order they are stored in; {table} is an identifier.
SELECT count(*) AS rows, encode(sha256(coalesce(string_agg(h, ''::bytea ORDER BY h), ''::bytea)), 'hex') AS sha256
  FROM (SELECT sha256(convert_to(t::text, 'UTF8')) AS h FROM {table} AS t) AS hashed;

-- name: proof_behind_the_port
-- The tables that the port's views read.
SELECT DISTINCT n.nspname || '.' || c.relname
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid
  JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p')
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
   AND w.ev_class IN ('cutter.iu_unit'::regclass, 'cutter.iu_version'::regclass)
 ORDER BY 1;

-- name: proof_sequences
-- Where the sequences of these schemas and of these tables stand: a rollback does not take a step back.
SELECT count(*) AS rows,
       encode(sha256(convert_to(coalesce(string_agg(s.schemaname || '.' || s.sequencename || ' ' || coalesce(s.last_value::text, ''), ','
         ORDER BY s.schemaname, s.sequencename), ''), 'UTF8')), 'hex') AS sha256
  FROM pg_catalog.pg_sequences s
  JOIN pg_catalog.pg_namespace n ON n.nspname = s.schemaname
  JOIN pg_catalog.pg_class q ON q.relnamespace = n.oid AND q.relname = s.sequencename AND q.relkind = 'S'
 WHERE n.nspname = ANY(%(schemas)s)
    OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                 JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p')
                 JOIN pg_catalog.pg_namespace o ON o.oid = c.relnamespace
                WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = d.classid AND d.objid = q.oid
                  AND o.nspname || '.' || c.relname = ANY(%(tables)s));
