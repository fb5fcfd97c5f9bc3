-- name: schema_relation_there
-- Whether a table is there, whoever made it.
SELECT to_regclass(%(relation)s) IS NOT NULL;

-- name: schema_version
-- The version of the reference schema that this database has.
SELECT max(version) FROM cutter.cutter_schema;

-- name: schema_record
-- Record which version was made, and from which sources.
INSERT INTO cutter.cutter_schema (version, sources_sha256) VALUES (%(version)s, %(sources_sha256)s);

-- name: vocabulary_add
-- Add a word to a controlled vocabulary.
INSERT INTO public.iu_vocabulary (axis, code) VALUES (%s, %s);

-- name: principal_key_register
-- Register a principal's public key; the same again is no change.
INSERT INTO cutter.principal_key (key_id, principal, public_key) VALUES (%(key_id)s, %(principal)s, %(public_key)s)
ON CONFLICT DO NOTHING;

-- name: principal_keys_retire
-- Retire every key of a principal that still counts, but this one.
UPDATE cutter.principal_key SET retired_at = clock_timestamp()
 WHERE principal = %(principal)s AND key_id <> %(key_id)s AND retired_at IS NULL;

-- name: principal_key_retire
-- Retire one key that counts.
UPDATE cutter.principal_key SET retired_at = clock_timestamp() WHERE key_id = %(key_id)s AND retired_at IS NULL;

-- name: principal_keys
-- Every key of a principal that was ever registered.
SELECT key_id, principal, registered_at, retired_at FROM cutter.principal_key ORDER BY registered_at, key_id;

-- name: server_database
-- The oid of a database of this server; no row if there is none of this name.
SELECT oid::bigint FROM pg_catalog.pg_database WHERE datname = %(name)s;

-- name: server_let_in
-- Whether one of these tables is there, for whoever asks: read from the catalog, which needs no privilege.
SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname || '.' || c.relname = ANY(%(tables)s));

-- name: server_roles
-- Every role of this server.
SELECT rolname::text FROM pg_catalog.pg_roles;

-- name: server_roles_of_others
-- Those of these roles that are there although this database has no use for them, or that another database has a use for.
SELECT r.rolname::text FROM pg_catalog.pg_roles r
 WHERE r.rolname = ANY(%(roles)s)
   AND (NOT EXISTS (SELECT FROM pg_catalog.pg_shdepend d
                     WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.refobjid = r.oid
                       AND %(database_oid)s IN (d.dbid, CASE WHEN d.classid = 'pg_catalog.pg_database'::regclass THEN d.objid END))
        OR EXISTS (SELECT FROM pg_catalog.pg_shdepend d
                    WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.refobjid = r.oid
                      AND (d.dbid NOT IN (0, %(database_oid)s)
                           OR d.classid = 'pg_catalog.pg_database'::regclass AND d.objid <> %(database_oid)s)))
 ORDER BY 1;
