"""What the commands do that are about past sessions: look back, hand over, forget."""

from __future__ import annotations

import argparse
import sys

from companion.commands import FAILED, confirmed


def history(options: argparse.Namespace) -> int:
    import time

    from companion.history.chart import in_words
    from companion.history.export import summary_json, write_file
    from companion.history.journal import read_journal
    from companion.history.picture import as_svg
    from companion.history.progress import summarise
    from companion.history.schema import journal_file

    past = read_journal(journal_file())
    if past.damage:
        print(f"companion: {past.damage}", file=sys.stderr)
    summary = summarise(past.sessions, time.time())
    if options.json:
        print(summary_json(summary))
    else:
        print("\n".join(in_words(summary)))
    if options.plot is not None:
        write_file(options.plot, {".svg": lambda: as_svg(past.sessions)}, options.force)
        print(f"Wrote {options.plot}.", file=sys.stderr)
    return 0


def export(options: argparse.Namespace) -> int:
    from companion.history.chart import EMPTY
    from companion.history.export import as_csv, as_json, write_file
    from companion.history.journal import read_journal
    from companion.history.schema import journal_file

    past = read_journal(journal_file())
    if past.damage:
        print(f"companion: {past.damage}", file=sys.stderr)
    formats = {".csv": lambda: as_csv(past), ".json": lambda: as_json(past)}
    write_file(options.file, formats, options.force)
    print(f"Wrote {options.file}." if past.sessions else f"Wrote {options.file}. {EMPTY}")
    return 0


def forget(options: argparse.Namespace) -> int:
    from companion.history.schema import forget, journal_file
    from companion.keep import Keeper

    if not options.yes:
        print("This deletes the history of all sessions for good, and the place in a session that was left.")
        if not confirmed("Type yes to delete it: "):
            print("Nothing was deleted.")
            return FAILED
    keeper = Keeper()
    forget(journal_file())
    keeper.forget()
    print("The history is deleted.")
    if keeper.start_state().lock is not None:
        print("The lock stays; “companion clear” is about it.")
    return 0
