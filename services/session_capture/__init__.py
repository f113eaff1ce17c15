"""The door for everything clinics send: facts as they came, and the consolidated session."""
