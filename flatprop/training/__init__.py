"""A training by its options: their table, and the data, network and Solver they make."""
