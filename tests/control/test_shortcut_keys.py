"""Combinations of keys: what people type, what desktops write, and what is told of a slip."""

import pytest

from companion.control.program import UnfitArgumentError, arguments_of, command_line, this_companion
from companion.control.shortcuts.keys import (
    CHARACTERS,
    FUNCTION_KEYS,
    MODIFIERS,
    NAMED_KEYS,
    Keys,
    KeysError,
    check_usable,
    parse_keys,
    read_keys,
)

ONE_KEY = "it takes one key with Ctrl, Alt, Shift or Super: Ctrl+Alt+S."


@pytest.mark.parametrize(
    "written",
    [
        "Ctrl+Alt+S",
        "ctrl + alt + s",
        "Alt+Control+s",
        "<Primary><Alt>s",
        "<Alt><Control>S",
        "Control+Mod1+s",
    ],
)
def test_the_same_keys_however_they_are_written(written):
    keys = parse_keys(written)
    assert keys == parse_keys("Ctrl+Alt+S")
    assert (str(keys), keys.gtk, keys.x, keys.qt, keys.slug) == (
        "Ctrl+Alt+S", "<Primary><Alt>s", "Control+Mod1+s", "Ctrl+Alt+S", "ctrl-alt-s",
    )  # fmt: skip


@pytest.mark.parametrize("key", [*NAMED_KEYS, *CHARACTERS, *FUNCTION_KEYS], ids=lambda key: key.name)
def test_every_key_reads_back_as_each_desktop_writes_it(key):
    keys = Keys(MODIFIERS, key)
    assert parse_keys(str(keys)) == parse_keys(keys.gtk) == parse_keys(keys.x) == keys
    if key.qt != "+":  # Qt's own way to write Ctrl++ is read by nobody here
        assert parse_keys(keys.qt) == keys


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("Crtl+Alt+S", "There is no key “Crtl”. Did you mean Ctrl?"),
        ("Ctrl+Spcae", "There is no key “Spcae”. Did you mean Space?"),
        ("Ctrl+Page Up", "There is no key “Page Up”. Did you mean PageUp?"),
        ("Ctrl+ß", "There is no key “ß”. For example: Ctrl+Alt+S, Super+F5, Play."),
        ("Ctrl+Alt", f"“Ctrl+Alt” names no key; {ONE_KEY}"),
        ("Ctrl+S+D", f"“Ctrl+S+D” names “S” and “D”; {ONE_KEY}"),
        ("", f"“” names no key; {ONE_KEY}"),
    ],
)
def test_a_slip_is_told_with_what_is_right(written, message):
    with pytest.raises(KeysError) as error:
        parse_keys(written)
    assert str(error.value) == message
    assert read_keys(written) is None


@pytest.mark.parametrize("needed", ["S", "Shift+S", "Space", "Shift+Enter", "7"])
def test_keys_that_are_needed_for_typing_stay_free(needed):
    with pytest.raises(KeysError, match="is needed for typing"):
        check_usable(parse_keys(needed))


@pytest.mark.parametrize(
    "free", ["Ctrl+S", "Super+Space", "Alt+Shift+7", "F9", "Play", "XF86AudioPlay", "Pause"]
)
def test_keys_that_can_be_bound(free):
    check_usable(parse_keys(free))


# -- the command that is bound --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("pause",),
        ("start", "my routine.yaml"),
        ("say", "how long's left"),
        ("say", "wie lange noch? ä; a, b & c"),
    ],
)
def test_a_command_reads_back(arguments):
    assert arguments_of(command_line([*this_companion(), *arguments])) == arguments


@pytest.mark.parametrize("character", ['"', "`", "$", "\\", "%", "\n", "\x1b"])
def test_a_character_that_some_reader_would_change_is_refused(character):
    with pytest.raises(UnfitArgumentError, match="cannot be in a command here"):
        command_line(["say", f"a{character}b"])


@pytest.mark.parametrize(
    "line", ["", "xterm", "xterm -e companion", 'companion "open', "python -m companions"]
)
def test_other_commands_are_no_companion(line):
    assert arguments_of(line) is None
