"""The book of rules: one pack as a document for a lawyer, in the language of the pack. Markdown out of a loaded pack.

Whatever is of one law or one country comes from the pack; the words of the document itself from the catalogue. What was
decided with a pack names its digest; the book names only its version, which does not change with every edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from policies.case_files import parse_cases
from policies.markdown import anchor, folded, link, lowered, quoted
from policies.pack import Pack
from policies.rulebook_tables import Tabulator
from policies.rules import DecisionRule
from policies.ruling import Effect
from policies.wording import Question, RuleWords
from schemas.catalogue import text

MARKS: Final = ("V", "S", "K", "U", "POLICY")
MOST_CASES: Final = 12
"""A longer list of cases is folded."""

_MARK: Final = re.compile(rf"\b({'|'.join(MARKS)})\b")
_SOURCE: Final = re.compile(r"\[[^\]]*\]")
_ROUTE: Final = "{route}"
_DECISION: Final = "decision"


def rulebook(pack: Pack) -> str:
    """The whole document."""
    return "\n".join(_Author(pack).document()).rstrip() + "\n"


class _Author:
    """Writes the lines of the document; what is looked up often is sorted once."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.wording = pack.wording
        self.book = pack.wording.book
        self.policies: dict[str, list[DecisionRule]] = {}
        for policy in sorted(pack.rules.values(), key=lambda rule: rule.rank):
            self.policies.setdefault(policy.rule, []).append(policy)
        self.cases = _cases_by_rule(pack)
        longest_first = sorted(pack.statements, key=len, reverse=True)
        self.ids = re.compile(rf"(?<![\w\[-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")
        self.tables = Tabulator(pack, self.say, self.link)

    def say(self, key: str, /, **params: str | int) -> str:
        """A text of the document itself."""
        return text(f"rulebook.{key}", self.wording.language, **params)

    def link(self, rule: str) -> str:
        """A rule by its id."""
        return link(rule, rule)

    def linked(self, said: str) -> str:
        """A text in which rules that it names are links."""
        return self.ids.sub(lambda found: self.link(found[0]), said)

    def question_link(self, question: Question) -> str:
        """A question by its number."""
        return link(self.say("question", number=question.number), str(question.number))

    # --- head --------------------------------------------------------------------------------------------------------

    def document(self) -> Iterator[str]:
        pack = self.pack
        yield from (f"# {pack.manifest.title_ru}", "")
        yield from (self.say("pack", id=pack.identity.id, version=pack.identity.version), "")
        yield from (f"> {self.say('notice')}", "", self.say("source"), "")
        yield from (f"## {self.say('reading')}", "", *self.legend())
        yield from (f"## {self.say('contents')}", "", *self.contents())
        yield from (f"## {self.say('decision')}", "", self.say("decision_lead"), "", *self.deciding())
        yield from (f"## {self.say('support')}", "", self.defaulting("support_lead"), "", *self.supporting())
        yield from (f"## {self.say('tables')}", "", *self.tables.lines())
        yield from (f"## {self.say('open_questions')}", "", *self.questions())

    def legend(self) -> Iterator[str]:
        say, manifest = self.say, self.pack.manifest
        yield from (f"### {say('effects')}", "", say("effects_lead"), "")
        yield from self.tables.table(
            ("effect_sign", "effect_name", "effect_meaning"),
            [(f"`{code}`", say(f"effect_{code}"), say(f"effect_{code}_meaning")) for code in Effect],
        )
        yield from (f"### {say('stages')}", "", self.defaulting("stages_lead"), "")
        for number, stage in enumerate(manifest.stages, 1):
            yield f"{number}. " + say("stage_final" if stage.final else "stage_open", title=stage.title_ru)
        yield from ("", f"### {say('marks')}", "", say("marks_lead"), "")
        yield from self.tables.table(
            ("mark_sign", "mark_meaning"), [(f"`{mark}`", say(f"mark_{mark}")) for mark in MARKS]
        )
        if any(policy.quiet for policy in self.pack.rules.values()):
            neutral = "; ".join(
                dict.fromkeys(quoted(rule.title_ru, self.wording.language) for rule in self.pack.neutral.values())
            )
            yield from (f"### {say('quiet_title')}", "", say("quiet_lead", neutral=neutral), "")
        if self.book.notes:
            yield from (f"### {say('words')}", "", *(f"- {self.linked(note)}" for note in self.book.notes), "")

    def defaulting(self, key: str) -> str:
        """A text that names the default rule."""
        default = self.pack.manifest.default_rule
        return self.say(key, default=default, anchor=anchor(default))

    def contents(self) -> Iterator[str]:
        left = list(self.pack.statements)
        for begin, law in self.book.laws.items():
            rules = [rule for rule in left if rule.startswith(f"{begin}-")]
            left = [rule for rule in left if rule not in rules]
            if rules:
                yield from (f"**{law}**", "", *(f"- {self.link(rule)} {self.title(rule)}" for rule in rules), "")
        if left:
            heading = [f"**{self.say('contents_rest')}**", ""] if self.book.laws else []
            yield from (*heading, *(f"- {self.link(rule)} {self.title(rule)}" for rule in left), "")

    # --- rules -------------------------------------------------------------------------------------------------------

    def deciding(self) -> Iterator[str]:
        part = ""
        for rule, policies in self.policies.items():
            if self.pack.statements[rule].tier != _DECISION:
                continue
            if (heading := self.part_of(policies[0])) != part:
                part = heading
                yield from (f"### {part}", "")
            yield from self.entry(rule)

    def part_of(self, policy: DecisionRule) -> str:
        """The heading under which a rule stands that begins with this policy."""
        number, order = policy.rank
        title = self.pack.manifest.stages[number].title_ru
        for part in self.book.parts:
            if part.stage == policy.stage and part.first <= order:
                title = part.title
        return self.say("stage_n", number=number + 1, title=title)

    def supporting(self) -> Iterator[str]:
        for rule, statement in self.pack.statements.items():
            if statement.tier != _DECISION:
                yield from self.entry(rule)

    def title(self, rule: str) -> str:
        words = self.words(rule)
        if words.title:
            return words.title
        if rule in self.policies and rule not in self.pack.support_titles:
            return self.policies[rule][0].text.title_ru
        return self.pack.support_titles.get(rule, rule)

    def words(self, rule: str) -> RuleWords:
        """The words of a rule; where the pack is in the language of its specification, its statement."""
        return self.wording.rules.get(rule) or RuleWords(says=self.pack.statements[rule].statement)

    def entry(self, rule: str) -> Iterator[str]:
        pack, say, words, policies = self.pack, self.say, self.words(rule), self.policies.get(rule, [])
        yield from (f"#### {rule}", "", f"**{self.title(rule)}**", "", self.linked(words.says), "")
        cite = words.cite or (policies[0].text.citation if policies else pack.statements[rule].citation)
        yield f"- {say('citation')}: {cite}"
        yield f"- {say('confidence')}: {self.confidence(rule)}"
        waiting = [self.question_link(question) for question in self.wording.questions if rule in question.rules]
        if waiting:
            yield f"- {say('questions')}: {', '.join(waiting)}"
        if rule == pack.manifest.default_rule:
            yield f"- {say('default_rule')}"
        obligations = [f"`{code}` {row.title_ru}" for code, row in pack.obligations.codes.items() if row.rule == rule]
        if obligations:
            yield f"- {say('obligations')}: {'; '.join(obligations)}"
        yield from self.exercised(self.cases.get(rule, []))
        if policies:
            yield from (f"{say('policies')}:", "")
            for policy in policies:
                yield from self.policy(policy, words.when.get(policy.policy, ""))
            yield ""

    def exercised(self, cases: list[str]) -> Iterator[str]:
        """The cases in which a rule decides; a long list is folded."""
        shown = "; ".join(cases)
        if len(cases) > MOST_CASES:
            yield from ("", *folded(self.say("cases_many", n=len(cases)), f"{shown}."))
        elif cases:
            yield from (f"- {self.say('cases')}: {shown}", "")
        else:
            yield ""

    def policy(self, policy: DecisionRule, when: str) -> Iterator[str]:
        say = self.say
        said = [
            say(
                "policy",
                effect=f"**{say(f'effect_{policy.effect}')}** (`{policy.effect}`)",
                stage=policy.rank[0] + 1,
                order=policy.rank[1],
                policy=policy.policy,
            )
        ]
        if policy.quiet:
            said.append(say("quiet"))
        if policy.released:
            said.append(say("released", extent=say(f"cell_{policy.released}")))
        if policy.over:
            over = (say(f"effect_{effect}").lower() for effect in Effect if effect in policy.over)
            said.append(say("over", effects=", ".join(over)))
        yield f"- {' '.join(said)}"
        if when:
            yield f"  - {say('when')}: {self.linked(lowered(when))}"
        if policy.text.remedy_ru:
            label = say("remedy_note" if policy.effect.releases else "remedy_change")
            yield f"  - {label}: {lowered(policy.text.remedy_ru).replace(_ROUTE, say('route_of_trigger'))}"

    def confidence(self, rule: str) -> str:
        """The mark as it stands in the specification, and what it says."""
        raw = self.pack.statements[rule].confidence
        meant = self.words(rule).confidence
        if not meant:
            marks = dict.fromkeys(_MARK.findall(_SOURCE.sub("", raw)))
            said = {mark: self.say(f"mark_{mark}") for mark in marks}
            meant = (
                "; ".join(f"{mark}: {text}" for mark, text in said.items()) if len(said) > 1 else "".join(said.values())
            )
        return f"`{raw.replace('*', '')}`" + (f" — {meant}" if meant else "")

    # --- questions ---------------------------------------------------------------------------------------------------

    def questions(self) -> Iterator[str]:
        if not self.wording.questions:
            yield self.say("open_none")
            return
        yield from (self.say("open_lead"), "")
        for question in self.wording.questions:
            yield from (f"### {self.say('question', number=question.number)}", "", f"**{question.title}**", "")
            yield from (self.linked(question.asks), "")
            yield from (f"{self.say('question_rules')}: {', '.join(map(self.link, question.rules))}", "")


def _cases_by_rule(pack: Pack) -> Mapping[str, list[str]]:
    """By rule: number and title of the cases in which it decides."""
    found: dict[str, list[str]] = {}
    language, titles = pack.wording.language, pack.wording.case_titles
    for name, content in pack.case_files.items():
        for case in parse_cases(content, name):
            number = str(case.n)
            shown = f"{number} {quoted(titles.get(number, case.title), language)}"
            for rule in dict.fromkeys(expected.rule for expected in case.expected.values()):
                found.setdefault(rule, []).append(shown)
    return found
