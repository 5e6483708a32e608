"""The lexicon of symptoms: read from ``voices/<language>/symptoms.yaml``, checked, and compiled.

Everything that depends on the language is in that file; its own head and the page beside it say how it is
written. Anything that cannot be read raises ``ValueError`` naming the section and the wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from companion.nlu.meaning import Tier
from companion.nlu.sounds_like import normalise
from companion.nlu.symptoms.phrases import Automaton
from companion.nlu.templates import Node, parse

FILE = "symptoms.yaml"

# The sections of wordings, level by level: a wording may use <names> of the levels before its own.
LEVELS = (("groups",), ("places",), ("symptoms", "hints", "courses", "context"))
LISTS = "lists"  # wordings that only stand in others, and are put in their place

TELLING = ("symptoms", "hints")  # what a rule begins with: the others only say more about it

# What the context of a symptom can be (see context.py); every language has to say how it says them.
CONTEXTS = (
    "idiom",
    "negation",
    "normal",
    "resolved",
    "recent",
    "past",
    "present",
    "pseudo",
    "other",
    "mine",
    "hypothetical",
    "assertion",
    "question",
    "contrast",
    "terminator",
    "pleasant",
)
WORD_LISTS = ("skip", "solid", "subjects", "prepositions", "connectors", "refusals")
WITHIN = 9  # words between a symptom and its place, where a rule does not say otherwise

_CLITIC = re.compile(r"(?<=[a-z])('(?:s|m|ve|re|ll|d))\b")


def tokens(text: str) -> list[str]:
    """The words of normalised text; "leg's" is two, so that "leg is" and "leg has" are like it."""
    return _CLITIC.sub(r" \1", text).split()


@dataclass(frozen=True, slots=True)
class Rule:
    """A finding holds where one concept of each set in ``needs`` was said, the first being a symptom."""

    id: str
    flag: str
    tier: Tier
    needs: tuple[frozenset[str], ...]
    unless: frozenset[str]
    within: int  # words between the symptom and what else it needs
    across: bool  # whether that may stand in another statement
    despite: frozenset[str]  # marks of context that do not excuse it
    ask: bool
    order: int  # its place in the file: of findings equally grave the first is named


@dataclass(frozen=True, slots=True)
class Slip:
    """A recogniser writes ``heard`` for ``meant``; read so only beside the words given, where any are."""

    heard: tuple[str, ...]
    meant: tuple[str, ...]
    after: frozenset[str]
    before: frozenset[str]
    near: frozenset[str]
    never_after: frozenset[str]


@dataclass(slots=True)
class Lexicon:
    """One language's lexicon, compiled."""

    spellings: dict[str, tuple[str, ...]]
    words: dict[str, frozenset[str]]  # the lists of WORD_LISTS
    slips: dict[str, list[Slip]]  # by the first word heard
    levels: list[Automaton]
    kinds: dict[str, str]  # concept → its section, or its kind of context
    rules: dict[str, list[Rule]] = field(default_factory=dict)  # by the symptom they begin with
    wordings: dict[str, list[Node]] = field(default_factory=dict)  # concept → its wordings


def spelled(lexicon: Lexicon, text: str) -> list[str]:
    """The words of a text, each in the one way of writing it that the lexicon uses."""
    return [word for token in tokens(normalise(text)) for word in lexicon.spellings.get(token, (token,))]


def compile_lexicon(data: Mapping[str, Any]) -> Lexicon:
    """Compile the parsed YAML. Raises ``ValueError`` for what it cannot read."""
    _check_keys(
        data, {"spellings", "slips", "findings", LISTS, *WORD_LISTS, *(s for level in LEVELS for s in level)}
    )
    words = {name: frozenset(" ".join(_as_list(data[name])).split()) for name in WORD_LISTS}
    lexicon = Lexicon(
        spellings={heard: tuple(tokens(str(meant))) for heard, meant in data["spellings"].items()},
        words=words,
        slips=_slips(data["slips"]),
        levels=[Automaton(words["skip"], words["solid"]) for _ in LEVELS],
        kinds={},
    )
    _add_section(lexicon, None, LISTS, data[LISTS])
    for automaton, sections in zip(lexicon.levels, LEVELS, strict=True):
        for section in sections:
            _add_section(lexicon, automaton, section, data[section])
    missing = set(CONTEXTS) - set(data["context"])
    if missing:
        raise ValueError(f"{FILE}: context: {', '.join(sorted(missing))} is missing")
    for order, rule in enumerate(_rules(data["findings"], lexicon.kinds)):
        rule = replace(rule, order=order)
        for symptom in rule.needs[0]:
            lexicon.rules.setdefault(symptom, []).append(rule)
    return lexicon


def _check_keys(data: Mapping[str, Any], known: set[str]) -> None:
    for key in data:
        if key not in known:
            raise ValueError(f"{FILE}: there is no section {key!r}; there are: {', '.join(sorted(known))}")
    for key in known:
        if key not in data:
            raise ValueError(f"{FILE}: the section {key!r} is missing")


def _add_section(
    lexicon: Lexicon, automaton: Automaton | None, section: str, concepts: Mapping[str, Any]
) -> None:
    earlier = set(lexicon.kinds)
    inline = section in (LISTS, "groups")
    for name, wordings in concepts.items():
        if name in lexicon.kinds:
            raise ValueError(f"{FILE}: {section}: {name!r} is used twice")
        where = f"{section}: {name}"
        nodes = [
            _check_names(_parse(text, where), lexicon, earlier, where, inline) for text in _lines(wordings)
        ]
        lexicon.kinds[name] = name if section == "context" else section
        lexicon.wordings[name] = nodes
        if automaton is not None:
            for node in nodes:
                automaton.add(node, name)


def _lines(value: Any) -> list[str]:
    """The wordings of a concept; one goes on while a bracket is open, and after a “#” stands a remark."""
    wordings: list[str] = []
    for line in (line for text in _as_list(value) for line in text.splitlines()):
        words = line.partition("#")[0].strip()
        if wordings and _is_open(wordings[-1]):
            wordings[-1] += f" {words}"
        elif words:
            if wordings and line.startswith(" "):
                raise ValueError(
                    f"{FILE}: {words!r} is indented as if the line before went on, but no bracket is open"
                    " there: break a wording inside a bracket, or indent this line like the others"
                )
            wordings.append(words)
    return wordings


def _is_open(wording: str) -> bool:
    return sum(wording.count(c) for c in "([") > sum(wording.count(c) for c in ")]")


def _as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(text) for text in value]


def _parse(text: str, where: str) -> Node:
    try:
        return parse(_CLITIC.sub(r" \1", text))
    except ValueError as error:
        raise ValueError(f"{FILE}: {where}: {error}") from error


def _check_names(node: Node, lexicon: Lexicon, earlier: set[str], where: str, inline: bool) -> Node:
    """See that every <name> was written before; put a list, and inside the groups any, in its place."""
    if node.kind == "word":
        return node
    if node.kind == "rule":
        if node.text in lexicon.wordings and (inline or lexicon.kinds[node.text] == LISTS):
            return Node("alt", parts=tuple(lexicon.wordings[node.text]))
        if node.text not in earlier:
            raise ValueError(f"{FILE}: {where}: there is no <{node.text}> in the sections before")
        return node
    return Node(node.kind, "", tuple([_check_names(p, lexicon, earlier, where, inline) for p in node.parts]))


def _slips(data: Mapping[str, Any]) -> dict[str, list[Slip]]:
    slips: dict[str, list[Slip]] = {}
    for meant, entries in data.items():
        for entry in entries:
            unknown = set(entry) - {"heard", "after", "before", "near", "never_after"}
            if unknown or "heard" not in entry:
                raise ValueError(
                    f"{FILE}: slips: {meant!r}: expected heard, after, before, near, never_after"
                )
            sides = [frozenset(entry.get(key, ())) for key in ("after", "before", "near", "never_after")]
            for heard in entry["heard"]:
                slip = Slip(tuple(tokens(heard)), tuple(tokens(meant)), *sides)
                slips.setdefault(slip.heard[0], []).append(slip)
    return slips


def _rules(findings: Mapping[str, Any], kinds: Mapping[str, str]) -> Iterator[Rule]:
    ids: set[str] = set()
    for flag, finding in findings.items():
        try:
            tier = Tier(finding["tier"])
        except ValueError:
            raise ValueError(f"{FILE}: findings: {flag}: tier is one of {', '.join(Tier)}") from None
        if not finding.get("sources"):
            raise ValueError(f"{FILE}: findings: {flag}: sources are missing")
        for entry in finding["rules"]:
            where = f"findings: {flag}: {entry.get('id', 'a rule without an id')}"
            if "id" not in entry or entry["id"] in ids:
                raise ValueError(f"{FILE}: {where}: every rule has an id of its own")
            ids.add(entry["id"])
            yield _rule(finding.get("flag", flag), tier, entry, kinds, where)


def _rule(flag: str, tier: Tier, entry: Mapping[str, Any], kinds: Mapping[str, str], where: str) -> Rule:
    unknown = set(entry) - {"id", "needs", "unless", "within", "across", "despite", "ask"}
    if unknown:
        raise ValueError(f"{FILE}: {where}: there is no {', '.join(sorted(unknown))} in a rule")
    needs = tuple(frozenset(_names(text, kinds, where)) for text in _as_list(entry["needs"]))
    if any(kinds[name] not in TELLING for name in needs[0]):
        raise ValueError(f"{FILE}: {where}: the first need has to be a symptom or a hint")
    unless = frozenset(
        name for text in _as_list(entry.get("unless", ())) for name in _names(text, kinds, where)
    )
    return Rule(
        id=entry["id"],
        flag=flag,
        tier=tier,
        needs=needs,
        unless=unless,
        within=int(entry.get("within", WITHIN)),
        across=bool(entry.get("across")),
        despite=frozenset(_as_list(entry.get("despite", ()))),
        ask=bool(entry.get("ask")),
        order=0,
    )


def _names(text: str, kinds: Mapping[str, str], where: str) -> Iterable[str]:
    names: Sequence[str] = [name.strip() for name in text.split("|")]
    for name in names:
        if name not in kinds:
            raise ValueError(f"{FILE}: {where}: there is no concept {name!r}")
    return names
