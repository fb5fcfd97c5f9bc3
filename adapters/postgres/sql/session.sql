-- name: session_identity
-- Who and where a connection is: role, database, its oid, the cluster's system identifier, server version.
SELECT current_user::text AS role, current_database()::text AS database, d.oid::bigint AS database_oid,
       c.system_identifier, current_setting('server_version_num')::integer AS version, pg_is_in_recovery() AS standby
  FROM pg_catalog.pg_control_system() AS c, pg_catalog.pg_database AS d
 WHERE d.datname = current_database();

-- name: session_begin
-- The first question of a session: who and where it is and which process serves it, and, where that is the database that was meant
-- (or any will do), its bounds and formats: no wait without an end, names are written in full, and others resolve among ours first.
SELECT current_user::text AS role, current_database()::text AS database, d.oid::bigint AS database_oid,
       c.system_identifier, current_setting('server_version_num')::integer AS version, pg_is_in_recovery() AS standby,
       a.pid, a.backend_start,
       CASE WHEN %(system_identifier)s::bigint IS NULL
              OR (c.system_identifier, d.oid::bigint, d.datname::text) = (%(system_identifier)s::bigint, %(database_oid)s::bigint, %(database)s::text)
         THEN concat(set_config('lock_timeout', %(lock_timeout)s, false), set_config('statement_timeout', %(statement_timeout)s, false),
                set_config('idle_in_transaction_session_timeout', '120s', false), set_config('idle_session_timeout', '300s', false),
                set_config('search_path', 'cutter, public, pg_temp', false), set_config('timezone', 'UTC', false)) <> '' END AS bounded
  FROM pg_catalog.pg_control_system() AS c
 CROSS JOIN pg_catalog.pg_database AS d
  LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = pg_backend_pid()
 WHERE d.datname = current_database();

-- name: session_snapshot
-- One moment for the whole transaction, and no write in it.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: session_backend
-- The process behind a connection and when it started: together they name it for ever.
SELECT pid, backend_start FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid();

-- name: session_is_superuser
-- Whether whoever is logged in may do anything anyhow.
SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user;

-- name: session_waits
-- What a backend waits for, as far as this session may see it.
SELECT coalesce(a.wait_event, '') AS event, current_setting('synchronous_standby_names') AS standbys
  FROM pg_catalog.pg_stat_activity a WHERE a.pid = %(pid)s;

-- name: session_end_backend
-- End a half-open backend of our own that still holds the lock; a reused pid has another start.
SELECT pg_terminate_backend(pid, 5000) FROM pg_catalog.pg_stat_activity
 WHERE pid = %(pid)s AND backend_start = %(backend_start)s;

-- name: writers_lock
-- The document's writers lock, held by the session until it gives it back or ends; taken before BEGIN so that the snapshot is younger.
SELECT pg_advisory_lock(hashtextextended('iu-cutter writers:' || %(document_code)s, 0));

-- name: writers_unlock
-- Give the document's writers lock back, after the COMMIT of what was done under it.
SELECT pg_advisory_unlock(hashtextextended('iu-cutter writers:' || %(document_code)s, 0));

-- name: writers_lock_of_transaction
-- The same lock, held until the transaction ends: for one in which each statement has a snapshot of its own.
SELECT pg_advisory_xact_lock(hashtextextended('iu-cutter writers:' || %(document_code)s, 0))::text AS locked;
