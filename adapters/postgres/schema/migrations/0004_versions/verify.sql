-- Every version that was there is a first one, of text, from a day that nobody knows.
DO $$
BEGIN
  IF EXISTS (SELECT FROM public.unit_version v WHERE v.replaces IS NULL
      AND (v.version_no <> 1 OR v.state <> 'text' OR v.unit_kind IS NOT NULL)) THEN
    RAISE EXCEPTION 'a version that was there before has become another';
  END IF;
END $$;
