"""The catalogue: every field, term list, compartment, consent purpose and retention class, declared once.

Promises that forms, sealing, exports, retention and documentation derive from one declaration. Must never
know a case, a database or a request.
"""
