"""The commands, a module a group. What is more than presentation stands in the modules of `suite`.

Those are imported inside the functions: `--help` and `units` must not wait for the store's libraries to load.
"""
