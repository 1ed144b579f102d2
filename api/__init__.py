"""Lastheard: the encrypted case log of prisoner-rights groups.

Promises that a handler receives a case only through a door (`api.access.doors`), which decides,
records and only then hands out the key. Must never hold text about people outside a sealed value.
"""
