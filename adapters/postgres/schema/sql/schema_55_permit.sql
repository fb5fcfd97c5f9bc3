-- Approvers, their approvals, the single-use permit that two of them open, and the halt that stands over all permits.
-- The server can not check an Ed25519 signature: the executor does before it opens a permit, and the verifier again before it
-- confirms it. Until then the permit allows nothing, so no effect hangs on one login. Everything else about an approval is held
-- here, against this server's own clock, tables and name.

CREATE TABLE cutter.approver_key (
  key_id text PRIMARY KEY,
  person text NOT NULL CHECK (btrim(person) <> ''),
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
  gates text[] NOT NULL CHECK (gates <@ ARRAY['SG_1', 'SG_2', 'SG_3'] AND cardinality(gates) > 0),
  valid_from timestamptz NOT NULL DEFAULT now(),
  valid_until timestamptz NOT NULL,
  registered_by text NOT NULL CHECK (btrim(registered_by) <> ''),
  registered_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz,
  CONSTRAINT approver_key_names_itself CHECK (key_id = encode(sha256(public_key), 'hex')),
  CONSTRAINT approver_key_validity CHECK (valid_from < valid_until)
);
COMMENT ON TABLE cutter.approver_key IS 'Public Ed25519 keys of the people who may approve, registered by an administrator.';
COMMENT ON COLUMN cutter.approver_key.key_id IS 'SHA-256 of the raw public key, hexadecimal.';
COMMENT ON COLUMN cutter.approver_key.person IS 'Whose key it is; two keys of one person are still one person.';
COMMENT ON COLUMN cutter.approver_key.public_key IS 'The raw 32 bytes.';
COMMENT ON COLUMN cutter.approver_key.gates IS 'Which sovereign gates this person may sign for.';
COMMENT ON COLUMN cutter.approver_key.valid_from IS 'From when on it counts.';
COMMENT ON COLUMN cutter.approver_key.valid_until IS 'Until when it counts.';
COMMENT ON COLUMN cutter.approver_key.registered_by IS 'The administrator who registered it.';
COMMENT ON COLUMN cutter.approver_key.registered_at IS 'When that was.';
COMMENT ON COLUMN cutter.approver_key.retired_at IS 'Since when it does not count any more; NULL while it does.';

CREATE TABLE cutter.cut_permit (
  permit_id uuid PRIMARY KEY,
  change_set_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('cut', 'revert')),
  document_code text NOT NULL CHECK (document_code <> ''),
  plan_digest text NOT NULL CHECK (plan_digest ~ '^[0-9a-f]{64}$'),
  effect_digest text NOT NULL CHECK (effect_digest ~ '^[0-9a-f]{64}$'),
  submitter text NOT NULL CHECK (btrim(submitter) <> ''),
  opened_at timestamptz NOT NULL,
  execute_by timestamptz NOT NULL,
  used_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  revoke_reason text,
  confirmed_at timestamptz,
  CONSTRAINT cut_permit_ends_once CHECK (used_at IS NULL OR revoked_at IS NULL),
  CONSTRAINT cut_permit_used_when_confirmed CHECK (used_at IS NULL OR confirmed_at IS NOT NULL),
  CONSTRAINT cut_permit_revoked_by_somebody
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoke_reason IS NULL))
);
CREATE UNIQUE INDEX cut_permit_one ON cutter.cut_permit (change_set_id) WHERE revoked_at IS NULL;
CREATE INDEX cut_permit_of_document ON cutter.cut_permit (document_code) WHERE revoked_at IS NULL AND used_at IS NULL;
COMMENT ON TABLE cutter.cut_permit IS 'Leave for one change set to run once, until a time. Every live transaction locks its row and checks it.';
COMMENT ON COLUMN cutter.cut_permit.permit_id IS 'Key, made by the executor.';
COMMENT ON COLUMN cutter.cut_permit.change_set_id IS 'The one change set that may run; it has one permit that is not revoked.';
COMMENT ON COLUMN cutter.cut_permit.kind IS 'cut or revert.';
COMMENT ON COLUMN cutter.cut_permit.document_code IS 'The document.';
COMMENT ON COLUMN cutter.cut_permit.plan_digest IS 'The plan that was approved.';
COMMENT ON COLUMN cutter.cut_permit.effect_digest IS 'The effect that was approved; a run with another ends before its last COMMIT.';
COMMENT ON COLUMN cutter.cut_permit.submitter IS 'Who started the run; not one of the approvers.';
COMMENT ON COLUMN cutter.cut_permit.opened_at IS 'When both approvals were accepted.';
COMMENT ON COLUMN cutter.cut_permit.confirmed_at IS 'When the verifier had judged the signed bytes; NULL before, and such a permit allows nothing.';
COMMENT ON COLUMN cutter.cut_permit.execute_by IS 'Until when the run may commit: the earlier of the two approvals.';
COMMENT ON COLUMN cutter.cut_permit.used_at IS 'When its change set was finished; NULL before.';
COMMENT ON COLUMN cutter.cut_permit.revoked_at IS 'When it was taken back; NULL otherwise.';
COMMENT ON COLUMN cutter.cut_permit.revoked_by IS 'Who took it back.';
COMMENT ON COLUMN cutter.cut_permit.revoke_reason IS 'Why.';

CREATE TABLE cutter.cut_approval (
  nonce text PRIMARY KEY CHECK (nonce ~ '^[0-9a-f]{32}$'),
  permit_id uuid NOT NULL REFERENCES cutter.cut_permit (permit_id),
  gate text NOT NULL CHECK (gate IN ('SG_1', 'SG_2', 'SG_3')),
  person text NOT NULL,
  key_id text NOT NULL REFERENCES cutter.approver_key (key_id),
  payload bytea NOT NULL,
  signature bytea NOT NULL CHECK (octet_length(signature) = 64),
  UNIQUE (permit_id, gate),
  UNIQUE (permit_id, key_id)
);
COMMENT ON TABLE cutter.cut_approval IS 'The signed approvals that opened a permit, byte for byte, so that they can be verified for ever.';
COMMENT ON COLUMN cutter.cut_approval.nonce IS 'A number used once: the same approval can not open two permits.';
COMMENT ON COLUMN cutter.cut_approval.permit_id IS 'The permit that it opened.';
COMMENT ON COLUMN cutter.cut_approval.gate IS 'SG_1 authorises the plan, SG_2 releases it for this run, SG_3 authorises a revert.';
COMMENT ON COLUMN cutter.cut_approval.person IS 'The approver.';
COMMENT ON COLUMN cutter.cut_approval.key_id IS 'The approver''s key.';
COMMENT ON COLUMN cutter.cut_approval.payload IS 'The exact bytes of the statement.';
COMMENT ON COLUMN cutter.cut_approval.signature IS 'The 64 bytes of the signature over them (DSSE pre-authentication encoding).';

CREATE TABLE cutter.cut_halt (
  halt_no bigint PRIMARY KEY,
  halted_by text NOT NULL CHECK (halted_by ~ '\S'),
  reason text NOT NULL CHECK (reason ~ '\S'),
  halted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  lifted_by text CHECK (lifted_by ~ '\S'),
  lift_reason text CHECK (lift_reason ~ '\S'),
  lifted_at timestamptz,
  CONSTRAINT cut_halt_lifted_by_somebody CHECK ((lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lift_reason IS NULL))
);
COMMENT ON TABLE cutter.cut_halt IS 'Every halt: while one is in force no permit opens and no phase commits.';
COMMENT ON COLUMN cutter.cut_halt.halt_no IS 'Rises: the moment in microseconds; in version 2 of the schema and before, a count from 1.';
COMMENT ON COLUMN cutter.cut_halt.halted_by IS 'Who stopped everything.';
COMMENT ON COLUMN cutter.cut_halt.reason IS 'Why.';
COMMENT ON COLUMN cutter.cut_halt.halted_at IS 'When, by the server''s clock.';
COMMENT ON COLUMN cutter.cut_halt.lifted_by IS 'Who lifted it; NULL while it is in force.';
COMMENT ON COLUMN cutter.cut_halt.lift_reason IS 'Why it was lifted.';
COMMENT ON COLUMN cutter.cut_halt.lifted_at IS 'When it was lifted.';

CREATE FUNCTION cutter.fn_ends_once() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, cutter, pg_temp AS $$
DECLARE
  may_change text[] := CASE TG_TABLE_NAME
    WHEN 'approver_key' THEN ARRAY['retired_at']
    WHEN 'cut_permit' THEN ARRAY['confirmed_at', 'used_at', 'revoked_at', 'revoked_by', 'revoke_reason']
    WHEN 'cut_halt' THEN ARRAY['lifted_at', 'lifted_by', 'lift_reason'] END;
BEGIN
  IF to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change
      OR EXISTS (SELECT FROM unnest(may_change) AS c WHERE to_jsonb(OLD) ->> c IS NOT NULL
        AND (c <> 'confirmed_at' OR to_jsonb(OLD) ->> c IS DISTINCT FROM to_jsonb(NEW) ->> c)) THEN
    RAISE EXCEPTION 'a row of % ends once and changes in nothing else', TG_TABLE_NAME USING ERRCODE = 'IU002';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION cutter.fn_ends_once() IS 'Trigger: a key is retired, a permit confirmed, used or revoked and a halt lifted once, and nothing else of them changes (IU002).';
CREATE TRIGGER ends_once BEFORE UPDATE ON cutter.approver_key FOR EACH ROW EXECUTE FUNCTION cutter.fn_ends_once();
CREATE TRIGGER ends_once BEFORE UPDATE ON cutter.cut_permit FOR EACH ROW EXECUTE FUNCTION cutter.fn_ends_once();
CREATE TRIGGER ends_once BEFORE UPDATE ON cutter.cut_halt FOR EACH ROW EXECUTE FUNCTION cutter.fn_ends_once();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.cut_approval FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER append_only BEFORE DELETE ON cutter.approver_key FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER append_only BEFORE DELETE ON cutter.cut_permit FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER append_only BEFORE DELETE ON cutter.cut_halt FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.cut_approval EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.approver_key EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.cut_permit EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.cut_halt EXECUTE FUNCTION cutter.fn_append_only();

-- A halt voids every permit that was opened before it was lifted, whether or not somebody came to revoke it: one that is just
-- being opened has not seen the halt, and is older than its end. So a halt waits for no lock that somebody could hold.
CREATE FUNCTION cutter.fn_halted_since(moment timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
  SELECT EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL OR h.lifted_at >= moment)
$$;
COMMENT ON FUNCTION cutter.fn_halted_since(timestamptz) IS 'Whether a halt is in force, or was lifted only after that moment.';

CREATE FUNCTION cutter.fn_document_released(document_code text) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
  SELECT session_user = 'cutter_rehearse' OR EXISTS (SELECT FROM cutter.cut_permit p WHERE p.document_code = $1
    AND p.revoked_at IS NULL AND p.used_at IS NULL AND p.confirmed_at IS NOT NULL AND p.execute_by > clock_timestamp()
    AND NOT cutter.fn_halted_since(p.opened_at))
$$;
COMMENT ON FUNCTION cutter.fn_document_released(text)
  IS 'Whether a confirmed permit is open for a change set of this document. A rehearsal needs none: it can not commit.';

CREATE FUNCTION cutter.fn_permit_fence(change_set_id uuid, phase text, plan_digest text, closing boolean, OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  permit cutter.cut_permit;
BEGIN
  IF NOT closing AND EXISTS (SELECT FROM cutter.cut_phase_journal j
      WHERE j.change_set_id = change_set_id AND j.phase = phase) THEN
    status := 'recorded';
    RETURN;
  END IF;
  -- A revocation waits for this lock, and this lock for a revocation: whichever comes first is seen by the other.
  SELECT p.* INTO permit FROM cutter.cut_permit p WHERE p.change_set_id = change_set_id AND p.revoked_at IS NULL FOR SHARE;
  status := CASE
    WHEN EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL) THEN 'everything is halted'
    WHEN permit.permit_id IS NULL THEN 'it has no permit, or its permit was revoked'
    WHEN cutter.fn_halted_since(permit.opened_at) THEN 'its permit is from before a halt'
    WHEN permit.confirmed_at IS NULL THEN 'the verifier has not confirmed its permit'
    WHEN permit.plan_digest <> plan_digest THEN 'its permit is for another plan'
    WHEN permit.execute_by <= clock_timestamp() THEN 'its permit has expired'
    WHEN permit.used_at IS NOT NULL AND NOT closing THEN 'its permit was used before'
    ELSE 'open' END;
END $$;
COMMENT ON FUNCTION cutter.fn_permit_fence(uuid, text, text, boolean)
  IS 'First and last in every live transaction: locks the permit''s row against revocation and says whether the phase may commit.';

CREATE FUNCTION cutter.fn_journal_fence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
DECLARE
  standing text;
BEGIN
  IF session_user = 'cutter_rehearse' THEN
    RETURN NEW;  -- it can not commit anyhow
  END IF;
  standing := cutter.fn_permit_fence(NEW.change_set_id, NEW.phase, NEW.plan_digest, false);
  IF standing NOT IN ('open', 'recorded') THEN
    RAISE EXCEPTION 'phase % can not be recorded: %', NEW.phase, standing USING ERRCODE = 'IU006';
  END IF;
  IF NEW.phase = 'lifecycle_enact' AND standing = 'open' THEN
    UPDATE cutter.cut_permit p SET used_at = clock_timestamp() WHERE p.change_set_id = NEW.change_set_id AND p.revoked_at IS NULL;
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION cutter.fn_journal_fence() IS 'Trigger: no phase is recorded without an open permit, whatever the program does (IU006), and the last phase uses it up.';
CREATE TRIGGER permit_fence BEFORE INSERT ON cutter.cut_phase_journal FOR EACH ROW EXECUTE FUNCTION cutter.fn_journal_fence();

CREATE FUNCTION cutter.fn_person(name text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, cutter, pg_temp
RETURN lower(btrim(regexp_replace(normalize(name, NFKC), '\s+', ' ', 'g')));
COMMENT ON FUNCTION cutter.fn_person(text) IS 'A person''s name without what makes no other person: case, form and spacing.';

CREATE FUNCTION cutter.fn_permit_open(permit_id uuid, payloads bytea[], signatures bytea[], OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  moment timestamptz;
  here text;
  one jsonb;
  other jsonb;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    status := 'a permit is opened in READ COMMITTED only: an old snapshot would not see a halt';
    RETURN;
  END IF;
  moment := clock_timestamp();  -- before anybody looks for a halt: see fn_halted_since
  SELECT format('%s:%s@%s', d.datname, d.oid, c.system_identifier) INTO here
    FROM pg_catalog.pg_control_system() AS c, pg_catalog.pg_database AS d WHERE d.datname = current_database();
  IF cardinality(payloads) IS DISTINCT FROM 2 OR cardinality(signatures) IS DISTINCT FROM 2 THEN
    status := 'two approvals are needed';
    RETURN;
  END IF;
  one := convert_from(payloads[1], 'UTF8')::jsonb;
  other := convert_from(payloads[2], 'UTF8')::jsonb;
  status := CASE
    WHEN EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL) THEN 'everything is halted; lift the halt first'
    WHEN (SELECT array_agg(g ORDER BY g) FROM unnest(ARRAY[one ->> 'gate', other ->> 'gate']) AS g) IS DISTINCT FROM
      CASE one ->> 'kind' WHEN 'cut' THEN ARRAY['SG_1', 'SG_2'] WHEN 'revert' THEN ARRAY['SG_2', 'SG_3'] END
      THEN 'the gates are not the two that this needs'
    WHEN EXISTS (SELECT FROM unnest(ARRAY['kind', 'change_set_id', 'document_code', 'plan_digest', 'effect_digest', 'target',
        'attempt', 'submitter']) AS f WHERE one ->> f IS NULL OR one ->> f IS DISTINCT FROM other ->> f)
      THEN 'the two approvals are not for the same run'
    WHEN EXISTS (SELECT FROM unnest(ARRAY['gate', 'approver', 'key_id', 'nonce', 'approve_by', 'execute_by']) AS f
        WHERE one ->> f IS NULL OR other ->> f IS NULL) THEN 'an approval is not complete'
    WHEN one ->> 'target' <> here THEN 'the approvals are for another database'
    WHEN one ->> 'nonce' = other ->> 'nonce' OR EXISTS (SELECT FROM cutter.cut_approval a
        WHERE a.nonce IN (one ->> 'nonce', other ->> 'nonce')) THEN 'an approval was used before; have it signed again'
    WHEN (SELECT count(*) FROM unnest(ARRAY[one, other]) AS a JOIN cutter.approver_key k ON k.key_id = a ->> 'key_id'
        WHERE cutter.fn_person(k.person) = cutter.fn_person(a ->> 'approver') AND a ->> 'gate' = ANY (k.gates) AND k.valid_from <= moment AND moment < k.valid_until
          AND (k.retired_at IS NULL OR k.retired_at > moment)) <> 2
      THEN 'an approver is not registered for this gate, or not any more'
    WHEN one ->> 'key_id' = other ->> 'key_id'
      OR cutter.fn_person(one ->> 'approver') = cutter.fn_person(other ->> 'approver')
      THEN 'two different people have to approve'
    WHEN cutter.fn_person(one ->> 'submitter') IN (cutter.fn_person(one ->> 'approver'), cutter.fn_person(other ->> 'approver'))
      THEN 'who submits a run can not approve it'
    WHEN least((one ->> 'approve_by')::timestamptz, (other ->> 'approve_by')::timestamptz) <= moment
      OR least((one ->> 'execute_by')::timestamptz, (other ->> 'execute_by')::timestamptz) <= moment
      THEN 'an approval has expired; have it signed again'
    WHEN greatest((one ->> 'execute_by')::timestamptz, (other ->> 'execute_by')::timestamptz) > moment + interval '7 days'
      THEN 'an approval is valid for too long; have it signed again'
    WHEN EXISTS (SELECT FROM cutter.cut_permit p WHERE p.change_set_id = (one ->> 'change_set_id')::uuid AND p.used_at IS NOT NULL)
      THEN 'this change set was run before'
  END;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  -- A permit that ran out, or that nobody confirmed, makes way for a new one; one that still counts does not.
  UPDATE cutter.cut_permit p SET revoked_at = moment, revoked_by = session_user,
      revoke_reason = CASE WHEN p.execute_by <= moment THEN 'expired' ELSE 'not confirmed' END
    WHERE p.change_set_id = (one ->> 'change_set_id')::uuid AND p.revoked_at IS NULL
      AND (p.execute_by <= moment OR p.confirmed_at IS NULL AND p.opened_at <= moment - interval '1 minute'
        OR cutter.fn_halted_since(p.opened_at));
  IF EXISTS (SELECT FROM cutter.cut_permit p WHERE p.change_set_id = (one ->> 'change_set_id')::uuid AND p.revoked_at IS NULL) THEN
    status := 'this change set has a permit already';
    RETURN;
  END IF;
  INSERT INTO cutter.cut_permit (permit_id, change_set_id, kind, document_code, plan_digest, effect_digest, submitter, opened_at,
      execute_by)
    VALUES (permit_id, (one ->> 'change_set_id')::uuid, one ->> 'kind', one ->> 'document_code', one ->> 'plan_digest',
      one ->> 'effect_digest', one ->> 'submitter', moment,
      least((one ->> 'execute_by')::timestamptz, (other ->> 'execute_by')::timestamptz));
  INSERT INTO cutter.cut_approval (nonce, permit_id, gate, person, key_id, payload, signature)
    SELECT a.s ->> 'nonce', permit_id, a.s ->> 'gate', a.s ->> 'approver', a.s ->> 'key_id', payloads[a.n], signatures[a.n]
      FROM (VALUES (1, one), (2, other)) AS a (n, s);
  status := 'opened';
END $$;
COMMENT ON FUNCTION cutter.fn_permit_open(uuid, bytea[], bytea[])
  IS 'Opens the permit of a change set with two approvals, whose nonces it uses up. Only the status "opened" is success; every other wrote nothing.';

CREATE FUNCTION cutter.fn_permit_confirm(permit_id uuid, OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  UPDATE cutter.cut_permit p SET confirmed_at = clock_timestamp()
    WHERE p.permit_id = permit_id AND p.confirmed_at IS NULL AND p.revoked_at IS NULL AND p.used_at IS NULL
      AND p.execute_by > clock_timestamp() AND NOT cutter.fn_halted_since(p.opened_at);
  status := CASE
    WHEN FOUND OR EXISTS (SELECT FROM cutter.cut_permit p WHERE p.permit_id = permit_id AND p.confirmed_at IS NOT NULL
      AND p.revoked_at IS NULL) THEN 'confirmed'
    ELSE 'no such permit is open' END;
END $$;
COMMENT ON FUNCTION cutter.fn_permit_confirm(uuid)
  IS 'The verifier has judged the signed bytes of this permit: from here on it counts. Only cutter_verify may call it, and it can open none.';

CREATE FUNCTION cutter.fn_halt(halted_by text, reason text, OUT halt_no bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  -- The number is the moment: a halt waits for nobody, not even for another halt that was begun and left.
  halt_no := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
  INSERT INTO cutter.cut_halt (halt_no, halted_by, reason) VALUES (halt_no, halted_by, reason);
END $$;
COMMENT ON FUNCTION cutter.fn_halt(text, text) IS 'Halts everything from its COMMIT on: no permit opens, and no phase passes its fence.';

CREATE FUNCTION cutter.fn_permits_revoke(revoked_by text, reason text, OUT revoked bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  UPDATE cutter.cut_permit p SET revoked_at = clock_timestamp(), revoked_by = revoked_by, revoke_reason = reason
    WHERE p.revoked_at IS NULL AND p.used_at IS NULL;
  GET DIAGNOSTICS revoked = ROW_COUNT;
END $$;
COMMENT ON FUNCTION cutter.fn_permits_revoke(text, text)
  IS 'Takes back every open permit. Waits for phases in flight: after its COMMIT no phase of theirs can commit.';

CREATE FUNCTION cutter.fn_halt_clear(OUT ended bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL) THEN
    ended := 0;
    RETURN;
  END IF;
  SELECT count(*) FILTER (WHERE pg_terminate_backend(a.pid)) INTO ended
    FROM (SELECT DISTINCT l.pid FROM pg_locks l
      WHERE l.locktype = 'relation' AND l.relation = 'cutter.cut_permit'::regclass AND l.granted AND l.mode <> 'AccessShareLock'
        AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) AND l.pid <> pg_backend_pid()) AS h
    JOIN pg_stat_get_activity(NULL) AS a ON a.pid = h.pid
    JOIN pg_roles r ON r.oid = a.usesysid AND r.rolname IN ('cutter_exec', 'cutter_verify', 'cutter_rehearse');
END $$;
COMMENT ON FUNCTION cutter.fn_halt_clear()
  IS 'While a halt is in force: ends the sessions of the principals that hold a permit''s row, so that nobody keeps a halt waiting. Their transactions are rolled back.';

CREATE FUNCTION cutter.fn_halt_lift(lifted_by text, reason text, OUT lifted bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
BEGIN
  UPDATE cutter.cut_halt h SET lifted_by = lifted_by, lift_reason = reason, lifted_at = clock_timestamp() WHERE h.lifted_at IS NULL;
  GET DIAGNOSTICS lifted = ROW_COUNT;
END $$;
COMMENT ON FUNCTION cutter.fn_halt_lift(text, text) IS 'Lifts every halt in force, for a named reason. Revoked permits stay revoked.';
