"""Evidence of one claim, to be checked by somebody who has neither the log nor this software."""
