"""The one error to expect of a file that cannot be used."""

import pytest

from data.errors import DataError


def expect_data_error(read, start, *parts):
    """Check that read() fails with one line that begins so and says these things; give the error.

    Its file, where it has one, must be what the line begins with.
    """
    with pytest.raises(DataError) as caught:
        read()
    error, message = caught.value, str(caught.value)
    assert type(error) is DataError
    assert message.startswith(start)
    assert "\n" not in message
    for part in parts:
        assert part in message
    assert error.file is None or message.startswith(error.file)
    return error
