"""Reports of runs: one self-contained HTML page, with plots by matplotlib (extra `report`)."""
