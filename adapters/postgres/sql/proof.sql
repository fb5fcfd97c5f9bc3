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

-- name: proof_sequences
-- Where the sequences stand: a rollback does not take a step back.
SELECT count(*) AS rows,
       encode(sha256(convert_to(coalesce(string_agg(s.sequencename || ' ' || coalesce(s.last_value::text, ''), ','
         ORDER BY s.sequencename), ''), 'UTF8')), 'hex') AS sha256
  FROM pg_catalog.pg_sequences s WHERE s.schemaname IN ('cutter', 'public');
