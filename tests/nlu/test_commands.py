"""Commands in natural wording, and talk that is none."""

import copy

import pytest

from companion.nlu import INTENTS
from companion.nlu.commands import Commands
from tests.nlu.pack import WORDINGS, data, names, plain_reader, read

COMMANDS = [intent for intent in WORDINGS if not intent.startswith(("question", "chatter"))]


@pytest.mark.parametrize("intent", COMMANDS)
def test_wordings(intent):
    missed = {text: read(text).intent for text in WORDINGS[intent] if read(text).intent != intent}
    assert not missed


def test_talk_that_is_for_somebody_else_does_nothing():
    fired = {text: read(text).intent for text in WORDINGS["chatter"] if read(text).intent != "chatter"}
    assert not fired


@pytest.mark.parametrize(
    "text", ["alexa turn it down", "help is on its way for flood victims", "siri pause the music"]
)
def test_a_command_in_talk_that_is_surely_for_nobody_here_does_nothing(text):
    assert read(text).intent == "chatter"


def test_every_command_has_wordings_that_are_tested():
    assert set(COMMANDS) == set(data("commands")["intents"])


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("start the sigh attic a one", "start", {"routine": "sciatica-relief"}),
        ("start sciatica relief", "start", {"routine": "sciatica-relief"}),
        ("let's do the desk break", "start", {"routine": "desk-break"}),
        ("start the knee routine", "start", {"unknown": "knee"}),
        ("take me back to downward dog", "previous", {"exercise": "downward-dog"}),
        ("take me back to the tree pose", "previous", {"unknown": "tree"}),
        ("twenty more seconds", "more_time", {"seconds": 20}),
        ("can i have half a minute more", "more_time", {"seconds": 30}),
        ("another minute and a half", "more_time", {"seconds": 90}),
        ("add a couple of minutes", "more_time", {"seconds": 120}),
        ("knock ten seconds off", "less_time", {"seconds": 10}),
        ("about a six", "score", {"score": 6}),
        ("six or seven", "score", {"score": 7}),
        ("gone from a seven down to a three", "score", {"score": 3}),
        ("probably a for out of ten", "score", {"score": 4}),
        ("do the left leg", "swap_sides", {"side": "left"}),
    ],
)
def test_slots(text, intent, slots):
    meaning = read(text)
    assert (meaning.intent, meaning.slots) == (intent, slots)


@pytest.mark.parametrize(
    ("heard", "intent"),
    [
        ("paws", "pause"),
        ("necks one please", "next"),
        ("swap sighs please", "swap_sides"),
        ("can i have more thyme please", "more_time"),
        ("give me the easy ear one", "easier"),
        ("what rude teens do you have", "list_routines"),
    ],
)
def test_slips_of_the_recogniser(heard, intent):
    meaning = read(heard)
    assert meaning.intent == intent


def test_a_slip_is_told_in_the_evidence():
    assert [e.kind for e in read("necks one please").evidence] == ["sound-alike", "command"]


@pytest.mark.parametrize(
    "text", ["um could you just pause for me please", "okay pause would you", "PAUSE!", "Pause, please."]
)
def test_politeness_hesitation_and_spelling_change_nothing(text):
    assert read(text).intent == "pause"


@pytest.mark.parametrize("text", ["dont hold it so long", "im ready", "whats next"])
def test_apostrophes_may_be_missing(text):
    assert read(text).intent != "chatter"


@pytest.mark.parametrize(
    "text", ["it hurts stop", "stop it that hurts", "stop my leg is killing me", "no no stop", "argh stop"]
)
def test_stop_counts_beside_a_whole_clause(text):
    assert read(text).intent == "stop"


@pytest.mark.parametrize(
    "text", ["don't stop", "we get off at the next stop", "i can't stop it", "stop barking", "stop that dog"]
)
def test_stop_is_not_made_of_other_words(text):
    assert read(text).intent != "stop"


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("yeah go on then", "yes"),
        ("mm", "yes"),
        ("i think so", "yes"),
        ("yes a bit", "yes"),
        ("yes my left foot", "yes"),
        ("not really", "no"),
        ("don't think so", "no"),
        ("no i'm fine", "no"),
        ("no my legs are fine", "no"),
    ],
)
def test_answers_to_a_yes_or_no_question(said, means):
    assert read(said, question="yes_no").intent == means


@pytest.mark.parametrize(
    "said",
    [
        "not sure",
        "no idea",
        "no not sure",
        "maybe",
        "i don't know",
        "no but it feels odd",
        "no i can't feel it",
        "know",
    ],
)
def test_what_is_not_clearly_no_never_counts_as_no(said):
    assert read(said, question="yes_no").intent not in ("yes", "no")


def test_commands_are_still_heard_under_an_open_question():
    assert read("stop", question="yes_no").intent == "stop"
    assert read("say that again", question="yes_no").intent == "repeat"


def test_no_pain_is_a_score_only_when_the_score_was_asked_for():
    assert read("no pain at all", question="score").slots == {"score": 0}
    assert read("no pain at all").intent != "score"


def test_a_name_alone_answers_which():
    assert read("morning", question="which").slots == {"routine": "morning"}
    assert read("morning").intent == "chatter"


def test_phrases_for_a_recogniser_are_bounded_and_begin_with_the_short_forms():
    commands = plain_reader().commands
    phrases, short = commands.phrases(), commands.short_phrases()
    assert phrases[: len(short)] == short
    assert len(phrases) == len(set(phrases)) < 5000
    assert {"stop", "pause", "start sciatica relief", "swap sides"} <= set(short)
    assert set(commands.short_phrases(["stop"])) == {"stop", "end session"}


@pytest.mark.parametrize("intent", COMMANDS)
def test_every_short_form_means_its_command(intent):
    for phrase in plain_reader().commands.short_phrases([intent]):
        assert read(phrase).intent == intent, phrase


def test_help_tells_every_command_in_the_order_of_the_intents():
    table = plain_reader().commands.help_table()
    assert [row[0] for row in table] == [i for i in INTENTS if i in data("commands")["intents"]]
    assert all(said and does for _, said, does in table)


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("intents", "pause", "sentences"), ["(wait|hold"], "pause: sentences: ')' is missing"),
        (("intents", "pause", "sentences"), ["wait <where>"], "pause: there is no rule <where>"),
        (("intents", "pause", "sentences"), ["wait {when}"], "pause: there is no slot {when}"),
        (("intents", "pause", "says"), "pause", "pause: there is no 'says' here"),
        (("intents", "dance"), {}, "'dance' is no intent"),
        (("fillers",), [True], "fillers: True is no word"),
        (("filers",), [], "there is no 'filers' here"),
    ],
)
def test_what_is_wrong_in_the_file_is_told(path, value, complaint):
    broken = copy.deepcopy(data("commands"))
    *parents, key = path
    place = broken
    for parent in parents:
        place = place[parent]
    place[key] = value
    with pytest.raises(ValueError) as error:
        Commands(broken, names())
    assert complaint in str(error.value)
    assert "commands.yaml" in str(error.value)
