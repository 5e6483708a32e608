"""Ranks what an utterance could mean: red flag > stop > answer > command > question > chatter."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from companion.nlu import numbers
from companion.nlu.answers import Answers
from companion.nlu.commands import NO_PAIN, POLITE, Commands
from companion.nlu.meaning import Context, Evidence, Meaning, Tier
from companion.nlu.names import Calling, Names
from companion.nlu.own_voice import unexplained
from companion.nlu.slips import Slips
from companion.nlu.sounds_like import normalise
from companion.nlu.symptoms import Finding, SymptomReader
from companion.nlu.templates import Match
from companion.nlu.weigh import Weights, choose

if TYPE_CHECKING:
    from companion.content.language import Language
    from companion.content.library import Library

LONGEST = 40  # words: more than anyone says in one breath; of more, the first and the last are read
LONGEST_TEXT = 4000  # characters looked at, half at either end
ACTED_ON = (Tier.EMERGENCY, Tier.URGENT, Tier.CAUTION)  # outrank everything that was said beside them
LONG = 8  # letters: shorter words of questions sound like too many others
ALONE = 2  # words: in longer talk a single word that sounds like a command is none
SHORT = 3  # words: a best guess so short may hide a "stop" that the recogniser thought second best
ANSWERS = ("yes", "no")
NOW = Context()


class Interpreter:
    """Text in, meaning out. Holds no state between utterances."""

    def __init__(
        self, commands: Mapping[str, Any], answers: Mapping[str, Any], symptoms: SymptomReader, names: Names
    ) -> None:
        """``commands`` and ``answers`` are the parsed files of a language pack.

        Raises ``ValueError`` naming the file and the entry that cannot be read.
        """
        self.commands = Commands(commands, names)
        self.answers = Answers(answers, self.commands.fillers, self.commands.spellings)
        self._symptoms = symptoms
        known = self.commands
        self._slips = Slips(
            {*known.vocabulary, *(w for w in self.answers.vocabulary if len(w) >= LONG)},
            known.fillers,
            {*numbers.WORDS, *known.small, *known.against, *known.others, *self.answers.background},
            known.short_phrases(),
        )
        self._weights = Weights(
            self.commands.fillers,
            self.commands.small,
            self.commands.against,
            self.commands.reasons,
            self.commands.others,
            self.commands.alone,
            self.commands.order,
        )

    def __repr__(self) -> str:
        return f"Interpreter({len(self.commands.vocabulary)} words, {len(self.answers.topics)} topics)"

    def interpret(self, text: str, alternatives: Sequence[str] = (), context: Context = NOW) -> Meaning:
        """What ``text`` means; ``alternatives`` are the recogniser's other readings. Raises for no text."""
        words = _words(text)
        if context.playing and self._own_voice(words, context):
            evidence = Evidence(" ".join(words), "own voice", "what the companion is saying")
            return Meaning(text, "chatter", evidence=(evidence,))
        finding = self._symptoms.read(text, asking=context.question == "yes_no")
        plain = self._plain(text, words, context)
        meaning = _rank(text, finding, plain)
        for other in alternatives:
            meaning = self._heed(meaning, other, context)
        return meaning

    def _own_voice(self, words: Sequence[str], context: Context) -> bool:
        playing = normalise(context.playing).split()
        light = self.commands.hesitations | self.commands.fillers
        spoken = [word for word in words if word not in self.commands.hesitations]
        return bool(spoken) and not unexplained(spoken, playing, light - set(playing))

    def _plain(self, text: str, words: Sequence[str], context: Context) -> Meaning:
        """What the words mean apart from symptoms, as they stand or else as they may have been misheard."""
        quoted = [self.commands.unquoted.get(word, word) for word in words]
        spoken = [word for word in quoted if word not in self.commands.hesitations] or quoted
        meaning = self._read(text, spoken, context)
        if meaning:
            return meaning
        for reading, meant in self._slips.readings(spoken):
            meaning = self._read(text, reading, context)
            if meaning and _trusted(meaning, meant, len(spoken)):
                slip = Evidence(" ".join(spoken), "sound-alike", " ".join(reading))
                return replace(meaning, evidence=(slip, *meaning.evidence))
        return Meaning(text, "chatter")

    def _read(self, text: str, words: Sequence[str], context: Context) -> Meaning | None:
        """An answer, a command or a question in the words, or ``None``."""
        found = self.commands.find(words)
        free = {i for m in found if m.label == POLITE for i in range(m.start, m.end)}
        free |= {i for i, word in enumerate(words) if word in self.commands.fillers}
        matches = [m for m in found if m.label not in (POLITE, NO_PAIN)]
        if context.question == "score":
            matches += [Match("score", m.start, m.end, {"score": 0}) for m in found if m.label == NO_PAIN]
        if context.question == "yes_no":
            answer = choose(words, [m for m in matches if m.label in ANSWERS], free, self._weights)
            if answer:
                return _meaning(text, words, answer.match)
        command = choose(words, matches, free, self._weights)
        whole = command and _covers(command.match, words, free)
        topic = None if whole else self.answers.find(words, free, self.commands.small)
        if topic:
            evidence = Evidence(" ".join(words[topic.start : topic.end]), "question", topic.label)
            return Meaning(text, "question", {"topic": topic.label}, evidence=(evidence,))
        return _meaning(text, words, command.match) if command else None

    def _heed(self, best: Meaning, other: str, context: Context) -> Meaning:
        """``best``, or what a second reading of the same sound makes of it: a question, or a stop."""
        finding = self._symptoms.read(other, asking=context.question == "yes_no")
        if finding and finding.tier in ACTED_ON and finding.tier.rank < (best.tier or Tier.NONE).rank:
            return replace(_report(best.text, finding), ask=True)
        if best.intent == "chatter" and len(_words(best.text)) <= SHORT:
            meaning = self._read(other, _words(other), context)
            if meaning and meaning.intent == "stop":
                return replace(meaning, text=best.text)
        return best


def _rank(text: str, finding: Finding | None, plain: Meaning) -> Meaning:
    """The safer of what was reported and what was wanted."""
    if finding is None:
        return plain
    if finding.tier in ACTED_ON or (finding.tier is Tier.ADVICE and plain.intent in ("chatter", *ANSWERS)):
        return replace(_report(text, finding), slots=plain.slots if plain.intent == "score" else {})
    if plain.intent == "chatter" and finding.about_body:
        return _report(text, finding)
    return plain


def _report(text: str, finding: Finding) -> Meaning:
    return Meaning(
        text, "report_symptom", {}, finding.tier, finding.flag, finding.ask, evidence=finding.evidence
    )


def _meaning(text: str, words: Sequence[str], match: Match) -> Meaning:
    evidence = Evidence(" ".join(words[match.start : match.end]), "command", match.label)
    return Meaning(text, match.label, match.slots, evidence=(evidence,))


def _trusted(meaning: Meaning, meant: str, length: int) -> bool:
    """Whether what was read by sound is long enough to be more than chance."""
    if meaning.intent == "question":
        return len(meant) >= LONG
    return length <= ALONE or " " in meaning.evidence[0].words


def _covers(match: Match, words: Sequence[str], free: Collection[int]) -> bool:
    """Whether a command says all that was said, without words that only a slot for any words took."""
    rest = (i for i in range(len(words)) if not match.start <= i < match.end)
    return "unknown" not in match.slots and all(i in free for i in rest)


def _words(text: str) -> list[str]:
    if len(text) > LONGEST_TEXT:
        text = f"{text[: LONGEST_TEXT // 2]} {text[-LONGEST_TEXT // 2 :]}"
    words = normalise(text).split()
    return words if len(words) <= LONGEST else words[: LONGEST // 2] + words[-LONGEST // 2 :]


def _has(language: Language, name: str) -> bool:
    return any((folder / f"{name}.yaml").exists() for folder in language.folders)


class _Silent:
    def read(self, text: str, *, asking: bool = False) -> Finding | None:
        return None


def make_interpreter(language: Language, library: Library) -> Interpreter:
    """The interpreter for a language pack and the routines and exercises that are there to be named.

    Raises ``ContentError`` for a file that cannot be read and ``ValueError`` for what is wrong in one.
    """
    names = Names(
        routines=Calling({r.id: (r.name, *r.also) for r in library.routines.values()}),
        exercises=Calling({e.id: (e.name, *e.also) for e in library.exercises.values()}),
    )
    symptoms = SymptomReader(language.data("symptoms")) if _has(language, "symptoms") else _Silent()
    return Interpreter(language.data("commands"), language.data("answers"), symptoms, names)
