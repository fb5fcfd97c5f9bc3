-- name: rehearsal_settings
-- A rehearsal's session: it shows what it is, does not linger, and the server notices within a second if its client dies.
SELECT set_config('application_name', 'iu-cutter rehearsal', false), set_config('idle_in_transaction_session_timeout', '60s', false),
       set_config('client_connection_check_interval', '1s', false);

-- name: rehearsal_lock
-- The document's writers lock, only if it is free: a rehearsal waits for nobody. True if it was taken.
SELECT pg_try_advisory_lock(hashtextextended('iu-cutter writers:' || %(document_code)s, 0)) AS taken;

-- name: rehearsal_unlock
-- Give back every session lock, at the end.
SELECT pg_advisory_unlock_all();

-- name: rehearsal_role
-- Become a principal until the end of this block: SET LOCAL ROLE.
SELECT set_config('role', %(role)s, true);

-- name: rehearsal_deferred
-- Constraints that the server checks at COMMIT, but for the one that refuses a rehearsal's COMMIT.
SELECT DISTINCT n.nspname::text AS schema, c.conname::text AS name
  FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
 WHERE c.condeferred AND n.nspname IN ('cutter', 'public') AND c.conname <> 'rehearsal_never_commits' ORDER BY 1, 2;

-- name: rehearsal_commit_check
-- What COMMIT would do first: check the constraint that refuses it. Succeeds only if the server would have let it commit.
SET CONSTRAINTS cutter.rehearsal_never_commits IMMEDIATE;

-- name: rehearsal_in_the_way
-- Whether anybody waits for a session, on any lock.
SELECT EXISTS (SELECT FROM pg_catalog.pg_locks w WHERE NOT w.granted AND %(pid)s = ANY (pg_blocking_pids(w.pid)));

-- name: rehearsal_counters
-- Where the server's transaction ids and its WAL stand; the difference of two readings also holds what others did meanwhile.
SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS transaction_ids,
       (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint AS wal_bytes;

-- name: rehearsal_tuples
-- Row versions that this transaction has made so far: all of them are dead once it is rolled back.
SELECT coalesce(sum(n_tup_ins + n_tup_upd), 0)::bigint FROM pg_catalog.pg_stat_xact_user_tables;
