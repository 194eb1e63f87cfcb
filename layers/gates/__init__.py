"""The lecture's scalar gates, under the same contract as the layers; arrays go entry by entry."""
