"""How long things take, and how much memory: ``make bench``.

Medians over several runs, and their ratio to a reference that is measured alternately with them, so that
figures from a slow or busy machine can be compared too: a start of Python that does nothing for commands, a
fixed loop of arithmetic for everything else. This measures and asserts nothing.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from companion.config import Settings
from companion.load import load
from companion.rehearse import Rehearsal
from companion.tts.cache import CachedSynthesiser
from companion.tts.process import SpeechProcess
from tests.bench_hearing import hearing
from tests.bench_resident import resident
from tests.measuring import arithmetic, command, compare, memory_of, row, timed
from tests.running import environment
from tests.virtual_card import VirtualCard

COMPANION = (sys.executable, "-m", "companion")
ROUTINE = "sciatica-relief"
SESSION = 8  # seconds of a session, after which its memory is read


def main() -> int:
    """Measure everything and print a line for each figure as it comes."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home = Path(folder)
        env = environment(home)
        print(f"{'':<52} {'median':>11} {'goal':>8}  times the reference")
        commands(env)
        in_process(home)
        first_sound(home)
        resident(home / "resident")
        hearing(home / "hearing")
    return 0


def commands(env: dict[str, str]) -> None:
    """Whole commands, each from its start to its end."""
    idle = command(env, sys.executable, "-c", "pass")
    row("python -c pass (the reference for commands)", [idle() for _ in range(9)])
    for arguments, runs, goal in (
        (("--help",), 9, 0.3),
        (("routines",), 5, None),
        (("rehearse", ROUTINE), 5, 1.0),
    ):
        compare(f"companion {' '.join(arguments)}", command(env, *COMPANION, *arguments), idle, runs, goal)


def in_process(home: Path) -> None:
    """Parts of the companion, within one process."""
    row("a million additions (the reference for what follows)", [arithmetic() for _ in range(9)])
    compare("load routines and language", lambda: timed(lambda: load(Settings())), arithmetic, 5)
    loaded, _ = load(Settings())
    compare(
        "load all that understands words",
        lambda: timed(lambda: load(Settings())[0].interpreter),
        arithmetic,
        3,
    )
    interpreter = loaded.interpreter

    def session() -> list[dict]:
        return list(Rehearsal(loaded.world, interpreter).run(ROUTINE))

    entries = session()
    minutes = entries[-1]["t"] / 60
    compare(f"a session of {minutes:.0f} minutes by words", lambda: timed(session), arithmetic, 5, 1.0)

    lines = list(dict.fromkeys(entry["text"] for entry in entries if entry["event"] == "speak"))
    voice = loaded.voice("calm")
    with SpeechProcess() as process:
        compare(
            "first line rendered, with the start of the child", lambda: first_line(lines[0]), arithmetic, 3
        )
        process.render("Ready.", voice)
        cold = [timed(lambda line=line: process.render(line, voice)) for line in lines]
        row(f"a line rendered (of {len(lines)})", cold, arithmetic())
        cache = home / "speech"
        with CachedSynthesiser(process, cache) as cached:
            for line in lines:
                cached.render(line, voice)
            row("a line from memory", [timed(lambda line=line: cached.render(line, voice)) for line in lines])
            fresh = CachedSynthesiser(process, cache)
            row(
                "a line from the cache on disk",
                [timed(lambda line=line: fresh.render(line, voice)) for line in lines],
            )


def first_line(text: str) -> float:
    voice = load(Settings())[0].voice("calm")
    with SpeechProcess() as process:
        return timed(lambda: process.render(text, voice))


def first_sound(home: Path) -> None:
    """``companion start``, from being typed to the first sound out of the loudspeaker, and its memory."""
    try:
        card = VirtualCard()
    except RuntimeError as error:
        print(f"companion start to first sound: not measured; {error}")
        return
    with card:
        runs = {"cold": [], "warm": []}
        memory = []
        for number in range(3):
            for cache in ("cold", "warm"):
                seconds, peak = start_until_sound(card, home / str(number))
                runs[cache].append(seconds)
                memory.append(peak)
        for cache, seconds in runs.items():
            row(f"companion start to first sound, {cache} speech cache", seconds, goal=1.0)
        print(f"{'companion start, peak memory with its children':<52} {max(memory):>8.0f} MB")


def start_until_sound(card: VirtualCard, home: Path) -> tuple[float, float]:
    """Seconds until it sounds, and the megabytes that it needed until some time after that."""
    with card.record() as tape:
        typed = time.monotonic()
        process = subprocess.Popen(
            [*COMPANION, "start", ROUTINE, "--json"],
            env=environment(home) | card.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            tape.wait_for_sound()
            heard = tape.started + tape.spans()[0][0]
            tape.wait(lambda pcm: len(pcm) > (heard - tape.started + SESSION) * tape.rate)
            peak = memory_of(process.pid)
        finally:
            process.kill()
            process.wait()
    return heard - typed, peak


if __name__ == "__main__":
    sys.exit(main())
