-- The twelve tables of the ledger, the permits and the units are there, and empty.
DO $$
BEGIN
  IF (SELECT count(*) FROM public.information_unit) + (SELECT count(*) FROM public.cut_phase_journal)
      + (SELECT count(*) FROM public.cut_permit) > 0 THEN
    RAISE EXCEPTION 'a schema that was just made has rows';
  END IF;
END $$;
