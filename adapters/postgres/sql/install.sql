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

-- name: server_database
-- The oid of a database of this server; no row if there is none of this name.
SELECT oid::bigint FROM pg_catalog.pg_database WHERE datname = %(name)s;

-- name: server_roles
-- Every role of this server.
SELECT rolname::text FROM pg_catalog.pg_roles;
