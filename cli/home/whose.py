"""Whom a command about logins and keys is for, as a person names them."""

from __future__ import annotations

from enum import StrEnum


class Login(StrEnum):
    """Whose login is stored."""

    EXEC = "exec"
    VERIFY = "verify"
    REHEARSE = "rehearse"
    READER = "reader"


class Signer(StrEnum):
    """Who signs."""

    EXEC = "exec"
    VERIFY = "verify"
