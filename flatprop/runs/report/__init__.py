"""Reports of runs: one self-contained HTML page, with plots by matplotlib (extra `report`)."""

from data.extras import MissingExtra, pip_install

try:
    import matplotlib  # noqa: F401 (most modules in here need it)
except ModuleNotFoundError as error:
    raise MissingExtra(f"a report needs matplotlib: {pip_install('report')}") from error
