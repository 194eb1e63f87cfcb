"""Random changes to the bytes of a file: each function takes them and a random.Random."""

import re
import struct

# What readers stumble over: sizes, NaN, a signaling NaN, surrogates, the signs of CSV.
WORDS = (b"\xff" * 4, b"\xff" * 8, bytes(4), struct.pack("<Q", 2**40), struct.pack(">I", 2**31),
         struct.pack("<f", float("nan")), b"\0\0\xa0\x7f", b"\0\0\0\0\0\0\xf4\x7f", b"\0\xd8\0\0",
         b"\1", b"\n", b'"', b",", b"\x80")
NUMBERS = (b"0", b"1", b"-1", b"00", b"9" * 12, b"1099511627776", b"9" * 400, b"1e999", b"nan",
           b"inf", b"1_0", b"4294967296", b"3.5", b"x")


def flip(content, rng):
    """Flip some bits."""
    changed = bytearray(content)
    for _ in range(rng.choice([1, 1, 1, 2, 5, 50])):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def overwrite(content, rng):
    """Put bytes that readers stumble over in the place of others: sizes, NaN, surrogates."""
    word = rng.choice(WORDS)
    # The sizes are at the front and, in archives, at the end.
    place = rng.choice([rng.randrange(len(content)), rng.randrange(min(len(content), 150)),
                        max(0, len(content) - 1 - rng.randrange(250))])
    return content[:place] + word + content[place + len(word) :]


def truncate(content, rng):
    """Leave out the end."""
    return content[: rng.randrange(len(content))]


def leave_out(content, rng):
    """Leave out a piece."""
    place = rng.randrange(len(content))
    return content[:place] + content[place + rng.choice([1, 2, 4, 30]) :]


def insert(content, rng):
    """Put random bytes, or a piece of the file itself, somewhere."""
    place, other, size = rng.randrange(len(content)), rng.randrange(len(content)), rng.randrange(40)
    word = rng.randbytes(size) if rng.random() < 0.5 else content[other : other + size]
    return content[:place] + word + content[place:]


def forge(content, rng):
    """Put another number in the place of one in digits: shapes, sizes, cells."""
    found = list(re.finditer(rb"\d+", content))
    if not found:
        return overwrite(content, rng)
    match = rng.choice(found)
    number = rng.choice(NUMBERS)
    return content[: match.start()] + number + content[match.end() :]


MUTATIONS = (flip, overwrite, truncate, leave_out, insert, forge)


def mutate(content, rng):
    """Change the content once, or a few times."""
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        if content:
            content = rng.choice(MUTATIONS)(content, rng)
    return content
