"""Puts a companion's parts together from the folders and the settings."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from companion.config import Settings, config_folder
from companion.content.errors import ContentError, UnknownRoutine
from companion.content.language import Language, load_language
from companion.content.library import Library, load_file, load_library
from companion.content.model import Routine, Voice
from companion.content.places import bundled
from companion.nlu.interpreter import Interpreter, make_interpreter

if TYPE_CHECKING:
    from companion.session.world import World


@dataclass(frozen=True)
class Loaded:
    """Everything that a session is made of, but sound. What is not asked for is not made."""

    settings: Settings
    language: Language
    library: Library

    @cached_property
    def interpreter(self) -> Interpreter:
        """Understanding. Raises ``ContentError`` where a file of the language pack cannot be read."""
        gc.disable()  # a hundred thousand small objects, all to stay: looking for waste among them takes long
        try:
            return make_interpreter(self.language, self.library)
        except ValueError as error:  # its message names the file and the entry
            raise ContentError(self.language.folders[0], 0, 0, str(error), "See its README.md.") from None
        finally:
            gc.freeze()
            gc.enable()

    @cached_property
    def world(self) -> World:
        from companion.keep import Keeper
        from companion.session.world import World

        return World(
            self.library,
            self.language.prompts,
            self.settings.session,
            lambda: self.interpreter.answers,
            Keeper().screened_lately(),
        )

    def voice(self, name: str) -> Voice:
        """A voice of the language pack, or one of the system's own; with a warning, the pack's first."""
        if name in self.language.voices:
            return self.language.voices[name]
        from companion.tts.process import SpeechProcess
        from companion.tts.voices import choose

        with SpeechProcess() as process:
            return choose(name, self.language.voices, process.voices())


def folders(name: str) -> list[Path]:
    """Where ``routines`` or ``voices`` are looked for: the person's own folder, then the program's."""
    return [config_folder() / name, bundled(name)]


def load(settings: Settings, routine: str | None = None) -> tuple[Loaded, Routine | None]:
    """Load all content and, by name or by file, the routine that was asked for.

    Raises ``ContentError`` for a broken file that was named, ``UnknownRoutine`` for an unknown name. Other
    broken files are in ``library.problems``.
    """
    language = load_language(settings.language, folders("voices"))
    library = load_library(folders("routines"))
    found = None
    if routine is not None:
        found = find(routine, library)
        library = library.including(found)
    return Loaded(settings, language, library), found


def find(routine: str, library: Library) -> Routine:
    """The routine of that name, or in that file."""
    try:
        return library.find_routine(routine)
    except UnknownRoutine:
        if Path(routine).suffix in (".yaml", ".yml") or Path(routine).exists():
            return load_file(Path(routine), library)
        raise
