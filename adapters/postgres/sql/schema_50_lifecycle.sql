-- Draft to enacted, for one decision.

CREATE FUNCTION public.fn_iu_enact(canonical_address text, review_decision_id uuid, actor text, OUT status text, OUT unit_id uuid)
RETURNS record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  IF coalesce(btrim(actor), '') = '' THEN
    status := 'actor: empty';
    RETURN;
  END IF;
  -- The result row can be written by the verifier alone, and it stands for the rows that were counted, 1 to unit_count.
  SELECT r.unit_id INTO unit_id FROM public.cut_change_set s
    JOIN public.verify_result v ON v.change_set_id = s.change_set_id AND v.found_units = s.unit_count
    JOIN public.cut_change_set_affected_row r ON r.change_set_id = s.change_set_id AND r.seq <= s.unit_count
    JOIN public.review_decision d ON d.decision_id = s.decision_id
    JOIN public.information_unit u ON u.id = r.unit_id
    WHERE s.decision_id = review_decision_id AND s.status = 'verified_complete' AND d.verdict = 'approved'
      AND r.action = 'created' AND u.canonical_address = fn_iu_enact.canonical_address AND u.lifecycle <> 'withdrawn';
  IF unit_id IS NULL THEN
    status := 'review_decision: no verified change set of this decision holds ' || coalesce(canonical_address, 'NULL');
    RETURN;
  END IF;
  PERFORM set_config('app.canonical_writer', 'fn_iu_enact', true);
  UPDATE public.information_unit u SET lifecycle = 'enacted', enacted_at = now() WHERE u.id = unit_id AND u.lifecycle = 'draft';
  status := CASE WHEN FOUND THEN 'enacted' ELSE 'lifecycle: not a draft' END;
  PERFORM set_config('app.canonical_writer', '', true);
END $$;
COMMENT ON FUNCTION public.fn_iu_enact(text, uuid, text)
  IS 'Moves one draft unit to enacted, for a decision whose change set is verified. Only the status "enacted" is success.';
