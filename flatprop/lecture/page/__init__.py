"""The lecture as one HTML page: its circuits come alive in the browser."""
