"""The real pyttsx3 in its child process: what it makes, and what happens when the child fails."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from companion.tts.base import SpeechError
from companion.tts.process import WORKER, SpeechProcess

LINE = "Hold for thirty seconds, and breathe."


def loudness(sound):
    return np.abs(sound.pcm.astype(int)).max()


def pitch(sound):
    """Hertz of the strongest period in the first second."""
    pcm = sound.pcm[2000:8000].astype(float)
    correlation = np.correlate(pcm, pcm, "full")[len(pcm) - 1 :]
    return sound.rate / (60 + correlation[60:400].argmax())


def ended(pid):
    """Whether the process is gone (or a zombie that nobody has collected yet)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until(true, limit=10):
    deadline = time.monotonic() + limit
    while not true():
        assert time.monotonic() < deadline
        os.sched_yield()


def test_a_line_becomes_sound(speech, calm):
    sound = speech.render(LINE, calm)
    assert sound.rate == 22_050
    assert 2 < sound.seconds < 4
    assert loudness(sound) > 5000


def test_silence_is_trimmed_and_the_pause_follows(speech, calm):
    bare = speech.render(LINE, replace(calm, pause=0))
    paused = speech.render(LINE, replace(calm, pause=0.5))
    assert paused.seconds - bare.seconds == pytest.approx(0.5, abs=0.1)
    loud = np.flatnonzero(np.abs(bare.pcm.astype(int)) > 100)
    assert loud[0] <= 0.011 * bare.rate
    assert len(bare.pcm) - loud[-1] <= 0.011 * bare.rate


@pytest.mark.parametrize("word", ["Three.", "Two.", "One."])
def test_a_countdown_fits_into_its_seconds(speech, calm, word):
    assert speech.render(word, calm).seconds < 0.8


def test_rate_pitch_and_volume_are_heard_at_once(speech, calm):
    normal = speech.render(LINE, calm)
    assert speech.render(LINE, replace(calm, rate=100)).seconds > 1.3 * normal.seconds
    assert loudness(speech.render(LINE, replace(calm, volume=0.3))) < 0.5 * loudness(normal)
    high, low = (speech.render(LINE, replace(calm, pitch=p)) for p in (80, 20))
    assert pitch(high) > 1.3 * pitch(low)
    again = speech.render(LINE, calm)
    assert again.seconds == pytest.approx(normal.seconds, abs=0.1)


def test_many_lines_with_changing_voices_are_all_whole(speech, calm):
    lengths = {}
    for number in range(60):
        voice = replace(calm, voice=("en-gb", "en-us", "en-gb+f3")[number % 3], pitch=30 + number % 4)
        lengths.setdefault(voice, set()).add(speech.render(LINE, voice).seconds)
    for several in lengths.values():
        assert max(several) - min(several) < 0.1


def test_an_empty_line_is_no_sound(speech, calm):
    assert speech.render("  ", calm).seconds == 0


@pytest.mark.parametrize("text", ["\x01999Sloud", "\n\nTwo\nlines.", "ünï ☃ 你好", "<b>not & markup</b>"])
def test_no_text_breaks_it(speech, calm, text):
    assert speech.render(text, calm).rate == 22_050
    assert loudness(speech.render(LINE, calm)) > 5000


def test_many_threads_get_their_own_lines(speech, calm):
    texts = ["One.", "Ten seconds left.", LINE, LINE * 2]
    expected = [speech.render(text, calm).seconds for text in texts]
    got = [0.0] * len(texts)

    def render(index):
        got[index] = speech.render(texts[index], calm).seconds

    threads = [threading.Thread(target=render, args=(index,)) for index in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == pytest.approx(expected, abs=0.1)


def test_a_missing_voice_is_told_once_and_the_default_speaks(speech, calm, caplog):
    missing = replace(calm, voice="xx-nowhere")
    for _ in range(2):
        assert speech.render(LINE, missing).seconds == pytest.approx(
            speech.render(LINE, calm).seconds, abs=0.1
        )
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "No voice 'xx-nowhere' here; the default speaks instead. `companion voices` lists them."
    ]


def test_the_systems_voices_are_listed(speech):
    voices = {voice.id: voice for voice in speech.voices()}
    assert voices["gmw/en"].languages == ("en-gb",)
    assert len(voices) > 100


def test_a_killed_child_is_replaced_and_the_line_is_said(speech, calm):
    speech.render("One.", calm)
    first = speech.pid
    os.kill(first, signal.SIGKILL)
    assert loudness(speech.render(LINE, calm)) > 5000
    assert speech.pid != first


def test_a_child_that_is_killed_in_the_middle_of_a_line_is_replaced(speech, calm):
    speech.render("One.", calm)
    first = speech.pid
    os.kill(first, signal.SIGSTOP)  # so that the line is certainly under way when the child dies
    done = []
    thread = threading.Thread(target=lambda: done.append(speech.render(LINE, calm)))
    thread.start()
    os.kill(first, signal.SIGKILL)
    thread.join()
    assert loudness(done[0]) > 5000
    assert speech.pid != first


def test_a_hung_child_is_killed_at_the_limit_and_replaced(calm):
    with SpeechProcess(limit=1.0) as speech:
        speech.render("One.", calm)
        first = speech.pid
        os.kill(first, signal.SIGSTOP)
        assert loudness(speech.render(LINE, calm)) > 5000
        assert ended(first)


def test_an_espeak_without_a_thread_of_its_own_speaks_too(speech, tmp_path, calm):
    """As pip's library for aarch64 is built: it renders at once, and never reports that a line is over."""
    script = """
from companion.tts import worker
worker.load_bundled_espeak()
from pyttsx3.drivers import _espeak
_espeak.AUDIO_OUTPUT_RETRIEVAL = _espeak.AUDIO_OUTPUT_SYNCHRONOUS
worker.main()
"""
    lines = (LINE, "Two.", LINE)
    with child(tmp_path, script) as at_once:
        for line in lines:
            there, here = at_once.render(line, calm), speech.render(line, calm)
            assert loudness(there) > 5000
            assert there.seconds == pytest.approx(here.seconds, abs=0.1)


def child(tmp_path, script):
    """A speech process whose child runs the script in place of the worker."""
    file = tmp_path / "child.py"
    file.write_text(script)
    return SpeechProcess(limit=2.0, command=[sys.executable, str(file)])


REPLY = '{"bytes": 100, "rate": 22050, "fallback": false}'
GARBAGE = {
    "text": ("print('Audio saved')", "ended with status 0"),
    "binary": ("import os; os.write(1, bytes(range(256)) * 1000)", ""),
    "other json, alive": ("import time; print([1, 2], flush=True); time.sleep(60)", "answered nonsense"),
    "half a reply": (f"print({REPLY!r}); print('short')", "ended with status 0"),
    "wrong types": ("""print('{"bytes": "many"}')""", "ended with status 0"),
    "a line cut short": (
        """input(); print('{"bytes": 0, "rate": 22050, "fallback": false}', flush=True); input()""",
        "left a line unfinished",
    ),
    "nothing": ("raise SystemExit(3)", "ended with status 3"),
}


@pytest.mark.parametrize(("script", "problem"), GARBAGE.values(), ids=GARBAGE)
def test_a_child_that_talks_garbage_is_a_clear_error(tmp_path, calm, script, problem):
    expected = rf"No speech: the speech process .*{problem}.*--text"
    with child(tmp_path, script) as speech, pytest.raises(SpeechError, match=expected):
        speech.render(LINE, calm)
    assert speech.pid is None


def test_a_child_that_always_hangs_is_a_clear_error(tmp_path, calm):
    script = "import signal; signal.pause()"
    with child(tmp_path, script) as speech, pytest.raises(SpeechError, match="did not answer within 2 s"):
        speech.render(LINE, calm)


def test_a_missing_library_is_a_clear_error(tmp_path, calm):
    script = f"""
import ctypes, runpy, sys
def nothing(*args, **kwargs): raise OSError("no such library")
sys.modules["espeakng_loader"] = None
ctypes.cdll.LoadLibrary = nothing
runpy.run_path({WORKER[-1]!r}, run_name="__main__")
"""
    with child(tmp_path, script) as speech, pytest.raises(SpeechError, match=r"no speech engine: .*eSpeak"):
        speech.render(LINE, calm)


def test_a_full_disk_is_a_clear_error_at_once(tmp_path, calm):
    script = f"""
import os, runpy, sys
os.symlink("/dev/full", os.path.join(sys.argv[1], "line.wav"))
runpy.run_path({WORKER[-1]!r}, run_name="__main__")
"""
    with child(tmp_path, script) as speech, pytest.raises(SpeechError, match="No space left on device"):
        speech.render(LINE, calm)


def test_a_lost_temporary_folder_is_mended(speech, calm, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    speech.render("One.", calm)
    (folder,) = tmp_path.iterdir()
    folder.rmdir()
    assert loudness(speech.render(LINE, calm)) > 5000
    speech.close()
    assert list(tmp_path.iterdir()) == []


def test_the_child_ends_with_its_parent_and_leaves_nothing(tmp_path):
    script = """
import os, signal
from companion.content.model import Voice
from companion.tts.process import SpeechProcess
speech = SpeechProcess()
speech.render("One.", Voice("calm", "pyttsx3", "en-gb", 150, 45, 0.9, 0.2))
print(speech.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": root}
    parent = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert parent.returncode == -signal.SIGKILL
    child = int(parent.stdout)
    wait_until(lambda: ended(child))
    assert list(tmp_path.iterdir()) == []


def test_closing_ends_the_child_and_a_later_line_starts_another(speech, calm):
    speech.render("One.", calm)
    first = speech.pid
    speech.close()
    assert speech.pid is None
    assert ended(first)
    assert loudness(speech.render(LINE, calm)) > 5000
