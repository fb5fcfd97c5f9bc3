-- Every permit that was used is confirmed.
DO $$
BEGIN
  IF EXISTS (SELECT FROM cutter.cut_permit p WHERE p.used_at IS NOT NULL AND p.confirmed_at IS NULL) THEN
    RAISE EXCEPTION 'a permit was used and is not confirmed';
  END IF;
END $$;
