-- name: verify_change_set
-- The change set as recorded, with the executor's half and its registered key.
SELECT s.change_set_id, s.entry_id, s.envelope_id, s.decision_id, s.document_code, s.plan_digest, s.target, s.attempt, s.unit_count,
       s.rows_sha256, s.actor, x.signature AS executor_signature, x.payload_sha256, k.public_key, m.text_sha256, e.status
  FROM public.cut_change_set s
  JOIN public.dot_pair_signature x ON x.signature_id = s.executor_signature_id AND x.half = 'executor'
  JOIN public.principal_key k ON k.key_id = x.key_id AND k.principal = 'cutter_exec' AND k.retired_at IS NULL
  JOIN public.manifest_envelope m ON m.envelope_id = s.envelope_id
  JOIN public.decision_backlog_entry e ON e.entry_id = s.entry_id
 WHERE s.change_set_id = %(change_set_id)s;

-- name: verify_units
-- Compare what is stored with the plan: every title and body hashed afresh, every parent, kind, section type and owner.
WITH expected AS MATERIALIZED (
  SELECT * FROM unnest(%(seq)s::integer[], %(address)s::text[], %(title_sha256)s::bytea[], %(body_sha256)s::bytea[],
         %(unit_kind)s::text[], %(section_type)s::text[], %(publication_type)s::text[], %(owner_ref)s::text[], %(parent_ref)s::text[])
    AS t (seq, canonical_address, title_sha256, body_sha256, unit_kind, section_type, publication_type, owner_ref, parent_ref)
), stored AS MATERIALIZED (
  SELECT r.seq, u.canonical_address, sha256(convert_to(v.title, 'UTF8')) AS title_sha256,
         sha256(convert_to(v.body, 'UTF8')) AS body_sha256, u.unit_kind, u.section_type, u.publication_type, u.owner_ref,
         p.canonical_address AS parent_ref, u.lifecycle, u.current_version_id = r.version_id AND v.unit_id = u.id AS current
    FROM public.cut_change_set_affected_row r
    JOIN public.information_unit u ON u.id = r.unit_id
    JOIN public.unit_version v ON v.id = r.version_id
    LEFT JOIN public.information_unit p ON p.id = u.parent_id
   WHERE r.change_set_id = %(change_set_id)s
), compared AS (
  SELECT coalesce(e.canonical_address, s.canonical_address) AS canonical_address,
         CASE WHEN s.seq IS NULL THEN 'is missing'
              WHEN e.seq IS NULL THEN 'is not in the plan'
              WHEN e.canonical_address <> s.canonical_address THEN 'stands at another place'
              WHEN e.body_sha256 <> s.body_sha256 THEN 'has another body'
              WHEN e.title_sha256 <> s.title_sha256 THEN 'has another title'
              WHEN e.parent_ref IS DISTINCT FROM s.parent_ref THEN 'has another parent'
              WHEN (e.unit_kind, e.section_type, e.publication_type, e.owner_ref)
                <> (s.unit_kind, s.section_type, s.publication_type, s.owner_ref) THEN 'has another kind, type or owner'
              WHEN NOT s.current THEN 'has another current version'
              WHEN s.lifecycle <> 'draft' THEN 'is not a draft'
         END AS fault
    FROM expected e FULL JOIN stored s ON s.seq = e.seq
)
SELECT count(*) FILTER (WHERE fault IS NULL)::integer AS equal, count(fault)::integer AS faults,
       min(canonical_address || ' ' || fault) AS first_fault
  FROM compared;

-- name: verify_source
-- Rebuild the source text from the stored bodies and gaps alone, in order, and hash it.
SELECT encode(sha256(convert_to(coalesce(string_agg(part, '' ORDER BY start_char), ''), 'UTF8')), 'hex') AS source_sha256
  FROM (SELECT b.start_char, b.gap_text AS part
          FROM public.manifest_unit_block b
         WHERE b.envelope_id = %(envelope_id)s AND b.gap_text IS NOT NULL
        UNION ALL
        SELECT b.start_char, v.body
          FROM public.cut_change_set_affected_row r
          JOIN public.unit_version v ON v.id = r.version_id
          JOIN public.manifest_unit_block b ON b.envelope_id = %(envelope_id)s AND b.seq = r.seq
         WHERE r.change_set_id = %(change_set_id)s) AS parts;

-- name: verify_rows
-- The affected rows as stored, in plan order, hashed afresh: what the executor's signature covers.
SELECT r.seq, u.canonical_address, r.unit_id, r.version_id,
       encode(sha256(convert_to(v.title, 'UTF8')), 'hex') AS title_sha256,
       encode(sha256(convert_to(v.body, 'UTF8')), 'hex') AS body_sha256
  FROM public.cut_change_set_affected_row r
  JOIN public.information_unit u ON u.id = r.unit_id
  JOIN public.unit_version v ON v.id = r.version_id
 WHERE r.change_set_id = %(change_set_id)s
 ORDER BY r.seq;

-- name: verify_record
-- VERIFY: the result, and with it the verifier's half.
INSERT INTO public.verify_result (change_set_id, verdict, expected_units, found_units, source_sha256, verifier_signature_id)
VALUES (%(change_set_id)s, 'verified', %(expected_units)s, %(found_units)s, %(source_sha256)s, %(verifier_signature_id)s);

-- name: change_set_verified
-- VERIFY: complete the pair on the change set.
UPDATE public.cut_change_set SET status = 'verified_complete', verifier_signature_id = %(verifier_signature_id)s
 WHERE change_set_id = %(change_set_id)s AND status = 'cut_applied';

-- name: verify_result_count
-- How many verify results a change set has: 0 or 1.
SELECT count(*)::integer AS results FROM public.verify_result WHERE change_set_id = %(change_set_id)s;
