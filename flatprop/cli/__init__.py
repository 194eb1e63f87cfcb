"""The commands, a module each, and what they share: options, errors, and where they end."""
