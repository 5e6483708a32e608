"""Rendered lines are kept; whatever happens to the files, the line is said."""

import os
import threading
from dataclasses import replace

import numpy as np
import pytest

from companion.tts.ahead import RenderAhead
from companion.tts.base import Sound, SpeechError
from companion.tts.cache import CachedSynthesiser


class Counting:
    """A synthesiser of known sounds that remembers what it was asked for."""

    def __init__(self):
        self.asked = []
        self.gate = threading.Event()
        self.gate.set()
        self.fails = False
        self.began = threading.Semaphore(0)

    def render(self, text, voice):
        self.asked.append(text)
        self.began.release()
        assert self.gate.wait(10)
        if self.fails:
            raise SpeechError("no speech")
        return Sound(np.full(1000 * len(text), 7, np.int16), 22_050)

    def close(self):
        pass


@pytest.fixture
def inner():
    return Counting()


def same(one, other):
    return one.rate == other.rate and np.array_equal(one.pcm, other.pcm)


def test_a_line_is_rendered_once_and_outlives_the_program(inner, calm, tmp_path):
    first = CachedSynthesiser(inner, tmp_path / "new" / "folder").render("hello", calm)
    again = CachedSynthesiser(inner, tmp_path / "new" / "folder")
    assert same(again.render("hello", calm), first)
    assert same(again.render("hello", calm), first)
    assert inner.asked == ["hello"]


@pytest.mark.parametrize(
    "other",
    [{"rate": 151}, {"pitch": 46}, {"volume": 0.8}, {"voice": "en-us"}, {"engine": "x"}, {"pause": 0.3}],
)
def test_another_sound_is_another_line(inner, calm, tmp_path, other):
    cached = CachedSynthesiser(inner, tmp_path)
    cached.render("hello", calm)
    cached.render("hello", replace(calm, **other))
    cached.render("hello", replace(calm, id="renamed"))
    assert inner.asked == ["hello"] * 2


@pytest.mark.parametrize("damage", [b"", b"RIFF", b"not a sound at all" * 100])
def test_a_damaged_file_is_rendered_again(inner, calm, tmp_path, damage):
    first = CachedSynthesiser(inner, tmp_path).render("hello", calm)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert same(CachedSynthesiser(inner, tmp_path).render("hello", calm), first)
    assert same(CachedSynthesiser(inner, tmp_path).render("hello", calm), first)
    assert inner.asked == ["hello"] * 2


def test_the_longest_unused_files_go_first(inner, calm, tmp_path):
    cached = CachedSynthesiser(inner, tmp_path, size=25_000, lines=1)
    for age, text in enumerate(["aaaa", "bbbb"]):
        cached.render(text, calm)
        newest = max(tmp_path.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        os.utime(newest, (1000 + age, 1000 + age))
    cached.render("aaaa", calm)  # used again: b is the older now
    cached.render("cccc", calm)
    cached.render("dddd", calm)
    cached.render("aaaa", calm)
    cached.render("bbbb", calm)
    assert inner.asked == ["aaaa", "bbbb", "cccc", "dddd", "bbbb"]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 25_000


def test_a_folder_that_cannot_be_used_is_told_once(inner, calm, tmp_path, caplog):
    (tmp_path / "file").touch()
    cached = CachedSynthesiser(inner, tmp_path / "file" / "folder")
    for text in ("hello", "world", "hello"):
        assert cached.render(text, calm).seconds > 0
    assert inner.asked == ["hello", "world"]
    assert len(caplog.records) == 1
    assert "Rendered speech is not kept" in caplog.text


def test_lines_are_rendered_ahead_in_order(inner, calm):
    with RenderAhead(CachedSynthesiser(inner, None)) as speech:
        speech.render_ahead(["one", "two", "three"], calm)
        assert speech.wait(10)
        speech.render("two", calm)
    assert inner.asked == ["one", "two", "three"]


def test_a_line_that_is_wanted_now_goes_first(inner, calm):
    inner.gate.clear()
    with RenderAhead(CachedSynthesiser(inner, None)) as speech:
        speech.render_ahead(["one", "two", "three"], calm)
        assert inner.began.acquire(timeout=10)
        wanted = threading.Thread(target=lambda: speech.render("now", calm))
        wanted.start()
        assert inner.began.acquire(timeout=10)
        inner.gate.set()
        wanted.join()
        assert speech.wait(10)
    assert inner.asked == ["one", "now", "two", "three"]


def test_rendering_ahead_can_be_replaced_or_cancelled(inner, calm):
    inner.gate.clear()
    with RenderAhead(CachedSynthesiser(inner, None)) as speech:
        speech.render_ahead(["one", "two"], calm)
        assert inner.began.acquire(timeout=10)
        speech.render_ahead(["three"], calm)
        speech.render_ahead([], calm)
        inner.gate.set()
        assert speech.wait(10)
    assert inner.asked == ["one"]


def test_failing_ahead_leaves_the_error_to_the_line_that_is_wanted(inner, calm):
    inner.fails = True
    with RenderAhead(CachedSynthesiser(inner, None)) as speech:
        speech.render_ahead(["one", "two"], calm)
        assert speech.wait(10)
        with pytest.raises(SpeechError):
            speech.render("one", calm)
    assert inner.asked == ["one", "one"]
