-- name: upgrade_settings
-- An upgrade waits for no lock for long: whoever comes after it in the queue would wait too.
SELECT set_config('lock_timeout', %(lock_timeout)s, true), set_config('statement_timeout', %(statement_timeout)s, true),
       set_config('search_path', '', true);

-- name: upgrade_alone
-- One upgrade at a time, until the end of the transaction. True if this is the one.
SELECT pg_try_advisory_xact_lock(hashtextextended('iu-cutter upgrade', 0));

-- name: upgrade_halted
-- Whether everything is halted; {ours} is the schema that holds the ledger in this version.
SELECT EXISTS (SELECT FROM {ours}.cut_halt WHERE lifted_at IS NULL);

-- name: upgrade_unfinished
-- Change sets that are not finished, and whether each has written units.
SELECT e.change_set_id, e.document_code, e.kind, e.status,
       EXISTS (SELECT FROM {ours}.cut_phase_journal j WHERE j.change_set_id = e.change_set_id AND j.phase = 'cut_leg_a') AS has_units
  FROM {ours}.decision_backlog_entry e
 WHERE e.status IN ('marked', 'reviewed', 'cut_applied', 'verified_complete')
 ORDER BY e.opened_at;

-- name: upgrade_permits
-- Permits that still count.
SELECT change_set_id, document_code, execute_by FROM {ours}.cut_permit
 WHERE used_at IS NULL AND revoked_at IS NULL AND execute_by > clock_timestamp() ORDER BY execute_by;

-- name: upgrade_proven
-- Whether a backup of this database was made and proven within these hours, and not refuted since.
SELECT EXISTS (SELECT FROM {ours}.restore_proof p
 WHERE p.target = %(target)s AND p.verdict = 'proven'
   AND p.snapshot_at > clock_timestamp() - make_interval(hours => %(hours)s)
   AND p.recorded_at > clock_timestamp() - make_interval(hours => %(hours)s)
   AND NOT EXISTS (SELECT FROM {ours}.restore_proof r WHERE r.target = p.target AND r.verdict = 'refuted'
                      AND (r.backup = p.backup OR r.backup_sha256 = p.backup_sha256) AND r.recorded_at > p.recorded_at));

-- name: upgrade_tables
-- These tables by their keys in the catalog, which outlive a change of name or schema, with their columns: each by its name, and by what its
-- values are stored as; and where the rows are stored, and how often this transaction has written any.
SELECT c.oid::bigint AS oid, n.nspname || '.' || c.relname AS name,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              ORDER BY a.attnum) AS columns,
       ARRAY(SELECT a.attname || ' ' || a.attnum || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attcollation
               FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              ORDER BY a.attnum) AS stored,
       pg_catalog.pg_relation_filenode(c.oid)::bigint AS file,
       CASE WHEN current_setting('track_counts') = 'on' THEN pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid)
         + pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) + pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid) END AS written
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND (n.nspname || '.' || c.relname = ANY(%(tables)s) OR c.oid = ANY(%(oids)s::bigint[]::oid[]))
 ORDER BY 2;

-- name: upgrade_rows
-- Count and hash of a table's rows in no order, over these columns: what a migration must leave as it was. A mistake shows in 64 bits.
SELECT count(*) AS rows, coalesce(sum(hash_record_extended(ROW({columns}), 0)), 0)::text AS digest FROM {table} AS t;

-- name: upgrade_hold
-- Nobody writes to this table until the end of the transaction; readers go on.
LOCK TABLE {table} IN SHARE MODE;

-- name: upgrade_there
-- Which of these are there, tables or views, in one order.
SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname || '.' || c.relname = ANY(%(names)s) AND c.relkind::text = ANY(%(kinds)s) ORDER BY c.relkind = 'v' DESC, 1;

-- name: upgrade_wait
-- How long a statement may wait for a lock from here on.
SELECT set_config('lock_timeout', %(lock_timeout)s, true);

-- name: upgrade_alone_with
-- Nobody else reads or writes these until the end of the transaction.
LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE;
