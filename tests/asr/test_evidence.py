import pytest

from companion.asr.evidence import (
    ALONE,
    BOTH,
    CERTAIN,
    FAR,
    NEAR,
    OTHER,
    SPOTTED,
    UNAIDED,
    Evidence,
    meant,
    phrase_in,
)


def said(phrase="next", margin=NEAR + 5, dictated="next", seconds=0.6, **spotted):
    return phrase_in(Evidence(phrase, margin, dictated, seconds, spotted, frozenset({"stop", "yes", "no"})))


def test_a_phrase_that_explains_the_sound_as_well_as_english_does_is_believed():
    assert said() == "next"
    assert said(margin=NEAR - 1) == ""


def test_an_incomplete_phrase_is_nothing():
    assert said(phrase="", margin=CERTAIN) == ""


def test_noise_in_which_english_finds_no_word_is_no_phrase():
    assert said(dictated="") == ""


def test_the_spotter_is_believed_about_its_words_whatever_the_grammar_says():
    assert said(phrase="slow down", margin=-80, stop=SPOTTED) == "stop"
    assert said(phrase="slow down", margin=-80, stop=SPOTTED - 0.1) == ""


def test_where_the_grammar_finds_nothing_the_spotter_has_to_be_surer():
    assert said(phrase="", margin=900, stop=UNAIDED) == "stop"
    assert said(phrase="", margin=900, stop=UNAIDED - 0.1) == ""


def test_two_faint_witnesses_are_enough():
    assert said(phrase="stop", margin=-80, stop=BOTH) == "stop"


def test_a_word_inside_a_sentence_is_not_the_word_alone():
    assert said(phrase="stop", margin=-80, seconds=ALONE + 0.1, stop=0.99) == ""
    assert said(phrase="stop", margin=FAR - 1, stop=0.99) == ""


def test_the_better_another_phrase_fits_the_surer_the_spotter_has_to_be():
    assert said(phrase="start", margin=NEAR, dictated="start", stop=0.7) == "stop"
    assert said(phrase="start", margin=(NEAR + CERTAIN) / 2, stop=0.7) == "start"
    assert said(phrase="start", margin=(NEAR + CERTAIN) / 2, stop=0.9) == "stop"
    assert said(phrase="start", margin=CERTAIN + 1, stop=0.99) == "start"


def test_another_word_of_the_spotter_rules_a_short_phrase_out():
    assert said(phrase="no", dictated="down", no=0.3, down=OTHER) == ""


def test_a_word_of_the_phrase_itself_does_not_rule_it_out():
    assert said(phrase="go back", dictated="go", go=0.99) == "go back"


@pytest.mark.parametrize("word", ["go", "left"])
def test_a_word_that_is_no_phrase_is_never_the_answer(word):
    assert said(phrase="", margin=0, **{word: 1.0}) == ""


@pytest.mark.parametrize(
    ("kinship", "seconds", "agreement", "judged"),
    [
        (160, 2.5, 90, "likely"),
        (30, 2.5, 90, "possible"),  # no better than English
        (30, 2.5, 60, "unlikely"),  # and not read alike
        (100, 12, 70, "unlikely"),  # little for so long a talk
    ],
)
def test_a_sentence_is_meant_that_the_domain_explains_and_both_read_alike(
    kinship, seconds, agreement, judged
):
    assert meant(kinship, seconds, agreement) == judged
