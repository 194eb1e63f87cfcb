"""Text from a file, and losses of any size, made fit to be shown."""


def printable(text, longest, unknown="?"):
    """Text in at most `longest` characters on one line, with `unknown` for what cannot be printed.

    Such are control characters and halves of characters (surrogates).
    """
    text = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(c if c.isprintable() else " " if c.isspace() else unknown for c in text)


def misfit(error):
    """Words for an error that plain data has led to which is not as it should be."""
    if isinstance(error, KeyError):
        return f"it has no {error}, or knows none"
    return str(error) if type(error) is ValueError else "what it holds is of another kind"


def loss_text(loss, digits=6):
    """A loss, or an R^2, with so many digits behind the point; from 100,000 on as 1.052868e+13."""
    return f"{loss:.{digits}f}" if abs(loss) < 1e5 else f"{loss:.{digits}e}"


def loss_in_column(loss):
    """A loss in eight characters, with as many digits behind the point as there is room for."""
    texts = (f"{loss:8{form}}" for form in (".4f", ".3f", ".2f", ".2e"))
    return next((text for text in texts if len(text) == 8), f"{loss:8.1e}")
