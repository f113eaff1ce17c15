"""From a denial to an appeal with its deadline, or to a request for a corrected claim."""
