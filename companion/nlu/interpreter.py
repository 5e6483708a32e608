"""Ranks what an utterance could mean: red flag > stop > answer > command > question > chatter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from companion.nlu.answers import Answers
from companion.nlu.commands import Commands
from companion.nlu.meaning import Context, Evidence, Meaning, Tier
from companion.nlu.names import Calling, Names
from companion.nlu.own_voice import unexplained
from companion.nlu.plain import Certainty, PlainReader, Wanted
from companion.nlu.sounds_like import normalise
from companion.nlu.symptoms import Finding, SymptomReader

if TYPE_CHECKING:
    from companion.content.language import Language
    from companion.content.library import Library

LONGEST = 40  # words: more than anyone says in one breath; of more, the first and the last are read
LONGEST_TEXT = 4000  # characters looked at, half at either end
ACTED_ON = (Tier.EMERGENCY, Tier.URGENT, Tier.CAUTION)  # outrank everything that was said beside them
STOPS_ALL = (Tier.EMERGENCY, Tier.URGENT)
SHORT = 3  # words: a best guess so short may hide a "stop" that the recogniser thought second best
REPEATED = 3  # times a word is heard in a row: more tells nothing, and takes long to match
NOTHING_WANTED = ("chatter", "yes", "no")  # what advice outranks
WEAK = (*NOTHING_WANTED, "ready", "score", "stop")  # and what any symptom to act on does: "stop that hurts"
MILDEST = "discomfort"  # "my hearing's not great speak up"
NOW = Context()


class Interpreter:
    """Text in, meaning out. Holds no state between utterances."""

    def __init__(
        self,
        commands: Mapping[str, Any],
        answers: Mapping[str, Any],
        guesses: Mapping[str, Any],
        symptoms: SymptomReader,
        names: Names,
    ) -> None:
        """``commands``, ``answers`` and ``guesses`` are the parsed files of a language pack.

        Raises ``ValueError`` naming the file and the entry that cannot be read.
        """
        self._plain = PlainReader(commands, answers, guesses, names)
        self._symptoms = symptoms

    @property
    def commands(self) -> Commands:
        """What can be said: for a recogniser's phrase list and for help."""
        return self._plain.commands

    @property
    def answers(self) -> Answers:
        """What is answered to questions."""
        return self._plain.answers

    def __repr__(self) -> str:
        return f"Interpreter({len(self.commands.vocabulary)} words, {len(self.answers.topics)} topics)"

    def interpret(self, text: str, alternatives: Sequence[str] = (), context: Context = NOW) -> Meaning:
        """What ``text`` means; ``alternatives`` are the recogniser's other readings. Raises for no text."""
        words = _words(text)
        new = self._not_our_own(words, context.playing)
        if words and not new:
            evidence = Evidence(" ".join(words), "own voice", "what the companion is saying")
            return Meaning(text, "chatter", evidence=(evidence,))
        wanted = self._plain.read(text, words, context)
        if wanted.is_guess and len(new) < len(words):
            wanted = self._plain.read(text, new, context)
        telling = not self.answers.telling.isdisjoint(words)
        meaning = _rank(text, self._finding(text, context), wanted, telling)
        for other in alternatives:
            meaning = self._heed(meaning, other, context)
        return meaning

    def _finding(self, text: str, context: Context) -> Finding | None:
        return self._symptoms.read(text, asking=context.question == "yes_no")

    def _not_our_own(self, words: Sequence[str], playing: str) -> Sequence[str]:
        """The words that the companion's own voice, just playing, does not explain."""
        spoken = normalise(playing).split()
        if not spoken:
            return words
        light = (self.commands.hesitations | self.commands.fillers) - set(spoken)
        said = [word for word in words if word not in light]
        return unexplained(said, spoken) if said else words

    def _heed(self, best: Meaning, other: str, context: Context) -> Meaning:
        """``best``, or what a second reading of the same sound makes of it: a question, or a stop."""
        finding = self._finding(other, context)
        # What is only guessed does not count here: of many readings, one always sounds like something.
        if finding and not finding.is_guess and finding.tier in ACTED_ON and _is_graver(finding, best):
            return replace(_report(best.text, finding), ask=True)
        if best.intent == "chatter" and len(_words(best.text)) <= SHORT:
            meaning = self._plain.read(best.text, _words(other), context).meaning
            return meaning if meaning.intent == "stop" else best
        return best


def _rank(text: str, finding: Finding | None, wanted: Wanted, telling: bool) -> Meaning:
    """The safer of what was reported and what was wanted; ``telling``: something is said to be so now."""
    plain = wanted.meaning
    if finding is None or _outranks(wanted, finding, telling):
        return plain
    if finding.tier in ACTED_ON or (finding.tier is Tier.ADVICE and _counts_less(wanted)):
        return replace(_report(text, finding), slots=plain.slots if plain.intent == "score" else {})
    if plain.intent == "chatter" and finding.about_body:
        return _report(text, finding)
    return plain


def _outranks(wanted: Wanted, finding: Finding, telling: bool) -> bool:
    """Whether what was wanted counts rather than a symptom that was found in the same words."""
    plain = wanted.meaning
    if finding.is_guess and wanted.certainty >= Certainty.SURE:
        return True
    if finding.tier in STOPS_ALL:
        return False
    if plain.intent == "start":
        return _starts(plain)
    if finding.flag == MILDEST and wanted.certainty >= Certainty.SURE:
        scored = plain.intent == "score" and wanted.certainty is Certainty.WHOLE
        return scored or (plain.intent not in WEAK and not (plain.intent == "question" and telling))
    if plain.intent == "question":
        asked = finding.ask or not finding.about_body  # "why do i get cramp"
        return asked or (wanted.certainty > Certainty.GUESS and not telling)
    return wanted.certainty is Certainty.WHOLE and plain.intent not in WEAK


def _counts_less(wanted: Wanted) -> bool:
    """Whether advice outranks what was wanted."""
    return wanted.certainty is Certainty.GUESS or wanted.meaning.intent in NOTHING_WANTED


def _starts(plain: Meaning) -> bool:
    """Whether a symptom is only part of a name: "start calf cramp", but not "calf cramp"."""
    if not plain.slots:
        return False
    name = str(next(iter(plain.slots.values()))).replace("-", " ")
    return plain.evidence[-1].words != name


def _is_graver(finding: Finding, meaning: Meaning) -> bool:
    return finding.tier.rank < (meaning.tier or Tier.NONE).rank


def _report(text: str, finding: Finding) -> Meaning:
    return Meaning(
        text, "report_symptom", {}, finding.tier, finding.flag, finding.ask, evidence=finding.evidence
    )


def _words(text: str) -> list[str]:
    if len(text) > LONGEST_TEXT:
        text = f"{text[: LONGEST_TEXT // 2]} {text[-LONGEST_TEXT // 2 :]}"
    words = normalise(text).split()
    words = [word for i, word in enumerate(words) if words[i - REPEATED : i] != [word] * REPEATED]
    return words if len(words) <= LONGEST else words[: LONGEST // 2] + words[-LONGEST // 2 :]


def make_interpreter(language: Language, library: Library) -> Interpreter:
    """The interpreter for a language pack and the routines and exercises that are there to be named.

    Raises ``ContentError`` for a file that cannot be read and ``ValueError`` for what is wrong in one.
    """
    names = Names(
        routines=Calling({r.id: (r.name, *r.also) for r in library.routines.values()}),
        exercises=Calling({e.id: (e.name, *e.also) for e in library.exercises.values()}),
    )
    symptoms = SymptomReader(language.data("symptoms"), language.data("second_opinion"))
    commands, answers, guesses = map(language.data, ("commands", "answers", "guesses"))
    return Interpreter(commands, answers, guesses, symptoms, names)
