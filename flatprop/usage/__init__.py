"""What a user typed: the parser of commands, errors of one line, words of other programs."""
