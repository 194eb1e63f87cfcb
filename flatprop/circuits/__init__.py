"""A record of a run of flat code: every forward and backward call, with its arrays."""
