"""What was wanted, apart from symptoms: an answer, a command, a question about the subject, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from companion.nlu import numbers
from companion.nlu.answers import Answers
from companion.nlu.commands import NO_PAIN, POLITE, UNSURE, Commands
from companion.nlu.guess import NOTHING, Guesser, kinds_of_words
from companion.nlu.meaning import Context, Evidence, Meaning
from companion.nlu.names import Names
from companion.nlu.slips import Slips
from companion.nlu.templates import Match
from companion.nlu.weigh import Weights, choose

LONG = 8  # letters: shorter words of questions sound like too many others
SHORTEST_GUESS = 2  # words
ELSEWHERE = 0.3  # what words for somebody else take from a probability
AGREED = 0.5  # probability of a guess from which on it makes a template sure
TO_OVERRULE = {"question": AGREED, "stop": 2.0}  # many words may be of a topic; a stop is never overruled
FOR_NOBODY = 0.9  # probability from which on what is for somebody else overrules a template
LIKELY, SURE = 0.3, 0.8  # probabilities: better than nothing, and better than a template that leaves words
ALONE = 2  # words: in longer talk a single word that sounds like a command is none
YES, NO = "yes", "no"
LIKENESS = "likeness"  # the kind of evidence of a guess
NEVER_GUESSED = ("score", "clear")
NAMING = ("start", "list_routines")  # where words of any kind may be a name
NO_COMMANDS = (POLITE, NO_PAIN, UNSURE)


class Certainty(IntEnum):
    """How much of what was said a meaning explains."""

    GUESS = 0  # the whole only sounds like it
    AMONG_OTHERS = 1  # some words say it; there are others
    SURE = 2  # and the whole sounds like it too
    WHOLE = 3  # nothing else was said


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was wanted, and how certain that is."""

    meaning: Meaning
    certainty: Certainty

    @property
    def is_guess(self) -> bool:
        """Whether no template says it."""
        return all(evidence.kind == LIKENESS for evidence in self.meaning.evidence)


class PlainReader:
    """Reads commands, answers to an open question, and questions; holds nothing between utterances."""

    def __init__(
        self,
        commands: Mapping[str, Any],
        answers: Mapping[str, Any],
        guesses: Mapping[str, Any],
        names: Names,
    ) -> None:
        """As ``Interpreter``."""
        self.commands = known = Commands(commands, names)
        self.answers = Answers(answers, known.fillers, known.spellings)
        self._guesser = Guesser(guesses, word_kinds(commands["kinds"], known, self.answers))
        self._slips = Slips(
            {*known.vocabulary, *(word for word in self.answers.vocabulary if len(word) >= LONG)},
            known.fillers,
            {*numbers.WORDS, *known.small, *known.against, *known.others, *self.answers.background},
            known.short_phrases(),
        )
        topical = {*self.answers.vocabulary, *self.answers.background}
        self._quoted = {bare: word for bare, word in known.unquoted.items() if bare not in topical}
        self._weights = Weights(
            fillers=known.fillers,
            small=known.small,
            against=known.against,
            reasons=known.reasons,
            ties=known.ties,
            others=known.others,
            alone=known.alone,
            eager=known.eager,
            order=known.order,
        )

    def read(self, text: str, words: Sequence[str], context: Context) -> Wanted:
        """What the words mean as they stand, or else as they may have been misheard, or else by likeness."""
        quoted = [self._quoted.get(word, word) for word in words]
        spoken = [word for word in quoted if word not in self.commands.hesitations] or quoted
        wanted = self._as_said(text, spoken, context)
        if wanted and wanted.certainty is Certainty.WHOLE:
            return wanted
        guess, probability = self._guess(text, spoken, context)
        if wanted:
            if guess.meaning.intent == wanted.meaning.intent:
                return replace(wanted, certainty=Certainty.SURE) if probability >= AGREED else wanted
            return guess if probability >= _enough(guess.meaning.intent, wanted.meaning.intent) else wanted
        return self._misheard(text, spoken, context) or (guess if probability >= LIKELY else _nothing(text))

    def _misheard(self, text: str, spoken: Sequence[str], context: Context) -> Wanted | None:
        """What the words mean read as others that sound like them."""
        for reading, meant in self._slips.readings(spoken):
            wanted = self._as_said(text, reading, context, misheard=True)
            if wanted and _trusted(wanted.meaning, meant, len(spoken)):
                slip = Evidence(" ".join(spoken), "sound-alike", " ".join(reading))
                meaning = replace(wanted.meaning, evidence=(slip, *wanted.meaning.evidence))
                return Wanted(meaning, Certainty.AMONG_OTHERS)
        return None

    def _as_said(
        self, text: str, words: Sequence[str], context: Context, misheard: bool = False
    ) -> Wanted | None:
        """What the words mean; ``misheard`` ones make a command only with nothing left beside it."""
        found = self.commands.find(words)
        free = {i for m in found if m.label == POLITE for i in range(m.start, m.end)}
        free |= {i for i, word in enumerate(words) if word in self.commands.fillers}
        matches = [m for m in found if m.label not in NO_COMMANDS]
        answer = self._answer(words, found, matches, free, context)
        if answer:
            return Wanted(_meaning(text, words, answer), Certainty.WHOLE)
        command = choose(words, matches, free, self._weights)
        whole = command and _covers(command, words, free)
        elsewhere = not self.commands.others.difference(self.answers.vocabulary).isdisjoint(words)
        topic = None if whole else self.answers.find(words, free, self.commands.small, elsewhere)
        if topic:
            evidence = Evidence(" ".join(words[topic.start : topic.end]), "question", topic.label)
            meaning = Meaning(text, "question", {"topic": topic.label}, evidence=(evidence,))
            return Wanted(meaning, Certainty.AMONG_OTHERS)
        if command and (whole or not misheard):
            certainty = Certainty.WHOLE if whole else Certainty.AMONG_OTHERS
            return Wanted(_meaning(text, words, command), certainty)
        return None

    def _guess(self, text: str, words: Sequence[str], context: Context) -> tuple[Wanted, float]:
        """What the words sound like as a whole, and its probability: 0 where no guess is to be trusted."""
        if context.question or len(words) < SHORTEST_GUESS:
            return _nothing(text), 0.0
        label, probability = self._guesser.guess(words)
        if label == NOTHING:
            return _nothing(text), probability
        if not self.commands.others.isdisjoint(words):
            probability -= ELSEWHERE
        intent, _, topic = label.partition(" ")
        if intent in NEVER_GUESSED or (intent == "stop" and not self.commands.against.isdisjoint(words)):
            return _nothing(text), 0.0
        slots = {"topic": topic} if topic else self.commands.slots(intent, words)
        evidence = Evidence(" ".join(words), LIKENESS, label)
        certainty = Certainty.SURE if probability >= SURE else Certainty.GUESS
        return Wanted(Meaning(text, intent, slots, evidence=(evidence,)), certainty), probability

    def _answer(
        self,
        words: Sequence[str],
        found: Sequence[Match],
        matches: Sequence[Match],
        free: Collection[int],
        context: Context,
    ) -> Match | None:
        """The answer to the open question, if there is one and the words answer it."""
        if context.question == "score":
            zero = [Match("score", m.start, m.end, {"score": 0}) for m in found if m.label == NO_PAIN]
            scores = [m for m in matches if m.label == "score"]
            return choose(words, [*scores, *zero], free, self._weights)
        if context.question == "which":
            return next((m for m in self.commands.routines(words)), None)
        if context.question == "yes_no":
            unsure = next((m for m in found if m.label == UNSURE), None)
            if unsure:
                return replace(unsure, label="chatter")
            answers = [m for m in matches if m.label in (YES, NO)]
            return choose(words, answers, free, self._weights) or self._leading(words, answers)
        return None

    def _leading(self, words: Sequence[str], answers: Sequence[Match]) -> Match | None:
        """A yes or no that begins a longer answer; no counts only where nothing after it takes it back."""
        first = min((m for m in answers if m.start == 0), key=lambda m: m.end, default=None)
        if first is None or first.label == YES:
            return first
        doubt = {*self.commands.doubts, *self.commands.against}
        return None if doubt.intersection(words[first.end :]) else first


def word_kinds(kinds: Mapping[str, Sequence[str]], known: Commands, answers: Answers) -> dict[str, list[str]]:
    """The kinds of every word that the commands and the answers know."""
    topical = {*answers.vocabulary, *answers.background}
    light = {*known.fillers, *known.small, *known.against, *known.reasons, *known.others}
    return kinds_of_words(kinds, {*known.vocabulary, *topical, *light, *numbers.WORDS})


def _enough(guessed: str, said: str) -> float:
    """How probable a guess has to be where a template, which leaves words, says something else."""
    least = TO_OVERRULE.get(said, SURE)
    return max(least, FOR_NOBODY) if guessed == "chatter" else least


def _meaning(text: str, words: Sequence[str], match: Match) -> Meaning:
    evidence = Evidence(" ".join(words[match.start : match.end]), "command", match.label)
    return Meaning(text, match.label, match.slots, evidence=(evidence,))


def _nothing(text: str) -> Wanted:
    return Wanted(Meaning(text, "chatter"), Certainty.GUESS)


def _trusted(meaning: Meaning, meant: str, length: int) -> bool:
    """Whether what was read by sound is long enough to be more than chance; a no is never guessed."""
    if meaning.intent == "question":
        return len(meant) >= LONG
    return meaning.intent != NO and (length <= ALONE or " " in meaning.evidence[0].words)


def _covers(match: Match, words: Sequence[str], free: Collection[int]) -> bool:
    """Whether a command says all that was said; words of any kind count only as a routine's name."""
    rest = (i for i in range(len(words)) if not match.start <= i < match.end)
    return ("unknown" not in match.slots or match.label in NAMING) and all(i in free for i in rest)
