"""Records that a group already has: a table and a mapping become entries of cases, row by row.

Promises pure functions over bytes and text, bounded in rows and memory. Must never write a case, keep a row, nor put
into a problem what a cell says: a row is named by its number, a field by the catalogue's name.
"""
