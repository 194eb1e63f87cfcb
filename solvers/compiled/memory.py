"""Keeping freed memory: what one step frees, the next one takes, without asking the system.

Every step makes arrays of the same sizes and frees them. glibc gives large ones back to the
system and takes them anew, page by page, each page zeroed: on a large net a tenth of the step.
"""

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4   # from glibc's malloc.h


def keep_freed():
    """Tell glibc's malloc to keep what is freed; does nothing where there is no glibc.

    It holds for the whole process: its memory stays at its peak until it ends.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    mallopt(M_MMAP_MAX, 0)
    mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
