-- The governed ledger: twelve tables, append-only, and the keys that sign it.

CREATE TABLE cutter.principal_key (
  key_id text PRIMARY KEY,
  principal text NOT NULL CHECK (principal IN ('cutter_exec', 'cutter_verify')),
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
  registered_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz,
  CONSTRAINT principal_key_names_itself CHECK (key_id = encode(sha256(public_key), 'hex'))
);
COMMENT ON TABLE cutter.principal_key IS 'Public Ed25519 keys of the two principals, registered by an administrator.';
COMMENT ON COLUMN cutter.principal_key.key_id IS 'SHA-256 of the raw public key, hexadecimal.';
COMMENT ON COLUMN cutter.principal_key.principal IS 'Whose key it is.';
COMMENT ON COLUMN cutter.principal_key.public_key IS 'The raw 32 bytes.';
COMMENT ON COLUMN cutter.principal_key.registered_at IS 'From when on it counts.';
COMMENT ON COLUMN cutter.principal_key.retired_at IS 'Until when it counted; NULL while it does.';

CREATE TABLE cutter.decision_backlog_entry (
  entry_id uuid PRIMARY KEY,
  change_set_id uuid NOT NULL UNIQUE,
  document_code text NOT NULL CHECK (document_code <> ''),
  title text NOT NULL DEFAULT '',
  plan_digest text NOT NULL CHECK (plan_digest ~ '^[0-9a-f]{64}$'),
  attempt integer NOT NULL CHECK (attempt > 0),
  kind text NOT NULL DEFAULT 'cut' CHECK (kind IN ('cut', 'revert', 'revision')),
  status text NOT NULL DEFAULT 'marked'
    CHECK (status IN ('marked', 'reviewed', 'cut_applied', 'verified_complete', 'enacted', 'superseded', 'reverted')),
  opened_by text NOT NULL CHECK (opened_by <> ''),
  opened_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX decision_backlog_entry_document ON cutter.decision_backlog_entry (document_code);
-- One cut or revision of a document at a time, however many executors there are; and one revert, which may be of one that is torn.
CREATE UNIQUE INDEX decision_backlog_entry_one_open ON cutter.decision_backlog_entry (document_code, (kind = 'revert'))
  WHERE status IN ('marked', 'reviewed', 'cut_applied', 'verified_complete');
COMMENT ON TABLE cutter.decision_backlog_entry IS 'One decision to cut or revise one document, or to take that back, and how far it has come.';
COMMENT ON COLUMN cutter.decision_backlog_entry.entry_id IS 'Key, made by the executor.';
COMMENT ON COLUMN cutter.decision_backlog_entry.change_set_id IS 'The change set that this decision is about.';
COMMENT ON COLUMN cutter.decision_backlog_entry.document_code IS 'The document.';
COMMENT ON COLUMN cutter.decision_backlog_entry.title IS 'The document''s title; may be empty.';
COMMENT ON COLUMN cutter.decision_backlog_entry.plan_digest IS 'Digest that pins every row of the plan.';
COMMENT ON COLUMN cutter.decision_backlog_entry.attempt IS 'From 1; one more for each new cut of the same plan after a revert.';
COMMENT ON COLUMN cutter.decision_backlog_entry.kind IS 'cut; revision, which rests on what it revises; or revert, which rests on what it takes back.';
COMMENT ON COLUMN cutter.decision_backlog_entry.status IS 'The one column that changes, along legal steps only: marked, reviewed, cut_applied, verified_complete, enacted; or superseded; or, at the end, reverted.';
COMMENT ON COLUMN cutter.decision_backlog_entry.opened_by IS 'The actor that the run named.';
COMMENT ON COLUMN cutter.decision_backlog_entry.opened_at IS 'When it was opened.';

CREATE TABLE cutter.decision_backlog_history (
  document_code text NOT NULL,
  chain_no bigint NOT NULL,
  entry_id uuid NOT NULL REFERENCES cutter.decision_backlog_entry (entry_id),
  from_status text,
  to_status text NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  principal text NOT NULL DEFAULT current_user,
  payload_sha256 text NOT NULL CHECK (payload_sha256 ~ '^[0-9a-f]{64}$'),
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  previous_sha256 text NOT NULL,
  row_sha256 text NOT NULL,
  PRIMARY KEY (document_code, chain_no)
);
CREATE INDEX decision_backlog_history_entry ON cutter.decision_backlog_history (entry_id, to_status) INCLUDE (recorded_at);
COMMENT ON TABLE cutter.decision_backlog_history IS 'Every step of every entry, chained by hash for each document; the head of each chain is also kept outside the database.';
COMMENT ON COLUMN cutter.decision_backlog_history.document_code IS 'Whose chain it is.';
COMMENT ON COLUMN cutter.decision_backlog_history.chain_no IS 'From 1, without holes; set by the server.';
COMMENT ON COLUMN cutter.decision_backlog_history.entry_id IS 'The entry that moved.';
COMMENT ON COLUMN cutter.decision_backlog_history.from_status IS 'Where it stood; NULL for the first step.';
COMMENT ON COLUMN cutter.decision_backlog_history.to_status IS 'Where it went.';
COMMENT ON COLUMN cutter.decision_backlog_history.actor IS 'The actor that the run named.';
COMMENT ON COLUMN cutter.decision_backlog_history.principal IS 'The role that did it; set by the server.';
COMMENT ON COLUMN cutter.decision_backlog_history.payload_sha256 IS 'Digest of what the step is about: plan, manifest, change set or verification.';
COMMENT ON COLUMN cutter.decision_backlog_history.recorded_at IS 'When, by the server''s clock; set by the server.';
COMMENT ON COLUMN cutter.decision_backlog_history.previous_sha256 IS 'row_sha256 of the step before; 64 zeros for the first; set by the server.';
COMMENT ON COLUMN cutter.decision_backlog_history.row_sha256 IS 'SHA-256 over this row and previous_sha256; set by the server.';

CREATE TABLE cutter.decision_backlog_dependency (
  entry_id uuid NOT NULL REFERENCES cutter.decision_backlog_entry (entry_id),
  kind text NOT NULL CHECK (kind IN ('source_text', 'supersedes', 'reverts', 'revises', 'base', 'title')),
  reference text NOT NULL CHECK (reference <> ''),
  PRIMARY KEY (entry_id, kind, reference)
);
COMMENT ON TABLE cutter.decision_backlog_dependency IS 'What an entry rests on.';
COMMENT ON COLUMN cutter.decision_backlog_dependency.entry_id IS 'The entry.';
COMMENT ON COLUMN cutter.decision_backlog_dependency.kind IS 'source_text: the exact text; base: what a revision starts from; title: the one that it gives; supersedes, reverts, revises: another entry.';
COMMENT ON COLUMN cutter.decision_backlog_dependency.reference IS 'SHA-256 of the text or title, digest of the base, or the id of the other entry.';

CREATE TABLE cutter.sweep_log (
  entry_id uuid PRIMARY KEY REFERENCES cutter.decision_backlog_entry (entry_id),
  source_name text NOT NULL,
  reader text NOT NULL,
  profile text NOT NULL,
  granularity text NOT NULL,
  text_sha256 text NOT NULL CHECK (text_sha256 ~ '^[0-9a-f]{64}$'),
  text_chars integer NOT NULL CHECK (text_chars >= 0),
  units integer NOT NULL CHECK (units > 0),
  gaps integer NOT NULL CHECK (gaps >= 0),
  warnings jsonb NOT NULL,
  swept_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE cutter.sweep_log IS 'What reading the document found.';
COMMENT ON COLUMN cutter.sweep_log.entry_id IS 'The entry that the reading is for.';
COMMENT ON COLUMN cutter.sweep_log.source_name IS 'The name the document came under.';
COMMENT ON COLUMN cutter.sweep_log.reader IS 'The reader that read it.';
COMMENT ON COLUMN cutter.sweep_log.profile IS 'The structure profile that was detected or named.';
COMMENT ON COLUMN cutter.sweep_log.granularity IS 'basic or sub.';
COMMENT ON COLUMN cutter.sweep_log.text_sha256 IS 'SHA-256 of the whole text.';
COMMENT ON COLUMN cutter.sweep_log.text_chars IS 'Its length in characters.';
COMMENT ON COLUMN cutter.sweep_log.units IS 'Units found.';
COMMENT ON COLUMN cutter.sweep_log.gaps IS 'Stretches of text between them that belong to no unit.';
COMMENT ON COLUMN cutter.sweep_log.warnings IS 'Everything ambiguous: code, line and reason.';
COMMENT ON COLUMN cutter.sweep_log.swept_at IS 'When it was recorded.';

CREATE TABLE cutter.manifest_envelope (
  envelope_id uuid PRIMARY KEY,
  entry_id uuid NOT NULL UNIQUE REFERENCES cutter.decision_backlog_entry (entry_id),
  plan_digest text NOT NULL CHECK (plan_digest ~ '^[0-9a-f]{64}$'),
  text_sha256 text NOT NULL CHECK (text_sha256 ~ '^[0-9a-f]{64}$'),
  unit_blocks integer NOT NULL CHECK (unit_blocks > 0),
  gap_blocks integer NOT NULL CHECK (gap_blocks >= 0),
  sealed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE cutter.manifest_envelope IS 'The manifest of a cut: what exactly was put up for decision.';
COMMENT ON COLUMN cutter.manifest_envelope.envelope_id IS 'Key, made by the executor.';
COMMENT ON COLUMN cutter.manifest_envelope.entry_id IS 'The entry it belongs to.';
COMMENT ON COLUMN cutter.manifest_envelope.plan_digest IS 'Digest of the plan.';
COMMENT ON COLUMN cutter.manifest_envelope.text_sha256 IS 'SHA-256 of the whole source text, which the blocks rebuild.';
COMMENT ON COLUMN cutter.manifest_envelope.unit_blocks IS 'Number of unit blocks.';
COMMENT ON COLUMN cutter.manifest_envelope.gap_blocks IS 'Number of gap blocks.';
COMMENT ON COLUMN cutter.manifest_envelope.sealed_at IS 'When it was recorded.';

CREATE TABLE cutter.manifest_unit_block (
  envelope_id uuid NOT NULL REFERENCES cutter.manifest_envelope (envelope_id),
  start_char integer NOT NULL CHECK (start_char >= 0),
  end_char integer NOT NULL CHECK (end_char > start_char),
  canonical_address text,
  seq integer,
  title_sha256 bytea,
  body_sha256 bytea,
  gap_text text,
  PRIMARY KEY (envelope_id, start_char),
  CONSTRAINT manifest_unit_block_unit_or_gap
    CHECK ((canonical_address IS NULL) = (gap_text IS NOT NULL) AND (canonical_address IS NULL) = (body_sha256 IS NULL))
);
CREATE UNIQUE INDEX manifest_unit_block_address ON cutter.manifest_unit_block (envelope_id, canonical_address)
  WHERE canonical_address IS NOT NULL;
COMMENT ON TABLE cutter.manifest_unit_block IS 'The source text in order, as units and gaps: units by address and hash, gaps by their text.';
COMMENT ON COLUMN cutter.manifest_unit_block.envelope_id IS 'The manifest.';
COMMENT ON COLUMN cutter.manifest_unit_block.start_char IS 'First character of the block in the source text.';
COMMENT ON COLUMN cutter.manifest_unit_block.end_char IS 'One past its last character.';
COMMENT ON COLUMN cutter.manifest_unit_block.canonical_address IS 'The unit''s address; NULL for a gap.';
COMMENT ON COLUMN cutter.manifest_unit_block.seq IS 'The unit''s place in the plan, from 1; NULL for a gap.';
COMMENT ON COLUMN cutter.manifest_unit_block.title_sha256 IS 'SHA-256 of the unit''s title; NULL for a gap.';
COMMENT ON COLUMN cutter.manifest_unit_block.body_sha256 IS 'SHA-256 of the unit''s body; NULL for a gap.';
COMMENT ON COLUMN cutter.manifest_unit_block.gap_text IS 'The text of a gap; NULL for a unit.';

CREATE TABLE cutter.review_decision (
  decision_id uuid PRIMARY KEY,
  envelope_id uuid NOT NULL UNIQUE REFERENCES cutter.manifest_envelope (envelope_id),
  verdict text NOT NULL CHECK (verdict IN ('approved', 'rejected')),
  decided_by text NOT NULL CHECK (decided_by <> ''),
  reason text NOT NULL DEFAULT '',
  decided_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE cutter.review_decision IS 'The decision on a manifest; units are enacted for one such decision.';
COMMENT ON COLUMN cutter.review_decision.decision_id IS 'Key, made by the executor.';
COMMENT ON COLUMN cutter.review_decision.envelope_id IS 'The manifest that was decided on.';
COMMENT ON COLUMN cutter.review_decision.verdict IS 'approved or rejected.';
COMMENT ON COLUMN cutter.review_decision.decided_by IS 'Who decided.';
COMMENT ON COLUMN cutter.review_decision.reason IS 'Why, in words; may be empty.';
COMMENT ON COLUMN cutter.review_decision.decided_at IS 'When it was recorded.';

CREATE TABLE cutter.dot_pair_signature (
  signature_id uuid PRIMARY KEY,
  change_set_id uuid NOT NULL,
  half text NOT NULL CHECK (half IN ('executor', 'verifier')),
  key_id text NOT NULL REFERENCES cutter.principal_key (key_id),
  payload_sha256 text NOT NULL CHECK (payload_sha256 ~ '^[0-9a-f]{64}$'),
  signature bytea NOT NULL CHECK (octet_length(signature) = 64),
  signed_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (change_set_id, half)
);
COMMENT ON TABLE cutter.dot_pair_signature IS 'The pair of Ed25519 signatures under a change set: the executor''s half, then the verifier''s.';
COMMENT ON COLUMN cutter.dot_pair_signature.signature_id IS 'Key, made by the signer.';
COMMENT ON COLUMN cutter.dot_pair_signature.change_set_id IS 'The change set.';
COMMENT ON COLUMN cutter.dot_pair_signature.half IS 'executor or verifier; the verifier''s half can be written by cutter_verify only.';
COMMENT ON COLUMN cutter.dot_pair_signature.key_id IS 'The registered key.';
COMMENT ON COLUMN cutter.dot_pair_signature.payload_sha256 IS 'SHA-256 of the canonical bytes that were signed.';
COMMENT ON COLUMN cutter.dot_pair_signature.signature IS 'The 64 bytes of the signature.';
COMMENT ON COLUMN cutter.dot_pair_signature.signed_at IS 'When it was recorded.';

CREATE TABLE cutter.cut_change_set (
  change_set_id uuid PRIMARY KEY,
  entry_id uuid NOT NULL UNIQUE REFERENCES cutter.decision_backlog_entry (entry_id),
  envelope_id uuid NOT NULL REFERENCES cutter.manifest_envelope (envelope_id),
  decision_id uuid NOT NULL REFERENCES cutter.review_decision (decision_id),
  document_code text NOT NULL,
  plan_digest text NOT NULL,
  target text NOT NULL,
  attempt integer NOT NULL CHECK (attempt > 0),
  unit_count integer NOT NULL CHECK (unit_count >= 0),
  rows_sha256 text NOT NULL CHECK (rows_sha256 ~ '^[0-9a-f]{64}$'),
  actor text NOT NULL CHECK (actor <> ''),
  executor_signature_id uuid NOT NULL REFERENCES cutter.dot_pair_signature (signature_id),
  verifier_signature_id uuid REFERENCES cutter.dot_pair_signature (signature_id),
  status text NOT NULL DEFAULT 'cut_applied' CHECK (status IN ('cut_applied', 'verified_complete')),
  applied_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT cut_change_set_verified_is_signed CHECK ((status = 'verified_complete') = (verifier_signature_id IS NOT NULL))
);
CREATE INDEX cut_change_set_document ON cutter.cut_change_set (document_code);
COMMENT ON TABLE cutter.cut_change_set IS 'One cut of one plan into this database.';
COMMENT ON COLUMN cutter.cut_change_set.change_set_id IS 'UUIDv5 of target, document, plan digest and attempt: the same cut always has the same id.';
COMMENT ON COLUMN cutter.cut_change_set.entry_id IS 'The backlog entry.';
COMMENT ON COLUMN cutter.cut_change_set.envelope_id IS 'The manifest.';
COMMENT ON COLUMN cutter.cut_change_set.decision_id IS 'The decision that allowed it.';
COMMENT ON COLUMN cutter.cut_change_set.document_code IS 'The document.';
COMMENT ON COLUMN cutter.cut_change_set.plan_digest IS 'Digest of the plan.';
COMMENT ON COLUMN cutter.cut_change_set.target IS 'Fingerprint of the database that the cut was made for.';
COMMENT ON COLUMN cutter.cut_change_set.attempt IS 'From 1.';
COMMENT ON COLUMN cutter.cut_change_set.unit_count IS 'Units written; none by a revision of the text between them.';
COMMENT ON COLUMN cutter.cut_change_set.rows_sha256 IS 'Digest over the affected rows in order.';
COMMENT ON COLUMN cutter.cut_change_set.actor IS 'The actor that the run named.';
COMMENT ON COLUMN cutter.cut_change_set.executor_signature_id IS 'The executor''s half of the pair.';
COMMENT ON COLUMN cutter.cut_change_set.verifier_signature_id IS 'The verifier''s half; NULL until verified.';
COMMENT ON COLUMN cutter.cut_change_set.status IS 'cut_applied, then verified_complete.';
COMMENT ON COLUMN cutter.cut_change_set.applied_at IS 'When it was recorded.';

CREATE TABLE cutter.cut_change_set_affected_row (
  change_set_id uuid NOT NULL REFERENCES cutter.cut_change_set (change_set_id),
  seq integer NOT NULL CHECK (seq > 0),
  unit_id uuid NOT NULL,
  version_id uuid NOT NULL,
  action text NOT NULL CHECK (action IN ('created', 'revised', 'repealed', 'withdrawn', 'restored')),
  PRIMARY KEY (change_set_id, seq),
  UNIQUE (change_set_id, unit_id)
);
CREATE INDEX cut_change_set_affected_row_version ON cutter.cut_change_set_affected_row (version_id);
COMMENT ON TABLE cutter.cut_change_set_affected_row IS 'Which units a change set touched.';
COMMENT ON COLUMN cutter.cut_change_set_affected_row.change_set_id IS 'The change set.';
COMMENT ON COLUMN cutter.cut_change_set_affected_row.seq IS 'The unit''s place in the plan, from 1.';
COMMENT ON COLUMN cutter.cut_change_set_affected_row.unit_id IS 'The unit.';
COMMENT ON COLUMN cutter.cut_change_set_affected_row.version_id IS 'Its version at that moment.';
COMMENT ON COLUMN cutter.cut_change_set_affected_row.action IS 'created, revised or repealed; by a revert, withdrawn, or restored to the version before.';

CREATE TABLE cutter.verify_result (
  change_set_id uuid PRIMARY KEY REFERENCES cutter.cut_change_set (change_set_id),
  verdict text NOT NULL CHECK (verdict = 'verified'),
  expected_units integer NOT NULL,
  found_units integer NOT NULL,
  source_sha256 text NOT NULL CHECK (source_sha256 ~ '^[0-9a-f]{64}$'),
  verifier_signature_id uuid NOT NULL REFERENCES cutter.dot_pair_signature (signature_id),
  verified_by text NOT NULL DEFAULT current_user,
  verified_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT verify_result_all_found CHECK (expected_units = found_units)
);
COMMENT ON TABLE cutter.verify_result IS 'That the second principal recomputed a change set from the stored bodies and found it right. A failed verification leaves no row: it stops the run.';
COMMENT ON COLUMN cutter.verify_result.change_set_id IS 'The change set.';
COMMENT ON COLUMN cutter.verify_result.verdict IS 'verified.';
COMMENT ON COLUMN cutter.verify_result.expected_units IS 'Units in the plan.';
COMMENT ON COLUMN cutter.verify_result.found_units IS 'Units found equal.';
COMMENT ON COLUMN cutter.verify_result.source_sha256 IS 'SHA-256 of the source text as rebuilt from the stored bodies and gaps.';
COMMENT ON COLUMN cutter.verify_result.verifier_signature_id IS 'The verifier''s half of the pair.';
COMMENT ON COLUMN cutter.verify_result.verified_by IS 'The role; set by the server.';
COMMENT ON COLUMN cutter.verify_result.verified_at IS 'When.';

CREATE TABLE cutter.cut_phase_journal (
  change_set_id uuid NOT NULL,
  phase text NOT NULL CHECK (phase IN
    ('pre_write_backup', 'mark', 'review', 'cut_leg_a', 'leg_b_record', 'write_verify', 'lifecycle_enact')),
  plan_digest text NOT NULL CHECK (plan_digest ~ '^[0-9a-f]{64}$'),
  result jsonb NOT NULL,
  actor text NOT NULL CHECK (actor <> ''),
  principal text NOT NULL DEFAULT current_user,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT cut_phase_journal_pkey PRIMARY KEY (change_set_id, phase)
);
COMMENT ON TABLE cutter.cut_phase_journal IS 'That a phase of a change set was committed: written in the phase''s own transaction, so it answers "did that COMMIT happen?".';
COMMENT ON COLUMN cutter.cut_phase_journal.change_set_id IS 'The change set.';
COMMENT ON COLUMN cutter.cut_phase_journal.phase IS 'The phase.';
COMMENT ON COLUMN cutter.cut_phase_journal.plan_digest IS 'Digest of the plan that the phase worked on; a resume must bring the same.';
COMMENT ON COLUMN cutter.cut_phase_journal.result IS 'The phase''s result, which a resumed run replays.';
COMMENT ON COLUMN cutter.cut_phase_journal.actor IS 'The actor that the run named.';
COMMENT ON COLUMN cutter.cut_phase_journal.principal IS 'The role; set by the server.';
COMMENT ON COLUMN cutter.cut_phase_journal.recorded_at IS 'When, by the server''s clock.';
