-- Units that were there before cutter was, in a knowledge base that it was let into: what they were then.

CREATE TABLE cutter.adoption (
  adoption_no integer PRIMARY KEY CHECK (adoption_no > 0),
  mapping_sha256 text NOT NULL CHECK (mapping_sha256 ~ '^[0-9a-f]{64}$'),
  unit_count integer NOT NULL CHECK (unit_count >= 0),
  adopted_by text NOT NULL DEFAULT session_user,
  adopted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE cutter.adoption IS 'That cutter was let into a knowledge base that it did not make, by which mapping. Empty in one that it made.';
COMMENT ON COLUMN cutter.adoption.adoption_no IS 'From 1; one more for each mapping that was applied.';
COMMENT ON COLUMN cutter.adoption.mapping_sha256 IS 'SHA-256 of the mapping''s file.';
COMMENT ON COLUMN cutter.adoption.unit_count IS 'How many units were there.';
COMMENT ON COLUMN cutter.adoption.adopted_by IS 'The administrator; set by the server.';
COMMENT ON COLUMN cutter.adoption.adopted_at IS 'When, by the server''s clock.';

CREATE TABLE cutter.adopted_unit (
  unit_id uuid PRIMARY KEY,
  version_id uuid NOT NULL,
  adoption_no integer NOT NULL REFERENCES cutter.adoption (adoption_no),
  canonical_address text NOT NULL,
  title_sha256 bytea NOT NULL CHECK (octet_length(title_sha256) = 32),
  body_sha256 bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
  lifecycle text NOT NULL
);
COMMENT ON TABLE cutter.adopted_unit IS 'The baseline: each unit that was there before, as it was, so that a later change outside is noticed.';
COMMENT ON COLUMN cutter.adopted_unit.unit_id IS 'The unit.';
COMMENT ON COLUMN cutter.adopted_unit.version_id IS 'The version that it stood at.';
COMMENT ON COLUMN cutter.adopted_unit.adoption_no IS 'The adoption that found it.';
COMMENT ON COLUMN cutter.adopted_unit.canonical_address IS 'Its address.';
COMMENT ON COLUMN cutter.adopted_unit.title_sha256 IS 'SHA-256 of its title.';
COMMENT ON COLUMN cutter.adopted_unit.body_sha256 IS 'SHA-256 of its body.';
COMMENT ON COLUMN cutter.adopted_unit.lifecycle IS 'Where it stood.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.adoption FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.adoption EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.adopted_unit FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.adopted_unit EXECUTE FUNCTION cutter.fn_append_only();
