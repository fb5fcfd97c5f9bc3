-- Approvers, their approvals, the single-use permit that two of them open, and the halt that stands over all permits.
-- The server can not check a signature: the executor does before it opens a permit, and the verifier again before it
-- confirms it. Until then the permit allows nothing, so no effect hangs on one login. Everything else about an approval is held
-- here, against this server's own clock, tables and name.

CREATE TABLE cutter.approver_key (
  key_id text PRIMARY KEY,
  person text NOT NULL CHECK (btrim(person) <> ''),
  public_key bytea NOT NULL
    CHECK (octet_length(public_key) = 32 OR octet_length(public_key) > 32 AND octet_length(public_key) <= 2048 AND substr(public_key, 1, 1) = '\x7b'),
  gates text[] NOT NULL CHECK (gates <@ ARRAY['SG_1', 'SG_2', 'SG_3'] AND cardinality(gates) > 0),
  valid_from timestamptz NOT NULL DEFAULT now(),
  valid_until timestamptz NOT NULL,
  registered_by text NOT NULL CHECK (btrim(registered_by) <> ''),
  registered_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz,
  CONSTRAINT approver_key_names_itself CHECK (key_id = encode(sha256(public_key), 'hex')),
  CONSTRAINT approver_key_validity CHECK (valid_from < valid_until)
);
COMMENT ON TABLE cutter.approver_key IS 'Public keys and passkeys of the people who may approve, registered by an administrator.';
COMMENT ON COLUMN cutter.approver_key.key_id IS 'SHA-256 of public_key, hexadecimal.';
COMMENT ON COLUMN cutter.approver_key.person IS 'Whose key it is; two keys of one person are still one person.';
COMMENT ON COLUMN cutter.approver_key.public_key IS 'The raw 32 bytes of an Ed25519 key, or the record of a passkey: JSON with its key and its site.';
COMMENT ON COLUMN cutter.approver_key.gates IS 'Which sovereign gates this person may sign for.';
COMMENT ON COLUMN cutter.approver_key.valid_from IS 'From when on it counts.';
COMMENT ON COLUMN cutter.approver_key.valid_until IS 'Until when it counts.';
COMMENT ON COLUMN cutter.approver_key.registered_by IS 'The administrator who registered it.';
COMMENT ON COLUMN cutter.approver_key.registered_at IS 'When that was.';
COMMENT ON COLUMN cutter.approver_key.retired_at IS 'Since when it does not count any more; NULL while it does.';

CREATE TABLE cutter.cut_permit (
  permit_id uuid PRIMARY KEY,
  change_set_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('cut', 'revert', 'revision')),
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
COMMENT ON COLUMN cutter.cut_permit.kind IS 'cut, revision or revert.';
COMMENT ON COLUMN cutter.cut_permit.document_code IS 'The document.';
COMMENT ON COLUMN cutter.cut_permit.plan_digest IS 'The plan that was approved.';
COMMENT ON COLUMN cutter.cut_permit.effect_digest IS 'The effect that was approved; a run with another ends before its last COMMIT.';
COMMENT ON COLUMN cutter.cut_permit.submitter IS 'Who started the run; not one of the approvers.';
COMMENT ON COLUMN cutter.cut_permit.opened_at IS 'When the approvals were accepted.';
COMMENT ON COLUMN cutter.cut_permit.confirmed_at IS 'When the verifier had judged the signed bytes; NULL before, and such a permit allows nothing.';
COMMENT ON COLUMN cutter.cut_permit.execute_by IS 'Until when the run may commit: the earliest of the approvals.';
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
  signature bytea NOT NULL
    CHECK (octet_length(signature) = 64 OR octet_length(signature) > 64 AND octet_length(signature) <= 4096 AND substr(signature, 1, 1) = '\x7b'),
  UNIQUE (permit_id, key_id)
);
COMMENT ON TABLE cutter.cut_approval IS 'The signed approvals that opened a permit, byte for byte, so that they can be verified for ever.';
COMMENT ON COLUMN cutter.cut_approval.nonce IS 'A number used once: the same approval can not open two permits.';
COMMENT ON COLUMN cutter.cut_approval.permit_id IS 'The permit that it opened.';
COMMENT ON COLUMN cutter.cut_approval.gate IS 'SG_1 authorises the plan, SG_2 releases it for this run, SG_3 authorises a revert.';
COMMENT ON COLUMN cutter.cut_approval.person IS 'The approver.';
COMMENT ON COLUMN cutter.cut_approval.key_id IS 'The approver''s key.';
COMMENT ON COLUMN cutter.cut_approval.payload IS 'The exact bytes of the statement.';
COMMENT ON COLUMN cutter.cut_approval.signature IS 'The signature over them (DSSE pre-authentication encoding): 64 bytes, or a passkey''s assertion as JSON.';

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
COMMENT ON COLUMN cutter.cut_halt.halt_no IS 'Rises: the moment in microseconds, or the next that was free; in version 2 of the schema and before, a count from 1.';
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

CREATE FUNCTION cutter.fn_revision_released(document_code text) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
  SELECT session_user = 'cutter_rehearse' OR EXISTS (SELECT FROM cutter.cut_permit p WHERE p.document_code = $1 AND p.kind = 'revision'
    AND p.revoked_at IS NULL AND p.used_at IS NULL AND p.confirmed_at IS NOT NULL AND p.execute_by > clock_timestamp()
    AND NOT cutter.fn_halted_since(p.opened_at))
$$;
COMMENT ON FUNCTION cutter.fn_revision_released(text)
  IS 'Whether a confirmed permit is open for a revision of this document. A rehearsal needs none: it can not commit.';

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
  -- A phase that was not done uses no permit up, and stands in no other's way.
  IF NEW.phase <> 'pre_write_backup' AND session_user = ANY (ARRAY['cutter_exec', 'cutter_verify'])
      AND NOT EXISTS (SELECT FROM cutter.decision_backlog_entry e WHERE e.change_set_id = NEW.change_set_id
        AND e.status = CASE NEW.phase WHEN 'mark' THEN 'marked' WHEN 'review' THEN 'reviewed' WHEN 'cut_leg_a' THEN 'reviewed'
          WHEN 'leg_b_record' THEN 'cut_applied' WHEN 'write_verify' THEN 'verified_complete' ELSE 'enacted' END) THEN
    RAISE EXCEPTION 'phase % can not be recorded: its entry does not stand where it leads to', NEW.phase USING ERRCODE = 'IU003';
  END IF;
  IF NEW.phase = 'lifecycle_enact' AND standing = 'open' THEN
    UPDATE cutter.cut_permit p SET used_at = clock_timestamp() WHERE p.change_set_id = NEW.change_set_id AND p.revoked_at IS NULL;
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION cutter.fn_journal_fence() IS 'Trigger: no phase is recorded without an open permit, whatever the program does (IU006), nor before its entry stands where it leads to (IU003); the last phase uses the permit up.';
CREATE TRIGGER permit_fence BEFORE INSERT ON cutter.cut_phase_journal FOR EACH ROW EXECUTE FUNCTION cutter.fn_journal_fence();

-- One fold for people everywhere, whatever locale the server has: lower() knows only that of the database, and casefold() comes with 18.
-- The letters are Unicode's CaseFolding.txt as far as NFKD leaves them alone; a test compares every character with
-- domain.approval.people. Code points that Unicode has not assigned yet are not among the hidden ones.
CREATE FUNCTION cutter.fn_person(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, cutter, pg_temp AS $$
DECLARE
  spaces CONSTANT text := '[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+';
  hidden CONSTANT text := '['
      || '\u0001-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2'
      || '\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u2800\u3164'
      || '\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U00013438\U00016fe4'
      || '\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef'
      || '\U000f0000-\U000ffffd\U00100000-\U0010fffd' || ']';
  letters CONSTANT text :=
      'ABCDEFGHIJKLMNOPQRSTUVWXYZÆÐØÞĐĦŁŊŒŦƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƢƤƦƧ'
      || 'ƩƬƮƱƲƳƵƷƸƼǤǶǷȜȠȢȤȺȻȽȾɁɃɄɅɆɈɊɌɎͅͰͲͶͿΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩς'
      || 'ϏϘϚϜϞϠϢϤϦϨϪϬϮϷϺϽϾϿЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢ'
      || 'ѤѦѨѪѬѮѰѲѴѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӃӅӇӉӋӍӔӘӠӨӶӺӼӾԀԂԄԆ'
      || 'ԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖႠႡ'
      || 'ႢႣႤႥႦႧႨႩႪႫႬႭႮႯႰႱႲႳႴႵႶႷႸႹႺႻႼႽႾႿჀჁჂჃჄჅჇჍᏸᏹᏺᏻᏼᏽᲀᲁᲂᲃᲄᲅᲆᲇᲈᲐᲑᲒᲓᲔᲕᲖ'
      || 'ᲗᲘᲙᲚᲛᲜᲝᲞᲟᲠᲡᲢᲣᲤᲥᲦᲧᲨᲩᲪᲫᲬᲭᲮᲯᲰᲱᲲᲳᲴᲵᲶᲷᲸᲹᲺᲽᲾᲿỺỼỾℲↃⰀⰁⰂⰃⰄⰅⰆⰇⰈⰉⰊⰋⰌⰍⰎⰏ'
      || 'ⰐⰑⰒⰓⰔⰕⰖⰗⰘⰙⰚⰛⰜⰝⰞⰟⰠⰡⰢⰣⰤⰥⰦⰧⰨⰩⰪⰫⰬⰭⰮⰯⱠⱢⱣⱤⱧⱩⱫⱭⱮⱯⱰⱲⱵⱾⱿⲀⲂⲄⲆⲈⲊⲌⲎⲐⲒⲔⲖⲘ'
      || 'ⲚⲜⲞⲠⲢⲤⲦⲨⲪⲬⲮⲰⲲⲴⲶⲸⲺⲼⲾⳀⳂⳄⳆⳈⳊⳌⳎⳐⳒⳔⳖⳘⳚⳜⳞⳠⳢⳫⳭⳲꙀꙂꙄꙆꙈꙊꙌꙎꙐꙒꙔꙖꙘꙚꙜꙞꙠꙢꙤꙦ'
      || 'ꙨꙪꙬꚀꚂꚄꚆꚈꚊꚌꚎꚐꚒꚔꚖꚘꚚꜢꜤꜦꜨꜪꜬꜮꜲꜴꜶꜸꜺꜼꜾꝀꝂꝄꝆꝈꝊꝌꝎꝐꝒꝔꝖꝘꝚꝜꝞꝠꝢꝤꝦꝨꝪꝬꝮꝹꝻꝽꝾꞀ'
      || 'ꞂꞄꞆꞋꞍꞐꞒꞖꞘꞚꞜꞞꞠꞢꞤꞦꞨꞪꞫꞬꞭꞮꞰꞱꞲꞳꞴꞶꞸꞺꞼꞾꟀꟂꟄꟅꟆꟇꟉꟐꟖꟘꟵꭰꭱꭲꭳꭴꭵꭶꭷꭸꭹꭺꭻꭼꭽꭾꭿꮀ'
      || 'ꮁꮂꮃꮄꮅꮆꮇꮈꮉꮊꮋꮌꮍꮎꮏꮐꮑꮒꮓꮔꮕꮖꮗꮘꮙꮚꮛꮜꮝꮞꮟꮠꮡꮢꮣꮤꮥꮦꮧꮨꮩꮪꮫꮬꮭꮮꮯꮰꮱꮲꮳꮴꮵꮶꮷꮸꮹꮺꮻꮼ'
      || 'ꮽꮾꮿ𐐀𐐁𐐂𐐃𐐄𐐅𐐆𐐇𐐈𐐉𐐊𐐋𐐌𐐍𐐎𐐏𐐐𐐑𐐒𐐓𐐔𐐕𐐖𐐗𐐘𐐙𐐚𐐛𐐜𐐝𐐞𐐟𐐠𐐡𐐢𐐣𐐤𐐥𐐦𐐧𐒰𐒱𐒲𐒳𐒴𐒵𐒶𐒷𐒸𐒹𐒺𐒻𐒼𐒽𐒾𐒿𐓀'
      || '𐓁𐓂𐓃𐓄𐓅𐓆𐓇𐓈𐓉𐓊𐓋𐓌𐓍𐓎𐓏𐓐𐓑𐓒𐓓𐕰𐕱𐕲𐕳𐕴𐕵𐕶𐕷𐕸𐕹𐕺𐕼𐕽𐕾𐕿𐖀𐖁𐖂𐖃𐖄𐖅𐖆𐖇𐖈𐖉𐖊𐖌𐖍𐖎𐖏𐖐𐖑𐖒𐖔𐖕𐲀𐲁𐲂𐲃𐲄𐲅'
      || '𐲆𐲇𐲈𐲉𐲊𐲋𐲌𐲍𐲎𐲏𐲐𐲑𐲒𐲓𐲔𐲕𐲖𐲗𐲘𐲙𐲚𐲛𐲜𐲝𐲞𐲟𐲠𐲡𐲢𐲣𐲤𐲥𐲦𐲧𐲨𐲩𐲪𐲫𐲬𐲭𐲮𐲯𐲰𐲱𐲲𑢠𑢡𑢢𑢣𑢤𑢥𑢦𑢧𑢨𑢩𑢪𑢫𑢬𑢭𑢮'
      || '𑢯𑢰𑢱𑢲𑢳𑢴𑢵𑢶𑢷𑢸𑢹𑢺𑢻𑢼𑢽𑢾𑢿𖹀𖹁𖹂𖹃𖹄𖹅𖹆𖹇𖹈𖹉𖹊𖹋𖹌𖹍𖹎𖹏𖹐𖹑𖹒𖹓𖹔𖹕𖹖𖹗𖹘𖹙𖹚𖹛𖹜𖹝𖹞𖹟𞤀𞤁𞤂𞤃𞤄𞤅𞤆𞤇𞤈𞤉𞤊'
      || '𞤋𞤌𞤍𞤎𞤏𞤐𞤑𞤒𞤓𞤔𞤕𞤖𞤗𞤘𞤙𞤚𞤛𞤜𞤝𞤞𞤟𞤠𞤡ẞ';
  small CONSTANT text :=
      'abcdefghijklmnopqrstuvwxyzæðøþđħłŋœŧɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵƣƥʀƨ'
      || 'ʃƭʈʊʋƴƶʒƹƽǥƕƿȝƞȣȥⱥȼƚⱦɂƀʉʌɇɉɋɍɏιͱͳͷϳαβγδεζηθικλμνξοπρστυφχψωσ'
      || 'ϗϙϛϝϟϡϣϥϧϩϫϭϯϸϻͻͼͽђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяѡѣ'
      || 'ѥѧѩѫѭѯѱѳѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӄӆӈӊӌӎӕәӡөӷӻӽӿԁԃԅԇ'
      || 'ԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆⴀⴁ'
      || 'ⴂⴃⴄⴅⴆⴇⴈⴉⴊⴋⴌⴍⴎⴏⴐⴑⴒⴓⴔⴕⴖⴗⴘⴙⴚⴛⴜⴝⴞⴟⴠⴡⴢⴣⴤⴥⴧⴭᏰᏱᏲᏳᏴᏵвдосттъѣꙋაბგდევზ'
      || 'თიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰჱჲჳჴჵჶჷჸჹჺჽჾჿỻỽỿⅎↄⰰⰱⰲⰳⰴⰵⰶⰷⰸⰹⰺⰻⰼⰽⰾⰿ'
      || 'ⱀⱁⱂⱃⱄⱅⱆⱇⱈⱉⱊⱋⱌⱍⱎⱏⱐⱑⱒⱓⱔⱕⱖⱗⱘⱙⱚⱛⱜⱝⱞⱟⱡɫᵽɽⱨⱪⱬɑɱɐɒⱳⱶȿɀⲁⲃⲅⲇⲉⲋⲍⲏⲑⲓⲕⲗⲙ'
      || 'ⲛⲝⲟⲡⲣⲥⲧⲩⲫⲭⲯⲱⲳⲵⲷⲹⲻⲽⲿⳁⳃⳅⳇⳉⳋⳍⳏⳑⳓⳕⳗⳙⳛⳝⳟⳡⳣⳬⳮⳳꙁꙃꙅꙇꙉꙋꙍꙏꙑꙓꙕꙗꙙꙛꙝꙟꙡꙣꙥꙧ'
      || 'ꙩꙫꙭꚁꚃꚅꚇꚉꚋꚍꚏꚑꚓꚕꚗꚙꚛꜣꜥꜧꜩꜫꜭꜯꜳꜵꜷꜹꜻꜽꜿꝁꝃꝅꝇꝉꝋꝍꝏꝑꝓꝕꝗꝙꝛꝝꝟꝡꝣꝥꝧꝩꝫꝭꝯꝺꝼᵹꝿꞁ'
      || 'ꞃꞅꞇꞌɥꞑꞓꞗꞙꞛꞝꞟꞡꞣꞥꞧꞩɦɜɡɬɪʞʇʝꭓꞵꞷꞹꞻꞽꞿꟁꟃꞔʂᶎꟈꟊꟑꟗꟙꟶᎠᎡᎢᎣᎤᎥᎦᎧᎨᎩᎪᎫᎬᎭᎮᎯᎰ'
      || 'ᎱᎲᎳᎴᎵᎶᎷᎸᎹᎺᎻᎼᎽᎾᎿᏀᏁᏂᏃᏄᏅᏆᏇᏈᏉᏊᏋᏌᏍᏎᏏᏐᏑᏒᏓᏔᏕᏖᏗᏘᏙᏚᏛᏜᏝᏞᏟᏠᏡᏢᏣᏤᏥᏦᏧᏨᏩᏪᏫᏬ'
      || 'ᏭᏮᏯ𐐨𐐩𐐪𐐫𐐬𐐭𐐮𐐯𐐰𐐱𐐲𐐳𐐴𐐵𐐶𐐷𐐸𐐹𐐺𐐻𐐼𐐽𐐾𐐿𐑀𐑁𐑂𐑃𐑄𐑅𐑆𐑇𐑈𐑉𐑊𐑋𐑌𐑍𐑎𐑏𐓘𐓙𐓚𐓛𐓜𐓝𐓞𐓟𐓠𐓡𐓢𐓣𐓤𐓥𐓦𐓧𐓨'
      || '𐓩𐓪𐓫𐓬𐓭𐓮𐓯𐓰𐓱𐓲𐓳𐓴𐓵𐓶𐓷𐓸𐓹𐓺𐓻𐖗𐖘𐖙𐖚𐖛𐖜𐖝𐖞𐖟𐖠𐖡𐖣𐖤𐖥𐖦𐖧𐖨𐖩𐖪𐖫𐖬𐖭𐖮𐖯𐖰𐖱𐖳𐖴𐖵𐖶𐖷𐖸𐖹𐖻𐖼𐳀𐳁𐳂𐳃𐳄𐳅'
      || '𐳆𐳇𐳈𐳉𐳊𐳋𐳌𐳍𐳎𐳏𐳐𐳑𐳒𐳓𐳔𐳕𐳖𐳗𐳘𐳙𐳚𐳛𐳜𐳝𐳞𐳟𐳠𐳡𐳢𐳣𐳤𐳥𐳦𐳧𐳨𐳩𐳪𐳫𐳬𐳭𐳮𐳯𐳰𐳱𐳲𑣀𑣁𑣂𑣃𑣄𑣅𑣆𑣇𑣈𑣉𑣊𑣋𑣌𑣍𑣎'
      || '𑣏𑣐𑣑𑣒𑣓𑣔𑣕𑣖𑣗𑣘𑣙𑣚𑣛𑣜𑣝𑣞𑣟𖹠𖹡𖹢𖹣𖹤𖹥𖹦𖹧𖹨𖹩𖹪𖹫𖹬𖹭𖹮𖹯𖹰𖹱𖹲𖹳𖹴𖹵𖹶𖹷𖹸𖹹𖹺𖹻𖹼𖹽𖹾𖹿𞤢𞤣𞤤𞤥𞤦𞤧𞤨𞤩𞤪𞤫𞤬'
      || '𞤭𞤮𞤯𞤰𞤱𞤲𞤳𞤴𞤵𞤶𞤷𞤸𞤹𞤺𞤻𞤼𞤽𞤾𞤿𞥀𞥁𞥂𞥃ß';
  folded text := name;
  before text;
BEGIN
  LOOP  -- a compatibility form can hold capitals or a space, and folding can decompose
    before := folded;
    folded := normalize(replace(translate(regexp_replace(normalize(btrim(regexp_replace(before, spaces, ' ', 'g'), ' '), NFKD),
      hidden, '', 'g'), letters, small), 'ß', 'ss'), NFKC);
    EXIT WHEN folded IS NOT DISTINCT FROM before;
  END LOOP;
  RETURN folded;
END $$;
COMMENT ON FUNCTION cutter.fn_person(text) IS 'A person''s name without what makes no other person: case, form, spacing and what does not show, in any locale.';

CREATE FUNCTION cutter.fn_permit_open(permit_id uuid, payloads bytea[], signatures bytea[], OUT status text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, cutter, pg_temp AS $$
#variable_conflict use_variable
DECLARE
  moment timestamptz;
  said jsonb[];
  one jsonb;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    status := 'a permit is opened in READ COMMITTED only: an old snapshot would not see a halt';
    RETURN;
  END IF;
  moment := clock_timestamp();  -- before anybody looks for a halt: see fn_halted_since
  said := ARRAY(SELECT convert_from(p, 'UTF8')::jsonb FROM unnest(payloads) AS p);
  one := said[1];
  status := coalesce(cutter.fn_approvals_fault('run', payloads, signatures,
      CASE one ->> 'kind' WHEN 'cut' THEN ARRAY['SG_1', 'SG_2'] WHEN 'revision' THEN ARRAY['SG_1', 'SG_2'] WHEN 'revert' THEN ARRAY['SG_2', 'SG_3'] END,
      ARRAY['kind', 'change_set_id', 'document_code', 'plan_digest', 'effect_digest', 'target', 'attempt', 'submitter'], moment),
    cutter.fn_policy_fault(one ->> 'kind', one ->> 'publication_type', ARRAY(SELECT a ->> 'approver' FROM unnest(said) AS a), moment));
  IF status IS NULL AND EXISTS (SELECT FROM cutter.cut_permit p WHERE p.change_set_id = (one ->> 'change_set_id')::uuid AND p.used_at IS NOT NULL) THEN
    status := 'this change set was run before';
  END IF;
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
      (SELECT min((a ->> 'execute_by')::timestamptz) FROM unnest(said) AS a));
  INSERT INTO cutter.cut_approval (nonce, permit_id, gate, person, key_id, payload, signature)
    SELECT a.s ->> 'nonce', permit_id, a.s ->> 'gate', a.s ->> 'approver', a.s ->> 'key_id', payloads[a.n], signatures[a.n]
      FROM unnest(said) WITH ORDINALITY AS a (s, n);
  status := 'opened';
END $$;
COMMENT ON FUNCTION cutter.fn_permit_open(uuid, bytea[], bytea[])
  IS 'Opens the permit of a change set with the approvals of two people or more, whose nonces it uses up. Only the status "opened" is success; every other wrote nothing.';

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
  -- The number is the moment, or the next that is free: a halt is not refused for another of the same microsecond, and waits for
  -- nobody, not even for one that was begun and left.
  halt_no := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
  LOOP
    IF pg_try_advisory_xact_lock(hashtextextended('iu-cutter halt', halt_no)) THEN
      EXIT WHEN NOT EXISTS (SELECT FROM cutter.cut_halt h WHERE h.halt_no = halt_no);
    END IF;
    halt_no := halt_no + 1;
  END LOOP;
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
