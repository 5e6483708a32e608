import numpy as np
import pytest

from companion.asr.base import RATE
from companion.asr.voice_activity import BRIEF, FRAME, LONG, LONGEST, PRE_ROLL, STEADY, SpeechGate
from tests.asr.speech import noise, say, silence

FRAME_SECONDS = FRAME / RATE


def voiced(seconds):
    """Loud and soft by turns, as speech is, in frames that begin and end with it."""
    syllable = np.repeat(np.array([3000] * 6 + [30] * 2, np.int16), FRAME)
    return np.resize(syllable, round(seconds * RATE))


def gate(patience=BRIEF):
    """A gate whose detector calls every frame voice in which there is anything, so that times are exact."""
    made = SpeechGate(is_voice=lambda frame: bool(frame.any()))
    made.patience = patience
    return made


def utterances(made, *sounds):
    """Seconds at which each utterance closed, and how many seconds of sound it got."""
    closed, length = [], 0.0
    for stretch in made.accept(np.concatenate(sounds)):
        length = (0 if stretch.opens else length) + len(stretch.pcm) / RATE
        if stretch.closes:
            closed.append((stretch.end, length))
    return closed


def test_an_utterance_keeps_the_half_second_before_the_voice_and_ends_soon_after_it():
    ((end, length),) = utterances(gate(), silence(1.2), voiced(0.6), silence(1.2))
    assert end == pytest.approx(1.8 + BRIEF, abs=FRAME_SECONDS)
    # the gate opens at the third voiced frame: that much less of the half second is from before the voice
    assert length == pytest.approx(PRE_ROLL + 0.6 + BRIEF, abs=4 * FRAME_SECONDS)


def test_a_pause_shorter_than_the_patience_does_not_end_a_sentence():
    assert len(utterances(gate(LONG), voiced(0.6), silence(0.6), voiced(0.6), silence(1.0))) == 1
    assert len(utterances(gate(BRIEF), voiced(0.6), silence(0.6), voiced(0.6), silence(1.0))) == 2


def test_a_click_opens_nothing():
    assert utterances(gate(), silence(0.5), voiced(FRAME_SECONDS), silence(1.0)) == []


def test_a_lone_voiced_frame_in_the_quiet_does_not_prolong_the_utterance():
    plain = utterances(gate(), voiced(0.6), silence(1.2))
    clicked = utterances(gate(), voiced(0.6), silence(0.12), voiced(FRAME_SECONDS), silence(1.05))
    assert clicked == plain


def test_sound_that_never_ends_is_cut_into_utterances():
    closed = utterances(gate(), voiced(2.2 * LONGEST))
    assert [end for end, _ in closed] == pytest.approx([LONGEST, 2 * LONGEST], abs=0.2)


def test_what_sounds_steadily_is_the_rooms_own_within_three_seconds_and_a_voice_over_it_is_heard():
    steady = np.full(12 * RATE, 1000, np.int16)
    steady[8 * RATE : round(8.6 * RATE)] = 3000
    (before, _), (end, _) = utterances(gate(), steady)
    assert before < STEADY + BRIEF
    assert end == pytest.approx(8.6 + BRIEF, abs=2 * FRAME_SECONDS)


def test_a_nearer_voice_over_talk_is_an_utterance_of_its_own():
    talk = voiced(5.0)
    nearer = 3 * voiced(0.6)  # 9.5 dB louder
    made = gate()
    (before, _), (end, length), *_ = utterances(made, talk, nearer, talk)
    assert before == pytest.approx(5.0 + 4 * FRAME_SECONDS, abs=2 * FRAME_SECONDS)
    assert end == pytest.approx(5.6 + BRIEF, abs=3 * FRAME_SECONDS)
    assert 0.6 < length < 1.2


def test_a_voice_that_rises_no_more_than_voices_do_goes_on():
    talk, louder = voiced(5.0), np.rint(1.5 * voiced(0.6)).astype(np.int16)  # 3.5 dB louder
    assert len(utterances(gate(LONG), talk, louder, talk, silence(1.0))) == 1


def test_blocks_of_any_length_give_the_same_utterances():
    sound = np.concatenate([silence(0.7), voiced(0.6), silence(1.0), voiced(0.3), silence(0.9)])
    whole = gate()
    expected = [(s.end, len(s.pcm), s.opens, s.closes) for s in whole.accept(sound)]
    for block in (1, 320, 441, 5000):
        cut = gate()
        got = [
            (s.end, len(s.pcm), s.opens, s.closes)
            for at in range(0, len(sound), block)
            for s in cut.accept(sound[at : at + block])
        ]
        assert got == expected


def test_the_real_detector_hears_speech_and_neither_silence_nor_steady_noise():
    speech = say("keep your back straight and breathe")
    real = SpeechGate()
    ((end, _),) = utterances(real, silence(1), speech, silence(1))
    assert real.speech_start == pytest.approx(1.0, abs=0.2)
    assert end < 1 + len(speech) / RATE + 1
    assert utterances(SpeechGate(), silence(3)) == []
    assert utterances(SpeechGate(), noise(0.5, 30)) == []
