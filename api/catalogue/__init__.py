"""The catalogue: every field, term list, retention class and consent purpose, declared once.

Promises that what is not declared here does not exist. Must never read a database or a request.
"""
