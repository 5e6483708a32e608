import wave

import numpy as np
import pytest

from companion.audio.wav import WavError, read_wav, write_wav
from companion.tts.base import Sound

RAMP = np.array([-32768, -256, 0, 256, 32512], np.int16)


def raw(path, data, width, channels=1, rate=8000):
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(data)
    return path


def in_width(pcm, width):
    if width == 1:
        return (pcm // 256 + 128).astype(np.uint8).tobytes()
    return b"".join(bytes(width - 2) + int(sample).to_bytes(2, "little", signed=True) for sample in pcm)


def test_what_is_written_is_read(tmp_path):
    write_wav(tmp_path / "a.wav", Sound(RAMP, 11_025))
    sound = read_wav(tmp_path / "a.wav")
    assert (sound.pcm.tolist(), sound.rate) == (RAMP.tolist(), 11_025)
    assert [file.name for file in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_every_width_of_whole_numbers(tmp_path, width):
    sound = read_wav(raw(tmp_path / "a.wav", in_width(RAMP, width), width))
    assert sound.pcm.tolist() == RAMP.tolist()


def test_channels_are_averaged(tmp_path):
    stereo = np.stack([RAMP, np.zeros(5, np.int16)], axis=1).astype("<i2")
    assert read_wav(raw(tmp_path / "a.wav", stereo.tobytes(), 2, 2)).pcm.tolist() == (RAMP // 2).tolist()


def test_a_file_that_was_cut_off_gives_what_is_there(tmp_path):
    file = raw(tmp_path / "a.wav", RAMP.tobytes(), 2)
    file.write_bytes(file.read_bytes()[:-3])
    assert read_wav(file).pcm.tolist() == RAMP[:3].tolist()


FLOAT = (
    b"RIFF\x32\0\0\0WAVEfmt \x10\0\0\0\x03\0\x01\0\x40\x1f\0\0\0\x7d\0\0\x04\0\x20\0data\x04\0\0\0\0\0\0\0"
)


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"ID3 some music", FLOAT], ids=["empty", "cut", "mp3", "float"]
)
def test_what_is_no_such_file_is_told_with_the_remedy(tmp_path, content):
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(WavError, match=r"a\.wav: not a WAV file of whole numbers .*ffmpeg -i"):
        read_wav(tmp_path / "a.wav")


def test_a_folder_and_a_missing_file_are_told(tmp_path):
    with pytest.raises(WavError, match="Is a directory"):
        read_wav(tmp_path)
    with pytest.raises(WavError, match="No such file"):
        read_wav(tmp_path / "none.wav")


def test_a_failed_write_leaves_the_old_file(tmp_path):
    write_wav(tmp_path / "a.wav", Sound(RAMP, 8000))
    with pytest.raises(FileNotFoundError):
        write_wav(tmp_path / "none" / "a.wav", Sound(RAMP, 8000))
    assert read_wav(tmp_path / "a.wav").pcm.tolist() == RAMP.tolist()
