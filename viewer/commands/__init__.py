"""One module a command; each is a typed function that `viewer.command_line` finds by its entry point."""
