"""Columns: what a segment keeps of many cases at once, so that one opening answers a question about all of them.

Promises pure functions from rows to one block of bytes and back. Must never do input or output, hold a key, or keep
what it was given.
"""
