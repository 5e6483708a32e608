import pytest

from companion.content.model import Voice
from companion.tts.process import SpeechProcess


@pytest.fixture
def calm():
    return Voice("calm", "pyttsx3", "en-gb", 150, 45, 0.9, 0.2)


@pytest.fixture
def speech():
    with SpeechProcess() as speech:
        yield speech
