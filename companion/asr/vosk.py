"""Vosk: the better ear, once its model is here.

Two recognisers listen on one loaded model: one knows the phrases, decoys and ``[unk]``, the other takes
free dictation. The run-time grammar is a bigram model with back-off: it strings phrases together that nobody
listed, so only a whole phrase counts, and only where the dictation agrees. Nothing is changed while
decoding: changing the grammar then aborts the process.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from companion.asr.base import RATE, Meant, Pcm, RecogniserError
from companion.asr.gated import EARLY, READINGS, GatedRecogniser, agree

log = logging.getLogger(__name__)

UNKNOWN = "[unk]"  # the model's word for whatever is not in its grammar
# Common short words beside the phrases, so that chatter has somewhere to go.
DECOYS = ("the", "a", "i", "and", "it", "is", "that", "what", "you", "so", "we", "okay", "not", "on", "up")
NEEDED = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf")
GRAPHS = ("graph/HCLG.fst", "graph/HCLr.fst")  # one fixed graph, or one put together at run time
TAKES_GRAMMAR = "graph/Gr.fst"  # stands beside HCLr.fst
REMEDY = "fetch one with 'companion setup', or listen with PocketSphinx"


class VoskRecogniser(GatedRecogniser):
    """Listens for ``phrases`` (lower-case words) and takes everything else down as free text.

    Raises ``RecogniserError`` where ``model_folder`` does not hold a whole Vosk model.
    """

    name = "vosk"

    def __init__(self, model_folder: Path, phrases: Sequence[str], *, early: Collection[str] = EARLY) -> None:
        model = _load(model_folder)
        super().__init__(_in_vocabulary(model, phrases), early)
        self._dictation = _Listener(model)
        self._commands: _Listener | None = None
        if (model_folder / TAKES_GRAMMAR).is_file():
            decoys = [word for word in DECOYS if _knows(model, word)]
            self._commands = _Listener(model, [*sorted(self._phrases), *decoys, UNKNOWN])
        self._model_name = model_folder.name

    def __repr__(self) -> str:
        return f"VoskRecogniser({self._model_name!r}, {len(self._phrases)} phrases)"

    def close(self) -> None:
        del self._dictation, self._commands

    def _begin(self) -> None:
        """Nothing to do: a result resets the library's recogniser."""

    def _feed(self, pcm: Pcm) -> None:
        self._dictation.feed(pcm)
        if self._commands is not None:
            self._commands.feed(pcm)

    def _phrase_so_far(self) -> str:
        dictated = self._dictation.so_far()
        return self._phrase(dictated if self._commands is None else self._commands.so_far(), dictated)

    def _finish(self) -> tuple[Sequence[str], Meant]:
        dictated = self._dictation.finish()
        best = dictated[0]
        heard = best if self._commands is None else self._commands.finish()[0]
        return [self._phrase(heard, best), *map(_known, dictated)], "likely"

    def _phrase(self, heard: str, dictated: str) -> str:
        return heard if heard in self._phrases and agree(heard, dictated) else ""


class _Listener:
    """One recogniser of the library, and what its own endpoints have finished inside our utterance."""

    def __init__(self, model: Any, grammar: Sequence[str] = ()) -> None:
        from vosk import KaldiRecognizer

        arguments = [json.dumps(grammar)] if grammar else []
        try:
            self._recogniser = KaldiRecognizer(model, RATE, *arguments)
        except Exception as error:  # the library raises nothing narrower
            raise RecogniserError(f"the Vosk model's graph cannot be read: {REMEDY}") from error
        if not grammar:
            self._recogniser.SetMaxAlternatives(READINGS)
        self._finished: list[str] = []

    def feed(self, pcm: Pcm) -> None:
        if self._recogniser.AcceptWaveform(pcm.tobytes()):
            self._finished.append(_texts(self._recogniser.Result())[0])

    def so_far(self) -> str:
        return _join(*self._finished, str(json.loads(self._recogniser.PartialResult()).get("partial", "")))

    def finish(self) -> list[str]:
        """Every reading of the utterance, best first; at least one, which may be empty."""
        readings = [_join(*self._finished, text) for text in _texts(self._recogniser.FinalResult())]
        self._finished.clear()
        return readings


def _texts(result: str) -> list[str]:
    """The text or the alternatives of one of the library's JSON results."""
    parsed = json.loads(result)
    return [str(reading["text"]) for reading in parsed.get("alternatives", [parsed])]


def _known(text: str) -> str:
    """What was dictated, without the places where the model knew no word."""
    return " ".join(word for word in text.split() if word != UNKNOWN)


def _join(*texts: str) -> str:
    return " ".join(text for text in texts if text)


def missing_files(folder: Path) -> list[str]:
    """What a folder lacks to be a Vosk model; nothing where it is whole."""
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in GRAPHS):
        missing.append(" or ".join(GRAPHS))
    return missing


def _load(folder: Path) -> Any:
    """The model, after a look at its files: the library's own message says nothing of what is missing."""
    try:
        import vosk
    except (ImportError, OSError) as error:
        remedy = "sudo apt install libatomic1" if "libatomic" in str(error) else "pip install vosk"
        raise RecogniserError(f"Vosk cannot be loaded ({error}): {remedy}") from error
    if not folder.is_dir():
        raise RecogniserError(f"there is no Vosk model at {folder}: {REMEDY}")
    if missing := missing_files(folder):
        raise RecogniserError(f"the Vosk model at {folder} lacks {', '.join(missing)}: {REMEDY}")
    vosk.SetLogLevel(-1)
    try:
        return vosk.Model(str(folder))
    except Exception as error:  # the library raises nothing narrower
        raise RecogniserError(f"the Vosk model at {folder} is damaged: {REMEDY}") from error


def _knows(model: Any, word: str) -> bool:
    return int(model.vosk_model_find_word(word)) >= 0


def _in_vocabulary(model: Any, phrases: Iterable[str]) -> list[str]:
    """The phrases whose every word the model knows; one warning names the others."""
    unknown = {phrase: [w for w in phrase.split() if not _knows(model, w)] for phrase in phrases}
    words = sorted({word for missing in unknown.values() for word in missing})
    if words:
        log.warning("the Vosk model does not know %s: phrases with them are left out", ", ".join(words))
    return [phrase for phrase, missing in unknown.items() if not missing]
