-- What has to hold before a unit is enacted, withdrawn or moved to another version, whoever implements the units: asked by the
-- functions that do it.

-- The form of domain.reading.address, and what it can not hold: what does not show or is a space, and in a number letters of two scripts
-- that look alike. Pure numbers of a Cyrillic or Greek law stay as they are printed.
CREATE FUNCTION cutter.fn_is_address(address text) RETURNS boolean
LANGUAGE sql IMMUTABLE  -- and nothing else, so that it is put into the query that asks
RETURN coalesce(length(address) <= 255
  AND address ~ ('^[a-z0-9][a-z0-9.-]*(![^!~\u0001-\u0020\u007f]+)?~[a-z]+(\.[0-9]+)?(_[^_!~\u0001-\u0020\u007f]+)?'
    || '(__[a-z]+(\.[0-9]+)?(_[^_!~\u0001-\u0020\u007f]+)?)*$')
  AND CASE WHEN octet_length(address) = length(address) THEN true
    ELSE address IS NFC NORMALIZED
      AND address !~ '_[0-9][^_!~-]*([A-Za-z][\u0370-\u03ff\u0400-\u052f]|[\u0370-\u03ff\u0400-\u052f][A-Za-z])'
      AND address !~ ('[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000'
        || '\u0001-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2'
        || '\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u2800\u3164'
        || '\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U00013438\U00016fe4'
        || '\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef'
        || '\U000f0000-\U000ffffd\U00100000-\U0010fffd' || ']') END, false);
COMMENT ON FUNCTION cutter.fn_is_address(text) IS 'Whether a text has the form and the alphabet of an address: no code or step in look-alike letters, nothing that does not show.';

CREATE FUNCTION cutter.fn_enact_check(canonical_address text, review_decision_id uuid, actor text, OUT status text, OUT unit_id uuid)
RETURNS record
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  named uuid;
BEGIN
  IF coalesce(btrim(actor), '') = '' THEN
    status := 'actor: empty';
    RETURN;
  END IF;
  -- Two steps, or a server that has not analysed its tables yet reads every row of the change set for every unit.
  SELECT u.unit_id INTO named FROM cutter.iu_unit u
    WHERE u.canonical_address = fn_enact_check.canonical_address AND u.lifecycle <> 'withdrawn';
  -- The result row can be written by the verifier alone, and it stands for the rows that were counted, 1 to unit_count.
  SELECT r.unit_id INTO unit_id FROM cutter.cut_change_set s
    JOIN cutter.verify_result v ON v.change_set_id = s.change_set_id AND v.found_units = s.unit_count
    JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id AND r.unit_id = named AND r.seq <= s.unit_count
    JOIN cutter.review_decision d ON d.decision_id = s.decision_id
    WHERE s.decision_id = review_decision_id AND s.status = 'verified_complete' AND d.verdict = 'approved' AND r.action = 'created';
  IF unit_id IS NULL THEN
    status := 'review_decision: no verified change set of this decision holds ' || coalesce(canonical_address, 'NULL');
    RETURN;
  END IF;
  -- The program's own fence says so first; this is for one that leaves it out.
  IF session_user <> 'cutter_rehearse' AND NOT EXISTS (SELECT FROM cutter.cut_change_set s
      JOIN cutter.cut_permit p ON p.change_set_id = s.change_set_id AND p.plan_digest = s.plan_digest
      WHERE s.decision_id = review_decision_id AND p.kind IN ('cut', 'revision') AND p.revoked_at IS NULL AND p.used_at IS NULL
        AND p.confirmed_at IS NOT NULL AND p.execute_by > clock_timestamp() AND NOT cutter.fn_halted_since(p.opened_at)) THEN
    status := 'permit: none is open for this change set';
  END IF;
END $$;
COMMENT ON FUNCTION cutter.fn_enact_check(text, uuid, text)
  IS 'Why a unit may not be enacted for a decision, as a status; NULL if it may. Every function that enacts asks first.';

CREATE FUNCTION cutter.fn_withdraw_check(
  unit_id uuid, version_id uuid, lifecycle text, review_decision_id uuid, actor text, OUT status text
)
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  unit record;
  revert cutter.decision_backlog_entry;
  -- Without a decision, under a halt, an administrator takes a draft away: it never was law, and nobody may stand in a law's way with it.
  clearing boolean := review_decision_id IS NULL AND pg_has_role(session_user, 'cutter_owner', 'MEMBER')
    AND EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL);
BEGIN
  IF coalesce(btrim(actor), '') = '' THEN
    status := 'actor: empty';
    RETURN;
  END IF;
  SELECT u.* INTO unit FROM cutter.iu_unit u WHERE u.unit_id = fn_withdraw_check.unit_id;
  -- What is reverted names this unit by address and body in its manifest. A cut is taken back whole, so the revert's manifest names it
  -- too; that of a revision's revert names what stands afterwards, which this unit, still at its first version, is not part of.
  SELECT e.* INTO revert FROM cutter.review_decision d
    JOIN cutter.manifest_envelope m ON m.envelope_id = d.envelope_id
    JOIN cutter.decision_backlog_entry e ON e.entry_id = m.entry_id AND e.kind = 'revert' AND e.status = 'reviewed'
    JOIN cutter.decision_backlog_dependency r ON r.entry_id = e.entry_id AND r.kind = 'reverts'
    JOIN cutter.decision_backlog_entry t ON t.entry_id = CASE r.kind WHEN 'reverts' THEN r.reference::uuid END
    JOIN cutter.manifest_envelope o ON o.entry_id = t.entry_id
    JOIN cutter.manifest_unit_block p ON p.envelope_id = o.envelope_id AND p.canonical_address = unit.canonical_address
      AND p.body_sha256 = sha256(convert_to(unit.body, 'UTF8'))
    LEFT JOIN cutter.manifest_unit_block b ON b.envelope_id = m.envelope_id AND b.canonical_address = unit.canonical_address
    WHERE d.decision_id = review_decision_id AND d.verdict = 'approved'
      AND CASE t.kind WHEN 'cut' THEN b.body_sha256 = p.body_sha256 ELSE b.envelope_id IS NULL AND unit.version_no = 1 END;
  status := CASE
    WHEN unit.unit_id IS NULL THEN 'unit: unknown'
    WHEN revert.entry_id IS NULL AND NOT (clearing AND unit.lifecycle = 'draft')
      THEN 'review_decision: no reviewed revert of this decision holds ' || unit.canonical_address || ' as it stands'
    WHEN NOT clearing AND session_user <> 'cutter_rehearse' AND NOT EXISTS (SELECT FROM cutter.cut_permit p
        WHERE p.change_set_id = revert.change_set_id AND p.kind = 'revert' AND p.plan_digest = revert.plan_digest
          AND p.revoked_at IS NULL AND p.used_at IS NULL AND p.confirmed_at IS NOT NULL AND p.execute_by > clock_timestamp()
          AND NOT cutter.fn_halted_since(p.opened_at))
      THEN 'permit: none is open for this revert'
    WHEN unit.lifecycle = 'withdrawn' THEN 'lifecycle: withdrawn already'
    WHEN unit.lifecycle IS DISTINCT FROM lifecycle THEN 'lifecycle: ' || unit.lifecycle
    WHEN unit.version_id IS DISTINCT FROM version_id THEN 'version: another is in force'
    -- In two ways, each by an index: where units were created, and where revisions moved them.
    ELSE (SELECT 'children: ' || x.canonical_address FROM (
        SELECT c.canonical_address FROM cutter.iu_unit c
          WHERE c.first_parent_id = fn_withdraw_check.unit_id AND c.parent_id = fn_withdraw_check.unit_id AND c.lifecycle <> 'withdrawn'
        UNION ALL
        SELECT c.canonical_address FROM cutter.iu_version w JOIN cutter.iu_unit c ON c.unit_id = w.unit_id AND c.version_id = w.version_id
          WHERE w.moved_to_id = fn_withdraw_check.unit_id AND c.lifecycle <> 'withdrawn') x
      ORDER BY x.canonical_address LIMIT 1)
  END;
END $$;
COMMENT ON FUNCTION cutter.fn_withdraw_check(uuid, uuid, text, uuid, text)
  IS 'Why a unit may not be withdrawn for a decision, as a status; NULL if it may. Every function that withdraws asks first.';

CREATE FUNCTION cutter.fn_version_enact_check(version_id uuid, review_decision_id uuid, actor text, OUT status text)
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  change_set uuid;
BEGIN
  SELECT s.change_set_id INTO change_set FROM cutter.cut_change_set s
    JOIN cutter.decision_backlog_entry e ON e.entry_id = s.entry_id AND e.kind = 'revision' AND e.status = 'verified_complete'
    JOIN cutter.verify_result v ON v.change_set_id = s.change_set_id AND v.found_units = s.unit_count
    JOIN cutter.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id AND r.seq <= s.unit_count
    JOIN cutter.review_decision d ON d.decision_id = s.decision_id
    WHERE s.decision_id = review_decision_id AND s.status = 'verified_complete' AND d.verdict = 'approved'
      AND r.action IN ('revised', 'repealed') AND r.version_id = fn_version_enact_check.version_id;
  status := CASE
    WHEN coalesce(btrim(actor), '') = '' THEN 'actor: empty'
    WHEN change_set IS NULL THEN 'review_decision: no verified revision of this decision holds the version'
    WHEN session_user <> 'cutter_rehearse' AND NOT EXISTS (SELECT FROM cutter.cut_permit p
        JOIN cutter.cut_change_set s ON s.change_set_id = p.change_set_id AND s.plan_digest = p.plan_digest
        WHERE p.change_set_id = change_set AND p.kind = 'revision' AND p.revoked_at IS NULL AND p.used_at IS NULL
          AND p.confirmed_at IS NOT NULL AND p.execute_by > clock_timestamp() AND NOT cutter.fn_halted_since(p.opened_at))
      THEN 'permit: none is open for this revision' END;
END $$;
COMMENT ON FUNCTION cutter.fn_version_enact_check(uuid, uuid, text)
  IS 'Why a unit may not be moved to a version for a decision, as a status; NULL if it may.';

CREATE FUNCTION cutter.fn_restore_check(version_id uuid, review_decision_id uuid, actor text, OUT status text)
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  revert cutter.decision_backlog_entry;
BEGIN
  SELECT e.* INTO revert FROM cutter.review_decision d
    JOIN cutter.manifest_envelope m ON m.envelope_id = d.envelope_id
    JOIN cutter.decision_backlog_entry e ON e.entry_id = m.entry_id AND e.kind = 'revert' AND e.status = 'reviewed'
    JOIN cutter.decision_backlog_dependency r ON r.entry_id = e.entry_id AND r.kind = 'reverts'
    JOIN cutter.decision_backlog_entry t ON t.entry_id = CASE r.kind WHEN 'reverts' THEN r.reference::uuid END
      AND t.kind = 'revision' AND t.status = 'enacted'
    JOIN cutter.cut_change_set_affected_row a ON a.change_set_id = t.change_set_id AND a.action IN ('revised', 'repealed')
      AND a.version_id = fn_restore_check.version_id
    WHERE d.decision_id = review_decision_id AND d.verdict = 'approved';
  status := CASE
    WHEN coalesce(btrim(actor), '') = '' THEN 'actor: empty'
    WHEN revert.entry_id IS NULL THEN 'review_decision: no reviewed revert of this decision takes back the version'
    WHEN session_user <> 'cutter_rehearse' AND NOT EXISTS (SELECT FROM cutter.cut_permit p
        WHERE p.change_set_id = revert.change_set_id AND p.kind = 'revert' AND p.plan_digest = revert.plan_digest
          AND p.revoked_at IS NULL AND p.used_at IS NULL AND p.confirmed_at IS NOT NULL AND p.execute_by > clock_timestamp()
          AND NOT cutter.fn_halted_since(p.opened_at))
      THEN 'permit: none is open for this revert' END;
END $$;
COMMENT ON FUNCTION cutter.fn_restore_check(uuid, uuid, text)
  IS 'Why a unit may not be moved back from a version for a decision, as a status; NULL if it may.';
