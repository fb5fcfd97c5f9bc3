-- The schema of everything that is our own. Its owner makes tables in it; the schema public has to let it do so once.
CREATE SCHEMA cutter AUTHORIZATION cutter_owner;
COMMENT ON SCHEMA cutter IS 'Everything that is iu-cutter''s own: ledger, permits, keys, halts, journal, and the port to the units.';

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO cutter_owner;
