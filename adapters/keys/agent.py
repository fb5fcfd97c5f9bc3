"""An approver's key that an SSH agent holds: the agent signs, and the private key never comes here.

The protocol is draft-ietf-sshm-ssh-agent: a message is its length, its kind, and fields that begin
with their own lengths.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from adapters.keys.public_file import load_public_key
from domain.errors import BadInput

_SIGN: Final = 13
_SIGNED: Final = 14
_KIND: Final = b"ssh-ed25519"
_ANSWER_WITHIN: Final = 120.0  # seconds: an agent may ask a person to confirm
_LONGEST_ANSWER: Final = 262_144  # bytes


class AgentKey:
    """A key of an agent, with what approvals need of an Ed25519 private key."""

    def __init__(self, public_key: bytes, agent: Path) -> None:
        self._public_key = public_key
        self._agent = agent

    def public_key(self) -> Ed25519PublicKey:
        """The public half."""
        return Ed25519PublicKey.from_public_bytes(self._public_key)

    def sign(self, data: bytes) -> bytes:
        """The agent's 64-byte signature, checked.

        Raises `BadInput` if the agent does not answer, has not the key, or its person says no.
        """
        blob = _field(_KIND) + _field(self._public_key)
        request = bytes([_SIGN]) + _field(blob) + _field(data) + struct.pack(">I", 0)
        answer = self._asked(request)
        if answer[:1] != bytes([_SIGNED]):
            raise BadInput(
                "The SSH agent did not sign: it does not hold this key (`ssh-add -l`), is locked, "
                "or was told no. Add the key with `ssh-add`, or give the private key's file."
            )
        try:
            kind, signature = _fields(_fields(answer[1:])[0])
            self.public_key().verify(signature, data)
            sound = kind == _KIND
        except (ValueError, IndexError, struct.error, InvalidSignature):
            sound = False
        if not sound:
            raise BadInput("The SSH agent's answer is no signature of this key.")
        return signature

    def _asked(self, request: bytes) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX) as agent:
                agent.settimeout(_ANSWER_WITHIN)
                agent.connect(str(self._agent))
                agent.sendall(_field(request))
                (length,) = struct.unpack(">I", _read(agent, 4))
                return _read(agent, min(length, _LONGEST_ANSWER))
        except (OSError, EOFError) as error:
            why = getattr(error, "strerror", None) or "it ended the talk"
            raise BadInput(f"The SSH agent at {self._agent} does not answer: {why}.") from None


def agent_key(public_file: Path, agent: str | None) -> AgentKey:
    """The key of a `.pub` file as the agent behind the socket `agent` holds it.

    Raises `BadInput` without an agent, and what `load_public_key` raises.
    """
    public_key = load_public_key(public_file)
    if not agent:
        raise BadInput(
            f"{public_file} is a public key, and no SSH agent is named by SSH_AUTH_SOCK that could "
            f"sign with its other half; give the private key, or start ssh-agent and ssh-add it."
        )
    return AgentKey(public_key, Path(agent))


def _field(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def _fields(content: bytes) -> list[bytes]:
    """The fields that some bytes hold one after the other. Raises ValueError if one is cut off.

    >>> _fields(_field(b"a") + _field(b"bc"))
    [b'a', b'bc']
    """
    found = []
    while content:
        (length,) = struct.unpack(">I", content[:4])
        if length > len(content) - 4:
            raise ValueError("a field is cut off")
        found.append(content[4 : 4 + length])
        content = content[4 + length :]
    return found


def _read(agent: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count:
        if not (more := agent.recv(count - len(content))):
            raise EOFError
        content += more
    return content
