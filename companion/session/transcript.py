"""What happened, as JSON objects and as lines for people. Other programs read these names."""

from __future__ import annotations

from typing import Any

from companion.session.events import Chime, Effect, Hush, Record, Speak, Tune

Entry = dict[str, Any]


def entry(effect: Effect, t: float) -> Entry:
    """One effect as a JSON object: ``t`` in seconds since the start, ``event``, and the event's facts.

    ``speak`` has ``text`` and ``priority``; ``cut`` the ``text`` that was cut off; ``chime`` its ``name``;
    ``tune`` ``volume`` and ``rate``. The rest are records: ``state`` (``from``, ``to``), ``hold``
    (``exercise``, ``side``, ``seconds``, ``phase``, ``remaining``), ``exercise`` (``exercise``, ``phase``:
    start, done or skipped), ``heard`` (``text``, ``intent``), ….
    """
    head: Entry = {"t": round(t, 3)}
    match effect:
        case Speak(_, text, priority):
            return head | {"event": "speak", "text": text, "priority": priority}
        case Hush(_, text):
            return head | {"event": "cut", "text": text}
        case Chime(name):
            return head | {"event": "chime", "name": name}
        case Tune(volume, rate):
            return head | {"event": "tune", "volume": volume, "rate": rate}
        case Record(kind, facts):
            return head | {"event": kind, **facts}


def plain(entry: Entry) -> str | None:
    """An entry as a line to read, or None where a reader needs none."""
    minutes, seconds = divmod(entry["t"], 60)
    clock = f"{int(minutes)}:{seconds:04.1f}"
    match entry["event"]:
        case "speak":
            return f"{clock}  {entry['text']}"
        case "heard":
            understood = "" if entry["intent"] == "chatter" else f"   ({entry['intent'].replace('_', ' ')})"
            return f"{clock}  > {entry['text']}{understood}"
        case "cut":
            return f"{clock}  … (broken off)"
        case "hold":
            side = f"{entry['side']} side, " if entry["side"] else ""
            begins = entry["phase"] == "start"
            return f"{clock}  [{side}{'hold' if begins else 'held'} {entry['seconds']:g} s]"
        case "chime":
            return f"{clock}  ♪"
        case _:
            return None
