-- A database that an organisation shares between applications: its units in two tables, a JSON answer, words in a settings table,
-- plain governance tables of an earlier tool, logins with passwords.
CREATE ROLE portal LOGIN PASSWORD 'portal';
CREATE ROLE cutter_exec LOGIN PASSWORD 'exec-of-the-site';
CREATE ROLE cutter_verify LOGIN PASSWORD 'verify-of-the-site';
CREATE TABLE public.portal_account (id serial PRIMARY KEY, email text UNIQUE, seen timestamptz);
CREATE TABLE public.portal_page (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), slug text, html text);
ALTER TABLE public.portal_account OWNER TO portal;
ALTER TABLE public.portal_page OWNER TO portal;
INSERT INTO public.portal_account (email) SELECT format('reader-%s@example.org', g) FROM generate_series(1, 40) g;
INSERT INTO public.portal_page (slug, html) SELECT format('page-%s', g), repeat('<p>', 50) FROM generate_series(1, 200) g;

CREATE TABLE public.site_setting (key text PRIMARY KEY, value text NOT NULL);
INSERT INTO public.site_setting SELECT 'words.kind.' || w, w FROM unnest(ARRAY['statute_unit', 'charter_unit']) w;
INSERT INTO public.site_setting SELECT 'words.section.' || w, w FROM unnest(ARRAY['article', 'clause', 'preamble']) w;
INSERT INTO public.site_setting SELECT 'words.publication.' || w, w FROM unnest(ARRAY['law', 'internal']) w;

CREATE TABLE public.information_unit (
  id uuid PRIMARY KEY, canonical_address text UNIQUE NOT NULL, unit_kind text NOT NULL, parent_or_container_ref text, owner_ref text,
  identity_profile jsonb NOT NULL, lifecycle_status text NOT NULL DEFAULT 'draft', version_anchor_ref uuid, created_by text,
  created_at timestamptz DEFAULT now());
CREATE TABLE public.unit_version (
  id uuid PRIMARY KEY, unit_id uuid NOT NULL REFERENCES public.information_unit (id), version_seq int NOT NULL DEFAULT 1,
  title text NOT NULL, body text, content_hash text, created_by text, created_at timestamptz DEFAULT now());

CREATE FUNCTION public.word_of(axis text, word text) RETURNS text LANGUAGE sql STABLE
  AS $$ SELECT value FROM public.site_setting WHERE key = 'words.' || axis || '.' || word $$;
CREATE FUNCTION public.gateway() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('app.canonical_writer', true), '') NOT IN ('fn_iu_create', 'fn_iu_enact') THEN
    RAISE EXCEPTION 'units are not written directly';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER gateway BEFORE INSERT OR UPDATE ON public.information_unit FOR EACH ROW EXECUTE FUNCTION public.gateway();

CREATE FUNCTION public.fn_iu_create(p_address text, p_title text, p_body text, p_actor text, p_kind text DEFAULT 'statute_unit',
  p_section text DEFAULT NULL, p_publication text DEFAULT 'law', p_owner text DEFAULT NULL, p_parent text DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  unit uuid := gen_random_uuid();
  version uuid := gen_random_uuid();
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('create ' || p_address));
  IF EXISTS (SELECT FROM information_unit WHERE canonical_address = p_address) THEN
    RETURN jsonb_build_object('status', 'duplicate');
  END IF;
  IF word_of('kind', p_kind) IS NULL THEN
    RETURN jsonb_build_object('status', 'rejected', 'reason', 'kind');
  END IF;
  IF word_of('section', p_section) IS NULL THEN
    RETURN jsonb_build_object('status', 'choose', 'reason', (SELECT string_agg(value, ', ') FROM site_setting
      WHERE key LIKE 'words.section.%'));
  END IF;
  PERFORM set_config('app.canonical_writer', 'fn_iu_create', true);
  INSERT INTO information_unit (id, canonical_address, unit_kind, parent_or_container_ref, owner_ref, identity_profile, created_by)
    VALUES (unit, p_address, p_kind, p_parent, p_owner,
      jsonb_build_object('primary_section_type_ref', p_section, 'publication_type', p_publication), p_actor);
  INSERT INTO unit_version (id, unit_id, title, body, created_by) VALUES (version, unit, p_title, p_body, p_actor);
  UPDATE information_unit SET version_anchor_ref = version WHERE id = unit;
  RETURN jsonb_build_object('status', 'created', 'unit_id', unit, 'version_id', version);
END $$;
CREATE FUNCTION public.fn_iu_enact(p_address text, p_actor text, p_decision_id uuid, p_change_set_id uuid) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.canonical_writer', 'fn_iu_enact', true);
  UPDATE information_unit SET lifecycle_status = 'enacted' WHERE canonical_address = p_address AND lifecycle_status = 'draft';
  RETURN jsonb_build_object('status', CASE WHEN FOUND THEN 'enacted' ELSE 'not a draft' END);
END $$;
SELECT count(public.fn_iu_create(format('charter~art_%s', g), 'Article ' || g, E'What article ' || g || E' says.\n', 'founder',
  'charter_unit', 'article', 'law', 'assembly')) FROM generate_series(1, 158) g;

CREATE TABLE public.decision_backlog_entry (entry_id uuid PRIMARY KEY, candidate text NOT NULL, status text NOT NULL);
CREATE TABLE public.cut_change_set (change_set_id uuid PRIMARY KEY, status text NOT NULL, made_at timestamptz);
CREATE TABLE public.verify_result (result_id uuid PRIMARY KEY, change_set_id uuid NOT NULL, verdict text NOT NULL);
INSERT INTO public.cut_change_set VALUES (gen_random_uuid(), 'verified', now());
GRANT SELECT ON ALL TABLES IN SCHEMA public TO cutter_exec, cutter_verify;
GRANT INSERT, UPDATE ON public.information_unit, public.unit_version TO cutter_exec;
GRANT INSERT ON public.cut_change_set TO cutter_exec;
