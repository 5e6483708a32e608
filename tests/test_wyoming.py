"""A real Wyoming server beside the real recogniser and the real voice of this machine; and it goes."""

from __future__ import annotations

import queue
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from companion.asr.base import Hypothesis
from companion.asr.pocketsphinx import PocketSphinxRecogniser
from companion.asr.wyoming import WyomingRecogniser, better, with_server
from companion.audio import wyoming
from companion.audio.wyoming import PATIENCE, ServerError, VoiceServer, read_address
from companion.content.model import Voice
from companion.ears import Ears, Listening
from companion.tts.base import SpeechError
from companion.tts.process import SpeechProcess
from companion.tts.wyoming import OrLocal, WyomingSynthesiser
from tests.asr.speech import finals, hear, say, silence
from tests.test_ears import Notebook
from tests.test_ears import say as say_to
from tests.wyoming_server import HEARD, OWN_VOICE, Server

PHRASES = ("stop", "pause", "how long left", "carry on")
SLACK = 1.0  # seconds that a busy machine may add
CALM = Voice("calm", "pyttsx3", "en-gb", 150, 45, 0.9, 0.2)
SLOW = replace(CALM, rate=100)
LINE = "Hold for thirty seconds."


@pytest.fixture
def notes() -> queue.SimpleQueue[str]:
    return queue.SimpleQueue()


@contextmanager
def ears(address: str, notes: queue.SimpleQueue[str]) -> Iterator[WyomingRecogniser]:
    """PocketSphinx, and the server beside it."""
    recogniser = WyomingRecogniser(PocketSphinxRecogniser(PHRASES, {}, dictation=False), address, notes.put)
    yield recogniser
    recogniser.close()


def listen(recogniser: WyomingRecogniser, text: str) -> list[str]:
    """What is heard of it by the time that somebody has been quiet for a second, without waiting for more."""
    pcm = np.concatenate([silence(0.5), say(text), silence(1.0)])
    heard = []
    for at in range(0, len(pcm), 320):
        heard += recogniser.accept(pcm[at : at + 320])
    return [hypothesis.text for hypothesis in heard]


def listen_to_the_end(recogniser: WyomingRecogniser, text: str) -> list[str]:
    """What is heard of it, waiting for the server."""
    return [*listen(recogniser, text), *finals(list(recogniser.flush()))]


def looked_for() -> None:
    """Wait till the look in the background is over."""
    for thread in threading.enumerate():
        if thread.name == "look for a server":
            thread.join(10)


# -- listening ------------------------------------------------------------------------------------------


def test_the_text_of_the_server_counts_and_the_local_one_stands_behind_it(notes) -> None:
    with Server() as server, ears(server.address, notes) as recogniser:
        sentence = say("how long left")
        (heard,) = [h for h in hear(recogniser, silence(0.5), sentence, silence(1.0)) if h.final]
    assert heard.text.startswith(HEARD)
    assert "how long left" in heard.alternatives
    seconds = float(heard.text.removeprefix(HEARD).split()[0])
    assert heard.end - heard.start <= seconds <= len(sentence) / 16_000 + 1
    assert notes.empty()


def test_stop_is_not_asked_about(notes) -> None:
    with Server("silent") as server, ears(server.address, notes) as recogniser:
        assert listen(recogniser, "stop") == ["stop", "stop"]  # early, and when it is sure
        assert not recogniser.flush()
    assert notes.empty()  # or it would be missed by now


def test_a_server_killed_while_it_thinks_costs_nothing_but_its_text(notes) -> None:
    with Server("silent") as server, ears(server.address, notes) as recogniser:
        assert listen(recogniser, "how long left") == []
        server.says("asked")
        server.kill()
        killed = time.monotonic()
        assert finals(list(recogniser.flush())) == ["how long left"]
        assert time.monotonic() - killed < PATIENCE
        assert "is gone" in notes.get(timeout=1)


def test_a_server_that_does_not_answer_is_waited_for_once_and_not_for_long(notes) -> None:
    with Server("silent") as server, ears(server.address, notes) as recogniser:
        assert listen(recogniser, "how long left") == []
        asked = time.monotonic()
        assert finals(list(recogniser.flush())) == ["how long left"]
        assert time.monotonic() - asked < PATIENCE + SLACK
        assert "how long left" in listen(recogniser, "how long left")
        assert f"no answer within {PATIENCE:g} s" in notes.get(timeout=1)
    assert notes.empty()


def test_a_server_that_comes_back_is_listened_to_again(notes, monkeypatch) -> None:
    monkeypatch.setattr(wyoming, "AGAIN", 0.0)
    server = Server()
    with ears(server.address, notes) as recogniser:
        assert listen_to_the_end(recogniser, "how long left") == ["how long left"]
        assert "is gone" in notes.get(timeout=10)
        with server:
            assert "carry on" in listen(recogniser, "carry on")  # which has it looked for
            looked_for()
            assert listen_to_the_end(recogniser, "how long left")[0].startswith(HEARD)
            assert "is back" in notes.get(timeout=1)


def test_what_the_local_one_took_for_other_talk_is_no_alternative() -> None:
    local = Hypothesis("my legs dumb", True, 1.0, 2.0, ("my leg is dumb",))
    assert better(local, "My leg is numb.").alternatives == ("my legs dumb", "my leg is dumb")
    heard = better(replace(local, meant="unlikely"), "My leg is numb.")
    assert (heard.text, heard.alternatives, heard.meant) == ("My leg is numb.", (), "likely")


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Something else that listens on a port, and answers everything with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer_all() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    connection.recv(100)
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(100_000):
                        pass

        thread = threading.Thread(target=answer_all)
        thread.start()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"[]\n", b"{}\n", b'{"type": "transcript"}\n',
        b'{"type": "transcript", "data": {"text": 7}}\n', b'{"type": "error", "data": {"text": "busy"}}\n',
        b'{"type": "transcript", "payload_length": 1000000}\n', b"a" * 200_000, b"\xff\n",
    ],
)  # fmt: skip
def test_nonsense_from_a_server_is_as_good_as_none(notes, answer: bytes) -> None:
    with answering(answer) as address, ears(address, notes) as recogniser:
        assert listen_to_the_end(recogniser, "how long left") == ["how long left"]
        assert "is gone" in notes.get(timeout=1)


@pytest.mark.parametrize("text", ["[BLANK_AUDIO]", " (music) ", ""])
def test_a_server_that_hears_no_words_leaves_it_to_this_machine(notes, text: str) -> None:
    answer = f'{{"type": "transcript", "data": {{"text": "{text}"}}}}\n'.encode()
    with answering(answer) as address, ears(address, notes) as recogniser:
        assert listen_to_the_end(recogniser, "how long left") == ["how long left"]
    assert notes.empty()


def test_the_ears_of_a_session_use_the_server_and_do_without_it() -> None:
    notebook = Notebook()
    with Server() as server:
        wanted = Listening("pocketsphinx", PHRASES, {}, Path("/nowhere"), server.address)
        with Ears(wanted, notebook.hear, notebook.note) as listening:
            notebook.wait(lambda: notebook.notes)
            assert notebook.notes[0].endswith(f"and with {server.address}")
            say_to(listening, "how long left")
            be_quiet_until(lambda: any(text.startswith(HEARD) for text in notebook.heard), listening)
            server.kill()
            say_to(listening, "how long left")
            be_quiet_until(lambda: "how long left" in notebook.heard, listening)
            notebook.wait(lambda: any("is gone" in note for note in notebook.notes))


def be_quiet_until(what: Callable[[], object], listening: Ears) -> None:
    """A microphone never ends."""
    limit = time.monotonic() + 30
    while not what():
        assert time.monotonic() < limit
        listening.take(silence(0.02))


# -- speaking -------------------------------------------------------------------------------------------


def voice(address: str, notes: queue.SimpleQueue[str]) -> OrLocal:
    return OrLocal(WyomingSynthesiser(address, CALM.rate, notes.put), SpeechProcess())


def seconds_of(pace: Voice) -> float:
    with SpeechProcess() as speech:
        return speech.render(LINE, pace).seconds


def test_the_server_speaks(notes) -> None:
    with Server() as server, voice(server.address, notes) as speech:
        sound = speech.render(LINE, CALM)
        assert sound.seconds == pytest.approx(seconds_of(OWN_VOICE) + CALM.pause, abs=0.1)
        assert np.abs(sound.pcm).max() > 3000
        assert not sound.pcm[-round(CALM.pause * sound.rate) :].any()
    assert notes.empty()


def test_another_pace_is_spoken_here(notes) -> None:
    with Server() as server, voice(server.address, notes) as speech:
        assert speech.render(LINE, SLOW).seconds == pytest.approx(seconds_of(SLOW), abs=0.1)
    assert notes.empty()


def test_a_server_killed_in_the_middle_of_a_line_leaves_the_line_to_this_machine(notes) -> None:
    with Server("silent") as server, voice(server.address, notes) as speech:
        speech.render(
            "Ready.", Voice("calm", "pyttsx3", "en-gb", 151, 45, 0.9, 0.2)
        )  # eSpeak is there by now
        killer = threading.Thread(target=lambda: (server.says("asked"), server.kill()))
        killer.start()
        began = time.monotonic()
        sound = speech.render(LINE, CALM)
        assert time.monotonic() - began < PATIENCE
        killer.join()
        assert sound.seconds == pytest.approx(seconds_of(CALM), abs=0.1)
        assert "This machine speaks until it is back" in notes.get(timeout=1)
        speech.render("And again.", CALM)
    assert notes.empty()


def test_a_server_that_sends_no_sound_is_none(notes) -> None:
    for answer in (b'{"type": "audio-stop"}\n', b'{"type": "audio-chunk"}\n{"type": "audio-stop"}\n'):
        with answering(answer) as address:
            remote = WyomingSynthesiser(address, CALM.rate, notes.put)
            with pytest.raises(SpeechError, match="does not speak Wyoming"):
                remote.render(LINE, CALM)


# -- addresses ------------------------------------------------------------------------------------------


def test_an_address_is_host_and_port() -> None:
    assert read_address("tcp://kitchen.local:10300") == ("kitchen.local", 10300)
    assert read_address("tcp://[::1]:10300") == ("::1", 10300)


@pytest.mark.parametrize(
    "address", ["kitchen", "kitchen:10300", "tcp://kitchen", "tcp://kitchen:x", "http://a:1", "tcp://[::1:5"]
)
def test_what_is_no_address_is_told_and_this_machine_listens_alone(notes, address: str) -> None:
    local = PocketSphinxRecogniser(PHRASES, {})
    recogniser, line = with_server(local, "listening", address, notes.put)
    assert recogniser is local
    assert "such as tcp://" in line


def test_a_missing_library_is_told(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "wyoming", None)
    with pytest.raises(ServerError, match="pip install"):
        VoiceServer("tcp://localhost:1", "listens", print)
