-- The port to the units: two views and three functions, which are all that cutter knows of them (docs/contract.md). Here it stands on
-- the reference implementation; an organisation that has units of its own has a port of its own in this place.

-- The joins are outer ones: a unit whose version is gone, which only a superuser can bring about, is still shown.
CREATE VIEW cutter.iu_unit AS
  SELECT u.id AS unit_id, u.current_version_id AS version_id, v.version_no, u.canonical_address, u.document_code, v.title, v.body,
         v.body_sha256, u.unit_kind, u.section_type, u.publication_type, u.owner_ref, u.parent_id, p.canonical_address AS parent_ref,
         u.lifecycle, u.created_at
    FROM public.information_unit u
    LEFT JOIN public.unit_version v ON v.id = u.current_version_id
    LEFT JOIN public.information_unit p ON p.id = u.parent_id;
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

CREATE VIEW cutter.iu_version AS
  SELECT v.id AS version_id, v.unit_id, v.version_no, v.title, v.body, v.body_sha256 FROM public.unit_version v;
COMMENT ON VIEW cutter.iu_version IS 'Every version of every unit, also those that no unit stands at any more.';
COMMENT ON COLUMN cutter.iu_version.version_id IS 'The version''s key.';
COMMENT ON COLUMN cutter.iu_version.unit_id IS 'The unit that this is the text of.';
COMMENT ON COLUMN cutter.iu_version.version_no IS 'From 1.';
COMMENT ON COLUMN cutter.iu_version.title IS 'The printed heading.';
COMMENT ON COLUMN cutter.iu_version.body IS 'The text, every character of it.';
COMMENT ON COLUMN cutter.iu_version.body_sha256 IS 'SHA-256 of the body when it was written.';

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
