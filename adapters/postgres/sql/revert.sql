-- name: revert_entry
-- The cut that a revert is of: its entry, its manifest, where it stood before it was reverted, and whether it has written units.
SELECT e.entry_id, e.change_set_id, e.kind, e.document_code, e.title, e.status, e.attempt, m.envelope_id, m.text_sha256,
       m.unit_blocks,
       coalesce((SELECT h.from_status FROM cutter.decision_backlog_history h
                  WHERE h.entry_id = e.entry_id AND h.to_status = 'reverted'), e.status) AS stood,
       (SELECT j.result ->> 'units_sha256' FROM cutter.cut_phase_journal j
         WHERE j.change_set_id = e.change_set_id AND j.phase = 'cut_leg_a') AS units_sha256
  FROM cutter.decision_backlog_entry e
  LEFT JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
 WHERE e.change_set_id = %(change_set_id)s;

-- name: revert_units
-- The units that a change set has written, children before parents: known by its own record, else by that of its revert, else as
-- the youngest at the address; the journal's digest tells whether they are the ones.
WITH own AS (
  SELECT r.seq, r.unit_id, r.version_id FROM cutter.cut_change_set_affected_row r
   WHERE r.change_set_id = %(change_set_id)s AND r.action = 'created'
), reverting AS (
  SELECT u.canonical_address, r.unit_id, r.version_id
    FROM cutter.decision_backlog_dependency d
    JOIN cutter.decision_backlog_entry e ON e.entry_id = d.entry_id
    JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = e.change_set_id AND r.action = 'withdrawn'
    JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
   WHERE d.kind = 'reverts' AND d.reference = %(entry_id)s::text
), youngest AS (
  SELECT DISTINCT ON (u.canonical_address) u.canonical_address, u.unit_id, v.version_id
    FROM cutter.iu_unit u
    JOIN cutter.iu_version v ON v.unit_id = u.unit_id AND v.version_no = 1
   WHERE u.document_code = %(document_code)s
   ORDER BY u.canonical_address, u.lifecycle = 'withdrawn', u.created_at DESC
), known AS (
  SELECT b.seq, b.canonical_address, b.start_char, b.end_char, b.title_sha256, b.body_sha256,
         coalesce(o.unit_id, r.unit_id, y.unit_id) AS unit_id, coalesce(o.version_id, r.version_id, y.version_id) AS version_id
    FROM cutter.manifest_unit_block b
    LEFT JOIN own o ON o.seq = b.seq
    LEFT JOIN reverting r ON r.canonical_address = b.canonical_address
    LEFT JOIN youngest y ON y.canonical_address = b.canonical_address
   WHERE b.envelope_id = %(envelope_id)s AND b.canonical_address IS NOT NULL
)
SELECT (row_number() OVER (ORDER BY k.seq DESC))::integer AS seq, k.canonical_address, k.unit_id, k.version_id,
       encode(k.title_sha256, 'hex') AS title_sha256, encode(k.body_sha256, 'hex') AS body_sha256, u.unit_kind, u.section_type,
       u.publication_type, encode(sha256(convert_to(u.owner_ref, 'UTF8')), 'hex') AS owner_sha256,
       u.parent_ref, k.start_char AS start, k.end_char AS "end"
  FROM known k
  JOIN cutter.iu_unit u ON u.unit_id = k.unit_id
 ORDER BY k.seq DESC;

-- name: revert_versions
-- What a revision has on record that it wrote, the other way round: units that it created are withdrawn, all others moved back.
SELECT (row_number() OVER (ORDER BY r.seq DESC))::integer AS seq, u.canonical_address, r.unit_id, r.version_id,
       encode(sha256(convert_to(v.title, 'UTF8')), 'hex') AS title_sha256, encode(sha256(convert_to(v.body, 'UTF8')), 'hex') AS body_sha256,
       v.unit_kind, v.section_type, coalesce(v.publication_type, u.publication_type) AS publication_type,
       encode(sha256(convert_to(coalesce(v.owner_ref, u.owner_ref), 'UTF8')), 'hex') AS owner_sha256,
       p.canonical_address AS parent_ref, 0 AS start, 0 AS "end", CASE r.action WHEN 'created' THEN 'withdrawn' ELSE 'restored' END AS action
  FROM cutter.cut_change_set_affected_row r
  JOIN cutter.iu_unit u ON u.unit_id = r.unit_id
  JOIN cutter.iu_version v ON v.version_id = r.version_id
  LEFT JOIN cutter.iu_unit p ON p.unit_id = v.parent_id
 WHERE r.change_set_id = %(change_set_id)s
 ORDER BY r.seq DESC;

-- name: revert_waiting
-- What a revision wrote that stopped before its ledger had rows, the other way round: by the rows of its revert, once there are any;
-- else the units at addresses that do not stand, and the youngest versions that would replace one that stands and are on no record.
-- The journal's digest tells whether they are the ones.
WITH reverting AS (
  SELECT r.seq, r.unit_id, r.version_id, r.action
    FROM cutter.decision_backlog_dependency d
    JOIN cutter.decision_backlog_entry e ON e.entry_id = d.entry_id
    JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = e.change_set_id
   WHERE d.kind = 'reverts' AND d.reference = %(entry_id)s::text
), named AS (
  -- Of the new text every address; of the one before those that the new one has not: what is repealed comes last.
  SELECT 1 AS part, b.seq, b.canonical_address FROM cutter.manifest_unit_block b
   WHERE b.envelope_id = %(envelope_id)s AND b.canonical_address IS NOT NULL
  UNION ALL
  SELECT 2, b.seq, b.canonical_address
    FROM cutter.decision_backlog_dependency d
    JOIN cutter.manifest_envelope m ON m.entry_id::text = d.reference
    JOIN cutter.manifest_unit_block b ON b.envelope_id = m.envelope_id AND b.canonical_address IS NOT NULL
   WHERE d.entry_id = %(entry_id)s AND d.kind = 'revises' AND NOT EXISTS (SELECT FROM cutter.manifest_unit_block n
     WHERE n.envelope_id = %(envelope_id)s AND n.canonical_address = b.canonical_address)
), waiting AS (
  SELECT n.part, n.seq, x.unit_id, x.version_id, x.action
    FROM named n
   CROSS JOIN LATERAL (
     SELECT u.unit_id, w.version_id, 'restored' AS action, w.version_no
       FROM cutter.iu_unit u
       JOIN cutter.iu_version w ON w.unit_id = u.unit_id AND w.replaces = u.version_id
      WHERE u.canonical_address = n.canonical_address AND u.lifecycle = 'enacted'
        AND NOT EXISTS (SELECT FROM cutter.cut_change_set_affected_row r WHERE r.version_id = w.version_id)
      ORDER BY w.version_no DESC LIMIT 1) x
  UNION ALL
  SELECT n.part, n.seq, x.unit_id, x.version_id, 'withdrawn'
    FROM named n
   CROSS JOIN LATERAL (
     SELECT u.unit_id, w.version_id
       FROM cutter.iu_unit u
       JOIN cutter.iu_version w ON w.unit_id = u.unit_id AND w.version_no = 1
      WHERE u.canonical_address = n.canonical_address
      ORDER BY u.lifecycle = 'withdrawn', u.created_at DESC LIMIT 1) x
   WHERE n.part = 1 AND NOT EXISTS (SELECT FROM cutter.iu_unit o
     WHERE o.canonical_address = n.canonical_address AND o.lifecycle = 'enacted')
), known AS (
  SELECT r.seq, r.unit_id, r.version_id, r.action FROM reverting r
  UNION ALL
  SELECT (row_number() OVER (ORDER BY w.part DESC, w.seq DESC))::integer, w.unit_id, w.version_id, w.action FROM waiting w
   WHERE NOT EXISTS (SELECT FROM reverting)
)
SELECT k.seq, u.canonical_address, k.unit_id, k.version_id, encode(sha256(convert_to(v.title, 'UTF8')), 'hex') AS title_sha256,
       encode(sha256(convert_to(v.body, 'UTF8')), 'hex') AS body_sha256, v.unit_kind, v.section_type,
       coalesce(v.publication_type, u.publication_type) AS publication_type,
       encode(sha256(convert_to(coalesce(v.owner_ref, u.owner_ref), 'UTF8')), 'hex') AS owner_sha256, p.canonical_address AS parent_ref, 0 AS start, 0 AS "end",
       k.action
  FROM known k
  JOIN cutter.iu_unit u ON u.unit_id = k.unit_id
  JOIN cutter.iu_version v ON v.version_id = k.version_id
  LEFT JOIN cutter.iu_unit p ON p.unit_id = v.parent_id
 ORDER BY k.seq;

-- name: revert_base
-- What a revision had started from: the manifest of what it revises, and the digest of its base.
SELECT m.envelope_id, m.text_sha256,
       (SELECT b.reference FROM cutter.decision_backlog_dependency b WHERE b.entry_id = d.entry_id AND b.kind = 'base') AS base_digest
  FROM cutter.decision_backlog_dependency d
  JOIN cutter.manifest_envelope m ON m.entry_id::text = d.reference
 WHERE d.entry_id = %(entry_id)s AND d.kind = 'revises';

-- name: revert_built_on
-- The revision that rests on a change set and is not taken back.
SELECT e.change_set_id FROM cutter.decision_backlog_dependency d
  JOIN cutter.decision_backlog_entry e ON e.entry_id = d.entry_id
 WHERE d.kind = 'revises' AND d.reference = %(entry_id)s::text AND e.status NOT IN ('reverted', 'superseded');

-- name: revert_faults
-- Why units can not be withdrawn as they stand now: changed since, gained children, or touched or cited by others.
WITH planned AS (
  SELECT t.* FROM unnest(%(unit_id)s::uuid[], %(version_id)s::uuid[], %(lifecycle)s::text[], %(address)s::text[],
         %(body_sha256)s::text[], %(title_sha256)s::text[], %(action)s::text[])
         AS t (unit_id, version_id, lifecycle, address, body_sha256, title_sha256, action)
), changed AS (
  SELECT p.address, CASE
    WHEN u.unit_id IS NULL THEN 'is gone'
    -- A version that nobody stands at yet: its unit stands where it did.
    WHEN p.action = 'restored' AND p.lifecycle = 'draft' THEN CASE
      WHEN u.lifecycle <> 'enacted' THEN 'is ' || u.lifecycle
      WHEN u.version_id IS DISTINCT FROM w.replaces THEN 'stands at version ' || u.version_no || ', which another has written since'
      WHEN encode(sha256(convert_to(w.body, 'UTF8')), 'hex') <> p.body_sha256 THEN 'has another body than its change set wrote'
      END
    WHEN u.lifecycle <> p.lifecycle THEN 'is ' || u.lifecycle || ', and its change set left it ' || p.lifecycle
    WHEN u.version_id <> p.version_id THEN 'stands at version ' || u.version_no || ', which another has written since'
    WHEN encode(sha256(convert_to(u.body, 'UTF8')), 'hex') <> p.body_sha256 THEN 'has another body than its change set wrote'
    WHEN encode(sha256(convert_to(u.title, 'UTF8')), 'hex') <> p.title_sha256 THEN 'has another title than its change set wrote'
    END AS fault
    FROM planned p
    LEFT JOIN cutter.iu_unit u ON u.unit_id = p.unit_id
    LEFT JOIN cutter.iu_version w ON w.version_id = p.version_id
), children AS (
  SELECT p.address, 'has gained the child ' || c.canonical_address AS fault
    FROM planned p
    JOIN cutter.iu_unit c ON c.parent_id = p.unit_id AND c.lifecycle <> 'withdrawn'
   WHERE p.action = 'withdrawn' AND NOT EXISTS (SELECT FROM planned q WHERE q.unit_id = c.unit_id)
), citing AS (
  SELECT u.canonical_address AS citing, rtrim(m.found[1], '.') AS address
    FROM cutter.iu_unit u
   CROSS JOIN LATERAL regexp_matches(u.body, '[a-z0-9][a-z0-9.-]*(?:![^[:space:]~]+)?~[[:alnum:]_.-]+', 'g') AS m (found)
   WHERE u.lifecycle <> 'withdrawn' AND u.document_code <> %(document_code)s AND strpos(u.body, %(document_code)s) > 0
), cited AS (
  SELECT DISTINCT p.address, 'is referenced by ' || c.citing AS fault FROM planned p JOIN citing c ON c.address = p.address AND p.action = 'withdrawn'
), touched AS (
  SELECT DISTINCT p.address, 'is referenced by change set ' || r.change_set_id AS fault
    FROM planned p
    JOIN cutter.cut_change_set_affected_row r ON r.unit_id = p.unit_id AND r.action <> 'restored'
    JOIN cutter.decision_backlog_entry e ON e.change_set_id = r.change_set_id AND e.status <> 'reverted'
   WHERE r.change_set_id <> %(reverts)s AND p.action = 'withdrawn'
)
SELECT address AS canonical_address, fault FROM (
  SELECT address, fault FROM changed WHERE fault IS NOT NULL
  UNION ALL SELECT address, fault FROM children
  UNION ALL SELECT address, fault FROM cited
  UNION ALL SELECT address, fault FROM touched
) AS found ORDER BY address COLLATE "C", fault;

-- name: revert_foreign_keys
-- Columns of tables that are neither ours nor the units' own and point at units or versions: what they hold can not be withdrawn under
-- them. The units' own tables are those that the port's views read.
WITH own AS (
  SELECT d.refobjid AS oid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid
   WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
     AND w.ev_class IN ('cutter.iu_unit'::regclass, 'cutter.iu_version'::regclass, to_regclass('cutter.iu_lineage')) AND d.refobjid <> w.ev_class
)
SELECT DISTINCT n.nspname::text AS schema, c.relname::text AS table, a.attname::text AS column
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
 WHERE k.contype = 'f' AND k.confrelid IN (SELECT o.oid FROM own o) AND c.oid NOT IN (SELECT o.oid FROM own o)
   AND n.nspname <> 'cutter' AND a.atttypid = 'uuid'::regtype
 ORDER BY 1, 2, 3;

-- name: revert_referenced
-- Which of these units or versions such a column points at; {column} and {table} are identifiers.
SELECT DISTINCT {column} FROM {table} WHERE {column} = ANY (%(keys)s);

-- name: revert_withdraw
-- Withdraw units in plan order through fn_iu_withdraw; one row a unit, with its status.
SELECT t.address, f.status
  FROM unnest(%(unit_id)s::uuid[], %(version_id)s::uuid[], %(lifecycle)s::text[], %(address)s::text[])
       WITH ORDINALITY AS t (unit_id, version_id, lifecycle, address, ord)
 CROSS JOIN LATERAL cutter.fn_iu_withdraw(t.unit_id, t.version_id, t.lifecycle, %(decision_id)s, %(actor)s) AS f (status)
 ORDER BY t.ord;

-- name: revert_restore
-- Move units back from versions through fn_iu_restore; one row a unit, with its status.
SELECT t.address, f.status
  FROM unnest(%(version_id)s::uuid[], %(address)s::text[]) WITH ORDINALITY AS t (version_id, address, ord)
 CROSS JOIN LATERAL cutter.fn_iu_restore(t.version_id, %(decision_id)s, %(actor)s) AS f (status)
 ORDER BY t.ord;

-- name: revert_rows
-- CUT and VERIFY: the units of a revert as they are stored, in plan order, with hashes of what is stored: withdrawn at the version that
-- they stand at, or moved back from one that is still there.
SELECT t.seq, u.canonical_address, u.unit_id::text, v.version_id::text,
       encode(sha256(convert_to(v.title, 'UTF8')), 'hex') AS title_sha256,
       encode(sha256(convert_to(v.body, 'UTF8')), 'hex') AS body_sha256
  FROM unnest(%(unit_id)s::uuid[], %(version_id)s::uuid[], %(action)s::text[]) WITH ORDINALITY AS t (unit_id, version_id, action, seq)
  JOIN cutter.iu_unit u ON u.unit_id = t.unit_id
  JOIN cutter.iu_version v ON v.unit_id = u.unit_id AND v.version_id = CASE t.action WHEN 'withdrawn' THEN u.version_id ELSE t.version_id END
 WHERE CASE t.action WHEN 'withdrawn' THEN u.lifecycle = 'withdrawn' ELSE u.lifecycle = 'enacted' AND u.version_id = v.replaces END
 ORDER BY t.seq;

-- name: revert_recorded
-- VERIFY: which units the ledger says that a change set has withdrawn, beside its manifest's blocks.
SELECT r.seq, r.unit_id, r.version_id, r.action, b.canonical_address, encode(b.body_sha256, 'hex') AS body_sha256
  FROM cutter.cut_change_set_affected_row r
  LEFT JOIN cutter.manifest_unit_block b ON b.envelope_id = %(envelope_id)s AND b.seq = r.seq
 WHERE r.change_set_id = %(change_set_id)s
 ORDER BY r.seq;

-- name: revert_leftovers
-- VERIFY: what a revert should not have left: units of what it reverts that live, units withdrawn by nobody, children without parent.
SELECT u.canonical_address, 'was written by what is reverted, and is not withdrawn' AS fault
  FROM cutter.manifest_envelope m
  JOIN cutter.manifest_unit_block b ON b.envelope_id = m.envelope_id
  JOIN cutter.iu_unit u ON u.canonical_address = b.canonical_address AND u.lifecycle <> 'withdrawn'
 WHERE m.entry_id = %(entry_id)s AND NOT %(revision)s
UNION ALL
SELECT u.canonical_address, 'is withdrawn, and no change set has withdrawn it'
  FROM cutter.iu_unit u
 WHERE u.document_code = %(document_code)s AND u.lifecycle = 'withdrawn'
   AND NOT EXISTS (SELECT FROM cutter.cut_change_set_affected_row r WHERE r.unit_id = u.unit_id AND r.action = 'withdrawn')
UNION ALL
SELECT c.canonical_address, 'lives, and its parent is withdrawn'
  FROM cutter.iu_unit u
  JOIN cutter.iu_unit c ON c.parent_id = u.unit_id AND c.lifecycle <> 'withdrawn'
 WHERE u.document_code = %(document_code)s AND u.lifecycle = 'withdrawn'
ORDER BY 1, 2;

-- name: revert_source
-- VERIFY: the pieces of the source text in order: the bodies of the withdrawn units and the gaps of the reverted manifest.
SELECT b.start_char, coalesce(u.body, b.gap_text) AS piece
  FROM cutter.manifest_envelope m
  JOIN cutter.manifest_unit_block b ON b.envelope_id = m.envelope_id
  LEFT JOIN cutter.iu_unit u ON u.canonical_address = b.canonical_address AND u.unit_id = ANY (%(unit_id)s::uuid[])
 WHERE m.entry_id = %(entry_id)s
 ORDER BY b.start_char;

-- name: revert_reverted
-- The entry of what a revert reverts, and where it stands.
SELECT o.entry_id, o.status
  FROM cutter.decision_backlog_entry e
  JOIN cutter.decision_backlog_dependency d ON d.entry_id = e.entry_id AND d.kind = 'reverts'
  JOIN cutter.decision_backlog_entry o ON o.entry_id::text = d.reference
 WHERE e.change_set_id = %(change_set_id)s;
