"""Names of people: one spelling for the many ways in which a family writes one man.

Promises pure functions. Must never read or write anything, nor keep a name.
"""
