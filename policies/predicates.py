"""Cedar, the language of predicates: the only module that knows it.

Policies are parsed once, validated against the schema of the pack and re-keyed by their `@id`. One evaluation per
category says which policies match. Whatever goes wrong on the way is an alarm, and an alarm is never a match.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import cedarpy

from policies.ruling import Alarm
from schemas.errors import Broken
from schemas.ids import Category

POLICIES: Final = "policies.cedar"
SCHEMA: Final = "schema.cedarschema"

_PRINCIPAL: Final = {"type": "Request", "id": "this"}
_ACTION: Final = {"type": "Action", "id": "release"}
_PURPOSE: Final = "Purpose"
_PURPOSE_OF_PRINCIPAL: Final = {".": {"left": {"Var": "principal"}, "attr": "purpose"}}
_NAMED_POLICY: Final = re.compile(r"policy `([^`]+)`")


@dataclass(frozen=True, slots=True)
class EntityRow:
    """A code of a table as a Cedar entity: its type, its id, and the groups it belongs to, each type and id."""

    type: str
    id: str
    parents: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Matches:
    """Ids of the policies that apply to one category, or the alarms because of which none may count."""

    policies: tuple[str, ...]
    alarms: tuple[Alarm, ...] = ()


class Predicates:
    """The parsed policies of one pack."""

    def __init__(self, policies: str, schema: str, entities: Iterable[EntityRow]) -> None:
        """Raises Broken `pack_policies_invalid` when text or schema do not parse or do not fit each other, or when a
        policy names an entity that no table of the pack has."""
        rows = tuple(entities)
        try:
            self._schema = cedarpy.Schema.from_str(schema)
        except ValueError as error:
            raise Broken("pack_policies_invalid", file=SCHEMA, policy="", reason=_first_line(error)) from None
        try:
            parsed = json.loads(cedarpy.policies_to_json_str(policies))
        except ValueError as error:
            raise Broken("pack_policies_invalid", file=POLICIES, policy="", reason=_first_line(error)) from None
        if parsed["templates"]:
            raise Broken("pack_policies_invalid", file=POLICIES, policy="", reason="templates are not used")
        self.policies: tuple[Mapping[str, Any], ...] = tuple(
            body
            for _, body in sorted(
                parsed["staticPolicies"].items(), key=lambda item: int(item[0].removeprefix("policy"))
            )
        )
        self._validate(policies)
        self._check_literals(rows)
        keyed = {str(body["annotations"].get("id", number)): body for number, body in enumerate(self.policies)}
        self._ids = frozenset(keyed)
        self._policy_sets = _policy_sets(keyed, rows)
        try:
            self._tables = cedarpy.Entities.from_json_str(json.dumps([_entity(row) for row in rows]), self._schema)
        except ValueError as error:
            raise Broken("pack_policies_invalid", file=SCHEMA, policy="", reason=_first_line(error)) from None

    def matches(
        self, facts: Mapping[str, Any], cells: Mapping[Category, str], purpose: str
    ) -> Mapping[Category, Matches]:
        """Which policies apply to each category of `cells`, given the facts of one request and the category's own cell.

        Never raises for facts that do not fit the schema: they are an alarm for every category.
        """
        request = {"uid": _PRINCIPAL, "attrs": facts, "parents": []}
        policies = self._policy_sets.get(purpose, self._policy_sets[""])
        try:
            entities = self._tables.with_added_json_str(json.dumps([request]), self._schema)
            results = cedarpy.is_authorized_batch(
                [_question(category, cell) for category, cell in cells.items()], policies, entities, self._schema
            )
        except (TypeError, ValueError):
            return {category: Matches((), (Alarm("facts_rejected", category),)) for category in cells}
        return {category: self._read(category, result) for category, result in zip(cells, results, strict=True)}

    def _read(self, category: Category, result: cedarpy.AuthzResult) -> Matches:
        errors = result.diagnostics.errors
        if errors:
            named = (_NAMED_POLICY.search(error) for error in errors)
            ids = [match[1] if match and match[1] in self._ids else "" for match in named]
            code = "no_decision" if result.decision is cedarpy.Decision.NoDecision else "policy_error"
            return Matches((), tuple(Alarm(code, category, policy) for policy in ids))
        if result.decision is cedarpy.Decision.NoDecision:
            return Matches((), (Alarm("no_decision", category),))
        reasons: Sequence[str] = result.diagnostics.reasons
        if not self._ids.issuperset(reasons):
            return Matches((), (Alarm("unknown_policy", category),))
        return Matches(tuple(reasons))

    def _validate(self, policies: str) -> None:
        result = cedarpy.validate_policies(policies, self._schema)
        if not result.validation_passed:
            first = result.errors[0]
            number = first.policy_id.removeprefix("policy")
            named = self.policies[int(number)]["annotations"].get("id", first.policy_id) if number.isdecimal() else ""
            raise Broken("pack_policies_invalid", file=POLICIES, policy=str(named), reason=_first_line(first.error))
        for body in self.policies:
            if body["effect"] != "permit":
                named = str(body["annotations"].get("id", ""))
                reason = "only permit is used: a forbid that fails to evaluate would fail open"
                raise Broken("pack_policies_invalid", file=POLICIES, policy=named, reason=reason)

    def _check_literals(self, rows: Iterable[EntityRow]) -> None:
        declared = {(row.type, row.id) for row in rows}
        declared |= {parent for row in rows for parent in row.parents}
        for body in self.policies:
            for kind, name in _literals(body):
                if (kind, name) not in declared and kind != _ACTION["type"]:
                    raise Broken(
                        "pack_reference_unknown",
                        file=POLICIES,
                        place=str(body["annotations"].get("id", "")),
                        what=kind,
                        value=name,
                        expected=", ".join(sorted(other for type_, other in declared if type_ == kind)),
                    )


def _policy_sets(keyed: Mapping[str, Any], rows: Iterable[EntityRow]) -> dict[str, cedarpy.PolicySet]:
    """For each purpose the policies that a request for it can match at all.

    Left out are those whose first test fails for this purpose: Cedar would stop at that test too, so nothing changes but
    the time. The empty purpose stands for every one that the pack does not know.
    """
    tests = {policy: _first_test(body) for policy, body in keyed.items()}
    purposes = {row.id: {(_PURPOSE, row.id), *row.parents} for row in rows if row.type == _PURPOSE}
    return {
        purpose: _parsed({policy: body for policy, body in keyed.items() if _may_pass(tests[policy], own)})
        for purpose, own in {"": set[tuple[str, str]](), **purposes}.items()
    }


def _may_pass(test: set[tuple[str, str]] | None, own: set[tuple[str, str]]) -> bool:
    return test is None or not own.isdisjoint(test)


def _parsed(policies: Mapping[str, Any]) -> cedarpy.PolicySet:
    document = {"templates": {}, "staticPolicies": policies, "templateLinks": []}
    return cedarpy.PolicySet.from_json_str(json.dumps(document))


def _first_test(body: Mapping[str, Any]) -> set[tuple[str, str]] | None:
    """What the purpose must be, or belong to, by the first test of a policy; None where it tests something else."""
    if not body["conditions"] or body["conditions"][0]["kind"] != "when":
        return None
    test = body["conditions"][0]["body"]
    while "&&" in test:
        test = test["&&"]["left"]
    operands = test.get("==") or test.get("in")
    if operands is None or operands["left"] != _PURPOSE_OF_PRINCIPAL:
        return None
    return set(_literals(operands["right"])) or None


def _literals(node: object) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        if isinstance(node.get("type"), str) and isinstance(node.get("id"), str):
            yield node["type"], node["id"]
        for value in node.values():
            yield from _literals(value)
    elif isinstance(node, list):
        for value in node:
            yield from _literals(value)


def _entity(row: EntityRow) -> dict[str, Any]:
    parents = [{"type": kind, "id": name} for kind, name in row.parents]
    return {"uid": {"type": row.type, "id": row.id}, "attrs": {}, "parents": parents}


def _question(category: Category, cell: str) -> dict[str, Any]:
    resource = {"type": "Category", "id": category}
    return {"principal": _PRINCIPAL, "action": _ACTION, "resource": resource, "context": json.dumps({"cell": cell})}


def _first_line(error: object) -> str:
    return str(error).strip().split("\n", 1)[0]
