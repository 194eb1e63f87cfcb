"""The gradient check's parts; gradient_check.py at the top level puts them together."""

from flatprop.needs import check_core

check_core()        # in a notebook a folder's own data or models would be found in place of ours
