"""Text from a file, made fit to be shown."""


def printable(text, longest, unknown="?"):
    """Text in at most `longest` characters on one line, with `unknown` for what cannot be printed.

    Such are control characters and halves of characters (surrogates).
    """
    text = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(c if c.isprintable() else " " if c.isspace() else unknown for c in text)
