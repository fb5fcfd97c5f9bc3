-- Source texts that a cut can read from the database.

CREATE TABLE cutter.source_document (
  document_code text PRIMARY KEY CHECK (document_code <> ''),
  file_name text NOT NULL CHECK (file_name <> ''),
  content bytea NOT NULL,
  publication_type text NOT NULL,
  owner_ref text NOT NULL CHECK (owner_ref <> ''),
  title text NOT NULL DEFAULT '',
  received_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE cutter.source_document IS 'Live source texts, byte for byte, that a cut can read with db:DOCUMENT_CODE.';
COMMENT ON COLUMN cutter.source_document.document_code IS 'The document''s code: the first part of every address cut from it.';
COMMENT ON COLUMN cutter.source_document.file_name IS 'The name it came under; its suffix helps to choose a reader.';
COMMENT ON COLUMN cutter.source_document.content IS 'The document''s own bytes.';
COMMENT ON COLUMN cutter.source_document.publication_type IS 'Word of the vocabulary publication_type.';
COMMENT ON COLUMN cutter.source_document.owner_ref IS 'Who answers for the document.';
COMMENT ON COLUMN cutter.source_document.title IS 'The document''s title; may be empty.';
COMMENT ON COLUMN cutter.source_document.received_at IS 'When these bytes were stored.';
