-- Units and their texts in one table, and a word as the answer.
CREATE TABLE public.provision (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), address text UNIQUE NOT NULL, kind text NOT NULL, section text NOT NULL,
  publication text NOT NULL, owner text NOT NULL DEFAULT '', parent text, lifecycle text NOT NULL DEFAULT 'draft',
  version int NOT NULL DEFAULT 1, title text NOT NULL, body text NOT NULL, created timestamptz NOT NULL DEFAULT now());
CREATE FUNCTION public.create_provision(text, text, text, text, text, text, text, text, text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.provision (address, title, body, kind, section, publication, owner, parent) VALUES ($1, $2, $3, $5, $6, $7, $8, $9);
  RETURN 'created';
EXCEPTION WHEN unique_violation THEN
  RETURN 'there is one already';
END $$;
CREATE FUNCTION public.enact_provision(address text, actor text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  UPDATE public.provision p SET lifecycle = 'enacted' WHERE p.address = $1 AND p.lifecycle = 'draft';
  RETURN CASE WHEN FOUND THEN 'enacted' ELSE 'not found' END;
END $$;
SELECT public.create_provision(format('by.law~rule_%s', g), 'Rule ' || g, 'Text', 'clerk', 'rule', 'body', 'policy', 'clerk', NULL)
  FROM generate_series(1, 5) g;
