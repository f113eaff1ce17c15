"""From sessions to units: the unit calculation of each case."""
