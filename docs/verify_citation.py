"""Verify what `cutter cite ADDRESS --proof` printed: verify_citation.py PROOF.json KEY KEY KEY KEY.
A KEY is the SHA-256 of a public key of an approver or principal: docs/how-to/prove-a-citation.md"""

import base64
import json
import sys
import unittest
from hashlib import sha256

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

FORMS = {"iu-cutter citation 1": ("", 14), "iu-cutter citation 2": ("release-", 15)}
ENVELOPE = '{"payloadType":"%s","payload":"%s","signatures":[{"keyid":"%s","sig":"%s"}]}'
PASSKEY = '{"authenticator_data":"%s","client_data":"%s","format":"%s","signature":"%s"}'
OWN = {"approve_by", "approver", "backup_key", "execute_by", "gate", "key_id", "nonce"}
RUN = "change_set_id document_code plan_digest target attempt units units_root kind"
same = unittest.TestCase().assertEqual  # raises an exception that says what differs


def raw(text):  # Base64 has one spelling here
    return {base64.b64encode(base64.b64decode(text)).decode(): base64.b64decode(text)}[text]


def signed(keys, key, signature, parts, begin=b""):  # by one of the keys: each signs one message
    message = begin + b" ".join(b"%d %s" % (len(part.encode()), part.encode()) for part in parts)
    name = sha256(raw(key)).hexdigest()
    same({name} & keys, {name}, "signed by a key that you did not name, or that signed before")
    keys.remove(name)
    if len(raw(key)) == 32:
        ed25519.Ed25519PublicKey.from_public_bytes(raw(key)).verify(raw(signature), message)
    else:  # a passkey: https://www.w3.org/TR/webauthn-3/, section 7.2
        own, answer = json.loads(raw(key)), raw(signature).decode()
        data, client, form, proof = answer.split('"')[3::4]
        same([answer, form], [PASSKEY % (data, client, form, proof), "iu-cutter assertion 1"])
        data, client, asked = raw(data), raw(client), json.loads(raw(client))
        challenge = base64.urlsafe_b64encode(sha256(message).digest()).decode().rstrip("=")
        about = {"type": "webauthn.get", "challenge": challenge, "origin": own["origin"]}
        same([asked, bool(asked.get("crossOrigin")), "topOrigin" in asked], [asked | about, 0, 0])
        same([data[:32] + data[37:], data[32] & 0xC5], [sha256(own["rp_id"].encode()).digest(), 5])
        how = [ec.ECDSA(hashes.SHA256())] if own["algorithm"] == -7 else []
        public = serialization.load_der_public_key(raw(own["public_key"]))
        public.verify(raw(proof), data + sha256(client).digest(), *how)
    return message


def root(leaf, number, count, path):  # up from one of so many leaves: RFC 9162, section 2.1.3.2
    place = range(count).index(int(number) - 1)
    same([number, path], [str(place + 1), [bytes.fromhex(one).hex() for one in path]])
    node = sha256(f"\0{chr(31).join(leaf)}".encode()).hexdigest()
    inner = (place ^ (count - 1)).bit_length()  # above it, the way is along the tree's right edge
    rights = [place >> level & 1 for level in range(inner)] + [1] * (place >> inner).bit_count()
    for right, beside in zip(rights, path, strict=True):
        node = sha256(bytes.fromhex("01" + (beside + node if right else node + beside))).hexdigest()
    return node


def verify(text, known):  # says what is proved
    p, keys, said = json.loads(text), set(known), []
    kind, names = FORMS[p["format"]]  # so many, and each is read below
    same([text, len(p)], [json.dumps(p, sort_keys=True, separators=(",", ":")) + "\n", names])
    kind = f"application/vnd.iu-cutter.{kind}approval+json"
    for envelope, key in zip(p["approvals"], p["approvers"], strict=True):
        payload, signature = envelope.split('"')[7::10]
        same(envelope, ENVELOPE % (kind, payload, sha256(raw(key)).hexdigest(), signature))
        signed(keys, key, signature, [kind, raw(payload).decode()], b"DSSEv1 ")
        said.append(json.loads(raw(payload)))
    a, b = said
    same(*({name: one[name] for name in one.keys() - OWN} for one in said))
    same({a["gate"], b["gate"], a["approver"] != b["approver"]}, {"SG_1", "SG_2", True})
    run = [str(a.get(name)) for name in RUN.split()]
    if "release" in p:  # what was signed is the root over many runs, and this is one of them
        place, leaf, path = p["release"]
        about = ["iu-cutter release 1", str(a["documents"]), a["target"], 16, a["root"]]
        same([*leaf[:2], leaf[9], len(leaf), root(leaf, place, a["documents"], path)], about)
        run = [leaf[number] for number in (4, 2, 6, 9, 5, 10, 11, 3)]
    unit, record, hashed = p["leaf"], p["record"], [p["title"].encode(), p["body"].encode()]
    about = ["iu-cutter unit 1", p["address"], *(sha256(one).hexdigest() for one in hashed), 13]
    same([unit[0], unit[3], *unit[9:11], len(unit)], about)
    same([p["change_set"], p["target"], run[7] in ("cut", "revision")], [run[0], run[3], True])
    done = [*record[:2], *record[5:10], root(unit, unit[1], int(run[5]), p["path"])]
    same(done, ["iu-cutter change set v1", *run[:7]])
    seen = [signed(keys, *p["executor"], record).hex(), raw(p["executor"][1]).hex(), p["source"]]
    signed(keys, *p["verifier"], ["iu-cutter verification v1", *seen])
    return f"{p['address']} is what {a['approver']} and {b['approver']} approved for {run[3]}"


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8", newline="") as proof:
        print(verify(proof.read(), set(sys.argv[2:])))
