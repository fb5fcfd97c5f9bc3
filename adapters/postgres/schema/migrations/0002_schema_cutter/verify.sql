-- Nothing of ours is left in public, and the port shows every unit.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relname IN ('cut_phase_journal', 'cut_permit', 'cutter_schema')) THEN
    RAISE EXCEPTION 'a table of cutter''s own is still in the schema public';
  END IF;
  IF (SELECT count(*) FROM cutter.iu_unit) <> (SELECT count(*) FROM public.information_unit) THEN
    RAISE EXCEPTION 'the view cutter.iu_unit does not show every unit';
  END IF;
END $$;
