"""PocketSphinx: the recogniser that needs no download, since its wheel carries a US-English model.

Three decoders listen to every utterance. The grammar knows the phrases and nothing else, so it finds one of
them in any noise. The dictation knows common English and is hard of hearing for single words. The domain
knows what companions are told, symptoms and commands in whole sentences, and finds those in any talk. A
phrase counts where the grammar explains the sound about as well as the dictation does, or where the spotter
has heard it, too. Else the domain's words count where they explain it better than the dictation's; and where
they do so much worse, nobody meant the companion (``evidence.py``).
"""

from __future__ import annotations

import gzip
import logging
import math
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from companion.asr.base import Meant, Pcm, RecogniserError
from companion.asr.evidence import Evidence, meant, phrase_in
from companion.asr.gated import EARLY, READINGS, GatedRecogniser

log = logging.getLogger(__name__)

VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"
CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH"
ARPABET = frozenset(f"{VOWELS} {CONSONANTS}".split())
Pronunciations = Mapping[str, str | Sequence[str]]  # word to ARPAbet, one way to say it or several

# Scores of two decoders can be compared only where both score every sound of the model in every frame, and
# only before the lattice is searched again, which forgets the score of the last word.
COMPARABLE = {"compallsen": True, "bestpath": False}
# About a quarter (topn) and a third (the others) less work, each by itself without more wrong words in 24
# synthetic sentences (8 to 10 %).
LIGHT = {"topn": 2, "maxhmmpf": 3000, "maxwpf": 10}
SCALE = 1024  # the library's segments give the 1024th root of a likelihood
N_BEST = 5 * READINGS  # many differ only in a silence
VOUCHED = frozenset({"stop", "yes", "no"})  # what the spotter may vouch for, where it is a phrase at all


class PocketSphinxRecogniser(GatedRecogniser):
    """Listens for ``phrases`` (lower-case words) and takes everything else down as free text.

    ``pronunciations`` maps words that the model's dictionary lacks to ARPAbet ("S AY AE T IH K AH"), one or
    several ways to say it. A phrase with a word that neither knows is left out with a warning. ``domain`` is
    the language model of what companions are told, a packed ARPA file; without it all talk may be meant.
    Without ``dictation`` any sound at all is heard as a phrase: that is for choosing among phrases, not for
    listening in a room.
    """

    name = "pocketsphinx"

    def __init__(
        self,
        phrases: Sequence[str],
        pronunciations: Pronunciations,
        *,
        domain: Path | None = None,
        dictation: bool = True,
        early: Collection[str] = EARLY,
    ) -> None:
        self._dictation = _decoder(pronunciations) if dictation else None
        self._grammar = _grammar_decoder(pronunciations, self._dictation, phrases)
        super().__init__(_pronounceable(self._grammar, phrases), early)
        _add_grammar(self._grammar, self._phrases)
        self._domain = _domain_decoder(domain, self._dictation) if domain and dictation else None
        self._decoders = [d for d in (self._grammar, self._dictation, self._domain) if d is not None]

    def __repr__(self) -> str:
        return f"PocketSphinxRecogniser({len(self._phrases)} phrases)"

    def close(self) -> None:
        self._decoders.clear()
        self._grammar = self._dictation = self._domain = None

    def _begin(self) -> None:
        for decoder in self._decoders:
            decoder.start_utt()

    def _feed(self, pcm: Pcm) -> None:
        for decoder in self._decoders:
            decoder.process_raw(pcm.tobytes())

    def _phrase_so_far(self) -> str:
        phrase = _text(self._grammar)
        if phrase not in self._phrases:  # an incomplete path, "what is" of "what is next"
            phrase = ""
        if self._dictation is None:
            return phrase
        margin = self._explains(self._grammar)
        seconds = self._seconds()
        vouched = VOUCHED & self._phrases
        return phrase_in(Evidence(phrase, margin, _text(self._dictation), seconds, self._watch.best, vouched))

    def _finish(self) -> tuple[Sequence[str], Meant]:
        for decoder in self._decoders:
            decoder.end_utt()
        phrase = self._phrase_so_far()
        if self._dictation is None:
            return [phrase], "likely"
        dictated, told = _text(self._dictation), _text(self._domain) if self._domain else ""
        if self._domain is None:
            return [phrase, dictated, *_n_best(self._dictation)], "likely"
        kinship = self._explains(self._domain)
        kin = meant(kinship, self._seconds(), fuzz.ratio(dictated, told))
        if phrase and self._explains(self._grammar) >= kinship:  # else it may be part of a graver sentence
            return [phrase], "likely"
        if kin == "likely":
            return [phrase, told, dictated, *_n_best(self._domain), *_n_best(self._dictation)], kin
        if phrase or (dictated == told and kin == "possible"):
            return [phrase or told], "likely"
        return [dictated, told], kin

    def _explains(self, decoder: Any) -> float:
        """By how many nats its words explain the sound better than the dictation's. A phrase is free."""
        language = 0.0 if decoder is self._grammar else _linguistic(decoder)
        return _acoustic(decoder) + language - _acoustic(self._dictation) - _linguistic(self._dictation)

    def _seconds(self) -> float:
        """How long the voice has lasted."""
        return self._gate.speech_end - self._gate.speech_start


def _decoder(pronunciations: Pronunciations, **settings: Any) -> Any:
    """A decoder on the bundled model that knows our pronunciations beside its own."""
    try:
        from pocketsphinx import Decoder
    except ImportError as error:
        raise RecogniserError(f"PocketSphinx cannot be loaded ({error}): pip install pocketsphinx") from error
    decoder = Decoder(loglevel="FATAL", **COMPARABLE, **LIGHT, **settings)
    entries = list(_entries(decoder, pronunciations))
    for number, (entry, phones) in enumerate(entries, start=1):
        decoder.add_word(entry, phones, number == len(entries))  # the search is rebuilt once, not for each
    return decoder


def _domain_decoder(file: Path, dictation: Any) -> Any:
    """A decoder with the language model in ``file``."""
    arpa = gzip.decompress(file.read_bytes()).decode()
    unigrams = arpa.partition("\\1-grams:")[2].partition("\\2-grams:")[0]
    words = re.findall(r"^\S+ ([^<\s]+)", unigrams, re.MULTILINE)  # "<s>" is no word
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, "model.arpa")
        model.write_text(arpa)
        return _decoder_of(words, dictation, lm=str(model))


def _grammar_decoder(pronunciations: Pronunciations, dictation: Any, phrases: Iterable[str]) -> Any:
    """A decoder that knows the words of the phrases, or all where there is no dictation to ask for them."""
    if dictation is None:
        return _decoder(pronunciations, lm=None)
    return _decoder_of({word for phrase in phrases for word in phrase.split()}, dictation, lm=None)


def _decoder_of(words: Iterable[str], dictation: Any, **settings: Any) -> Any:
    """A decoder with these words alone: the dictionary of 130,000 takes 20 MB and half a second."""
    with tempfile.TemporaryDirectory() as folder:
        dictionary = Path(folder, "words.dict")
        dictionary.write_text("".join(f"{entry} {phones}\n" for entry, phones in _spoken(dictation, words)))
        return _decoder({}, dict=str(dictionary), **settings)


def _spoken(decoder: Any, words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every way to say each of the words that the decoder knows."""
    for word in words:
        for number in count(1):
            entry = word if number == 1 else f"{word}({number})"
            phones = decoder.lookup_word(entry)
            if phones is None:
                break
            yield entry, phones


def _entries(decoder: Any, pronunciations: Pronunciations) -> Iterator[tuple[str, str]]:
    """What the model's dictionary lacks, as it wants it: a second way to say "word" is "word(2)"."""
    for word, ways in pronunciations.items():
        if decoder.lookup_word(word) is not None:
            continue
        ways = [ways] if isinstance(ways, str) else ways
        right = [phones for phones in ways if ARPABET.issuperset(phones.split())]
        for phones in set(ways) - set(right):
            log.warning("the pronunciation of %r is left out: %r is no ARPAbet", word, phones)
        for number, phones in enumerate(right, start=1):
            yield word if number == 1 else f"{word}({number})", phones


def _pronounceable(decoder: Any, phrases: Iterable[str]) -> list[str]:
    """The phrases whose every word can be pronounced; one warning names the others' words."""
    unknown = {phrase: [w for w in phrase.split() if decoder.lookup_word(w) is None] for phrase in phrases}
    words = sorted({word for missing in unknown.values() for word in missing})
    if words:
        log.warning("no pronunciation for %s: phrases with them are left out", ", ".join(words))
    return [phrase for phrase, missing in unknown.items() if not missing]


def _add_grammar(decoder: Any, phrases: Collection[str]) -> None:
    if not phrases:
        raise RecogniserError("there is no phrase to listen for: see voices/<language>/commands.yaml")
    choice = " | ".join(sorted(phrases))
    decoder.add_jsgf_string("phrases", f"#JSGF V1.0; grammar phrases; public <phrase> = {choice};")
    decoder.activate_search("phrases")


def _text(decoder: Any) -> str:
    hypothesis = decoder.hyp()
    return "" if hypothesis is None else str(hypothesis.hypstr)


def _acoustic(decoder: Any) -> float:
    """How well the decoder's words explain the sound: a log-likelihood in nats, up to a constant."""
    return SCALE * sum(math.log(segment.ascore) for segment in decoder.seg() or ())


def _linguistic(decoder: Any) -> float:
    """What the decoder's words cost as language, in the same nats."""
    return SCALE * sum(math.log(segment.lscore) for segment in decoder.seg() or ())


def _n_best(decoder: Any) -> list[str]:
    """Other readings of the utterance that has just ended, best first, the best itself among them."""
    try:
        entries = [entry for entry, _ in zip(decoder.nbest(), range(N_BEST), strict=False)]
    except RuntimeError:  # an utterance too short for a lattice
        return []
    readings = dict.fromkeys(str(entry.hypstr) for entry in entries if entry is not None)
    return list(readings)[: 1 + READINGS]
