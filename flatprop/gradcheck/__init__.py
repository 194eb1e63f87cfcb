"""The gradient check's parts; gradient_check.py at the top level puts them together."""
