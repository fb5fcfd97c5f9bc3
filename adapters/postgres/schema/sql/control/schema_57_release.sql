-- One approval for many change sets. Two people sign the root of a tree over the leaves of a release (RFC 6962) and how many they are.
-- The permit of each change set then opens by a proof that its leaf is in the tree. The leaf and the root are computed here, from the
-- fields that the permit is opened for, so nothing can be added, left out or exchanged. The permit itself is one like any other: the
-- verifier confirms it, the fence asks for it, a halt voids it.

CREATE TABLE cutter.release_permit (
  release_permit_id uuid PRIMARY KEY,
  release_id uuid NOT NULL,
  root text NOT NULL CHECK (root ~ '^[0-9a-f]{64}$'),
  documents integer NOT NULL CHECK (documents > 0),
  submitter text NOT NULL CHECK (btrim(submitter) <> ''),
  opened_at timestamptz NOT NULL,
  execute_by timestamptz NOT NULL
);
CREATE INDEX release_permit_of_release ON cutter.release_permit (release_id);
COMMENT ON TABLE cutter.release_permit IS 'Leave for the change sets of a release, until a time. By itself it lets nothing run: each change set opens a permit of its own.';
COMMENT ON COLUMN cutter.release_permit.release_permit_id IS 'Key, made by the executor.';
COMMENT ON COLUMN cutter.release_permit.release_id IS 'The release; after a halt or its end it can be approved again.';
COMMENT ON COLUMN cutter.release_permit.root IS 'The root of the tree over its leaves, as both have signed it.';
COMMENT ON COLUMN cutter.release_permit.documents IS 'How many leaves it has, as both have signed it.';
COMMENT ON COLUMN cutter.release_permit.submitter IS 'Who runs it; not one of the approvers.';
COMMENT ON COLUMN cutter.release_permit.opened_at IS 'When both approvals were accepted.';
COMMENT ON COLUMN cutter.release_permit.execute_by IS 'Until when its runs may commit: the earlier of the two approvals.';

CREATE TABLE cutter.release_approval (
  nonce text PRIMARY KEY CHECK (nonce ~ '^[0-9a-f]{32}$'),
  release_permit_id uuid NOT NULL REFERENCES cutter.release_permit (release_permit_id),
  gate text NOT NULL CHECK (gate IN ('SG_1', 'SG_2')),
  person text NOT NULL,
  key_id text NOT NULL REFERENCES cutter.approver_key (key_id),
  payload bytea NOT NULL,
  signature bytea NOT NULL
    CHECK (octet_length(signature) = 64 OR octet_length(signature) > 64 AND octet_length(signature) <= 4096 AND substr(signature, 1, 1) = '\x7b'),
  UNIQUE (release_permit_id, key_id)
);
COMMENT ON TABLE cutter.release_approval IS 'The signed approvals of releases, byte for byte, so that they can be verified for ever.';
COMMENT ON COLUMN cutter.release_approval.nonce IS 'A number used once.';
COMMENT ON COLUMN cutter.release_approval.release_permit_id IS 'What it opened.';
COMMENT ON COLUMN cutter.release_approval.gate IS 'SG_1 authorises the release, SG_2 lets it run.';
COMMENT ON COLUMN cutter.release_approval.person IS 'The approver.';
COMMENT ON COLUMN cutter.release_approval.key_id IS 'The approver''s key.';
COMMENT ON COLUMN cutter.release_approval.payload IS 'The exact bytes of the statement.';
COMMENT ON COLUMN cutter.release_approval.signature IS 'The signature over them (DSSE pre-authentication encoding): 64 bytes, or a passkey''s assertion as JSON.';

CREATE TABLE cutter.release_place (
  release_permit_id uuid NOT NULL REFERENCES cutter.release_permit (release_permit_id),
  place integer NOT NULL CHECK (place >= 0),
  permit_id uuid NOT NULL UNIQUE REFERENCES cutter.cut_permit (permit_id),
  leaf text[] NOT NULL,
  path bytea[] NOT NULL,
  PRIMARY KEY (release_permit_id, place)
);
COMMENT ON TABLE cutter.release_place IS 'Which permit was opened at which place of a release, with the proof. Each place opens once.';
COMMENT ON COLUMN cutter.release_place.release_permit_id IS 'The release.';
COMMENT ON COLUMN cutter.release_place.place IS 'The place of the leaf, from 0.';
COMMENT ON COLUMN cutter.release_place.permit_id IS 'The permit that it opened.';
COMMENT ON COLUMN cutter.release_place.leaf IS 'What the leaf says: document, kind, change set, attempt, digests of plan, effect and base, target, units, their root, doubts, changes, dates, publication type.';
COMMENT ON COLUMN cutter.release_place.path IS 'What leads from the leaf to the root, nearest first.';

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['release_permit', 'release_approval', 'release_place'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cutter.%I FOR EACH ROW EXECUTE FUNCTION cutter.fn_append_only()', name);
    EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON cutter.%I EXECUTE FUNCTION cutter.fn_append_only()', name);
  END LOOP;
END $$;

CREATE FUNCTION cutter.fn_merkle_root(leaf bytea, place integer, leaves integer, path bytea[]) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  found bytea := sha256('\x00'::bytea || leaf);
  here integer := place;
  last integer := leaves - 1;
  used integer := 0;
BEGIN
  -- RFC 9162, section 2.1.3.2: the shape of the tree follows from the number of leaves, so a path fits one place only.
  IF place < 0 OR place > last OR path IS NULL OR cardinality(path) > 0 AND (array_ndims(path) <> 1 OR array_lower(path, 1) <> 1) THEN
    RETURN NULL;
  END IF;
  WHILE last > 0 LOOP
    IF here % 2 = 1 OR here < last THEN
      used := used + 1;
      IF used > cardinality(path) OR octet_length(path[used]) IS DISTINCT FROM 32 THEN
        RETURN NULL;
      END IF;
      found := sha256('\x01'::bytea || CASE here % 2 WHEN 1 THEN path[used] || found ELSE found || path[used] END);
    END IF;
    here := here / 2;
    last := last / 2;
  END LOOP;
  RETURN CASE WHEN used = cardinality(path) THEN found END;
END $$;
COMMENT ON FUNCTION cutter.fn_merkle_root(bytea, integer, integer, bytea[])
  IS 'The root that a path leads to from a leaf at a place of a tree of so many leaves (RFC 9162, section 2.1.3.2); NULL if it does not fit.';

CREATE FUNCTION cutter.fn_release_open(release_permit_id uuid, payloads bytea[], signatures bytea[], OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  moment timestamptz;
  said jsonb[];
  one jsonb;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    status := 'a release is opened in READ COMMITTED only: an old snapshot would not see a halt';
    RETURN;
  END IF;
  moment := clock_timestamp();  -- before anybody looks for a halt: see fn_halted_since
  said := ARRAY(SELECT convert_from(p, 'UTF8')::jsonb FROM unnest(payloads) AS p);
  one := said[1];
  -- The policy goes by publication types, which the leaves have: it is asked at each place, where the permit opens.
  status := cutter.fn_approvals_fault('release', payloads, signatures, ARRAY['SG_1', 'SG_2'],
    ARRAY['format', 'release_id', 'root', 'documents', 'target', 'submitter'], moment);
  IF status IS NULL THEN
    status := CASE
      WHEN one ->> 'format' IS DISTINCT FROM 'iu-cutter release approval 1' THEN 'this is no approval of a release'
      WHEN cardinality(payloads) <> 2 AND NOT EXISTS (SELECT FROM cutter.approval_policy) THEN 'two approvals are needed'
    END;
  END IF;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  INSERT INTO cutter.release_permit (release_permit_id, release_id, root, documents, submitter, opened_at, execute_by)
    VALUES (release_permit_id, (one ->> 'release_id')::uuid, one ->> 'root', (one ->> 'documents')::integer, one ->> 'submitter', moment,
      (SELECT min((a ->> 'execute_by')::timestamptz) FROM unnest(said) AS a));
  INSERT INTO cutter.release_approval (nonce, release_permit_id, gate, person, key_id, payload, signature)
    SELECT a.s ->> 'nonce', release_permit_id, a.s ->> 'gate', a.s ->> 'approver', a.s ->> 'key_id', payloads[a.n], signatures[a.n]
      FROM unnest(said) WITH ORDINALITY AS a (s, n);
  status := 'opened';
END $$;
COMMENT ON FUNCTION cutter.fn_release_open(uuid, bytea[], bytea[])
  IS 'Puts a release on record that two people or more have approved, and uses up their nonces. Only the status "opened" is success; every other wrote nothing.';

CREATE FUNCTION cutter.fn_release_place_open(permit_id uuid, release_permit_id uuid, place integer, leaf text[], path bytea[], OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  moment timestamptz;
  here text;
  release cutter.release_permit;
  change_set_id uuid;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    status := 'a permit is opened in READ COMMITTED only: an old snapshot would not see a halt';
    RETURN;
  END IF;
  moment := clock_timestamp();  -- before anybody looks for a halt: see fn_halted_since
  SELECT format('%s:%s@%s', d.datname, d.oid, c.system_identifier) INTO here
    FROM pg_catalog.pg_control_system() AS c, pg_catalog.pg_database AS d WHERE d.datname = current_database();
  SELECT p.* INTO release FROM cutter.release_permit p WHERE p.release_permit_id = release_permit_id;
  status := CASE
    WHEN release.release_permit_id IS NULL THEN 'no such release is approved here'
    WHEN cutter.fn_halted_since(release.opened_at) THEN 'the release was halted; have it approved again'
    WHEN release.execute_by <= moment THEN 'the approval of the release has expired; have it signed again'
    WHEN place IS NULL OR array_ndims(leaf) IS DISTINCT FROM 1 OR array_lower(leaf, 1) <> 1 OR cardinality(leaf) <> 14
      OR EXISTS (SELECT FROM unnest(leaf) AS f WHERE f IS NULL OR strpos(f, E'\x1f') > 0) THEN 'this is no leaf of a release'
    WHEN leaf[2] NOT IN ('cut', 'revision') THEN 'a release has cuts and revisions only'
    WHEN leaf[8] <> here THEN 'the release is for another database'
    WHEN encode(cutter.fn_merkle_root(convert_to(concat_ws(E'\x1f', 'iu-cutter release 1', release.documents::text, array_to_string(leaf, E'\x1f')),
        'UTF8'), place, release.documents, path), 'hex') IS DISTINCT FROM release.root
      THEN 'this is not what was approved at this place of the release'
  END;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  change_set_id := leaf[3]::uuid;
  PERFORM FROM cutter.release_place r JOIN cutter.cut_permit p ON p.permit_id = r.permit_id
    WHERE r.release_permit_id = release_permit_id AND r.place = place AND p.revoked_at IS NULL;
  IF FOUND THEN  -- a run that is resumed; a permit that nobody has confirmed yet allows nothing and waits for it
    status := 'opened';
    RETURN;
  END IF;
  status := CASE
    WHEN EXISTS (SELECT FROM cutter.release_place r WHERE r.release_permit_id = release_permit_id AND r.place = place)
      THEN 'this place of the release was opened before'
    WHEN EXISTS (SELECT FROM cutter.cut_permit p WHERE p.change_set_id = change_set_id AND p.used_at IS NOT NULL)
      THEN 'this change set was run before'
    ELSE cutter.fn_policy_fault(leaf[2], leaf[14],
      ARRAY(SELECT a.person FROM cutter.release_approval a WHERE a.release_permit_id = release_permit_id), moment)
  END;
  IF status IS NOT NULL THEN
    RETURN;
  END IF;
  -- As in fn_permit_open: what ran out, or what nobody confirmed, makes way.
  UPDATE cutter.cut_permit p SET revoked_at = moment, revoked_by = session_user,
      revoke_reason = CASE WHEN p.execute_by <= moment THEN 'expired' ELSE 'not confirmed' END
    WHERE p.change_set_id = change_set_id AND p.revoked_at IS NULL
      AND (p.execute_by <= moment OR p.confirmed_at IS NULL AND p.opened_at <= moment - interval '1 minute'
        OR cutter.fn_halted_since(p.opened_at));
  IF EXISTS (SELECT FROM cutter.cut_permit p WHERE p.change_set_id = change_set_id AND p.revoked_at IS NULL) THEN
    status := 'this change set has a permit already';
    RETURN;
  END IF;
  INSERT INTO cutter.cut_permit (permit_id, change_set_id, kind, document_code, plan_digest, effect_digest, submitter, opened_at, execute_by)
    VALUES (permit_id, change_set_id, leaf[2], leaf[1], leaf[5], leaf[6], release.submitter, moment, release.execute_by);
  INSERT INTO cutter.release_place (release_permit_id, place, permit_id, leaf, path) VALUES (release_permit_id, place, permit_id, leaf, path);
  status := 'opened';
END $$;
COMMENT ON FUNCTION cutter.fn_release_place_open(uuid, uuid, integer, text[], bytea[])
  IS 'Opens the permit of one change set of an approved release, by the proof that its leaf is in the tree. Only the status "opened" is success.';
