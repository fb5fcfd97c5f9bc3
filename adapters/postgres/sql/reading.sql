-- name: reading_documents
-- The documents that have enacted units, by code: how many, and when the last change set of each was enacted.
SELECT document_code AS code, title, publication_type, units, enacted_at FROM cutter.v_document ORDER BY document_code COLLATE "C";

-- name: reading_document
-- What is said of a document once: title, type and owner; of one that does not stand any more, if it is asked what was known.
SELECT title, publication_type, owner_ref FROM cutter.v_document WHERE document_code = %(document_code)s
UNION ALL
(SELECT '', publication_type, owner_ref FROM cutter.v_unit_history
  WHERE document_code = %(document_code)s AND %(known_at)s::timestamptz IS NOT NULL LIMIT 1)
 LIMIT 1;

-- name: reading_units
-- Units of a document in the order of the text, or the one with an address, with every version that is known: that was enacted and
-- not reverted, by now or by a time.
SELECT h.address, h.title, h.body, h.body_sha256, h.unit_kind, h.section_type, h.parent, h.version_no, h.state, h.in_force_from,
       h.change_set_id, h.enacted_at
  FROM cutter.v_unit_history h
  LEFT JOIN cutter.v_text_block b ON b.address = h.address AND b.change_set_id = (
    SELECT c.change_set_id FROM cutter.v_change_set c
     WHERE c.document_code = %(document_code)s AND c.kind <> 'revert'
       AND c.enacted_at <= coalesce(%(known_at)s::timestamptz, 'infinity')
       AND (c.reverted_at IS NULL OR c.reverted_at > %(known_at)s::timestamptz)
     ORDER BY c.enacted_at DESC LIMIT 1)
 WHERE h.document_code = %(document_code)s AND (%(address)s::text IS NULL OR h.address = %(address)s)
   AND CASE WHEN %(known_at)s::timestamptz IS NULL THEN h.reverted_at IS NULL AND NOT h.withdrawn
         ELSE (h.enacted_at IS NULL OR h.enacted_at <= %(known_at)s) AND (h.reverted_at IS NULL OR h.reverted_at > %(known_at)s)
           AND (NOT h.withdrawn OR h.reverted_at IS NOT NULL) END
 ORDER BY b.position NULLS LAST, h.address COLLATE "C", h.version_no;

-- name: reading_addresses
-- The addresses at which a document has a unit, repealed or not, in the order of the text.
SELECT h.address FROM cutter.v_unit_history h
  LEFT JOIN cutter.v_text_block b ON b.address = h.address AND b.change_set_id = (
    SELECT c.change_set_id FROM cutter.v_change_set c
     WHERE c.document_code = %(document_code)s AND c.kind <> 'revert' AND c.reverted_at IS NULL
     ORDER BY c.enacted_at DESC LIMIT 1)
 WHERE h.document_code = %(document_code)s AND h.stands
 ORDER BY b.position NULLS LAST, h.address COLLATE "C";

-- name: reading_ever
-- Every unit that was ever enacted, once for each address, by address: as it stands, else as it stood last.
SELECT DISTINCT ON (h.document_code COLLATE "C", h.address COLLATE "C") h.address, h.title, h.unit_kind, h.version_no,
       CASE WHEN h.stands THEN h.state ELSE 'withdrawn' END AS standing, h.change_set_id
  FROM cutter.v_unit_history h
 WHERE %(document_code)s::text IS NULL OR h.document_code = %(document_code)s
 ORDER BY h.document_code COLLATE "C", h.address COLLATE "C", h.stands DESC, h.enacted_at DESC NULLS LAST, h.version_no DESC;

-- name: reading_by_words
-- The addresses of enacted units that have the words, by the text search configuration `simple`, best first. An administrator may
-- make an index of this very expression (docs/operations.md).
SELECT u.address FROM cutter.v_unit_history u
 CROSS JOIN LATERAL (SELECT to_tsvector('simple', left(u.title || ' ' || u.body, 100000)) AS vector) t
 WHERE u.stands AND u.state <> 'repealed' AND (%(document_code)s::text IS NULL OR u.document_code = %(document_code)s)
   AND t.vector @@ websearch_to_tsquery('simple', %(words)s)
 ORDER BY ts_rank(t.vector, websearch_to_tsquery('simple', %(words)s)) DESC, u.address COLLATE "C" LIMIT %(limit)s;

-- name: reading_by_letters
-- The addresses of enacted units that have the letters, anywhere and in either case: for scripts without spaces between words.
SELECT u.address FROM cutter.v_unit_history u
 WHERE u.stands AND u.state <> 'repealed' AND (%(document_code)s::text IS NULL OR u.document_code = %(document_code)s)
   AND strpos(lower(u.title || ' ' || u.body), lower(%(words)s)) > 0
 ORDER BY u.address COLLATE "C" LIMIT %(limit)s;

-- name: reading_likeness
-- Whether the extension pg_trgm is there. Where it is, its functions are found by name until the transaction ends; every other name in
-- these statements is written in full.
SELECT set_config('search_path', quote_ident(n.nspname), true) IS NOT NULL AS found
  FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
 WHERE e.extname = 'pg_trgm' AND has_schema_privilege(n.oid, 'USAGE');

-- name: reading_by_likeness
-- The addresses of enacted units that have words like these, as pg_trgm judges by groups of three letters, most alike first.
SELECT u.address FROM cutter.v_unit_history u
 CROSS JOIN LATERAL (SELECT word_similarity(%(words)s, u.title || ' ' || u.body) AS likeness) t
 WHERE u.stands AND u.state <> 'repealed' AND (%(document_code)s::text IS NULL OR u.document_code = %(document_code)s)
   AND t.likeness >= 0.45
 ORDER BY t.likeness DESC, u.address COLLATE "C" LIMIT %(limit)s;

-- name: reading_text
-- The whole text of a document as a change set has it, put together from bodies and what stands between them, and what it has to hash
-- to. A body is found by address and hash, so that it does not matter which version of the unit has it.
SELECT c.change_set_id, c.text_sha256,
       (SELECT string_agg(coalesce(b.gap_text, (
          SELECT h.body FROM cutter.v_unit_history h
           WHERE h.document_code = b.document_code AND h.address = b.address AND h.body_sha256 = b.body_sha256 LIMIT 1)), ''
          ORDER BY b.start_char)
          FROM cutter.v_text_block b WHERE b.change_set_id = c.change_set_id) AS text
  FROM cutter.v_change_set c
 WHERE c.document_code = %(document_code)s AND c.kind <> 'revert'
   AND (c.change_set_id = %(change_set_id)s OR %(change_set_id)s::uuid IS NULL AND c.reverted_at IS NULL)
 ORDER BY c.enacted_at DESC LIMIT 1;

-- name: reading_changes
-- The feed of a document after one of its entries, or of all documents.
SELECT document_code, seq, change_set_id, address, version_no, kind, body_sha256, changed_at
  FROM cutter.v_unit_change
 WHERE (%(document_code)s::text IS NULL OR document_code = %(document_code)s) AND seq > %(since)s
 ORDER BY changed_at, document_code COLLATE "C", seq LIMIT %(limit)s;
