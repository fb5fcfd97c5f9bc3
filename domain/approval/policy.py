"""Who must approve, as data: how many people, and of which groups, for each publication type.

Somebody with SG_3 signs it for one database, and an administrator puts it in force there. It can
ask for more people than two, or for particular ones, and never for fewer (`LEAST`). It is judged
where a permit opens, by the executor, by the database (`cutter.fn_policy_fault`) and by the
verifier; approvals count by the policy that is in force then. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.approval.people import folded, require_name
from domain.approval.stated import refuse
from domain.errors import ApprovalRefused, BadInput
from domain.phases import Kind
from domain.reading.vocabulary import PUBLICATION_TYPES

ANY: Final = "any"
"""In a rule: people of whichever group, or of none."""
DEFAULT: Final = "default"
REVERT: Final = "revert"
LEAST: Final = 2
"""Two people approve, whatever a policy says."""
MOST: Final = 16
_GROUP: Final = re.compile(r"[a-z][a-z0-9\-]{0,40}")


@dataclass(frozen=True)
class Policy:
    """Groups of people by name, and of each publication type how many of which must approve.

    `default` is the rule for a type that has none, `revert` the one for reverts.
    """

    groups: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, Mapping[str, int]]

    def rule_for(self, kind: Kind, publication_type: str) -> Mapping[str, int]:
        """How many people of which groups must approve a run."""
        name = REVERT if kind is Kind.REVERT else publication_type
        return self.rules.get(name, self.rules[DEFAULT])

    def missing(self, kind: Kind, publication_type: str, people: Iterable[str]) -> tuple[str, ...]:
        """What is missing once these people have approved, in words: `1 more of board`."""
        rule, given = self.rule_for(kind, publication_type), {folded(one) for one in people}
        short = {
            name: count - len(given & self._members(name))
            for name, count in rule.items()
            if name != ANY
        }
        said = [f"{count} more of {name}" for name, count in sorted(short.items()) if count > 0]
        others = sum(rule.values()) - len(given) - sum(one for one in short.values() if one > 0)
        return (*said, *([f"{others} more of any group"] if others > 0 else []))

    def counts_for(
        self, kind: Kind, publication_type: str, people: Iterable[str], person: str
    ) -> bool:
        """Whether the approval of one more person brings a run any nearer."""
        before = list(people)
        return self.missing(kind, publication_type, before) != self.missing(
            kind, publication_type, [*before, person]
        )

    def unmet(self, able: Iterable[str]) -> list[str]:
        """The rules that these people could never meet, each in a sentence."""
        people = list(able)
        named = {name: (Kind.CUT, name) for name in self.rules if name != REVERT}
        if REVERT in self.rules:
            named[REVERT] = (Kind.REVERT, "")
        return [
            f"{name} would wait for {' and '.join(missing)}"
            for name, of in named.items()
            if (missing := self.missing(*of, people))
        ]

    def _members(self, group: str) -> set[str]:
        return {folded(one) for one in self.groups[group]}


def parse_policy(text: str) -> Policy:
    """The policy that an administrator has written, as TOML. Raises `BadInput` naming a fault.

    >>> parse_policy('[groups]\\nlegal = ["Ann"]\\n[rules]\\ndefault = {legal = 1}')
    Traceback (most recent call last):
    ...
    domain.errors.BadInput: The rule default asks for 1; it has to ask for 2 to 16 people in all.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"The policy is no TOML: {error}.") from None
    if set(said) - {"groups", "rules"}:
        raise BadInput("A policy has a table [groups] and a table [rules], and nothing else.")
    return policy_from(said)


def policy_from(said: Mapping[str, Any]) -> Policy:
    """The policy in two tables. Raises `BadInput` naming the first thing that can not be."""
    groups, rules = said.get("groups", {}), said.get("rules", {})
    if not isinstance(groups, dict) or not isinstance(rules, dict):
        raise BadInput("A policy has a table [groups] and a table [rules].")
    found = {name: _people(name, people) for name, people in groups.items()}
    if DEFAULT not in rules:
        raise BadInput("A policy has a rule default, for what no other rule is for.")
    return Policy(found, {name: _rule(name, rule, found) for name, rule in rules.items()})


def _people(name: str, people: object) -> tuple[str, ...]:
    if not _GROUP.fullmatch(name) or name == ANY:
        raise BadInput(f"A group can not be called {name[:60]!r}: small letters, such as legal.")
    if not isinstance(people, list) or not people or not all(isinstance(p, str) for p in people):
        raise BadInput(f"The group {name} is a list of people's names.")
    named = tuple(require_name(one) for one in people)
    if len({folded(one) for one in named}) < len(named):
        raise BadInput(f"The group {name} has one person twice.")
    return named


def _rule(name: str, rule: object, groups: Mapping[str, tuple[str, ...]]) -> Mapping[str, int]:
    if name not in (DEFAULT, REVERT, *PUBLICATION_TYPES):
        raise BadInput(
            f"{name[:60]!r} can have no rule; choose of {DEFAULT}, {REVERT}, "
            f"{', '.join(PUBLICATION_TYPES)}."
        )
    if not isinstance(rule, dict) or not all(type(n) is int and n > 0 for n in rule.values()):
        raise BadInput(f"The rule {name} says of each group how many: {{ legal = 2, any = 1 }}.")
    for group, count in rule.items():
        if group != ANY and len(groups.get(group, ())) < count:
            raise BadInput(
                f"The rule {name} asks for {count} of {group[:60]}, which has "
                f"{len(groups.get(group, ()))}."
            )
    people = [folded(one) for group in rule if group != ANY for one in groups[group]]
    if len(set(people)) < len(people):
        raise BadInput(f"A person is in two groups of the rule {name}; each counts for one.")
    total = sum(rule.values())
    if not LEAST <= total <= MOST:
        raise BadInput(
            f"The rule {name} asks for {total}; it has to ask for {LEAST} to {MOST} people in all."
        )
    return dict(rule)


def require_met(
    policy: Policy | None, kind: Kind, publication_type: str, people: Iterable[str]
) -> None:
    """Raises `ApprovalRefused` naming what the policy asks for besides these people.

    Without a policy any two people are enough.
    """
    given = list(people)
    if policy is None:
        if len(given) != LEAST:
            refuse(f"{LEAST} people approve where no policy asks for more")
        return
    if kind is not Kind.REVERT and not publication_type:
        refuse("the approvals do not say the publication type, which the policy goes by")
    if missing := policy.missing(kind, publication_type, given):
        what = "a revert" if kind is Kind.REVERT else f"a {publication_type}"
        raise ApprovalRefused(
            f"Not approved: the policy for {what} asks for {' and '.join(missing)}. "
            f"Nothing was written."
        )
