-- The reference implementation: draft to enacted, for one decision; and either to withdrawn, for the decision of a revert.

CREATE FUNCTION public.fn_iu_enact(canonical_address text, review_decision_id uuid, actor text, OUT status text, OUT unit_id uuid)
RETURNS record
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  SELECT c.status, c.unit_id INTO status, unit_id FROM cutter.fn_enact_check(canonical_address, review_decision_id, actor) AS c;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('app.canonical_writer', 'fn_iu_enact', true);
  UPDATE public.information_unit u SET lifecycle = 'enacted', enacted_at = now() WHERE u.id = unit_id AND u.lifecycle = 'draft';
  status := CASE WHEN FOUND THEN 'enacted' ELSE 'lifecycle: not a draft' END;
  PERFORM set_config('app.canonical_writer', '', true);
END $$;
COMMENT ON FUNCTION public.fn_iu_enact(text, uuid, text)
  IS 'Moves one draft unit to enacted, for a decision whose change set is verified. Only the status "enacted" is success.';

CREATE FUNCTION public.fn_iu_withdraw(
  unit_id uuid, version_id uuid, lifecycle text, review_decision_id uuid, actor text, OUT status text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  -- Whoever is just writing a child holds this lock: this waits for them, and the look below sees the child.
  PERFORM pg_advisory_xact_lock(hashtextextended('fn_iu_create:' || u.document_code, 0))
    FROM public.information_unit u WHERE u.id = unit_id;
  PERFORM FROM public.information_unit u WHERE u.id = unit_id FOR UPDATE;
  status := cutter.fn_withdraw_check(unit_id, version_id, lifecycle, review_decision_id, actor);
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('app.canonical_writer', 'fn_iu_withdraw', true);
  UPDATE public.information_unit u SET lifecycle = 'withdrawn' WHERE u.id = unit_id;
  PERFORM set_config('app.canonical_writer', '', true);
  status := 'withdrawn';
END $$;
COMMENT ON FUNCTION public.fn_iu_withdraw(uuid, uuid, text, uuid, text)
  IS 'Moves one unit to withdrawn, for the reviewed revert of its change set; deletes nothing. Only the status "withdrawn" is success; every other wrote nothing.';
