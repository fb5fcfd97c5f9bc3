-- Roles of the knowledge base. The owner can not log in; the two principals can, with passwords that an administrator sets.
-- So can the rehearsal's login: it may become either principal, has nothing of its own, and can not commit
-- (schema_60_rehearsal.sql). Whoever reads out units is a member of cutter_read, and may see nothing else
-- (reading/schema_90_views.sql); cutter_reader is the login of the command line.
DO $$
DECLARE
  principal text;
  made text[] := '{}';
  ours text[];
  superuser boolean := (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user);
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'cutter_owner') THEN
    CREATE ROLE cutter_owner NOLOGIN;
  END IF;
  FOREACH principal IN ARRAY ARRAY['cutter_exec', 'cutter_verify'] LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = principal) THEN
      -- Whoever has one principal's password can not take every connection: the other principal still gets one, and halts.
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT CONNECTION LIMIT 30', principal);
      made := made || principal;
    END IF;
  END LOOP;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'cutter_rehearse') THEN
    CREATE ROLE cutter_rehearse LOGIN NOINHERIT CONNECTION LIMIT 4;
    ours := made || 'cutter_rehearse'::text;
  ELSE
    ours := made;
    made := '{}';
  END IF;
  -- A role that was there before belongs to somebody: nobody is made a member of it, and it is made a member of nothing.
  FOREACH principal IN ARRAY made LOOP
    -- From 16 on the grant itself says so; before, the role's own NOINHERIT does. Inherited, it would hold the union of both.
    EXECUTE format('GRANT %I TO cutter_rehearse', principal)
      || CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
  END LOOP;
  -- So that a halt can end their sessions (fn_halt_clear): a role may end those of the roles whose member it is.
  FOREACH principal IN ARRAY ours LOOP
    EXECUTE format('GRANT %I TO cutter_owner', principal)
      || CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN ' WITH INHERIT TRUE, SET FALSE' ELSE '' END;
    -- What a session sorts on disk has a bound; only a superuser may set one.
    IF superuser THEN
      EXECUTE format('ALTER ROLE %I SET temp_file_limit = ''4GB''', principal);
    END IF;
  END LOOP;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'cutter_read') THEN
    CREATE ROLE cutter_read NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'cutter_reader') THEN
    CREATE ROLE cutter_reader LOGIN CONNECTION LIMIT 30;
    GRANT cutter_read TO cutter_reader;
    IF superuser THEN
      ALTER ROLE cutter_reader SET temp_file_limit = '4GB';
    END IF;
  END IF;
END $$;
