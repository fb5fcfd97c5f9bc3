-- Which reference schema this is, so that drift can be told.
CREATE TABLE cutter.cutter_schema (
  version integer PRIMARY KEY,
  sources_sha256 text NOT NULL,
  installed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE cutter.cutter_schema IS 'The version of the reference schema that was installed here.';
COMMENT ON COLUMN cutter.cutter_schema.version IS 'Counts up with each change of the schema.';
COMMENT ON COLUMN cutter.cutter_schema.sources_sha256 IS 'SHA-256 over the schema''s source files.';
COMMENT ON COLUMN cutter.cutter_schema.installed_at IS 'When.';
