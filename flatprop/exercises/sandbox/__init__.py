"""A student's code in a process of its own, behind walls, and the parent's end of it."""
