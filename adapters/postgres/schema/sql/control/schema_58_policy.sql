-- Who must approve, and the rules that approvals have to meet wherever they open something. A policy is data: what somebody with SG_3
-- has signed, put in force by an administrator. It asks for more people, or for particular ones; never for fewer than two. The database
-- holds it where a permit opens; that it is signed, and once more that it is met, the verifier judges before it confirms.

CREATE TABLE cutter.approval_policy (
  policy_sha256 text PRIMARY KEY,
  payload bytea NOT NULL,
  key_id text NOT NULL REFERENCES cutter.approver_key (key_id),
  signature bytea NOT NULL
    CHECK (octet_length(signature) = 64 OR octet_length(signature) > 64 AND octet_length(signature) <= 4096 AND substr(signature, 1, 1) = '\x7b'),
  installed_by text NOT NULL,
  installed_at timestamptz NOT NULL UNIQUE,
  CONSTRAINT approval_policy_names_itself CHECK (policy_sha256 = encode(sha256(payload), 'hex'))
);
COMMENT ON TABLE cutter.approval_policy IS 'Who must approve, as somebody with SG_3 has signed it; the last one is in force. Without one any two people approve.';
COMMENT ON COLUMN cutter.approval_policy.policy_sha256 IS 'SHA-256 of payload, hexadecimal.';
COMMENT ON COLUMN cutter.approval_policy.payload IS 'The exact bytes of the statement.';
COMMENT ON COLUMN cutter.approval_policy.key_id IS 'Whose key has signed it.';
COMMENT ON COLUMN cutter.approval_policy.signature IS 'The signature over them (DSSE pre-authentication encoding): 64 bytes, or a passkey''s assertion as JSON.';
COMMENT ON COLUMN cutter.approval_policy.installed_by IS 'The administrator''s login.';
COMMENT ON COLUMN cutter.approval_policy.installed_at IS 'Since when it is in force.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.approval_policy FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.approval_policy EXECUTE FUNCTION cutter.fn_append_only();

CREATE FUNCTION cutter.fn_policy_set(payload bytea, key_id text, signature bytea, OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  said jsonb;
  here text;
  moment timestamptz;
BEGIN
  LOCK TABLE cutter.approval_policy IN SHARE ROW EXCLUSIVE MODE;  -- one after another, so that each is later than the last
  moment := clock_timestamp();
  said := convert_from(payload, 'UTF8')::jsonb;
  SELECT format('%s:%s@%s', d.datname, d.oid, c.system_identifier) INTO here
    FROM pg_catalog.pg_control_system() AS c, pg_catalog.pg_database AS d WHERE d.datname = current_database();
  status := CASE
    WHEN said ->> 'format' IS DISTINCT FROM 'iu-cutter policy 1' THEN 'this is no policy'
    WHEN said ->> 'target' IS DISTINCT FROM here THEN 'it is for another database'
    WHEN NOT EXISTS (SELECT FROM cutter.approver_key k WHERE k.key_id = key_id AND 'SG_3' = ANY (k.gates)
        AND cutter.fn_person(k.person) = cutter.fn_person(said ->> 'signed_by') AND k.valid_from <= moment AND moment < k.valid_until
        AND (k.retired_at IS NULL OR k.retired_at > moment)) THEN 'its key is not registered for SG_3, or not any more'
    WHEN ((said ->> 'signed_at')::timestamptz BETWEEN moment - interval '1 hour' AND moment) IS NOT TRUE
      THEN 'it was not signed just now; sign it again'
    WHEN EXISTS (SELECT FROM cutter.approval_policy p
        WHERE (convert_from(p.payload, 'UTF8')::jsonb ->> 'signed_at')::timestamptz >= (said ->> 'signed_at')::timestamptz)
      THEN 'a policy was signed after it; sign it again'
  END;
  IF status IS NULL THEN
    INSERT INTO cutter.approval_policy (policy_sha256, payload, key_id, signature, installed_by, installed_at)
      VALUES (encode(sha256(payload), 'hex'), payload, key_id, signature, session_user, moment);
    status := 'installed';
  END IF;
END $$;
COMMENT ON FUNCTION cutter.fn_policy_set(bytea, text, bytea)
  IS 'Puts a policy in force that somebody with SG_3 has signed. Only an administrator may call it; whether the signature is one, the verifier judges.';

CREATE FUNCTION cutter.fn_policy_fault(kind text, publication_type text, people text[], moment timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  policy jsonb;
  rule jsonb;
  missing text;
BEGIN
  SELECT convert_from(p.payload, 'UTF8')::jsonb INTO policy FROM cutter.approval_policy p
    WHERE p.installed_at <= moment ORDER BY p.installed_at DESC LIMIT 1;
  IF policy IS NULL THEN
    RETURN CASE WHEN cardinality(people) <> 2 THEN 'two approvals are needed' END;
  END IF;
  IF kind <> 'revert' AND coalesce(publication_type, '') = '' THEN
    RETURN 'the approvals do not say the publication type, which the policy asks for; have them signed again';
  END IF;
  rule := coalesce(policy -> 'rules' -> CASE kind WHEN 'revert' THEN 'revert' ELSE publication_type END, policy -> 'rules' -> 'default');
  IF jsonb_typeof(rule) IS DISTINCT FROM 'object' OR (SELECT sum(r.value::integer) FROM jsonb_each_text(rule) AS r) IS NULL THEN
    RETURN 'the policy has no rule for this';
  END IF;
  SELECT string_agg(format('%s of %s', r.value, r.key), ', ' ORDER BY r.key) INTO missing FROM jsonb_each_text(rule) AS r
    WHERE r.key <> 'any' AND (SELECT count(DISTINCT cutter.fn_person(p)) FROM unnest(people) AS p
      WHERE cutter.fn_person(p) IN (SELECT cutter.fn_person(m) FROM jsonb_array_elements_text(policy -> 'groups' -> r.key) AS m)) < r.value::integer;
  RETURN CASE
    WHEN missing IS NOT NULL THEN format('the policy asks for %s', missing)
    WHEN (SELECT count(DISTINCT cutter.fn_person(p)) FROM unnest(people) AS p) < (SELECT sum(r.value::integer) FROM jsonb_each_text(rule) AS r)
      THEN format('the policy asks for %s people', (SELECT sum(r.value::integer) FROM jsonb_each_text(rule) AS r))
  END;
END $$;
COMMENT ON FUNCTION cutter.fn_policy_fault(text, text, text[], timestamptz)
  IS 'What the policy in force at that moment asks for that these people are not; NULL if they are enough. Without a policy two are.';

CREATE FUNCTION cutter.fn_approvals_fault(what text, payloads bytea[], signatures bytea[], gates text[], same text[], moment timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  here text;
  said jsonb[];
  given integer := cardinality(payloads);
BEGIN
  SELECT format('%s:%s@%s', d.datname, d.oid, c.system_identifier) INTO here
    FROM pg_catalog.pg_control_system() AS c, pg_catalog.pg_database AS d WHERE d.datname = current_database();
  IF (given BETWEEN 2 AND 16) IS NOT TRUE OR cardinality(signatures) IS DISTINCT FROM given
      OR array_ndims(payloads) <> 1 OR array_lower(payloads, 1) <> 1 OR array_ndims(signatures) <> 1 OR array_lower(signatures, 1) <> 1 THEN
    RETURN 'two approvals are needed';
  END IF;
  said := ARRAY(SELECT convert_from(p, 'UTF8')::jsonb FROM unnest(payloads) AS p);
  RETURN CASE
    WHEN EXISTS (SELECT FROM cutter.cut_halt h WHERE h.lifted_at IS NULL) THEN 'everything is halted; lift the halt first'
    WHEN (SELECT array_agg(DISTINCT a ->> 'gate' ORDER BY a ->> 'gate') FROM unnest(said) AS a) IS DISTINCT FROM gates
      THEN 'the gates are not the two that this needs'
    WHEN EXISTS (SELECT FROM unnest(same) AS f, unnest(said) AS a WHERE a ->> f IS NULL OR a ->> f IS DISTINCT FROM said[1] ->> f)
      OR EXISTS (SELECT FROM unnest(said) AS a WHERE a ->> 'publication_type' IS DISTINCT FROM said[1] ->> 'publication_type')
      THEN 'the two approvals are not for the same ' || what
    WHEN EXISTS (SELECT FROM unnest(ARRAY['gate', 'approver', 'key_id', 'nonce', 'approve_by', 'execute_by']) AS f, unnest(said) AS a
        WHERE a ->> f IS NULL) THEN 'an approval is not complete'
    WHEN said[1] ->> 'target' <> here THEN 'the approvals are for another database'
    WHEN (SELECT count(DISTINCT a ->> 'nonce') FROM unnest(said) AS a) <> given
      OR EXISTS (SELECT FROM unnest(said) AS a JOIN cutter.cut_approval u ON u.nonce = a ->> 'nonce')
      OR EXISTS (SELECT FROM unnest(said) AS a JOIN cutter.release_approval u ON u.nonce = a ->> 'nonce')
      THEN 'an approval was used before; have it signed again'
    WHEN (SELECT count(*) FROM unnest(said) AS a JOIN cutter.approver_key k ON k.key_id = a ->> 'key_id'
        WHERE cutter.fn_person(k.person) = cutter.fn_person(a ->> 'approver') AND a ->> 'gate' = ANY (k.gates) AND k.valid_from <= moment AND moment < k.valid_until
          AND (k.retired_at IS NULL OR k.retired_at > moment)) <> given
      THEN 'an approver is not registered for this gate, or not any more'
    WHEN (SELECT count(DISTINCT a ->> 'key_id') FROM unnest(said) AS a) <> given
      OR (SELECT count(DISTINCT cutter.fn_person(a ->> 'approver')) FROM unnest(said) AS a) <> given
      THEN 'two different people have to approve'
    WHEN EXISTS (SELECT FROM unnest(said) AS a WHERE cutter.fn_person(a ->> 'approver') = cutter.fn_person(said[1] ->> 'submitter'))
      THEN 'who submits a run can not approve it'
    WHEN EXISTS (SELECT FROM unnest(said) AS a WHERE least((a ->> 'approve_by')::timestamptz, (a ->> 'execute_by')::timestamptz) <= moment)
      THEN 'an approval has expired; have it signed again'
    WHEN EXISTS (SELECT FROM unnest(said) AS a WHERE (a ->> 'execute_by')::timestamptz > moment + interval '7 days')
      THEN 'an approval is valid for too long; have it signed again'
  END;
END $$;
COMMENT ON FUNCTION cutter.fn_approvals_fault(text, bytea[], bytea[], text[], text[], timestamptz)
  IS 'The rules for approvals, of a change set as of a release: why these let nothing run, or NULL. Signatures are judged elsewhere.';
