"""The hands of a running companion: socket, keyboard shortcuts, system service, buttons, the home."""
