"""Who may do what, as tables that a lawyer can read aloud: roles, compartments, actions.

Promises that no rule is a denial. Must never look at a case's content, a database or a request.
"""
