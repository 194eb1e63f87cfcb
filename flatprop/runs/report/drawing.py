"""What the report takes from matplotlib, and what to type where that is missing."""

from data.extras import MissingExtra, pip_install

try:
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.image import imsave
    from matplotlib.markers import MarkerStyle
    from matplotlib.patches import Rectangle
    from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
except ModuleNotFoundError as error:
    raise MissingExtra(f"a report needs matplotlib: {pip_install('report')}") from error

__all__ = ["Figure", "LogLocator", "MarkerStyle", "MaxNLocator", "NullLocator", "Rectangle",
           "imsave", "rc_context"]
