"""The sealed store: the database, the erasure secret, shreds and sealed sections over models and crypto.

Promises that nothing is opened without its key and its shred. Must never decide who may read: that is `access`.
"""
