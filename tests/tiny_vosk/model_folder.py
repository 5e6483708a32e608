"""Puts the files of a Vosk model into a folder."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from kaldi_files import Fst, KaldiWriter, Layer, write_network, write_transition_model
from lexicon import COMMANDS, PHONES, WORDS, pronunciations, without_final_r
from utterances import CEPSTRA, RATE

SOUNDS = ("SIL", *PHONES)  # what the network tells apart
# Outputs of the network: (on entry, while staying); silence has one for both.
OUTPUTS = {sound: (max(0, 2 * number - 1), 2 * number) for number, sound in enumerate(SOUNDS)}
# Kaldi's phones know their place in the word: begin, inside, end, single. All places share the outputs.
PHONE_IDS = {"SIL": 1} | {
    f"{phone}_{place}": 2 + 4 * number + at
    for number, phone in enumerate(PHONES)
    for at, place in enumerate("BIES")
}
OFFSETS = [(-1, 0, 1), (-1, 0, 1), (-3, 0, 3), (-3, 0, 3), (-3, 0, 3)]  # frames that each layer splices
SUBSAMPLING = 3  # frames for one output
UNKNOWN = "[unk]"
UNKNOWN_PHONE_COST = 3.5  # of each phone of an unknown word: lower swallows commands, higher misses chatter

MFCC = f"""\
--use-energy=false
--sample-frequency={RATE}
--num-mel-bins={CEPSTRA}
--num-ceps={CEPSTRA}
--low-freq=20
--high-freq=-400
--dither=0
"""
DECODING = f"""\
--min-active=200
--max-active=3000
--beam=12.0
--lattice-beam=4.0
--acoustic-scale=1.0
--frame-subsampling-factor={SUBSAMPLING}
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""


def write_model(folder: Path, layers: Sequence[Layer]) -> None:
    """``layers`` are the network's, the output's last; see OFFSETS and OUTPUTS."""
    for name in ("am", "conf", "graph/phones"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    writer = KaldiWriter()
    pdfs = {number: OUTPUTS[phone.split("_")[0]] for phone, number in PHONE_IDS.items()}
    transitions = write_transition_model(writer, pdfs)
    write_network(writer, layers, OFFSETS, CEPSTRA)
    (folder / "am/final.mdl").write_bytes(bytes(writer.data))
    (folder / "conf/mfcc.conf").write_text(MFCC)
    (folder / "conf/model.conf").write_text(DECODING)
    word_ids = {word: number for number, word in enumerate([*WORDS, UNKNOWN], start=1)}
    after = len(word_ids) + 1
    _write_symbols(folder / "graph/words.txt", word_ids | {"#0": after, "<s>": after + 1, "</s>": after + 2})
    _write_symbols(folder / "graph/phones.txt", PHONE_IDS)
    kinds = {"B": "begin", "I": "internal", "E": "end", "S": "singleton"}
    boundaries = [
        f"{number} {kinds.get(phone[-2:].strip('_'), 'nonword')}\n" for phone, number in PHONE_IDS.items()
    ]
    (folder / "graph/phones/word_boundary.int").write_text("".join(boundaries))
    _lexicon(word_ids, transitions).write(folder / "graph/HCLr.fst")
    _language(word_ids).write(folder / "graph/Gr.fst", sorted_by_input=True)
    (folder / "graph/disambig_tid.int").write_text(f"{2 * len(PHONE_IDS) + 1}\n")


def _write_symbols(path: Path, ids: dict[str, int]) -> None:
    path.write_text("<eps> 0\n" + "".join(f"{name} {number}\n" for name, number in ids.items()))


def _lexicon(word_ids: dict[str, int], transitions: dict[int, tuple[int, int]]) -> Fst:
    """Transition-ids to words: silence where it may be, then any word, again and again.

    The word stands on its first phone, so that nothing has to be disambiguated. An unknown word is any
    sequence of two or more phones.
    """
    fst = Fst()
    start, between, ended, silence = fst.state(), fst.state(final=0.0), fst.state(), fst.state()

    def phone(at: int, name: str, word: int = 0, cost: float = 0.0, to: int | None = None) -> int:
        state = fst.state() if to is None else to
        entry, stay = transitions[PHONE_IDS[name]]
        fst.arc(at, entry, word, cost, state)
        if to is None:
            fst.arc(state, stay, 0, 0.0, state)
        return state

    fst.arc(silence, transitions[PHONE_IDS["SIL"]][1], 0, 0.0, silence)
    fst.arc(silence, 0, 0, 0.0, between)
    for state in (start, ended):
        fst.arc(state, 0, 0, math.log(2), between)
        phone(state, "SIL", cost=math.log(2), to=silence)
    for word in WORDS:
        ways = pronunciations(word)
        for way in dict.fromkeys([*ways, *map(without_final_r, ways)]):
            state = between
            for number, name in enumerate(_placed(way)):
                state = phone(state, name, word_ids[word] if number == 0 else 0)
            fst.arc(state, 0, 0, 0.0, ended)
    inside, cost = fst.state(), UNKNOWN_PHONE_COST
    for name in PHONES:
        fst.arc(phone(between, f"{name}_B", word_ids[UNKNOWN], cost), 0, 0, 0.0, inside)
        fst.arc(phone(inside, f"{name}_I", cost=cost), 0, 0, 0.0, inside)
        fst.arc(phone(inside, f"{name}_E", cost=cost), 0, 0, 0.0, ended)
    return fst


def _placed(way: Sequence[str]) -> list[str]:
    if len(way) == 1:
        return [f"{way[0]}_S"]
    return [f"{way[0]}_B", *(f"{phone}_I" for phone in way[1:-1]), f"{way[-1]}_E"]


def _language(word_ids: dict[str, int]) -> Fst:
    """Any sequence of words, each as likely as it is among the commands."""
    counts = Counter(word_ids.keys()) + Counter(w for c in COMMANDS for w in c.split())
    fst = Fst()
    state = fst.state(final=1.0)
    for word, number in word_ids.items():
        fst.arc(state, number, number, -math.log(counts[word] / counts.total()), state)
    return fst
