-- name: journal_find
-- What the journal holds for a phase of a change set.
SELECT phase, plan_digest, result, actor, principal, recorded_at
  FROM cutter.cut_phase_journal WHERE change_set_id = %(change_set_id)s AND phase = %(phase)s;

-- name: journal_record
-- Record a phase in its own transaction: this row is the proof that the phase's COMMIT happened.
INSERT INTO cutter.cut_phase_journal (change_set_id, phase, plan_digest, result, actor)
VALUES (%(change_set_id)s, %(phase)s, %(plan_digest)s, %(result)s, %(actor)s);

-- name: journal_all
-- Every recorded phase of a change set, in the order recorded.
SELECT phase, plan_digest, result, actor, principal, recorded_at
  FROM cutter.cut_phase_journal WHERE change_set_id = %(change_set_id)s ORDER BY recorded_at;
