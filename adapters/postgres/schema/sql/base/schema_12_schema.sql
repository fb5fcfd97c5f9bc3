-- The schema of everything that is our own. Its owner makes tables in it; the schema public has to let it do so once.
CREATE SCHEMA cutter AUTHORIZATION cutter_owner;
COMMENT ON SCHEMA cutter IS 'Everything that is iu-cutter''s own: ledger, permits, keys, halts, journal, and the port to the units.';

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO cutter_owner;

-- Nobody but a superuser makes large objects: they lie outside every table, and no privilege of ours would bound them.
DO $$
BEGIN
  IF (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user) THEN
    REVOKE EXECUTE ON FUNCTION pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC;
  END IF;
END $$;
