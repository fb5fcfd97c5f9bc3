-- Roles of the knowledge base. The owner can not log in; the two principals can, with passwords that an administrator sets.
-- A rehearsal login comes with the rehearsal (schema_60_rehearsal.sql).
DO $$
DECLARE
  principal text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'cutter_owner') THEN
    CREATE ROLE cutter_owner NOLOGIN;
  END IF;
  FOREACH principal IN ARRAY ARRAY['cutter_exec', 'cutter_verify'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = principal) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', principal);
    END IF;
  END LOOP;
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO cutter_owner;
