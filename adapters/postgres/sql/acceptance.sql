-- name: acceptance_roles_present
-- Which of our roles a server has already: the acceptance run sets passwords, so it must not meet anybody's.
SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname LIKE 'cutter\_%' ORDER BY rolname;

-- name: acceptance_inventory
-- What a database's schema consists of, one row an object with its definition, to be compared as sets.
SELECT 'column' AS kind, n.nspname || '.' || c.relname || '.' || a.attname AS name,
       concat_ws(' ', c.relkind, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
         c.relrowsecurity, pg_get_userbyid(c.relowner)) AS definition
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE n.nspname IN ('cutter', 'public') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
UNION ALL
SELECT 'constraint', o.conrelid::regclass::text || '.' || o.conname, pg_get_constraintdef(o.oid)
  FROM pg_catalog.pg_constraint o WHERE o.connamespace IN ('cutter'::regnamespace, 'public'::regnamespace) AND o.contype <> 'n'
UNION ALL
SELECT 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace IN ('cutter'::regnamespace, 'public'::regnamespace)
UNION ALL
SELECT 'trigger', t.tgrelid::regclass::text || '.' || t.tgname, concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid))
  FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
 WHERE c.relnamespace IN ('cutter'::regnamespace, 'public'::regnamespace) AND NOT t.tgisinternal
UNION ALL
SELECT 'function', n.nspname || '.' || p.proname || '(' || array_to_string(ARRAY(SELECT format_type(t.oid, NULL)
         FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS t (oid, place) ORDER BY t.place), ', ') || ')',
       concat_ws(' ', p.prosecdef, p.provolatile, p.proconfig::text, pg_get_userbyid(p.proowner),
         encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'))
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('cutter', 'public')
UNION ALL
SELECT 'sequence', c.relname, '' FROM pg_catalog.pg_class c WHERE c.relnamespace IN ('cutter'::regnamespace, 'public'::regnamespace) AND c.relkind = 'S'
UNION ALL
SELECT 'word', v.axis || '.' || v.code, '' FROM public.iu_vocabulary v
 ORDER BY 1, 2;

-- name: acceptance_identity
-- Who a session is, in the server's words.
SELECT current_user::text, session_user::text, current_database()::text;

-- name: acceptance_ledger_state
-- Where a change set stands: entry, its parts, and both halves of the signature pair.
SELECT e.entry_id, e.status, e.plan_digest, e.opened_by,
       (SELECT array_agg(d.kind || ':' || d.reference ORDER BY d.kind, d.reference)
          FROM cutter.decision_backlog_dependency d WHERE d.entry_id = e.entry_id) AS depends,
       (SELECT array_agg(h.to_status ORDER BY h.chain_no)
          FROM cutter.decision_backlog_history h WHERE h.entry_id = e.entry_id) AS steps,
       w.text_sha256 AS swept_sha256, w.units AS swept_units, m.envelope_id, m.unit_blocks, m.gap_blocks, m.plan_digest AS sealed_plan,
       d.decision_id, d.verdict, d.decided_by, s.status AS change_set_status, s.executor_signature_id, s.verifier_signature_id,
       v.expected_units, v.found_units, v.source_sha256, v.verified_by
  FROM cutter.decision_backlog_entry e
  LEFT JOIN cutter.sweep_log w ON w.entry_id = e.entry_id
  LEFT JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
  LEFT JOIN cutter.review_decision d ON d.envelope_id = m.envelope_id
  LEFT JOIN cutter.cut_change_set s ON s.change_set_id = e.change_set_id
  LEFT JOIN cutter.verify_result v ON v.change_set_id = e.change_set_id
 WHERE e.change_set_id = %(change_set_id)s;

-- name: acceptance_manifest
-- The manifest of a change set in text order: units by address and hash, gaps by text.
SELECT b.start_char, b.end_char, b.canonical_address, b.seq, encode(b.title_sha256, 'hex') AS title_sha256,
       encode(b.body_sha256, 'hex') AS body_sha256, b.gap_text
  FROM cutter.decision_backlog_entry e
  JOIN cutter.manifest_envelope m ON m.entry_id = e.entry_id
  JOIN cutter.manifest_unit_block b ON b.envelope_id = m.envelope_id
 WHERE e.change_set_id = %(change_set_id)s ORDER BY b.start_char;

-- name: acceptance_units
-- The units of a document as they are stored, whole.
SELECT u.canonical_address, v.title, v.body, u.unit_kind, u.section_type, u.publication_type, u.owner_ref,
       p.canonical_address AS parent_ref, u.lifecycle, u.created_by, v.actor, v.body_sha256 = sha256(convert_to(v.body, 'UTF8')) AS hashed
  FROM public.information_unit u
  JOIN public.unit_version v ON v.id = u.current_version_id
  LEFT JOIN public.information_unit p ON p.id = u.parent_id
 WHERE u.document_code = %(document_code)s;

-- name: acceptance_signatures
-- The signature pair of a change set with the registered keys.
SELECT s.half, s.payload_sha256, s.signature, k.public_key, k.principal
  FROM cutter.dot_pair_signature s JOIN cutter.principal_key k ON k.key_id = s.key_id
 WHERE s.change_set_id = %(change_set_id)s ORDER BY s.half;

-- name: acceptance_change_set
-- The signed fields of a change set, as stored.
SELECT change_set_id, entry_id, envelope_id, decision_id, document_code, plan_digest, target, attempt, unit_count, rows_sha256, actor
  FROM cutter.cut_change_set WHERE change_set_id = %(change_set_id)s;

-- name: acceptance_forge_body
-- Change one stored body behind the ledger's back, as an administrator could. Returns what stood there.
UPDATE public.unit_version v SET body = %(body)s
  FROM public.information_unit u, public.unit_version old
 WHERE u.canonical_address = %(canonical_address)s AND v.id = u.current_version_id AND old.id = v.id
RETURNING old.body;

-- name: acceptance_pose_as_writer
-- Pass the guard of the units' tables for one transaction: a guard against accidents, not against an administrator.
SELECT set_config('app.canonical_writer', 'fn_iu_create', true);

-- name: acceptance_fault
-- A real error of the server (22012), put in the place of a phase's last statement; volatile, so that it is not found while planning.
SELECT 1 / (random() * 0)::integer;
