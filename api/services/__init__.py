"""Use cases: plain functions whose first argument is the store or an access.

Promises that each opens its own short transactions and logs what it does. Must never know of HTTP.
"""
