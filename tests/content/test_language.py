import pytest

from companion.content.errors import ContentError
from companion.content.language import load_language
from companion.content.places import bundled

VOICE = "calm:\n  engine: pyttsx3\n  voice: en-gb\n  rate: 140\n  pitch: 50\n  volume: 1.0\n  pause: 0.4s\n"


@pytest.fixture
def pack(write, tmp_path):
    """Write files of the language xx and load it."""

    def pack(**files):
        write("sign: Something.\n", "voices/xx/safety.yaml")
        for name, text in files.items():
            write(text, f"voices/xx/{name}.yaml")
        return load_language("xx", [tmp_path / "voices"])

    return pack


def test_prompts_have_dotted_keys_and_are_filled_in(pack):
    prompts = pack(
        prompts="hold:\n  start: '{side} side. Hold.'\n  end: [Let go., Breathe.]\n'3': Three\n"
    ).prompts
    assert set(prompts) == {"hold.start", "hold.end", "3", "sign"}
    assert prompts.say("hold.start", side="Right") == "Right side. Hold."
    assert prompts.lines("hold.end", unused=1) == ("Let go.", "Breathe.")
    assert prompts.say("hold.end") == "Let go. Breathe."


def test_a_filled_in_value_is_not_filled_in_again(pack):
    assert pack(prompts="a: 'It is {x}.'\n").prompts.say("a", x="{y}") == "It is {y}."


def test_what_the_program_needs_can_be_checked_at_start(pack):
    prompts = pack(prompts="a: x\nhold:\n  start: '{sied} side.'\n").prompts
    assert prompts.problems({"a": ()}) == ()
    missing, slot = prompts.problems({"hold.strat": (), "hold.start": ("side",)})
    assert "the prompt “hold.strat” is missing" in str(missing)
    assert "Did you mean hold.start?" in str(missing)
    assert slot.line == 3
    assert str(slot).endswith("nothing is known to fill {sied} in the prompt “hold.start”. There is {side}.")
    with pytest.raises(ContentError, match="nothing is known to fill"):
        prompts.say("hold.start", side="x")
    with pytest.raises(ContentError, match="is missing"):
        prompts.say("hold")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: x\nb:\n", 2),
        ("a: 3\n", 1),
        ("a: [x, 3]\n", 1),
        ("a: []\n", 1),
        ("a: '{'\n", 1),
        ("a: x\nb: '{x.__class__}'\n", 2),
        ("a: '{x:>9}'\n", 1),
        ("a: '{}'\n", 1),
        ("a: '{0}'\n", 1),
        ("just text\n", 1),
    ],
)
def test_what_is_no_prompt(pack, text, line):
    with pytest.raises(ContentError) as caught:
        _ = pack(prompts=text).prompts
    (problem,) = caught.value.problems
    assert problem.line == line and problem.remedy


def test_voices(pack):
    voice = pack(voice=VOICE).voices["calm"]
    assert (voice.id, voice.engine, voice.voice, voice.rate) == ("calm", "pyttsx3", "en-gb", 140)
    assert (voice.pitch, voice.volume, voice.pause) == (50, 1.0, 0.4)


@pytest.mark.parametrize(
    ("old", "new", "line", "remedy"),
    [
        ("rate: 140", "rate: fast", 4, "Words a minute"),
        ("rate: 140", "rate: 1000", 4, "60 to 400"),
        ("volume: 1.0", "volume: 11", 6, "From 0 to 1"),
        ("pause: 0.4s", "pause: 1", 7, "Write 1s."),
        ("pitch:", "pich:", 5, "Did you mean pitch?"),
    ],
)
def test_a_mistake_in_a_voice(pack, old, new, line, remedy):
    with pytest.raises(ContentError) as caught:
        _ = pack(voice=VOICE.replace(old, new)).voices
    assert any(p.line == line and remedy in p.remedy for p in caught.value.problems)


def test_the_users_own_words_come_first_and_need_not_be_all(write, tmp_path):
    write("a: mine\n", "own/xx/prompts.yaml")
    write("a: theirs\nb: theirs\n", "bundled/xx/prompts.yaml")
    write("sign: theirs\n", "bundled/xx/safety.yaml")
    write("x: 1\n", "bundled/xx/answers.yaml")
    language = load_language("xx", [tmp_path / "own", tmp_path / "bundled"])
    assert (language.prompts.say("a"), language.prompts.say("b")) == ("mine", "theirs")
    assert language.data("answers") == {"x": 1}
    assert language.document("answers").marks[("x",)].line == 1


def test_a_pack_that_is_not_there(pack, tmp_path):
    language = pack(prompts="a: b\n")
    with pytest.raises(ContentError, match=r"voice.yaml: there is no such file"):
        _ = language.voices
    for code in ("yy", "..", "", "xx/../xx"):
        with pytest.raises(ContentError, match=r"there is no language .*There is xx"):
            load_language(code, [tmp_path / "voices"])
    with pytest.raises(ContentError, match="Install the program again"):
        load_language("xx", [tmp_path / "nowhere"])


def test_english_comes_with_the_program():
    language = load_language("en", [bundled("voices")])
    assert language.prompts
    for file in sorted(language.folders[-1].glob("*.yaml")):
        assert language.data(file.stem), file
