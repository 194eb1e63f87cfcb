"""The commands, a module each, and what they share: reading, the log, and where they end."""
