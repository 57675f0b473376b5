"""Sending messages to the addresses of notify.yaml: the only room that knows the library for it."""
