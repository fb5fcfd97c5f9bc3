-- An archive of its own: another schema, a record as the answer, functions that run with their owner's rights, nobody let in.
CREATE ROLE archivist NOLOGIN;
CREATE SCHEMA archive AUTHORIZATION archivist;
SET ROLE archivist;
CREATE TABLE archive.piece (
  unit_id uuid PRIMARY KEY, address text NOT NULL UNIQUE, kind text NOT NULL, section text NOT NULL, publication text NOT NULL,
  owner text, parent_address text, state text NOT NULL DEFAULT 'draft', current_version uuid NOT NULL, inserted_at timestamptz NOT NULL
    DEFAULT now());
CREATE TABLE archive.piece_text (
  version_id uuid PRIMARY KEY, unit_id uuid NOT NULL, number int NOT NULL, heading text NOT NULL, content text NOT NULL);
CREATE TYPE archive.made AS (status text, piece uuid, version uuid);
CREATE FUNCTION archive.create_piece(a text, t text, b text, who text, k text, s text, p text, o text, parent text)
RETURNS archive.made LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, archive, pg_temp AS $$
DECLARE
  piece uuid := gen_random_uuid();
  version uuid := gen_random_uuid();
BEGIN
  INSERT INTO archive.piece (unit_id, address, kind, section, publication, owner, parent_address, current_version)
    VALUES (piece, a, k, s, p, o, parent, version);
  INSERT INTO archive.piece_text VALUES (version, piece, 1, t, b);
  RETURN ROW('created', piece, version)::archive.made;
END $$;
CREATE FUNCTION archive.enact_piece(address text, who text) RETURNS archive.made LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, archive, pg_temp AS $$
BEGIN
  UPDATE archive.piece x SET state = 'enacted' WHERE x.address = enact_piece.address AND state = 'draft';
  RETURN ROW(CASE WHEN FOUND THEN 'enacted' ELSE 'no' END, NULL, NULL)::archive.made;
END $$;
SELECT archive.create_piece(format('old.code~sec_%s', g), 'Section ' || g, 'Text ' || g, 'clerk', 'section', 'body', 'code', 'clerk', NULL)
  FROM generate_series(1, 12) g;
RESET ROLE;
