"""Make the Vosk model that the tests use: python tests/tiny_vosk/make_tiny_vosk.py [FOLDER]

It knows some eighty words of synthetic voices and no human one: it proves that the companion works with the
real library, and nothing else. Needs torch, scipy, kaldi-native-fbank, espeak-ng and flite, one processor
core and about ten minutes. FOLDER is ``model`` beside this script by default.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np
import torch
from model_folder import write_model
from training import Trainer
from utterances import speak, spoilt, without_speech

UTTERANCES, COPIES, NOISES = 6000, 3, 400


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    rng, noise_rng = random.Random(0), np.random.default_rng(0)
    utterances = [speak(rng) for _ in range(UTTERANCES)]
    print(
        f"{UTTERANCES} utterances, {sum(len(u.pcm) for u in utterances) / 16_000 / 3600:.1f} hours",
        flush=True,
    )
    examples = [
        spoilt(number, utterance.pcm, noise_rng)
        for _ in range(COPIES)
        for number, utterance in enumerate(utterances)
    ]
    examples += [without_speech(noise_rng) for _ in range(NOISES)]
    write_model(folder, Trainer(utterances, examples).train())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "model")
