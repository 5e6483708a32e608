import pytest

from companion.audio.devices import NoDeviceError
from companion.audio.output import FileOutput
from companion.audio.player import Player
from companion.audio.wav import read_wav
from tests.audio.sounds import Endings, found_in, tone


def test_a_file_takes_what_a_loudspeaker_would_play(tmp_path):
    endings = Endings()
    with Player(FileOutput(tmp_path / "out.wav"), endings, lead_in=0.1) as player:
        player.play(1, tone(440, 0.3))
        player.play(2, tone(880, 20, 16_000))
        endings.wait(1)
        player.hush()
        endings.wait(2)
    assert endings.told == [(1, True), (2, False)]
    sound = read_wav(tmp_path / "out.wav")
    assert found_in(sound.pcm, tone(440, 0.3).pcm) > 0.99
    assert player.history[0].start == 0.1
    assert 0.4 < sound.seconds < 5


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(NoDeviceError, match=r"cannot be written to .*out\.wav: No such file"):
        FileOutput(tmp_path / "none" / "out.wav")
