"""What payers' answers add up to: how often they deny, what becomes of it, and which of our rules saw it coming."""
