-- The port to the units: two views and three functions, which are all that cutter knows of them (docs/contract.md). Here it stands on
-- the reference implementation; an organisation that has units of its own has a port of its own in this place.

-- The joins are outer ones: a unit whose version is gone, which only a superuser can bring about, is still shown. A first version is
-- placed as its unit is, a later one says itself where it stands. Each join is by one column, so that the server leaves out those
-- whose columns nobody asks for.
CREATE VIEW cutter.iu_unit AS
  SELECT u.id AS unit_id, u.current_version_id AS version_id, v.version_no, u.canonical_address, u.document_code, v.title, v.body,
         v.body_sha256, coalesce(v.unit_kind, u.unit_kind) AS unit_kind, coalesce(v.section_type, u.section_type) AS section_type,
         coalesce(v.publication_type, u.publication_type) AS publication_type, coalesce(v.owner_ref, u.owner_ref) AS owner_ref,
         CASE WHEN v.replaces IS NULL THEN u.parent_id ELSE v.parent_id END AS parent_id,
         CASE WHEN v.replaces IS NULL THEN p.canonical_address ELSE m.canonical_address END AS parent_ref, u.lifecycle, u.created_at,
         v.state, v.in_force_from, u.parent_id AS first_parent_id
    FROM public.information_unit u
    LEFT JOIN public.unit_version v ON v.id = u.current_version_id
    LEFT JOIN public.information_unit p ON p.id = u.parent_id
    LEFT JOIN public.information_unit m ON m.id = v.parent_id;
COMMENT ON VIEW cutter.iu_unit IS 'Every unit with the version that it stands at: the contract''s one view (docs/contract.md).';
COMMENT ON COLUMN cutter.iu_unit.unit_id IS 'The unit''s key.';
COMMENT ON COLUMN cutter.iu_unit.version_id IS 'Key of the version that it stands at.';
COMMENT ON COLUMN cutter.iu_unit.version_no IS 'That version''s number, from 1.';
COMMENT ON COLUMN cutter.iu_unit.canonical_address IS 'Its address; unique among units that are not withdrawn.';
COMMENT ON COLUMN cutter.iu_unit.document_code IS 'The document: the first part of the address.';
COMMENT ON COLUMN cutter.iu_unit.title IS 'The printed heading.';
COMMENT ON COLUMN cutter.iu_unit.body IS 'The unit''s own stretch of the source text, every character of it.';
COMMENT ON COLUMN cutter.iu_unit.body_sha256 IS 'SHA-256 of the body when it was written.';
COMMENT ON COLUMN cutter.iu_unit.unit_kind IS 'Word of the vocabulary unit_kind.';
COMMENT ON COLUMN cutter.iu_unit.section_type IS 'Word of the vocabulary section_type.';
COMMENT ON COLUMN cutter.iu_unit.publication_type IS 'Word of the vocabulary publication_type.';
COMMENT ON COLUMN cutter.iu_unit.owner_ref IS 'Who answers for it.';
COMMENT ON COLUMN cutter.iu_unit.parent_id IS 'Key of the unit that contains it, if any.';
COMMENT ON COLUMN cutter.iu_unit.parent_ref IS 'Address of the unit that contains it, if any.';
COMMENT ON COLUMN cutter.iu_unit.lifecycle IS 'draft, enacted or withdrawn.';
COMMENT ON COLUMN cutter.iu_unit.created_at IS 'When it was written.';
COMMENT ON COLUMN cutter.iu_unit.state IS 'text; repealed, when nothing stands at the address any more; or suspended.';
COMMENT ON COLUMN cutter.iu_unit.in_force_from IS 'From which day on its version is in force; NULL is unknown.';
COMMENT ON COLUMN cutter.iu_unit.first_parent_id IS 'Key of the unit that contained it when it was created: parent_id, unless a revision moved it.';

CREATE VIEW cutter.iu_version AS
  SELECT v.id AS version_id, v.unit_id, v.version_no, v.title, v.body, v.body_sha256, v.state, v.in_force_from, v.replaces,
         coalesce(v.unit_kind, u.unit_kind) AS unit_kind, coalesce(v.section_type, u.section_type) AS section_type,
         CASE WHEN v.replaces IS NULL THEN u.parent_id ELSE v.parent_id END AS parent_id, v.parent_id AS moved_to_id,
         coalesce(v.publication_type, u.publication_type) AS publication_type, coalesce(v.owner_ref, u.owner_ref) AS owner_ref
    FROM public.unit_version v LEFT JOIN public.information_unit u ON u.id = v.unit_id;
COMMENT ON VIEW cutter.iu_version IS 'Every version of every unit, also those that no unit stands at any more, or not yet.';
COMMENT ON COLUMN cutter.iu_version.version_id IS 'The version''s key.';
COMMENT ON COLUMN cutter.iu_version.unit_id IS 'The unit that this is the text of.';
COMMENT ON COLUMN cutter.iu_version.version_no IS 'From 1.';
COMMENT ON COLUMN cutter.iu_version.title IS 'The printed heading.';
COMMENT ON COLUMN cutter.iu_version.body IS 'The text, every character of it.';
COMMENT ON COLUMN cutter.iu_version.body_sha256 IS 'SHA-256 of the body when it was written.';
COMMENT ON COLUMN cutter.iu_version.state IS 'text, repealed or suspended.';
COMMENT ON COLUMN cutter.iu_version.in_force_from IS 'From which day on it is in force; NULL is unknown.';
COMMENT ON COLUMN cutter.iu_version.replaces IS 'Key of the version that the unit stood at when this one was made; NULL for the first.';
COMMENT ON COLUMN cutter.iu_version.unit_kind IS 'The unit''s kind in this version.';
COMMENT ON COLUMN cutter.iu_version.section_type IS 'The unit''s section type in this version.';
COMMENT ON COLUMN cutter.iu_version.parent_id IS 'Key of the unit that contains it in this version, if any.';
COMMENT ON COLUMN cutter.iu_version.moved_to_id IS 'The same for a version after the first; NULL for the first.';
COMMENT ON COLUMN cutter.iu_version.publication_type IS 'What the document is in this version.';
COMMENT ON COLUMN cutter.iu_version.owner_ref IS 'Who answers for the unit in this version.';

ALTER TABLE cutter.cut_change_set_affected_row
  ADD CONSTRAINT cut_change_set_affected_row_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES public.information_unit (id),
  ADD CONSTRAINT cut_change_set_affected_row_version_id_fkey FOREIGN KEY (version_id) REFERENCES public.unit_version (id);

-- No SET clause, which would cost more than the call: every name is written in full.
CREATE FUNCTION cutter.fn_iu_create(
  canonical_address text, title text, body text, actor text, unit_kind text, section_type text,
  publication_type text, owner_ref text, parent_ref text DEFAULT NULL,
  OUT status text, OUT unit_id uuid, OUT version_id uuid
) RETURNS record
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  SELECT f.status, f.unit_id, f.version_id INTO status, unit_id, version_id
    FROM public.fn_iu_create(canonical_address, title, body, actor, unit_kind, section_type, publication_type, owner_ref,
      parent_ref) AS f;
END $$;
COMMENT ON FUNCTION cutter.fn_iu_create(text, text, text, text, text, text, text, text, text)
  IS 'Port: writes one unit and its first version. Only the status "created" is success; every other status wrote nothing.';

CREATE FUNCTION cutter.fn_iu_enact(canonical_address text, review_decision_id uuid, actor text, OUT status text, OUT unit_id uuid)
RETURNS record
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  SELECT f.status, f.unit_id INTO status, unit_id FROM public.fn_iu_enact(canonical_address, review_decision_id, actor) AS f;
END $$;
COMMENT ON FUNCTION cutter.fn_iu_enact(text, uuid, text)
  IS 'Port: moves one draft unit to enacted, for a decision whose change set is verified. Only the status "enacted" is success.';

CREATE FUNCTION cutter.fn_iu_withdraw(
  unit_id uuid, version_id uuid, lifecycle text, review_decision_id uuid, actor text, OUT status text
)
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  status := public.fn_iu_withdraw(unit_id, version_id, lifecycle, review_decision_id, actor);
END $$;
COMMENT ON FUNCTION cutter.fn_iu_withdraw(uuid, uuid, text, uuid, text)
  IS 'Port: moves one unit to withdrawn, for the reviewed revert of its change set. Only the status "withdrawn" is success.';

-- For cutter.fn_document_clear, with the rights of whoever calls it: no principal may.
CREATE FUNCTION cutter.fn_iu_put_back(unit_id uuid, version_id uuid, OUT status text)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  PERFORM set_config('app.canonical_writer', 'fn_iu_enact', true);
  UPDATE public.information_unit u SET lifecycle = 'enacted', current_version_id = version_id
    WHERE u.id = unit_id AND u.lifecycle <> 'draft';
  status := CASE WHEN FOUND THEN 'enacted' ELSE 'lifecycle: a draft' END;
  PERFORM set_config('app.canonical_writer', '', true);
END $$;
COMMENT ON FUNCTION cutter.fn_iu_put_back(uuid, uuid)
  IS 'Lets a unit stand again at the version that a revert, which nobody can finish, took it from. Only the status "enacted" is success.';
