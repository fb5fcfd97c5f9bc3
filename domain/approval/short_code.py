"""One short code for what is to happen, which two people can compare by telephone."""

from __future__ import annotations

import base64
import hashlib

from domain.approval.approvals import Effect
from domain.approval.dsse import canonical_json


def short_code(effect: Effect) -> str:
    """Sixty bits of a hash over change set, plan, effect and target, as three groups of letters
    and digits (RFC 4648, base 32, which has no 0, 1 or 8 to mishear).

    It is for people who look at two screens; what a signature covers are the digests themselves.
    """
    named = {
        "change_set_id": str(effect.change_set_id),
        "effect_digest": effect.effect_digest,
        "plan_digest": effect.plan_digest,
        "target": effect.target,
    }
    digest = hashlib.sha256(b"iu-cutter short code 1\n" + canonical_json(named)).digest()
    letters = base64.b32encode(digest[:10]).decode()
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:12]}"
