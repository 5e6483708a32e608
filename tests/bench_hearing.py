"""How fast and at what cost it hears: rows of ``make bench``.

Speech is flite's. Fast is measured twice: on the virtual sound card, with all that a machine takes its time
for, and in the simulated room, over the companion's own voice and its echo, where computing takes no time.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from companion.asr.base import RATE, Recogniser
from companion.asr.choose import make_recogniser
from companion.audio.echo import EchoGuard
from companion.audio.microphone import Microphone
from companion.audio.output import SoundCardOutput
from companion.audio.player import Player
from companion.audio.room import Room
from companion.config import Settings, data_folder
from companion.ears import Ears
from companion.load import Loaded, load
from companion.run import listening
from companion.tts.base import Sound
from companion.tts.process import SpeechProcess
from tests.asr.recordings import FLITE, say
from tests.living_room import LivingRoom
from tests.measuring import memory_of
from tests.running import Running
from tests.test_by_voice import SHORT
from tests.virtual_card import VirtualCard, spoken

TINY = Path(__file__).parent / "tiny_vosk" / "model"
TRIES = 20
CHATTER = (
    "the weather is going to be nice tomorrow",
    "we bought a little table for the kitchen",
    "she told me that her brother works in an office across the street",
)
LINE = "Bend your right knee, put that foot outside the left knee, and twist slowly to the right. Breathe."
QUESTIONS = 5
QUICK = "session:\n  screening: false\n  ask_pain: false\n"


def hearing(home: Path) -> None:
    """Print a line for each figure as it comes."""
    loaded, _ = load(Settings())
    with SpeechProcess() as process:
        line = process.render(LINE, loaded.voice("calm"))
    in_room = sorted(barge_ins_in_room(loaded, line))
    quantiles("stop to silence, simulated room, its echo at -6 dB", in_room, TRIES, (0.35, 0.6))
    try:
        card = VirtualCard()
    except RuntimeError as error:
        print(f"stop to silence on the sound card: not measured; {error}")
    else:
        with card:
            card.use_here()
            on_card = sorted(barge_ins_on_card(card, loaded, line))
            quantiles("stop to silence, virtual sound card", on_card, TRIES, (0.35, 0.6))
            quantiles(
                "command to the answer's first sound, virtual card",
                sorted(answers(card, home)),
                QUESTIONS,
                (0.6,),
            )
    costs(loaded, line)


def quantiles(what: str, seconds: list[float], tries: int, goals: tuple[float, ...]) -> None:
    goal = " and ".join(f"{goal:g}" for goal in goals)
    if not seconds:
        print(f"{what:<52} never heard in {tries} tries")
        return
    p50, p95 = np.quantile(seconds, (0.5, 0.95))
    print(
        f"{what:<52} p50 {p50:.2f} s, p95 {p95:.2f} s (goal {goal} s), {len(seconds)} of {tries} heard",
        flush=True,
    )


def recogniser(loaded: Loaded) -> Recogniser:
    wanted = listening(loaded, loaded.interpreter)
    return make_recogniser(
        "pocketsphinx", wanted.phrases, wanted.pronunciations, wanted.models, wanted.domain
    )[0]


def barge_ins_in_room(loaded: Loaded, line: Sound) -> Iterator[float]:
    """Seconds from the end of a "stop", said somewhere into a line, to silence."""
    rng = random.Random(0)
    with LivingRoom(Room(), recogniser(loaded), loaded.interpreter) as living_room:
        living_room.play(LINE, line)  # the canceller learns the room
        list(living_room.pass_time(line.seconds + 1, "speaking"))
        for number in range(TRIES):
            stop = Sound(np.trim_zeros(say("stop", FLITE[number % len(FLITE)])), RATE)
            living_room.play(LINE, line)
            at = living_room.room.time + rng.uniform(1.0, 3.0)
            living_room.room.say(stop, at)
            for deed in living_room.pass_time(line.seconds + 1, "speaking"):
                if deed.meaning.intent == "stop" and deed.at > at:
                    living_room.player.hush()
                    list(living_room.pass_time(0.3, "speaking"))
                    yield living_room.silent_since() - at - stop.seconds
                    break
            list(living_room.pass_time(1.0))


def barge_ins_on_card(card: VirtualCard, loaded: Loaded, line: Sound) -> Iterator[float]:
    """The same through PortAudio and the recogniser's own process."""
    heard, ready = threading.Event(), threading.Event()
    output = SoundCardOutput("speakers")
    guard = EchoGuard(output.rate)
    with (
        Ears(
            listening(loaded, loaded.interpreter),
            lambda hypothesis: heard.set() if hypothesis.text == "stop" else None,
            lambda _: ready.set(),
        ) as ears,
        Player(output, lambda *_: None, tap=guard.played) as player,
        Microphone("mic", lambda block: ears.take(guard.clean(block))),
    ):
        ready.wait(30)
        for _ in range(TRIES):
            with card.record("mouth") as said, card.record("speakers") as tape:
                heard.clear()
                player.play(1, line)
                tape.wait_for_sound()
                time.sleep(1.0)  # into the line
                card.say(spoken("stop"))
                if heard.wait(5):
                    player.hush()
                tape.wait_for_quiet(1.0)
                end = said.started + said.spans()[-1][1]
                if heard.is_set():
                    yield tape.started + tape.spans()[-1][1] - end


def answers(card: VirtualCard, home: Path) -> Iterator[float]:
    """Seconds from the end of "how long left", said during a hold, to the first sound of the answer."""
    settings = home / "config" / "companion" / "settings.yaml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(QUICK)
    routine = home / "short.yaml"
    routine.write_text(SHORT)
    with Running("start", str(routine), home=home, **card.environment) as companion:
        companion.wait_for_note("listening with")
        companion.wait_for("hold", phase="start")
        for _ in range(QUESTIONS):
            with card.record("mouth") as said, card.record("speakers") as tape:
                card.say(spoken("how long left"))
                end = said.started + said.spans()[-1][1] - tape.started
                with suppress(AssertionError):
                    tape.wait_for_quiet(1.0, limit=5)
                    yield tape.spans()[0][0] - end


def costs(loaded: Loaded, line: Sound) -> None:
    """CPU seconds a second of each kind of sound, and memory, of each engine that is here."""
    hiss = np.rint(np.random.default_rng(0).normal(size=30 * RATE) * 3).astype(np.int16)
    chatter = np.concatenate([say(text, voice) for voice in FLITE for text in CHATTER])
    narration = np.concatenate(list(talking(line)))
    wanted = listening(loaded, loaded.interpreter)
    makers = {"PocketSphinx": lambda: recogniser(loaded)}
    if any((data_folder() / "models").glob("vosk-model-*/")):
        makers["Vosk"] = lambda: make_recogniser("vosk", wanted.phrases, {}, wanted.models)[0]
    makers["Vosk, tiny model of the tests"] = lambda: tiny_vosk(wanted.phrases)
    for name, make in makers.items():
        ears = make()
        spent = {}
        for kind, pcm in (("silence", hiss), ("chatter", chatter), ("own voice", narration)):
            begun = time.process_time()
            for at in range(0, len(pcm), 320):
                list(ears.accept(pcm[at : at + 320]))
            list(ears.flush())
            spent[kind] = (time.process_time() - begun) / (len(pcm) / RATE)
        ears.close()
        figures = ", ".join(f"{kind} {seconds:.3f}" for kind, seconds in spent.items())
        print(f"{name + ', CPU seconds a second':<52} {figures} (goals 0.02, 0.35)", flush=True)
    memory(loaded)


def tiny_vosk(phrases) -> Recogniser:
    from companion.asr.vosk import VoskRecogniser

    return VoskRecogniser(TINY, phrases)


def talking(line: Sound) -> Iterator[np.ndarray]:
    """What is left of the companion's own voice behind the canceller."""
    room = Room()
    guard = EchoGuard(room.speaker.rate)
    with Player(room.speaker, lambda *_: None, tap=guard.played) as player:
        for number in range(4):
            player.play(number, line)
        begun = time.process_time()
        yield from (guard.clean(frames) for frames in room.advance(4 * line.seconds))
        spent = (time.process_time() - begun) / (4 * line.seconds)
    print(f"{'room and echo canceller, CPU seconds a second':<52} {spent:.3f}", flush=True)


def memory(loaded: Loaded) -> None:
    """Of the recogniser's process while it listens."""
    ready = threading.Event()
    with Ears(listening(loaded, loaded.interpreter), lambda _: None, lambda _: ready.set()) as ears:
        ready.wait(30)
        for text in CHATTER:
            pcm = say(text, "slt")
            for at in range(0, len(pcm), 320):
                ears.take(pcm[at : at + 320])
        assert ears.pid
        print(f"{'the recogniser, peak memory':<52} {memory_of(ears.pid):.0f} MB (goal 200)", flush=True)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        hearing(Path(folder))
