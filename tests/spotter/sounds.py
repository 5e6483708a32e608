"""What the spotter is trained on: real single words, and synthetic voices for what real people did not say.

The recordings lie beside the repository and are never part of it: single words of Speech Commands (P. Warden,
Google, CC BY 4.0), wake words of other assistants (Picovoice's wake-word benchmark, Apache-2.0), and noise.
"""

from __future__ import annotations

import csv
import random
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

AUDIO = Path(__file__).parents[3] / "shared" / "audio"
RATE = 16_000
REAL_WORDS = ("stop", "yes", "no", "go", "up", "down", "left", "right", "on", "off")
# Near misses of the three words that matter, other commands, and words of other assistants.
OTHER = """
start stuck stock top staff step stuff star shop drop stopped stove story store stone stand still storm stamp
spot stomp sock chop hop stopper slope soap stoop stay state style stairs
yet yeah guess less yesterday chess mess dress yells yard year yellow press rest best test us his this is as
yep yup jazz yolk address success
now not nose note snow low nor new none noise north nobody node gnome nope nah nine knee near name nothing
although ago toe so though oh hello window narrow
pause resume next back skip help repeat again ready swap switch sides slower faster louder quieter easier
explain longer shorter continue wait hold okay sure routine exercise more time please
coffee water kitchen television doctor garden window table music weather morning evening picture summer
computer alexa jarvis mirror phone message number seven eight four three two one zero ten twenty thirty
house dog cat bird tree bed happy wow marvin sheila learn visual follow forward backward
""".split()  # noqa: SIM905
SENTENCES = """
put the shopping on the kitchen table and wash your hands
what time does the train leave on sunday morning
i think it will rain again before the evening
she told me about her holiday in the mountains
can you bring me a glass of water from the fridge
we should call your mother before dinner is ready
the children are playing outside in the garden
did you see the football match last night
breathe out slowly and let your shoulders drop
keep your back straight and look ahead
bend your right knee and place the foot outside the other leg
ten seconds left you are doing well
my back feels a little better than it did yesterday
there is something good on the television tonight
he bought a new bicycle for twenty pounds
turn the music down a little the baby is asleep
the doctor said that i have to walk every day
let me know when the coffee is ready
they moved to a small house near the station
open the window it is getting warm in here
i have an appointment with the dentist at half past four
this recipe needs two eggs and some flour
the cat is sleeping on the chair by the radiator
we are going to visit our friends in the city
could you pass me the salt and the pepper
her brother works in an office across the street
the news said there is a lot of traffic today
press down gently on the knee until you feel a stretch
lift your hips toward the ceiling and press through your heels
place your foot flat and sit up tall
""".strip().splitlines()
FLITE = ("slt", "rms", "kal", "awb")
ESPEAK = [
    f"en-{region}{variant}"
    for region in ("us", "gb")
    for variant in ("", "+m1", "+m3", "+m5", "+m7", "+f1", "+f2", "+f3", "+f4", "+klatt2", "+Denis", "+Gene")
]


@dataclass(frozen=True)
class Clip:
    pcm: np.ndarray  # int16 at RATE
    word: str  # one of REAL_WORDS, or "" for any other sound
    speaker: str


def real_clips(*uses: str) -> list[Clip]:
    """The recordings whose path starts with one of ``uses``; other words than REAL_WORDS count as none."""
    with (AUDIO / "manifest.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["path"].startswith(uses)]
    return [
        Clip(
            read(AUDIO / row["path"]),
            row["text"] if row["text"] in REAL_WORDS else "",
            row["speaker"] or row["path"],
        )
        for row in rows
    ]


def synthetic_clips(seed: int, of_each: int) -> list[Clip]:
    """Every word and sentence by ``of_each`` voices; the words that matter by ten times as many."""
    rng = random.Random(seed)
    texts = [(word, of_each * 10) for word in ("stop", "yes", "no")]
    texts += [(word, of_each * 2) for word in REAL_WORDS[3:]]
    texts += [(text, of_each) for text in OTHER + SENTENCES]
    clips = []
    for text, times in texts:
        for _ in range(times):
            pcm = flite(text, rng) if rng.random() < 0.5 else espeak(text, rng)
            clips.append(Clip(pcm, text if text in REAL_WORDS else "", "synthetic"))
    return clips


def flite(text: str, rng: random.Random) -> np.ndarray:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        settings = ["--setf", f"duration_stretch={rng.uniform(0.8, 1.3):.2f}"]
        if rng.random() < 0.6:
            settings += ["--setf", f"int_f0_target_mean={rng.randint(90, 220)}"]
        subprocess.run(
            ["flite", "-voice", rng.choice(FLITE), *settings, "-t", text, "-o", file.name], check=True
        )
        return read(Path(file.name))


def espeak(text: str, rng: random.Random) -> np.ndarray:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        pace, pitch = str(rng.randint(120, 200)), str(rng.randint(20, 80))
        command = ["espeak-ng", "-v", rng.choice(ESPEAK), "-s", pace, "-p", pitch, "-w", file.name, text]
        subprocess.run(command, check=True)
        return read(Path(file.name))


def read(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        rate, pcm = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), np.int16)
    if rate == RATE:
        return pcm
    return np.clip(resample_poly(pcm.astype(np.float32), RATE, rate), -32768, 32767).astype(np.int16)
