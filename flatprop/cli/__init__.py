"""What the commands share: options, one-line errors, and the words of the log."""
