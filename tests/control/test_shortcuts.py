"""Shortcuts in the real settings of real desktops: set, shown, kept apart from others', undone."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from companion.control.program import command_line, this_companion
from companion.control.shortcuts.choose import this_desktop
from companion.control.shortcuts.desktop import Shortcut, ShortcutError, add_shortcut, remove_shortcut
from companion.control.shortcuts.keys import parse_keys
from tests.control.desk import folders, needs, output, session_bus
from tests.running import companion

GNOME_KEYS = "org.gnome.settings-daemon.plugins.media-keys"
CINNAMON_KEYS = "org.cinnamon.desktop.keybindings"
XFCE_KEYS = ("xfconf-query", "-c", "xfce4-keyboard-shortcuts")
DESKTOPS = ("GNOME", "X-Cinnamon", "XFCE", "KDE", "sway", "i3")
TOOLS = {
    "GNOME": (("gsettings", "libglib2.0-bin"), (GNOME_KEYS, "gnome-settings-daemon-common")),
    "X-Cinnamon": (("gsettings", "libglib2.0-bin"), (CINNAMON_KEYS, "cinnamon-desktop-data")),
    "XFCE": (("xfconf-query", "xfconf libxfconf-0-3"),),
    "KDE": (("kwriteconfig5", "libkf5config-bin"),),
}

START = Shortcut(parse_keys("Ctrl+Alt+S"), ("start", "sciatica-relief"))
SAY = Shortcut(parse_keys("Super+F5"), ("say", "how long's left, please"))


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A person's folders and message bus, which this process and all that it starts use."""
    with session_bus(folders(tmp_path)) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        for name in ("SWAYSOCK", "I3SOCK"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("KDE_SESSION_VERSION", "5")
        yield tmp_path


@pytest.fixture
def desktop(request, home, monkeypatch):
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", request.param)
    for tool, package in TOOLS.get(request.param, ()):
        if tool.startswith("org."):
            assert tool in output("gsettings", "list-schemas").split(), f"apt install {package}"
        else:
            needs(tool, package)
    return this_desktop("linux", os.environ)


def everything(home):
    """All settings of all desktops, to see that nothing has changed."""
    settings = output("gsettings", "list-recursively")
    xfce = subprocess.run([*XFCE_KEYS, "-l", "-v"], capture_output=True, text=True).stdout
    files = {
        file.relative_to(home): file.read_text()
        for folder in ("kglobalshortcutsrc", "sway", "i3")
        for file in [home / "config" / folder, *(home / "config" / folder).glob("*")]
        if file.is_file() and file.read_text().strip()
    }
    return settings, xfce, files, sorted((home / "data").rglob("*.desktop"))


# -- every desktop --------------------------------------------------------------------------------------

every = pytest.mark.parametrize("desktop", DESKTOPS, indirect=True)


@every
def test_what_is_added_is_there_until_it_is_removed(desktop, home):
    before = everything(home)
    for each in (START, SAY):
        assert str(each.keys) in add_shortcut(desktop, each)
    assert sorted(map(str, desktop.shortcuts())) == sorted(map(str, [START, SAY]))
    remove_shortcut(desktop, START.keys)
    assert desktop.shortcuts() == [SAY]
    remove_shortcut(desktop, SAY.keys)
    assert everything(home) == before


@every
def test_keys_in_use_stay_as_they_are(desktop, home):
    told = add_shortcut(desktop, START)
    before = everything(home)
    assert add_shortcut(desktop, START) == told
    with pytest.raises(ShortcutError) as error:
        add_shortcut(desktop, Shortcut(START.keys, ("pause",)))
    assert str(error.value) == (
        "Ctrl+Alt+S is in use: companion start sciatica-relief."
        " To free it: companion shortcut remove Ctrl+Alt+S"
    )
    with pytest.raises(ShortcutError, match=r"No shortcut Super\+F5 .* there is Ctrl\+Alt\+S\."):
        remove_shortcut(desktop, SAY.keys)
    assert everything(home) == before


# -- others' shortcuts ----------------------------------------------------------------------------------


def set_gnome(home):
    entry = "/org/gnome/settings-daemon/plugins/media-keys/custom-keybindings/custom0/"
    for key, value in (("name", "My terminal"), ("command", "xterm"), ("binding", "<Alt><Control>s")):
        output("gsettings", "set", f"{GNOME_KEYS}.custom-keybinding:{entry}", key, value)
    output("gsettings", "set", GNOME_KEYS, "custom-keybindings", f"['{entry}']")


def set_cinnamon(home):
    entry = "/org/cinnamon/desktop/keybindings/custom-keybindings/custom0/"
    for key, value in (
        ("name", "My terminal"),
        ("command", "xterm"),
        ("binding", "['F12', '<Control><Alt>s']"),
    ):
        output("gsettings", "set", f"{CINNAMON_KEYS}.custom-keybinding:{entry}", key, value)
    output("gsettings", "set", CINNAMON_KEYS, "custom-list", "['__dummy__', 'custom0']")


def set_xfce(home):
    output(*XFCE_KEYS, "-n", "-t", "string", "-p", "/xfwm4/default/<Alt><Primary>s", "-s", "stick_window_key")


def set_kde(home):
    (home / "config").mkdir()
    text = "[kwin]\nWalk=Meta+W\\tCtrl+Alt+S,none,Walk Through Windows\n\n[other]\nFine=none,none,Fine\n"
    (home / "config" / "kglobalshortcutsrc").write_text(text)


def set_tiling(folder):
    def write(home):
        (home / "config" / folder).mkdir(parents=True)
        (home / "config" / folder / "keys").write_text("bindsym --release $mod+Mod1+s exec xterm\n")
        (home / "config" / folder / "config").write_text(
            'set $mod Control\nmode "resize" {\n  bindsym Mod4+F5 exec x\n}\ninclude ./k*\n'
        )

    return write


@pytest.mark.parametrize(
    ("desktop", "set_foreign", "holder"),
    [
        ("GNOME", set_gnome, "GNOME: “My terminal”"),
        ("X-Cinnamon", set_cinnamon, "Cinnamon: “My terminal”"),
        ("XFCE", set_xfce, "Xfce: “stick_window_key”"),
        ("KDE", set_kde, "KDE Plasma: “Walk Through Windows” of kwin"),
        ("sway", set_tiling("sway"), "sway: “exec xterm” in {home}/config/sway/keys"),
        ("i3", set_tiling("i3"), "i3: “exec xterm” in {home}/config/i3/keys"),
    ],
    indirect=["desktop"],
)
def test_others_keep_theirs(desktop, set_foreign, holder, home):
    set_foreign(home)
    desktop = this_desktop("linux", os.environ)
    before = everything(home)
    with pytest.raises(ShortcutError) as error:
        add_shortcut(desktop, START)
    where = holder.format(home=home)
    assert str(error.value) == f"Ctrl+Alt+S is in use in {where}. Take other keys, or free these there."
    assert everything(home) == before
    add_shortcut(desktop, SAY)
    assert desktop.shortcuts() == [SAY]
    remove_shortcut(desktop, SAY.keys)
    assert everything(home) == before


@pytest.mark.parametrize(
    ("desktop", "keys", "holder"),
    [
        ("GNOME", "Alt+F4", "“close” of org.gnome.desktop.wm.keybindings"),
        ("X-Cinnamon", "Alt+F4", "“close” of org.cinnamon.desktop.keybindings.wm"),
    ],
    indirect=["desktop"],
)
def test_what_the_desktop_itself_does_with_keys_is_respected(desktop, keys, holder):
    with pytest.raises(ShortcutError) as error:
        add_shortcut(desktop, Shortcut(parse_keys(keys), ("pause",)))
    assert holder in str(error.value)


# -- as each desktop wants it ---------------------------------------------------------------------------

COMMAND = command_line([*this_companion(), "start", "sciatica-relief"])


@pytest.mark.parametrize("desktop", ["GNOME"], indirect=True)
def test_gnome_reads_it_back(desktop):
    add_shortcut(desktop, START)
    entry = "/org/gnome/settings-daemon/plugins/media-keys/custom-keybindings/companion-ctrl-alt-s/"
    assert output("gsettings", "get", GNOME_KEYS, "custom-keybindings").strip() == f"['{entry}']"
    values = [
        output("gsettings", "get", f"{GNOME_KEYS}.custom-keybinding:{entry}", key).strip()
        for key in ("name", "command", "binding")
    ]
    assert values == ["'Companion: start sciatica-relief'", f"'{COMMAND}'", "'<Primary><Alt>s'"]
    remove_shortcut(desktop, START.keys)
    assert output("gsettings", "get", f"{GNOME_KEYS}.custom-keybinding:{entry}", "name").strip() == "''"


@pytest.mark.parametrize("desktop", ["GNOME"], indirect=True)
def test_adding_it_anew_finds_a_companion_that_was_moved(desktop):
    add_shortcut(desktop, START)
    entry = "/org/gnome/settings-daemon/plugins/media-keys/custom-keybindings/companion-ctrl-alt-s/"
    command = (f"{GNOME_KEYS}.custom-keybinding:{entry}", "command")
    output("gsettings", "set", *command, "/old/bin/companion start sciatica-relief")
    add_shortcut(desktop, START)
    assert output("gsettings", "get", *command).strip() == f"'{COMMAND}'"


@pytest.mark.parametrize("desktop", ["X-Cinnamon"], indirect=True)
def test_cinnamon_reads_it_back(desktop):
    add_shortcut(desktop, START)
    assert output("gsettings", "get", CINNAMON_KEYS, "custom-list").strip() == "['companion-ctrl-alt-s']"
    entry = "/org/cinnamon/desktop/keybindings/custom-keybindings/companion-ctrl-alt-s/"
    binding = output("gsettings", "get", f"{CINNAMON_KEYS}.custom-keybinding:{entry}", "binding")
    assert binding.strip() == "['<Primary><Alt>s']"


@pytest.mark.parametrize("desktop", ["XFCE"], indirect=True)
def test_xfce_reads_it_back(desktop):
    add_shortcut(desktop, START)
    assert output(*XFCE_KEYS, "-p", "/commands/custom/<Primary><Alt>s").strip() == COMMAND


@pytest.mark.parametrize(
    ("version", "group", "keys"),
    [
        ("5", "[companion-ctrl-alt-s.desktop]", "Ctrl+Alt+S,none,Companion"),
        ("6", "[services][companion-ctrl-alt-s.desktop]", "Ctrl+Alt+S"),
    ],
)
def test_plasma_finds_it_in_its_files(version, group, keys, home, monkeypatch):
    needs("kwriteconfig5", "libkf5config-bin")
    bin_folder = home / "bin"
    bin_folder.mkdir()  # Debian 12 has no kwriteconfig6, which takes the same arguments
    (bin_folder / "kwriteconfig6").symlink_to(output("which", "kwriteconfig5").strip())
    monkeypatch.setenv("PATH", f"{bin_folder}:{os.environ['PATH']}")
    monkeypatch.setenv("KDE_SESSION_VERSION", version)
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    desktop = this_desktop("linux", os.environ)
    assert "Log out and in again" in add_shortcut(desktop, START)
    text = (home / "config" / "kglobalshortcutsrc").read_text()
    assert f"{group}\n_launch={keys}\n" in text
    entry = home / "data" / "applications" / "companion-ctrl-alt-s.desktop"
    assert f"\nExec={COMMAND}\n" in entry.read_text()
    assert desktop.shortcuts() == [START]
    remove_shortcut(desktop, START.keys)
    assert "companion" not in (home / "config" / "kglobalshortcutsrc").read_text()


def check_i3(config: Path) -> int:
    needs("i3", "i3-wm")
    return subprocess.run(["i3", "-C", "-c", config], capture_output=True).returncode


def check_sway(config: Path) -> int:
    if shutil.which("sway") is None:
        pytest.skip("sway is not here; with all that it needs it is too large to be asked for (35 MB)")
    somebody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    headless = {
        "WLR_BACKENDS": "headless",
        "WLR_RENDERER": "pixman",
        "XDG_RUNTIME_DIR": str(config.parents[1]),
    }
    command = ["sway", "-C", "-c", str(config)]  # which refuses to be run by root
    return subprocess.run(command, capture_output=True, env=os.environ | headless, **somebody).returncode


@pytest.mark.parametrize(
    ("name", "check", "does"),
    # So written, a press of the key gave the program these words, when it was tried in sway 1.7 and i3 4.22.
    [
        ("sway", check_sway, 'exec {} say "how long\'s left, please"'),
        ("i3", check_i3, 'exec --no-startup-id "{} say \\\\"how long\'s left, please\\\\""'),
    ],
)
def test_the_window_manager_accepts_its_file(name, check, does, home, monkeypatch):
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", name)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)  # for the user “nobody”
        monkeypatch.setenv("XDG_CONFIG_HOME", folder)
        config = Path(folder) / name / "config"
        config.parent.mkdir()
        config.write_text("# i3 config file (v4)\nbindsym Mod4+Return exec xterm\n")
        desktop = this_desktop("linux", os.environ)
        told = add_shortcut(desktop, START)
        assert f"include {config.parent}/companion.conf" in told
        config.write_text(f"{config.read_text()}include {config.parent}/companion.conf\n")
        add_shortcut(desktop, SAY)
        line = f"bindsym Mod4+F5 {does.format(command_line(this_companion()))}"
        assert line in (config.parent / "companion.conf").read_text().splitlines()
        assert check(config) == 0
        for each in (START, SAY):
            remove_shortcut(desktop, each.keys)
        assert check(config) == 0  # the line that includes nothing now does no harm
        config.write_text("# i3 config file (v4)\nbindsym Control+Nonsense+Mod9+x\n")
        assert check(config) != 0


# -- without a desktop that is known --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "part"), [("linux", "This desktop is not known"), ("darwin", "macOS lets nobody")]
)
def test_elsewhere_the_command_is_told(system, part):
    told = add_shortcut(this_desktop(system, {"XDG_CURRENT_DESKTOP": "labwc:wlroots"}), START)
    assert part in told
    assert "Ctrl+Alt+S" in told
    assert told.endswith(f"\n  {COMMAND}")


def test_windows_without_powershell_is_told_what_to_do(home):
    told = add_shortcut(this_desktop("win32", {}), START)
    assert "“powershell” is not here" in told
    assert told.endswith(f"press Ctrl+Alt+S at “Shortcut key”.\n  {COMMAND}")


@pytest.mark.parametrize(
    ("environment", "title"),
    [
        ({"XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}, "GNOME"),
        ({"XDG_CURRENT_DESKTOP": "Budgie:GNOME"}, "GNOME"),
        ({"XDG_CURRENT_DESKTOP": "X-Cinnamon"}, "Cinnamon"),
        ({"XDG_CURRENT_DESKTOP": "XFCE"}, "Xfce"),
        ({"XDG_CURRENT_DESKTOP": "KDE"}, "KDE Plasma"),
        ({"XDG_CURRENT_DESKTOP": "GNOME", "SWAYSOCK": "/run/x"}, "sway"),
        ({"I3SOCK": "/run/x"}, "i3"),
        ({}, "this desktop"),
    ],
)
def test_which_desktop_it_is(environment, title):
    assert this_desktop("linux", environment).title == title


def test_a_desktop_without_its_tool_says_so(home, monkeypatch):
    monkeypatch.setenv("PATH", str(home))
    before = sorted(home.rglob("*"))
    for name, tool in (("GNOME", "gsettings"), ("XFCE", "xfconf-query"), ("KDE", "kwriteconfig5")):
        with pytest.raises(ShortcutError, match=f"“{tool}” is not here"):
            add_shortcut(this_desktop("linux", {"XDG_CURRENT_DESKTOP": name}), START)
    assert sorted(home.rglob("*")) == before


# -- as a person types it -------------------------------------------------------------------------------


@pytest.mark.parametrize("desktop", ["GNOME"], indirect=True)
def test_it_is_added_listed_and_removed_by_command(desktop, home):
    def says(*arguments):
        session = {name: os.environ[name] for name in ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")}
        done = companion("shortcut", *arguments, home=home, XDG_CURRENT_DESKTOP="GNOME", **session)
        return done.returncode, (done.stdout + done.stderr).strip()

    added = (0, "Ctrl+Alt+S now does: companion start sciatica-relief")
    assert says("add", "Ctrl+Alt+S", "start", "sciatica-relief") == added
    assert says("list") == (0, "Ctrl+Alt+S       companion start sciatica-relief")
    listed = (0, '{"keys": "Ctrl+Alt+S", "arguments": ["start", "sciatica-relief"]}')
    assert says("list", "--json") == listed
    assert says("remove", "ctrl+alt+s") == (0, "Ctrl+Alt+S is free again.")
    code, told = says()
    assert code == 0
    assert told.startswith("No shortcut of the companion is to be seen in GNOME.")
    unknown = (2, "companion: There is no routine “sciatica-releif”. Did you mean sciatica-relief?")
    assert says("add", "Ctrl+Alt+S", "start", "sciatica-releif") == unknown
    code, told = says("add", "Ctrl+Alt+S", "strat")
    assert code == 2
    assert "invalid choice: 'strat'" in told
