"""How a companion on an MQTT broker shows itself to Home Assistant (2024.11 and newer): as one device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from companion import __version__
from companion.session.table import STATES

if TYPE_CHECKING:
    from companion.control.mqtt import Topics

# An empty payload would be taken for a value, or for none at all; the template makes it "unknown".
OR_UNKNOWN = "{{ value or None }}"
SENSORS: Mapping[str, Mapping[str, Any]] = {
    "state": {"name": "State", "device_class": "enum", "options": list(STATES), "icon": "mdi:meditation"},
    "exercise": {"name": "Exercise", "value_template": OR_UNKNOWN, "icon": "mdi:yoga"},
    "side": {"name": "Side", "value_template": OR_UNKNOWN, "icon": "mdi:arrow-left-right"},
    "ends": {"name": "Ends", "value_template": OR_UNKNOWN, "device_class": "timestamp"},
    "finding": {
        "name": "Last finding",
        "value_template": "{{ value_json.flag if value_json else None }}",
        "icon": "mdi:alert",
    },
}
BUTTONS = {
    "pause": "mdi:pause",
    "resume": "mdi:play",
    "toggle": "mdi:play-pause",
    "previous": "mdi:skip-previous",
    "next": "mdi:skip-next",
    "repeat": "mdi:repeat",
    "stop": "mdi:stop",
}


def device(topics: Topics, routines: Iterable[str]) -> dict[str, Any]:
    """What Home Assistant's discovery wants to be told; ``routines`` are the names of those there are.

    Source: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
    """
    components: dict[str, dict[str, Any]] = {}
    for fact, facets in SENSORS.items():
        components[fact] = {"platform": "sensor", "state_topic": topics.of(fact), **facets}
    components["lock"] = {
        "platform": "binary_sensor",
        "name": "Locked",
        "device_class": "problem",
        "state_topic": topics.of("lock"),
        "value_template": "{{ 'ON' if value_json else 'OFF' }}",
    }
    components["routine"] = {
        "platform": "select",
        "name": "Routine",
        "options": sorted(set(routines)),
        "state_topic": topics.of("routine"),
        "value_template": OR_UNKNOWN,
        "command_topic": topics.command,
        "command_template": "start {{ value }}",
        "icon": "mdi:playlist-play",
    }
    for action, icon in BUTTONS.items():
        components[action] = {
            "platform": "button",
            "name": action.capitalize(),
            "command_topic": topics.command,
            "payload_press": action,
            "icon": icon,
        }
    for each, component in components.items():
        component["unique_id"] = f"companion-{topics.id}-{each}"
    return {
        "device": {
            "identifiers": [f"companion-{topics.id}"],
            "name": topics.name,
            "model": "Companion",
            "sw_version": __version__,
        },
        "origin": {"name": "Companion", "sw_version": __version__},
        "availability": [{"topic": topics.availability}],
        "components": components,
        "qos": 1,
    }
